/* Rules 35 to 48 and 50 of SEMANTICS.md: supervisors. Each case is a root actor. */
#include <sys/resource.h>

#include "conformance/nursery.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

/* ---------------------------------------------------------------- verbs */

/* A supervisor that is linked and named `sup`; this actor traps exits. */
#define SUP(flags, specs, ...)                                                                     \
    (__extension__({                                                                               \
        struct tr_start_options sup_options = {.name = "sup"};                                     \
        tr_pid sup_pid;                                                                            \
        tr_trap_exit(true);                                                                        \
        if (tr_pid_is_none(tr_whereis("board")))                                                   \
            board_new();                                                                           \
        CHECK(tr_server_start_link(&sup_pid, "nursery", &sup_options, "{" flags ", " specs "}",    \
                                   ##__VA_ARGS__) == 0);                                           \
        sup_pid;                                                                                   \
    }))

#define SPEC(id) "#{id => " #id ", start => {infant, start_link, [" #id "]}}"
#define SPEC_WITH(id, more) "#{id => " #id ", start => {infant, start_link, [" #id "]}, " more "}"

static tr_pid pid_of(const char *name)
{
    tr_pid pid = tr_whereis(name);
    CHECK(!tr_pid_is_none(pid));
    return pid;
}

/* How a supervisor of that name shows a child: its pid, or TR_NO_PID. */
static tr_pid child_of(const char *sup, const char *id)
{
    TR_REPLY reply = {0};
    struct tr_iter iter;
    tr_term each, whose;
    tr_pid pid = TR_NO_PID;
    CHECK(tr_supervisor_which_children(sup, &reply) == 0);
    CHECK(tr_get_list(reply.term, &iter));
    while (tr_next(&iter, &each))
        if (tr_match(each, "{Id, _, _, _}", &whose) == 0 && tr_is_atom(whose, id))
            tr_match(each, "{_, Pid, _, _}", &pid);
    return pid;
}

/* Waits until it has another than that one, alive. */
static tr_pid await_other(const char *sup, const char *id, tr_pid old)
{
    tr_pid pid;
    for (int waited_ms = 0;; waited_ms++) {
        pid = child_of(sup, id);
        if (!tr_pid_is_none(pid) && !tr_pid_equal(pid, old))
            return pid;
        CHECK(waited_ms < LONG_MS);
        usleep(1000);
    }
}

static void await_count(const char *sup, uint64_t specs, uint64_t active)
{
    struct tr_children_count count;
    for (int waited_ms = 0;; waited_ms++) {
        CHECK(tr_supervisor_count_children(sup, &count) == 0);
        if (count.specs == specs && count.active == active)
            return;
        CHECK(waited_ms < LONG_MS);
        usleep(1000);
    }
}

static int os_pid_of(tr_pid pid)
{
    struct tr_out info = {0};
    tr_term term;
    int64_t os_pid = 0;
    CHECK(tr_process_info(pid, &info) == 0);
    CHECK(tr_map_get_atom(tr_out_term(&info), "os_pid", &term) && tr_get_integer(term, &os_pid));
    tr_out_deinit(&info);
    return (int)os_pid;
}

static void kill_9(tr_pid pid) { CHECK(kill(os_pid_of(pid), SIGKILL) == 0); }

/* ---------------------------------------------------------------- 35, 36, 37: beginning and end */

/* SEMANTICS 35 */
TR_ACTOR(children_start_first_to_last_and_stop_last_to_first)
{
    tr_pid sup = SUP("#{}", "[" SPEC(a) ", " SPEC(b) ", " SPEC(c) "]");
    BOARD_EXPECT("[{init, a}, {init, b}, {init, c}]");
    tr_exit_process(sup, "shutdown");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
    BOARD_EXPECT("[{stopped, c, shutdown}, {stopped, b, shutdown}, {stopped, a, shutdown}]");
}

/* SEMANTICS 36 */
TR_ACTOR(a_child_that_fails_at_first_ends_its_supervisor)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.ret_reason = &why};
    tr_pid pid;
    board_new();
    tr_trap_exit(true);
    BOARD("{plan, c, {stop, no}}");
    CHECK(tr_server_start_link(&pid, "nursery", &options,
                               "{#{}, [" SPEC(a) ", " SPEC(b) ", " SPEC(c) ", " SPEC(d) "]}") ==
          TR_DOWN);
    CHECK(tr_match(why.term, "{shutdown, {failed_to_start_child, c, no}}") == 0);
    BOARD_EXPECT(
        "[{init, a}, {init, b}, {init, c}, {stopped, b, shutdown}, {stopped, a, shutdown}]");
    EXPECT_NOTHING();
}

