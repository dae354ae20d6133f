/* Supervision: a supervisor of infants (nursery.h) and what is done to it, for the rules about supervisors whose children
 * have an order. */
#ifndef CONFORMANCE_SUPERVISION_H
#define CONFORMANCE_SUPERVISION_H

#include "conformance/nursery.h"

enum { LONG_MS = CHECK_DEADLINE_MS };

/* A supervisor that is linked and named `sup`; this actor traps exits. */
#define SUP(flags, specs, ...) SUP_OF("{" flags ", " specs "}", ##__VA_ARGS__)
#define SUP_OF(argument, ...)                                                                      \
    (__extension__({                                                                               \
        struct tr_start_options sup_options = {.name = "sup"};                                     \
        tr_pid sup_pid;                                                                            \
        tr_trap_exit(true);                                                                        \
        if (tr_pid_is_none(tr_whereis("board")))                                                   \
            board_new();                                                                           \
        CHECK(tr_server_start_link(&sup_pid, "nursery", &sup_options, argument, ##__VA_ARGS__) ==  \
              0);                                                                                  \
        sup_pid;                                                                                   \
    }))

#define SPEC(id) "#{id => " #id ", start => {infant, start_link, [" #id "]}}"
#define SPEC_WITH(id, more) "#{id => " #id ", start => {infant, start_link, [" #id "]}, " more "}"

static inline tr_pid pid_of(const char *name)
{
    tr_pid pid = tr_whereis(name);
    CHECK(!tr_pid_is_none(pid));
    return pid;
}

/* How a supervisor of that name shows a child: its pid, or TR_NO_PID. */
static inline tr_pid child_of(const char *sup, const char *id)
{
    TR_REPLY reply = {0};
    struct tr_iter iter;
    tr_term each, whose;
    tr_pid pid = TR_NO_PID;
    CHECK(tr_supervisor_which_children(sup, &reply) == 0);
    CHECK(tr_get_list(reply.term, &iter));
    while (tr_next(&iter, &each))
        if (tr_match(each, "{Id, _, _, _}", &whose) == 0 && tr_is_atom(whose, id))
            tr_match(each, "{_, Pid, _, _}", &pid);
    return pid;
}

/* Waits until it has another than that one, alive. */
static inline tr_pid await_other(const char *sup, const char *id, tr_pid old)
{
    tr_pid pid;
    for (int waited_ms = 0;; waited_ms++) {
        pid = child_of(sup, id);
        if (!tr_pid_is_none(pid) && !tr_pid_equal(pid, old))
            return pid;
        CHECK(waited_ms < LONG_MS);
        usleep(1000);
    }
}

static inline void await_count(const char *sup, uint64_t specs, uint64_t active)
{
    struct tr_children_count count;
    for (int waited_ms = 0;; waited_ms++) {
        CHECK(tr_supervisor_count_children(sup, &count) == 0);
        if (count.specs == specs && count.active == active)
            return;
        CHECK(waited_ms < LONG_MS);
        usleep(1000);
    }
}

static inline void kill_9(tr_pid pid) { CHECK(kill(actor_os_pid(pid), SIGKILL) == 0); }

#endif
