/* Image: an actor binary as the node knows it: its template process, its entries, and the actors that wait to be forked. */
#ifndef TRI_NODE_IMAGE_H
#define TRI_NODE_IMAGE_H

#include "node/node.h"

/* Finds the image of an absolute path, or executes its template: it is then LOADING. why gets a sentence for people.
 * 0; TR_NOT_AN_ACTOR; -ENFILE (too many images); -ENOENT, -EACCES, -EAGAIN, -EMFILE, -ENOMEM … */
int tri_image_get(struct tri_node *node, const char *path, struct tri_image **ret_image, char *why,
                  size_t why_bytes);

/* Has a READY image that entry? */
bool tri_image_has_entry(const struct tri_image *image, const char *entry);

/* The root's entry when nobody named one: "main", else the only one, else the one named like the binary; or NULL. */
const char *tri_image_default_entry(const struct tri_image *image);

/* Lets an actor be forked from the image as soon as that can be; its spawner is answered when it is ready, or cannot. */
void tri_image_fork(struct tri_node *node, struct tri_image *image, struct tri_actor *actor);

/* Answers whoever waits for the actor to be ready, if somebody does. result 0: it is, or has lived. */
void tri_image_answer_spawner(struct tri_node *node, struct tri_actor *actor, int result);

struct tri_image *tri_image_of_os_pid(const struct tri_node *node, int os_pid);
bool tri_image_has_forks_under_way(const struct tri_node *node);

/* Reads the answers of templates that have come. Whether there were any. */
bool tri_image_collect_forked(struct tri_node *node);

/* A template has ended. That of an image that was ready is the end of the node; one that never got ready is the end of
 * what waited for it. code and status as waitid's. */
void tri_image_ended(struct tri_node *node, struct tri_image *image, int code, int status);

void tri_images_close(struct tri_node *node);

#endif
