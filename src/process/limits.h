/* Limits: what a process may use of the machine, put into effect by itself for good (setrlimit(2)), and what of it cannot be
 * had here.
 *
 * RLIMIT_DATA bounds what is allocated. RLIMIT_AS would count mappings too, of which an actor has large ones that it shares:
 * the boxes of the node, the bodies of large messages. */
#ifndef TRI_PROCESS_LIMITS_H
#define TRI_PROCESS_LIMITS_H

#include "troupe/limits.h"

/* What was asked and cannot be enforced: bits, which a process can also tell another. */
enum tri_shortfall {
    TRI_LACKS_MEMORY = 1 << 0,
    TRI_LACKS_PROCESSES = 1 << 1,
    TRI_LACKS_NICE = 1 << 2,
    TRI_LACKS_LANDLOCK = 1 << 3,
    TRI_LACKS_SIGNALS = 1 << 4, /* it can signal others: Landlock is older than that */
    TRI_LACKS_SECCOMP = 1 << 5,
    TRI_LACKS_NAMESPACES = 1 << 6,
    TRI_LACKS_PID_NAMESPACE = 1 << 7,
    TRI_LACKS_TRUNCATION =
        1 << 8,         /* it can empty files that it may not write: Landlock is older than that */
    TRI_SHORTFALLS = 9, /* how many there are */
};

/* What it is called, of a single bit: "landlock". */
const char *tri_shortfall_name(unsigned bit);

/* Whose limits they are: an actor has threads and descriptors of the runtime's; the memory of a program, and its processes when
 * they are root's, are watched by its keeper, and what the kernel does is a backstop. */
enum tri_limited { TRI_LIMITED_ACTOR, TRI_LIMITED_PROGRAM };

/* Does a limit ask that the processes be counted apart, in a user namespace of their own? */
bool tri_limits_count_processes(const struct tr_resource_limits *limits);

/* Puts into effect what needs a right, before that may be given up: nice. What is asked beyond what the process may have gives
 * it as much as that. Async-signal-safe. What is lacking. */
unsigned tri_limits_enter_privileged(const struct tr_resource_limits *limits);

/* Puts all others into effect. Async-signal-safe.
 *   is_counted_apart   it is in a user namespace of its own: so its user's other processes do not count
 *   beside             how many of the runtime's own are counted with it */
unsigned tri_limits_enter(const struct tr_resource_limits *limits, enum tri_limited whose,
                          bool is_counted_apart, unsigned beside);

#endif
