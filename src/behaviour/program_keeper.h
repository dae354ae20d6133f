/* Keeper: the process between an actor and the program that it runs, which sees to it that both end together.
 *
 *     actor ── keeper ── program ── whatever that starts
 *
 * An actor may be killed at any moment, and could then do nothing about what its program has started. So the program is the
 * child of a process that does nothing else: it hears of the actor's end by the end of file of their channel, of the
 * program's by SIGCHLD, and kills in either case all that is left. It is a subreaper: what has lost its parent, two forks and
 * setsid included, is its child. When the keeper itself is killed, the kernel kills the program with it, and the actor, a
 * subreaper too, sweeps up the rest; when both are, the node kills the program's group (node/death.c), and the guardian
 * sweeps up at the end what has left that.
 *
 * It holds the actor's end of the control channel, which it never uses: so the node tells nobody of the actor's death before
 * the keeper has ended, and with it everything that it keeps (node/parting.h).
 *
 * The program's standard streams are pipes from the actor to the program; the keeper has none of them. */
#ifndef TRI_BEHAVIOUR_PROGRAM_KEEPER_H
#define TRI_BEHAVIOUR_PROGRAM_KEEPER_H

#include "base/user.h"
#include "behaviour/program_spec.h"
#include "process/confined.h"

/* What the keeper says, one packet each. */
enum tri_keeper_word {
    TRI_KEEPER_STARTED = 1, /* the program has been executed: its os_pid */
    TRI_KEEPER_FAILED,      /* it could not be: at which step, and the errno; nothing follows */
    /* enum tri_keeper_limit, and how much it was: all of the program is being killed for it */
    TRI_KEEPER_LIMIT,
    TRI_KEEPER_DENIED,   /* the number of a system call, likewise */
    TRI_KEEPER_CONFINED, /* before it is executed: what cannot be enforced, enum tri_shortfall */
    /* Code and status, as in siginfo; whether the kernel had no memory left, and chose it. Nothing of it is left, nothing
     * follows. */
    TRI_KEEPER_ENDED,
    TRI_KEEPER_LOST, /* said by tri_keeper_hear: the keeper has gone without a word */
};

/* Where a start may fail. */
enum tri_keeper_step {
    TRI_STEP_FORK,
    TRI_STEP_USER,
    TRI_STEP_CD,
    TRI_STEP_CONFINE, /* the second number is enum tri_shortfall */
    TRI_STEP_EXEC,
};

enum tri_keeper_limit { TRI_LIMIT_MEMORY, TRI_LIMIT_PROCESSES };

struct tri_keeper_news {
    int32_t word, first, second;
    int64_t amount;
};

struct tri_keeper {
    int os_pid;
    int channel_fd; /* does not block */
    /* the actor's ends of the program's streams, which do not block; -1 when there is none */
    int in_fd, out_fd, err_fd;
};

/* Starts a keeper, and by it the program. Makes this process a subreaper. What becomes of it is heard later.
 *   confined     has been prepared; NULL: it is not confined
 *   control_fd   this actor's channel to the node, which the keeper holds until nothing of the program is left
 * 0 or a negative errno. */
int tri_keeper_start(const struct tri_program_spec *spec, const struct tri_user *user,
                     struct tri_confined *confined, int control_fd, const char *title,
                     struct tri_keeper *ret_keeper);

/* The next that it has said: false when it has said nothing more yet. */
bool tri_keeper_hear(struct tri_keeper *keeper, struct tri_keeper_news *ret_news);

/* SIGTERM and SIGCONT to the program's group; or the end of everything that belongs to it. */
void tri_keeper_terminate(struct tri_keeper *keeper);
void tri_keeper_kill(struct tri_keeper *keeper);

/* The program is gone, or never was: so is the keeper when this returns, and what it may have left. */
void tri_keeper_dismiss(struct tri_keeper *keeper);
/* The same for one of several keepers of this process: what it may have left when it was killed becomes our child, and stays. */
void tri_keeper_leave(struct tri_keeper *keeper);

#endif
