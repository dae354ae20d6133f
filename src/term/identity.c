/* The node's identity, kept both as text and as the bytes that every pid repeats. */
#include "term/identity.h"

#include <string.h>

#include "base/panic.h"
#include "term/atom.h"
#include "term/tags.h"
#include "term/utf8.h"

static struct {
    char name[TR_ATOM_MAX_BYTES + 1];
    uint8_t atom[3 + TR_ATOM_MAX_BYTES];
    size_t atom_size_bytes;
    uint32_t creation;
} identity = {
    .name = "nonode@nohost",
    .atom = {TRI_SMALL_ATOM_UTF8, 13, 'n', 'o', 'n', 'o', 'd', 'e', '@', 'n', 'o', 'h', 'o', 's',
             't'},
    .atom_size_bytes = 15,
};

void tri_identity_set(const char *node_name, uint32_t creation)
{
    size_t length = strlen(node_name), characters;
    if (!tri_utf8_count((const uint8_t *)node_name, length, &characters) || length == 0 ||
        characters > TR_ATOM_MAX_CHARACTERS)
        tri_panic("not a node's name: \"%s\"", node_name);
    if (creation == identity.creation && strcmp(node_name, identity.name) == 0)
        return; /* its template's, with which it shares the memory until something is written */
    memmove(identity.name, node_name, length + 1);
    size_t header = length <= UINT8_MAX ? 2 : 3;
    if (header == 2) {
        identity.atom[0] = TRI_SMALL_ATOM_UTF8;
        identity.atom[1] = (uint8_t)length;
    } else {
        identity.atom[0] = TRI_ATOM_UTF8;
        tri_store16(identity.atom + 1, (uint16_t)length);
    }
    memcpy(identity.atom + header, identity.name, length);
    identity.atom_size_bytes = header + length;
    identity.creation = creation;
}

const char *tri_identity_node(void) { return identity.name; }

uint32_t tri_identity_creation(void) { return identity.creation; }

const uint8_t *tri_identity_atom(size_t *ret_size_bytes)
{
    *ret_size_bytes = identity.atom_size_bytes;
    return identity.atom;
}

bool tri_identity_is(const uint8_t *at)
{
    return tri_identity_prefix(at) > 0 ||
           tri_atom_equal(tri_atom_at(at), tri_atom_at(identity.atom));
}

size_t tri_identity_prefix(const uint8_t *at)
{
    /* The length is within the first three bytes; unequal ones end the comparison before a shorter atom does. */
    size_t size = identity.atom_size_bytes;
    if (at[0] != identity.atom[0] || at[1] != identity.atom[1] || at[2] != identity.atom[2])
        return 0;
    return memcmp(at + 3, identity.atom + 3, size - 3) == 0 ? size : 0;
}
