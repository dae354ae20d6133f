/* What the peers are: a figure of an unknown version says little. */
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"

#ifdef BENCH_ZEROMQ
#include <zmq.h>
#endif
#ifdef BENCH_NNG
#include <nng/nng.h>
#endif

#define TEXT(number) #number
#define NUMBERS(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

/* Appends what a command prints, or that there is no such thing. */
static void append_output(char *buffer, size_t size_bytes, const char *command)
{
    char line[128] = "";
    size_t length = strlen(buffer);
    FILE *pipe = popen(command, "re");
    if (!pipe)
        return;
    if (fgets(line, sizeof line, pipe)) {
        line[strcspn(line, "\r\n")] = '\0';
        snprintf(buffer + length, size_bytes - length, ", %s", line);
    }
    pclose(pipe);
}

void versions_describe(char *buffer, size_t size_bytes)
{
    const char *zeromq = "", *nng = "";
#ifdef BENCH_ZEROMQ
    zeromq = ", ZeroMQ " NUMBERS(ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH);
#endif
#ifdef BENCH_NNG
    nng = ", nng " NUMBERS(NNG_MAJOR_VERSION, NNG_MINOR_VERSION, NNG_PATCH_VERSION);
#endif
    snprintf(buffer, size_bytes, "nanomsg %s%s%s", BENCH_NANOMSG_VERSION, zeromq, nng);
    append_output(buffer, size_bytes, "erl +V 2>&1 | sed -n 's/^Erlang.*emulator version/BEAM/p'");
    append_output(
        buffer, size_bytes,
        "dpkg-query -W -f '${Package} ${Version}, ' runit s6 parallel 2>/dev/null | sed 's/, $//'");
    append_output(buffer, size_bytes, "python3 --version 2>/dev/null");
}
