/* Pids of this node: slot and generation on the wire, and as text. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "term/identifier.h"
#include "term/identity.h"
#include "term/out.h"
#include "term/tags.h"

void tr_put_pid(struct tr_out *out, tr_pid pid)
{
    size_t node_size;
    const uint8_t *node = tri_identity_atom(&node_size);
    uint8_t *to = tri_out_take(out, 1 + node_size + 12);
    if (!to)
        return;
    to[0] = TRI_NEW_PID;
    memcpy(to + 1, node, node_size);
    to += 1 + node_size;
    tri_store32(to, tr_pid_slot(pid));
    tri_store32(to + 4, tr_pid_generation(pid));
    tri_store32(to + 8, tri_identity_creation());
}

bool tr_get_pid(tr_term term, tr_pid *ret_pid)
{
    if (tri_is_rest(term) || tri_kind_of_tag(term.data[0]) != TR_KIND_PID)
        return false;
    size_t node_size = term.data[0] == TRI_NEW_PID ? tri_identity_prefix(term.data + 1) : 0;
    const uint8_t *numbers = term.data + 1 + node_size;
    if (node_size > 0 && tri_load32(numbers + 8) == tri_identity_creation()) {
        *ret_pid = tr_pid_make(tri_load32(numbers), tri_load32(numbers + 4));
        return true;
    }
    struct tri_identifier pid;
    tri_identifier_read(term.data, &pid);
    if (!tri_identifier_is_own(&pid))
        return false;
    *ret_pid = tr_pid_make(pid.words[0], pid.words[1]);
    return true;
}

char *tr_pid_text(tr_pid pid, char buffer[TR_PID_TEXT_BYTES])
{
    snprintf(buffer, TR_PID_TEXT_BYTES, "<0.%" PRIu32 ".%" PRIu32 ">", tr_pid_slot(pid),
             tr_pid_generation(pid));
    return buffer;
}

/* Digits without sign or space, of a number that fits. */
static bool take_number(const char **at, uint32_t *ret_value)
{
    const char *digit = *at;
    uint64_t value = 0;
    while (*digit >= '0' && *digit <= '9' && value <= UINT32_MAX)
        value = value * 10 + (uint64_t)(*digit++ - '0');
    if (digit == *at || value > UINT32_MAX)
        return false;
    *at = digit;
    *ret_value = (uint32_t)value;
    return true;
}

bool tr_pid_parse(const char *text, tr_pid *ret_pid)
{
    uint32_t slot, generation;
    if (strncmp(text, "<0.", 3) != 0)
        return false;
    text += 3;
    if (!take_number(&text, &slot) || *text++ != '.' || !take_number(&text, &generation) ||
        strcmp(text, ">") != 0)
        return false;
    *ret_pid = tr_pid_make(slot, generation);
    return true;
}
