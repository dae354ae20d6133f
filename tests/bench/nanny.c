/* Nannies: other supervisors, which start a small C program again (nursling/). How its end is caused, and how its
 * replacement is found, is the same for all: they differ in nothing but the supervisor. */
#include "bench/nanny.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/osproc.h"
#include "base/sweep.h"
#include "bench/program.h"

/* How long a program may take to come, and what is left to end. */
#define COME_MS 20000
#define END_MS 10000
/* What supervisors take for a long life is a second. */
#define LONG_LIFE_MS 1100
/* Who makes the next one wait for a second is asked to start so many times fewer again. */
#define SLOW_PART 50

#ifndef BENCH_BEAM_DIR
#define BENCH_BEAM_DIR "" /* nothing was compiled */
#endif

const struct nanny nannies[NANNIES] = {
    [NANNY_RUNIT] = {.program = "runsv", .is_slow = true},
    [NANNY_RUNIT_LONG_LIFE] = {.program = "runsv", .is_slow = true, .lives_long = true},
    [NANNY_S6] = {.program = "s6-supervise", .is_slow = true},
    [NANNY_S6_READY] = {.program = "s6-supervise",
                        .is_slow = true,
                        .lives_long = true,
                        .says_ready = true},
    [NANNY_ERLANG] = {.program = "erl"},
};

/* The directory of the service, which both change to. */
struct place {
    char path[128];
    /* FIFOs, open for reading and writing: so whoever opens an end has not to wait */
    int questions, answers;
};

/* ---------------------------------------------------------------- the place */

static int open_fifo(const char *name)
{
    return mkfifo(name, 0600) < 0 ? -1 : open(name, O_RDWR | O_CLOEXEC);
}

static int put_notification_fd(void)
{
    int fd = open("notification-fd", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, "3\n", 2);
    close(fd);
    return n == 2 ? 0 : -1;
}

/* It lies in the node's run directory, which goes with everything in it, however this ends: nothing is removed here. */
static int place_open(struct place *place, const struct nanny *nanny)
{
    const char *directory = getenv(BENCH_SCRATCH_VARIABLE);
    *place = (struct place){.questions = -1, .answers = -1};
    snprintf(place->path, sizeof place->path, "%s/nanny.XXXXXX", directory ? directory : "");
    if (!directory)
        return fputs("bench: " BENCH_SCRATCH_VARIABLE " names no directory\n", stderr), -1;
    if (!mkdtemp(place->path) || chdir(place->path) < 0 || symlink(BENCH_NURSLING, "run") < 0)
        return complain(place->path);
    place->questions = open_fifo("questions");
    place->answers = open_fifo("answers");
    if (place->questions < 0 || place->answers < 0 ||
        (nanny->says_ready && put_notification_fd() < 0))
        return complain(place->path);
    return 0;
}

static void place_close(struct place *place)
{
    if (place->questions >= 0)
        close(place->questions);
    if (place->answers >= 0)
        close(place->answers);
}

/* ---------------------------------------------------------------- what is measured */

/* The next process id that is said; -1 when none comes, or the supervisor ends. */
static int hear(const struct place *place, const struct program *supervisor)
{
    struct pollfd fds[] = {{.fd = place->answers, .events = POLLIN},
                           {.fd = fileno(supervisor->says), .events = 0}};
    uint64_t deadline_ns = tri_deadline_ns(COME_MS);
    int os_pid, r;
    do
        r = poll(fds, 2, tri_poll_timeout_ms(deadline_ns));
    while (r < 0 && errno == EINTR);
    if (r <= 0 || !(fds[0].revents & POLLIN))
        return -1;
    return read(place->answers, &os_pid, sizeof os_pid) == sizeof os_pid ? os_pid : -1;
}

/* Waits for the program, and has it answer a question. Its process id or -1. */
static int await_answer(const struct place *place, const struct program *supervisor)
{
    int os_pid = hear(place, supervisor);
    if (os_pid < 0 || write(place->questions, "?", 1) != 1)
        return -1;
    return hear(place, supervisor) == os_pid ? os_pid : -1;
}

static int kill_all(const struct nanny *nanny, const struct place *place,
                    const struct program *supervisor, double *times_ms, long count)
{
    int os_pid = await_answer(place, supervisor);
    for (long i = 0; i < count && os_pid > 0; i++) {
        if (nanny->lives_long)
            poll(NULL, 0, LONG_LIFE_MS);
        uint64_t begin_ns = tri_clock_ns();
        kill(os_pid, SIGKILL);
        os_pid = await_answer(place, supervisor);
        times_ms[i] = (double)(tri_clock_ns() - begin_ns) / 1e6;
    }
    return os_pid > 0 ? 0 : -1;
}

static int nanny_start(struct program *supervisor, const struct nanny *nanny,
                       const struct load *load, const struct place *place)
{
    const char *const usual[] = {nanny->program, place->path, NULL};
    const char *const erlang[] = {"erl",           "-noinput", "-boot",        "start_clean", "-pa",
                                  BENCH_BEAM_DIR,  "-kernel",  "logger_level", "none",        "-s",
                                  "bench_restart", "serve",    "-extra",       place->path,   NULL};
    return program_start(supervisor, load, 0, strcmp(nanny->program, "erl") ? usual : erlang);
}

static int measure(const struct nanny *nanny, const struct load *load, double *times_ms, long count)
{
    struct program supervisor = {0};
    struct place place;
    int r = place_open(&place, nanny);
    if (r == 0)
        r = nanny_start(&supervisor, nanny, load, &place);
    if (r == 0)
        r = kill_all(nanny, &place, &supervisor, times_ms, count);
    int status = program_stop(&supervisor);
    place_close(&place);
    if (r < 0 && status == PROGRAM_NOT_THERE)
        return BENCH_MISSING;
    return r < 0 ? complain(nanny->program) : 0;
}

int nanny_restart(const struct load *load, const void *what, double *ret_figures)
{
    const struct nanny *nanny = what;
    long count = nanny->is_slow ? (load->count + SLOW_PART - 1) / SLOW_PART : load->count;
    double *times_ms = calloc((size_t)count, sizeof *times_ms);
    if (!times_ms)
        return complain("memory");
    if (strcmp(nanny->program, "erl") == 0 && !BENCH_BEAM_DIR[0])
        return BENCH_MISSING;
    /* A supervisor that is killed leaves its program behind, and that becomes a child of this process. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int r = measure(nanny, load, times_ms, count);
    tri_sweep(tri_osproc_start_ticks(getpid()), END_MS);
    if (r == 0) {
        ret_figures[0] = median(times_ms, (size_t)count);
        ret_figures[1] = percentile(times_ms, (size_t)count, 99);
    }
    free(times_ms);
    return r;
}
