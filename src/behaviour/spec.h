/* Spec: what a supervisor is told about itself and its children, as OTP's terms, and what is wrong with it, as OTP says it.
 * Pure. */
#ifndef TRI_BEHAVIOUR_SPEC_H
#define TRI_BEHAVIOUR_SPEC_H

#include "behaviour/backoff.h"
#include "behaviour/texts.h"
#include "process/confinement.h"
#include "troupe/supervisor.h"

/* The flags of a supervisor. */
struct tri_flags {
    enum tr_strategy strategy;
    enum tr_auto_shutdown auto_shutdown;
    uint64_t intensity, period_s;
    uint64_t max_children; /* 0: no bound */
};

/* A child spec that is right, with memory of its own. */
struct tri_spec {
    struct tr_out id, modules;
    struct tr_out module, function,
        arguments;      /* {M, F, A} of start; A is empty once it was given up */
    char *entry;        /* M as text */
    bool has_handshake; /* F is start_link, not spawn_link */
    enum tr_restart restart;
    bool is_significant, is_supervisor;
    int64_t shutdown_ms; /* or TR_SHUTDOWN_… */
    char *name;          /* NULL: none */
    int64_t start_timeout_ms;
    struct tri_backoff backoff;
    uint64_t mailbox_max_messages, mailbox_max_bytes;
    unsigned mailbox_policy;
    char *directory;              /* NULL: its binary's */
    struct tri_texts environment; /* what is changed in its binary's */
    char *user;                   /* NULL: its supervisor's */
    struct tri_confinement confinement;
};

/* Reads a map, or a tuple as of old. Outcomes: 0; TR_REFUSED, and error is what is wrong; -ENOMEM. */
int tri_flags_read(tr_term term, struct tri_flags *ret_flags, struct tr_out *error);
int tri_spec_read(tr_term term, enum tr_auto_shutdown auto_shutdown, struct tri_spec *ret_spec,
                  struct tr_out *error);
void tri_spec_deinit(struct tri_spec *spec);
/* How such a child is spawned, but for its name, flags and predecessor. It points into the spec. */
struct tr_spawn_options tri_spec_spawn_options(const struct tri_spec *spec);

/* Appends the spec that a C struct means, as a map. Without an argument (no bytes) it has none. */
void tri_child_put(struct tr_out *out, const struct tr_child *child, tr_term argument);

/* Appends it as a map, with every key that OTP shows, and those of ours that say something. */
void tri_spec_put(struct tr_out *out, const struct tri_spec *spec);
/* What OTP tells of a child that failed to start:
 * {child, undefined, Id, {M, F, A}, Restart, Significant, Shutdown, Type, Modules} */
void tri_spec_put_record(struct tr_out *out, const struct tri_spec *spec);

#endif
