/* How programs as actors end, and that nothing of them stays or grows: cases of test_program_ends.c. Each is the root actor
 * of a node of its own. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "node/parting.h"
#include "support/process_state.h"
#include "support/sanitizer.h"
#include "system/programs.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- verbs */

/* A number that the program prints on a line of its own. */
static long expect_number(tr_pid pid)
{
    char text[32] = "";
    tr_bin line;
    tr_receive {
        tr_case("{Pid, {data, {eol, Line}}}", pid, &line)
            memcpy(text, line.data, line.size_bytes < 31 ? line.size_bytes : 31);
        tr_after(CHECK_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, "a number is printed", (tr_term){0});
    }
    return atol(text);
}

static bool os_process_lives(long os_pid)
{
    char state = process_state((int)os_pid);
    return state && state != 'Z' && state != 'X';
}

#define CHECK_SOON(claim)                                                                          \
    do {                                                                                           \
        uint64_t soon_ns = tri_deadline_ns(CHECK_DEADLINE_MS);                                     \
        while (!(claim) && tri_clock_ns() < soon_ns)                                               \
            usleep(1000);                                                                          \
        CHECK(claim);                                                                              \
    } while (0)

/* What the actor's state says under a key, an integer or an atom that must be `expected`. */
static long state_number(tr_pid pid, const char *key)
{
    TR_REPLY state = {0};
    tr_term value;
    int64_t number = 0;
    CHECK(tr_sys_get_state(pid, CHECK_DEADLINE_MS, &state) == 0);
    CHECK(tr_map_get_atom(state.term, key, &value) && tr_get_integer(value, &number));
    return (long)number;
}

static bool state_is(tr_pid pid, const char *key, const char *expected)
{
    TR_REPLY state = {0};
    tr_term value;
    CHECK(tr_sys_get_state(pid, CHECK_DEADLINE_MS, &state) == 0);
    CHECK(tr_map_get_atom(state.term, key, &value));
    return tr_is_atom(value, expected);
}

static long parent_of(long os_pid)
{
    struct tri_osproc process;
    CHECK(tri_osproc_look((int)os_pid, &process));
    return process.parent;
}

/* How many times as much memory the program takes because somebody watches over it. */
enum { WATCHED = IS_SANITIZED ? 8 : 1 };

