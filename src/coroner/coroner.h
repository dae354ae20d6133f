/* Coroner: the process that finds out how an actor died, and keeps the report.
 *
 * The node forks it at the first need (node/coroner.c) and asks it over one SEQPACKET channel, in the packets of
 * wire/crash.h. It reads the dead one's window, turns raw addresses into functions, files and lines, answers with the
 * reason, and writes the report afterwards. It is a process of its own because libdw reads megabytes from a disk, which
 * the node must not wait for, and because a damaged binary may make a library crash: then the next need forks another.
 *
 * It also relays what actors with keeps_stderr write to standard error, each line behind the actor's pid, and keeps the
 * end of it for the report. */
#ifndef TRI_CORONER_CORONER_H
#define TRI_CORONER_CORONER_H

#include <stdint.h>

struct tri_coroner_options {
    int channel_fd;   /* with the node; blocking or not */
    int boxes_fd;     /* of <rundir>/boxes, for reading; -1 when there is none */
    uint32_t slots;   /* as many windows as it has */
    const char *node; /* the node's name, without @host */
};

/* Lives in the process that the node has forked for it: no other descriptor of the node's may be open in it but these two
 * and 0 to 2, and it is to end with the node (tri_die_with_parent).
 *
 * Ends when the node closes its end of the channel, after it has written the reports of all that it was asked about before:
 * a node that stops in order shuts its end down and waits for it, TRI_CORONER_LAST_MS at most. Never returns. */
_Noreturn void tri_coroner_run(const struct tri_coroner_options *options);

/* How long the last reports may take. */
#define TRI_CORONER_LAST_MS 2000

#endif
