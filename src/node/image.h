/* Image: an actor binary as the node knows it: its template process, its entries, and the actors that wait to be forked. */
#ifndef TRI_NODE_IMAGE_H
#define TRI_NODE_IMAGE_H

#include "node/node.h"

/* Finds the image of an absolute path that has been executed, or begins to execute its template: it is then LOADING. What
 * comes of that, those are told who wait for it (tri_image_fork): the path itself is looked at by the template, for it may
 * hang.
 *   is_wary   only a binary that nobody but root can have put there is executed
 * 0; -ENFILE (too many images); -EAGAIN, -EMFILE, -ENOMEM … */
int tri_image_get(struct tri_node *node, const char *path, bool is_wary,
                  struct tri_image **ret_image);

/* Has a READY image that entry? */
bool tri_image_has_entry(const struct tri_image *image, const char *entry);

/* The root's entry when nobody named one: "main", else the only one, else the one named like the binary; or NULL. */
const char *tri_image_default_entry(const struct tri_image *image);

/* Lets an actor be forked from the image as soon as that can be; its spawner is answered when it is ready, or cannot. */
void tri_image_fork(struct tri_node *node, struct tri_image *image, struct tri_actor *actor);

/* Takes an actor out of those who wait to be forked. Whether it was one of them. */
bool tri_image_withdraw(struct tri_actor *actor);

struct tri_image *tri_image_of_os_pid(const struct tri_node *node, int os_pid);

/* Could this child, whom nobody knows, be one whose os_pid a template has still to tell? Only one that had been asked for
 * when the child was first seen: so the answer becomes no, whatever is asked for meanwhile. */
bool tri_image_may_have_forked(struct tri_node *node, int os_pid);

/* Reads the answers of templates that have come. Whether there were any. */
bool tri_image_collect_forked(struct tri_node *node);

/* A template has ended. That of an image that was ready is the end of the node; one that never got ready is the end of
 * what waited for it. code and status as waitid's. */
void tri_image_ended(struct tri_node *node, struct tri_image *image, int code, int status);

void tri_images_close(struct tri_node *node);

#endif
