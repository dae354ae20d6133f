/* Doctor: what a look at this machine finds: each limit that many actors can meet, how far it reaches, and how far it
 * would have to. doctor.c prints it; each other file of the doctor's looks at one kind of limit. */
#ifndef TROUPE_TOOL_DOCTOR_H
#define TROUPE_TOOL_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an actor takes, measured with a thousand idle ones that had answered a ping, and rounded up: so much is needed to
 * begin with. Two threads are its own and nanomsg's; a third helps when it sends much, or computes while mail comes. */
enum {
    THREADS_PER_ACTOR = 3,
    THREADS_OF_AN_IDLE_ACTOR = 2,
    FILES_PER_ACTOR = 12, /* of the whole system: sockets and eventfds, with one correspondent */
    EPOLL_WATCHES_PER_ACTOR = 8, /* of the user */
    NODE_DESCRIPTORS_PER_ACTOR = 1,
    RUNDIR_BYTES_PER_ACTOR = 16 * 1024,
    RUNDIR_INODES_PER_ACTOR = 1,
    MEMORY_BYTES_PER_ACTOR = 180 * 1024,
    MAPS_OF_AN_ACTOR = 256, /* large messages are mapped */
};
/* What node, guardian and templates take, and what is under way while actors are born. */
enum { NODE_DESCRIPTORS = 256, NODE_THREADS = 64, RUNDIR_INODES = 64, NODE_FILES = 1024 };

enum verdict {
    VERDICT_OK,
    VERDICT_IN_THE_WAY,
    VERDICT_TIGHT,   /* it suffices, unless most actors have a third thread */
    VERDICT_SLOW,    /* it works, but not as fast as it could               */
    VERDICT_PARTIAL, /* it works, but for this                            */
    VERDICT_UNKNOWN,
};

#define NO_LIMIT UINT64_MAX

struct finding {
    char limit[192];  /* what it is called, as the system calls it */
    const char *unit; /* what both numbers count */
    bool is_known;    /* else `there` could not be found out */
    uint64_t there;   /* or NO_LIMIT */
    uint64_t needed;  /* by what runs now, and by the actors asked for */
    enum verdict verdict;
    char remedy[640]; /* a command that raises it, or a sentence; "" when nothing is to be done */
};

struct doctor {
    uint64_t actors; /* how many there are to be */
    const char *node;
    /* What stands before a command that only root may do: "sudo ", or "" for root. */
    const char *sudo;
    struct finding findings[64];
    size_t count;
};

/* Begins a finding: the verdict follows from the two numbers. Never NULL.
 *   there   NULL when it could not be found out */
struct finding *doctor_find(struct doctor *doctor, const char *limit, const char *unit,
                            const uint64_t *there, uint64_t needed);

/* As doctor_find, of threads.
 *   others   how many there are besides those of the actors asked for */
struct finding *doctor_find_threads(struct doctor *doctor, const char *limit, const uint64_t *there,
                                    uint64_t others);

/* As doctor_find, of something that is so or is not. */
struct finding *doctor_find_truth(struct doctor *doctor, const char *claim, bool is_so);

/* Sets the remedy of a finding that is not fine. */
void doctor_remedy(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads the first number of a file; "max" and "unlimited" are NO_LIMIT. */
bool doctor_read(const char *path, uint64_t *ret_number);

/* Each looks at its own kind of limits. */
void doctor_look_at_kernel(struct doctor *doctor);
void doctor_look_at_process(struct doctor *doctor);
void doctor_look_at_groups(struct doctor *doctor);
void doctor_look_at_place(struct doctor *doctor);
void doctor_look_at_crashes(struct doctor *doctor);
void doctor_look_at_confinement(struct doctor *doctor);

#endif
