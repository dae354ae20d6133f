/* Pids, references and ports of whichever node. */
#include "term/identifier.h"

#include <string.h>

#include "term/atom.h"
#include "term/identity.h"

static uint32_t take32(const uint8_t **at)
{
    uint32_t value = tri_load32(*at);
    *at += 4;
    return value;
}

static void take_words(struct tri_identifier *identifier, const uint8_t **at, unsigned count)
{
    identifier->count = count;
    for (unsigned i = 0; i < count; i++)
        identifier->words[i] = take32(at);
}

static void read_reference(const uint8_t *at, struct tri_identifier *reference)
{
    unsigned count = at[0] == TRI_REFERENCE ? 1 : tri_load16(at + 1);
    const uint8_t *numbers = tri_skip(reference->node);
    reference->kind = TR_KIND_REF;
    if (at[0] == TRI_REFERENCE)
        take_words(reference, &numbers, count);
    if (at[0] == TRI_NEWER_REFERENCE)
        reference->creation = take32(&numbers);
    else
        reference->creation = *numbers++;
    if (at[0] != TRI_REFERENCE)
        take_words(reference, &numbers, count);
}

static void read_port(const uint8_t *at, struct tri_identifier *port)
{
    const uint8_t *numbers = tri_skip(port->node);
    port->kind = TR_KIND_PORT;
    port->count = 2;
    if (at[0] == TRI_V4_PORT)
        port->words[0] = take32(&numbers);
    port->words[1] = take32(&numbers);
    port->creation = at[0] == TRI_PORT ? *numbers : tri_load32(numbers);
}

static void read_pid(const uint8_t *at, struct tri_identifier *pid)
{
    const uint8_t *numbers = tri_skip(pid->node);
    pid->kind = TR_KIND_PID;
    take_words(pid, &numbers, 2);
    pid->creation = at[0] == TRI_PID ? *numbers : tri_load32(numbers);
}

void tri_identifier_read(const uint8_t *at, struct tri_identifier *ret_identifier)
{
    *ret_identifier = (struct tri_identifier){.node = at + 1};
    switch (at[0]) {
    case TRI_NEWER_REFERENCE:
    case TRI_NEW_REFERENCE:
        ret_identifier->node = at + 3;
        read_reference(at, ret_identifier);
        break;
    case TRI_REFERENCE:
        read_reference(at, ret_identifier);
        break;
    case TRI_PORT:
    case TRI_NEW_PORT:
    case TRI_V4_PORT:
        read_port(at, ret_identifier);
        break;
    default:
        read_pid(at, ret_identifier);
    }
}

bool tri_identifier_equal(const uint8_t *a, const uint8_t *b)
{
    struct tri_identifier left, right;
    tri_identifier_read(a, &left);
    tri_identifier_read(b, &right);
    return left.kind == right.kind && left.creation == right.creation &&
           memcmp(left.words, right.words, sizeof left.words) == 0 &&
           tri_atom_equal(tri_atom_at(left.node), tri_atom_at(right.node));
}

bool tri_identifier_is_own(const struct tri_identifier *identifier)
{
    return identifier->creation == tri_identity_creation() && tri_identity_is(identifier->node);
}
