/* Queue: a doubly linked list in the order of arrival numbers. */
#include "mailbox/queue.h"

void tri_queue_put(struct tri_queue *queue, struct tr_message *message, uint64_t now_ns)
{
    message->arrival = ++queue->arrivals;
    message->arrived_ns = now_ns;
    message->next = NULL;
    message->previous = queue->newest;
    if (queue->newest)
        queue->newest->next = message;
    else
        queue->oldest = message;
    queue->newest = message;
    queue->length++;
    queue->bytes += message->term.size_bytes;
}

static uint64_t distance(const struct tr_message *message, uint64_t after)
{
    return message->arrival > after ? message->arrival - after : after - message->arrival;
}

/* Of the places that are known, the one nearest to a number. */
static struct tr_message *nearest(const struct tri_queue *queue, uint64_t after)
{
    struct tr_message *best = queue->oldest;
    if (distance(queue->newest, after) < distance(best, after))
        best = queue->newest;
    if (queue->at && distance(queue->at, after) < distance(best, after))
        best = queue->at;
    return best;
}

struct tr_message *tri_queue_next(struct tri_queue *queue, uint64_t after)
{
    if (!queue->oldest || queue->newest->arrival <= after)
        return NULL;
    if (queue->oldest->arrival > after)
        return queue->at = queue->oldest;
    struct tr_message *message = nearest(queue, after);
    while (message->arrival <= after)
        message = message->next;
    while (message->previous && message->previous->arrival > after)
        message = message->previous;
    queue->at = message;
    return message;
}

void tri_queue_remove(struct tri_queue *queue, struct tr_message *message)
{
    if (queue->at == message)
        queue->at = message->previous ? message->previous : message->next;
    if (message->previous)
        message->previous->next = message->next;
    else
        queue->oldest = message->next;
    if (message->next)
        message->next->previous = message->previous;
    else
        queue->newest = message->previous;
    queue->length--;
    queue->bytes -= message->term.size_bytes;
}

void tri_queue_deinit(struct tri_queue *queue)
{
    struct tr_message *message;
    while ((message = queue->oldest)) {
        tri_queue_remove(queue, message);
        tri_message_free(message);
    }
}
