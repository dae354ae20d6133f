/* Engine: a loop around one poll. What is printed is entered in the joblog behind it, what is begun before it. */
#include "map/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/sweep.h"

/* How many jobs wait for a worker, read from the input already, and how many bytes in them. */
#define WAITING_JOBS 1024
#define WAITING_BYTES ((size_t)16 << 20)
/* How many a worker may have in hand at once. */
#define MAX_WINDOW 64
/* So much is put together to be printed. */
#define PRINT_BYTES ((size_t)1 << 20)
/* How often a terminal is told. */
#define DRAW_MS 200
#define SWEEP_MS 5000

void map_give_up(struct map_engine *engine, const char *format, ...)
{
    va_list arguments;
    if (engine->has_given_up)
        return;
    engine->has_given_up = true;
    map_progress_clear(&engine->progress);
    va_start(arguments, format);
    fputs("troupe: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

/* ---------------------------------------------------------------- jobs */

/* A job that is known from an earlier run. Tells whether it is to be done; takes it over when not. */
static bool is_to_be_done(struct map_engine *engine, struct map_job *job)
{
    bool differs;
    enum map_past_state state = map_past_of(&engine->past, job, &differs);
    bool is_over = state == MAP_PAST_DONE ||
                   (state == MAP_PAST_FAILED && engine->options->resume != MAP_RESUME_FAILED);
    if (differs)
        map_give_up(engine,
                    "job %" PRIu64 " is not the one that %s tells of: resume with the same input",
                    job->number, engine->options->joblog);
    if (is_over && !differs) {
        engine->earlier += state == MAP_PAST_DONE;
        engine->earlier_failed += state == MAP_PAST_FAILED;
        map_results_skip(&engine->results, job->number);
    } else if (state == MAP_PAST_BEGUN && engine->options->is_once && !differs) {
        map_fail(engine, job, "interrupted", "", NULL, 0);
        return false;
    } else if (!differs) {
        engine->again += state == MAP_PAST_BEGUN;
        return true;
    }
    free(job);
    return false;
}

static bool wants_jobs(const struct map_engine *engine)
{
    return !engine->source.is_at_end && engine->plan.count < WAITING_JOBS &&
           engine->plan.size_bytes < WAITING_BYTES &&
           map_results_has_room(&engine->results, engine->source.number + 1);
}

static void take_jobs(struct map_engine *engine)
{
    int fault = 0;
    while (!engine->has_given_up && wants_jobs(engine)) {
        struct map_job *job = map_source_next(&engine->source, &fault);
        if (!job)
            break;
        if (is_to_be_done(engine, job))
            map_plan_add(&engine->plan, job);
    }
    if (fault == -EMSGSIZE)
        map_give_up(engine, "job %" PRIu64 " is longer than %zu bytes", engine->source.number + 1,
                    engine->options->framing.max_bytes);
    else if (fault == -EPROTO)
        map_give_up(engine, "the input ends within job %" PRIu64, engine->source.number + 1);
    else if (fault)
        map_give_up(engine, "the input cannot be read: %s", strerror(-fault));
    else if (engine->source.is_at_end && engine->source.number < engine->past.last)
        map_give_up(engine,
                    "the input ends before job %" PRIu64
                    ", which %s tells of: resume with the same input",
                    engine->past.last, engine->options->joblog);
}

/* ---------------------------------------------------------------- answers */

static int print_result(struct map_engine *engine, const struct map_result *result)
{
    bool is_answer = !result->why[0] || engine->is_per_job;
    int r = 0;
    if (result->job->spill) /* then nothing of it is in memory */
        map_output_put_spill(&engine->output, TRI_TAKE(result->job->spill));
    else if (is_answer)
        r = map_output_put(&engine->output, result->bytes, result->size_bytes, engine->is_per_job);
    return r ? r : map_joblog_ended(&engine->joblog, result, engine->output.end);
}

_Static_assert(MAP_SPILL_BYTES >= PRINT_BYTES, "nothing is put behind a spill");

/* Puts together what there is to be printed: so many results. 0, TR_TOO_LARGE or a negative errno. */
static int put_results(struct map_engine *engine, unsigned *ret_count)
{
    struct map_result *result;
    int r = 0;
    for (*ret_count = 0; r == 0 && map_output_pending_bytes(&engine->output) < PRINT_BYTES &&
                         (result = map_results_take(&engine->results));
         ++*ret_count) {
        r = print_result(engine, result);
        map_result_free(result);
    }
    return r;
}

/* Enters where the output ends, when others have written between. */
static int enter_move(struct map_engine *engine)
{
    struct map_output *output = &engine->output;
    off_t end = output->end < 0 ? -1 : lseek(output->fd, 0, SEEK_CUR);
    if (end < 0 || end == output->end)
        return 0;
    output->end = end;
    return map_joblog_place(&engine->joblog, false, end, output->check);
}

/* Prints as much as is taken. What has ended is entered when all that was put together is written; then there is room for
 * more. */
static void print_all(struct map_engine *engine)
{
    for (bool has_more = true; has_more && !engine->has_given_up;) {
        unsigned count;
        int r = put_results(engine, &count);
        bool has_output = map_output_pending_bytes(&engine->output) > 0;
        has_more = count > 0 || has_output;
        if (r == 0 && has_output)
            map_progress_clear(&engine->progress);
        if (r == 0)
            r = map_output_write(&engine->output);
        if (r)
            map_give_up(engine, "standard output cannot be written: %s", tr_strerror(r));
        if (r || map_output_pending_bytes(&engine->output))
            return;
        r = has_output ? enter_move(engine) : 0;
        if (r == 0)
            r = map_joblog_flush_ended(&engine->joblog);
        if (r)
            map_give_up(engine, "%s cannot be written: %s", engine->options->joblog, strerror(-r));
    }
}

/* A reader that does not read costs so much memory and no more. Whose answers are not read is not late. */
static void see_reader(struct map_engine *engine)
{
    bool was_choked = engine->is_choked;
    engine->is_choked =
        map_output_pending_bytes(&engine->output) &&
        (engine->results.held >= MAP_AHEAD_JOBS || engine->results.held_bytes >= MAP_AHEAD_BYTES ||
         engine->results.held_spills >= MAP_AHEAD_SPILLS);
    for (unsigned i = 0; was_choked && !engine->is_choked && i < engine->options->workers; i++)
        engine->workers[i].hand.since_ns = tri_clock_ns();
}

/* ---------------------------------------------------------------- the loop */

static bool is_over(const struct map_engine *engine)
{
    if (!engine->source.is_at_end || engine->plan.count || engine->results.held ||
        map_output_pending_bytes(&engine->output))
        return false;
    for (unsigned i = 0; i < engine->options->workers; i++)
        if (engine->workers[i].hand.count)
            return false;
    return true;
}

/* What is waited for: signals, the input, who reads the output, and four things of each worker. */
enum { WAIT_SIGNAL, WAIT_INPUT, WAIT_OUTPUT, WAIT_WORKERS, EACH_WORKER = 4 };

static nfds_t list_descriptors(const struct map_engine *engine, struct pollfd *list)
{
    nfds_t count = WAIT_WORKERS;
    bool prints = map_output_pending_bytes(&engine->output) > 0;
    list[WAIT_SIGNAL] = (struct pollfd){.fd = engine->signal_fd, .events = POLLIN};
    list[WAIT_INPUT] =
        (struct pollfd){.fd = wants_jobs(engine) ? engine->source.fd : -1, .events = POLLIN};
    list[WAIT_OUTPUT] = (struct pollfd){.fd = prints ? engine->output.fd : -1, .events = POLLOUT};
    for (unsigned i = 0; i < engine->options->workers; i++) {
        const struct map_worker *worker = &engine->workers[i];
        bool writes = map_pending_bytes(&worker->pending) > 0;
        if (!worker->is_there)
            continue;
        list[count++] = (struct pollfd){.fd = worker->keeper.channel_fd, .events = POLLIN};
        list[count++] =
            (struct pollfd){.fd = engine->is_choked ? -1 : worker->keeper.out_fd, .events = POLLIN};
        list[count++] = (struct pollfd){.fd = worker->keeper.err_fd, .events = POLLIN};
        list[count++] =
            (struct pollfd){.fd = writes ? worker->keeper.in_fd : -1, .events = POLLOUT};
    }
    return count;
}

/* Notes with each worker what there is to be heard. */
static void note_ready(struct map_engine *engine, const struct pollfd *list)
{
    for (unsigned i = 0; i < engine->options->workers; i++) {
        struct map_worker *worker = &engine->workers[i];
        if (!worker->is_there)
            continue;
        worker->has_news = list[0].revents;
        worker->has_answers = list[1].revents;
        worker->has_errors = list[2].revents;
        list += EACH_WORKER;
    }
}

static void hear_signal(struct map_engine *engine)
{
    struct signalfd_siginfo info;
    if (read(engine->signal_fd, &info, sizeof info) == sizeof info)
        engine->stop_signal = (int)info.ssi_signo;
}

static void wait_for_something(struct map_engine *engine)
{
    struct pollfd list[WAIT_WORKERS + EACH_WORKER * MAP_MAX_WORKERS];
    nfds_t count = list_descriptors(engine, list);
    int timeout_ms = tri_poll_timeout_ms(map_next_deadline_ns(engine));
    if (engine->progress.is_shown && (timeout_ms < 0 || timeout_ms > DRAW_MS))
        timeout_ms = DRAW_MS;
    if (poll(list, count, timeout_ms) < 0)
        return;
    note_ready(engine, list + WAIT_WORKERS);
    if (list[WAIT_SIGNAL].revents)
        hear_signal(engine);
    if (list[WAIT_INPUT].revents) {
        int r = map_source_read(&engine->source);
        if (r)
            map_give_up(engine, "the input cannot be read: %s", strerror(-r));
    }
}

static void show_progress(struct map_engine *engine)
{
    const struct map_source *source = &engine->source;
    engine->progress.done = engine->done;
    engine->progress.failed = engine->failed;
    engine->progress.earlier = engine->earlier;
    uint64_t over = engine->done + engine->failed + engine->earlier + engine->earlier_failed;
    if (source->is_at_end && source->number)
        engine->progress.share = (double)over / (double)source->number;
    else if (source->total_bytes && source->number)
        engine->progress.share = (double)source->read_bytes / (double)source->total_bytes *
                                 (double)over / (double)source->number;
    map_progress_draw(&engine->progress);
}

static void turn(struct map_engine *engine)
{
    take_jobs(engine);
    map_give_jobs(engine);
    int r = map_joblog_flush_begun(&engine->joblog);
    if (r)
        map_give_up(engine, "%s cannot be written: %s", engine->options->joblog, strerror(-r));
    if (engine->has_given_up)
        return;
    map_start_workers(engine);
    for (unsigned i = 0; i < engine->options->workers; i++)
        map_worker_write(&engine->workers[i]);
    if (!is_over(engine))
        wait_for_something(engine);
    for (unsigned i = 0; i < engine->options->workers; i++)
        map_serve(engine, &engine->workers[i]);
    map_kill_late(engine);
    print_all(engine);
    see_reader(engine);
    show_progress(engine);
}

/* ---------------------------------------------------------------- beginning and end */

bool map_has_place(char *const *command)
{
    for (; *command; command++)
        if (strstr(*command, "{}"))
            return true;
    return false;
}

static int copy_environment(struct tri_texts *texts)
{
    int r = 0;
    for (char *const *at = environ; r == 0 && *at; at++)
        r = tri_texts_add(texts, strdup(*at));
    return r;
}

/* What is ignored, as nohup and a shell's & have it, stays so. */
static int watch_signals(void)
{
    static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(stops); i++)
        if (sigaction(stops[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&set, stops[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Each worker takes four, one more for what it prints when that is much, and more for a moment; so does what waits to be printed.
 * What cannot be had is told when it is missing. */
static void raise_descriptors(unsigned workers)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)workers * (EACH_WORKER + 1) + MAP_AHEAD_SPILLS + 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool is_same_file(int fd, const char *path)
{
    struct stat one, other;
    return fstat(fd, &one) == 0 && S_ISREG(one.st_mode) && stat(path, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static bool open_joblog(struct map_engine *engine)
{
    const struct map_options *options = engine->options;
    if (!options->joblog)
        return true;
    bool is_output = is_same_file(STDOUT_FILENO, options->joblog);
    if (is_output || is_same_file(STDIN_FILENO, options->joblog)) {
        map_give_up(engine, "%s is the %s of this run, and cannot be its joblog, too",
                    options->joblog, is_output ? "output" : "input");
        return false;
    }
    int r = map_joblog_open(&engine->joblog, options->joblog, options->resume != MAP_RESUME_NO,
                            &engine->past);
    if (r == -EEXIST)
        map_give_up(engine,
                    "%s tells of an earlier run: --resume does the rest of it, or remove the file",
                    options->joblog);
    else if (r == -EWOULDBLOCK)
        map_give_up(engine, "%s is in use by a run that is under way", options->joblog);
    else if (r == -EINVAL)
        map_give_up(engine, "%s is no joblog of troupe map", options->joblog);
    else if (r)
        map_give_up(engine, "%s cannot be opened: %s", options->joblog, strerror(-r));
    return r == 0;
}

static bool open_output(struct map_engine *engine)
{
    int r =
        map_output_init(&engine->output, STDOUT_FILENO, &engine->options->framing,
                        engine->past.output_end, engine->past.output_check, !engine->past.is_over);
    if (r == 0)
        r = map_joblog_run(&engine->joblog, engine->options->command, engine->output.end,
                           engine->output.check);
    if (r == -ESPIPE)
        map_give_up(engine, "the output is shorter than %s tells: it was to be appended to, by >>",
                    engine->options->joblog);
    else if (r)
        map_give_up(engine, "standard output cannot be used: %s", strerror(-r));
    return r == 0;
}

static bool prepare_confinement(struct map_engine *engine)
{
    const char *path = "";
    int r = map_confine_init(&engine->confine, &engine->options->confinement, &path);
    if (r)
        map_give_up(engine, "the sandbox cannot be prepared: %s%s%s", path, *path ? ": " : "",
                    strerror(-r));
    return r == 0;
}

static bool begin(struct map_engine *engine)
{
    const struct map_options *options = engine->options;
    engine->is_per_job = map_has_place(options->command);
    engine->raw = (struct tri_framing){.kind = TR_FRAMING_STREAM, .max_bytes = 2 * MAP_SPILL_BYTES};
    engine->spec.framing = options->framing;
    engine->spec.standard_error = TR_STDERR_MESSAGES;
    if (copy_environment(&engine->spec.environment)) {
        map_give_up(engine, "%s", strerror(ENOMEM));
        return false;
    }
    engine->workers = calloc(options->workers, sizeof *engine->workers);
    engine->failures = calloc(MAP_TOLD_FAILURES, sizeof *engine->failures);
    engine->control_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    engine->signal_fd = watch_signals();
    if (!engine->workers || !engine->failures || engine->control_fd < 0 || engine->signal_fd < 0 ||
        map_results_init(&engine->results, options->is_ordered)) {
        map_give_up(engine, "%s", strerror(errno));
        return false;
    }
    map_plan_init(&engine->plan, options->retries,
                  options->is_once || engine->is_per_job ? 1 : MAX_WINDOW);
    raise_descriptors(options->workers);
    map_source_init(&engine->source, STDIN_FILENO, &options->framing);
    map_progress_init(&engine->progress, !options->is_quiet && isatty(STDERR_FILENO));
    return open_joblog(engine) && open_output(engine) && prepare_confinement(engine);
}

static void end(struct map_engine *engine)
{
    struct map_job *job;
    tri_sweep(0, SWEEP_MS);
    while ((job = TAILQ_FIRST(&engine->plan.waiting))) {
        TAILQ_REMOVE(&engine->plan.waiting, job, of_queue);
        free(job);
    }
    map_source_deinit(&engine->source);
    map_results_deinit(&engine->results);
    map_output_deinit(&engine->output);
    map_joblog_close(&engine->joblog);
    map_past_deinit(&engine->past);
    tri_fd_close(&engine->control_fd);
    tri_fd_close(&engine->signal_fd);
    tri_program_spec_deinit(&engine->spec);
    map_confine_deinit(&engine->confine);
    free(engine->workers);
    free(engine->failures);
}

/* All that was printed is entered. */
static void enter_end(struct map_engine *engine)
{
    if (engine->has_given_up || map_output_pending_bytes(&engine->output))
        return;
    int r = map_joblog_place(&engine->joblog, true, engine->output.end, engine->output.check);
    if (r == 0)
        r = map_joblog_flush_ended(&engine->joblog);
    if (r)
        map_give_up(engine, "%s cannot be written: %s", engine->options->joblog, strerror(-r));
}

static int exit_status(const struct map_engine *engine)
{
    if (engine->stop_signal)
        return 128 + engine->stop_signal;
    if (engine->has_given_up)
        return MAP_COULD_NOT_RUN;
    return engine->failed || engine->earlier_failed || engine->has_extra ? MAP_SOME_FAILED
                                                                         : MAP_DONE;
}

int map_run(const struct map_options *options)
{
    struct map_engine engine = {.options = options,
                                .signal_fd = -1,
                                .control_fd = -1,
                                .joblog = {.fd = -1},
                                .past = {.output_end = -1}};
    TAILQ_INIT(&engine.plan.waiting);
    STAILQ_INIT(&engine.results.ready);
    if (begin(&engine))
        while (!engine.has_given_up && !engine.stop_signal && !is_over(&engine))
            turn(&engine);
    enter_end(&engine);
    map_end_workers(&engine, !engine.has_given_up && !engine.stop_signal);
    map_progress_clear(&engine.progress);
    if (!engine.has_given_up || engine.done + engine.failed > 0)
        map_tell_summary(&engine);
    int answer = exit_status(&engine);
    end(&engine);
    return answer;
}
