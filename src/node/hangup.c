/* Hangup: a message to the root, as if a timer of its own were due. */
#include "node/hangup.h"

#include "node/actor.h"
#include "node/body.h"
#include "node/notice.h"

void tri_hangup(struct tri_node *node)
{
    struct tri_actor *root = tri_actor_find_living(node, node->root);
    struct tr_out term = {0};
    tr_put_atom(&term, "$hangup");
    struct tri_body *record =
        root && !term.fault ? tri_body_of_record(term.data, term.size_bytes, 0) : NULL;
    tr_out_deinit(&term);
    if (!record)
        return;
    tri_tell_record(node, root, node->root, record);
    tri_body_unref(record);
}
