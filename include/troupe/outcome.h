/* Outcomes: what troupe's functions answer, in one list.
 *
 * Every function that can fail returns an int:
 *
 *     0          done
 *     positive   an outcome of the list below: documented at the function, for the caller to answer
 *     negative   a fault of the machine, as a negated errno (-ENOMEM, -EMFILE, -ENOSPC …), passed up unchanged
 *
 * Results come last in the parameter list, are called ret_…, and are written on success only.
 * A bug of the calling program (a pattern with the wrong number of holes, a call outside of an actor) is neither: it
 * is a panic, which prints what it knew and ends the process; its supervisor decides what happens next.
 */
#ifndef TROUPE_OUTCOME_H
#define TROUPE_OUTCOME_H

#ifdef __cplusplus
extern "C" {
#endif

#define TR_API __attribute__((visibility("default")))
#define TR_NORETURN __attribute__((noreturn))

enum tr_outcome {
    TR_NOPROC = 1,   /* no such process, or nobody has registered that name        */
    TR_TIMEOUT,      /* the deadline passed first                                   */
    TR_BUSY,         /* the receiver's share is used up; try again later            */
    TR_FIRED,        /* the timer had already fired, or never was                   */
    TR_TAKEN,        /* that name is registered already, or that process has a name */
    TR_BAD_NAME,     /* not a name: empty, too long, or not UTF-8                   */
    TR_NO_MATCH,     /* the term does not have the shape of the pattern             */
    TR_MALFORMED,    /* these bytes are not a term                                  */
    TR_TOO_DEEP,     /* the term nests deeper than the limit                        */
    TR_TOO_LARGE,    /* the term is larger than the limit                           */
    TR_SYNTAX,       /* that text is not a term                                     */
    TR_NO_ENTRY,     /* the image has no actor of that name                         */
    TR_NOT_AN_ACTOR, /* that file is not an actor binary                            */
    TR_NO_SLOT,      /* the node's table of processes is full                       */
    TR_NO_NODE,      /* no node of that name runs                                   */
    TR_NODE_RUNS,    /* a node of that name runs already                            */
    TR_REFUSED,      /* somebody says no; or a run directory is not to be trusted    */
    TR_DOWN,         /* the other process ended first; its reason is told beside    */
    TR_CALLING_SELF, /* a process cannot wait for an answer of its own              */
    TR_IGNORED,      /* what was to be started has decided not to run               */
};

/* Describes an outcome or a fault in a few English words, for messages to people.
 *   result   what a function of troupe returned: 0, a TR_ outcome, or a negated errno
 * Returns a string that is never NULL and need not be freed. Does not block. */
TR_API const char *tr_strerror(int result);

#ifdef __cplusplus
}
#endif
#endif