/* SEMANTICS 36: also by a signal, for want of an entry, and for want of a file. */
TR_ACTOR(a_start_that_fails_leaves_no_spec_and_the_supervisor)
{
    TR_REPLY why = {0};
    tr_pid pid, sup = SUP("#{}", "[" SPEC(a) "]");
    BOARD("{plan, b, {stop, no}}");
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("infant", .id = "b"), &pid, &why, "b") ==
          TR_REFUSED);
    CHECK(tr_match(why.term, "{no, {child, undefined, b, {infant, start_link, [b]}, permanent, "
                             "false, 5000, worker, [infant]}}") == 0);
    BOARD("{plan, b, sigkill}");
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("infant", .id = "b"), &pid, &why, "b") ==
          TR_REFUSED);
    CHECK(tr_match(why.term, "{{signal, sigkill, _}, _}") == 0);
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("nobody"), &pid, &why, "b") == TR_REFUSED);
    CHECK(tr_match(why.term, "{{cannot_spawn, _}, _}") == 0);
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("/no/such:b"), &pid, &why, "b") == TR_REFUSED);
    CHECK(tr_match(why.term, "{{exec, enoent, _}, _}") == 0);
    await_count("sup", 1, 1);
}

/* SEMANTICS 36 */
TR_ACTOR(a_name_that_is_taken_is_told_with_its_owner)
{
    TR_REPLY why = {0};
    tr_pid pid, sup = SUP("#{}", "[]");
    tr_pid board = pid_of("board"), owner;
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("infant", .name = "board"), &pid, &why, "b") ==
          TR_REFUSED);
    CHECK(tr_match(why.term, "{{already_started, Pid}, _}", &owner) == 0);
    CHECK(tr_pid_equal(owner, board));
}

/* SEMANTICS 37 */
TR_ACTOR(a_child_that_ignores_is_kept_unless_it_is_temporary)
{
    tr_pid pid = tr_self();
    board_new();
    BOARD("{plan, a, ignore}");
    BOARD("{plan, b, ignore}");
    SUP("#{}", "[" SPEC(a) ", " SPEC_WITH(b, "restart => temporary") "]");
    await_count("sup", 1, 0);
    BOARD("{plan, a, ignore}");
    CHECK(tr_supervisor_restart_child("sup", &pid, NULL, "a") == 0);
    CHECK(tr_pid_is_none(pid));
    CHECK(tr_supervisor_restart_child("sup", &pid, NULL, "a") == 0);
    CHECK(tr_pid_equal(pid, pid_of("a")));
}

