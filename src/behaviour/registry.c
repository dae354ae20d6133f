/* Registry: a server around a book. It is linked with whom it has registered, and traps exits: so it hears of their deaths,
 * and they of its own. */
#include "troupe/registry.h"

#include "base/auto.h"
#include "base/log.h"
#include "behaviour/book.h"

/* A process is one registry at most. */
static struct {
    enum tr_registry_keys keys;
    struct tri_book book;
    struct tr_out list; /* of an answer */
} registry;

/* ---------------------------------------------------------------- registering */

/* The entries under a key, the oldest first, or NULL. The dead have none, even if their EXIT is still to come. */
static struct tri_book_entry *find(tr_term key)
{
    for (;;) {
        struct tri_book_entry *first = tri_book_find(&registry.book, key), *at = first;
        while (at && tr_is_alive(at->pid))
            at = at->key_next;
        if (!at)
            return first;
        tri_book_remove_pid(&registry.book, at->pid);
    }
}

/* A pid that has died meanwhile says EXIT for the link, and that removes it. */
static struct tr_step enter(tr_pid pid, tr_term key, tr_term value)
{
    const struct tri_book_entry *holder = registry.keys == TR_KEYS_UNIQUE ? find(key) : NULL;
    if (holder)
        return tr_answer("{error, {already_registered, Pid}}", holder->pid);
    bool is_new = !tri_book_find_pid(&registry.book, pid);
    if (tri_book_add(&registry.book, key, pid, value))
        return tr_answer("{error, system_limit}");
    if (is_new && tr_link(pid)) {
        tri_book_remove_pid(&registry.book, pid);
        return tr_answer("{error, system_limit}");
    }
    return tr_answer("{ok, Self}", tr_self());
}

static struct tr_step leave(tr_pid pid, tr_term key)
{
    struct tri_book_entry *entry = tri_book_find(&registry.book, key);
    bool had_any = tri_book_find_pid(&registry.book, pid) != NULL;
    while (entry) {
        struct tri_book_entry *next = entry->key_next;
        if (tr_pid_equal(entry->pid, pid))
            tri_book_remove(&registry.book, entry);
        entry = next;
    }
    if (had_any && !tri_book_find_pid(&registry.book, pid))
        tr_unlink(pid);
    return tr_answer("ok");
}

static struct tr_step update_value(tr_pid pid, tr_term key, tr_term value)
{
    struct tri_book_entry *entry = tri_book_find(&registry.book, key);
    if (registry.keys != TR_KEYS_UNIQUE)
        return tr_answer("{error, duplicate_keys}");
    if (!entry || !tr_pid_equal(entry->pid, pid))
        return tr_answer("{error, not_registered}");
    struct tr_step step = tr_answer("{ok, Old}", entry->value);
    return tri_book_set_value(entry, value) ? tr_answer("{error, system_limit}") : step;
}

/* ---------------------------------------------------------------- looking */

/* A list of count elements, which the caller puts next, and then nil. */
static struct tr_out *begin_list(uint32_t count)
{
    tr_out_reset(&registry.list);
    tr_put_list_of(&registry.list, count);
    return &registry.list;
}

static struct tr_step answer_list(struct tr_out *list)
{
    tr_put_nil(list);
    return list->fault ? tr_answer("{error, system_limit}")
                       : tr_answer("{ok, List}", tr_out_term(list));
}

static struct tr_step lookup(tr_term key)
{
    const struct tri_book_entry *first = find(key), *at;
    uint32_t count = 0;
    for (at = first; at; at = at->key_next)
        count++;
    struct tr_out *list = begin_list(count);
    for (at = first; at; at = at->key_next)
        tr_put(list, "{Pid, Value}", at->pid, at->value);
    return answer_list(list);
}

static struct tr_step keys_of(tr_pid pid)
{
    const struct tri_book_entry *first = tri_book_find_pid(&registry.book, pid), *at;
    uint32_t count = 0;
    for (at = first; at; at = at->holder_next)
        count++;
    struct tr_out *list = begin_list(count);
    for (at = first; at; at = at->holder_next)
        tr_put_term(list, at->key);
    return answer_list(list);
}

/* ---------------------------------------------------------------- callbacks */

static struct tr_step init(tr_term argument, void **ret_state)
{
    (void)argument;
    tr_trap_exit(true);
    *ret_state = &registry;
    return tr_ok();
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    tr_pid caller = tr_from_pid(from), pid;
    tr_term key, value;
    (void)state;
    if (tr_match(request, "{lookup, Key}", &key) == 0)
        return lookup(key);
    if (tr_match(request, "{keys, Pid}", &pid) == 0)
        return keys_of(pid);
    if (tr_match(request, "count") == 0)
        return tr_answer("{ok, Count}", registry.book.count);
    if (tr_pid_is_none(caller))
        return tr_answer("{error, badarg}");
    if (tr_match(request, "{register, Key, Value}", &key, &value) == 0)
        return enter(caller, key, value);
    if (tr_match(request, "{unregister, Key}", &key) == 0)
        return leave(caller, key);
    if (tr_match(request, "{update_value, Key, Value}", &key, &value) == 0)
        return update_value(caller, key, value);
    return tr_answer("{error, badarg}");
}

/* A stray one is no reason to take all who are registered along. */
static struct tr_step handle_cast(tr_term message, void *state)
{
    TRI_AUTO(tri_freep) char *text = tr_print_new(message);
    (void)state;
    tri_error("a registry got an unexpected cast: %s", text ? text : "?");
    return tr_noreply();
}

/* Who lives stays: an EXIT in its name may be an exit signal, or anybody's message. */
static struct tr_step handle_info(tr_term message, void *state)
{
    tr_pid pid;
    (void)state;
    if (tr_match(message, "{'EXIT', Pid, _}", &pid) == 0 && !tr_is_alive(pid))
        tri_book_remove_pid(&registry.book, pid);
    return tr_noreply();
}

static void put_entry(const struct tri_book_entry *entry, void *context)
{
    tr_put(context, "{Key, Pid, Value}", entry->key, entry->pid, entry->value);
}

/* [{Key, Pid, Value}], in no order. */
static void put_state(struct tr_out *out, const void *state)
{
    (void)state;
    tr_put_list_of(out, (uint32_t)registry.book.count);
    tri_book_visit(&registry.book, put_entry, out);
    tr_put_nil(out);
}

static const struct tr_server_callbacks callbacks = {
    .init = init,
    .handle_call = handle_call,
    .handle_cast = handle_cast,
    .handle_info = handle_info,
    .put_state = put_state,
};

TR_NORETURN void tri_registry_run(const char *entry, enum tr_registry_keys keys, tr_term argument)
{
    registry.keys = keys;
    tri_server_run(entry, &callbacks, argument);
}
