/* Random terms in all of their encodings, the same for the same seed.
 *
 * What OTP's own limits of old times forbid is not made (large numbers in old identifiers), nor are two equal keys in a
 * map, so that Erlang accepts everything that comes from here.
 */
#ifndef TEST_RANDOM_TERM_H
#define TEST_RANDOM_TERM_H

#include <stdio.h>
#include <string.h>

#include "term/out.h"
#include "term/tags.h"
#include "term/utf8.h"

struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static inline uint32_t random_below(struct random *random, uint32_t limit)
{
    return (uint32_t)(random_next(random) % limit);
}

static inline void write_byte(struct tr_out *out, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    tri_out_append(out, &byte, 1);
}

static inline void write_16(struct tr_out *out, unsigned value)
{
    write_byte(out, value >> 8);
    write_byte(out, value);
}

static inline void write_32(struct tr_out *out, uint32_t value)
{
    write_16(out, value >> 16);
    write_16(out, value);
}

static inline void write_bytes(struct random *random, struct tr_out *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_byte(out, (unsigned)random_next(random));
}

static inline uint32_t random_character(struct random *random)
{
    static const uint32_t limits[] = {0x7B, 0x100, 0x800, 0x10000, 0x110000};
    for (;;) {
        uint32_t character = random_below(random, limits[random_below(random, 5)]);
        if (tri_utf8_is_character(character))
            return character;
    }
}

/* Not `maybe` and `else`, which only newer versions of Erlang quote. */
static inline void write_utf8_atom(struct random *random, struct tr_out *out, bool is_small)
{
    uint8_t text[40];
    size_t length = 0;
    for (uint32_t left = random_below(random, 9); left > 0; left--)
        length += tri_utf8_encode(random_below(random, 3) ? 'a' + random_below(random, 3)
                                                          : random_character(random),
                                  text + length);
    write_byte(out, is_small ? TRI_SMALL_ATOM_UTF8 : TRI_ATOM_UTF8);
    if (is_small)
        write_byte(out, (unsigned)length);
    else
        write_16(out, (unsigned)length);
    tri_out_append(out, text, length);
}

static inline void write_latin1_atom(struct random *random, struct tr_out *out, bool is_small)
{
    unsigned length = random_below(random, 9);
    write_byte(out, is_small ? TRI_SMALL_ATOM : TRI_ATOM);
    if (is_small)
        write_byte(out, length);
    else
        write_16(out, length);
    write_bytes(random, out, length);
}

static inline void write_atom(struct random *random, struct tr_out *out)
{
    bool is_small = random_below(random, 4) != 0;
    if (random_below(random, 3))
        write_utf8_atom(random, out, is_small);
    else
        write_latin1_atom(random, out, is_small);
}

static inline void write_integer(struct random *random, struct tr_out *out)
{
    unsigned length = random_below(random, random_below(random, 4) ? 12 : 60);
    switch (random_below(random, 4)) {
    case 0:
        write_byte(out, TRI_SMALL_INTEGER);
        write_bytes(random, out, 1);
        return;
    case 1:
        write_byte(out, TRI_INTEGER);
        write_32(out, (uint32_t)random_next(random) >> random_below(random, 32));
        return;
    case 2:
        write_byte(out, TRI_SMALL_BIG);
        write_byte(out, length);
        break;
    default:
        write_byte(out, TRI_LARGE_BIG);
        write_32(out, length);
    }
    write_byte(out, random_below(random, 2));
    write_bytes(random, out, length);
    if (length > 3 && random_below(random, 3) == 0)
        memset(out->data + out->size_bytes - 3, 0, 3);
}