/* SEMANTICS 37 */
TR_ACTOR(a_supervisor_may_ignore)
{
    tr_pid pid;
    tr_trap_exit(true);
    CHECK(tr_server_start_link(&pid, "nursery", NULL, "ignore") == TR_IGNORED);
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- 38, 39, 40: who is started again */

static void expect_restarts(const char *strategy)
{
    SUP("#{strategy => Strategy, intensity => 9}", "[" SPEC(a) ", " SPEC(b) ", " SPEC(c) "]",
        atom(strategy));
    BOARD_EXPECT("[{init, a}, {init, b}, {init, c}]");
    tr_pid b = pid_of("b");
    tr_cast("b", "{stop, boom}");
    await_other("sup", "b", b);
}

/* SEMANTICS 38 */
TR_ACTOR(one_for_one_starts_that_one)
{
    expect_restarts("one_for_one");
    BOARD_EXPECT("[{stopped, b, boom}, {init, b}]");
}

/* SEMANTICS 38 */
TR_ACTOR(rest_for_one_starts_it_and_those_behind_it)
{
    expect_restarts("rest_for_one");
    BOARD_EXPECT("[{stopped, b, boom}, {stopped, c, shutdown}, {init, b}, {init, c}]");
}

/* SEMANTICS 38 */
TR_ACTOR(one_for_all_starts_all)
{
    expect_restarts("one_for_all");
    BOARD_EXPECT("[{stopped, b, boom}, {stopped, c, shutdown}, {stopped, a, shutdown}, "
                 "{init, a}, {init, b}, {init, c}]");
}

/* SEMANTICS 38: whatever ends it, also its process. */
TR_ACTOR(a_child_that_is_killed_is_started_again)
{
    SUP("#{intensity => 100}", "[" SPEC(a) "]");
    for (int i = 0; i < 20; i++) {
        tr_pid old = child_of("sup", "a");
        kill_9(old);
        tr_pid new = await_other("sup", "a", old);
        TR_REPLY reply = {0};
        CHECK(tr_call(new, LONG_MS, &reply, "{hello, N}", i) == 0);
        CHECK(tr_match(reply.term, "{hello, N}", i) == 0);
    }
}

/* SEMANTICS 38: a child that has undone its link is watched all the same. */
TR_ACTOR(a_child_that_unlinks_is_started_again)
{
    SUP("#{}", "[" SPEC(a) "]");
    tr_pid old = child_of("sup", "a");
    tr_cast("a", "unlink");
    tr_cast("a", "{stop, boom}");
    await_other("sup", "a", old);
}

/* SEMANTICS 39 */
TR_ACTOR(permanent_transient_and_temporary_differ)
{
    SUP("#{intensity => 9}", "[" SPEC(a) ", " SPEC_WITH(b, "restart => transient") ", " SPEC_WITH(
                                 c, "restart => temporary") "]");
    tr_pid a = pid_of("a"), b = pid_of("b");
    tr_cast("a", "{stop, normal}");
    await_other("sup", "a", a);
    tr_cast("b", "{stop, boom}");
    b = await_other("sup", "b", b);
    tr_cast(b, "{stop, {shutdown, 1}}");
    await_count("sup", 3, 2);
    tr_cast("c", "{stop, boom}");
    await_count("sup", 2, 1);
}

/* SEMANTICS 40 */
TR_ACTOR(one_for_all_revives_one_that_had_ended)
{
    SUP("#{strategy => one_for_all}", "[" SPEC(a) ", " SPEC_WITH(b, "restart => transient") "]");
    tr_pid a = pid_of("a");
    tr_cast("b", "{stop, normal}");
    await_count("sup", 2, 1);
    tr_cast("a", "{stop, boom}");
    await_other("sup", "a", a);
    CHECK(!tr_pid_is_none(child_of("sup", "b")));
}

/* ---------------------------------------------------------------- 41, 42, 43: enough */

/* SEMANTICS 41, 43 */
TR_ACTOR(too_many_restarts_end_the_supervisor)
{
    tr_pid sup = SUP("#{intensity => 2, period => 3600}", "[" SPEC(a) ", " SPEC(b) "]");
    for (int i = 0; i < 2; i++) {
        tr_pid old = child_of("sup", "b");
        tr_cast("b", "{stop, boom}");
        await_other("sup", "b", old);
    }
    BOARD_EXPECT("[{init, a}, {init, b} | _]");
    tr_cast("b", "{stop, boom}");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
    BOARD_EXPECT("[{stopped, b, boom}, {stopped, a, shutdown}]");
}

/* SEMANTICS 41: the defaults are one restart in five seconds, and a permanent child's normal end counts. */
TR_ACTOR(the_second_restart_within_five_seconds_is_too_much)
{
    tr_pid sup = SUP("#{}", "[" SPEC(a) "]");
    tr_pid old = pid_of("a");
    tr_cast("a", "{stop, normal}");
    await_other("sup", "a", old);
    tr_cast("a", "{stop, normal}");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
}

/* SEMANTICS 41: one death is one restart, however many it takes down. */
TR_ACTOR(a_death_counts_once_however_many_restart)
{
    SUP("#{strategy => one_for_all}", "[" SPEC(a) ", " SPEC(b) ", " SPEC(c) ", " SPEC(d) "]");
    tr_pid old = pid_of("d");
    tr_cast("b", "{stop, boom}");
    await_other("sup", "d", old);
    await_count("sup", 4, 4);
}

/* SEMANTICS 42 */
TR_ACTOR(a_restart_that_fails_in_init_is_tried_again_and_counts)
{
    tr_pid sup = SUP("#{intensity => 3, period => 3600}", "[" SPEC(a) "]");
    BOARD_EXPECT("[{init, a}]");
    for (int i = 0; i < 2; i++)
        BOARD("{plan, a, {stop, no}}");
    tr_pid old = pid_of("a");
    tr_cast("a", "{stop, boom}");
    await_other("sup", "a", old);
    BOARD_EXPECT("[{stopped, a, boom}, {init, a}, {init, a}, {init, a}]");
    tr_cast("a", "{stop, boom}");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
}

/* A tree: sup over middle over a. */
static void plant_middle(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_add(tree, TR_CHILD("infant", .id = "a"), "a");
}
TR_SUPERVISOR(middle, plant_middle)

static void plant_top(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_set(tree, &(struct tr_supervision){.intensity = 5});
    tr_tree_add(tree, TR_CHILD("middle", .name = "middle", .is_supervisor = true), "[]");
    tr_tree_add(tree, TR_CHILD("infant", .id = "b"), "b");
}
TR_SUPERVISOR(top, plant_top)

/* SEMANTICS 43: escalation. */
TR_ACTOR(a_supervisor_that_gives_up_is_started_again_by_its_own)
{
    struct tr_start_options options = {.name = "top"};
    tr_pid top;
    board_new();
    CHECK(tr_server_start(&top, "top", &options, "[]") == 0);
    tr_pid middle = pid_of("middle"), a = pid_of("a"), b = pid_of("b");
    tr_cast("a", "{stop, boom}");
    a = await_other("middle", "a", a);
    tr_cast("a", "{stop, boom}");
    CHECK(!tr_pid_equal(middle, await_other("top", "middle", middle)));
    CHECK(!tr_pid_is_none(child_of("middle", "a")));
    CHECK(tr_pid_equal(b, pid_of("b")));
    CHECK(tr_server_stop(top, LONG_MS, NULL, "shutdown") == 0);
    BOARD_EXPECT("[{init, a}, {init, b}, {stopped, a, boom}, {init, a}, {stopped, a, boom}, "
                 "{init, a}, {stopped, b, shutdown}, {stopped, a, shutdown}]");
}

/* ---------------------------------------------------------------- 44, 45: stopping */

/* SEMANTICS 44 */
TR_ACTOR(a_child_that_takes_too_long_to_end_is_killed)
{
    tr_pid sup = SUP("#{}", "[" SPEC_WITH(a, "shutdown => 50") "]");
    tr_ref ref = watch(pid_of("a"));
    tr_cast("a", "hang");
    BOARD_AWAIT("hangs");
    CHECK(tr_supervisor_terminate_child(sup, NULL, "a") == 0);
    EXPECT("{'DOWN', Ref, process, _, killed}", ref);
}

/* SEMANTICS 44 */
TR_ACTOR(brutal_kill_kills_at_once)
{
    tr_pid sup = SUP("#{}", "[" SPEC_WITH(a, "shutdown => brutal_kill") "]");
    BOARD_EXPECT("[{init, a}]");
    tr_ref ref = watch(pid_of("a"));
    CHECK(tr_supervisor_terminate_child(sup, NULL, "a") == 0);
    EXPECT("{'DOWN', Ref, process, _, killed}", ref);
    BOARD_EXPECT("[]");
}

/* SEMANTICS 44: DOWN is waited for, not EXIT. */
TR_ACTOR(a_child_that_unlinks_cannot_hang_its_supervisor)
{
    tr_pid sup = SUP("#{}", "[" SPEC_WITH(a, "shutdown => infinity") "]");
    tr_cast("a", "unlink");
    CHECK(tr_supervisor_terminate_child(sup, NULL, "a") == 0);
    await_count("sup", 1, 0);
}

/* SEMANTICS 44: one that is stopped by a signal is killed, too. */
TR_ACTOR(a_stopped_child_cannot_hang_its_supervisor)
{
    tr_pid sup = SUP("#{}", "[" SPEC_WITH(a, "shutdown => 50") "]");
    CHECK(kill(os_pid_of(pid_of("a")), SIGSTOP) == 0);
    CHECK(tr_supervisor_terminate_child(sup, NULL, "a") == 0);
    await_count("sup", 1, 0);
}

/* ---------------------------------------------------------------- 46: what is asked for */

/* SEMANTICS 46 */
TR_ACTOR(a_terminated_child_keeps_its_spec)
{
    TR_REPLY why = {0};
    tr_pid pid;
    SUP("#{}", "[" SPEC(a) "]");
    CHECK(tr_supervisor_restart_child("sup", &pid, &why, "a") == TR_REFUSED);
    CHECK(tr_is_atom(why.term, "running"));
    CHECK(tr_supervisor_delete_child("sup", &why, "a") == TR_REFUSED);
    CHECK(tr_is_atom(why.term, "running"));
    CHECK(tr_supervisor_terminate_child("sup", NULL, "a") == 0);
    await_count("sup", 1, 0);
    CHECK(tr_supervisor_restart_child("sup", &pid, NULL, "a") == 0);
    CHECK(tr_pid_equal(pid, pid_of("a")));
    CHECK(tr_supervisor_terminate_child("sup", NULL, "a") == 0);
    CHECK(tr_supervisor_delete_child("sup", NULL, "a") == 0);
    CHECK(tr_supervisor_delete_child("sup", &why, "a") == TR_REFUSED);
    CHECK(tr_is_atom(why.term, "not_found"));
    await_count("sup", 0, 0);
}

/* SEMANTICS 46 */
TR_ACTOR(a_duplicate_id_is_refused)
{
    TR_REPLY why = {0};
    const struct tr_child child = {.id = "a", .entry = "infant"};
    tr_pid pid;
    SUP("#{}", "[" SPEC(a) "]");
    CHECK(tr_supervisor_start_child("sup", &child, NULL, &why, "a") == TR_REFUSED);
    CHECK(tr_match(why.term, "{already_started, Pid}", &pid) == 0);
    CHECK(tr_pid_equal(pid, pid_of("a")));
    CHECK(tr_supervisor_terminate_child("sup", NULL, "a") == 0);
    CHECK(tr_supervisor_start_child("sup", &child, NULL, &why, "a") == TR_REFUSED);
    CHECK(tr_is_atom(why.term, "already_present"));
}

/* SEMANTICS 46 */
TR_ACTOR(a_spec_is_shown_as_OTP_shows_it)
{
    TR_REPLY spec = {0};
    const struct tr_child child = {.id = "b",
                                   .entry = "infant",
                                   .restart = TR_TRANSIENT,
                                   .shutdown_ms = TR_SHUTDOWN_BRUTAL_KILL,
                                   .backoff_min_ms = 7};
    SUP("#{}", "[]");
    CHECK(tr_supervisor_start_child("sup", &child, NULL, NULL, "b") == 0);
    CHECK(tr_supervisor_get_childspec("sup", &spec, "b") == 0);
    CHECK(tr_match(spec.term,
                   "#{id => b, start => {infant, start_link, [b]}, restart => transient, "
                   "shutdown => brutal_kill, significant => false, type => worker, "
                   "modules => [infant], backoff_min_ms => 7}") == 0);
    CHECK(tr_supervisor_get_childspec("sup", &spec, "{b, 2}") == TR_REFUSED);
    CHECK(tr_is_atom(spec.term, "not_found"));
}

TR_ACTOR(plain)
{
    BOARD("{write, {plain, Argument}}", argument);
    tr_receive {
    }
}

/* SEMANTICS 46: an actor that knows nothing of supervisors is a child, too. */
TR_ACTOR(a_plain_actor_is_a_child_too)
{
    const struct tr_child child = {.entry = "plain", .is_plain_actor = true};
    tr_pid pid;
    SUP("#{}", "[]");
    CHECK(tr_supervisor_start_child("sup", &child, &pid, NULL, "{x, N}", 1) == 0);
    BOARD_AWAIT("{plain, {x, 1}}");
    BOARD_EXPECT("[{plain, {x, 1}}]");
    kill_9(pid);
    await_other("sup", "plain", pid);
    BOARD_AWAIT("{plain, {x, 1}}");
    CHECK(tr_supervisor_terminate_child("sup", NULL, "plain") == 0);
}

/* SEMANTICS 46: an executable that knows nothing of troupe is a child, too. */
TR_ACTOR(a_program_is_a_child_too)
{
    static const char *const forever[] = {"1000000", NULL};
    const struct tr_program program = {
        .path = "sleep", .arguments = forever, .has_no_owner = true, .stop_ms = 100};
    tr_pid pid;
    SUP("#{intensity => 9}", "[]");
    CHECK(tr_supervisor_start_child("sup", TR_PROGRAM_CHILD(&program), &pid, NULL, "[]") == 0);
    CHECK(tr_pid_equal(pid, child_of("sup", "sleep")));
    kill_9(pid);
    await_other("sup", "sleep", pid);
    CHECK(tr_supervisor_terminate_child("sup", NULL, "sleep") == 0);
    CHECK(tr_supervisor_restart_child("sup", &pid, NULL, "sleep") == 0);
}

/* SEMANTICS 35: one that every binary has. */
TR_ACTOR(a_supervisor_is_made_of_a_term)
{
    tr_pid pid;
    SUP("#{}", "[]");
    CHECK(tr_supervisor_start_child(
              "sup", TR_CHILD(TR_SUPERVISOR_ENTRY, .id = "inner", .is_supervisor = true), &pid,
              NULL, "{#{strategy => one_for_all}, [" SPEC(a) ", " SPEC(b) "]}") == 0);
    BOARD_EXPECT("[{init, a}, {init, b}]");
    CHECK(tr_supervisor_terminate_child("sup", NULL, "inner") == 0);
    BOARD_EXPECT("[{stopped, b, shutdown}, {stopped, a, shutdown}]");
}

/* Requests that are none. */
TR_ACTOR(an_unknown_request_harms_nobody)
{
    TR_REPLY reply = {0};
    SUP("#{}", "[" SPEC(a) "]");
    CHECK(tr_call("sup", LONG_MS, &reply, "{what, 5}") == 0);
    CHECK(tr_match(reply.term, "{error, {unknown_request, {what, 5}}}") == 0);
    tr_cast("sup", "hello");
    tr_send("sup", "{world, 1}");
    tr_send("sup", "{'$again', 1, 1}");
    await_count("sup", 1, 1);
}

/* ---------------------------------------------------------------- 47: auto-shutdown */

static void expect_refusal(tr_term argument, const char *expected)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.ret_reason = &why};
    struct tr_out wanted = {0};
    tr_pid pid;
    CHECK(tr_server_start_term("nursery", TR_SPAWN_LINK, &options, argument, &pid, NULL) ==
          TR_DOWN);
    CHECK(tr_parse(expected, &wanted, NULL, NULL) == 0);
    if (!tr_equal(why.term, tr_out_term(&wanted)))
        check_failed(__FILE__, __LINE__, expected, why.term);
    tr_out_deinit(&wanted);
}

