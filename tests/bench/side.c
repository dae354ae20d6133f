/* Sides: starting and ending the actors that a measuring actor talks to. */
#include "bench/side.h"

int side_start(struct side *side, const char *entry, const struct load *load)
{
    const struct tr_spawn_options options = {.flags = TR_SPAWN_LINK | TR_SPAWN_MONITOR};
    struct tr_out out = {0};
    int r = tr_put(&out, "{Client, Placement}", tr_self(), (int)load->placement);
    if (r == 0)
        r = tr_spawn_term(entry, &options, tr_out_term(&out), &side->pid, &side->monitor);
    tr_out_deinit(&out);
    return r ? -1 : 0;
}

tr_pid side_begin(tr_term argument)
{
    tr_pid client;
    int placement;
    if (tr_match(argument, "{Client, Placement}", &client, &placement) != 0)
        tr_exit("badarg");
    place((enum placement)placement, 1);
    return client;
}

int await_down(tr_ref monitor)
{
    int result = 0;
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, _}", monitor)
            break;
        tr_after(ANSWER_MS)
            result = -1;
    }
    return result;
}

int side_stop(const struct side *side)
{
    tr_send(side->pid, "stop");
    return await_down(side->monitor);
}
