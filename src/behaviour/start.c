/* Start: an acknowledgement, a death, or the end of patience, whichever comes first. */
#include "behaviour/start.h"

#include "base/auto.h"
#include "base/clock.h"
#include "behaviour/question.h"
#include "process/pass.h"

/* ---------------------------------------------------------------- the child */

struct tri_started tri_start_take(tr_term argument)
{
    struct tri_started started = {.parent = tr_parent(), .argument = argument};
    tr_term inner;
    if (tr_match(argument, "{'$start', none, Alias, Argument}", &started.starter, &inner) == 0)
        started.parent = TR_NO_PID;
    else if (tr_match(argument, "{'$start', Parent, Alias, Argument}", &started.parent,
                      &started.starter, &inner))
        return started;
    started.has_starter = true;
    started.argument = inner;
    return started;
}

void tri_start_ack(const struct tri_started *started)
{
    if (started->has_starter)
        tri_pass(started->starter, "{ack, Alias, ok}", started->starter);
}

TR_NORETURN void tri_start_ignore(const struct tri_started *started)
{
    if (started->has_starter)
        tr_send(started->starter, "{ack, Alias, ignore}", started->starter);
    tr_exit("normal");
}

/* ---------------------------------------------------------------- the starter */

struct birth {
    tr_pid pid;
    tr_ref alias, monitor;
    uint64_t deadline_ns;
    struct tr_reply *reason;
};

enum news { NEWS_OK, NEWS_IGNORE, NEWS_DOWN, NEWS_NONE };

/* The next that is heard of the child, by the deadline. */
static enum news await_news(struct birth *birth)
{
    enum news news = NEWS_NONE;
    tr_term reason;
    bool is_over = false;
    while (news == NEWS_NONE && !is_over)
        tr_receive_since(birth->alias)
        {
            tr_case("{ack, Alias, ok}", birth->alias)
                news = NEWS_OK;
            tr_case("{ack, Alias, ignore}", birth->alias)
                news = NEWS_IGNORE;
            tr_case("{'DOWN', Ref, process, _, Reason}", birth->monitor, &reason) {
                tri_reply_copy(birth->reason, reason);
                news = NEWS_DOWN;
            }
            tr_after(tri_poll_timeout_ms(birth->deadline_ns)) /* at most a day at a time */
                is_over = tri_clock_ns() >= birth->deadline_ns;
        }
    return news;
}

/* The child ends: after its DOWN nothing of it is left, its name is free, and its EXIT, if we trap, is in the mailbox,
 * from which it is taken (SEMANTICS 18, 33). */
static void see_off(struct birth *birth, enum news news)
{
    bool is_swept = false;
    birth->deadline_ns = TRI_NEVER;
    while (news != NEWS_DOWN)
        news = await_news(birth);
    tr_unalias(birth->alias);
    while (!is_swept)
        tr_receive_since(birth->alias)
        {
            tr_case("{'EXIT', Pid, _}", birth->pid) {
            }
            tr_case("{ack, Alias, _}", birth->alias) {
            }
            tr_after(0)
                is_swept = true;
        }
}

/* Init takes too long: the child goes, and must not take us along (SEMANTICS 32). */
static void give_up(struct birth *birth, unsigned flags)
{
    if (flags & TR_SPAWN_LINK)
        tr_unlink(birth->pid);
    tr_exit_process(birth->pid, "kill");
}

static int await_birth(struct birth *birth, unsigned flags, tr_ref *ret_monitor)
{
    enum news news = await_news(birth);
    if (news == NEWS_OK) {
        if (flags & TR_SPAWN_MONITOR && ret_monitor)
            *ret_monitor = birth->monitor;
        else
            tr_demonitor(birth->monitor, TR_DEMONITOR_FLUSH, NULL);
        return 0;
    }
    if (news == NEWS_NONE)
        give_up(birth, flags);
    see_off(birth, news);
    if (news == NEWS_DOWN)
        return TR_DOWN;
    tri_reply_atom(birth->reason, news == NEWS_IGNORE ? "ignore" : "timeout");
    return news == NEWS_IGNORE ? TR_IGNORED : TR_TIMEOUT;
}

