/* Program, standard input: one message is in hand; while it waits for the pipe no other is taken from the mailbox, whose bound
 * makes the senders wait. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "behaviour/program.h"

/* A closed pipe is ready for ever, so what is not waited for must not be in the set at all. */
void tri_program_watch(struct tri_program *program, struct tri_program_pipe *pipe, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = pipe->fd};
    if (pipe->fd < 0 || pipe->is_watched == (events != 0))
        return;
    if (epoll_ctl(program->beside.epoll_fd, events ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, pipe->fd,
                  &event) < 0) {
        program->retry_ns = tri_deadline_ns(TRI_PROGRAM_RETRY_MS); /* no memory */
        return;
    }
    pipe->is_watched = events != 0;
}

void tri_program_close_pipe(struct tri_program *program, struct tri_program_pipe *pipe)
{
    tri_program_watch(program, pipe, 0);
    tri_fd_close(&pipe->fd);
    pipe->is_watched = false;
}

static void let_go(struct tri_program_input *input)
{
    tr_message_free(input->message);
    input->message = NULL;
    input->flat.size_bytes = 0;
    if (input->flat.capacity_bytes > TR_PROGRAM_LINE_BYTES)
        tri_bytes_deinit(&input->flat);
}

void tri_program_close_input(struct tri_program *program)
{
    let_go(&program->input);
    tri_program_close_pipe(program, &program->input.pipe);
}

/* Nobody reads any more what is sent to the program. */
static void tell_closed(struct tri_program *program)
{
    struct tri_program_input *input = &program->input;
    let_go(input);
    if (input->has_told_closed || program->phase != TRI_PROGRAM_RUNNING)
        return;
    input->has_told_closed = true;
    tri_info("%s reads no more: what is sent to it is dropped", program->spec.path);
    tri_program_tells(program, "{error, epipe}");
}

bool tri_program_write_on(struct tri_program *program)
{
    struct tri_program_input *input = &program->input;
    size_t whole = input->head_bytes + input->body.size_bytes;
    while (input->message && input->done_bytes < whole) {
        size_t in_head =
            input->done_bytes < input->head_bytes ? input->done_bytes : input->head_bytes;
        size_t in_body = input->done_bytes - in_head;
        struct iovec parts[2] = {
            {input->head + in_head, input->head_bytes - in_head},
            {(char *)input->body.data + in_body, input->body.size_bytes - in_body}};
        ssize_t n = writev(input->pipe.fd, parts, 2);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            tri_program_watch(program, &input->pipe, EPOLLOUT);
            return false;
        }
        if (n < 0) {
            tri_program_close_input(program);
            tell_closed(program);
            return true;
        }
        input->done_bytes += (size_t)n;
    }
    if (input->message)
        tri_program_watch(program, &input->pipe, 0);
    let_go(input);
    return true;
}

int tri_program_write(struct tri_program *program, struct tr_message *message, tr_term data)
{
    struct tri_program_input *input = &program->input;
    input->message = message;
    if (input->pipe.fd < 0) {
        tell_closed(program);
        return 0;
    }
    int r = 0;
    if (!tr_get_binary(data, &input->body)) {
        r = tri_iodata_append(&input->flat, data);
        input->body = (tr_bin){input->flat.data, input->flat.size_bytes};
    }
    if (r == 0 && !tri_framing_head(&program->spec.framing, input->body.size_bytes, input->head,
                                    &input->head_bytes))
        r = TR_TOO_LARGE;
    if (r) {
        let_go(input);
        return r;
    }
    input->done_bytes = 0;
    tri_program_write_on(program);
    return 0;
}
