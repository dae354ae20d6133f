/* Recorder: the own window mapped for writing, memory taken page by page. */
#include "mailbox/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utlist.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/populate.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

/* The ring's memory grows by at most this much at a time. */
#define RING_STEP_BYTES (64u * 1024u)

/* Takes memory for a part of the window, so that touching it cannot fail. 0 or -ENOSPC. */
static int reserve(struct tri_recorder *recorder, const void *from, size_t size_bytes)
{
    off_t at = tri_box_offset(recorder->slots, tr_pid_slot(recorder->self));
    at += (const char *)from - (const char *)recorder->box;
    int r;
    if (recorder->is_sealed)
        return tri_populate(from, size_bytes);
    do {
        r = posix_fallocate(recorder->fd, at, (off_t)size_bytes);
    } while (r == EINTR);
    return -r;
}

static int map_window(struct tri_recorder *recorder)
{
    struct stat st;
    off_t at = tri_box_offset(recorder->slots, tr_pid_slot(recorder->self));
    if (fstat(recorder->fd, &st) < 0)
        return -errno;
    if (tr_pid_slot(recorder->self) >= recorder->slots ||
        st.st_size < at + (off_t)recorder->window_bytes)
        return -EINVAL;
    void *window =
        mmap(NULL, recorder->window_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, recorder->fd, at);
    if (window == MAP_FAILED)
        return -errno;
    recorder->box = window;
    recorder->received = (void *)((char *)window + TRI_BOX_RECEIVED_AT);
    recorder->ring = (uint8_t *)window + recorder->window_bytes - TRI_RING_BYTES;
    return 0;
}

static int write_head(struct tri_recorder *recorder)
{
    int r = reserve(recorder, recorder->box, TRI_PAGE_BYTES);
    if (r)
        return r;
    recorder->received_ready[0] = true;
    recorder->box->slots = recorder->slots;
    recorder->box->pid = recorder->box->ring_pid = recorder->self.id;
    recorder->box->version = TRI_BOX_VERSION;
    atomic_thread_fence(memory_order_release);
    recorder->box->magic = TRI_BOX_MAGIC;
    return 0;
}

int tri_recorder_open(struct tri_recorder *recorder, const struct tri_rundir *dir, uint32_t slots,
                      tr_pid self)
{
    char path[TRI_PATH_BYTES];
    struct tri_recorder opened = {
        .slots = slots, .self = self, .window_bytes = tri_box_window_bytes(slots)};
    opened.fd = open(tri_rundir_file(dir, "boxes", path), O_RDWR | O_CLOEXEC);
    if (opened.fd < 0)
        return -errno;
    int r = map_window(&opened);
    if (r == 0)
        r = write_head(&opened);
    if (r) {
        tri_recorder_close(&opened);
        return r;
    }
    *recorder = opened;
    return 0;
}

