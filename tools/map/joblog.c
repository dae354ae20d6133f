/* Joblog: lines are put together in memory, and written many at once. */
#include "map/joblog.h"

#include <ctype.h>
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
/* Jobs are begun in their order, each with a line. So a number that is higher than the lines before it is a spoilt file's, and
 * would cost memory; but a few lines may have been taken out of it by hand. */
#define LINES_MISSING 65536u

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

/* A number that is the whole text. */
static bool read_number(const char *text, int base, uint64_t *ret_number)
{
    char *end;
    errno = 0;
    *ret_number = strtoull(text, &end, base);
    return errno == 0 && end > text && !*end && isxdigit((unsigned char)*text);
}

/* Takes a line apart, in place, which stands at that place in the file. 0, -EINVAL, -ENOMEM. */
static int read_line(struct map_past *past, char *line, size_t line_number)
{
    char *columns[COLUMNS];
    uint64_t number, check, output_end = 0;
    for (int i = 0; i < COLUMNS; i++)
        if (!(columns[i] = strsep(&line, "\t")))
            return -EINVAL;
    bool has_end = strcmp(columns[END], "-") != 0;
    if (line || !read_number(columns[NUMBER], 10, &number) ||
        !read_number(columns[CHECK], 16, &check) || check > UINT32_MAX ||
        number > line_number + LINES_MISSING ||
        (has_end && (!read_number(columns[END], 10, &output_end) || output_end > INT64_MAX)))
        return -EINVAL;
    if (number == 0) {
        past->output_check = (uint32_t)check;
        past->output_end = has_end ? (int64_t)output_end : -1;
        past->is_over = strcmp(columns[RESULT], "over") == 0;
        return past->is_over || strcmp(columns[RESULT], "run") == 0 ||
                       strcmp(columns[RESULT], "moved") == 0
                   ? 0
                   : -EINVAL;
    }
    struct map_past_job *job = past_job(past, number);
    if (!job)
        return -ENOMEM;
    past->last = number > past->last ? number : past->last;
    job->check = (uint32_t)check;
    job->state = (uint8_t)state_of(columns[RESULT]);
    if (job->state != MAP_PAST_BEGUN)
        past->output_end = has_end ? (int64_t)output_end : -1;
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
    if ((size_t)n < strlen(HEAD))
        return memcmp(text, HEAD, (size_t)n) ? -EINVAL : ftruncate(fd, 0) < 0 ? -errno : 0;
    if (memcmp(text, HEAD, strlen(HEAD)) != 0)
        return -EINVAL;
    char *at = text + strlen(HEAD), *end;
    size_t rest = (size_t)n - strlen(HEAD);
    for (size_t lines = 1; (end = memchr(at, '\n', rest)); lines++) {
        *end = '\0';
        int r = strlen(at) == (size_t)(end - at) ? read_line(past, at, lines) : -EINVAL;
        if (r)
            return r;
        rest -= (size_t)(end + 1 - at);
        at = end + 1;
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
    if (r == 0 && fstat(joblog->fd, &status) == 0 && status.st_size == 0)
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
    free(joblog->begun.text);
    free(joblog->ended.text);
    tri_fd_close(&joblog->fd);
    *joblog = (struct map_joblog){.fd = -1};
}

/* ---------------------------------------------------------------- lines */

/* The beginning of a text, with nothing in it that would be another column or line. */
static void show(const uint8_t *bytes, size_t size_bytes, char text[4 * JOB_BYTES + 4])
{
    size_t shown = size_bytes < JOB_BYTES ? size_bytes : JOB_BYTES;
    char *at = text;
    for (size_t i = 0; i < shown; i++) {
        uint8_t byte = bytes[i];
        at += byte < 0x20 || byte == 0x7f || byte == '\\' ? sprintf(at, "\\x%02x", byte)
                                                          : sprintf(at, "%c", byte);
    }
    strcpy(at, shown < size_bytes ? "…" : "");
}

/* What all kinds of lines have. */
struct entry {
    uint64_t number, began_wall_ns, took_ns;
    unsigned tries;
    const char *result;
    int64_t output_end;
    uint32_t check;
    const uint8_t *bytes;
    size_t size_bytes;
};

static int enter(struct map_lines *lines, const struct entry *entry)
{
    char shown[4 * JOB_BYTES + 4], end[24] = "-";
    if (lines->capacity - lines->size_bytes < LINE_BYTES) {
        size_t capacity = 2 * lines->capacity + 64 * LINE_BYTES;
        char *text = realloc(lines->text, capacity);
        if (!text)
            return -ENOMEM;
        lines->text = text;
        lines->capacity = capacity;
    }
    show(entry->bytes, entry->size_bytes, shown);
    if (entry->output_end >= 0)
        snprintf(end, sizeof end, "%" PRId64, entry->output_end);
    lines->size_bytes +=
        (size_t)snprintf(lines->text + lines->size_bytes, LINE_BYTES,
                         "%" PRIu64 "\t%.3f\t%.6f\t%u\t%s\t%s\t%08" PRIx32 "\t%s\n", entry->number,
                         (double)entry->began_wall_ns / 1e9, (double)entry->took_ns / 1e9,
                         entry->tries, entry->result, end, entry->check, shown);
    return 0;
}

static int enter_job(struct map_lines *lines, const struct map_job *job, uint64_t took_ns,
                     const char *result, int64_t output_end)
{
    struct entry entry = {job->number, job->began_wall_ns, took_ns,    job->tries,     result,
                          output_end,  check_of(job),      job->bytes, job->size_bytes};
    return enter(lines, &entry);
}

int map_joblog_run(struct map_joblog *joblog, char *const *command, int64_t output_end,
                   uint32_t output_check)
{
    char text[JOB_BYTES + 2] = "";
    size_t length = 0;
    if (joblog->fd < 0)
        return 0;
    for (; *command && length < sizeof text; command++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", length ? " " : "",
                                   *command);
    struct entry entry = {.began_wall_ns = tri_clock_wall_ns(),
                          .result = "run",
                          .output_end = output_end,
                          .check = output_check,
                          .bytes = (const uint8_t *)text,
                          .size_bytes = strlen(text)};
    return enter(&joblog->begun, &entry);
}

int map_joblog_place(struct map_joblog *joblog, bool is_over, int64_t output_end,
                     uint32_t output_check)
{
    const struct entry entry = {.began_wall_ns = tri_clock_wall_ns(),
                                .result = is_over ? "over" : "moved",
                                .output_end = output_end,
                                .check = output_check,
                                .bytes = (const uint8_t *)""};
    return joblog->fd < 0 ? 0 : enter(&joblog->ended, &entry);
}

int map_joblog_begun(struct map_joblog *joblog, const struct map_job *job)
{
    return joblog->fd < 0 ? 0 : enter_job(&joblog->begun, job, 0, "begun", -1);
}

int map_joblog_ended(struct map_joblog *joblog, const struct map_result *result, int64_t output_end)
{
    return joblog->fd < 0 ? 0
                          : enter_job(&joblog->ended, result->job, result->took_ns,
                                      result->why[0] ? result->why : "ok", output_end);
}

static int flush_lines(int fd, struct map_lines *lines)
{
    int r = lines->size_bytes ? tri_fd_write_all(fd, lines->text, lines->size_bytes) : 0;
    lines->size_bytes = 0;
    return r;
}

int map_joblog_flush_begun(struct map_joblog *joblog)
{
    return flush_lines(joblog->fd, &joblog->begun);
}

int map_joblog_flush_ended(struct map_joblog *joblog)
{
    return flush_lines(joblog->fd, &joblog->ended);
}
