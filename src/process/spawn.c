/* Spawn: asked of the node, which has the template of the binary fork. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "process/monitor.h"
#include "process/names.h"
#include "process/request.h"
#include "term/out.h"

/* Writes "entry" or "/real/path:entry", NUL, and the name to be registered. */
static int put_names(const char *entry, const char *name, char *buffer, size_t size_bytes,
                     size_t *ret_bytes)
{
    char path[PATH_MAX] = "";
    const char *colon = strrchr(entry, ':');
    if (colon && colon > entry) {
        char given[PATH_MAX];
        size_t length = (size_t)(colon - entry);
        if (length >= sizeof given)
            return -ENAMETOOLONG;
        memcpy(given, entry, length);
        given[length] = '\0';
        if (!realpath(given, path))
            return -errno;
    }
    const char *own = colon ? colon + 1 : entry;
    size_t path_bytes = strlen(path), own_bytes = strlen(own), name_bytes = name ? strlen(name) : 0;
    if (path_bytes + own_bytes + name_bytes + 2 > size_bytes)
        return TR_NO_ENTRY;
    char *at = mempcpy(buffer, path, path_bytes);
    if (path_bytes)
        *at++ = ':';
    at = mempcpy(at, own, own_bytes);
    *at++ = '\0';
    at = name_bytes ? mempcpy(at, name, name_bytes) : at;
    *ret_bytes = (size_t)(at - buffer);
    return 0;
}

/* Asks the node, with the monitor entered before, because its DOWN may be the very next packet. */
static int ask(struct tri_process *process, struct tri_parcel *parcel, unsigned flags,
               tr_pid *ret_pid, tr_ref *ret_monitor)
{
    const struct tri_reply *reply;
    uint64_t number = 0;
    if (flags & TR_SPAWN_MONITOR) {
        int r = tri_monitor_enter(process, tri_to_pid(TR_NO_PID), 0, &number);
        if (r)
            return r;
        parcel->head.flags |= TRI_MONITOR;
        parcel->head.ref_owner = process->self.id;
        parcel->head.ref_number = number;
    }
    if (flags & TR_SPAWN_LINK)
        parcel->head.flags |= TRI_LINK;
    int r = tri_request(process, parcel, &reply);
    if (r) {
        tri_watches_end_monitor(&process->watches, number);
        return r;
    }
    if (ret_pid)
        *ret_pid = (tr_pid){reply->pid};
    tri_watches_set_pid(&process->watches, number, (tr_pid){reply->pid});
    if (ret_monitor && number)
        *ret_monitor = tri_process_ref(process, number);
    return 0;
}

int tr_spawn_term(const char *entry, const struct tr_spawn_options *options, tr_term argument,
                  tr_pid *ret_pid, tr_ref *ret_monitor)
{
    static const struct tr_spawn_options none;
    struct tri_process *process = tri_process_here();
    struct tri_parcel parcel = tri_parcel_of(TRI_SPAWN);
    char names[TRI_CONTROL_NAME_BYTES];
    tr_pid pid = TR_NO_PID;
    if (!options)
        options = &none;
    if (options->name && !tri_name_is_proper(options->name))
        return TR_BAD_NAME;
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    int r = tri_term_whole(&argument, &whole);
    if (r == 0)
        r = put_names(entry, options->name, names, sizeof names, &parcel.name_bytes);
    if (r)
        return r;
    parcel.name = names;
    parcel.head.other = options->replaces.id;
    parcel.body = argument.data;
    parcel.body_bytes = argument.size_bytes;
    r = ask(process, &parcel, options->flags, &pid, ret_monitor);
    if (r)
        return r;
    if (process->is_guest && options->flags & TR_SPAWN_LINK)
        tri_links_add(&process->links, pid);
    if (ret_pid)
        *ret_pid = pid;
    return 0;
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
