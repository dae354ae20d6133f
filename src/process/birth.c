/* Birth: from a fresh fork to an actor whose mailbox can be sent to. */
#include "process/birth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/title.h"
#include "process/care.h"
#include "process/channel.h"
#include "process/confine.h"
#include "process/crash.h"
#include "process/entries.h"
#include "process/exit.h"
#include "process/monitor.h"
#include "process/process.h"
#include "process/pump.h"
#include "process/surroundings.h"
#include "process/user.h"
#include "term/identity.h"
#include "term/tags.h"

/* How an actor ends that could not be born: seen by nobody but the node, which tells the caller of spawn why. */
#define STILLBORN_STATUS 70

/* The table of the node whose template this was, mapped before the fork. */
static struct tri_rundir prepared_dir;
static struct tri_table prepared_table;

/* What a supervisor has wrapped around the argument of one that it starts again: {'$restarted', Reason, Argument}. */
static tr_term unwrapped(struct tri_process *process, tr_term argument)
{
    tr_term reason, inner;
    if (tr_match(argument, "{'$restarted', Reason, Argument}", &reason, &inner))
        return argument;
    process->last_exit = reason;
    return inner;
}

void tri_process_prepare(void)
{
    static const uint8_t nil[] = {TRI_NIL};
    const char *node = getenv("TROUPE_NODE");
    tri_process_watch_forks();
    if (!node || tri_rundir_name(node, &prepared_dir, NULL, 0) ||
        tri_table_open(&prepared_table, &prepared_dir))
        prepared_dir.path[0] = '\0';
    else
        tri_identity_set(prepared_table.header->node_name, prepared_table.header->creation);
    tri_mailbox_prepare();
    unwrapped(NULL, (tr_term){nil, sizeof nil}); /* compiles the pattern */
    /* What an actor has printed is seen, into a file or a pipe too, even if it is killed next. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    tri_crash_prepare();
}

static int open_table(struct tri_process *process)
{
    if (strcmp(prepared_dir.path, process->dir.path) != 0)
        return tri_table_open(&process->table, &process->dir);
    process->table = prepared_table;
    return 0;
}

enum part { ENTRY, RUN_DIRECTORY, NODE, REGISTERED_NAME, USER, WISH, PARTS };

/* Splits what a birth certificate says in words, each ended by a NUL. */
static bool split(const struct tri_packet *birth, const char *parts[PARTS])
{
    const char *at = birth->name, *end = at + birth->head.name_bytes;
    for (int i = 0; i < PARTS; i++) {
        if (at > end)
            return false;
        parts[i] = at;
        at += i == WISH ? 0 : strlen(at) + 1;
    }
    return true;
}

static struct tri_bound bound_of(const struct tri_control *birth)
{
    return (struct tri_bound){
        .max_messages = birth->number,
        .max_bytes = birth->ref_number,
        .policy = birth->flags & TRI_MAILBOX_KILLS   ? TRI_POLICY_KILLS
                  : birth->flags & TRI_MAILBOX_DROPS ? TRI_POLICY_DROPS
                                                     : TRI_POLICY_WAITS,
    };
}

static int open_mailbox(struct tri_process *process, const struct tri_control *birth)
{
    const struct tri_mailbox_options options = {
        .dir = &process->dir,
        .table = &process->table,
        .self = process->self,
        .accepts_alias = tri_monitor_accepts_alias,
        .let_signals_in = tri_pump_let_signals_in,
        .overflowed = tri_exit_overflowed,
        .context = process,
        .bound = bound_of(birth),
    };
    int r = tri_mailbox_open(&process->mailbox, &options);
    if (r)
        return r;
    process->box = tri_mailbox_box(process->mailbox);
    if (!process->is_guest)
        tri_crash_watch(process->box, process->self);
    return 0;
}

/* Told before anybody can send to it, so that who finds the actor knows what it may be asked. */
static void tell_behaviour(struct tri_process *process, const char *entry_name)
{
    const struct tr_entry *entry = process->is_guest ? NULL : tri_entry_find(entry_name);
    static const enum tri_behaviour behaviours[] = {[TR_KIND_ACTOR] = TRI_BEHAVIOUR_NONE,
                                                    [TR_KIND_SERVER] = TRI_BEHAVIOUR_SERVER,
                                                    [TR_KIND_SUPERVISOR] = TRI_BEHAVIOUR_SUPERVISOR,
                                                    [TR_KIND_PROGRAM] = TRI_BEHAVIOUR_PROGRAM};
    bool is_known = entry && entry->kind < TRI_ARRAY_LENGTH(behaviours);
    atomic_store(&process->box->behaviour, is_known ? behaviours[entry->kind] : TRI_BEHAVIOUR_NONE);
}

/* Before anybody hears of the actor: who spawns it is told when it cannot be where it is to work. */
static int enter_surroundings(struct tri_process *process, const struct tri_packet *birth,
                              struct tr_out *why)
{
    if (!(birth->head.flags & TRI_SURROUNDED) || process->is_guest)
        return 0;
    return tri_surroundings_enter(&process->argument, &process->surrounded_argument, why);
}

/* Before it opens a mailbox: what is entered later would not hold for the threads of that. */
static int enter_confinement(struct tri_process *process, const struct tri_packet *birth,
                             const char *const parts[PARTS], struct tr_out *told,
                             struct tr_out *why)
{
    const char *end = birth->name + birth->head.name_bytes;
    if (parts[WISH] >= end || process->is_guest)
        return 0;
    TRI_AUTO(tri_freep)
    char *directory =
        birth->head.flags & TRI_SURROUNDED ? tri_surroundings_directory(&process->argument) : NULL;
    const struct tri_wish wish = {.bytes = parts[WISH],
                                  .size_bytes = (size_t)(end - parts[WISH]),
                                  .is_inherited = birth->head.flags & TRI_WISH_INHERITED,
                                  .changes_user = parts[USER][0] != '\0'};
    return tri_confine_enter(process, &wish, directory, told, why);
}

/* What the node is to see to, and what it shows to those who look. */
static int tell_ready(struct tri_process *process, const struct tr_out *told)
{
    struct tri_parcel ready = tri_parcel_of(TRI_READY);
    int r = process->hang_ms || process->keeps_stderr
                ? tri_care_ask(process, process->hang_ms, process->keeps_stderr)
                : 0;
    if (r)
        return r;
    ready.body = told->data;
    ready.body_bytes = told->size_bytes;
    return tri_channel_send(process, &ready);
}

int tri_birth_take(struct tri_process *process, const struct tri_packet *birth,
                   const char **ret_entry, const char **ret_name, struct tr_out *why)
{
    const char *parts[PARTS];
    TRI_AUTO(tr_out_deinit) struct tr_out told = {0};
    if (birth->head.kind != TRI_BIRTH || !split(birth, parts) ||
        strlen(parts[RUN_DIRECTORY]) >= sizeof process->dir.path ||
        strlen(parts[NODE]) >= sizeof process->dir.node)
        return TR_MALFORMED;
    process->self = (tr_pid){birth->head.pid};
    process->parent = (tr_pid){birth->head.other};
    snprintf(process->dir.path, sizeof process->dir.path, "%s", parts[RUN_DIRECTORY]);
    snprintf(process->dir.node, sizeof process->dir.node, "%s", parts[NODE]);
    int r = tri_packet_body(birth, &process->argument);
    if (r == 0)
        r = enter_confinement(process, birth, parts, &told, why);
    if (r == 0)
        r = open_table(process);
    if (r)
        return r;
    tri_identity_set(process->table.header->node_name, process->table.header->creation);
    r = open_mailbox(process, &birth->head);
    if (r == 0 && parts[USER][0] && !process->is_guest)
        r = tri_user_enter(process, parts[USER], why);
    if (r == 0)
        r = enter_surroundings(process, birth, why);
    if (r == 0)
        r = tri_mailbox_reserve(process->mailbox, process->parent);
    if (r)
        return r;
    tell_behaviour(process, parts[ENTRY]);
    tri_process_set_activity(process, TRI_ACTIVITY_RUNNING);
    *ret_entry = parts[ENTRY];
    *ret_name = parts[REGISTERED_NAME][0] ? parts[REGISTERED_NAME] : parts[ENTRY];
    return tell_ready(process, &told);
}

/* "counter: <0.3.1> counter" in ps, and "<0.3.1> counter" where 15 characters are shown: the binary, the pid, and the
 * registered name or else the entry. All of it is known without the table: an actor that looked at its own row would
 * need a page to find it, which no other row needs. */
static void set_title(const struct tri_process *process, const char *name)
{
    char pid[TR_PID_TEXT_BYTES], short_title[TR_PID_TEXT_BYTES + TRI_NAME_BYTES];
    snprintf(short_title, sizeof short_title, "%s %s", tr_pid_text(process->self, pid), name);
    tri_title_set(short_title, "%s: %s", program_invocation_short_name, short_title);
    tri_log_init(short_title);
}

/* An actor that could not be born says so in the result of its TRI_LEAVE.
 *   why   a term that tells more, or nothing */
TR_NORETURN static void be_stillborn(struct tri_process *process, int result, struct tr_out *why)
{
    struct tri_parcel parcel = tri_parcel_of(TRI_LEAVE);
    if (why->size_bytes && !why->fault)
        parcel.head.flags = TRI_TELLS_MORE;
    else
        tr_put(why, "{not_born, Why}", tr_strerror(result));
    parcel.head.result = result;
    parcel.body = why->data;
    parcel.body_bytes = why->size_bytes;
    tri_channel_send(process, &parcel);
    _exit(STILLBORN_STATUS);
}

/* The argument as a checked term. It came through the node from another process, so it may be anything. */
static tr_term checked_argument(struct tri_process *process)
{
    tr_term argument;
    struct tr_out *out = &process->argument;
    if (process->surrounded_argument.data)
        return process->surrounded_argument; /* has been checked */
    if (out->size_bytes == 0)
        tr_put_nil(out);
    if (tr_check(out->data, out->size_bytes, NULL, &argument))
        tr_exit("badarg");
    return argument;
}

bool tr_last_exit(tr_term *ret_reason)
{
    tr_term reason = tri_process_here()->last_exit;
    if (reason.data)
        *ret_reason = reason;
    return reason.data != NULL;
}

void tri_process_live(int control_fd)
{
    struct tri_packet birth;
    struct tr_out why = {0};
    const char *entry_name, *name;
    struct tri_process *process = tri_process_new(control_fd, false);
    if (!process)
        _exit(STILLBORN_STATUS);
    int r = tri_channel_await(process, TRI_NEVER, &birth);
    if (r)
        _exit(STILLBORN_STATUS);
    r = tri_birth_take(process, &birth, &entry_name, &name, &why);
    if (r)
        be_stillborn(process, r, &why);
    set_title(process, name);
    tri_confine_warn(process);
    const struct tr_entry *entry = tri_entry_find(entry_name);
    tri_packet_deinit(&birth);
    if (!entry)
        tr_exit("{no_entry, Name}", (const char *)entry_name);
    entry->run(unwrapped(process, checked_argument(process)));
    tr_exit("normal");
}
