/* Joblog: lines are put together in memory, and written many at once. */
#include "map/joblog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/checksum.h"
#include "base/clock.h"
#include "base/fd.h"

#define HEAD "Number\tStart\tSeconds\tTries\tResult\tEnd\tCheck\tJob\n"
/* So much of a job is shown. */
#define JOB_BYTES 80
/* The longest line: escaped, a byte of the job takes four. */
#define LINE_BYTES (256 + 4 * JOB_BYTES)
/* Numbers beyond are nobody's, but a spoilt file's. */
#define MAX_NUMBER ((uint64_t)1 << 32)

/* ---------------------------------------------------------------- the past */

/* Makes room for that number. */
static struct map_past_job *past_job(struct map_past *past, uint64_t number)
{
    if (number > past->count) {
        uint64_t count = past->count ? past->count : 1024;
        while (count < number)
            count *= 2;
        struct map_past_job *at = reallocarray(past->at, count, sizeof *at);
        if (!at)
            return NULL;
        memset(at + past->count, 0, (count - past->count) * sizeof *at);
        past->at = at;
        past->count = count;
    }
    return &past->at[number - 1];
}

static enum map_past_state state_of(const char *result)
{
    return strcmp(result, "begun") == 0 ? MAP_PAST_BEGUN
           : strcmp(result, "ok") == 0  ? MAP_PAST_DONE
                                        : MAP_PAST_FAILED;
}

enum column { NUMBER, START, SECONDS, TRIES, RESULT, END, CHECK, JOB, COLUMNS };

/* Takes a line apart, in place. 0, -EINVAL, -ENOMEM. */
static int read_line(struct map_past *past, char *line)
{
    char *columns[COLUMNS], *end;
    for (int i = 0; i < COLUMNS; i++)
        if (!(columns[i] = strsep(&line, "\t")))
            return -EINVAL;
    uint64_t number = strtoull(columns[NUMBER], &end, 10);
    if (*end || number == 0 || number > MAX_NUMBER)
        return -EINVAL;
    struct map_past_job *job = past_job(past, number);
    if (!job)
        return -ENOMEM;
    job->check = (uint32_t)strtoul(columns[CHECK], NULL, 16);
    job->state = (uint8_t)state_of(columns[RESULT]);
    if (job->state != MAP_PAST_BEGUN)
        past->output_end = columns[END][0] == '-' ? -1 : strtoll(columns[END], NULL, 10);
    return 0;
}

static void count_states(struct map_past *past)
{
    for (uint64_t i = 0; i < past->count; i++) {
        past->done += past->at[i].state == MAP_PAST_DONE;
        past->failed += past->at[i].state == MAP_PAST_FAILED;
        past->begun += past->at[i].state == MAP_PAST_BEGUN;
    }
}

/* Reads the lines. What a killed run has left of one goes. 0, -EINVAL, or another negative errno. */
static int read_lines(struct map_past *past, int fd, size_t size_bytes)
{
    TRI_AUTO(tri_freep) char *text = malloc(size_bytes + 1);
    if (!text)
        return -ENOMEM;
    ssize_t n = tri_fd_read_at(fd, text, size_bytes, 0);
    if (n < 0)
        return (int)n;
    text[n] = '\0';
    if ((size_t)n < strlen(HEAD) || memcmp(text, HEAD, strlen(HEAD)) != 0)
        return n == 0 ? 0 : -EINVAL;
    char *at = text + strlen(HEAD), *end;
    for (; (end = strchr(at, '\n')); at = end + 1) {
        *end = '\0';
        int r = read_line(past, at);
        if (r)
            return r;
    }
    count_states(past);
    return ftruncate(fd, at - text) < 0 ? -errno : 0;
}

void map_past_deinit(struct map_past *past)
{
    free(past->at);
    *past = (struct map_past){.output_end = -1};
}

static uint32_t check_of(const struct map_job *job)
{
    return tri_checksum(0, job->bytes, job->size_bytes);
}

