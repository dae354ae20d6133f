/* Links and monitors: who is told when somebody dies, and the exit signals between them. */
#ifndef TRI_NODE_LINKS_H
#define TRI_NODE_LINKS_H

#include "node/node.h"

/* Delivers an exit signal, as exit_policy.h decides: drops it, tells it, or kills the receiver.
 *   number   the last message that `from` had sent to the receiver; the signal stays behind it */
void tri_exit_signal(struct tri_node *node, tr_pid from, struct tri_actor *to,
                     enum tri_exit_origin origin, struct tri_body *reason, uint64_t number);

/* One link per pair (SEMANTICS 9). 0 or -ENOMEM. */
int tri_link_add(struct tri_node *node, struct tri_actor *one, struct tri_actor *other);
void tri_link_remove(struct tri_node *node, struct tri_actor *one, struct tri_actor *other);

/* Watches a living target. name: by which it was asked for, or "". 0; -ENOMEM; TR_TAKEN: that reference is in use. */
int tri_monitor_add(struct tri_node *node, struct tri_actor *watcher, struct tri_actor *target,
                    struct tri_monitor_key key, const char *name);
/* Whether there was one with that reference, and it was the watcher's. */
bool tri_monitor_remove(struct tri_node *node, const struct tri_actor *watcher,
                        struct tri_monitor_key key);

/* Tells a watcher {'DOWN', …}. dead may be TR_NO_PID: a name that nobody had. */
void tri_tell_down(struct tri_node *node, struct tri_actor *watcher, struct tri_monitor_key key,
                   tr_pid dead, const char *name, struct tri_body *reason);

/* The end of one: EXIT to the linked, then DOWN to the watching (SEMANTICS 18); its own links and monitors vanish. */
void tri_links_end(struct tri_node *node, struct tri_actor *dead);

/* Takes away, without a word, the link and the monitor that a spawn made with one that was never born; whoever had found
 * it by its name, the spawner too, is told like of any other end. */
void tri_links_forget_spawn(struct tri_node *node, struct tri_actor *actor);

/* Appends the list of all who are linked with it. */
void tri_links_put(const struct tri_actor *actor, struct tr_out *out);

/* Appends what TRI_INFO answers: #{links => […], monitors => […], monitored_by => […]}, and where they are known, user and
 * confinement. */
void tri_links_describe(const struct tri_actor *actor, struct tr_out *out);

#endif
