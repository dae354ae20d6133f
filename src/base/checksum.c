/* Checksum: 64-bit multiply and fold over words of eight bytes (the mixing step of wyhash). Long data goes through four
 * lanes side by side, two words a step, because one multiplication has to wait for the one before it in its lane. */
#include "base/checksum.h"

#include <string.h>

#define ODD 0x9e3779b97f4a7c15ull
#define OTHER 0xd6e8feb86659fd93ull
#define ROW_BYTES 64

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t word_at(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static uint64_t mix_pair(uint64_t state, const unsigned char *at)
{
    return mix(word_at(at) ^ ODD, word_at(at + 8) ^ state);
}

struct lanes {
    uint64_t a, b, c, d;
};

static struct lanes begin_lanes(uint64_t state)
{
    return (struct lanes){state, state ^ ODD, state ^ OTHER, ~state};
}

static uint64_t end_lanes(struct lanes lanes)
{
    return mix(mix(lanes.a ^ OTHER, lanes.b), mix(lanes.c ^ OTHER, lanes.d) ^ ODD);
}

/* Takes whole rows of eight words, and copies them unless `to` is NULL. */
static inline __attribute__((always_inline)) struct lanes
mix_rows(struct lanes lanes, unsigned char *to, const unsigned char *at, size_t rows)
{
    for (; rows > 0; rows--, at += ROW_BYTES) {
        if (to)
            to = (unsigned char *)memcpy(to, at, ROW_BYTES) + ROW_BYTES;
        lanes.a = mix_pair(lanes.a, at);
        lanes.b = mix_pair(lanes.b, at + 16);
        lanes.c = mix_pair(lanes.c, at + 32);
        lanes.d = mix_pair(lanes.d, at + 48);
    }
    return lanes;
}

static uint64_t begin_sum(uint32_t seed, size_t size_bytes)
{
    return seed ^ mix(size_bytes ^ ODD, OTHER);
}

/* A word of what is shorter than two words; every byte is in it. */
static uint64_t word_of_few(const unsigned char *at, size_t size_bytes)
{
    uint32_t first, last;
    if (size_bytes >= 4) {
        memcpy(&first, at, sizeof first);
        memcpy(&last, at + size_bytes - 4, sizeof last);
        return (uint64_t)first << 32 | last;
    }
    return size_bytes == 0
               ? 0
               : (uint64_t)at[0] << 16 | (uint64_t)at[size_bytes / 2] << 8 | at[size_bytes - 1];
}

/* Takes the rest that is no row: behind `done_bytes`, less than a row. Its last two words are the last of the whole, and
 * may overlap what has been taken already. */
static inline uint32_t end_sum(uint64_t state, const unsigned char *whole, size_t done_bytes,
                               size_t size_bytes)
{
    const unsigned char *end = whole + size_bytes;
    if (size_bytes >= 16) {
        for (; done_bytes + 16 < size_bytes; done_bytes += 16)
            state = mix_pair(state, whole + done_bytes);
        state = mix_pair(state, end - 16);
    } else if (size_bytes >= 8) {
        state = mix(word_at(whole) ^ ODD, word_at(end - 8) ^ state);
    } else {
        state = mix(word_of_few(whole, size_bytes) ^ OTHER, state ^ ODD);
    }
    return (uint32_t)(state ^ state >> 32);
}

/* Copies what is less than a row, and the end of something of size_bytes: in words that may overlap what has been copied
 * already, because a call of memcpy costs more than all else here. */
static inline void copy_end(unsigned char *to, const unsigned char *from, size_t done_bytes,
                            size_t size_bytes)
{
    if (size_bytes < 16) {
        memcpy(to, from, size_bytes);
        return;
    }
    for (; done_bytes + 16 < size_bytes; done_bytes += 16)
        memcpy(to + done_bytes, from + done_bytes, 16);
    memcpy(to + size_bytes - 16, from + size_bytes - 16, 16);
}

/* Inlined into both functions below, so that neither asks in its loop whether it copies. */
static inline __attribute__((always_inline)) uint32_t
sum(uint32_t seed, unsigned char *to, const unsigned char *at, size_t size_bytes)
{
    uint64_t state = begin_sum(seed, size_bytes);
    size_t rows_bytes = size_bytes / ROW_BYTES * ROW_BYTES;
    if (rows_bytes > 0)
        state = end_lanes(mix_rows(begin_lanes(state), to, at, rows_bytes / ROW_BYTES));
    if (to)
        copy_end(to, at, rows_bytes, size_bytes);
    return end_sum(state, at, rows_bytes, size_bytes);
}

uint32_t tri_checksum(uint32_t seed, const void *data, size_t size_bytes)
{
    return sum(seed, NULL, data, size_bytes);
}

uint32_t tri_checksum_words(uint64_t a, uint64_t b)
{
    uint64_t product = mix(a ^ ODD, b ^ OTHER);
    return (uint32_t)(product ^ product >> 32);
}

uint32_t tri_checksum_copy(uint32_t seed, void *to, const void *data, size_t size_bytes)
{
    return sum(seed, to, data, size_bytes);
}

uint32_t tri_checksum_gather(uint32_t seed, void *to, const struct iovec *parts, size_t count,
                             size_t size_bytes)
{
    unsigned char *whole = to;
    uint64_t state = begin_sum(seed, size_bytes);
    struct lanes lanes = begin_lanes(state);
    size_t copied = 0, summed = 0; /* so many bytes of the whole */
    for (size_t i = 0; i < count; i++) {
        const unsigned char *from = parts[i].iov_base;
        size_t left = parts[i].iov_len;
        size_t to_row = (ROW_BYTES - copied % ROW_BYTES) % ROW_BYTES;
        if (left >= to_row + ROW_BYTES) {
            memcpy(whole + copied, from, to_row);
            copied += to_row;
            lanes = mix_rows(lanes, NULL, whole + summed, (copied - summed) / ROW_BYTES);
            size_t rows = (left - to_row) / ROW_BYTES;
            lanes = mix_rows(lanes, whole + copied, from + to_row, rows);
            from += to_row + rows * ROW_BYTES;
            left -= to_row + rows * ROW_BYTES;
            copied += rows * ROW_BYTES;
            summed = copied;
        }
        if (left > 0)
            memcpy(whole + copied, from, left);
        copied += left;
    }
    lanes = mix_rows(lanes, NULL, whole + summed, (copied - summed) / ROW_BYTES);
    summed = copied / ROW_BYTES * ROW_BYTES;
    if (summed > 0)
        state = end_lanes(lanes);
    return end_sum(state, whole, summed, copied);
}