static int put_argument(struct tr_out *out, unsigned flags, tr_ref alias, tr_term argument)
{
    if (flags & TR_SPAWN_LINK)
        return tr_put(out, "{'$start', Parent, Alias, Argument}", tr_self(), alias, argument);
    return tr_put(out, "{'$start', none, Alias, Argument}", alias, argument);
}

/* Spawns. TR_TAKEN: *ret_pid has the name. */
static int give_birth(const char *entry, const struct tr_spawn_options *options, tr_term argument,
                      tr_pid *ret_pid, tr_ref *ret_monitor)
{
    for (;;) {
        int r = tr_spawn_term(entry, options, argument, ret_pid, ret_monitor);
        if (r != TR_TAKEN)
            return r;
        *ret_pid = tr_whereis(options->name);
        if (!tr_pid_is_none(*ret_pid)) /* else it has just died, and the name is free */
            return r;
    }
}

static int start(const char *entry, unsigned flags, const struct tr_start_options *options,
                 tr_term argument, struct birth *birth, tr_ref *ret_monitor)
{
    TRI_AUTO(tr_out_deinit) struct tr_out wrapped = {0};
    const struct tr_spawn_options spawn = {.name = options->name,
                                           .flags = flags | TR_SPAWN_MONITOR,
                                           .replaces = options->replaces,
                                           .mailbox_max_messages = options->mailbox_max_messages,
                                           .mailbox_max_bytes = options->mailbox_max_bytes,
                                           .mailbox_policy = options->mailbox_policy,
                                           .directory = options->directory,
                                           .environment = options->environment,
                                           .user = options->user,
                                           .limits = options->limits,
                                           .sandbox = options->sandbox,
                                           .readable = options->readable,
                                           .writable = options->writable,
                                           .is_strict = options->is_strict,
                                           .hang_ms = options->hang_ms,
                                           .keeps_stderr = options->keeps_stderr};
    int64_t timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : -1;
    birth->deadline_ns = tri_deadline_ns(timeout_ms);
    birth->alias = tr_alias(TR_ALIAS_REPLY);
    int r = put_argument(&wrapped, flags, birth->alias, argument);
    if (r == 0)
        r = give_birth(entry, &spawn, tr_out_term(&wrapped), &birth->pid, &birth->monitor);
    if (r == 0)
        r = await_birth(birth, flags, ret_monitor);
    tr_unalias(birth->alias);
    return r;
}

/* {already_started, Pid} */
static void tell_taken(struct tr_reply *reason, tr_pid pid)
{
    struct tr_out out = {0};
    tr_put(&out, "{already_started, Pid}", pid);
    if (out.fault)
        tri_reply_atom(reason, "already_started");
    else
        tri_reply_copy(reason, tr_out_term(&out));
    tr_out_deinit(&out);
}

int tr_server_start_term(const char *entry, unsigned flags, const struct tr_start_options *options,
                         tr_term argument, tr_pid *ret_pid, tr_ref *ret_monitor)
{
    static const struct tr_start_options none;
    TRI_AUTO(tr_reply_deinit) struct tr_reply unwanted = {.message = NULL};
    options = options ? options : &none;
    struct birth birth = {.reason = options->ret_reason ? options->ret_reason : &unwanted};
    int r = start(entry, flags, options, argument, &birth, ret_monitor);
    if (r == TR_TAKEN)
        tell_taken(birth.reason, birth.pid);
    else if (r && r != TR_DOWN && r != TR_IGNORED && r != TR_TIMEOUT)
        tri_reply_atom(birth.reason, "cannot_spawn");
    if (ret_pid && (r == 0 || r == TR_TAKEN))
        *ret_pid = birth.pid;
    return r;
}

int tri_server_start(const char *entry, unsigned flags, const struct tr_start_options *options,
                     tr_pid *ret_pid, tr_ref *ret_monitor, struct tri_pattern **cache,
                     const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    tri_process_here();
    int r = tri_put(&argument, cache, pattern, holes);
    return r ? r
             : tr_server_start_term(entry, flags, options, tr_out_term(&argument), ret_pid,
                                    ret_monitor);
}
