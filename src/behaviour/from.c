/* From: who waits for a reply, as bytes that may be copied, because a reply may be given by another callback, or another
 * actor, long after the call was taken out of the mailbox. */
#include "behaviour/from.h"

#include <string.h>

#include "process/runtime.h"
#include "term/tags.h"
#include "troupe/server.h"

bool tr_from_get(tr_term term, struct tr_from *ret_from)
{
    const uint8_t *at = term.data;
    if (term.size_bytes < 2 || term.size_bytes > TR_FROM_BYTES)
        return false;
    if ((at[0] != TRI_SMALL_TUPLE || at[1] != 2) && tr_match(term, "{_, _}"))
        return false;
    ret_from->size_bytes = (uint32_t)term.size_bytes;
    memcpy(ret_from->data, term.data, term.size_bytes);
    return true;
}

tr_term tr_from_term(const struct tr_from *from) { return (tr_term){from->data, from->size_bytes}; }

tr_pid tr_from_pid(const struct tr_from *from)
{
    tr_pid pid = TR_NO_PID;
    tr_match(tr_from_term(from), "{Pid, _}", &pid);
    return pid;
}

/* Nearly always it is written as we write it. */
bool tri_tag_is_alias(tr_term tag, tr_ref *ret_alias)
{
    static const uint8_t head[] = {TRI_LIST, 0,   0,   0,   1,   TRI_SMALL_ATOM_UTF8,
                                   5,        'a', 'l', 'i', 'a', 's'};
    if (tag.size_bytes > sizeof head && memcmp(tag.data, head, sizeof head) == 0)
        return tr_get_ref(
            (tr_term){(const uint8_t *)tag.data + sizeof head, tag.size_bytes - sizeof head},
            ret_alias);
    return tr_match(tag, "[alias | Ref]", ret_alias) == 0;
}

/* Where the reply goes: OTP's tag tells an alias, in one of two ways; other tags mean the pid. False: to nobody here. */
static bool destination(const struct tr_from *from, tr_term *ret_tag, struct tr_to *ret_to)
{
    tr_ref alias;
    tr_pid pid;
    tr_term term = tr_from_term(from);
    if (tr_match(term, "{_, Tag}", ret_tag))
        return false;
    if (tri_tag_is_alias(*ret_tag, &alias) ||
        tr_match(*ret_tag, "[[alias | Ref] | _]", &alias) == 0)
        *ret_to = tri_to_alias(alias);
    else if (tr_match(term, "{Pid, _}", &pid) == 0)
        *ret_to = tri_to_pid(pid);
    else
        return false;
    return true;
}

int tri_answer_from(const struct tr_from *from, unsigned flags, struct tri_pattern **cache,
                    const char *pattern, struct tr_holes holes)
{
    struct tr_out *out = &tri_process_here()->out;
    struct tr_to to;
    tr_term tag;
    if (!destination(from, &tag, &to))
        return 0;
    tr_out_reset(out);
    tr_put_tuple_of(out, 2);
    tr_put_term(out, tag);
    int r = tri_put(out, cache, pattern, holes);
    return r ? r : tr_send_term(to, tr_out_term(out), flags);
}

int tr_reply_term(const struct tr_from *from, tr_term reply)
{
    return tr_reply(from, "Reply", reply);
}
