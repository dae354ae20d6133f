/* mortals: actors that end in every way that native code knows, and cases that are told how. Each case is a root actor. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/ends.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* What the compiler must not see through. */
static int *volatile nowhere;
static volatile int zero;

/* One that waits until it is told to go on, and does not hear it. */
TR_ACTOR(waits)
{
    tr_receive {
        tr_case("never")
            return;
    }
}

/* ---------------------------------------------------------------- its own word */

TR_ACTOR(returns) {}
TR_ACTOR(exits_0) { exit(0); }
TR_ACTOR(exits_7) { exit(7); }
TR_ACTOR(exits_9_without_a_word) { _exit(9); }
TR_ACTOR(gives_a_reason) { tr_exit("{out_of, [coffee, N]}", 3); }

TR_ACTOR(an_exit_status_is_a_reason)
{
    EXPECT_REASON(end_of("returns"), "normal");
    EXPECT_REASON(end_of("exits_0"), "normal");
    EXPECT_REASON(end_of("exits_7"), "{exit_status, 7}");
    EXPECT_REASON(end_of("exits_9_without_a_word"), "{exit_status, 9}");
}

TR_ACTOR(a_reason_that_was_given_is_told_as_it_is)
{
    EXPECT_REASON(end_of("gives_a_reason"), "{out_of, [coffee, 3]}");
}

/* ---------------------------------------------------------------- faults */

CRASHES TR_ACTOR(writes_to_null) { *(volatile int *)nowhere = 42; }
CRASHES TR_ACTOR(reads_wild) { zero = *(volatile int *)(uintptr_t)0x12345000; }
CRASHES TR_ACTOR(writes_to_code) { *(volatile char *)(uintptr_t)main = 0; }
CRASHES TR_ACTOR(calls_null) { ((void (*)(void))(uintptr_t)nowhere)(); }
CRASHES static void call_nowhere(void)
{
    ((void (*)(void))((uintptr_t)nowhere + 0x12345))();
    zero = 1; /* a call at a function's end would be a jump, after which nobody knows who made it */
}
CRASHES TR_ACTOR(calls_wild) { call_nowhere(); }

CRASHES static int sum_without_end(int n)
{
    volatile int numbers[1000];
    numbers[n % 1000] = n;
    return zero ? 0 : sum_without_end(n + 1) + numbers[n % 1000];
}
TR_ACTOR(overflows_its_stack) { sum_without_end(0); }

TR_ACTOR(a_null_pointer_is_told_by_its_address)
{
    EXPECT_REASON(end_of("writes_to_null"),
                  "{signal, sigsegv, #{core_dumped => _, code => segv_maperr, address => 0}}");
}

TR_ACTOR(a_wild_pointer_is_told_by_its_address)
{
    EXPECT_REASON(end_of("reads_wild"),
                  "{signal, sigsegv, #{code => segv_maperr, address => 305418240}}");
}

TR_ACTOR(memory_that_must_not_be_written_is_told_apart)
{
    EXPECT_REASON(end_of("writes_to_code"),
                  "{signal, sigsegv, #{code => segv_accerr, address => N}}", &(uint64_t){0});
}

TR_ACTOR(a_call_of_a_null_pointer_is_told)
{
    EXPECT_REASON(end_of("calls_null"), "{signal, sigsegv, #{code => segv_maperr, address => 0}}");
}

TR_ACTOR(a_call_of_a_wild_pointer_is_told_with_its_caller)
{
    tr_term reason = end_of("calls_wild");
    EXPECT_REASON(reason,
                  "{signal, sigsegv, #{code => segv_maperr, address => 74565, report => _}}");
    CHECK(shows(reason, "call_nowhere"));
}

TR_ACTOR(a_stack_that_overflows_is_told)
{
    EXPECT_REASON(end_of("overflows_its_stack"),
                  "{signal, sigsegv, #{code => segv_maperr, address => N}}", &(uint64_t){0});
}

TR_ACTOR(aborts) { abort(); }

TR_ACTOR(an_abort_is_told_without_a_sender)
{
    tr_term reason = end_of("aborts");
    EXPECT_REASON(reason, "{signal, sigabrt, #{code => si_tkill}}");
    CHECK(!shows(reason, "sender"));
}

CRASHES TR_ACTOR(divides_by_zero) { zero = 42 / zero; }