static long resident_kib(long os_pid)
{
    char path[64];
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", os_pid);
    FILE *file = fopen(path, "r");
    CHECK(file && fscanf(file, "%*d %ld", &pages) == 1);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* ---------------------------------------------------------------- stop */

TR_ACTOR(close_stops_it_behind_what_was_sent_before)
{
    tr_pid cat = run("cat");
    tr_ref ref = watch(cat);
    say(cat, "last words\n");
    CHECK(tr_send(cat, "{Self, close}", tr_self()) == 0);
    EXPECT("{Pid, closed}", cat);
    EXPECT("{'DOWN', Ref, process, _, normal}", ref);
}

TR_ACTOR(an_exit_signal_stops_it_with_its_reason)
{
    tr_pid sleep =
        run_shell("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
    tr_ref ref = watch(sleep);
    EXPECT_NEXT("{Pid, {data, {eol, \"ready\"}}}", sleep);
    CHECK(tr_exit_process(sleep, "normal") == 0);
    CHECK(state_is(sleep, "phase", "running"));
    CHECK(tr_exit_process(sleep, "{because, 1}") == 0);
    EXPECT_NEXT("{Pid, {data, {eol, \"bye\"}}}", sleep);
    EXPECT_NEXT("{Pid, eof}", sleep);
    EXPECT_NEXT("{Pid, {exit_status, 0}}", sleep);
    EXPECT_NEXT("{'DOWN', Ref, process, _, {because, 1}}", ref);
}

TR_ACTOR(a_stopped_program_hears_that_it_is_to_end)
{
    tr_pid shell = run_shell("trap 'exit 7' TERM; echo $$; while :; do sleep 0.01; done");
    tr_ref ref = watch(shell);
    kill((pid_t)expect_number(shell), SIGSTOP);
    CHECK(tr_exit_process(shell, "shutdown") == 0);
    EXPECT("{Pid, {exit_status, 7}}", shell);
    EXPECT("{'DOWN', Ref, process, _, shutdown}", ref);
}

TR_ACTOR(a_program_that_ignores_SIGTERM_is_killed_after_the_deadline)
{
    program.stop_ms = 50;
    tr_pid shell = run_shell("trap '' TERM; echo $$; while :; do sleep 0.01; done");
    tr_ref ref = watch(shell);
    long os_pid = expect_number(shell);
    CHECK(tr_exit_process(shell, "shutdown") == 0);
    EXPECT("{Pid, {exit_status, 137}}", shell);
    EXPECT("{'DOWN', Ref, process, _, shutdown}", ref);
    CHECK(!os_process_lives(os_pid));
}

/* The last word of the owner's is its own reason. */
TR_ACTOR(short_owner)
{
    tr_pid boss, cat;
    program.framing = TR_FRAMING_LINE;
    CHECK(tr_get_pid(argument, &boss));
    cat = run("cat");
    tr_send(boss, "{cat, Cat}", cat);
    tr_receive {
        tr_case("end")
            tr_exit("tired");
    }
}

TR_ACTOR(a_program_ends_with_its_owner)
{
    tr_pid owner, cat = TR_NO_PID;
    CHECK(tr_spawn(&owner, "short_owner", "Self", tr_self()) == 0);
    EXPECT("{cat, Cat}", &cat);
    tr_ref ref = watch(cat);
    tr_send(owner, "end");
    EXPECT("{'DOWN', Ref, process, _, tired}", ref);
}

TR_ACTOR(connect_changes_the_owner)
{
    tr_pid owner, cat = TR_NO_PID;
    CHECK(tr_spawn(&owner, "short_owner", "Self", tr_self()) == 0);
    EXPECT("{cat, Cat}", &cat);
    CHECK(tr_send(cat, "{Self, {connect, Self}}", tr_self(), tr_self()) == 0);
    EXPECT_NEXT("{Cat, connected}", cat);
    tr_send(owner, "end");
    say(cat, "mine\n");
    EXPECT_NEXT("{Cat, {data, {eol, \"mine\"}}}", cat);
    CHECK(tr_server_stop(cat, CHECK_DEADLINE_MS, NULL, "normal") == 0);
}

/* Nothing is lost while nobody has the owner's name. */
TR_ACTOR(an_owner_that_is_a_name_is_waited_for)
{
    program.owner_name = "later";
    tr_pid shell = run_shell("echo kept");
    CHECK_SOON(state_is(shell, "output", "waits_for_owner") || state_is(shell, "phase", "ended"));
    CHECK(tr_register("later", tr_self()) == 0);
    EXPECT("{Pid, {data, {eol, \"kept\"}}}", shell);
    EXPECT("{Pid, {exit_status, 0}}", shell);
}

/* What an actor sends to itself is never held back, so a program that is sent its own output would fill the memory. */
TR_ACTOR(a_program_is_never_sent_its_own_output)
{
    const struct tr_start_options options = {.name = "narcissus"};
    tr_pid yes;
    program.path = "yes";
    program.owner_name = "narcissus";
    CHECK(tr_program_start(&program, 0, &options, &yes, NULL) == 0);
    CHECK_SOON(state_is(yes, "output", "waits_for_owner"));
    CHECK(tr_send(yes, "{Self, {connect, Yes}}", tr_self(), yes) == 0);
    CHECK(state_is(yes, "output", "waits_for_owner"));
    CHECK(tr_send(yes, "{Self, {connect, Self}}", tr_self(), tr_self()) == 0);
    EXPECT("{Yes, {data, {eol, \"y\"}}}", yes);
    CHECK(tr_server_stop(yes, CHECK_DEADLINE_MS, NULL, "normal") == 0);
}

/* ---------------------------------------------------------------- nothing stays behind */

#define BROOD                                                                                      \
    "sleep 1000 & echo $!; "                                                                       \
    "sh -c 'sleep 1000 & echo $!; wait' & "                                                        \
    "setsid sh -c 'sleep 1000 & echo $!; exit 0' & wait_for=$!; "

enum { BROOD_SIZE = 3 };

static void expect_brood(tr_pid shell, long os_pids[BROOD_SIZE])
{
    for (int i = 0; i < BROOD_SIZE; i++) {
        os_pids[i] = expect_number(shell);
        CHECK(os_process_lives(os_pids[i]));
    }
}

static void check_brood_is_gone(const long os_pids[BROOD_SIZE])
{
    for (int i = 0; i < BROOD_SIZE; i++)
        CHECK(!os_process_lives(os_pids[i]));
}

TR_ACTOR(what_a_program_leaves_behind_ends_with_it)
{
    long os_pids[BROOD_SIZE];
    tr_pid shell = run_shell(BROOD "read line; exit 0");
    tr_ref ref = watch(shell);
    expect_brood(shell, os_pids);
    say(shell, "go\n");
    EXPECT("{'DOWN', Ref, process, _, normal}", ref);
    check_brood_is_gone(os_pids);
}

TR_ACTOR(what_a_program_has_started_ends_when_it_is_stopped)
{
    long os_pids[BROOD_SIZE];
    tr_pid shell = run_shell(BROOD "read line; exit 0");
    expect_brood(shell, os_pids);
    CHECK(tr_server_stop(shell, CHECK_DEADLINE_MS, NULL, "shutdown") == 0);
    check_brood_is_gone(os_pids);
}

TR_ACTOR(what_a_program_has_started_ends_when_it_is_killed)
{
    long os_pids[BROOD_SIZE];
    tr_pid shell = run_shell("trap '' TERM;" BROOD "read line; exit 0");
    tr_ref ref = watch(shell);
    expect_brood(shell, os_pids);
    CHECK(kill((pid_t)state_number(shell, "os_pid"), SIGKILL) == 0);
    EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", ref);
    check_brood_is_gone(os_pids);
}

TR_ACTOR(what_a_program_has_started_ends_when_its_actor_is_killed)
{
    long os_pids[BROOD_SIZE];
    for (int i = 0; i < 2; i++) {
        tr_pid shell = run_shell(BROOD "trap '' TERM; while :; do sleep 0.01; done");
        tr_ref ref = watch(shell);
        expect_brood(shell, os_pids);
        long os_pid = state_number(shell, "os_pid");
        if (i == 0)
            CHECK(kill((pid_t)actor_os_pid(shell), SIGKILL) == 0);
        else
            CHECK(tr_exit_process(shell, "kill") == 0);
        EXPECT("{'DOWN', Ref, process, _, _}", ref);
        CHECK(!os_process_lives(os_pid));
        check_brood_is_gone(os_pids);
    }
}

/* The keeper of a killed actor is waited for, by nobody but who watches that actor. */
TR_ACTOR(the_death_of_an_actor_is_told_when_its_program_is_gone)
{
    long os_pids[BROOD_SIZE];
    tr_pid shell = run_shell(BROOD "while :; do sleep 0.01; done");
    tr_ref ref = watch(shell), other_ref;
    bool is_told = false;
    expect_brood(shell, os_pids);
    long os_pid = state_number(shell, "os_pid");
    pid_t keeper = (pid_t)parent_of(os_pid);
    CHECK(process_stop(keeper));
    uint64_t patience_ns = tri_deadline_ns(TRI_PARTING_MS);
    CHECK(kill((pid_t)actor_os_pid(shell), SIGKILL) == 0);
    CHECK(tr_exit_process(shell, "later") == 0);
    run_and_watch_shell("exit 3", &other_ref);
    EXPECT("{'DOWN', Ref, process, _, {exit_status, 3}}", other_ref);
    CHECK(os_process_lives(os_pid));
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, _}", ref)
            is_told = true;
        tr_after(0) {
        }
    }
    CHECK(!is_told || tri_clock_ns() >= patience_ns); /* the machine stood still */
    CHECK(kill(keeper, SIGCONT) == 0);
    if (is_told)
        return;
    EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", ref);
    CHECK(!os_process_lives(os_pid));
    check_brood_is_gone(os_pids);
}

