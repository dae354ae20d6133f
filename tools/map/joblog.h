/* Joblog: a line for each job that is begun, and one for each that has ended, so that a run that was killed can go on where it
 * was. Text, with tabs, a head line, and these columns:
 *
 *     Number  Start  Seconds  Tries  Result  End  Check  Job
 *
 * Result is `begun`, `ok`, or why it has failed. A line `begun` stands in the file before a worker gets the job, one with an end
 * when what the job has printed is written; End is where that ends in the output, when it goes to a file, so that what a killed
 * run has printed and not entered can be taken away again. Check is a checksum of the job's bytes: another input is noticed.
 * Each run begins with a line of number 0 and the result `run`: End is where its output begins, Check tells files apart, and Job
 * is the command. One that ends in order ends with a line of number 0 and the result `over`: all that it has printed is entered,
 * and what stands behind that in the file is another's. One with the result `moved` stands where others, such as the workers
 * with their standard error, have written into the same file: End is where the output ends in truth. */
#ifndef TROUPE_MAP_JOBLOG_H
#define TROUPE_MAP_JOBLOG_H

#include "map/results.h"

enum map_past_state { MAP_PAST_NONE, MAP_PAST_BEGUN, MAP_PAST_FAILED, MAP_PAST_DONE };

struct map_past_job {
    uint32_t check;
    uint8_t state; /* enum map_past_state */
};

/* What an earlier run has left. */
struct map_past {
    struct map_past_job *at; /* by number - 1 */
    uint64_t count;
    uint64_t last;                /* the highest number that is told of */
    uint64_t done, failed, begun; /* how many are so */
    int64_t output_end;           /* of all that has been entered; -1: its output was no file */
    uint32_t output_check;        /* which file that was */
    bool is_over;                 /* nothing was printed that is not entered */
};

/* Lines that are not written yet. */
struct map_lines {
    char *text;
    size_t size_bytes, capacity;
};

struct map_joblog {
    int fd;                        /* -1: there is none */
    struct map_lines begun, ended; /* two, because what has ended waits for the output */
};

/* Opens a joblog, which nobody else may have open for that.
 *   resumes    reads what is there; otherwise there must be nothing
 * 0; a negative errno: -EEXIST: there is one, and resumes is false; -EWOULDBLOCK: another run has it; -EINVAL: it is none */
int map_joblog_open(struct map_joblog *joblog, const char *path, bool resumes,
                    struct map_past *ret_past);
void map_joblog_close(struct map_joblog *joblog);
void map_past_deinit(struct map_past *past);

/* What became of that job earlier.
 *   ret_differs   it is not the same job */
enum map_past_state map_past_of(const struct map_past *past, const struct map_job *job,
                                bool *ret_differs);

/* Enters a line, in memory. 0 or -ENOMEM. Without a joblog they do nothing. */
int map_joblog_run(struct map_joblog *joblog, char *const *command, int64_t output_end,
                   uint32_t output_check);
int map_joblog_place(struct map_joblog *joblog, bool is_over, int64_t output_end,
                     uint32_t output_check);
int map_joblog_begun(struct map_joblog *joblog, const struct map_job *job);
int map_joblog_ended(struct map_joblog *joblog, const struct map_result *result,
                     int64_t output_end);
/* Writes what has been entered: of what was begun; or of what has ended. 0 or a negative errno. */
int map_joblog_flush_begun(struct map_joblog *joblog);
int map_joblog_flush_ended(struct map_joblog *joblog);

#endif