TR_ACTOR(a_division_by_zero_is_told)
{
    EXPECT_REASON(end_of("divides_by_zero"),
                  "{signal, sigfpe, #{code => fpe_intdiv, address => N}}", &(uint64_t){0});
}

#if defined(__x86_64__)
TR_ACTOR(is_no_instruction) { __asm__ volatile("ud2"); }
#else
TR_ACTOR(is_no_instruction) { __asm__ volatile("udf #0"); }
#endif

TR_ACTOR(an_illegal_instruction_is_told)
{
    EXPECT_REASON(end_of("is_no_instruction"),
                  "{signal, sigill, #{code => ill_illopn, address => N}}", &(uint64_t){0});
}

CRASHES TR_ACTOR(reads_behind_a_files_end)
{
    int fd = memfd_create("short", MFD_CLOEXEC);
    volatile char *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    zero = *at;
}

TR_ACTOR(a_bus_error_is_told)
{
    EXPECT_REASON(end_of("reads_behind_a_files_end"),
                  "{signal, sigbus, #{code => bus_adrerr, address => N}}", &(uint64_t){0});
}

/* ---------------------------------------------------------------- in a bad way */

CRASHES static void *crash_here(void *argument)
{
    (void)argument;
    pthread_setname_np(pthread_self(), "decoder");
    *(volatile int *)nowhere = 42;
    return NULL;
}

TR_ACTOR(crashes_in_a_thread)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, crash_here, NULL) == 0);
    pthread_join(thread, NULL);
}

TR_ACTOR(a_crash_of_another_thread_names_the_thread)
{
    EXPECT_REASON(end_of("crashes_in_a_thread"),
                  "{signal, sigsegv, #{code => segv_maperr, address => 0, "
                  "thread => <<\"decoder\">>}}");
}

/* A damaged heap makes free(3) abort while it holds the heap's lock. */
CRASHES TR_ACTOR(crashes_within_malloc)
{
    char *volatile blocks[4];
    for (size_t i = 0; i < 4; i++)
        blocks[i] = malloc(2000);
    memset(blocks[0] - 16, 0x41, 2100);
    for (size_t i = 0; i < 4; i++)
        free(blocks[i]);
    abort();
}

TR_ACTOR(a_crash_within_malloc_is_told)
{
    EXPECT_REASON(end_of("crashes_within_malloc"), "{signal, sigabrt, _}");
}

/* What it returns to is nonsense, and so is all above. */
CRASHES __attribute__((noinline)) static void damage(volatile char *at)
{
    for (int i = 0; i < 2000; i++)
        at[i] = 0x41;
    *(volatile int *)nowhere = 1;
}

CRASHES TR_ACTOR(damages_its_stack)
{
    volatile char here[16];
    damage(here);
}

TR_ACTOR(a_crash_with_a_damaged_stack_is_told)
{
    EXPECT_REASON(end_of("damages_its_stack"),
                  "{signal, sigsegv, #{code => segv_maperr, address => 0}}");
}

/* What an actor forks is not that actor, and its crash not the actor's. */
CRASHES TR_ACTOR(has_a_child_that_crashes)
{
    int status, child = fork();
    if (child == 0)
        *(volatile int *)nowhere = 42;
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGSEGV);
    kill(getpid(), SIGKILL);
}

TR_ACTOR(a_crash_of_an_actors_child_is_not_its_own)
{
    tr_term reason = end_of("has_a_child_that_crashes");
    EXPECT_REASON(reason, "{signal, sigkill, #{core_dumped => false}}");
    CHECK(!shows(reason, "code"));
}

/* A program's own handler stays in force. */
static void leave_with_33(int number)
{
    (void)number;
    _exit(33);
}

CRASHES TR_ACTOR(handles_its_faults)
{
    signal(SIGSEGV, leave_with_33);
    *(volatile int *)nowhere = 42;
}

TR_ACTOR(a_programs_own_handler_stays)
{
    EXPECT_REASON(end_of("handles_its_faults"), "{exit_status, 33}");
}

/* ---------------------------------------------------------------- from outside */

static tr_term end_by(int number)
{
    tr_ref ref;
    tr_pid pid = begin("waits", &ref);
    CHECK(kill(actor_os_pid(pid), number) == 0);
    return await(pid, ref);
}