TR_ACTOR(stays_with_a_stopped_keeper)
{
    tr_pid shell = run_shell("echo $$; sleep 1000");
    long os_pid = expect_number(shell);
    pid_t keeper = (pid_t)parent_of(os_pid);
    CHECK(process_stop(keeper));
    CHECK(kill((pid_t)actor_os_pid(shell), SIGKILL) == 0);
    fprintf(stderr, "here\n");
    EXPECT("never");
}

TR_ACTOR(what_a_program_has_started_ends_when_its_keeper_is_killed)
{
    long os_pids[BROOD_SIZE];
    tr_pid shell = run_shell(BROOD "trap '' TERM; while :; do sleep 0.01; done");
    tr_ref ref = watch(shell);
    expect_brood(shell, os_pids);
    long os_pid = state_number(shell, "os_pid");
    long keeper = parent_of(os_pid);
    CHECK(parent_of(keeper) == actor_os_pid(shell));
    CHECK(kill((pid_t)keeper, SIGKILL) == 0);
    EXPECT("{'DOWN', Ref, process, _, keeper_lost}", ref);
    CHECK(!os_process_lives(os_pid));
    check_brood_is_gone(os_pids);
}

/* Nobody is left who would look for what has left the program's group: that ends with the node. */
TR_ACTOR(a_programs_group_ends_when_actor_and_keeper_are_killed)
{
    tr_pid shell = run_shell("sleep 1000 & echo $!; sh -c 'sleep 1000 & echo $!; wait'");
    tr_ref ref = watch(shell);
    long child = expect_number(shell), grandchild = expect_number(shell);
    long os_pid = state_number(shell, "os_pid");
    pid_t keeper = (pid_t)parent_of(os_pid);
    CHECK(process_stop(keeper));
    CHECK(kill((pid_t)actor_os_pid(shell), SIGKILL) == 0);
    CHECK(kill(keeper, SIGKILL) == 0);
    EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", ref);
    CHECK_SOON(!os_process_lives(os_pid));
    CHECK_SOON(!os_process_lives(child));
    CHECK_SOON(!os_process_lives(grandchild));
}

