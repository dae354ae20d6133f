/* Python as a peer: runs multiprocessing_peer.py, which places its two sides itself, and python_pools_peer.py. */
#include "bench/program.h"

/* Its figure; 0, BENCH_MISSING, -1. */
static int ask(const char *const *arguments, double *ret_figure)
{
    static const struct load anywhere = {.placement = PLACEMENT_FREE};
    struct program python = {0};
    int r = program_start(&python, &anywhere, 0, arguments);
    *ret_figure = r == 0 ? program_value(&python, "figure ") : -1;
    int status = program_stop(&python);
    if (*ret_figure > 0)
        return 0;
    if (status == PROGRAM_NOT_THERE)
        return BENCH_MISSING;
    fprintf(stderr, "bench: python3: no figure, status %d\n", status);
    return -1;
}

int python_pools(const struct load *load, const void *what, double *ret_figures)
{
    const char *const arguments[] = {"python3", BENCH_SOURCE_DIR "/python_pools_peer.py", what,
                                     NULL};
    (void)load;
    return ask(arguments, ret_figures);
}

int python_measure(const struct load *load, const void *what, double *ret_figures)
{
    static const char *const cpus[] = {
        [PLACEMENT_FREE] = "0", [PLACEMENT_TWO_CPUS] = "2", [PLACEMENT_ONE_CPU] = "1"};
    char size[24], time_ms[24];
    const char *const arguments[] = {"python3",
                                     BENCH_SOURCE_DIR "/multiprocessing_peer.py",
                                     shape_names[load->shape],
                                     what,
                                     size,
                                     time_ms,
                                     cpus[load->placement],
                                     NULL};
    double ns;
    snprintf(size, sizeof size, "%zu", load->size_bytes);
    snprintf(time_ms, sizeof time_ms, "%ld", load->time_ms);
    int r = ask(arguments, &ns);
    *ret_figures = figure_of(load, ns);
    return r;
}
