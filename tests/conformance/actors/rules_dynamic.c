/* Rules 36 to 48 of SEMANTICS.md once more, and 45: supervisors whose children have no order. Each case is a root actor. */
#include "conformance/nursery.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS, FEW = 8, MANY = 1000 };

/* ---------------------------------------------------------------- verbs */

static tr_pid sup_new(const char *entry, tr_term argument)
{
    struct tr_start_options options = {.name = "sup"};
    tr_pid pid;
    tr_trap_exit(true);
    board_new();
    CHECK(tr_server_start_term(entry, TR_SPAWN_LINK, &options, argument, &pid, NULL) == 0);
    return pid;
}

/* Of infants, by one model. */
static void plant_model(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_set(tree, &(struct tr_supervision){.strategy = TR_SIMPLE_ONE_FOR_ONE, .intensity = 9});
    tr_tree_add_model(tree, TR_CHILD("infant", .id = "model"));
}
TR_SUPERVISOR(by_model, plant_model)

/* The most it may have is its argument; 0: no bound. */
static void plant_nothing(tr_term argument, struct tr_tree *tree)
{
    struct tr_supervision supervision = {.strategy = TR_DYNAMIC, .intensity = 9};
    CHECK(tr_match(argument, "Max", &supervision.max_children) == 0);
    tr_tree_set(tree, &supervision);
}
TR_SUPERVISOR(dynamic, plant_nothing)

static tr_pid dynamic_new(unsigned max_children)
{
    struct tr_out argument = {0};
    tr_put_unsigned(&argument, max_children);
    tr_pid pid = sup_new("dynamic", tr_out_term(&argument));
    tr_out_deinit(&argument);
    return pid;
}

static tr_pid infant_new(const char *id)
{
    tr_pid pid;
    CHECK(tr_supervisor_start_instance("sup", &pid, NULL, "Id", atom(id)) == 0);
    return pid;
}

static void await_active(uint64_t active)
{
    struct tr_children_count count;
    for (int waited_ms = 0;; waited_ms++) {
        CHECK(tr_supervisor_count_children("sup", &count) == 0);
        if (count.active == active)
            return;
        CHECK(waited_ms < LONG_MS);
        usleep(1000);
    }
}

/* Asks for children without waiting. */
static void ask_for(struct tr_request *requests, long count)
{
    for (long i = 0; i < count; i++)
        CHECK(tr_send_request("sup", &requests[i], "{start_child, [N]}", i) == 0);
}

static void await_all(struct tr_request *requests, long count)
{
    for (long i = 0; i < count; i++) {
        TR_REPLY reply = {0};
        tr_pid pid;
        CHECK(tr_wait_response(&requests[i], 4 * LONG_MS, &reply) == 0);
        CHECK(tr_match(reply.term, "{ok, Pid}", &pid) == 0);
    }
}

/* ---------------------------------------------------------------- by a model */

/* SEMANTICS 45: all inits run at once; one after the other would wait for ever. */
TR_ACTOR(children_start_side_by_side)
{
    struct tr_request requests[FEW];
    sup_new("by_model", no_argument());
    for (long i = 0; i < FEW; i++)
        BOARD("{plan, N, {gather, Few}}", i, FEW);
    ask_for(requests, FEW);
    await_all(requests, FEW);
    await_active(FEW);
}

/* SEMANTICS 45 */
TR_ACTOR(children_stop_side_by_side)
{
    struct tr_request requests[FEW];
    tr_pid sup = sup_new("by_model", no_argument());
    for (long i = 0; i < FEW; i++)
        BOARD("{plan, N, {gather_at_end, Few}}", i, FEW);
    ask_for(requests, FEW);
    await_all(requests, FEW);
    tr_exit_process(sup, "shutdown");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
    for (long i = 0; i < FEW; i++)
        BOARD_AWAIT("{stopped, N, shutdown}", i);
}