int tri_recorder_seal(struct tri_recorder *recorder, const struct tri_rundir *dir)
{
    char path[TRI_PATH_BYTES];
    int fd = open(tri_rundir_file(dir, "boxes", path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    tri_fd_close(&recorder->fd);
    recorder->fd = fd;
    recorder->is_sealed = true;
    /* Where the kernel knows that (Linux 6.10), the mapping cannot be enlarged over others' windows either. */
    syscall(SYS_mseal, recorder->box, recorder->window_bytes, 0);
    return 0;
}

void tri_recorder_close(struct tri_recorder *recorder)
{
    struct tri_stand_in *stand_in, *next;
    LL_FOREACH_SAFE(recorder->stand_ins, stand_in, next) {
        free(stand_in);
    }
    if (recorder->box)
        munmap(recorder->box, recorder->window_bytes);
    if (recorder->slots > 0)
        tri_fd_close(&recorder->fd);
    memset(recorder, 0, sizeof *recorder);
}

int tri_recorder_grow_ring(struct tri_recorder *recorder, size_t size_bytes)
{
    size_t ready = recorder->ring_ready_bytes;
    if (size_bytes <= ready)
        return 0;
    size_t wanted = ready < RING_STEP_BYTES ? 2 * ready : ready + RING_STEP_BYTES;
    if (wanted < size_bytes)
        wanted = size_bytes;
    wanted = (wanted + TRI_PAGE_BYTES - 1) & ~(size_t)(TRI_PAGE_BYTES - 1);
    if (wanted > TRI_RING_BYTES)
        wanted = TRI_RING_BYTES;
    int r = reserve(recorder, recorder->ring + ready, wanted - ready);
    if (r == 0)
        recorder->ring_ready_bytes = wanted;
    return r;
}

/* The page of the window that a slot's cell lies in. */
static size_t page_of(uint32_t slot)
{
    return (TRI_BOX_RECEIVED_AT + slot * sizeof(struct tri_received)) / TRI_PAGE_BYTES;
}

struct tri_received *tri_recorder_cell(struct tri_recorder *recorder, uint32_t sender_slot)
{
    size_t page = page_of(sender_slot);
    if (!recorder->received_ready[page]) {
        if (reserve(recorder, (char *)recorder->box + page * TRI_PAGE_BYTES, TRI_PAGE_BYTES))
            return NULL;
        recorder->received_ready[page] = true;
    }
    return &recorder->received[sender_slot];
}

static bool is_about(const struct tri_received *cell, tr_pid sender)
{
    return atomic_load_explicit(&cell->generation, memory_order_relaxed) ==
           tr_pid_generation(sender);
}

static struct tri_stand_in *stand_in_at(const struct tri_recorder *recorder, uint32_t slot)
{
    struct tri_stand_in *stand_in = recorder->stand_ins;
    while (stand_in && stand_in->slot != slot)
        stand_in = stand_in->next;
    return stand_in;
}

/* The stand-in for a slot, a new one if need be; an older tenant of the slot has nothing more to say. */
static struct tri_received *take_stand_in(struct tri_recorder *recorder, tr_pid dead)
{
    struct tri_stand_in *stand_in = stand_in_at(recorder, tr_pid_slot(dead));
    if (!stand_in) {
        stand_in = calloc(1, sizeof *stand_in);
        if (!stand_in)
            return NULL;
        stand_in->slot = tr_pid_slot(dead);
        LL_PREPEND(recorder->stand_ins, stand_in);
    }
    tri_received_begin(&stand_in->cell, tr_pid_generation(dead));
    return &stand_in->cell;
}

struct tri_received *tri_recorder_cell_of_dead(struct tri_recorder *recorder, tr_pid dead)
{
    struct tri_stand_in *stand_in = stand_in_at(recorder, tr_pid_slot(dead));
    if (stand_in && is_about(&stand_in->cell, dead))
        return &stand_in->cell; /* also when there is memory now: it knows what has been said */
    struct tri_received *cell = tri_recorder_cell(recorder, tr_pid_slot(dead));
    return cell ? cell : take_stand_in(recorder, dead);
}

void tri_recorder_forget(struct tri_recorder *recorder, tr_pid dead)
{
    struct tri_stand_in *stand_in = stand_in_at(recorder, tr_pid_slot(dead));
    if (!stand_in || !is_about(&stand_in->cell, dead))
        return;
    LL_DELETE(recorder->stand_ins, stand_in);
    free(stand_in);
}

struct tri_received *tri_recorder_heard(const struct tri_recorder *recorder, tr_pid sender)
{
    uint32_t slot = tr_pid_slot(sender);
    struct tri_stand_in *stand_in = stand_in_at(recorder, slot);
    if (stand_in && is_about(&stand_in->cell, sender))
        return &stand_in->cell;
    if (slot >= recorder->slots || !recorder->received_ready[page_of(slot)])
        return NULL;
    struct tri_received *cell = &recorder->received[slot];
    return is_about(cell, sender) ? cell : NULL;
}

uint64_t tri_recorder_taken(const struct tri_recorder *recorder, tr_pid sender)
{
    struct tri_received *cell = tri_recorder_heard(recorder, sender);
    return cell ? atomic_load_explicit(&cell->number, memory_order_relaxed) : 0;
}

void tri_received_begin(struct tri_received *cell, uint32_t generation)
{
    atomic_store_explicit(&cell->attention, TRI_ATTENTION(0, false), memory_order_relaxed);
    atomic_store_explicit(&cell->number, 0, memory_order_release);
    atomic_store_explicit(&cell->generation, generation, memory_order_release);
}

/* A call of memcpy costs more than most messages here, which are short: their words may overlap at the end. */
static void copy(uint8_t *to, const uint8_t *from, size_t size_bytes)
{
    if (size_bytes < 16 || size_bytes > 256) {
        memmove(to, from,
                size_bytes); /* a call: for less than a page the compiler writes a slow loop */
        return;
    }
    for (size_t done = 0; done + 16 < size_bytes; done += 16)
        memcpy(to + done, from + done, 16);
    memcpy(to + size_bytes - 16, from + size_bytes - 16, 16);
}

/* Where the next copy lies: behind the last one, as long as both are small. */
static uint32_t place_for(const struct tri_recorder *recorder, uint32_t room_bytes)
{
    return recorder->taken_end + room_bytes <= TRI_TAKEN_SMALL_BYTES ? recorder->taken_end : 0;
}

void tri_recorder_in_hand(struct tri_recorder *recorder, const struct tr_message *message)
{
    struct tri_box *box = recorder->box;
    size_t size = message->term.size_bytes;
    uint32_t shown = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
    uint32_t kept = shown < TRI_IN_HAND_BYTES ? shown : TRI_IN_HAND_BYTES;
    uint32_t room = (uint32_t)sizeof(struct tri_taken) + ((kept + 7) & ~7u);
    uint32_t at = place_for(recorder, room);
    struct tri_taken *taken = (void *)(box->taken + at);
    tri_recorder_done(recorder);
    taken->from = message->from.id;
    taken->size_bytes = shown;
    taken->before_at = (uint16_t)box->taken_at;
    copy((uint8_t *)(taken + 1), message->term.data, kept);
    recorder->taken_end = at + room;
    box->taken_at = at;
    box->in_hand_since_ns = tri_clock_coarse_ns();
    atomic_store_explicit(&box->in_hand_size_bytes, shown, memory_order_release);
}

void tri_recorder_done(struct tri_recorder *recorder)
{
    atomic_store_explicit(&recorder->box->in_hand_size_bytes, 0, memory_order_release);
}
