/* Registries: processes found by key, Elixir's Registry.
 *
 * A name (tr_register) is one word for one process of the whole node. A registry has any term as a key, keeps a value with
 * each registration, lets a process stand under many keys and, where keys are duplicate, many processes under one key:
 * a phone book, or the subscribers of a topic.
 *
 *     #include <troupe.h>
 *
 *     TR_REGISTRY(topics, TR_KEYS_DUPLICATE)            defines one; it is started as a server, and named as one
 *
 *     tr_server_start_link(&pid, "topics", &(struct tr_start_options){.name = "topics"}, "[]");
 *
 *     tr_registry_register("topics", NULL, "{weather, \"Oslo\"}, hourly");           the caller, under that key
 *
 *     static void tell(tr_pid pid, tr_term value, void *context)  { tr_send(pid, "{rain, N}", *(int *)context); }
 *     tr_registry_dispatch("topics", tell, &mm, "{weather, \"Oslo\"}");
 *
 * A process stands in a registry until it unregisters or dies; lookups do not show the dead, not even those of whose death
 * the registry has not heard yet (4). A registry is linked with who is registered in it, and traps exits: it outlives
 * them, and when it dies they do, unless they trap exits, because nobody would find them any more. It is Elixir's rule.
 *
 * Keys are equal as in Erlang's =:=, so 1 and 1.0 are two keys.
 *
 * In all functions `registry` is a pid or a name. They are calls, and wait TR_CALL_TIMEOUT_MS for the answer: outcomes and
 * faults are those of tr_call, and TR_REFUSED: the registry has no memory, or the caller is no process of its node.
 */
#ifndef TROUPE_REGISTRY_H
#define TROUPE_REGISTRY_H

#include "troupe/server.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tr_registry_keys {
    TR_KEYS_UNIQUE,   /* one process under a key, once */
    TR_KEYS_DUPLICATE /* any number of registrations under a key, also of the same process */
};

TR_API TR_NORETURN void tri_registry_run(const char *entry, enum tr_registry_keys keys,
                                         tr_term argument);

/* Defines a registry of this binary: an entry as TR_ACTOR defines one. Its argument is of no interest. */
#define TR_REGISTRY(registry, keys)                                                                \
    TRI_ENTRY(#registry, tr_actor_##registry, tri_entry_##registry, tri_entry_at_##registry,       \
              TR_KIND_SERVER)                                                                      \
    {                                                                                              \
        tri_registry_run(#registry, (keys), argument);                                             \
    }

/* Registers the caller.
 *   ret_pid   NULL, or gets who has the key, with TR_TAKEN
 *   pattern   "Key, Value"
 * Outcomes also: TR_TAKEN: keys are unique, and somebody has this one, maybe the caller itself. */
TR_API int tri_registry_register(struct tr_to registry, tr_pid *ret_pid, struct tri_pattern **cache,
                                 const char *pattern, struct tr_holes holes);
#define tr_registry_register(registry, ret_pid, pattern, ...)                                      \
    tri_registry_register(TRI_TO(registry), (ret_pid), TRI_CACHE(), "{register, " pattern "}",     \
                          TRI_HOLES(__VA_ARGS__))

/* Ends all registrations of the caller under a key. Fine when there are none. */
#define tr_registry_unregister(registry, pattern, ...)                                             \
    tri_registry_ask(TRI_TO(registry), NULL, TRI_CACHE(), "{unregister, " pattern "}",             \
                     TRI_HOLES(__VA_ARGS__))

/* Gives the caller's registration another value, where keys are unique.
 *   ret_old   NULL, or its term is the value that it had
 *   pattern   "Key, Value"
 * Outcomes also: TR_REFUSED: the caller does not have that key. */
#define tr_registry_update_value(registry, ret_old, pattern, ...)                                  \
    tri_registry_ask(TRI_TO(registry), (ret_old), TRI_CACHE(), "{update_value, " pattern "}",      \
                     TRI_HOLES(__VA_ARGS__))

/* Who stands under a key: ret_reply->term is the list [{Pid, Value}], the oldest registration first; nobody: []. */
#define tr_registry_lookup(registry, ret_reply, pattern, ...)                                      \
    tri_registry_ask(TRI_TO(registry), (ret_reply), TRI_CACHE(), "{lookup, " pattern "}",          \
                     TRI_HOLES(__VA_ARGS__))

/* The first of them. Outcomes also: TR_NOPROC: there is none, or no registry. */
TR_API int tri_registry_whereis(struct tr_to registry, tr_pid *ret_pid, struct tri_pattern **cache,
                                const char *pattern, struct tr_holes holes);
#define tr_registry_whereis(registry, ret_pid, pattern, ...)                                       \
    tri_registry_whereis(TRI_TO(registry), (ret_pid), TRI_CACHE(), "{lookup, " pattern "}",        \
                         TRI_HOLES(__VA_ARGS__))

/* Calls a function of the caller for each of them, in the caller. */
typedef void tr_registry_visit_fn(tr_pid pid, tr_term value, void *context);
TR_API int tri_registry_dispatch(struct tr_to registry, tr_registry_visit_fn *visit, void *context,
                                 struct tri_pattern **cache, const char *pattern,
                                 struct tr_holes holes);
#define tr_registry_dispatch(registry, visit, context, pattern, ...)                               \
    tri_registry_dispatch(TRI_TO(registry), (visit), (context), TRI_CACHE(),                       \
                          "{lookup, " pattern "}", TRI_HOLES(__VA_ARGS__))

/* The keys of a process, one for each registration: ret_reply->term is a list. */
#define tr_registry_keys(registry, pid, ret_reply)                                                 \
    tri_registry_ask(TRI_TO(registry), (ret_reply), TRI_CACHE(), "{keys, Pid}", TRI_HOLES(pid))

/* How many registrations there are, in ret_reply->term. */
#define tr_registry_count(registry, ret_reply)                                                     \
    tri_registry_ask(TRI_TO(registry), (ret_reply), TRI_CACHE(), "count", TRI_HOLES())

TR_API int tri_registry_ask(struct tr_to registry, struct tr_reply *ret_reply,
                            struct tri_pattern **cache, const char *pattern, struct tr_holes holes);

#ifdef __cplusplus
}
#endif
#endif
