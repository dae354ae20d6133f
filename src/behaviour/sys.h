/* Sys: what every behaviour answers to system messages, OTP's sys. A behaviour hands each message to tri_sys_take before it
 * looks at it itself. */
#ifndef TRI_BEHAVIOUR_SYS_H
#define TRI_BEHAVIOUR_SYS_H

#include "troupe/server.h"

/* What a behaviour lends; context is its own. put_state and terminate must be there. */
struct tri_sys_callbacks {
    void (*put_state)(struct tr_out *out, void *context);
    void (*put_status)(struct tr_out *out, void *context); /* NULL: the state */
    /* One more term for get_status; NULL: none. */
    void (*put_more)(struct tr_out *out, void *context);
    /* 0 or an outcome, and nothing has changed. NULL: cannot be done. */
    int (*set_state)(tr_term state, void *context);
    /* The same; TR_REFUSED and a term in error: that is told in place of an explanation. */
    int (*change_code)(tr_term old_version, tr_term extra, void *context, struct tr_out *error);
    /* Ends the process as if a callback had stopped with that reason. */
    void (*terminate)(tr_term reason, void *context); /* does not return */
};

struct tri_sys {
    const struct tri_sys_callbacks *callbacks;
    void *context;
    const char *kind;   /* "server": in get_status */
    const char *module; /* the entry */
    tr_pid parent;      /* whose EXIT ends it; TR_NO_PID: nobody's but the node's */
    bool is_suspended, is_traced, has_statistics;
    uint64_t began_ns; /* wall clock, of the statistics */
    uint64_t messages_in, messages_out;
};

/* If it is a system message: answers it, and true; when that suspended the process, returns when it has been resumed, or
 * not at all. If it is the parent's EXIT: does not return. */
bool tri_sys_take(struct tri_sys *sys, tr_term message);

/* Is this the parent's EXIT, or the node's, which is everyone's parent in the end and says EXIT when it stops? */
bool tri_sys_is_exit_of(tr_pid parent, tr_term message, tr_term *ret_reason);

/* For the statistics and the trace: `got call R from P`, `got cast M`, `sent R to P, new state S`, … */
void tri_sys_got_call(struct tri_sys *sys, tr_term request, tr_pid from);
void tri_sys_got_cast(struct tri_sys *sys, tr_term message);
void tri_sys_got(struct tri_sys *sys, tr_term message);
void tri_sys_sent(struct tri_sys *sys, tr_term reply, tr_pid to);
void tri_sys_new_state(struct tri_sys *sys);

/* Text as Erlang's string, a list of characters. */
void tri_put_string(struct tr_out *out, const char *text);

/* How people know this process: its registered name, else its pid. Returns buffer. */
enum { TRI_SYS_NAME_BYTES = 256 };
char *tri_sys_name(char buffer[TRI_SYS_NAME_BYTES]);

#endif
