/* References of this node: NEWER_REFERENCE_EXT of four words.
 *
 * Erlang wants the first word under 2^18, so the number is split there; owner and number come back from a foreign node
 * as they left.
 */
#include <string.h>

#include "base/panic.h"
#include "term/identifier.h"
#include "term/identity.h"
#include "term/out.h"
#include "term/tags.h"

enum { LOW_BITS = 18, NUMBER_BITS = LOW_BITS + 32, WORDS = 4 };

void tr_put_ref(struct tr_out *out, tr_ref ref)
{
    if (ref.number >> NUMBER_BITS)
        tri_panic("tr_put_ref: the number %llu has more than %d bits",
                  (unsigned long long)ref.number, NUMBER_BITS);
    size_t node_size;
    const uint8_t *node = tri_identity_atom(&node_size);
    uint8_t *to = tri_out_take(out, 3 + node_size + 4 + 4 * WORDS);
    if (!to)
        return;
    to[0] = TRI_NEWER_REFERENCE;
    tri_store16(to + 1, WORDS);
    memcpy(to + 3, node, node_size);
    to += 3 + node_size;
    tri_store32(to, tri_identity_creation());
    tri_store32(to + 4, (uint32_t)ref.number & ((1u << LOW_BITS) - 1));
    tri_store32(to + 8, (uint32_t)(ref.number >> LOW_BITS));
    tri_store32(to + 12, tr_pid_generation(ref.owner));
    tri_store32(to + 16, tr_pid_slot(ref.owner));
}

bool tr_get_ref(tr_term term, tr_ref *ret_ref)
{
    if (tri_is_rest(term) || tri_kind_of_tag(term.data[0]) != TR_KIND_REF)
        return false;
    struct tri_identifier ref;
    tri_identifier_read(term.data, &ref);
    if (ref.count != WORDS || ref.words[0] >> LOW_BITS || !tri_identifier_is_own(&ref))
        return false;
    ret_ref->owner = tr_pid_make(ref.words[3], ref.words[2]);
    ret_ref->number = (uint64_t)ref.words[1] << LOW_BITS | ref.words[0];
    return true;
}