/* SEMANTICS 47, and other mistakes: each with OTP's reason. */
TR_ACTOR(specs_that_make_no_sense_are_refused)
{
    static const char *const mistakes[][2] = {
        {"{#{}, [" SPEC_WITH(a, "restart => transient, significant => true") "]}",
         "{start_spec, {bad_combination, [{auto_shutdown, never}, {significant, true}]}}"},
        {"{#{auto_shutdown => any_significant}, [" SPEC_WITH(a, "significant => true") "]}",
         "{start_spec, {bad_combination, [{restart, permanent}, {significant, true}]}}"},
        {"{#{auto_shutdown => all_significant}, [" SPEC_WITH(a, "significant => true") "]}",
         "{start_spec, {bad_combination, [{restart, permanent}, {significant, true}]}}"},
        {"{#{auto_shutdown => all}, []}", "{supervisor_data, {invalid_auto_shutdown, all}}"},
        {"{#{}, [" SPEC(a) ", " SPEC(a) "]}", "{start_spec, {duplicate_child_name, a}}"},
        {"{#{}, [#{start => x}]}", "{start_spec, missing_id}"},
        {"{#{}, [#{id => x}]}", "{start_spec, missing_start}"},
        {"{#{}, [" SPEC_WITH(a, "backoff_min_ms => soon") "]}",
         "{start_spec, {invalid_backoff_min_ms, soon}}"},
        {"{#{}, [" SPEC_WITH(a, "name => 5") "]}", "{start_spec, {invalid_name, 5}}"},
        {"{#{strategy => dynamic}, [x]}", "{bad_start_spec, [x]}"},
        {"{#{}, a}", "{bad_return, {nursery, init, {#{}, a}}}"},
        {"{#{max_children => 0}, []}", "{supervisor_data, {invalid_max_children, 0}}"},
    };
    board_new();
    tr_trap_exit(true);
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct tr_out parsed = {0};
        CHECK(tr_parse(mistakes[i][0], &parsed, NULL, NULL) == 0);
        expect_refusal(tr_out_term(&parsed), mistakes[i][1]);
        tr_out_deinit(&parsed);
    }
    BOARD_EXPECT("[]");
    EXPECT_NOTHING();
}

