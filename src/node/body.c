/* Body: reference-counted terms in the node's hands. */
#include "node/body.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fd.h"
#include "wire/box.h"
#include "wire/death.h"

/* What stands in for a reason when there is no memory for it: the atom `unknown`. Never freed. */
static struct tri_body unknown = {
    .references = 1, .fd = -1, .size_bytes = 9, .data = "\x77\x07unknown"};

static struct tri_body *make(const void *data, size_t size_bytes, int fd)
{
    struct tri_body *body = malloc(sizeof *body + (fd < 0 ? size_bytes : 0));
    if (!body)
        return NULL;
    *body = (struct tri_body){.references = 1, .fd = fd, .size_bytes = size_bytes};
    if (data && fd < 0 && size_bytes > 0)
        memcpy(body->data, data, size_bytes);
    return body;
}

struct tri_body *tri_body_of_out(const struct tr_out *out)
{
    return out->fault ? NULL : make(out->data, out->size_bytes, -1);
}

struct tri_body *tri_body_of_bytes(const void *bytes, size_t size_bytes)
{
    return make(bytes, size_bytes, -1);
}

struct tri_body *tri_body_of_text(const char *text) { return make(text, strlen(text) + 1, -1); }

/* A reason that the node has made itself: there is always one. */
static struct tri_body *of_own(struct tr_out *out)
{
    struct tri_body *body = tri_body_of_out(out);
    tr_out_deinit(out);
    return body ? body : tri_body_ref(&unknown);
}

struct tri_body *tri_body_of_atom(const char *atom)
{
    struct tr_out out = {0};
    tr_put_atom(&out, atom);
    return of_own(&out);
}

struct tri_body *tri_body_of_packet(struct tri_packet *packet)
{
    tr_term term;
    if (tri_packet_body_is_lost(packet))
        return tri_body_of_atom("system_limit");
    if (!packet->body) {
        struct tri_body *body = make(NULL, packet->head.body_bytes, packet->passed_fd);
        if (body)
            packet->passed_fd = -1;
        return body;
    }
    if (tr_check(packet->body, packet->head.body_bytes, NULL, &term))
        return tri_body_of_atom("badarg");
    return make(packet->body, packet->head.body_bytes, -1);
}

bool tri_body_fits_record(const struct tri_packet *packet)
{
    return packet->body && packet->head.body_bytes <= TRI_RECORD_BODY_BYTES;
}

struct tri_body *tri_body_of_record(const void *term, size_t size_bytes, uint64_t alias)
{
    size_t room = tri_record_room(size_bytes);
    struct tri_record head = {
        .size_bytes = (uint32_t)size_bytes, .kind = TRI_RECORD_TERM, .alias = alias};
    struct tri_body *body = make(NULL, room, -1);
    if (!body)
        return NULL;
    memset(body->data, 0, room);
    memcpy(body->data, &head, sizeof head);
    memcpy(body->data + sizeof head, term, size_bytes);
    return body;
}

struct tri_body *tri_body_ref(struct tri_body *body)
{
    body->references++;
    return body;
}

void tri_body_unref(struct tri_body *body)
{
    if (body && --body->references == 0) {
        tri_fd_close(&body->fd);
        free(body);
    }
}

static tr_term term_of(const struct tri_body *body)
{
    return (tr_term){body->data, body->size_bytes};
}

enum tri_exit_reason tri_body_reason(const struct tri_body *body)
{
    if (body->fd >= 0)
        return TRI_REASON_OTHER;
    if (tr_is_atom(term_of(body), "normal"))
        return TRI_REASON_NORMAL;
    return tr_is_atom(term_of(body), "kill") ? TRI_REASON_KILL : TRI_REASON_OTHER;
}

char *tri_body_text(const struct tri_body *body, char *buffer, size_t size_bytes)
{
    if (body->fd >= 0)
        snprintf(buffer, size_bytes, "(a term of %zu bytes)", body->size_bytes);
    else
        tr_print(term_of(body), buffer, size_bytes);
    return buffer;
}

struct tri_body *tri_body_of_death(int code, int status)
{
    struct tr_out out = {0};
    tri_death_put(&out, code, status);
    return of_own(&out);
}

struct tri_body *tri_body_of_end(const struct tri_end *end)
{
    struct tr_out out = {0};
    tri_death_put_end(&out, end);
    return of_own(&out);
}

struct tri_body *tri_body_of_hang(uint64_t ms)
{
    struct tr_out out = {0};
    tri_death_put_hang(&out, ms);
    return of_own(&out);
}

struct tri_body *tri_body_of_exec(int fault, const char *path)
{
    struct tr_out out = {0};
    tri_death_put_exec(&out, fault, path, strlen(path));
    return of_own(&out);
}

struct tri_body *tri_body_of_user(int fault, const char *name)
{
    struct tr_out out = {0};
    tri_death_put_user(&out, fault, name);
    return of_own(&out);
}

struct tri_body *tri_body_of_limit(const char *what)
{
    struct tr_out out = {0};
    tr_put_tuple_of(&out, 2);
    tr_put_atom(&out, "limit");
    tr_put_atom(&out, what);
    return of_own(&out);
}

int tri_body_exit_status(const struct tri_body *body)
{
    int status;
    tr_atom name;
    if (body->fd >= 0)
        return 1;
    tr_term reason = term_of(body);
    if (tr_is_atom(reason, "normal") || tr_is_atom(reason, "shutdown") ||
        tr_match(reason, "{shutdown, _}") == 0)
        return 0;
    if (tr_match(reason, "{exit_status, N}", &status) == 0 && status > 0 && status < 256)
        return status;
    if (tr_match(reason, "{signal, Name, _}", &name) == 0) {
        int number = tri_death_signal(name);
        return number ? 128 + number : 1;
    }
    if (tr_match(reason, "{limit, cpu, _}") == 0)
        return 128 + SIGXCPU;
    if (tr_is_atom(reason, "killed"))
        return 128 + SIGKILL;
    return 1;
}
