/* Relay: what actors write to standard error, when their spawner wants it kept: copied line by line to this process's own
 * standard error, behind the actor's pid, and the end of it kept for the report.
 *
 * When nobody reads our own standard error, nothing is taken from the actors' pipes any more: they wait, as they would if they
 * wrote there themselves. Nothing else in this process waits. */
#ifndef TRI_CORONER_RELAY_H
#define TRI_CORONER_RELAY_H

#include "troupe/term.h"

#define TRI_RELAY_KEPT_BYTES 4096u

struct tri_relay;

/* SIGPIPE is to be ignored in this process. NULL when there is no memory, or no descriptor. */
struct tri_relay *tri_relay_new(void);
void tri_relay_free(struct tri_relay *relay);

/* A descriptor that is readable when tri_relay_work has something to do. */
int tri_relay_fd(const struct tri_relay *relay);
void tri_relay_work(struct tri_relay *relay);

/* Begins to read what pid writes; takes the descriptor. */
void tri_relay_add(struct tri_relay *relay, uint64_t pid, int fd);

/* The end of what pid has written, which has just died: whole lines, as long as they are not longer than what is kept. Takes in
 * what still lies in its pipe. Valid until the next call of any of these. */
tr_bin tri_relay_last(struct tri_relay *relay, uint64_t pid);

#endif