static inline double random_float(struct random *random)
{
    uint64_t bits = random_next(random);
    double value;
    if (random_below(random, 2))
        return ((double)random_below(random, 4000) - 2000) / (1 + random_below(random, 100));
    if ((bits & 0x7FF0000000000000u) == 0x7FF0000000000000u)
        bits ^= 0x4000000000000000u;
    if (random_below(random, 4) == 0)
        bits &= 0xFFF0000000000000u; /* powers of two */
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void write_float(struct random *random, struct tr_out *out)
{
    char text[TRI_FLOAT_TEXT_BYTES + 1] = {0};
    double value = random_float(random);
    if (random_below(random, 3)) {
        tr_put_float(out, value);
        return;
    }
    snprintf(text, sizeof text, "%.20e", value);
    write_byte(out, TRI_FLOAT);
    tri_out_append(out, text, TRI_FLOAT_TEXT_BYTES);
}

static inline void write_binary(struct random *random, struct tr_out *out)
{
    unsigned length = random_below(random, 12);
    if (length > 0 && random_below(random, 2)) {
        write_byte(out, TRI_BIT_BINARY);
        write_32(out, length);
        write_byte(out, 1 + random_below(random, 8));
    } else {
        write_byte(out, TRI_BINARY);
        write_32(out, length);
    }
    if (random_below(random, 2))
        write_bytes(random, out, length);
    else
        while (length-- > 0)
            write_byte(out, ' ' + random_below(random, 95));
}

static inline void write_node(struct random *random, struct tr_out *out)
{
    if (random_below(random, 2)) {
        tr_put_atom(out, "nonode@nohost");
    } else {
        char name[32];
        snprintf(name, sizeof name, "n%u@h", random_below(random, 5));
        tr_put_atom(out, name);
    }
}

static inline void write_pid(struct random *random, struct tr_out *out)
{
    bool is_new = random_below(random, 2);
    write_byte(out, is_new ? TRI_NEW_PID : TRI_PID);
    write_node(random, out);
    write_32(out, random_below(random, 1 << 15));
    write_32(out, random_below(random, 1 << 13));
    if (is_new)
        write_32(out, random_below(random, 3));
    else
        write_byte(out, random_below(random, 3));
}

static inline void write_reference(struct random *random, struct tr_out *out)
{
    static const uint8_t tags[] = {TRI_REFERENCE, TRI_NEW_REFERENCE, TRI_NEWER_REFERENCE};
    uint8_t tag = tags[random_below(random, 3)];
    unsigned words = tag == TRI_REFERENCE       ? 1
                     : tag == TRI_NEW_REFERENCE ? 3
                                                : 3 + random_below(random, 3);
    write_byte(out, tag);
    if (tag != TRI_REFERENCE)
        write_16(out, words);
    char name[32];
    snprintf(name, sizeof name, "r%u@h", random_below(random, 5));
    tr_put_atom(out, name);
    if (tag == TRI_NEWER_REFERENCE)
        write_32(out, (uint32_t)random_next(random));
    else if (tag == TRI_NEW_REFERENCE)
        write_byte(out, random_below(random, 4));
    write_32(out, random_below(random, 1 << 18));
    for (unsigned i = 1; i < words; i++)
        write_32(out, (uint32_t)random_next(random));
    if (tag == TRI_REFERENCE)
        write_byte(out, random_below(random, 4));
}

static inline void write_port(struct random *random, struct tr_out *out)
{
    static const uint8_t tags[] = {TRI_PORT, TRI_NEW_PORT, TRI_V4_PORT};
    uint8_t tag = tags[random_below(random, 3)];
    write_byte(out, tag);
    if (tag == TRI_V4_PORT)
        tr_put_atom(out, "p@h");
    else
        write_node(random, out);
    if (tag == TRI_V4_PORT)
        write_32(out, random_below(random, 1 << 12));
    write_32(out, random_below(random, 1 << 28));
    if (tag == TRI_PORT)
        write_byte(out, random_below(random, 4));
    else
        write_32(out, random_below(random, 4));
}

static inline void write_export(struct random *random, struct tr_out *out)
{
    write_byte(out, TRI_EXPORT);
    write_atom(random, out);
    write_atom(random, out);
    write_byte(out, TRI_SMALL_INTEGER);
    write_byte(out, random_below(random, 5));
}

static inline void write_scalar(struct random *random, struct tr_out *out)
{
    switch (random_below(random, 12)) {
    case 0:
    case 1:
        write_atom(random, out);
        break;
    case 2:
    case 3:
    case 4:
        write_integer(random, out);
        break;
    case 5:
    case 6:
        write_float(random, out);
        break;
    case 7:
    case 8:
        write_binary(random, out);
        break;
    case 9:
        write_pid(random, out);
        break;
    case 10:
        if (random_below(random, 2))
            write_reference(random, out);
        else
            write_port(random, out);
        break;
    default:
        write_export(random, out);
    }
}

static inline void write_term(struct random *random, struct tr_out *out, unsigned depth);

static inline void write_terms(struct random *random, struct tr_out *out, unsigned depth,
                               uint32_t count)
{
    while (count-- > 0)
        write_term(random, out, depth);
}

static inline void write_string(struct random *random, struct tr_out *out)
{
    unsigned length = random_below(random, 10);
    bool is_text = random_below(random, 2);
    write_byte(out, TRI_STRING);
    write_16(out, length);
    while (length-- > 0)
        write_byte(out, is_text ? ' ' + random_below(random, 95) : (unsigned)random_next(random));
}

/* Proper, improper, text beyond Latin-1, or with a list for its tail. */
static inline void write_list(struct random *random, struct tr_out *out, unsigned depth)
{
    uint32_t length = 1 + random_below(random, 5);
    bool is_text = random_below(random, 4) == 0;
    write_byte(out, TRI_LIST);
    write_32(out, length);
    if (is_text)
        while (length-- > 0)
            tr_put_unsigned(out, random_character(random));
    else
        write_terms(random, out, depth, length);
    switch (random_below(random, 6)) {
    case 0:
        write_scalar(random, out);
        break;
    case 1:
        write_list(random, out, depth);
        break;
    case 2:
        write_string(random, out);
        break;
    default:
        tr_put_nil(out);
    }
}

static inline void write_tuple(struct random *random, struct tr_out *out, unsigned depth)
{
    uint32_t arity = random_below(random, 6);
    if (random_below(random, 4) == 0) {
        write_byte(out, TRI_LARGE_TUPLE);
        write_32(out, arity);
    } else {
        tr_put_tuple_of(out, arity);
    }
    write_terms(random, out, depth, arity);
}

/* Keys differ in their first element. */
static inline void write_map(struct random *random, struct tr_out *out, unsigned depth)
{
    uint32_t pairs = random_below(random, random_below(random, 8) ? 5 : 50);
    tr_put_map_of(out, pairs);
    for (uint32_t i = 0; i < pairs; i++) {
        if (random_below(random, 2)) {
            tr_put_unsigned(out, i);
        } else {
            tr_put_tuple_of(out, 2);
            tr_put_unsigned(out, i);
            write_term(random, out, depth);
        }
        write_term(random, out, depth);
    }
}

static inline void write_fun(struct random *random, struct tr_out *out, unsigned depth)
{
    size_t start = out->size_bytes;
    uint32_t captured = random_below(random, 3);
    write_byte(out, TRI_NEW_FUN);
    write_32(out, 0);
    write_byte(out, random_below(random, 4));
    write_bytes(random, out, 16);
    write_32(out, random_below(random, 100));
    write_32(out, captured);
    write_atom(random, out);
    tr_put_unsigned(out, random_below(random, 1000));
    tr_put_unsigned(out, random_below(random, 1 << 27));
    write_pid(random, out);
    write_terms(random, out, depth, captured);
    if (out->fault == 0)
        tri_store32(out->data + start + 1, (uint32_t)(out->size_bytes - start - 1));
}

static inline void write_term(struct random *random, struct tr_out *out, unsigned depth)
{
    switch (depth > 0 ? random_below(random, 12) : 12) {
    case 0:
    case 1:
        write_tuple(random, out, depth - 1);
        break;
    case 2:
    case 3:
        write_list(random, out, depth - 1);
        break;
    case 4:
        write_map(random, out, depth - 1);
        break;
    case 5:
        write_string(random, out);
        break;
    case 6:
        if (random_below(random, 3) == 0)
            write_fun(random, out, depth - 1);
        else
            tr_put_nil(out);
        break;
    default:
        write_scalar(random, out);
    }
}

#endif