/* Beyond OTP, whose supervisor waits for each init. */
TR_ACTOR(one_that_hangs_in_init_delays_nobody)
{
    struct tr_request request;
    sup_new("by_model", no_argument());
    BOARD("{plan, a, hang}");
    CHECK(tr_send_request("sup", &request, "{start_child, [a]}") == 0);
    BOARD_AWAIT("{init, a}");
    tr_pid b = infant_new("b");
    await_active(1);
    CHECK(tr_supervisor_terminate_child("sup", NULL, "Pid", b) == 0);
    await_active(0);
    tr_exit_process(tr_whereis("a"), "kill");
    TR_REPLY reply = {0};
    CHECK(tr_wait_response(&request, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{error, killed}") == 0);
}

/* SEMANTICS 45: also one that is still in its init when its supervisor ends. */
TR_ACTOR(one_that_hangs_in_init_ends_with_its_supervisor)
{
    struct tr_request request;
    TR_REPLY reply = {0};
    dynamic_new(0);
    BOARD("{plan, a, hang}");
    CHECK(tr_send_request("sup", &request,
                          "{start_child, #{id => a, start => {infant, start_link, [a]}, "
                          "shutdown => 20}}") == 0);
    BOARD_AWAIT("{init, a}");
    tr_ref ref = watch(tr_whereis("a"));
    CHECK(tr_server_stop("sup", LONG_MS, NULL, "shutdown") == 0);
    EXPECT("{'DOWN', Ref, process, _, killed}", ref);
    CHECK(tr_wait_response(&request, LONG_MS, &reply) == TR_DOWN);
    CHECK(tr_is_atom(reply.term, "shutdown"));
}

/* SEMANTICS 38, 39 */
TR_ACTOR(instances_are_started_again_with_their_own_arguments)
{
    sup_new("by_model", no_argument());
    tr_pid a = infant_new("a"), b = infant_new("b");
    tr_cast("a", "{stop, boom}");
    tr_cast("b", "{stop, normal}");
    await_name("a", a);
    await_name("b", b);
    await_active(2);
}

/* SEMANTICS 46 */
TR_ACTOR(instances_are_known_by_their_pids)
{
    TR_REPLY reply = {0};
    tr_pid pid;
    sup_new("by_model", no_argument());
    tr_pid a = infant_new("a");
    CHECK(tr_supervisor_which_children("sup", &reply) == 0);
    CHECK(tr_match(reply.term, "[{undefined, Pid, worker, [infant]}]", &pid) == 0);
    CHECK(tr_pid_equal(pid, a));
    CHECK(tr_supervisor_get_childspec("sup", &reply, "Pid", a) == 0);
    CHECK(tr_match(reply.term, "#{id => model, start => {infant, start_link, []}}") == 0);
    CHECK(tr_supervisor_terminate_child("sup", &reply, "a") == TR_REFUSED);
    CHECK(tr_is_atom(reply.term, "simple_one_for_one"));
    CHECK(tr_supervisor_terminate_child("sup", &reply, "Pid", tr_self()) == TR_REFUSED);
    CHECK(tr_is_atom(reply.term, "not_found"));
    CHECK(tr_supervisor_terminate_child("sup", NULL, "Pid", a) == 0);
    CHECK(tr_supervisor_terminate_child("sup", NULL, "Pid", a) == 0); /* dead is dead */
    CHECK(tr_call("sup", LONG_MS, &reply, "{start_child, a}") == 0);
    CHECK(tr_match(reply.term, "{error, {badarg, a}}") == 0);
}

/* SEMANTICS 46: by the pid that it had. */
TR_ACTOR(one_that_waits_to_be_started_again_is_terminated)
{
    TR_REPLY state = {0};
    const struct tr_child child = {
        .entry = "infant", .backoff_min_ms = 3600000, .backoff_max_ms = 3600000};
    tr_pid a;
    int waited_ms = 0;
    dynamic_new(0);
    CHECK(tr_supervisor_start_child("sup", &child, &a, NULL, "a") == 0);
    tr_cast(a, "{stop, boom}");
    do {
        CHECK(waited_ms++ < LONG_MS);
        usleep(1000);
        CHECK(tr_sys_get_state("sup", LONG_MS, &state) == 0);
    } while (tr_match(state.term, "#{children => [#{child => restarting}]}"));
    CHECK(tr_supervisor_get_childspec("sup", &state, "Pid", a) == 0);
    CHECK(tr_supervisor_terminate_child("sup", NULL, "Pid", a) == 0);
    CHECK(tr_sys_get_state("sup", LONG_MS, &state) == 0);
    CHECK(tr_match(state.term, "#{children => []}") == 0);
}

/* SEMANTICS 41, 43 */
TR_ACTOR(instances_share_the_intensity)
{
    tr_pid sup = sup_new("by_model", no_argument());
    tr_pid old[10];
    char name[] = "a";
    for (int i = 0; i < 10; i++, name[0]++)
        old[i] = infant_new(name);
    name[0] = 'a';
    for (int i = 0; i < 9; i++, name[0]++) {
        tr_cast((const char *)name, "{stop, boom}");
        await_name(name, old[i]);
    }
    tr_cast((const char *)name, "{stop, boom}");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
}

/* Beyond OTP: neither other children nor the end wait for a name that an orphan has. */
TR_ACTOR(one_that_waits_for_its_name_delays_nobody)
{
    struct tr_request request;
    tr_pid orphan = orphan_new("stays"), sup = dynamic_new(0);
    CHECK(tr_send_request("sup", &request,
                          "{start_child, #{id => a, start => {infant, start_link, [a]}, "
                          "name => stays, shutdown => 3600000}}") == 0);
    await_watcher(orphan, sup);
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant"), NULL, NULL, "b") == 0);
    await_active(1);
    CHECK(tr_server_stop("sup", LONG_MS, NULL, "shutdown") == 0);
    CHECK(tr_pid_equal(orphan, tr_whereis("stays")));
}

/* ---------------------------------------------------------------- each with a spec of its own */

/* SEMANTICS 39, 46, as Elixir's DynamicSupervisor */
TR_ACTOR(a_dynamic_supervisor_takes_any_child)
{
    TR_REPLY reply = {0};
    struct tr_children_count count;
    tr_pid a, b;
    dynamic_new(0);
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant"), &a, NULL, "a") == 0);
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant", .restart = TR_TEMPORARY), &b, NULL,
                                    "b") == 0);
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("nursery", .is_supervisor = true), NULL, NULL,
                                    "{#{}, []}") == 0);
    CHECK(tr_supervisor_count_children("sup", &count) == 0);
    CHECK(count.specs == 3 && count.active == 3 && count.supervisors == 1 && count.workers == 2);
    tr_cast("a", "{stop, boom}");
    tr_cast("b", "{stop, boom}");
    await_name("a", a);
    await_active(2);
    CHECK(tr_supervisor_get_childspec("sup", &reply, "Pid", tr_whereis("a")) == 0);
    CHECK(tr_match(reply.term, "#{start => {infant, start_link, [a]}}") == 0);
    CHECK(tr_supervisor_restart_child("sup", NULL, &reply, "infant") == TR_REFUSED);
    CHECK(tr_is_atom(reply.term, "simple_one_for_one"));
}

