/* Table: rows under a seqlock, names in an open-addressed index beside them. */
#include "wire/table.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/checksum.h"
#include "base/fd.h"
#include "base/panic.h"

#define ROWS_STEP 64u
/* What one page of a page table is for, and how much of the rows is to lie in there with the header. */
#define PAGE_TABLE_REACH_BYTES ((size_t)2 << 20)
#define NEAR_ROWS_BYTES ((size_t)64 << 10)
#define PLACE_REMOVED UINT32_MAX
/* How often a reader looks again at what is being written, before it takes the writer for dead. */
#define READ_TRIES 10000

static const char *const state_names[TRI_STATES] = {"free",    "starting", "running",
                                                    "exiting", "ended",    "dead"};

const char *tri_state_name(enum tri_state state)
{
    return (unsigned)state < TRI_STATES ? state_names[state] : "unknown";
}

static size_t round_up(size_t bytes) { return (bytes + 4095) & ~(size_t)4095; }

static size_t index_offset(void) { return round_up(sizeof(struct tri_table_header)); }

static size_t rows_offset(uint32_t places)
{
    return index_offset() + round_up(places * sizeof(uint32_t));
}

static size_t table_bytes(uint32_t slots, uint32_t places)
{
    return rows_offset(places) + round_up(slots * sizeof(struct tri_row));
}

static uint32_t places_for(uint32_t slots)
{
    uint32_t places = 16;
    while (places < 2 * slots)
        places *= 2;
    return places;
}

