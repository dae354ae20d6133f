/* The shell's ways to do many short jobs: `troupe map` beside xargs and GNU parallel, each as a line of shell that reads the jobs
 * from a pipe and whose output nobody looks at. The figure is jobs a second, starting the tools included. */
#include "bench/shell.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/program.h"

/* %ld: how many jobs. Whatever they say on standard error is of no interest, as a peer's praise of its licence. */
const struct shell_way shell_ways[SHELL_WAYS] = {
    [SHELL_TROUPE] = {"seq %ld | '" BENCH_TROUPE "' map -q -j4 -- sed -u 's/.*/<&>/'", 1},
    [SHELL_TROUPE_EACH] = {"seq %ld | '" BENCH_TROUPE "' map -q -j4 -- /bin/echo {}", 1},
    [SHELL_XARGS] = {"seq %ld | xargs -P4 -n1 /bin/echo", 1},
    [SHELL_PARALLEL] = {"parallel --version 2>&1 | grep -q GNU || exit 77; "
                        "seq %ld | PARALLEL_HOME=\"$" BENCH_SCRATCH_VARIABLE
                        "\" parallel --will-cite -j4 /bin/echo {}",
                        10},
};

static int measure(const struct load *load, const struct shell_way *way, double *ret_figures)
{
    static const struct load anywhere = {.placement = PLACEMENT_FREE};
    char line[512], script[1024];
    long count = load->count / way->part > 0 ? load->count / way->part : 1;
    snprintf(line, sizeof line, way->line, count);
    snprintf(script, sizeof script, "exec 3>&1 >/dev/null 2>&1; %s && echo figure 1 >&3", line);
    const char *const arguments[] = {"sh", "-c", script, NULL};
    struct program shell = {0};
    uint64_t begin_ns = tri_clock_ns();
    int r = program_start(&shell, &anywhere, 0, arguments);
    double figure = r == 0 ? program_value(&shell, "figure ") : -1;
    double took_s = (double)(tri_clock_ns() - begin_ns) / 1e9;
    int status = program_stop(&shell);
    if (figure < 0 && status == PROGRAM_NOT_THERE)
        return BENCH_MISSING;
    if (figure < 0) {
        fprintf(stderr, "bench: %s: exit status %d\n", line, status);
        return -1;
    }
    *ret_figures = (double)count / took_s;
    return 0;
}

int shell_map(const struct load *load, const void *what, double *ret_figures)
{
    return measure(load, what, ret_figures);
}

int troupe_map(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    return measure(load, &shell_ways[SHELL_TROUPE], ret_figures);
}

int troupe_map_each(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    return measure(load, &shell_ways[SHELL_TROUPE_EACH], ret_figures);
}
