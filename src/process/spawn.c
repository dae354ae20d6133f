/* Spawn: asked of the node, which has the template of the binary fork. Its answer is waited for, or comes as a message. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/panic.h"
#include "base/user.h"
#include "process/channel.h"
#include "process/confine.h"
#include "process/monitor.h"
#include "process/names.h"
#include "process/request.h"
#include "process/signals.h"
#include "process/spawn.h"
#include "process/surroundings.h"
#include "term/out.h"
#include "wire/death.h"

/* Where the path leads, of which size_bytes are given: the node has a working directory of its own. 0 or a negative errno. */
static int find_path(const char *given, size_t size_bytes, char path[PATH_MAX])
{
    char text[PATH_MAX];
    if (size_bytes >= sizeof text)
        return -ENAMETOOLONG;
    memcpy(text, given, size_bytes);
    text[size_bytes] = '\0';
    if (!realpath(text, path))
        return -errno;
    return strlen(path) < TRI_IMAGE_PATH_BYTES ? 0 : -ENAMETOOLONG;
}

/* Writes "entry" or "/real/path:entry", NUL, the name to be registered, NUL, and the user it is to be. */
static int put_names(const char *path, const char *entry, const char *name, const char *user,
                     char *buffer, size_t size_bytes, size_t *ret_bytes)
{
    size_t path_bytes = strlen(path), entry_bytes = strlen(entry), name_bytes = strlen(name),
           user_bytes = strlen(user);
    if (path_bytes + entry_bytes + name_bytes + user_bytes + 3 > size_bytes)
        return TR_NO_ENTRY;
    char *at = mempcpy(buffer, path, path_bytes);
    if (path_bytes)
        *at++ = ':';
    at = mempcpy(at, entry, entry_bytes);
    *at++ = '\0';
    at = mempcpy(at, name, name_bytes);
    if (user_bytes) {
        *at++ = '\0';
        at = mempcpy(at, user, user_bytes);
    }
    *ret_bytes = (size_t)(at - buffer);
    return 0;
}

/* Room for names, on the stack. */
#define NAMES_BYTES (8 * 1024)

/* A wish that is ready to be sent, and what it points to. */
struct wish {
    struct tri_parcel parcel;
    char names[NAMES_BYTES];
    struct tr_out whole;      /* the argument, when it was not whole */
    struct tr_out surrounded; /* it and its surroundings, when there are any */
    struct tr_out confined;   /* the names and the confinement, when there is one */
    int path_fault; /* why the path leads nowhere; 0: it leads somewhere, or there is none */
    int user_fault; /* the same of the user */
};

static void put_bound(struct tri_control *head, const struct tr_spawn_options *options)
{
    static const uint32_t policies[] = {
        [TR_MAILBOX_WAITS] = 0,
        [TR_MAILBOX_DROPS] = TRI_MAILBOX_DROPS,
        [TR_MAILBOX_KILLS] = TRI_MAILBOX_KILLS,
    };
    if (options->mailbox_policy >= TRI_ARRAY_LENGTH(policies))
        tri_panic("tr_spawn_term: there is no mailbox_policy %u", options->mailbox_policy);
    head->number = options->mailbox_max_messages;
    head->pid = options->mailbox_max_bytes;
    head->flags |= policies[options->mailbox_policy];
}

/* What is to be different about the child travels around its argument. */
static int surround(struct wish *wish, const struct tr_spawn_options *options, tr_term *argument)
{
    const char *const *environment = options->environment;
    if (!options->directory && !(environment && *environment))
        return 0;
    for (size_t i = 0; environment && environment[i]; i++)
        if (!tri_variable_is_proper(environment[i]))
            tri_panic("tr_spawn_term: \"%s\" is neither NAME=VALUE nor NAME", environment[i]);
    tri_surroundings_put(&wish->surrounded, options->directory, environment, *argument);
    wish->parcel.head.flags |= TRI_SURROUNDED;
    *argument = tr_out_term(&wish->surrounded);
    return wish->surrounded.fault;
}

/* As numbers, because the node looks nobody up. Apart, for its stack. */
static __attribute__((noinline)) int put_user(struct wish *wish, const char *name, char *text,
                                              size_t size_bytes)
{
    struct tri_user user;
    wish->user_fault = tri_user_find(name, &user);
    if (wish->user_fault == 0)
        wish->user_fault = tri_user_print(&user, name, text, size_bytes);
    return wish->user_fault;
}

static int name_it_with(struct wish *wish, const char *entry, const char *name, const char *user)
{
    char path[PATH_MAX] = "";
    const char *colon = strrchr(entry, ':');
    if (colon && colon > entry)
        wish->path_fault = find_path(entry, (size_t)(colon - entry), path);
    if (wish->path_fault)
        return wish->path_fault;
    return put_names(path, colon ? colon + 1 : entry, name ? name : "", user, wish->names,
                     sizeof wish->names, &wish->parcel.name_bytes);
}

