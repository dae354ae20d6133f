/* Driving troupe's contestants: each measurement of each round in an actor of its own.
 *
 * So it starts as fresh as a peer does, and one that crashes or hangs costs its own figure and not the run.
 */
#include "bench/bench.h"
#include "bench/side.h"

TR_ACTOR(contestant)
{
    struct load load;
    tr_pid root;
    unsigned which;
    int peer, placement;
    double figures[FIGURES_MAX] = {0};
    if (tr_match(argument, "{Root, Which, Peer, Placement, Size, Senders, Count, Time}", &root,
                 &which, &peer, &placement, &load.size_bytes, &load.senders, &load.count,
                 &load.time_ms) != 0 ||
        which >= measurement_count || peer >= PEERS_MAX)
        tr_exit("badarg");
    load.placement = (enum placement)placement;
    load.shape = measurements[which].shape;
    const struct measurement *measurement = &measurements[which];
    contestant_fn *measure = peer < 0 ? measurement->troupe : measurement->peers[peer].measure;
    int r = measure(&load, peer < 0 ? NULL : measurement->peers[peer].what, figures);
    if (r < 0)
        tr_exit("no_figure");
    tr_send(root, "{figures, Result, A, B, C, D}", r, figures[0], figures[1], figures[2],
            figures[3]);
}

/* Takes in what the contestant has to say, then its end. */
static int hear(tr_ref monitor, long deadline_ms, double *ret_figures)
{
    int result = -1;
    bool is_late = false;
    tr_receive {
        tr_case("{figures, Result, A, B, C, D}", &result, &ret_figures[0], &ret_figures[1],
                &ret_figures[2], &ret_figures[3])
            break;
        tr_case("{'DOWN', Ref, process, _, _}", monitor)
            return -1;
        tr_after(deadline_ms)
            is_late = true;
    }
    if (is_late)
        return BENCH_LATE;
    return await_down(monitor) < 0 ? -1 : result;
}

int troupe_run(const struct row *row, const struct contestant *peer, double *ret_figures)
{
    tr_pid pid;
    tr_ref monitor;
    const struct load *load = &row->load;
    if (tr_spawn_monitor(&pid, &monitor, "contestant",
                         "{Root, Which, Peer, Placement, Size, Senders, Count, Time}", tr_self(),
                         (long)(row->measurement - measurements),
                         peer ? (int)(peer - row->measurement->peers) : -1, (int)load->placement,
                         load->size_bytes, load->senders, load->count, load->time_ms) != 0)
        return -1;
    int r = hear(monitor, row->deadline_ms, ret_figures);
    if (r < 0 || r == BENCH_LATE)
        tr_exit_process(pid, "kill");
    return r;
}
