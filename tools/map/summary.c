/* Summary: how many jobs are done, and which are not, and why. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "map/engine.h"

/* What a person can read of a job, on one line. */
static void show(const struct map_job *job, char *text, size_t text_bytes)
{
    size_t shown = job->size_bytes < text_bytes - 4 ? job->size_bytes : text_bytes - 4;
    for (size_t i = 0; i < shown; i++)
        text[i] = job->bytes[i] < 0x20 || job->bytes[i] == 0x7f ? '.' : (char)job->bytes[i];
    strcpy(text + shown, shown < job->size_bytes ? "…" : "");
}

void map_note_failure(struct map_engine *engine, const struct map_job *job, const char *why,
                      const char *last_words)
{
    if (engine->failure_count == MAP_TOLD_FAILURES)
        return;
    struct map_failure *failure = &engine->failures[engine->failure_count++];
    failure->number = job->number;
    failure->tries = job->tries;
    snprintf(failure->why, sizeof failure->why, "%s", why);
    snprintf(failure->last_words, sizeof failure->last_words, "%s", last_words);
    show(job, failure->job, sizeof failure->job);
}

static int by_number(const void *a, const void *b)
{
    const struct map_failure *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

static void tell_failures(const struct map_engine *engine)
{
    int width = 6;
    qsort(engine->failures, engine->failure_count, sizeof *engine->failures, by_number);
    for (size_t i = 0; i < engine->failure_count; i++)
        if ((int)strlen(engine->failures[i].why) > width)
            width = (int)strlen(engine->failures[i].why);
    fprintf(stderr, "%10s  %5s  %-*s  %s\n", "FAILED JOB", "TRIES", width, "REASON", "INPUT");
    for (size_t i = 0; i < engine->failure_count; i++) {
        const struct map_failure *failure = &engine->failures[i];
        fprintf(stderr, "%10" PRIu64 "  %5u  %-*s  %s\n", failure->number, failure->tries, width,
                failure->why, failure->job);
        if (failure->last_words[0])
            fprintf(stderr, "%10s  %5s  %s\n", "", "", failure->last_words);
    }
    if (engine->failed > engine->failure_count)
        fprintf(stderr, "… and %" PRIu64 " more%s%s\n", engine->failed - engine->failure_count,
                engine->options->joblog ? ": see " : "",
                engine->options->joblog ? engine->options->joblog : "; --joblog would tell which");
}

/* A worker that keeps its answers in a buffer looks like one that hangs. */
static bool looks_buffered(const struct map_engine *engine)
{
    return engine->done == 0 && !engine->is_per_job && engine->failure_count &&
           strcmp(engine->failures[0].why, "timeout") == 0;
}

void map_tell_summary(const struct map_engine *engine)
{
    char took[32];
    uint64_t elapsed_ns = tri_clock_ns() - engine->progress.began_ns;
    uint64_t ended = engine->done + engine->failed;
    if (engine->failed)
        tell_failures(engine);
    if (looks_buffered(engine))
        fputs("troupe: no worker has ever answered: does it flush its output after each answer? "
              "Try stdbuf -oL, or python3 -u\n",
              stderr);
    if (engine->idle_ends)
        fprintf(stderr,
                "troupe: %" PRIu64 " %s ended with no job in hand (%s%s); jobs that were not read "
                "went to others\n",
                engine->idle_ends, engine->idle_ends == 1 ? "worker" : "workers",
                engine->idle_ends == 1 ? "" : "the last: ", engine->idle_end);
    if (engine->has_extra)
        fputs(
            "troupe: a worker has given more answers than it had jobs, so that not each may stand "
            "with its own\n",
            stderr);
    if (!engine->failed && !engine->stop_signal && !engine->progress.is_shown && !engine->earlier &&
        !engine->earlier_failed && !engine->again)
        return;
    map_progress_time(elapsed_ns / TRI_NS_PER_S, took);
    fprintf(stderr, "troupe: %" PRIu64 " done, %" PRIu64 " failed in %s (%.0f/s)", engine->done,
            engine->failed, took, (double)ended * 1e9 / (double)(elapsed_ns ? elapsed_ns : 1));
    if (engine->earlier)
        fprintf(stderr, "; %" PRIu64 " done by an earlier run", engine->earlier);
    if (engine->earlier_failed)
        fprintf(stderr, "; %" PRIu64 " failed in an earlier run, --resume-failed tries again",
                engine->earlier_failed);
    if (engine->again)
        fprintf(stderr, "; %" PRIu64 " begun more than once", engine->again);
    fputc('\n', stderr);
    if (engine->stop_signal && engine->options->joblog)
        fprintf(stderr, "troupe: interrupted; the same with --resume does the rest%s\n",
                engine->output.end >= 0 ? ", with >> for the output" : "");
}
