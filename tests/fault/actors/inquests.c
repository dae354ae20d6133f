/* inquests: actors that die, and cases that look at what is found out about it, whatever becomes of the coroner. Each case is
 * a root actor. */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "process/care.h"
#include "support/ends.h"
#include "support/process_state.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

static int *volatile nowhere;
static volatile int zero;

__attribute__((noinline)) CRASHES static void decode_row(void)
{
    *(volatile int *)nowhere = 42;
    zero++;
}

TR_ACTOR(crashes) { decode_row(); }

__attribute__((noinline)) static void wait_for_godot(void)
{
    for (;;)
        zero = 0;
}

TR_ACTOR(loops)
{
    CHECK(tri_care_ask(tri_process_here(), 50, false) == 0);
    wait_for_godot();
}

TR_ACTOR(is_killed) { kill(getpid(), SIGKILL); }

TR_ACTOR(exits_for_want_of_memory)
{
    const struct rlimit limit = {40 << 20, 40 << 20};
    CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
    void *volatile all = malloc(160 << 20);
    exit(all ? 0 : 12);
}

TR_ACTOR(exits_with_7) { exit(7); }
TR_ACTOR(gives_a_reason) { tr_exit("{limit, wall_clock, #{ms => 50}}"); }

TR_ACTOR(complains_and_crashes)
{
    CHECK(tri_care_ask(tri_process_here(), 0, true) == 0);
    fprintf(stderr, "row 7 is too long\n");
    decode_row();
}

TR_ACTOR(complains_for_long)
{
    CHECK(tri_care_ask(tri_process_here(), 0, true) == 0);
    tr_receive {
        tr_case("go_on") {
        }
    }
    for (int i = 0; i < 100; i++)
        fprintf(stderr, "complaint %d\n", i);
    tr_exit("has_complained");
}

/* ---------------------------------------------------------------- the coroner */

/* The coroner of this node, or 0. */
static int find_coroner(void)
{
    int found = 0;
    DIR *folder = opendir("/proc");
    CHECK(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct tri_osproc process;
        int os_pid = atoi(entry->d_name);
        if (os_pid > 0 && tri_osproc_look(os_pid, &process) && process.parent == getppid() &&
            strcmp(process.comm, "coroner") == 0 && process.state != 'Z')
            found = os_pid;
    }
    closedir(folder);
    return found;
}

/* A crash that has been looked up; the first may take the coroner longer than anybody waits. */
static tr_term known_end_of(const char *entry)
{
    uint64_t deadline_ns = tri_deadline_ns(CHECK_DEADLINE_MS);
    tr_term reason;
    do
        reason = end_of(entry);
    while (!shows(reason, "report =>") && tri_clock_ns() < deadline_ns);
    return reason;
}

static int await_coroner(void)
{
    EXPECT_REASON(known_end_of("crashes"), "{signal, sigsegv, #{at => At, report => Id}}",
                  &(tr_bin){0}, &(tr_bin){0});
    int os_pid = find_coroner();
    CHECK(os_pid > 0);
    return os_pid;
}

/* Waits until a report, written after its answer, contains that. */
static void expect_in_report(tr_term reason, const char *what)
{
    tr_bin id;
    char path[PATH_MAX], *text = calloc(1, 1 << 20);
    uint64_t deadline_ns = tri_deadline_ns(CHECK_DEADLINE_MS);
    CHECK(tr_match(reason, "{_, _, #{report => Id}}", &id) == 0 ||
          tr_match(reason, "{_, #{report => Id}}", &id) == 0);
    snprintf(path, sizeof path, "%s/crashes/%.*s", getenv("TROUPE_STATE"), (int)id.size_bytes,
             (const char *)id.data);
    do {
        FILE *file = fopen(path, "re");
        size_t size = file ? fread(text, 1, (1 << 20) - 1, file) : 0;
        text[size] = '\0';
        if (file)
            fclose(file);
        else
            usleep(1000);
    } while (!*text && tri_clock_ns() < deadline_ns);
    if (!strstr(text, what))
        fprintf(stderr, "%s: %s\n", path, text);
    CHECK(strstr(text, what));
    free(text);
}

/* ---------------------------------------------------------------- cases */

TR_ACTOR(a_crash_names_function_file_and_report)
{
    tr_term reason = known_end_of("crashes");
    EXPECT_REASON(reason,
                  "{signal, sigsegv, #{core_dumped => _, code => segv_maperr, address => 0, "
                  "at => At, report => Id}}",
                  &(tr_bin){0}, &(tr_bin){0});
    CHECK(shows(reason, "decode_row (inquests.c:"));
    expect_in_report(reason, "decode_row");
}

