/* Rules 44, 46 and 47 of SEMANTICS.md: what a supervisor is asked for: to stop a child, to take one, to describe itself. Each
 * case is a root actor. */
#include "conformance/supervision.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

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
    CHECK(kill(actor_os_pid(pid_of("a")), SIGSTOP) == 0);
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
        {"{#{}, [" SPEC_WITH(a, "cd => [x]") "]}", "{start_spec, {invalid_cd, [x]}}"},
        {"{#{}, [" SPEC_WITH(a, "cd => \"\"") "]}", "{start_spec, {invalid_cd, []}}"},
        {"{#{}, [" SPEC_WITH(a, "env => [{x, \"1\"}]") "]}",
         "{start_spec, {invalid_env, [{x, [$1]}]}}"},
        {"{#{}, [" SPEC_WITH(a, "env => [{\"A=\", \"1\"}]") "]}",
         "{start_spec, {invalid_env, [{[$A, $=], [$1]}]}}"},
        {"{#{}, [" SPEC_WITH(a, "limits => #{memory => 0}") "]}",
         "{start_spec, {invalid_limits, #{memory => 0}}}"},
        {"{#{}, [" SPEC_WITH(a, "limits => #{memories => 1}") "]}",
         "{start_spec, {invalid_limits, #{memories => 1}}}"},
        {"{#{}, [" SPEC_WITH(a, "limits => #{umask => 128}") "]}",
         "{start_spec, {invalid_limits, #{umask => 128}}}"},
        {"{#{}, [" SPEC_WITH(a, "sandbox => tight") "]}", "{start_spec, {invalid_sandbox, tight}}"},
        {"{#{}, [" SPEC_WITH(a, "writable => [tmp]") "]}",
         "{start_spec, {invalid_writable, [tmp]}}"},
        {"{#{}, [" SPEC_WITH(a, "hang_ms => 0") "]}", "{start_spec, {invalid_hang_ms, 0}}"},
        {"{#{}, [" SPEC_WITH(a, "strict => maybe") "]}", "{start_spec, {invalid_strict, maybe}}"},
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
    CHECK(tr_match(reply.term, "{status, _, {module, nursery}, [_, _, _, _, [_, _, _, "
                               "{supervisor, [{_, nursery}]}]]}") == 0);
}

/* Rules of ours, where OTP's supervisor is left in a state in which it fails: a change that would take the order of the
 * children away, or give them one, and a model that is none. */
TR_ACTOR(a_change_of_code_that_makes_no_sense_changes_nothing)
{
    static const char *const trees[][2] = {
        {"{#{strategy => simple_one_for_one}, [" SPEC(a) "]}",
         "{error, {invalid_strategy, simple_one_for_one}}"},
        {"{#{strategy => dynamic}, []}", "{error, {invalid_strategy, dynamic}}"},
        {"{#{strategy => simple_one_for_one}, []}", "{error, {bad_start_spec, []}}"},
    };
    board_new();
    BOARD("{plan, tree, {#{}, [" SPEC(a) "]}}");
    tr_pid sup = SUP_OF("told");
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        TR_REPLY why = {0};
        struct tr_out tree = {0}, wanted = {0};
        CHECK(tr_parse(trees[i][0], &tree, NULL, NULL) == 0);
        CHECK(tr_parse(trees[i][1], &wanted, NULL, NULL) == 0);
        BOARD("{plan, tree, Tree}", tr_out_term(&tree));
        CHECK(tr_sys_suspend(sup, LONG_MS) == 0);
        CHECK(tr_sys_change_code(sup, LONG_MS, &why, 1, atom("extra")) == TR_REFUSED);
        CHECK(tr_equal(why.term, tr_out_term(&wanted)));
        CHECK(tr_sys_resume(sup, LONG_MS) == 0);
        tr_out_deinit(&tree);
        tr_out_deinit(&wanted);
    }
    tr_pid old = pid_of("a");
    tr_cast("a", "{stop, boom}");
    await_other("sup", "a", old);
}

/* One that a change has added is started with the others when they are, and a failure of it is no failure to begin. */
TR_ACTOR(what_a_change_of_code_has_added_starts_with_the_others)
{
    board_new();
    BOARD("{plan, tree, {#{strategy => one_for_all, intensity => 9}, [" SPEC(a) "]}}");
    tr_pid sup = SUP_OF("told"), old = pid_of("a");
    BOARD("{plan, tree, {#{strategy => one_for_all, intensity => 9}, [" SPEC(a) ", " SPEC(b) "]}}");
    CHECK(tr_sys_suspend(sup, LONG_MS) == 0);
    CHECK(tr_sys_change_code(sup, LONG_MS, NULL, 1, atom("extra")) == 0);
    CHECK(tr_sys_resume(sup, LONG_MS) == 0);
    await_count("sup", 2, 1);
    BOARD("{plan, b, {stop, no}}");
    tr_cast("a", "{stop, boom}");
    await_other("sup", "a", old);
    await_count("sup", 2, 2);
    CHECK(tr_pid_equal(sup, pid_of("sup")));
}
