/* Rules 6 to 8 of SEMANTICS.md, and its table of what exit(P, R) does. Each case is a root actor. */
#include <errno.h>
#include <sys/resource.h>

#include "conformance/deaths.h"
#include "conformance/puppet.h"
#include "support/process_state.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- the table, cell by cell */

enum { TRAPS = true };

/* SEMANTICS exit(P, R): `normal` from another process, not trapping: dropped */
TR_ACTOR(exit_normal_from_another_is_dropped)
{
    tr_pid puppet = puppet_new_trapping(!TRAPS);
    tr_ref ref = watch(puppet);
    tr_exit_process(puppet, "normal");
    puppet_await(puppet);
    EXPECT_NOTHING();
    CHECK(tr_demonitor(ref, 0, NULL) == 0);
}

/* SEMANTICS exit(P, R): `normal` from another process, trapping: a message */
TR_ACTOR(exit_normal_from_another_is_a_message_when_trapped)
{
    tr_pid puppet = puppet_new_trapping(TRAPS);
    tr_exit_process(puppet, "normal");
    EXPECT_NEXT("{got, P, {'EXIT', From, normal}}", puppet, tr_self());
    puppet_await(puppet);
}

/* SEMANTICS exit(P, R): `normal` from itself, not trapping: dies, normal */
TR_ACTOR(exit_normal_from_itself_is_an_end)
{
    tr_pid puppet = puppet_new_trapping(!TRAPS);
    tr_ref ref = watch(puppet);
    tr_send(puppet, "{exit, Itself, normal}", puppet);
    EXPECT_NEXT("{'DOWN', Ref, process, P, normal}", ref, puppet);
}

/* SEMANTICS exit(P, R): `normal` from itself, trapping: a message */
TR_ACTOR(exit_normal_from_itself_is_a_message_when_trapped)
{
    tr_pid puppet = puppet_new_trapping(TRAPS);
    tr_send(puppet, "{exit, Itself, normal}", puppet);
    EXPECT_NEXT("{got, P, {'EXIT', P, normal}}", puppet, puppet);
    puppet_await(puppet);
}

/* SEMANTICS exit(P, R): `kill` by exit/2, not trapping: dies, killed */
TR_ACTOR(exit_kill_kills)
{
    tr_pid puppet = puppet_new_trapping(!TRAPS);
    tr_ref ref = watch(puppet);
    tr_exit_process(puppet, "kill");
    EXPECT_NEXT("{'DOWN', Ref, process, P, killed}", ref, puppet);
}

/* SEMANTICS exit(P, R): `kill` by exit/2, trapping: dies, killed */
TR_ACTOR(exit_kill_cannot_be_trapped)
{
    tr_pid puppet = puppet_new_trapping(TRAPS);
    tr_ref ref = watch(puppet);
    tr_exit_process(puppet, "kill");
    EXPECT_NEXT("{'DOWN', Ref, process, P, killed}", ref, puppet);
}

/* SEMANTICS exit(P, R): `kill` by exit/2, from itself */
TR_ACTOR(exit_kill_from_itself_kills)
{
    tr_pid puppet = puppet_new_trapping(TRAPS);
    tr_ref ref = watch(puppet);
    tr_send(puppet, "{exit, Itself, kill}", puppet);
    EXPECT_NEXT("{'DOWN', Ref, process, P, killed}", ref, puppet);
}

/* SEMANTICS exit(P, R): `kill` through a link, not trapping: dies, kill */
TR_ACTOR(kill_through_a_link_is_a_reason_as_any)
{
    tr_pid peer = puppet_new(), puppet = puppet_new_trapping(!TRAPS);
    tr_ref ref = watch(puppet);
    TELL(puppet, "{link, Peer}", peer);
    tr_send(peer, "{exit, kill}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, kill}", ref, puppet);
}

/* SEMANTICS exit(P, R): `kill` through a link, trapping: a message with kill */
TR_ACTOR(kill_through_a_link_can_be_trapped)
{
    tr_pid peer = puppet_new(), puppet = puppet_new_trapping(TRAPS);
    TELL(puppet, "{link, Peer}", peer);
    tr_send(peer, "{exit, kill}");
    EXPECT_NEXT("{got, P, {'EXIT', Peer, kill}}", puppet, peer);
    puppet_await(puppet);
}