/* Linked with it, before it dies: it waits for the word. */
TR_ACTOR(crashes_when_told)
{
    tr_receive {
        tr_case("go_on")
            decode_row();
    }
}

TR_ACTOR(who_is_linked_is_told_the_place_too)
{
    tr_pid pid;
    tr_bin at;
    await_coroner();
    tr_trap_exit(true);
    CHECK(tr_spawn_link(&pid, "crashes_when_told", "[]") == 0);
    tr_send(pid, "go_on");
    tr_receive {
        tr_case("{'EXIT', Pid, {signal, sigsegv, #{at => At, report => _}}}", pid, &at)
            CHECK(memmem(at.data, at.size_bytes, "decode_row (inquests.c:", 23));
        tr_after(CHECK_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, "it tells where it was", (tr_term){0});
    }
}

TR_ACTOR(a_hang_names_the_function)
{
    uint64_t ms = 0;
    await_coroner();
    tr_term reason = known_end_of("loops");
    EXPECT_REASON(reason, "{hang, #{ms => Ms, at => At, report => Id}}", &ms, &(tr_bin){0},
                  &(tr_bin){0});
    CHECK(ms >= 50 && shows(reason, "wait_for_godot (inquests.c:"));
    expect_in_report(reason, "tr_actor_loops"); /* the whole stack */
}

TR_ACTOR(a_death_without_a_place_names_its_report)
{
    tr_term reason = known_end_of("is_killed");
    EXPECT_REASON(reason, "{signal, sigkill, #{core_dumped => false, report => Id}}", &(tr_bin){0});
    CHECK(!shows(reason, "at =>"));
    expect_in_report(reason, "{signal,sigkill,");
}

TR_ACTOR(a_limit_of_memory_without_a_place_names_its_report)
{
    tr_term reason = known_end_of("exits_for_want_of_memory");
    EXPECT_REASON(reason, "{limit, memory, #{exit_status => 12, report => Id}}", &(tr_bin){0});
    expect_in_report(reason, "{limit,memory,");
}

TR_ACTOR(a_reason_without_room_for_a_name_is_told_as_it_is)
{
    await_coroner();
    EXPECT_REASON(end_of("exits_with_7"), "{exit_status, 7}");
    tr_term reason = end_of("gives_a_reason");
    EXPECT_REASON(reason, "{limit, wall_clock, #{ms => 50}}");
    CHECK(!shows(reason, "report"));
}

TR_ACTOR(what_it_said_last_is_in_the_report)
{
    expect_in_report(known_end_of("complains_and_crashes"), "row 7 is too long");
}

TR_ACTOR(a_killed_coroner_is_replaced)
{
    for (int i = 0; i < 5; i++) {
        int os_pid = await_coroner();
        CHECK(kill(os_pid, SIGKILL) == 0);
        EXPECT_REASON(end_of("crashes"), "{signal, sigsegv, #{code => segv_maperr}}");
        CHECK(await_coroner() != os_pid);
    }
}

TR_ACTOR(a_stopped_coroner_holds_nobody_back)
{
    tr_pid pids[100];
    tr_ref refs[100];
    int os_pid = await_coroner();
    CHECK(process_stop(os_pid));
    for (size_t i = 0; i < 100; i++)
        pids[i] = begin("crashes", &refs[i]);
    for (size_t i = 0; i < 100; i++) {
        tr_term reason = await(pids[i], refs[i]);
        EXPECT_REASON(reason, "{signal, sigsegv, #{code => segv_maperr}}");
        CHECK(!shows(reason, "report =>"));
    }
    CHECK(kill(os_pid, SIGCONT) == 0);
    CHECK(await_coroner() == os_pid);
}

/* Its answer is awaited at that moment. */
TR_ACTOR(a_coroner_that_dies_over_an_inquest_holds_nobody_back)
{
    tr_ref ref;
    int os_pid = await_coroner();
    CHECK(process_stop(os_pid));
    tr_pid pid = begin("crashes", &ref);
    CHECK(kill(os_pid, SIGKILL) == 0);
    EXPECT_REASON(await(pid, ref), "{signal, sigsegv, #{code => segv_maperr}}");
    await_coroner();
}

TR_ACTOR(who_is_read_by_a_coroner_that_dies_is_read_by_the_next)
{
    tr_ref ref;
    tr_pid pid = begin("complains_for_long", &ref);
    int os_pid = await_coroner();
    CHECK(kill(os_pid, SIGKILL) == 0);
    tr_send(pid, "go_on");
    EXPECT_REASON(await(pid, ref), "has_complained");
    await_coroner();
}
