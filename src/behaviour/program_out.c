/* Program, standard output and error: what is read is sent before more is read, so that a slow owner slows the program. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "behaviour/program.h"
#include "behaviour/question.h"
#include "term/utf8.h"

/* How many reads in a row before something else has its turn. */
#define READS_AT_ONCE 16
/* What one line of the log holds. */
#define LOG_BYTES 900

/* ---------------------------------------------------------------- to the owner */

bool tri_program_tell(struct tri_program *program, struct tri_pattern **cache, const char *pattern,
                      struct tr_holes holes)
{
    const char *name = program->spec.owner_name;
    struct tr_to to = name ? tri_to_name(name) : tri_to_pid(program->spec.owner);
    if (program->spec.has_no_owner)
        return true;
    /* What it sends to itself is never held back: a program that prints for ever would fill the memory. */
    bool is_own = tr_pid_equal(tri_to_whom(program->process, to), program->process->self);
    int r = is_own ? TR_NOPROC : tri_send_nowait(to, cache, pattern, holes);
    if (r == 0)
        return true;
    if (r != TR_BUSY)
        program->retry_ns = tri_deadline_ns(TRI_PROGRAM_RETRY_MS);
    return false;
}

static bool send_frame(struct tri_program *program, const struct tri_program_output *output,
                       const struct tri_frame *frame)
{
    tr_bin bytes = {frame->data, frame->size_bytes};
    bool is_whole = frame->kind == TRI_FRAME_WHOLE;
    if (output->is_stderr)
        return is_whole ? tri_program_tells(program, "{stderr, {eol, Line}}", bytes)
                        : tri_program_tells(program, "{stderr, {noeol, Part}}", bytes);
    if (output->framer.framing.kind != TR_FRAMING_LINE)
        return tri_program_tells(program, "{data, Data}", bytes);
    return is_whole ? tri_program_tells(program, "{data, {eol, Line}}", bytes)
                    : tri_program_tells(program, "{data, {noeol, Part}}", bytes);
}

/* ---------------------------------------------------------------- to the log */

/* One character, or one byte that is none, as the log shows it. How many bytes of the frame that are. */
static size_t show(const uint8_t *at, const uint8_t *end, char *text, size_t *length)
{
    uint32_t character;
    unsigned bytes = tri_utf8_decode(at, end, &character);
    bool is_plain = bytes > 0 && (character == '\t' || (character >= ' ' && character < 0x7f) ||
                                  character > 0x9f);
    if (is_plain) {
        memcpy(text + *length, at, bytes);
        *length += bytes;
        return bytes;
    }
    *length += (size_t)sprintf(text + *length, "\\x%02x", *at);
    return 1;
}

static void log_frame(const struct tri_frame *frame)
{
    const uint8_t *at = frame->data, *end = at + frame->size_bytes;
    char text[LOG_BYTES + 8];
    do {
        size_t length = 0;
        while (at < end && length < LOG_BYTES)
            at += show(at, end, text, &length);
        text[length] = '\0';
        tri_warn("%s", text);
    } while (at < end);
}

/* ---------------------------------------------------------------- reading */

void tri_program_close_output(struct tri_program *program, struct tri_program_output *output)
{
    tri_program_close_pipe(program, &output->pipe);
    tri_framer_deinit(&output->framer);
    output->framer.is_at_end = true;
    output->is_blocked = false;
    output->has_told_end = true;
}

bool tri_program_is_read(const struct tri_program_output *output) { return output->has_told_end; }

/* Sends all whole frames. False: the owner has no room. */
static bool send_frames(struct tri_program *program, struct tri_program_output *output)
{
    for (;;) {
        struct tri_frame frame = tri_framer_next(&output->framer);
        if (frame.kind == TRI_FRAME_NONE)
            return true;
        if (frame.kind == TRI_FRAME_TOO_LONG || frame.kind == TRI_FRAME_CUT) {
            tri_program_close_output(program, output);
            tri_program_bad_frame(program, &frame);
            return true;
        }
        if (output->goes_to_log)
            log_frame(&frame);
        else if (!send_frame(program, output, &frame))
            return false;
        tri_framer_drop(&output->framer);
    }
}

/* Reads once. 1: something came, or the stream has ended; 0: there is nothing now; -ENOMEM. */
static int read_once(struct tri_program *program, struct tri_program_output *output)
{
    uint8_t *at;
    size_t room;
    int r = tri_framer_room(&output->framer, &at, &room);
    if (r) {
        program->retry_ns = tri_deadline_ns(TRI_PROGRAM_RETRY_MS);
        return r;
    }
    ssize_t n = read(output->pipe.fd, at, room);
    if (n < 0 && errno == EINTR)
        return 1;
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n > 0) {
        tri_framer_came(&output->framer, (size_t)n);
        return 1;
    }
    tri_program_close_pipe(program, &output->pipe);
    output->framer.is_at_end = true;
    return 1;
}

/* Everything has been sent: its end is told. */
static bool send_end(struct tri_program *program, struct tri_program_output *output)
{
    if (!output->is_stderr && !output->has_told_end && !tri_program_tells(program, "eof"))
        return false;
    output->has_told_end = true;
    tri_framer_deinit(&output->framer);
    return true;
}

void tri_program_read(struct tri_program *program, struct tri_program_output *output)
{
    bool has_room = true;
    int came = 1;
    for (int i = 0; i < READS_AT_ONCE && has_room && came > 0; i++) {
        has_room = send_frames(program, output);
        if (!has_room || output->has_told_end)
            break;
        if (output->pipe.fd < 0)
            has_room = send_end(program, output);
        else
            came = read_once(program, output);
        if (output->has_told_end)
            break;
    }
    output->is_blocked = !has_room || came < 0;
    tri_program_watch(program, &output->pipe, output->is_blocked ? 0 : EPOLLIN);
}
