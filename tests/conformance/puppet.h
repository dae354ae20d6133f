/* Puppet: an actor that does what it is told, the other party of most rules.
 *
 * The case that spawned it is its boss. What it gets as a message from the runtime it reports: {got, Self, Message}.
 *
 *     tr_pid puppet = puppet_new();
 *     TELL(puppet, "{trap, true}");               returns when it has been done
 *     tr_send(puppet, "{exit, boom}");            a command that does not return is sent
 *     EXPECT("{'DOWN', R, process, P, boom}", …);
 */
#ifndef CONFORMANCE_PUPPET_H
#define CONFORMANCE_PUPPET_H

#include <string.h>
#include <unistd.h>

#include "support/check.h"

static inline void puppet_obey(tr_term command)
{
    tr_pid pid;
    tr_term term;
    tr_ref ref;
    bool flag;
    if (tr_match(command, "{trap, Flag}", &flag) == 0)
        tr_trap_exit(flag);
    else if (tr_match(command, "{link, Pid}", &pid) == 0)
        tr_link(pid);
    else if (tr_match(command, "{unlink, Pid}", &pid) == 0)
        tr_unlink(pid);
    else if (tr_match(command, "{monitor, Pid}", &pid) == 0)
        tr_monitor(pid, &ref);
    else if (tr_match(command, "{exit, Pid, Reason}", &pid, &term) == 0)
        tr_exit_process_term(pid, term);
    else if (tr_match(command, "{exit, Reason}", &term) == 0)
        tr_exit_term(term);
    else if (tr_match(command, "{send, Pid, Term}", &pid, &term) == 0)
        tr_send_term(tri_to_pid(pid), term, 0);
    else if (tr_match(command, "{reply, Alias, Term}", &ref, &term) == 0)
        tr_send_term(tri_to_alias(ref), term, 0);
    else if (tr_match(command, "{'EXIT', _, shutdown}") == 0 && !tr_is_alive(tr_parent()))
        tr_exit("shutdown"); /* the node stops: the case is over */
    else if (tr_match(command, "{'EXIT', _, _}") == 0 ||
             tr_match(command, "{'DOWN', _, _, _, _}") == 0)
        tr_send(tr_parent(), "{got, Self, Message}", tr_self(), command);
}

TR_ACTOR(puppet)
{
    tr_term command;
    tr_ref ref;
    for (;;)
        tr_receive {
            tr_case("{are_you_done, Ref}", &ref)
                tr_send(tr_parent(), "{done, Ref}", ref);
            tr_case("Command", &command)
                puppet_obey(command);
        }
}

static inline tr_pid puppet_new(void)
{
    tr_pid puppet;
    CHECK(tr_spawn(&puppet, "puppet", "[]") == 0);
    return puppet;
}

/* Returns when the puppet has obeyed everything that this actor told it before. */
static inline void puppet_await(tr_pid puppet)
{
    tr_ref ref = tr_make_ref();
    tr_send(puppet, "{are_you_done, Ref}", ref);
    EXPECT("{done, Ref}", ref);
}

#define TELL(puppet, ...)                                                                          \
    do {                                                                                           \
        tr_send((puppet), __VA_ARGS__);                                                            \
        puppet_await(puppet);                                                                      \
    } while (0)

/* A puppet that traps exits, or does not: SEMANTICS.md's table has two columns. */
static inline tr_pid puppet_new_trapping(bool traps_exits)
{
    tr_pid puppet = puppet_new();
    TELL(puppet, "{trap, Flag}", traps_exits);
    return puppet;
}

/* The empty list, as an argument that says nothing. */
static inline tr_term no_argument(void)
{
    static const uint8_t nil_ext = 106;
    return (tr_term){.data = &nil_ext, .size_bytes = 1};
}

/* An atom, as a hole's value. */
static inline tr_atom atom(const char *text)
{
    return (tr_atom){.text = text, .length_bytes = (uint16_t)strlen(text)};
}

/* A monitor that must be there. */
static inline tr_ref watch(tr_pid pid)
{
    tr_ref ref;
    CHECK(tr_monitor(pid, &ref) == 0);
    return ref;
}

/* A process that has died already. */
static inline tr_pid dead_process(void)
{
    tr_pid pid;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&pid, &ref, "puppet", "[]") == 0);
    tr_send(pid, "{exit, normal}");
    EXPECT("{'DOWN', Ref, process, Pid, normal}", ref, pid);
    return pid;
}

/* A pid that was never given to anybody. */
static inline tr_pid unborn_process(void) { return tr_pid_make(tr_pid_slot(tr_self()) + 5000, 1); }

#endif
