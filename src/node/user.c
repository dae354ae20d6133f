/* User: the wish comes as numbers, so that nothing is looked up here. */
#include "node/user.h"

#include <errno.h>
#include <unistd.h>

#include "base/user.h"

const char *tri_user_text(const struct tri_actor *actor)
{
    return actor->user ? (const char *)actor->user->data : "";
}

const char *tri_user_name(const struct tri_actor *actor)
{
    struct tri_user user;
    const char *name = NULL;
    if (actor->user)
        tri_user_read(tri_user_text(actor), &user, &name);
    return name;
}

static bool is_own(const struct tri_actor *speaker, const struct tri_user *wished)
{
    struct tri_user own;
    return tri_user_read(tri_user_text(speaker), &own, NULL) && tri_user_equal(&own, wished);
}

int tri_user_for(const struct tri_actor *speaker, const char *wished, struct tri_body **ret_user,
                 struct tri_body **ret_reason)
{
    struct tri_user user;
    const char *name;
    *ret_user = *ret_reason = NULL;
    if (wished[0] && !tri_user_read(wished, &user, &name))
        return TR_MALFORMED;
    if (!wished[0] || (speaker->user && is_own(speaker, &user))) {
        *ret_user = speaker->user ? tri_body_ref(speaker->user) : NULL;
        return 0;
    }
    if (!speaker->user && geteuid() != 0 && user.user == geteuid())
        return 0;
    if (speaker->user || geteuid() != 0) {
        *ret_reason = tri_body_of_user(-EPERM, name);
        return -EPERM;
    }
    *ret_user = tri_body_of_text(wished);
    return *ret_user ? 0 : -ENOMEM;
}

void tri_user_show(struct tri_node *node, const struct tri_actor *actor)
{
    struct tri_user user;
    if (!tri_user_read(tri_user_text(actor), &user, NULL))
        return;
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(actor->pid));
    row->flags |= TRI_ROW_USER;
    row->user = user.user;
    tri_table_end(row);
}
