/* Report: everything that is known of an end, as one term, and as the text of one, which Erlang's file:consult/1 reads.
 *
 * It is a map. What names a process is a binary ("<0.5.1>"), in messages and reasons too, because the text of a pid is
 * nothing that could be read again. Keys, of which those may be missing that nothing is known for:
 *
 *     id, time (ISO 8601, UTC), node, pid, os_pid, parent, entry, name, image      binaries, but for os_pid
 *     started, ended           as time                   restarts     how many it had replaced
 *     last_exit                how the one ended that it had replaced
 *     reason                   term                      code, status  as waitid tells them
 *     at                       where it was              backtrace     as tri_backtrace_put makes it
 *     thread                   #{id, name}, when it was not the actor's own thread
 *     registers                #{name => value}
 *     in_hand                  a message, as below: what it was working on
 *     last_in, last_out        lists of messages, the newest first
 *     stderr                   its last lines            limits, usage maps
 *     links                    [pid]                     core          path of the core file
 *     core_handler             the program that the system gives cores to
 *
 * A message is #{from or to, size, term} or, when the copy is cut or no term, #{from or to, size, bytes}. */
#ifndef TRI_CORONER_REPORT_H
#define TRI_CORONER_REPORT_H

#include "coroner/symbols.h"
#include "wire/box.h"
#include "wire/crash.h"

#define TRI_REPORT_MESSAGES 5u

/* What is known. NULL and empty: nothing. */
struct tri_report {
    const char *id;   /* NULL: it is not kept */
    uint64_t time_ns; /* since 1970 */
    tr_term facts;    /* wire/inquest.h; has been checked */
    const struct tri_crash *crash;
    const struct tri_frame *frames;
    size_t frame_count;
    struct tri_kept in_hand; /* bytes NULL: there was none */
    struct tri_kept last_in[TRI_REPORT_MESSAGES], last_out[TRI_REPORT_MESSAGES];
    size_t in_count, out_count;
    tr_bin errors; /* the end of what it wrote to standard error */
};

/* Appends the report. */
void tri_report_put(struct tr_out *out, const struct tri_report *report);

/* Appends what the node is answered: {Reason, ReportId}, as wire/inquest.h tells. */
void tri_report_put_answer(struct tr_out *out, const struct tri_report *report);

/* The text of a report's term, one key a line, in memory that the caller frees. NULL when there is no memory, or when it is no
 * map. */
char *tri_report_text(tr_term report);

/* Reads such a text: appends the term. 0; TR_MALFORMED: it is no report; -ENOMEM. */
int tri_report_parse(const char *text, struct tr_out *out);

#endif