/* ---------------------------------------------------------------- nothing grows */

enum { FLOOD_MESSAGES = 20000, FLOOD_BYTES = 1000 };

/* Sends without end, until it is told to stop; it waits when nobody takes what it sends. */
TR_ACTOR(flood)
{
    static uint8_t data[FLOOD_BYTES];
    tr_bin block = {data, sizeof data};
    tr_pid program_pid, boss;
    CHECK(tr_match(argument, "{Program, Boss}", &program_pid, &boss) == 0);
    for (int i = 0; i < FLOOD_MESSAGES; i++) {
        CHECK(tr_send(program_pid, "{Self, {command, Block}}", tr_self(), block) == 0);
        if (i % 100 == 0)
            tr_send(boss, "{sent, N}", i);
    }
    end_input(program_pid);
    tr_send(boss, "{sent, all}");
}

static tr_pid start_flood(tr_pid program_pid)
{
    tr_pid pid;
    CHECK(tr_spawn(&pid, "flood", "{Program, Boss}", program_pid, tr_self()) == 0);
    return pid;
}

/* How much has been sent when a while nothing more was. */
static int await_standstill(void)
{
    int sent = 0;
    bool is_still = false;
    while (!is_still)
        tr_receive {
            tr_case("{sent, N}", &sent) {
            }
            tr_case("{sent, all}")
                CHECK(!"the sender waits");
            tr_after(500)
                is_still = true;
        }
    return sent;
}

TR_ACTOR(who_sends_to_a_program_that_does_not_read_waits)
{
    tr_pid sleep = run_shell("exec sleep 1000");
    long os_pid = actor_os_pid(sleep), before = resident_kib(os_pid);
    tr_pid sender = start_flood(sleep);
    int sent = await_standstill();
    CHECK(sent < 8000); /* MB: a pipe, a mailbox, a sender's share */
    CHECK(resident_kib(os_pid) - before < 8000 * WATCHED);
    CHECK(tr_exit_process(sender, "kill") == 0);
    tr_ref ref = watch(sleep);
    CHECK(tr_exit_process(sleep, "shutdown") == 0); /* it comes through all the same */
    EXPECT("{'DOWN', Ref, process, _, shutdown}", ref);
}

TR_ACTOR(what_waited_for_a_slow_program_arrives)
{
    tr_pid wc = run_shell("sleep 0.3; wc -c");
    start_flood(wc);
    EXPECT("{sent, all}");
    CHECK(expect_number(wc) == (long)FLOOD_MESSAGES * FLOOD_BYTES);
}

/* Reads slowly what others send it: it is told which lines it may have. */
TR_ACTOR(slow_reader)
{
    tr_pid boss;
    long lines = 0;
    CHECK(tr_get_pid(argument, &boss));
    program.framing = TR_FRAMING_LINE;
    tr_pid yes = run_shell("head -c 1000000 /dev/zero | tr '\\0' '\\n'; echo end");
    tr_send(boss, "{program, Pid}", yes);
    tr_receive {
        tr_case("go")
            break;
    }
    for (bool is_over = false; !is_over;)
        tr_receive {
            tr_case("{Pid, {data, {eol, \"\"}}}", yes)
                lines++;
            tr_case("{Pid, {data, {eol, \"end\"}}}", yes)
                is_over = true;
        }
    tr_send(boss, "{lines, N}", lines);
}

/* It waits in its pipe, and nothing is lost. */
TR_ACTOR(a_program_whose_owner_does_not_keep_up_waits)
{
    const struct tr_spawn_options bounded = {.mailbox_max_messages = 1000};
    struct tr_out self = {0};
    tr_pid reader, yes = TR_NO_PID;
    tr_put_pid(&self, tr_self());
    CHECK(tr_spawn_term("slow_reader", &bounded, tr_out_term(&self), &reader, NULL) == 0);
    EXPECT("{program, Pid}", &yes);
    CHECK_SOON(state_is(yes, "output", "waits_for_owner"));
    CHECK(resident_kib(actor_os_pid(yes)) < 40000 * WATCHED);
    CHECK(os_process_lives(state_number(yes, "os_pid")));
    tr_send(reader, "go");
    EXPECT("{lines, 1000000}");
    tr_out_deinit(&self);
}

/* Its programs live when the node is told to stop. */
TR_ACTOR(stays)
{
    run_shell("echo here >&2; exec sleep 1000");
    run_shell("setsid sleep 1000 & wait");
    tr_receive {
    }
}
