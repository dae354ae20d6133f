/* Actor: a slot of the table and who lives in it, from the wish for it to the last trace. */
#ifndef TRI_NODE_ACTOR_H
#define TRI_NODE_ACTOR_H

#include "node/node.h"

/* Takes a slot and fills its row; the actor is STARTING, and nothing of it runs yet.
 *   replaces      whose restarts it counts on, or TR_NO_PID
 * 0; TR_NO_SLOT; -ENOMEM, -ENOSPC. */
int tri_actor_new(struct tri_node *node, const char *entry, tr_pid parent, tr_pid replaces,
                  struct tri_actor **ret_actor);

/* May somebody be given that name? "" is no name, and may. One that has been killed gives its name up here, before it is
 * buried. 0; TR_BAD_NAME; TR_TAKEN. */
int tri_actor_check_name(struct tri_node *node, const char *name);

/* Nobody finds it by its name any more. */
void tri_actor_release_name(struct tri_node *node, const struct tri_actor *actor);

/* Tells it who it is, as the first packet on its channel. 0 or a negative errno. */
int tri_actor_tell_birth(const struct tri_node *node, const struct tri_actor *actor);

/* Who has that pid and still has a slot, dead or alive; NULL when nobody. */
struct tri_actor *tri_actor_find(const struct tri_node *node, tr_pid pid);

/* As tri_actor_find, but only one that signals can reach. */
struct tri_actor *tri_actor_find_living(const struct tri_node *node, tr_pid pid);

bool tri_actor_is_living(const struct tri_actor *actor);

/* Moves it to another state; a move that its life does not allow is a panic. */
void tri_actor_move(struct tri_node *node, struct tri_actor *actor, enum tri_state state);

/* The kernel has made its process. */
void tri_actor_set_os_pid(struct tri_node *node, struct tri_actor *actor, int os_pid);
struct tri_actor *tri_actor_of_os_pid(const struct tri_node *node, int os_pid);
void tri_actor_forget_os_pid(struct tri_node *node, struct tri_actor *actor);

/* Updates the counts that its row shows. */
void tri_actor_show_counts(struct tri_node *node, const struct tri_actor *actor);

/* Whether exit signals become messages: read in the actor's own box, this moment. */
bool tri_actor_traps_exits(const struct tri_node *node, const struct tri_actor *actor);

/* Why it has ended itself, as it left in its box. */
enum tri_fate tri_actor_fate(const struct tri_node *node, const struct tri_actor *actor);

/* Has it started a keeper, as its own box tells? */
bool tri_actor_has_keeper(const struct tri_node *node, const struct tri_actor *actor);

/* Lets the slot of a dead actor go: its box is cleared, its memory freed after this batch of events. */
void tri_actor_release(struct tri_node *node, struct tri_actor *actor);

/* Frees what was released. Called between batches. */
void tri_actor_bury(struct tri_node *node);

#endif
