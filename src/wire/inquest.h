/* Inquest: what the node and the coroner (coroner/) say to each other about a death, on one SOCK_SEQPACKET channel.
 *
 * Node → coroner: struct tri_inquest, then the facts, one map in the external term format; a map of more than
 * TRI_INQUEST_BODY_BYTES comes in a sealed memfd beside the packet (TRI_INQUEST_IN_FILE), as in wire/control.h.
 * Coroner → node: struct tri_inquest with the same serial and pid, then the tuple {Reason, ReportId}: the reason as it is to
 * be told, and the report's name as a binary, or `undefined`. The node waits for it no longer than TRI_INQUEST_MS, and a
 * coroner whose answers come late, or never, changes nothing but what the reasons tell. The answer is sent as soon as it
 * is known, before the report is written; a report for which there is no room has no name. After the answer, or
 * TRI_INQUEST_MS, the box may be another's.
 *
 * The facts (keys are atoms; what is not known is missing, unless it says `undefined`):
 *     pid          pid                       os_pid       integer
 *     node         atom, name@host           parent       pid
 *     entry        binary                    name         binary, or undefined: what it was registered as
 *     image        binary, its path          restarts     integer
 *     last_exit    binary, printed, or undefined: how the one that it replaced ended
 *     started_ns, ended_ns                   integers: since the epoch
 *     code, status                           integers, as waitid's siginfo tells them (CLD_KILLED, SIGSEGV)
 *     reason       term, as it will be told without an answer
 *     is_given     boolean: the actor or the runtime gave the reason; it is to be told as it is
 *     links        [pid]
 *     usage        #{user_us, system_us, max_rss_kb, minor_faults, major_faults, voluntary, involuntary}
 *     limits       map
 *     stderr       binary, the last of it; only when the coroner does not keep it itself
 *
 * When is_given is false, the answer's Reason is the given one with `report => <<"…">>`, and `at => <<"…">>` when the crash
 * record has frames, added to its last element, the Info map; else, and without such a map, it is the given one, as it was. */
#ifndef TRI_WIRE_INQUEST_H
#define TRI_WIRE_INQUEST_H

#include <stdint.h>

#define TRI_INQUEST_BODY_BYTES (64u * 1024u)
#define TRI_INQUEST_MS 250

enum tri_inquest_kind {
    TRI_INQUEST_DEATH = 1, /* the facts follow; it is answered */
    /* Beside it the read end of what was the standard error of `pid`, a living actor: to be copied, and its last 4 KiB to be
     * kept for a report. No facts; it is not answered. */
    TRI_INQUEST_STDERR,
};

enum tri_inquest_flag {
    TRI_INQUEST_IN_FILE = 1 << 0,
    TRI_INQUEST_IS_AWAITED =
        1 << 1, /* somebody waits for the reason: before those for which nobody does */
};

struct tri_inquest {
    uint64_t serial; /* counts inquests; of an answer: that of the question */
    uint64_t pid;    /* tr_pid.id */
    uint32_t kind;   /* enum tri_inquest_kind */
    uint32_t flags;  /* enum tri_inquest_flag */
    uint64_t body_bytes;
};

#endif
