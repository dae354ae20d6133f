/* Checksum: tells a record that was written whole from one that a crash, or a stray write, has spoilt. */
#ifndef TRI_BASE_CHECKSUM_H
#define TRI_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Continues a checksum over more bytes; begins with 0. Fast rather than cryptographic: the enemy is chance. */
uint32_t tri_checksum(uint32_t seed, const void *data, size_t size_bytes);

/* Of two words: where a checksum of a few of them begins. */
uint32_t tri_checksum_words(uint64_t a, uint64_t b);

/* As tri_checksum, and copies the bytes to `to` on the way: one pass over memory instead of two. */
uint32_t tri_checksum_copy(uint32_t seed, void *to, const void *data, size_t size_bytes);

/* As tri_checksum_copy, for bytes that lie in several parts, size_bytes together: the checksum of the whole. */
uint32_t tri_checksum_gather(uint32_t seed, void *to, const struct iovec *parts, size_t count,
                             size_t size_bytes);

#endif
