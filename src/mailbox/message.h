/* Message: what stands in the queue, and the memory that its term lies in.
 *
 * The messages of one frame lie in one block and share the frame's bytes, which nanomsg allocated: nothing is copied
 * at the intake. The last of them that is freed frees the block. Other messages own a copy, or a mapped file. */
#ifndef TRI_MAILBOX_MESSAGE_H
#define TRI_MAILBOX_MESSAGE_H

#include "mailbox/mailbox.h"

struct tri_message_block;

/* A block with room for `count` messages of one frame, owned by the caller like the frame itself from then on.
 *   spare   a mailbox keeps the block that was freed last for the next frame: a stream would ask malloc for one per
 *           frame, and touch new memory each time. NULL at first; whoever owns it frees it in the end
 * NULL when there is no memory; the frame is still the caller's then. */
struct tri_message_block *tri_message_block_new(void *frame, size_t count,
                                                struct tri_message_block **spare);
void tri_message_block_unref(struct tri_message_block *block, struct tri_message_block **spare);

/* Frees a message whose mailbox lives. NULL is fine, for both. */
void tri_message_recycle(struct tr_message *message, struct tri_message_block **spare);

/* The block's next message. The term lies in the block's frame. */
struct tr_message *tri_message_in_block(struct tri_message_block *block, tr_pid from,
                                        uint64_t alias, tr_term term);

/* A message with room of its own for size_bytes, which the caller fills: see tri_message_room. NULL: no memory. */
struct tr_message *tri_message_new(tr_pid from, uint64_t alias, size_t size_bytes);
void *tri_message_room(struct tr_message *message);

/* Messages with much room of their own are kept for the next ones when they are freed: what fresh memory costs is that
 * the kernel clears it. Tells whether any were kept since it was asked last. */
bool tri_message_spares_used(void);
/* Gives them back to the system. */
void tri_message_spares_free(void);

/* A message that holds a copy of a term. NULL: no memory. */
struct tr_message *tri_message_copy(tr_pid from, uint64_t alias, tr_term term);

/* A message whose term lies in a mapping, which it owns from then on. NULL: no memory. */
struct tr_message *tri_message_of_map(tr_pid from, uint64_t alias, void *map, size_t map_bytes,
                                      tr_term term);

#endif