/* SEMANTICS exit(P, R): any other reason, not trapping: dies with it */
TR_ACTOR(any_other_reason_ends_with_that_reason)
{
    tr_pid puppet = puppet_new_trapping(!TRAPS);
    tr_ref ref = watch(puppet);
    tr_exit_process(puppet, "{tired, [1, 2.5, \"of it\"], #{at => night}}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, {tired, [1, 2.5, \"of it\"], #{at => night}}}", ref,
                puppet);
}

/* SEMANTICS exit(P, R): any other reason, trapping: a message */
TR_ACTOR(any_other_reason_is_a_message_when_trapped)
{
    tr_pid puppet = puppet_new_trapping(TRAPS);
    tr_exit_process(puppet, "{tired, 1}");
    EXPECT_NEXT("{got, P, {'EXIT', From, {tired, 1}}}", puppet, tr_self());
    puppet_await(puppet);
}

/* SEMANTICS exit(P, R): any other reason, from itself */
TR_ACTOR(any_other_reason_from_itself)
{
    tr_pid puppet = puppet_new_trapping(!TRAPS);
    tr_ref ref = watch(puppet);
    tr_send(puppet, "{exit, Itself, tired}", puppet);
    EXPECT_NEXT("{'DOWN', Ref, process, P, tired}", ref, puppet);
    puppet = puppet_new_trapping(TRAPS);
    tr_send(puppet, "{exit, Itself, tired}", puppet);
    EXPECT_NEXT("{got, P, {'EXIT', P, tired}}", puppet, puppet);
}

/* exit/2 to one who is dead, or never was, is silent. */
TR_ACTOR(exit_signals_to_the_dead_are_silent)
{
    tr_trap_exit(true);
    CHECK(tr_exit_process(dead_process(), "kill") == 0);
    CHECK(tr_exit_process(unborn_process(), "kill") == 0);
    puppet_await(puppet_new());
    EXPECT_NOTHING();
}

/* A reason that does not fit in a packet of the control plane arrives whole. */
TR_ACTOR(a_large_reason_arrives_whole)
{
    static char large[300000];
    tr_bin body, reason = {.data = large, .size_bytes = sizeof large};
    tr_pid puppet = puppet_new();
    tr_ref ref = watch(puppet);
    tr_exit_process(puppet, "{tired, Body}", reason);
    EXPECT_NEXT("{'DOWN', Ref, process, P, {tired, Body}}", ref, puppet, &body);
    CHECK(body.size_bytes == sizeof large);
}

/* ---------------------------------------------------------------- 6, 7: what links pass on */

/* SEMANTICS 6 */
TR_ACTOR(a_killed_process_passes_killed_to_its_links)
{
    tr_pid peer = puppet_new(), plain = puppet_new_trapping(!TRAPS);
    tr_pid trapping = puppet_new_trapping(TRAPS);
    tr_ref ref = watch(plain);
    TELL(plain, "{link, Peer}", peer);
    TELL(trapping, "{link, Peer}", peer);
    tr_exit_process(peer, "kill");
    EXPECT("{'DOWN', Ref, process, P, killed}", ref, plain);
    EXPECT("{got, P, {'EXIT', Peer, killed}}", trapping, peer);
    puppet_await(trapping);
}

/* SEMANTICS 7 */
TR_ACTOR(a_normal_end_leaves_linked_processes_alive)
{
    tr_pid peer = puppet_new(), plain = puppet_new_trapping(!TRAPS);
    tr_pid trapping = puppet_new_trapping(TRAPS);
    TELL(plain, "{link, Peer}", peer);
    TELL(trapping, "{link, Peer}", peer);
    tr_send(peer, "{exit, normal}");
    EXPECT_NEXT("{got, P, {'EXIT', Peer, normal}}", trapping, peer);
    puppet_await(plain);
    puppet_await(trapping);
}