/* Elixir's max_children */
TR_ACTOR(more_than_max_children_are_refused)
{
    TR_REPLY reply = {0};
    tr_pid a;
    dynamic_new(2);
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant"), &a, NULL, "a") == 0);
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant"), NULL, NULL, "b") == 0);
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant"), NULL, &reply, "c") == TR_REFUSED);
    CHECK(tr_is_atom(reply.term, "max_children"));
    CHECK(tr_supervisor_terminate_child("sup", NULL, "Pid", a) == 0);
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant"), NULL, NULL, "c") == 0);
}

/* SEMANTICS 36 */
TR_ACTOR(one_that_fails_to_start_leaves_nothing)
{
    TR_REPLY reply = {0};
    dynamic_new(1);
    BOARD("{plan, a, {stop, no}}");
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant"), NULL, &reply, "a") == TR_REFUSED);
    CHECK(tr_is_atom(reply.term, "no"));
    BOARD("{plan, a, ignore}");
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant"), NULL, &reply, "a") == 0);
    CHECK(tr_supervisor_start_child("sup", TR_CHILD("infant"), NULL, &reply, "a") == 0);
    await_active(1);
}

/* ---------------------------------------------------------------- many */

static void start_many(struct tr_request *requests)
{
    ask_for(requests, MANY);
    await_all(requests, MANY);
    await_active(MANY);
}

/* SEMANTICS 45 */
TR_ACTOR(a_thousand_children_start_and_stop)
{
    static struct tr_request requests[MANY];
    tr_pid sup = sup_new("by_model", no_argument());
    start_many(requests);
    tr_exit_process(sup, "shutdown");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
}

/* SEMANTICS 48 */
TR_ACTOR(a_thousand_children_end_when_their_supervisor_is_killed)
{
    static struct tr_request requests[MANY];
    tr_pid sup = sup_new("by_model", no_argument());
    start_many(requests);
    BOARD_AWAIT("{init, Last}", MANY - 1);
    tr_exit_process(sup, "kill");
    EXPECT("{'EXIT', Sup, killed}", sup);
    for (long i = 0; i < MANY; i += 111)
        BOARD_AWAIT("{stopped, N, killed}", i);
}