static int map(struct tri_table *table, int fd, size_t size_bytes, int protection)
{
    void *at = mmap(NULL, size_bytes, protection, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return -errno;
    table->header = at;
    table->mapped_bytes = size_bytes;
    return 0;
}

/* Maps for reading so that the header lies near the end of the 2 MiB that one page of a page table is for, with the first
 * rows behind it and room in front for what is mapped next, which in an actor is the stack of nanomsg's thread and its box.
 * Lying together they take one such page instead of two or three, in each actor. It is moved there by padding behind the
 * file's end, which nobody touches; when the kernel puts it somewhere else, no harm is done. */
static int map_near(struct tri_table *table, int fd, size_t size_bytes)
{
    size_t near_bytes = rows_offset(places_for(TRI_DEFAULT_SLOTS)) + NEAR_ROWS_BYTES;
    int r = map(table, fd, size_bytes, PROT_READ);
    size_t padding = ((uintptr_t)table->header + near_bytes) % PAGE_TABLE_REACH_BYTES;
    if (r || padding == 0)
        return r;
    munmap(table->header, size_bytes);
    return map(table, fd, size_bytes + padding, PROT_READ);
}

static void place_parts(struct tri_table *table, uint32_t places)
{
    table->index = (void *)((char *)table->header + index_offset());
    table->rows = (void *)((char *)table->header + rows_offset(places));
}

int tri_table_create(struct tri_table *table, const struct tri_rundir *dir, uint32_t slots)
{
    char path[TRI_PATH_BYTES];
    uint32_t places = places_for(slots);
    TRI_AUTO(tri_fd_close)
    int fd = open(tri_rundir_file(dir, "table", path), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (ftruncate(fd, (off_t)table_bytes(slots, places)) < 0)
        return -errno;
    int r = posix_fallocate(fd, 0, (off_t)rows_offset(places));
    if (r)
        return -r;
    r = map(table, fd, table_bytes(slots, places), PROT_READ | PROT_WRITE);
    if (r)
        return r;
    place_parts(table, places);
    struct tri_table_header *header = table->header;
    header->version = TRI_TABLE_VERSION;
    header->row_bytes = sizeof(struct tri_row);
    header->slots = slots;
    header->index_places = places;
    atomic_thread_fence(memory_order_release);
    header->magic = TRI_TABLE_MAGIC;
    table->fd = fd;
    fd = -1;
    return 0;
}

int tri_table_reserve(struct tri_table *table, uint32_t slot)
{
    uint32_t in_use = atomic_load(&table->header->rows_in_use);
    if (slot < in_use)
        return 0;
    uint32_t wanted = (slot / ROWS_STEP + 1) * ROWS_STEP;
    if (wanted > table->header->slots)
        wanted = table->header->slots;
    off_t from = (char *)&table->rows[in_use] - (char *)table->header;
    off_t to = (char *)&table->rows[wanted] - (char *)table->header;
    int r = posix_fallocate(table->fd, from, to - from);
    if (r)
        return -r;
    atomic_store(&table->header->rows_in_use, wanted);
    return 0;
}

struct tri_row *tri_table_begin(struct tri_table *table, uint32_t slot)
{
    struct tri_row *row = &table->rows[slot];
    uint32_t sequence = atomic_load_explicit(&row->sequence, memory_order_relaxed);
    atomic_store_explicit(&row->sequence, sequence + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    return row;
}

void tri_table_end(struct tri_row *row)
{
    uint32_t sequence = atomic_load_explicit(&row->sequence, memory_order_relaxed);
    atomic_store_explicit(&row->sequence, sequence + 1, memory_order_release);
}

void tri_table_set_state(struct tri_table *table, tr_pid pid, enum tri_state state)
{
    atomic_store(&table->rows[tr_pid_slot(pid)].tenancy,
                 (uint64_t)tr_pid_generation(pid) << 32 | (uint32_t)state);
}

static uint32_t first_place(const struct tri_table *table, const char *name)
{
    return tri_checksum(1, name, strlen(name)) & (table->header->index_places - 1);
}

static void begin_names(struct tri_table *table)
{
    atomic_fetch_add(&table->header->names_sequence, 1);
}

static void end_names(struct tri_table *table)
{
    atomic_fetch_add(&table->header->names_sequence, 1);
}

void tri_table_add_name(struct tri_table *table, tr_pid pid, const char *name)
{
    uint32_t mask = table->header->index_places - 1;
    uint32_t place = first_place(table, name);
    struct tri_row *row = tri_table_begin(table, tr_pid_slot(pid));
    memcpy(row->name, name, strlen(name) + 1);
    row->has_name = 1;
    tri_table_end(row);
    begin_names(table);
    for (;; place = (place + 1) & mask) {
        uint32_t content = atomic_load(&table->index[place]);
        if (content == 0 || content == PLACE_REMOVED)
            break;
    }
    atomic_store(&table->index[place], tr_pid_slot(pid) + 1);
    end_names(table);
}

/* A removed place that is followed by an empty one is empty too: so the index does not fill up with removed ones. */
static void sweep_removed(struct tri_table *table, uint32_t place)
{
    uint32_t mask = table->header->index_places - 1;
    if (atomic_load(&table->index[(place + 1) & mask]) != 0)
        return;
    while (atomic_load(&table->index[place]) == PLACE_REMOVED) {
        atomic_store(&table->index[place], 0);
        place = (place - 1) & mask;
    }
}

void tri_table_remove_name(struct tri_table *table, tr_pid pid)
{
    uint32_t slot = tr_pid_slot(pid);
    uint32_t mask = table->header->index_places - 1;
    uint32_t place = first_place(table, table->rows[slot].name);
    begin_names(table);
    while (atomic_load(&table->index[place]) != slot + 1) {
        TRI_ASSERT(atomic_load(&table->index[place]) != 0);
        place = (place + 1) & mask;
    }
    atomic_store(&table->index[place], PLACE_REMOVED);
    sweep_removed(table, place);
    end_names(table);
    struct tri_row *row = tri_table_begin(table, slot);
    row->has_name = 0;
    tri_table_end(row);
}

/* Is this mapping a table that this version can read? */
static bool is_readable(const struct tri_table_header *header, size_t size_bytes)
{
    return header->magic == TRI_TABLE_MAGIC && header->version == TRI_TABLE_VERSION &&
           header->row_bytes == sizeof(struct tri_row) && header->slots > 0 &&
           header->slots <= TRI_MAX_SLOTS && header->index_places == places_for(header->slots) &&
           size_bytes == table_bytes(header->slots, header->index_places) &&
           atomic_load(&header->rows_in_use) <= header->slots;
}

int tri_table_open(struct tri_table *table, const struct tri_rundir *dir)
{
    char path[TRI_PATH_BYTES];
    struct stat st;
    struct tri_table opened = {.fd = -1};
    TRI_AUTO(tri_fd_close) int fd = open(tri_rundir_file(dir, "table", path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? TR_NO_NODE : -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (st.st_size < (off_t)index_offset())
        return TR_MALFORMED;
    int r = map_near(&opened, fd, (size_t)st.st_size);
    if (r)
        return r;
    if (!is_readable(opened.header, (size_t)st.st_size)) {
        tri_table_close(&opened);
        return TR_MALFORMED;
    }
    place_parts(&opened, opened.header->index_places);
    *table = opened;
    return 0;
}

void tri_table_close(struct tri_table *table)
{
    if (table->header) {
        munmap(table->header, table->mapped_bytes);
        tri_fd_close(&table->fd);
    }
    memset(table, 0, sizeof *table);
    table->fd = -1;
}

bool tri_table_read(const struct tri_table *table, uint32_t slot, struct tri_row *ret_row)
{
    if (slot >= atomic_load(&table->header->rows_in_use))
        return false;
    const struct tri_row *row = &table->rows[slot];
    for (int i = 0; i < READ_TRIES; i++) {
        uint32_t before = atomic_load_explicit(&row->sequence, memory_order_acquire);
        if (before % 2 == 0) {
            memcpy((void *)ret_row, (const void *)row, sizeof *row);
            atomic_thread_fence(memory_order_acquire);
            if (atomic_load_explicit(&row->sequence, memory_order_relaxed) == before)
                return tri_tenancy_generation(ret_row->tenancy) != 0;
        }
        sched_yield();
    }
    return false;
}

enum tri_state tri_table_state(const struct tri_table *table, tr_pid pid)
{
    uint32_t slot = tr_pid_slot(pid);
    if (slot >= atomic_load(&table->header->rows_in_use))
        return TRI_STATE_FREE;
    uint64_t tenancy = atomic_load(&table->rows[slot].tenancy);
    uint32_t generation = tri_tenancy_generation(tenancy);
    if (generation == tr_pid_generation(pid))
        return tri_tenancy_state(tenancy);
    return tr_pid_generation(pid) < generation ? TRI_STATE_DEAD : TRI_STATE_FREE;
}

bool tri_table_is_alive(const struct tri_table *table, tr_pid pid)
{
    enum tri_state state = tri_table_state(table, pid);
    return state == TRI_STATE_STARTING || state == TRI_STATE_RUNNING || state == TRI_STATE_EXITING;
}

uint32_t tri_table_user(const struct tri_table *table, tr_pid pid)
{
    /* Written before anybody could know the pid. */
    const struct tri_row *row = &table->rows[tr_pid_slot(pid)];
    return row->flags & TRI_ROW_USER ? row->user : TRI_NODES_USER;
}

/* One walk through the index; what it finds counts only if nobody wrote meanwhile. */
static tr_pid look_up(const struct tri_table *table, const char *name)
{
    uint32_t mask = table->header->index_places - 1;
    uint32_t place = first_place(table, name);
    for (uint32_t steps = 0; steps <= mask; steps++, place = (place + 1) & mask) {
        uint32_t content = atomic_load(&table->index[place]);
        if (content == 0)
            break;
        if (content == PLACE_REMOVED || content > table->header->slots)
            continue;
        const struct tri_row *row = &table->rows[content - 1];
        if (strncmp(row->name, name, TRI_NAME_BYTES) == 0)
            return tr_pid_make(content - 1, tri_tenancy_generation(atomic_load(&row->tenancy)));
    }
    return TR_NO_PID;
}

tr_pid tri_table_whereis(const struct tri_table *table, const char *name)
{
    tr_pid found = TR_NO_PID;
    for (int i = 0; i < READ_TRIES; i++) {
        uint32_t before = atomic_load(&table->header->names_sequence);
        found = look_up(table, name);
        if (before % 2 == 0 && atomic_load(&table->header->names_sequence) == before)
            break;
        sched_yield();
    }
    return found;
}

bool tri_name_is_valid(const char *name)
{
    size_t length = strnlen(name, TRI_NAME_BYTES);
    if (length == 0 || length == TRI_NAME_BYTES || strcmp(name, "undefined") == 0)
        return false;
    for (const unsigned char *at = (const unsigned char *)name; *at;) {
        int more = *at < 0x80                  ? 0
                   : *at >= 0xc2 && *at < 0xe0 ? 1
                   : *at >= 0xe0 && *at < 0xf0 ? 2
                   : *at >= 0xf0 && *at < 0xf5 ? 3
                                               : -1;
        if (more < 0 || *at < 0x20 || *at == 0x7f)
            return false;
        for (at++; more > 0; more--, at++)
            if ((*at & 0xc0) != 0x80)
                return false;
    }
    return true;
}