/* SEMANTICS 47 */
TR_ACTOR(a_significant_child_that_ends_ends_its_supervisor)
{
    tr_pid sup =
        SUP("#{auto_shutdown => any_significant}",
            "[" SPEC(a) ", " SPEC_WITH(b, "restart => transient, significant => true") "]");
    tr_cast("b", "{stop, normal}");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
    BOARD_EXPECT("[{init, a}, {init, b}, {stopped, b, normal}, {stopped, a, shutdown}]");
}

/* SEMANTICS 47 */
TR_ACTOR(all_significant_children_must_have_ended)
{
    tr_pid sup = SUP(
        "#{auto_shutdown => all_significant}",
        "[" SPEC(a) ", " SPEC_WITH(b, "restart => transient, significant => true") ", " SPEC_WITH(
            c, "restart => temporary, significant => true") "]");
    tr_cast("c", "{stop, boom}");
    await_count("sup", 2, 2);
    tr_cast("b", "{stop, normal}");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
}

/* SEMANTICS 47: a death that the supervisor caused is none. */
TR_ACTOR(a_significant_child_that_was_terminated_ends_nothing)
{
    SUP("#{auto_shutdown => any_significant}",
        "[" SPEC(a) ", " SPEC_WITH(b, "restart => transient, significant => true") "]");
    CHECK(tr_supervisor_terminate_child("sup", NULL, "b") == 0);
    await_count("sup", 2, 1);
}

