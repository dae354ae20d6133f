/* Crash: signal handlers, and what they may rely on, which is little: the heap may be damaged and its lock held, the stack
 * may be used up, its frames overwritten.
 *
 * They allocate nothing, and take no lock but those that the unwinder takes, for which there are two ways out: an alarm
 * when it waits, and a handler of its own for what faults. Each part of the record is whole before the next is begun. The
 * window's memory is asked for before it is touched (base/populate.h, read(2)), so that a full disk is an error, not SIGBUS;
 * and never by write(2), which a limit on the size of files would turn into another signal. */
#include "process/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/populate.h"
#include "process/frames.h"

/* Unwinding takes some 4 KiB. */
#define STACK_BYTES ((size_t)64 << 10)
/* How long it may take, on a machine that is busy: what takes longer waits for a lock that nobody will release. */
#define UNWIND_US 200000

/* The signals that end a process unless it says otherwise. */
static const int deadly[] = {
    SIGHUP,  SIGINT,    SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,    SIGFPE,
    SIGUSR1, SIGSEGV,   SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU,
    SIGXFSZ, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR,  SIGSYS,
};
/* Those that the unwinder may raise. */
static const int nested[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGALRM};

/* Where this actor tells of its end, or NULL, and who it is. */
TRI_WRITTEN_AT_BIRTH static struct tri_crash *own;
TRI_WRITTEN_AT_BIRTH static tr_pid own_pid;

/* Of the thread that writes; and the signal for which it was left, or 0. */
static int writer;
static sigjmp_buf way_out;
static volatile sig_atomic_t way_out_signal;

void tri_crash_watch(const struct tri_box *box, tr_pid self)
{
    off_t at = tri_box_crash_offset(box->slots, 0) - tri_box_offset(box->slots, 0);
    own_pid = self;
    own = (void *)((char *)(uintptr_t)box + at);
}

/* ---------------------------------------------------------------- signals */

static void let_default(int number)
{
    const struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(number, &action, NULL);
}