/* SEMANTICS 7 */
TR_ACTOR(shutdown_takes_down_those_that_do_not_trap)
{
    tr_pid peer = puppet_new(), plain = puppet_new_trapping(!TRAPS);
    tr_pid trapping = puppet_new_trapping(TRAPS);
    tr_ref ref = watch(plain);
    TELL(plain, "{link, Peer}", peer);
    TELL(trapping, "{link, Peer}", peer);
    tr_send(peer, "{exit, shutdown}");
    EXPECT("{'DOWN', Ref, process, P, shutdown}", ref, plain);
    EXPECT("{got, P, {'EXIT', Peer, shutdown}}", trapping, peer);
    puppet_await(trapping);
}

/* SEMANTICS 7: and so on along a chain of links. */
TR_ACTOR(a_reason_runs_along_a_chain_of_links)
{
    enum { LENGTH = 10 };
    tr_pid chain[LENGTH] = {puppet_new()};
    for (int i = 1; i < LENGTH; i++) {
        chain[i] = puppet_new();
        TELL(chain[i], "{link, Previous}", chain[i - 1]);
    }
    tr_ref ref = watch(chain[LENGTH - 1]);
    tr_send(chain[0], "{exit, {row, 5}}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, {row, 5}}", ref, chain[LENGTH - 1]);
}

/* ---------------------------------------------------------------- 8: native deaths */

TR_ACTOR(dying)
{
    tr_atom way;
    const struct rlimit stack = {1 << 20, 1 << 20};
    setrlimit(RLIMIT_STACK, &stack);
    if (tr_get_atom(argument, &way))
        die(way);
}

/* The link and the monitor both tell the same reason. */
#define NATIVE_DEATH(name, way, reason)                                                            \
    /* SEMANTICS 8 */                                                                              \
    TR_ACTOR(name)                                                                                 \
    {                                                                                              \
        struct tr_spawn_options both = {.flags = TR_SPAWN_LINK | TR_SPAWN_MONITOR};                \
        struct tr_out out = {0};                                                                   \
        tr_pid pid;                                                                                \
        tr_ref ref;                                                                                \
        tr_trap_exit(true);                                                                        \
        tr_put_atom(&out, way);                                                                    \
        CHECK(tr_spawn_term("dying", &both, tr_out_term(&out), &pid, &ref) == 0);                  \
        tr_out_deinit(&out);                                                                       \
        EXPECT_NEXT("{'EXIT', P, " reason "}", pid);                                               \
        EXPECT_NEXT("{'DOWN', Ref, process, P, " reason "}", ref, pid);                            \
    }

NATIVE_DEATH(returning_is_normal, "return", "normal")
NATIVE_DEATH(exit_status_0_is_normal, "exit_0", "normal")
NATIVE_DEATH(_exit_status_0_is_normal, "_exit_0", "normal")
NATIVE_DEATH(exit_status_3_is_a_reason, "exit_3", "{exit_status, 3}")
NATIVE_DEATH(_exit_status_3_is_a_reason, "_exit_3", "{exit_status, 3}")
NATIVE_DEATH(exit_status_255_is_a_reason, "exit_255", "{exit_status, 255}")
NATIVE_DEATH(a_segmentation_fault_is_sigsegv, "sigsegv", "{signal, sigsegv, _}")
NATIVE_DEATH(a_stack_overflow_is_sigsegv, "overflow", "{signal, sigsegv, _}")
NATIVE_DEATH(abort_is_sigabrt, "abort", "{signal, sigabrt, _}")
NATIVE_DEATH(a_division_by_zero_is_sigfpe, "sigfpe", "{signal, sigfpe, _}")
NATIVE_DEATH(an_illegal_instruction_is_sigill, "sigill", "{signal, sigill, _}")
NATIVE_DEATH(a_bus_error_is_sigbus, "sigbus", "{signal, sigbus, _}")
NATIVE_DEATH(a_strangers_sigkill_is_sigkill, "sigkill", "{signal, sigkill, _}")
NATIVE_DEATH(a_strangers_sigterm_is_sigterm, "sigterm", "{signal, sigterm, _}")
NATIVE_DEATH(the_cpu_limit_is_a_reason, "cpu_limit", "{limit, cpu, _}")
NATIVE_DEATH(any_signal_has_its_name, "sigusr1", "{signal, sigusr1, _}")