/* ---------------------------------------------------------------- 48: its own end */

/* SEMANTICS 48 */
TR_ACTOR(exit_from_a_stranger_is_ignored)
{
    SUP("#{}", "[" SPEC(a) "]");
    tr_pid stranger = puppet_new();
    TELL(stranger, "{exit, Sup, shutdown}", pid_of("sup"));
    TELL(stranger, "{exit, Sup, {because, 5}}", pid_of("sup"));
    await_count("sup", 1, 1);
}

TR_ACTOR(boss)
{
    struct tr_start_options options = {.name = "sup"};
    tr_pid pid;
    tr_atom how;
    CHECK(tr_match(argument, "How", &how) == 0);
    CHECK(tr_server_start_link(&pid, "nursery", &options, "{#{}, [" SPEC(a) "]}") == 0);
    if (tr_atom_is(how, "normal"))
        return;
    tr_exit("boom");
}

static void expect_end_with_parent(const char *how)
{
    board_new();
    CHECK(tr_spawn(NULL, "boss", "How", atom(how)) == 0);
    BOARD_AWAIT("{stopped, a, shutdown}");
}

/* SEMANTICS 48 */
TR_ACTOR(a_supervisor_ends_with_its_parent) { expect_end_with_parent("boom"); }

/* SEMANTICS 48 */
TR_ACTOR(a_supervisor_ends_with_its_parent_also_normally) { expect_end_with_parent("normal"); }