TR_ACTOR(a_signal_from_outside_is_told_with_its_sender)
{
    int sender = 0, uid = -1;
    EXPECT_REASON(end_by(SIGTERM),
                  "{signal, sigterm, #{core_dumped => false, code => si_user, sender => OsPid, "
                  "sender_uid => Uid}}",
                  &sender, &uid);
    CHECK(sender == getpid() && uid == (int)getuid());
    EXPECT_REASON(end_by(SIGUSR1), "{signal, sigusr1, #{code => si_user, sender => OsPid}}",
                  &sender);
    EXPECT_REASON(end_by(SIGINT), "{signal, sigint, #{code => si_user}}");
}

/* All whose default ends a process, but those of the limits. */
TR_ACTOR(each_signal_is_told_by_its_name)
{
    static const struct {
        int number;
        const char *name;
    } signals[] = {
        {SIGHUP, "sighup"},       {SIGINT, "sigint"},       {SIGQUIT, "sigquit"},
        {SIGILL, "sigill"},       {SIGTRAP, "sigtrap"},     {SIGABRT, "sigabrt"},
        {SIGBUS, "sigbus"},       {SIGFPE, "sigfpe"},       {SIGKILL, "sigkill"},
        {SIGUSR1, "sigusr1"},     {SIGSEGV, "sigsegv"},     {SIGUSR2, "sigusr2"},
        {SIGPIPE, "sigpipe"},     {SIGALRM, "sigalrm"},     {SIGTERM, "sigterm"},
        {SIGSTKFLT, "sigstkflt"}, {SIGVTALRM, "sigvtalrm"}, {SIGPROF, "sigprof"},
        {SIGIO, "sigpoll"},       {SIGPWR, "sigpwr"},       {SIGSYS, "sigsys"},
    };
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        tr_atom name;
        EXPECT_REASON(end_by(signals[i].number), "{signal, Name, #{core_dumped => _}}", &name);
        CHECK(tr_atom_is(name, signals[i].name));
    }
}

TR_ACTOR(a_kill_from_outside_is_told)
{
    tr_term reason = end_by(SIGKILL);
    EXPECT_REASON(reason, "{signal, sigkill, #{core_dumped => false}}");
}

TR_ACTOR(a_kill_by_the_runtime_is_told_with_its_reason)
{
    tr_ref ref;
    tr_pid pid = begin("waits", &ref);
    CHECK(tr_kill(pid, "{limit, wall_clock, #{ms => N}}", 50) == 0);
    EXPECT_REASON(await(pid, ref), "{limit, wall_clock, #{ms => 50}}");
    CHECK(tr_kill(pid, "again") == TR_NOPROC);
    CHECK(tr_kill(tr_self(), "myself") == TR_REFUSED);
    pid = begin("waits", &ref);
    tr_exit_process(pid, "kill");
    EXPECT_REASON(await(pid, ref), "killed");
}

TR_ACTOR(kills_another)
{
    tr_pid victim;
    CHECK(tr_match(argument, "Pid", &victim) == 0);
    tr_exit("{it_says, R}", tr_kill(victim, "robbed"));
}

TR_ACTOR(nobody_else_may_kill)
{
    tr_ref ref, other;
    tr_pid pid = begin("waits", &ref), robber;
    CHECK(tr_spawn_monitor(&robber, &other, "kills_another", "Pid", pid) == 0);
    EXPECT_REASON(await(robber, other), "{it_says, R}", &(int){0});
    CHECK(tr_is_alive(pid));
    CHECK(tr_kill(pid, "at_last") == 0);
    EXPECT_REASON(await(pid, ref), "at_last");
}

/* ---------------------------------------------------------------- limits */

#define MEMORY ((rlim_t)40 << 20)

static void limit_to(int what, rlim_t value)
{
    const struct rlimit limit = {value, value + (what == RLIMIT_CPU)};
    CHECK(setrlimit((__rlimit_resource_t)what, &limit) == 0);
}

TR_ACTOR(looks_at_no_pointer)
{
    limit_to(RLIMIT_DATA, MEMORY);
    for (;;)
        memset(malloc(1 << 20), 1, 1 << 20);
}

TR_ACTOR(aborts_without_memory)
{
    limit_to(RLIMIT_DATA, MEMORY);
    void *all = malloc(4 * MEMORY);
    if (!all)
        abort();
    memset(all, 1, MEMORY);
}

TR_ACTOR(exits_without_memory)
{
    limit_to(RLIMIT_DATA, MEMORY);
    void *all = malloc(4 * MEMORY);
    if (!all)
        exit(12);
    memset(all, 1, MEMORY);
}

