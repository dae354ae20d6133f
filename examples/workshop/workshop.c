/* Workshop: a worker that may crash, a partner that is linked to it, and a foreman that watches and replaces it.
 *
 *     ./workshop         opens under troupe and stays; tools/try kills its worker before your eyes
 *
 * The worker divides in native code, without a look at the divisor: `troupe send worker '{divide, 1, 0}'`.
 */
#include <stdio.h>
#include <troupe.h>

TR_ACTOR(worker)
{
    int a, b;
    for (;;)
        tr_receive {
            tr_case("{divide, A, B}", &a, &b)
                printf("worker:  %d / %d = %d\n", a, b, a / b);
        }
}

/* Lives with the worker that it was told of last. It traps exits: else the worker's crash would be its own end. Any
 * other exit signal (the foreman's end, the node's shutdown) still is. */
TR_ACTOR(partner)
{
    tr_pid foreman, worker = TR_NO_PID;
    tr_term reason;
    char who[TR_PID_TEXT_BYTES], why[200];

    tr_get_pid(argument, &foreman);
    tr_trap_exit(true);
    for (;;)
        tr_receive {
            tr_case("{work_with, Worker}", &worker) {
                tr_link(worker);
                tr_send(foreman, "linked");
            }
            tr_case("{'EXIT', Worker, Reason}", worker, &reason) {
                tr_print(reason, why, sizeof why);
                printf("partner: my link to %s broke: %s\n", tr_pid_text(worker, who), why);
            }
            tr_case("{'EXIT', _, Reason}", &reason)
                tr_exit("Reason", reason);
        }
}

/* Starts a worker, in the place of a dead one if there is one, and waits until the partner is linked to it. */
static tr_pid hire(tr_pid replaced, tr_ref *ret_monitor)
{
    const struct tr_spawn_options options = {
        .name = "worker", .flags = TR_SPAWN_MONITOR, .replaces = replaced};
    struct tr_out nothing = {0};
    tr_pid worker;

    tr_put(&nothing, "[]");
    if (tr_spawn_term("worker", &options, tr_out_term(&nothing), &worker, ret_monitor))
        tr_exit("no_worker");
    tr_out_deinit(&nothing);
    tr_send("partner", "{work_with, Worker}", worker);
    tr_receive {
        tr_case("linked")
            break;
    }
    return worker;
}

TR_ACTOR(main)
{
    tr_pid partner, worker;
    tr_ref monitor;
    tr_term reason;
    char who[TR_PID_TEXT_BYTES], why[200];

    if (tr_spawn_link(&partner, "partner", "Foreman", tr_self()) || tr_register("partner", partner))
        tr_exit("no_partner");
    tr_register("foreman", tr_self());
    worker = hire(TR_NO_PID, &monitor);
    printf("foreman: the workshop is open, the worker is %s\n", tr_pid_text(worker, who));
    for (;;)
        tr_receive {
            tr_case("{'DOWN', Ref, process, Worker, Reason}", monitor, worker, &reason) {
                tr_print(reason, why, sizeof why);
                printf("foreman: worker %s is down: %s\n", tr_pid_text(worker, who), why);
                worker = hire(worker, &monitor);
                printf("foreman: the new worker is %s\n", tr_pid_text(worker, who));
            }
        }
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* what main does here is so in every actor */
    return tr_main(argc, argv);
}