/* SEMANTICS 48 */
TR_ACTOR(children_of_a_supervisor_that_exit_2_kills_get_killed)
{
    tr_pid sup = SUP("#{}", "[" SPEC(a) ", " SPEC(b) "]");
    tr_exit_process(sup, "kill");
    EXPECT("{'EXIT', Sup, killed}", sup);
    BOARD_AWAIT("{stopped, a, killed}");
    BOARD_AWAIT("{stopped, b, killed}");
}

/* SEMANTICS 48: kill -9 of the supervisor itself: nobody is left, and its own supervisor starts it again with its children. */
TR_ACTOR(a_supervisor_that_is_killed_is_started_again_with_its_children)
{
    struct tr_start_options options = {.name = "top"};
    tr_pid top;
    board_new();
    CHECK(tr_server_start(&top, "top", &options, "[]") == 0);
    for (int i = 0; i < 3; i++) {
        tr_pid middle = pid_of("middle"), a = child_of("middle", "a");
        tr_ref ref = watch(a);
        kill_9(middle);
        EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", ref);
        await_other("top", "middle", middle);
        await_other("middle", "a", a);
    }
}

/* ---------------------------------------------------------------- 50: back-off */

/* SEMANTICS 50 */
TR_ACTOR(a_restart_waits_when_its_spec_asks_for_it)
{
    TR_REPLY why = {0};
    tr_pid pid;
    SUP("#{}", "[" SPEC_WITH(a, "backoff_min_ms => 3600000, backoff_max_ms => 3600000") "]");
    kill_9(pid_of("a"));
    int waited_ms = 0;
    while (tr_supervisor_delete_child("sup", &why, "a") != TR_REFUSED ||
           !tr_is_atom(why.term, "restarting")) {
        CHECK(waited_ms++ < LONG_MS);
        usleep(1000);
    }
    CHECK(tr_supervisor_restart_child("sup", &pid, &why, "a") == TR_REFUSED);
    CHECK(tr_is_atom(why.term, "restarting"));
    CHECK(tr_supervisor_terminate_child("sup", NULL, "a") == 0);
    CHECK(tr_supervisor_restart_child("sup", &pid, NULL, "a") == 0);
}

/* SEMANTICS 50 */
TR_ACTOR(waits_end_and_the_child_runs)
{
    SUP("#{intensity => 9}", "[" SPEC_WITH(a, "backoff_min_ms => 1, backoff_max_ms => 8") "]");
    for (int i = 0; i < 6; i++) {
        tr_pid old = child_of("sup", "a");
        kill_9(old);
        await_other("sup", "a", old);
    }
}

/* SEMANTICS 50 */
TR_ACTOR(a_new_incarnation_is_told_why_the_last_one_died)
{
    board_new();
    BOARD("{plan, a, tell_last_exit}");
    BOARD("{plan, a, tell_last_exit}");
    SUP("#{}", "[" SPEC(a) "]");
    BOARD_EXPECT("[{init, a}, {last_exit, a}]"); /* its argument: there was none before it */
    tr_cast("a", "{stop, {boom, 7}}");
    BOARD_AWAIT("{last_exit, {boom, 7}}");
}

/* A node without descriptors bears nobody. */
static struct rlimit take_room(void)
{
    struct rlimit before, none = {0, 0};
    CHECK(prlimit(getppid(), RLIMIT_NOFILE, NULL, &before) == 0);
    none.rlim_max = before.rlim_max;
    CHECK(prlimit(getppid(), RLIMIT_NOFILE, &none, NULL) == 0);
    return before;
}

static void give_room(struct rlimit before)
{
    CHECK(prlimit(getppid(), RLIMIT_NOFILE, &before, NULL) == 0);
}