static __attribute__((noinline)) int name_it_and_user(struct wish *wish, const char *entry,
                                                      const struct tr_spawn_options *options)
{
    char user[TRI_USER_TEXT_BYTES];
    int r = put_user(wish, options->user, user, sizeof user);
    return r ? r : name_it_with(wish, entry, options->name, user);
}

static int name_it(struct wish *wish, const char *entry, const struct tr_spawn_options *options)
{
    return options->user ? name_it_and_user(wish, entry, options)
                         : name_it_with(wish, entry, options->name, "");
}

/* The confinement is the last of the names. */
static int confine(struct wish *wish, const struct tri_confinement *confinement, bool has_user)
{
    struct tr_out *out = &wish->confined;
    const char *mistake = tri_confinement_mistake(confinement);
    if (mistake)
        tri_panic("tr_spawn_term: there is no such %s", mistake);
    tri_out_append(out, wish->names, wish->parcel.name_bytes);
    tri_out_append(out, "\0", has_user ? 1 : 2);
    tri_confine_put(out, confinement);
    wish->parcel.name = out->data;
    wish->parcel.name_bytes = out->size_bytes;
    if (out->fault == 0 && out->size_bytes > TRI_CONTROL_NAME_BYTES / 2)
        return -E2BIG;
    return out->fault;
}

static int wish_make(struct wish *wish, const char *entry, const struct tr_spawn_options *options,
                     tr_term argument)
{
    wish->parcel = tri_parcel_of(TRI_SPAWN);
    const struct tri_confinement confinement = TRI_CONFINEMENT_OF(options);
    wish->whole = wish->surrounded = wish->confined = (struct tr_out){0};
    wish->path_fault = wish->user_fault = 0;
    if (options->name && !tri_name_is_proper(options->name))
        return TR_BAD_NAME;
    int r = tri_term_whole(&argument, &wish->whole);
    if (r == 0)
        r = surround(wish, options, &argument);
    if (r == 0)
        r = name_it(wish, entry, options);
    wish->parcel.name = wish->names;
    if (r == 0 && !tri_confinement_is_none(&confinement))
        r = confine(wish, &confinement, options->user != NULL);
    wish->parcel.head.other = options->replaces.id;
    wish->parcel.head.flags |= options->flags & TR_SPAWN_LINK ? TRI_LINK : 0;
    put_bound(&wish->parcel.head, options);
    wish->parcel.body = argument.data;
    wish->parcel.body_bytes = argument.size_bytes;
    return r;
}

static void wish_deinit(struct wish *wish)
{
    tr_out_deinit(&wish->whole);
    tr_out_deinit(&wish->surrounded);
    tr_out_deinit(&wish->confined);
}

static void put_monitor(struct tri_process *process, struct wish *wish, uint64_t number)
{
    wish->parcel.head.flags |= TRI_MONITOR;
    wish->parcel.head.ref_owner = process->self.id;
    wish->parcel.head.ref_number = number;
}

/* Enters the monitor that is to be born with the child: before anything is sent, because its DOWN may be the very next
 * packet. */
static int enter_monitor(struct tri_process *process, struct wish *wish, uint64_t *ret_number)
{
    int r = tri_monitor_enter(process, tri_to_pid(TR_NO_PID), 0, ret_number);
    if (r == 0)
        put_monitor(process, wish, *ret_number);
    return r;
}

static const struct tr_spawn_options no_options;

/* Asks the node, and waits.
 *   number   of the monitor; 0: none */
static int ask(struct tri_process *process, struct wish *wish, unsigned flags, uint64_t number,
               tr_pid *ret_pid)
{
    const struct tri_reply *reply;
    int r = tri_request(process, &wish->parcel, &reply);
    if (r) {
        tri_watches_end_monitor(&process->watches, number);
        return r;
    }
    tr_pid pid = {reply->pid};
    tri_watches_set_pid(&process->watches, number, pid);
    if (process->is_guest && flags & TR_SPAWN_LINK)
        tri_links_add(&process->links, pid);
    if (ret_pid)
        *ret_pid = pid;
    return 0;
}

int tr_spawn_term(const char *entry, const struct tr_spawn_options *options, tr_term argument,
                  tr_pid *ret_pid, tr_ref *ret_monitor)
{
    struct tri_process *process = tri_process_here();
    struct wish wish;
    uint64_t number = 0;
    options = options ? options : &no_options;
    int r = wish_make(&wish, entry, options, argument);
    if (r == 0 && options->flags & TR_SPAWN_MONITOR)
        r = enter_monitor(process, &wish, &number);
    if (r == 0)
        r = ask(process, &wish, options->flags, number, ret_pid);
    wish_deinit(&wish);
    if (r == 0 && number && ret_monitor)
        *ret_monitor = tri_process_ref(process, number);
    return r;
}

