/* Outcomes and faults in words. */
#include "troupe/outcome.h"

#include <string.h>

#include "base/auto.h"

static const char *const outcomes[] = {
    [0] = "done",
    [TR_NOPROC] = "no such process",
    [TR_TIMEOUT] = "the time is over",
    [TR_BUSY] = "the receiver is busy",
    [TR_FIRED] = "the timer has fired already",
    [TR_TAKEN] = "already registered",
    [TR_BAD_NAME] = "not a valid name",
    [TR_NO_MATCH] = "the term does not match the pattern",
    [TR_MALFORMED] = "not a well-formed term",
    [TR_TOO_DEEP] = "the term nests too deep",
    [TR_TOO_LARGE] = "the term is too large",
    [TR_SYNTAX] = "syntax error in a term",
    [TR_NO_ENTRY] = "no actor of that name in the image",
    [TR_NOT_AN_ACTOR] = "not an actor binary",
    [TR_NO_SLOT] = "no free slot in the process table",
    [TR_NO_NODE] = "no such node is running",
    [TR_NODE_RUNS] = "a node of that name is running already",
    [TR_REFUSED] = "refused",
    [TR_DOWN] = "the other process has ended",
    [TR_CALLING_SELF] = "a process cannot call itself",
    [TR_IGNORED] = "it has decided not to run",
};

const char *tr_strerror(int result)
{
    const char *text = NULL;
    if (result < 0)
        text = strerrordesc_np(-result);
    else if ((size_t)result < TRI_ARRAY_LENGTH(outcomes))
        text = outcomes[result];
    return text ? text : "unknown outcome";
}
