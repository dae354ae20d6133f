/* Body: an exit reason or an argument that the node hands on to one or many, without a copy for each.
 *
 * A small one lies in memory; a large one stays in the sealed memfd in which it came, and is passed on unread. */
#ifndef TRI_NODE_BODY_H
#define TRI_NODE_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "node/exit_policy.h"
#include "wire/control.h"
#include "wire/death.h"

struct tri_body {
    unsigned references;
    int fd; /* -1: the bytes lie in `data` */
    size_t size_bytes;
    uint8_t data[];
};

/* Each gives a body with one reference, or NULL when there is no memory; never NULL are those that the node makes itself:
 * of_atom, of_death, of_end, of_hang, of_exec, of_user and of_limit. */
/* takes the packet's file; checks the term */
struct tri_body *tri_body_of_packet(struct tri_packet *packet);
struct tri_body *tri_body_of_atom(const char *atom);
struct tri_body *tri_body_of_out(const struct tr_out *out);
/* of bytes that need not be a term: any; a text with its NUL */
struct tri_body *tri_body_of_bytes(const void *bytes, size_t size_bytes);
struct tri_body *tri_body_of_text(const char *text);

/* A message that the node sends, or hands on for a living sender: the term as a record without a number, for an alias, or
 * 0. Its receiver is filled in when it is told (notice.h). The term must fit. NULL: no memory. */
bool tri_body_fits_record(const struct tri_packet *packet);
struct tri_body *tri_body_of_record(const void *term, size_t size_bytes, uint64_t alias);

struct tri_body *tri_body_ref(struct tri_body *body);
void tri_body_unref(struct tri_body *body); /* NULL is fine */

/* What a reason means to the exit policy. */
enum tri_exit_reason tri_body_reason(const struct tri_body *body);

/* The term as text, cut to size_bytes. Returns buffer. */
char *tri_body_text(const struct tri_body *body, char *buffer, size_t size_bytes);

/* The reason that the kernel's word about a dead child means (SEMANTICS 8). code and status as waitid's siginfo. */
struct tri_body *tri_body_of_death(int code, int status);

/* … and that of one of which more is known: wire/death.h. */
struct tri_body *tri_body_of_end(const struct tri_end *end);

/* {hang, #{ms => …}}: of one that computed so long without a sign of life. */
struct tri_body *tri_body_of_hang(uint64_t ms);

/* {exec, Errno, Path}: the reason of one whose binary could not be executed. fault is a negative errno. */
struct tri_body *tri_body_of_exec(int fault, const char *path);

/* {user, Errno, Name}: the reason of one who cannot be that user. fault is a negative errno. */
struct tri_body *tri_body_of_user(int fault, const char *name);

/* {limit, What}: the reason of a process that has reached a limit of its own. */
struct tri_body *tri_body_of_limit(const char *what);

/* The exit status that a launcher gives for a root actor's reason: see tr_main. */
int tri_body_exit_status(const struct tri_body *body);

#endif