TR_ACTOR(a_limit_of_memory_is_told)
{
    uint64_t limit = 0, used = 0;
    EXPECT_REASON(end_of("looks_at_no_pointer"),
                  "{limit, memory, #{signal => sigsegv, limit_bytes => L, data_bytes => D}}",
                  &limit, &used);
    CHECK(limit == MEMORY && used > MEMORY / 2 && used < 2 * MEMORY);
    EXPECT_REASON(end_of("aborts_without_memory"),
                  "{limit, memory, #{signal => sigabrt, limit_bytes => L}}", &limit);
    EXPECT_REASON(end_of("exits_without_memory"),
                  "{limit, memory, #{exit_status => 12, limit_bytes => L}}", &limit);
}

TR_ACTOR(computes_too_long)
{
    limit_to(RLIMIT_CPU, 1);
    for (;;)
        zero = 0;
}

TR_ACTOR(a_limit_of_cpu_is_told)
{
    EXPECT_REASON(end_of("computes_too_long"), "{limit, cpu, #{core_dumped => _}}");
}

TR_ACTOR(writes_too_long)
{
    static char bytes[8192];
    int fd = memfd_create("long", MFD_CLOEXEC);
    limit_to(RLIMIT_FSIZE, 4096);
    for (;;)
        CHECK(write(fd, bytes, sizeof bytes) > 0);
}

TR_ACTOR(a_limit_of_file_size_is_told)
{
    EXPECT_REASON(end_of("writes_too_long"), "{limit, file_size, #{core_dumped => _}}");
}

TR_ACTOR(a_full_mailbox_is_told)
{
    tr_ref ref;
    tr_pid pid;
    const struct tr_spawn_options options = {
        .flags = TR_SPAWN_MONITOR, .mailbox_max_messages = 2, .mailbox_policy = TR_MAILBOX_KILLS};
    CHECK(tr_spawn_term("waits", &options, (tr_term){0}, &pid, &ref) == 0);
    for (int i = 0; i < 3; i++)
        tr_send(pid, "more");
    EXPECT_REASON(await(pid, ref), "{limit, mailbox}");
}

TR_ACTOR(calls_what_is_denied)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_reboot, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
    syscall(SYS_reboot, 0, 0, 0, NULL);
}

TR_ACTOR(a_denied_system_call_is_told_by_its_name)
{
    EXPECT_REASON(end_of("calls_what_is_denied"), "{denied, reboot}");
}

TR_ACTOR(what_cannot_be_executed_is_told)
{
    tr_ref ref;
    tr_bin path;
    CHECK(tr_spawn_request(&ref, "/nowhere/at/all:main", "[]") == 0);
    tr_receive {
        tr_case("{spawn_reply, Ref, error, {exec, enoent, Path}}", ref, &path)
            CHECK(path.size_bytes == strlen("/nowhere/at/all"));
        tr_after(CHECK_DEADLINE_MS)
            CHECK(!"an answer comes");
    }
}

/* ---------------------------------------------------------------- many times */

#define TIMES 100

static void expect_each_time(const char *entry, void (*expect)(const char *entry))
{
    for (int i = 0; i < TIMES; i++)
        expect(entry);
}

static void expect_segv(const char *entry)
{
    EXPECT_REASON(end_of(entry), "{signal, sigsegv, #{code => segv_maperr, address => 0}}");
}

static void expect_abort(const char *entry)
{
    EXPECT_REASON(end_of(entry), "{signal, sigabrt, #{code => si_tkill}}");
}

static void expect_memory(const char *entry)
{
    EXPECT_REASON(end_of(entry), "{limit, memory, #{limit_bytes => L}}", &(uint64_t){0});
}

static void expect_kill(const char *entry)
{
    (void)entry;
    EXPECT_REASON(end_by(SIGKILL), "{signal, sigkill, #{core_dumped => false}}");
}

TR_ACTOR(a_hundred_segmentation_faults) { expect_each_time("writes_to_null", expect_segv); }
TR_ACTOR(a_hundred_aborts) { expect_each_time("aborts", expect_abort); }
TR_ACTOR(a_hundred_limits_of_memory) { expect_each_time("looks_at_no_pointer", expect_memory); }
TR_ACTOR(a_hundred_kills) { expect_each_time("waits", expect_kill); }
