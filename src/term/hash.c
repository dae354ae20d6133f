/* Hashing: each step of a walk is mixed in, and a map is the sum of what its pairs mix to. */
#include "term/hash.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/auto.h"
#include "term/atom.h"
#include "term/identifier.h"
#include "term/integer.h"
#include "term/real.h"
#include "term/scalar.h"
#include "term/walk.h"

/* A map that is open: what was mixed before it, and the sum of its finished pairs. */
struct open_map {
    struct tri_hash before, sum;
    bool has_pair;
};

static uint64_t secrets[4];
static pthread_once_t secrets_once = PTHREAD_ONCE_INIT;

static void draw_secrets(void)
{
    if (getrandom(secrets, sizeof secrets, GRND_NONBLOCK) == (ssize_t)sizeof secrets)
        return;
    /* At the machine's first moments there is no entropy yet; addresses and pids are better than a constant. */
    for (unsigned i = 0; i < TRI_ARRAY_LENGTH(secrets); i++)
        secrets[i] = 0x9E3779B97F4A7C15u * ((uint64_t)(uintptr_t)&i + (uint64_t)getpid() + i);
}

static uint64_t multiply(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void mix(struct tri_hash *hash, uint64_t word)
{
    for (unsigned i = 0; i < 2; i++)
        hash->lanes[i] = multiply(hash->lanes[i] ^ word ^ secrets[i], secrets[i + 2] | 1) + word;
}

static void mix_bytes(struct tri_hash *hash, const uint8_t *bytes, size_t size)
{
    mix(hash, size);
    for (; size >= 8; bytes += 8, size -= 8)
        mix(hash, tri_load64(bytes));
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word = word << 8 | bytes[i];
    mix(hash, word);
}

static void mix_atom(struct tri_hash *hash, tr_atom atom)
{
    char text[TR_ATOM_MAX_BYTES + 1];
    if (!atom.is_latin1) {
        mix_bytes(hash, (const uint8_t *)atom.text, atom.length_bytes);
        return;
    }
    size_t length = tr_atom_text(atom, text, sizeof text);
    mix_bytes(hash, (const uint8_t *)text, length);
}

static void mix_integer(struct tri_hash *hash, const uint8_t *at)
{
    struct tri_integer integer;
    tri_integer_read(at, &integer);
    mix(hash, integer.is_negative);
    if (integer.length <= 8)
        mix(hash, integer.small);
    else
        mix_bytes(hash, integer.magnitude, integer.length);
}

static void mix_float(struct tri_hash *hash, double value)
{
    uint64_t bits;
    value += 0.0; /* -0.0 becomes 0.0, which it equals */
    memcpy(&bits, &value, sizeof bits);
    mix(hash, bits);
}

static void mix_bits(struct tri_hash *hash, const uint8_t *at)
{
    unsigned bits;
    tr_bin binary = tri_bits_at(at, &bits);
    mix(hash, bits);
    if (binary.size_bytes == 0)
        return;
    const uint8_t *bytes = binary.data;
    mix_bytes(hash, bytes, binary.size_bytes - 1);
    mix(hash, bytes[binary.size_bytes - 1] >> (8 - bits));
}

static void mix_identifier(struct tri_hash *hash, const uint8_t *at)
{
    struct tri_identifier identifier;
    tri_identifier_read(at, &identifier);
    mix(hash, identifier.creation);
    for (unsigned i = 0; i < TRI_ARRAY_LENGTH(identifier.words); i++)
        mix(hash, identifier.words[i]);
    mix_atom(hash, tri_atom_at(identifier.node));
}

static void mix_scalar(struct tri_hash *hash, const uint8_t *at)
{
    enum tr_kind kind = tri_kind_of_tag(*at);
    mix(hash, kind == TR_KIND_BITSTRING ? TR_KIND_BINARY : kind);
    switch (kind) {
    case TR_KIND_INTEGER:
        mix_integer(hash, at);
        break;
    case TR_KIND_FLOAT:
        mix_float(hash, tri_real_at(at));
        break;
    case TR_KIND_ATOM:
        mix_atom(hash, tri_atom_at(at));
        break;
    case TR_KIND_BINARY:
    case TR_KIND_BITSTRING:
        mix_bits(hash, at);
        break;
    case TR_KIND_PID:
    case TR_KIND_REF:
    case TR_KIND_PORT:
        mix_identifier(hash, at);
        break;
    case TR_KIND_FUN: /* an exported one: module, function, arity */
        mix_atom(hash, tri_atom_at(at + 1));
        at = tri_skip(at + 1);
        mix_atom(hash, tri_atom_at(at));
        mix_integer(hash, tri_skip(at));
        break;
    default: /* nil */
        break;
    }
}

static void add_pair(struct open_map *map, const struct tri_hash *pair)
{
    struct tri_hash finished = *pair;
    mix(&finished, 0);
    mix(&finished, 1);
    map->sum.lanes[0] += finished.lanes[0];
    map->sum.lanes[1] += finished.lanes[1];
}

/* A fun is known by its module and its number there. */
static void mix_fun(struct tri_hash *hash, const struct tri_step *step)
{
    mix_bytes(hash, step->at + 5, TRI_FUN_HEADER_BYTES - 4);
    const uint8_t *module = step->at + 1 + TRI_FUN_HEADER_BYTES;
    const uint8_t *old_index = tri_skip(module);
    mix_atom(hash, tri_atom_at(module));
    mix_integer(hash, old_index);
    mix_integer(hash, tri_skip(old_index));
}

static void open_map(struct tri_hash *hash, struct tri_nest *maps)
{
    struct open_map *map = tri_nest_push(maps);
    *map = (struct open_map){.before = *hash};
}

/* Each pair begins with a hash of its own. */
static void begin_pair(struct tri_hash *hash, struct open_map *map)
{
    if (map->has_pair)
        add_pair(map, hash);
    map->has_pair = true;
    *hash = (struct tri_hash){{0}};
}

static void close_map(struct tri_hash *hash, struct tri_nest *maps)
{
    struct open_map *map = tri_nest_top(maps);
    if (map->has_pair)
        add_pair(map, hash);
    *hash = map->before;
    mix(hash, map->sum.lanes[0]);
    mix(hash, map->sum.lanes[1]);
    maps->depth--;
}

static void mix_step(struct tri_hash *hash, const struct tri_step *step, struct tri_nest *maps)
{
    if (step->kind == TRI_STEP_PAIR) {
        begin_pair(hash, tri_nest_top(maps));
        return;
    }
    if (step->kind == TRI_STEP_MAP_END) {
        close_map(hash, maps);
        return;
    }
    mix(hash, (uint64_t)step->cells << 8 | step->kind);
    mix(hash, step->count);
    if (step->kind == TRI_STEP_MAP)
        open_map(hash, maps);
    else if (step->kind == TRI_STEP_FUN)
        mix_fun(hash, step);
    else if (step->kind == TRI_STEP_SCALAR)
        mix_scalar(hash, step->at);
}

struct tri_hash tri_hash_of(tr_term term)
{
    struct open_map frames[TRI_NEST_FRAMES];
    TRI_AUTO(tri_nest_deinit) struct tri_nest maps = TRI_NEST_IN(frames);
    TRI_AUTO(tri_walk_deinit) struct tri_walk walk;
    struct tri_hash hash = {{0}};
    struct tri_step step;
    pthread_once(&secrets_once, draw_secrets);
    tri_walk_init(&walk, term);
    for (tri_walk_next(&walk, &step); step.kind != TRI_STEP_END; tri_walk_next(&walk, &step))
        mix_step(&hash, &step, &maps);
    return hash;
}
