/* Board: numbers in memory that the actors of a test share, so that they can agree without entering the runtime. */
#ifndef SUPPORT_BOARD_H
#define SUPPORT_BOARD_H

#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/check.h"

struct board {
    _Atomic uint32_t at[512];
};

/* The board behind a path. Whoever made it keeps its memory until it ends. */
static inline struct board *board_open(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0);
    struct board *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(board != MAP_FAILED);
    close(fd);
    return board;
}

/* The same path as it stands in a term. */
static inline struct board *board_of(const tr_bin *path)
{
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)path->size_bytes, (const char *)path->data);
    return board_open(text);
}

/* A new board, all zero. */
static inline struct board *board_new(char path[64])
{
    int fd = memfd_create("board", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, sizeof(struct board)) == 0);
    snprintf(path, 64, "/proc/%d/fd/%d", (int)getpid(), fd);
    return board_open(path);
}

/* Adds to a number and wakes those who wait for it. */
static inline void board_add(struct board *board, size_t place, uint32_t number)
{
    atomic_fetch_add(&board->at[place], number);
    syscall(SYS_futex, &board->at[place], FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* Sleeps, outside of the runtime, until a number is reached. False when it takes too long. */
static inline bool board_reaches(struct board *board, size_t place, uint32_t number)
{
    const struct timespec a_second = {.tv_sec = 1};
    uint64_t deadline_ns = tri_deadline_ns(CHECK_DEADLINE_MS);
    uint32_t seen;
    while ((seen = atomic_load(&board->at[place])) < number && tri_clock_ns() < deadline_ns)
        syscall(SYS_futex, &board->at[place], FUTEX_WAIT, seen, &a_second, NULL, 0);
    return seen >= number;
}

/* Computes for so long, without a call of the runtime. */
static inline void compute_ms(uint64_t ms)
{
    uint64_t until_ns = tri_deadline_ns((int64_t)ms);
    while (tri_clock_ns() < until_ns)
        ;
}

#endif
