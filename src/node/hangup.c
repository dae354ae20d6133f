/* Hangup: the message is a record such as that of a timer which the root has started for itself. */
#include "node/hangup.h"

#include <string.h>

#include "node/actor.h"
#include "node/body.h"
#include "node/notice.h"
#include "wire/box.h"

static struct tri_body *make_record(tr_pid receiver)
{
    uint64_t room[16] = {0};
    struct tr_out term = {0};
    struct tri_body *record = NULL;
    tr_put_atom(&term, "$hangup");
    struct tri_record head = {
        .size_bytes = (uint32_t)term.size_bytes, .kind = TRI_RECORD_TERM, .receiver = receiver.id};
    size_t bytes = tri_record_room(term.size_bytes);
    if (!term.fault && bytes <= sizeof room) {
        head.checksum = tri_record_checksum(&head, term.data);
        memcpy(room, &head, sizeof head);
        memcpy((uint8_t *)room + sizeof head, term.data, term.size_bytes);
        record = tri_body_new(room, bytes);
    }
    tr_out_deinit(&term);
    return record;
}

void tri_hangup(struct tri_node *node)
{
    struct tri_actor *root = tri_actor_find_living(node, node->root);
    struct tri_control head = {.kind = TRI_MESSAGE, .pid = node->root.id};
    struct tri_body *record = root ? make_record(node->root) : NULL;
    if (!record)
        return;
    tri_tell(node, root, &head, NULL, 0, record);
    tri_body_unref(record);
}