/* SEMANTICS 8: the runtime's own SIGKILL is told as the reason for which it was sent. */
TR_ACTOR(the_runtimes_sigkill_is_told_by_its_reason)
{
    tr_pid pid;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&pid, &ref, "puppet", "[]") == 0);
    tr_exit_process(pid, "{too_slow, 7}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, {too_slow, 7}}", ref, pid);
}

/* SEMANTICS 8: an image that cannot be run is the outcome of the spawn, and leaves no link, no monitor, no process. */
TR_ACTOR(an_exec_failure_is_the_outcome_of_spawn)
{
    tr_pid pid = tr_self();
    tr_ref ref;
    tr_trap_exit(true);
    CHECK(tr_spawn_monitor(&pid, &ref, "/no/such/file:counter", "[]") == -ENOENT);
    CHECK(tr_spawn_link(&pid, "/:counter", "[]") == -EISDIR);
    CHECK(tr_spawn_link(&pid, "/etc/passwd:counter", "[]") == TR_NOT_AN_ACTOR);
    CHECK(tr_spawn_link(&pid, "/bin/ls:counter", "[]") == TR_NOT_AN_ACTOR);
    CHECK(tr_spawn_link(&pid, "no_such_entry", "[]") == TR_NO_ENTRY);
    CHECK(tr_pid_equal(pid, tr_self()));
    puppet_await(puppet_new());
    EXPECT_NOTHING();
}

/* SEMANTICS 8: who does not wait for the spawn is told of it as OTP's spawn_request tells of an error: in the reply alone. */
TR_ACTOR(an_exec_failure_is_the_answer_to_spawn_request)
{
    struct tr_spawn_options both = {.flags = TR_SPAWN_LINK | TR_SPAWN_MONITOR};
    static char long_path[5000];
    tr_bin path = {.data = long_path, .size_bytes = sizeof long_path - sizeof ":counter"};
    tr_ref missing, folder, endless;
    tr_trap_exit(true);
    memset(long_path, 'x', path.size_bytes);
    strcpy(long_path + path.size_bytes, ":counter");
    CHECK(tr_spawn_request_term("/no/such/file:counter", &both, no_argument(), &missing) == 0);
    CHECK(tr_spawn_request_term("/:counter", &both, no_argument(), &folder) == 0);
    CHECK(tr_spawn_request_term(long_path, &both, no_argument(), &endless) == 0);
    EXPECT("{spawn_reply, Ref, error, {exec, enoent, \"/no/such/file\"}}", missing);
    EXPECT("{spawn_reply, Ref, error, {exec, eisdir, \"/\"}}", folder);
    EXPECT("{spawn_reply, Ref, error, {exec, enametoolong, Path}}", endless, path);
    puppet_await(puppet_new());
    EXPECT_NOTHING();
}

/* SEMANTICS 8: whoever had found the name before exec failed sees a death for that reason. The node reads both in one go. */
TR_ACTOR(an_exec_failure_is_told_to_who_watches_by_name)
{
    struct tr_spawn_options named = {.name = "late"};
    tr_ref request, watch;
    pid_t node = getppid();
    CHECK(process_stop(node));
    int r = tr_spawn_request_term("/:counter", &named, no_argument(), &request);
    if (r == 0)
        r = tr_monitor("late", &watch);
    CHECK(kill(node, SIGCONT) == 0);
    CHECK(r == 0);
    EXPECT_NEXT("{spawn_reply, Ref, error, {exec, eisdir, \"/\"}}", request);
    EXPECT_NEXT("{'DOWN', Ref, process, {late, _}, {exec, eisdir, \"/\"}}", watch);
}

/* A reason of exit/1 arrives as it was said. */
TR_ACTOR(exit_1_tells_its_reason)
{
    tr_pid puppet = puppet_new();
    tr_ref ref = watch(puppet);
    tr_send(puppet, "{exit, {shutdown, \"by hand\"}}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, {shutdown, \"by hand\"}}", ref, puppet);
}
