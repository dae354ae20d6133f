/* Ownership that unwinds by itself: a variable that frees what it holds when its block ends. */
#ifndef TRI_BASE_AUTO_H
#define TRI_BASE_AUTO_H

#include <stdlib.h>

/* TRI_AUTO(tri_fd_close) int fd = -1;   the function gets a pointer to the variable. */
#define TRI_AUTO(cleanup_fn) __attribute__((cleanup(cleanup_fn)))

/* Takes a pointer out of a variable, which then owns nothing. */
#define TRI_TAKE(pointer)                                                                          \
    (__extension__({                                                                               \
        __typeof__(pointer) tri_taken = (pointer);                                                 \
        (pointer) = NULL;                                                                          \
        tri_taken;                                                                                 \
    }))

/* For TRI_AUTO(tri_freep) on anything that malloc gave. */
static inline void tri_freep(void *pointer) { free(*(void **)pointer); }

/* For variables that every actor writes to when it is born: they lie together, so that they take a page of it, not several. */
#define TRI_WRITTEN_AT_BIRTH __attribute__((section("troupe_birth")))

#define TRI_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
