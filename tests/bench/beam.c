/* The BEAM as a peer: starts one virtual machine or two, each in its place, and reads what the last one measured.
 *
 * What they do is bench_beam.erl, which is compiled when erlc is there at build time.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "bench/program.h"

#ifndef BENCH_BEAM_DIR
#define BENCH_BEAM_DIR "" /* nothing was compiled */
#endif

#define WORDS_MAX 40

struct words {
    const char *at[WORDS_MAX];
    size_t count;
};

static void add(struct words *words, const char *const *more, size_t count)
{
    for (size_t i = 0; i < count && words->count < WORDS_MAX - 1; i++)
        words->at[words->count++] = more[i];
}

/* A secret for this pair alone: whoever else can reach the port stays out. */
static void make_cookie(char cookie[40])
{
    unsigned long parts[2] = {0};
    if (getrandom(parts, sizeof parts, 0) != sizeof parts)
        parts[0] = (unsigned long)getpid();
    snprintf(cookie, 40, "c%016lx%016lx", parts[0], parts[1]);
}

/* What is common to all: a node that has a name gets its cookie and the module that stands in for epmd. */
static void begin_words(struct words *words, const char *name, const char *cookie)
{
    const char *const all[] = {"erl", "-noinput", "-boot", "start_clean", "-pa", BENCH_BEAM_DIR};
    const char *const of_nodes[] = {
        "-name",      name,           "-setcookie", cookie,    "-start_epmd",
        "false",      "-epmd_module", "bench_beam", "-kernel", "inet_dist_use_interface",
        "{127,0,0,1}"};
    *words = (struct words){0};
    add(words, all, sizeof all / sizeof all[0]);
    if (name)
        add(words, of_nodes, sizeof of_nodes / sizeof of_nodes[0]);
}

/* The machine that measures. ret_ns is negative when it has said nothing. Its exit status or -1. */
static int measure(const struct load *load, const char *how, const char *cookie, double port,
                   double *ret_ns)
{
    struct program machine = {0};
    struct words words;
    char size[24], time_ms[24], port_word[24];
    const char *const more[] = {"-s", "bench_beam", "measure", "-extra", shape_names[load->shape],
                                how,  size,         time_ms,   port_word};
    snprintf(size, sizeof size, "%zu", load->size_bytes);
    snprintf(time_ms, sizeof time_ms, "%ld", load->time_ms);
    snprintf(port_word, sizeof port_word, "%.0f", port);
    begin_words(&words, port > 0 ? "side0@127.0.0.1" : NULL, cookie);
    add(&words, more, sizeof more / sizeof more[0]);
    int r = program_start(&machine, load, 0, words.at);
    *ret_ns = r == 0 ? program_value(&machine, "figure ") : -1;
    return program_stop(&machine);
}

/* Two nodes, this one's side 1 being the server. */
static int measure_two(const struct load *load, const char *how, double *ret_ns)
{
    static const char *const serve[] = {"-s", "bench_beam", "serve"};
    struct program server = {0};
    struct words words;
    char cookie[40];
    make_cookie(cookie);
    begin_words(&words, "side1@127.0.0.1", cookie);
    add(&words, serve, sizeof serve / sizeof serve[0]);
    int status = -1, r = program_start(&server, load, 1, words.at);
    double port = r == 0 ? program_value(&server, "{port,") : -1;
    if (port > 0)
        status = measure(load, how, cookie, port, ret_ns);
    r = program_stop(&server);
    return port > 0 ? status : r;
}

int beam_measure(const struct load *load, const void *what, double *ret_figures)
{
    const char *how = what;
    /* One machine holds both sides, so it gets the place of both. */
    struct load both = *load;
    double ns = -1;
    if (!BENCH_BEAM_DIR[0])
        return BENCH_MISSING;
    if (both.placement == PLACEMENT_TWO_CPUS)
        both.placement = PLACEMENT_FREE;
    int status =
        strncmp(how, "two", 3) == 0 ? measure_two(load, how, &ns) : measure(&both, how, "", 0, &ns);
    *ret_figures = figure_of(load, ns);
    if (ns > 0)
        return 0;
    if (status == PROGRAM_NOT_THERE)
        return BENCH_MISSING;
    fprintf(stderr, "bench: erl, %s: no figure, status %d\n", how, status);
    return -1;
}