/* One thread writes, once; the others wait for the end that comes after. */
static bool is_first(void)
{
    int none = 0, self = (int)syscall(SYS_gettid);
    return __atomic_compare_exchange_n(&writer, &none, self, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

TR_NORETURN static void wait_for_end(void)
{
    for (;;)
        pause();
}

/* The signal comes again when its handler returns, with all that the kernel said of it, and takes its course. */
static void let_it_come(int number, siginfo_t *info)
{
    sigset_t only;
    int self = (int)syscall(SYS_gettid);
    let_default(number);
    sigemptyset(&only);
    sigaddset(&only, number);
    pthread_sigmask(SIG_BLOCK, &only, NULL);
    if (syscall(SYS_rt_tgsigqueueinfo, getpid(), self, number, info) < 0)
        syscall(SYS_tgkill, getpid(), self, number);
}

/* ---------------------------------------------------------------- what is told */

static bool has_address(const siginfo_t *info)
{
    int number = info->si_signo;
    return info->si_code > 0 && info->si_code != SI_KERNEL &&
           (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE ||
            number == SIGTRAP);
}

/* /proc/self/statm: pages of all, resident, shared, text, library, data and stack, dirty. 0: cannot be told. */
static uint64_t data_bytes(void)
{
    char text[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    const char *at = text;
    for (int field = 0; at && field < 5; field++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    uint64_t pages = 0;
    for (; at && *at >= '0' && *at <= '9'; at++)
        pages = 10 * pages + (uint64_t)(*at - '0');
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Has it used up what memory it may have, or asked for more just before? */
static void tell_memory(struct tri_crash *crash, int errno_then)
{
    struct rlimit limit;
    crash->errno_then = errno_then;
    if (getrlimit(RLIMIT_DATA, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    crash->data_limit_bytes = limit.rlim_cur;
    crash->data_bytes = data_bytes();
    crash->was_refused_memory =
        errno_then == ENOMEM || crash->data_bytes >= limit.rlim_cur - limit.rlim_cur / 10;
}

/* Takes the memory of the first page. False: there is none. */
static bool begin(struct tri_crash *crash)
{
    if (tri_populate(crash, TRI_CRASH_MAPS_AT))
        return false;
    memset(crash, 0, sizeof *crash);
    crash->version = TRI_CRASH_VERSION;
    crash->pid = own_pid.id;
    crash->at_ns = tri_clock_ns();
    crash->os_pid = getpid();
    crash->thread_id = (int32_t)syscall(SYS_gettid);
    prctl(PR_GET_NAME, crash->thread_name);
    return true;
}

static void reach(struct tri_crash *crash, enum tri_crash_stage stage)
{
    crash->magic = TRI_CRASH_MAGIC;
    __atomic_store_n(&crash->stage, stage, __ATOMIC_RELEASE);
}

static void tell_signal(struct tri_crash *crash, const siginfo_t *info)
{
    crash->signal = info->si_signo;
    crash->code = info->si_code;
    if (has_address(info)) {
        crash->has_address = true;
        crash->address = (uint64_t)(uintptr_t)info->si_addr;
    } else if (info->si_signo == SIGSYS && info->si_code > 0) {
        crash->address = (uint64_t)(uintptr_t)info->si_call_addr;
        crash->syscall = info->si_syscall;
        crash->audit_arch = info->si_arch;
    } else if (info->si_code <= 0) {
        crash->has_sender = true;
        crash->sender_os_pid = info->si_pid;
        crash->sender_uid = (int32_t)info->si_uid;
    }
}

/* ---------------------------------------------------------------- frames */

static void get_out(int number)
{
    int self = (int)syscall(SYS_gettid);
    if (self == writer) {
        way_out_signal = number;
        siglongjmp(way_out, 1);
    }
    if (number != SIGALRM)
        wait_for_end(); /* another thread's fault: this one's signal is on its way */
    syscall(SYS_tgkill, getpid(), writer, number);
}

static void set_alarm(suseconds_t us)
{
    const struct itimerval after = {.it_value.tv_usec = us};
    setitimer(ITIMER_REAL, &after, NULL);
}

/* Whatever the unwinder runs into, this returns. */
static void unwind(void (*gather)(struct tri_crash *, ucontext_t *), struct tri_crash *crash,
                   ucontext_t *context, const sigset_t *set)
{
    way_out_signal = 0;
    if (sigsetjmp(way_out, 1) == 0) {
        pthread_sigmask(SIG_UNBLOCK, set, NULL);
        set_alarm(UNWIND_US);
        gather(crash, context);
    }
    set_alarm(0);
    pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* Is pc nowhere? To find that out, the unwinder may have read what is there, and run into a fault. */
static bool has_no_function(const struct tri_crash *crash)
{
    return crash->frame_count == 0 ? way_out_signal != SIGALRM
                                   : crash->frame_count == 1 && way_out_signal == 0;
}

static void tell_frames(struct tri_crash *crash, ucontext_t *context)
{
    struct sigaction action = {.sa_handler = get_out, .sa_flags = SA_ONSTACK};
    const ucontext_t before = *context;
    sigset_t set;
    sigfillset(&action.sa_mask);
    sigemptyset(&set);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(nested); i++) {
        sigaction(nested[i], &action, NULL);
        sigaddset(&set, nested[i]);
    }
    unwind(tri_frames_gather, crash, context, &set);
    if (has_no_function(crash))
        unwind(tri_frames_gather_from_caller, crash, context, &set);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(nested); i++)
        let_default(nested[i]);
    *context = before;
}

/* ---------------------------------------------------------------- maps */

/* Into a place for which there may be no memory: then read(2) says so. */
static void tell_maps(struct tri_crash *crash)
{
    char *text = (char *)crash + TRI_CRASH_MAPS_AT;
    size_t size = 0;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    ssize_t n;
    while (fd >= 0 && size < TRI_CRASH_MAPS_BYTES &&
           (n = read(fd, text + size, TRI_CRASH_MAPS_BYTES - size)) > 0)
        size += (size_t)n;
    if (fd >= 0)
        close(fd);
    crash->maps_are_cut = size == TRI_CRASH_MAPS_BYTES;
    while (size > 0 && text[size - 1] != '\n')
        size--;
    crash->maps_bytes = (uint32_t)size;
    if (size == 0)
        tri_frames_tell_modules(crash);
}

/* ---------------------------------------------------------------- the handlers */

static void tell(struct tri_crash *crash, enum tri_crash_cause cause, siginfo_t *info,
                 ucontext_t *context, int errno_then)
{
    if (!begin(crash))
        return;
    crash->cause = cause;
    tell_signal(crash, info);
    tell_memory(crash, errno_then);
    tri_frames_tell_registers(crash, context);
    reach(crash, TRI_CRASH_HAS_SIGNAL);
    tell_frames(crash, context);
    reach(crash, TRI_CRASH_HAS_FRAMES);
    tell_maps(crash);
    reach(crash, TRI_CRASH_HAS_MAPS);
}

static void crashed(int number, siginfo_t *info, void *context)
{
    int errno_then = errno;
    struct tri_crash *crash = own;
    if (crash && is_first())
        tell(crash, TRI_CRASH_SIGNAL, info, context, errno_then);
    else if (crash && writer != (int)syscall(SYS_gettid))
        wait_for_end();
    let_it_come(number, info);
}

/* The node asks where this process has been all the time, and kills it when it knows, or soon: it is not to go on. Anybody
 * else's signal of that number ends it as it would have. */
static void asked(int number, siginfo_t *info, void *context)
{
    if (info->si_code != SI_QUEUE || info->si_pid != getppid() || !own) {
        crashed(number, info, context);
        return;
    }
    if (is_first())
        tell(own, TRI_CRASH_HANG, info, context, errno);
    wait_for_end();
}

/* exit(3) after memory was refused: a program that looks at what malloc returned, and gives up. */
static void exits(int status, void *context)
{
    int errno_then = errno;
    (void)context;
    if (!own || status == 0 || !is_first() || !begin(own))
        return;
    own->cause = TRI_CRASH_EXIT;
    own->code = status & 0xff;
    tell_memory(own, errno_then);
    reach(own, TRI_CRASH_HAS_SIGNAL);
}

static void install(int number, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    struct sigaction present;
    sigfillset(&action.sa_mask);
    if (sigaction(number, NULL, &present) == 0 && present.sa_handler == SIG_DFL)
        sigaction(number, &action, NULL);
}

static void give_back(int number)
{
    struct sigaction present;
    if (sigaction(number, NULL, &present) == 0 &&
        (present.sa_sigaction == crashed || present.sa_sigaction == asked))
        let_default(number);
}

void tri_crash_forget(void)
{
    if (!own)
        return;
    own = NULL;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(deadly); i++)
        give_back(deadly[i]);
    give_back(TRI_HANG_SIGNAL);
}

void tri_crash_prepare(void)
{
    struct tri_crash warm;
    stack_t stack = {.ss_size = STACK_BYTES}, present;
    if (sigaltstack(NULL, &present) == 0 && present.ss_flags & SS_DISABLE) {
        stack.ss_sp = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
        if (stack.ss_sp != MAP_FAILED)
            sigaltstack(&stack, NULL);
    }
    tri_frames_warm_up(&warm);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(deadly); i++)
        install(deadly[i], crashed);
    install(TRI_HANG_SIGNAL, asked);
    on_exit(exits, NULL);
}