/* Waits until the supervisor's only child has ended, or failed to start, for such a reason. */
#define await_last_exit(pattern)                                                                   \
    do {                                                                                           \
        TR_REPLY last_exit_state = {0};                                                            \
        int last_exit_ms = 0;                                                                      \
        do {                                                                                       \
            usleep(1000);                                                                          \
            CHECK(last_exit_ms++ < LONG_MS);                                                       \
            CHECK(tr_sys_get_state("sup", LONG_MS, &last_exit_state) == 0);                        \
        } while (tr_match(last_exit_state.term, "#{children => [#{last_exit => " pattern "}]}"));  \
    } while (0)

/* Beyond OTP: the death is all that the intensity allows, and it lives. */
TR_ACTOR(a_fork_that_fails_is_tried_again_and_does_not_count)
{
    SUP("#{intensity => 1, period => 3600}", "[" SPEC(a) "]");
    tr_pid old = pid_of("a");
    struct rlimit room = take_room();
    kill_9(old);
    await_last_exit("{cannot_spawn, _}");
    await_count("sup", 1, 0);
    give_room(room);
    await_other("sup", "a", old);
}

TR_ACTOR(starter)
{
    struct tr_start_options options = {.name = "sup"};
    tr_pid pid;
    CHECK(tr_server_start_link(&pid, "late_nursery", &options, "[]") == 0);
    tr_receive {
    }
}

static void plant_late(tr_term argument, struct tr_tree *tree)
{
    struct tr_child child = {.id = "a", .entry = "infant"};
    (void)argument;
    while (tr_pid_is_none(tr_whereis("go")))
        usleep(1000);
    tr_tree_add(tree, &child, "a");
}
TR_SUPERVISOR(late_nursery, plant_late)

static void await_name(const char *name)
{
    while (tr_pid_is_none(tr_whereis(name)))
        usleep(1000);
}

/* Beyond OTP */
TR_ACTOR(a_supervisor_waits_for_room_for_its_first_children)
{
    board_new();
    CHECK(tr_spawn(NULL, "starter", "[]") == 0);
    await_name("sup");
    struct rlimit room = take_room();
    CHECK(tr_register("go", tr_self()) == 0);
    usleep(50 * 1000);
    CHECK(tr_pid_is_none(tr_whereis("a")));
    give_room(room);
    await_name("a");
    await_count("sup", 1, 1);
}

/* Beyond OTP: and ends with its parent meanwhile. */
TR_ACTOR(a_supervisor_that_waits_for_room_ends_with_its_parent)
{
    tr_pid pid;
    board_new();
    CHECK(tr_spawn(&pid, "starter", "[]") == 0);
    await_name("sup");
    tr_ref ref = watch(pid_of("sup"));
    struct rlimit room = take_room();
    CHECK(tr_register("go", tr_self()) == 0);
    usleep(20 * 1000);
    tr_exit_process(pid, "kill");
    EXPECT("{'DOWN', Ref, process, _, _}", ref);
    give_room(room);
    CHECK(tr_pid_is_none(tr_whereis("a")));
}

/* Beyond OTP: a time for init. */
TR_ACTOR(a_child_whose_init_hangs_is_killed_when_its_time_is_over)
{
    TR_REPLY why = {0};
    const struct tr_child child = {.id = "a", .entry = "infant", .start_timeout_ms = 50};
    SUP("#{}", "[]");
    BOARD("{plan, a, hang}");
    CHECK(tr_supervisor_start_child("sup", &child, NULL, &why, "a") == TR_REFUSED);
    CHECK(tr_match(why.term, "{timeout, _}") == 0);
    CHECK(tr_supervisor_start_child("sup", &child, NULL, NULL, "a") == 0);
}

/* ---------------------------------------------------------------- system messages */

TR_ACTOR(a_supervisor_answers_system_messages)
{
    TR_REPLY reply = {0};
    SUP("#{intensity => 3}", "[" SPEC(a) "]");
    CHECK(tr_sys_get_state("sup", LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term,
                   "#{strategy => one_for_one, intensity => 3, period => 5, restarts => 0, "
                   "children => [#{id => a, restarts => 0, restart => permanent}]}") == 0);
    tr_pid old = pid_of("a");
    kill_9(old);
    await_other("sup", "a", old);
    CHECK(tr_sys_get_state("sup", LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "#{restarts => 1, children => [#{id => a, restarts => 1, "
                               "last_exit => {signal, sigkill, _}}]}") == 0);
    CHECK(tr_sys_suspend("sup", LONG_MS) == 0);
    CHECK(tr_sys_resume("sup", LONG_MS) == 0);
    CHECK(tr_sys_get_status("sup", LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{status, _, {module, nursery}, _}") == 0);
}
