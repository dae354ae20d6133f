/* Deaths: the ways in which a process can end, by name, each done for real. */
#ifndef CONFORMANCE_DEATHS_H
#define CONFORMANCE_DEATHS_H

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <troupe.h>

/* A sanitizer would report these bugs before they happen, and end the process in another way. */
#define DEATHS_FAULTY __attribute__((no_sanitize("undefined"), noinline))

static int *volatile deaths_nowhere;
static volatile int deaths_zero;

DEATHS_FAULTY static void die_by_sigsegv(void) { *(volatile int *)deaths_nowhere = 1; }

DEATHS_FAULTY static void die_by_sigfpe(void) { deaths_zero = 42 / deaths_zero; }

DEATHS_FAULTY static long die_by_overflow(long depth)
{
    volatile char frame[4096];
    frame[depth % 4096] = 1;
    return deaths_zero ? 0 : die_by_overflow(depth + 1) + frame[0];
}

/* Computes until it has used up a second of CPU time. */
static void die_by_cpu_limit(void)
{
    const struct rlimit limit = {1, 10};
    setrlimit(RLIMIT_CPU, &limit);
    for (volatile unsigned long i = 0;; i++)
        ;
}

/* Returns when the way is `return`, or none that is known. */
static void die(tr_atom way)
{
    if (tr_atom_is(way, "exit_normal"))
        tr_exit("normal");
    if (tr_atom_is(way, "exit_boom"))
        tr_exit("boom");
    if (tr_atom_is(way, "_exit_0"))
        _exit(0);
    if (tr_atom_is(way, "_exit_3"))
        _exit(3);
    if (tr_atom_is(way, "exit_0"))
        exit(0);
    if (tr_atom_is(way, "exit_3"))
        exit(3);
    if (tr_atom_is(way, "exit_255"))
        exit(255);
    if (tr_atom_is(way, "abort"))
        abort();
    if (tr_atom_is(way, "sigkill"))
        kill(getpid(), SIGKILL);
    if (tr_atom_is(way, "sigterm"))
        kill(getpid(), SIGTERM);
    if (tr_atom_is(way, "sigsegv"))
        die_by_sigsegv();
    if (tr_atom_is(way, "sigfpe"))
        die_by_sigfpe();
    if (tr_atom_is(way, "sigill"))
        raise(SIGILL);
    if (tr_atom_is(way, "sigbus"))
        raise(SIGBUS);
    if (tr_atom_is(way, "sigusr1"))
        raise(SIGUSR1);
    if (tr_atom_is(way, "cpu_limit"))
        die_by_cpu_limit();
    if (tr_atom_is(way, "overflow"))
        die_by_overflow(0);
}

#endif