enum map_past_state map_past_of(const struct map_past *past, const struct map_job *job,
                                bool *ret_differs)
{
    *ret_differs = false;
    if (job->number > past->count)
        return MAP_PAST_NONE;
    const struct map_past_job *earlier = &past->at[job->number - 1];
    *ret_differs = earlier->state != MAP_PAST_NONE && earlier->check != check_of(job);
    return (enum map_past_state)earlier->state;
}

/* ---------------------------------------------------------------- the file */

static int begin(struct map_joblog *joblog, bool resumes, struct map_past *past)
{
    struct stat status;
    if (flock(joblog->fd, LOCK_EX | LOCK_NB) < 0 || fstat(joblog->fd, &status) < 0)
        return -errno;
    if (status.st_size > 0 && !resumes)
        return -EEXIST;
    int r = read_lines(past, joblog->fd, (size_t)status.st_size);
    if (r == 0 && status.st_size == 0)
        r = tri_fd_write_all(joblog->fd, HEAD, strlen(HEAD));
    return r;
}

int map_joblog_open(struct map_joblog *joblog, const char *path, bool resumes,
                    struct map_past *ret_past)
{
    *joblog = (struct map_joblog){.fd = -1};
    *ret_past = (struct map_past){.output_end = -1};
    joblog->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (joblog->fd < 0)
        return -errno;
    int r = begin(joblog, resumes, ret_past);
    if (r) {
        tri_fd_close(&joblog->fd);
        map_past_deinit(ret_past);
    }
    return r;
}

void map_joblog_close(struct map_joblog *joblog)
{
    free(joblog->text);
    tri_fd_close(&joblog->fd);
    *joblog = (struct map_joblog){.fd = -1};
}

/* ---------------------------------------------------------------- lines */

/* The beginning of the job, with nothing in it that would be another column or line. */
static void show_job(const struct map_job *job, char text[4 * JOB_BYTES + 4])
{
    size_t shown = job->size_bytes < JOB_BYTES ? job->size_bytes : JOB_BYTES;
    char *at = text;
    for (size_t i = 0; i < shown; i++) {
        uint8_t byte = job->bytes[i];
        at += byte < 0x20 || byte == 0x7f || byte == '\\' ? sprintf(at, "\\x%02x", byte)
                                                          : sprintf(at, "%c", byte);
    }
    strcpy(at, shown < job->size_bytes ? "…" : "");
}

static int enter(struct map_joblog *joblog, const struct map_job *job, uint64_t took_ns,
                 const char *result, int64_t output_end)
{
    char shown[4 * JOB_BYTES + 4], end[24] = "-";
    if (joblog->fd < 0)
        return 0;
    if (joblog->capacity - joblog->size_bytes < LINE_BYTES) {
        size_t capacity = 2 * joblog->capacity + 64 * LINE_BYTES;
        char *text = realloc(joblog->text, capacity);
        if (!text)
            return -ENOMEM;
        joblog->text = text;
        joblog->capacity = capacity;
    }
    show_job(job, shown);
    if (output_end >= 0)
        snprintf(end, sizeof end, "%" PRId64, output_end);
    joblog->size_bytes +=
        (size_t)snprintf(joblog->text + joblog->size_bytes, LINE_BYTES,
                         "%" PRIu64 "\t%.3f\t%.6f\t%u\t%s\t%s\t%08" PRIx32 "\t%s\n", job->number,
                         (double)job->began_wall_ns / 1e9, (double)took_ns / 1e9, job->tries,
                         result, end, check_of(job), shown);
    return 0;
}

int map_joblog_begun(struct map_joblog *joblog, const struct map_job *job)
{
    return enter(joblog, job, 0, "begun", -1);
}

int map_joblog_ended(struct map_joblog *joblog, const struct map_result *result, int64_t output_end)
{
    return enter(joblog, result->job, result->took_ns, result->why[0] ? result->why : "ok",
                 output_end);
}

int map_joblog_flush(struct map_joblog *joblog)
{
    int r = joblog->size_bytes ? tri_fd_write_all(joblog->fd, joblog->text, joblog->size_bytes) : 0;
    joblog->size_bytes = 0;
    return r;
}