static const struct tr_spawn_options linked = {.flags = TR_SPAWN_LINK};

int tri_spawn_watched(const char *entry, tr_term argument, tr_ref monitor, tr_pid *ret_pid)
{
    struct tri_process *process = tri_process_here();
    struct wish wish;
    int r = wish_make(&wish, entry, &linked, argument);
    put_monitor(process, &wish, monitor.number);
    if (r == 0)
        r = ask(process, &wish, linked.flags, monitor.number, ret_pid);
    else
        tri_watches_end_monitor(&process->watches, monitor.number);
    wish_deinit(&wish);
    return r;
}

/* Asks the node, and notes that an answer will come. After a failure the birth's monitor is none any more. */
static int expect(struct tri_process *process, struct wish *wish, struct tri_birth birth)
{
    birth.request = tri_request_number(process);
    wish->parcel.head.request = birth.request;
    int r = tri_births_add(&process->births, &birth);
    if (r == 0) {
        r = tri_channel_send(process, &wish->parcel);
        /* A node that is gone has answered all by then, this one too. */
        if (r && !tri_births_take(&process->births, birth.request, &birth))
            r = 0;
    }
    if (r)
        tri_watches_end_monitor(&process->watches, birth.ref);
    return r;
}

static int request(struct tri_process *process, struct wish *wish, unsigned flags, tr_ref *ret_ref)
{
    struct tri_birth birth = {.flags = flags};
    int r = 0;
    if (flags & TR_SPAWN_MONITOR)
        r = enter_monitor(process, wish, &birth.ref);
    else
        birth.ref = tri_process_make_ref(process);
    if (r == 0)
        r = expect(process, wish, birth);
    if (r == 0 && ret_ref)
        *ret_ref = tri_process_ref(process, birth.ref);
    return r;
}

/* A path that leads nowhere is answered as if a template had found it so, and a user that there is not as if the actor had. */
static int refuse(struct tri_process *process, const struct wish *wish, const char *entry,
                  const char *user, tr_ref *ret_ref)
{
    int fault = wish->path_fault ? wish->path_fault : wish->user_fault;
    struct tri_birth birth = {.ref = tri_process_make_ref(process)};
    TRI_AUTO(tr_out_deinit) struct tr_out reason = {0};
    if (wish->path_fault)
        tri_death_put_exec(&reason, fault, entry, (size_t)(strrchr(entry, ':') - entry));
    else
        tri_death_put_user(&reason, fault, user);
    if (reason.fault)
        return reason.fault;
    tri_signals_answer_birth(process, &birth, fault, TR_NO_PID, &reason);
    if (ret_ref)
        *ret_ref = tri_process_ref(process, birth.ref);
    return 0;
}

int tr_spawn_request_term(const char *entry, const struct tr_spawn_options *options,
                          tr_term argument, tr_ref *ret_ref)
{
    struct tri_process *process = tri_process_here();
    struct wish wish;
    options = options ? options : &no_options;
    int r = wish_make(&wish, entry, options, argument);
    if (r == 0)
        r = request(process, &wish, options->flags, ret_ref);
    else if (wish.path_fault || wish.user_fault)
        r = refuse(process, &wish, entry, options->user, ret_ref);
    wish_deinit(&wish);
    return r;
}

int tri_spawn_request_watched(const char *entry, tr_term argument, tr_ref monitor)
{
    struct tri_process *process = tri_process_here();
    const struct tri_birth birth = {
        .ref = monitor.number, .flags = TR_SPAWN_LINK | TR_SPAWN_MONITOR, .is_terse = true};
    struct wish wish;
    int r = wish_make(&wish, entry, &linked, argument);
    put_monitor(process, &wish, monitor.number);
    if (r == 0)
        r = expect(process, &wish, birth);
    else
        tri_watches_end_monitor(&process->watches, monitor.number);
    wish_deinit(&wish);
    return r;
}

int tri_spawn(const char *entry, unsigned flags, tr_pid *ret_pid, tr_ref *ret_monitor,
              struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    struct tr_out *out = &tri_process_here()->out;
    struct tr_spawn_options options = {.flags = flags};
    tr_out_reset(out);
    int r = tri_put(out, cache, pattern, holes);
    return r ? r : tr_spawn_term(entry, &options, tr_out_term(out), ret_pid, ret_monitor);
}

int tri_spawn_request(const char *entry, tr_ref *ret_ref, struct tri_pattern **cache,
                      const char *pattern, struct tr_holes holes)
{
    struct tr_out *out = &tri_process_here()->out;
    tr_out_reset(out);
    int r = tri_put(out, cache, pattern, holes);
    return r ? r : tr_spawn_request_term(entry, NULL, tr_out_term(out), ret_ref);
}
