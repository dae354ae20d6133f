/* Table: the node's processes, one row per slot, in shared memory that everyone may read and only the node writes.
 *
 * `whereis` and "is this pid alive?" cost a memory read, and ps works while the node hangs and after it died. A row is
 * written between two steps of its sequence number; a reader copies it and looks whether the number moved (a seqlock).
 * The row of a dead process stays until its slot is used again, so that ps can tell how it ended.
 *
 * The file is <rundir>/table: header, index of registered names, rows. It is as long as `slots` rows, but memory is
 * taken (and a full disk noticed) in steps, as rows come into use: read no row at or beyond `rows_in_use`.
 */
#ifndef TRI_WIRE_TABLE_H
#define TRI_WIRE_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"
#include "wire/rundir.h"

#define TRI_TABLE_MAGIC 0x656c626174727431ull
#define TRI_TABLE_VERSION 2u
#define TRI_DEFAULT_SLOTS 16384u
#define TRI_MAX_SLOTS 65536u
#define TRI_NAME_BYTES 256 /* a registered name, with NUL */
#define TRI_ENTRY_BYTES 64
#define TRI_REASON_BYTES 160 /* an exit reason's text, cut */
#define TRI_IMAGES 64        /* actor binaries of one node */
#define TRI_IMAGE_PATH_BYTES 240

enum tri_state {
    TRI_STATE_FREE,     /* never used                                                    */
    TRI_STATE_STARTING, /* asked for, or forked and not yet ready                        */
    TRI_STATE_RUNNING,  /* its mailbox is open                                           */
    TRI_STATE_EXITING,  /* it has said why it ends, and lingers                          */
    TRI_STATE_ENDED,    /* the kernel's process is gone; its last words are on their way */
    TRI_STATE_DEAD,     /* nothing of it is left but this row                            */
    TRI_STATES,
};

enum tri_row_flag {
    TRI_ROW_GUEST = 1 << 0, /* a tool that joined: not a child of the node */
    TRI_ROW_NODE = 1 << 1,  /* slot 0: the node itself                     */
    TRI_ROW_ROOT = 1 << 2,  /* the root actor                              */
    TRI_ROW_USER = 1 << 3,  /* it is another user than the node            */
};

struct tri_row {
    _Atomic uint32_t sequence; /* odd while it is being written */
    uint32_t flags;
    /* generation << 32 | enum tri_state: one read tells whether a pid lives */
    _Atomic uint64_t tenancy;
    int32_t os_pid;
    uint16_t image; /* index into the header's images */
    uint16_t has_name;
    uint64_t os_start_ticks; /* field 22 of /proc/PID/stat, to tell the kernel's reuse of os_pid */
    uint64_t parent;         /* tr_pid.id of who spawned it */
    uint64_t started_ns, ended_ns; /* CLOCK_MONOTONIC; ended_ns 0 while it lives */
    uint32_t restarts;             /* how many predecessors it replaces */
    uint32_t links, monitors;      /* how many it has, and how many watch it */
    uint32_t user;                 /* with TRI_ROW_USER: its uid */
    char name[TRI_NAME_BYTES];
    char entry[TRI_ENTRY_BYTES];
    /* why the predecessor ended, or, once dead, why this one did */
    char last_exit[TRI_REASON_BYTES];
};

enum tri_node_state { TRI_NODE_STARTING, TRI_NODE_RUNNING, TRI_NODE_STOPPING, TRI_NODE_ENDED };

struct tri_table_header {
    uint64_t magic;
    uint32_t version, row_bytes;
    uint32_t slots;
    _Atomic uint32_t rows_in_use; /* rows [0, rows_in_use) may be read */
    uint32_t creation;            /* as in pids on the wire: fresh at every boot */
    _Atomic uint32_t state;       /* enum tri_node_state */
    int32_t guardian_os_pid, node_os_pid;
    uint64_t guardian_start_ticks, node_start_ticks;
    uint64_t boot_ns, boot_wall_ns;
    char node_name[TRI_NODE_NAME_BYTES + 256]; /* name@host */
    _Atomic uint32_t names_sequence;           /* odd while the index is being written */
    uint32_t index_places;                     /* a power of two */
    _Atomic uint32_t image_count;
    _Atomic uint32_t actors; /* living, guests included */
    _Atomic uint64_t spawned, dead_letters;
    char images[TRI_IMAGES][TRI_IMAGE_PATH_BYTES];
};

struct tri_table {
    struct tri_table_header *header;
    _Atomic uint32_t *index; /* slot + 1, 0: empty, UINT32_MAX: was removed */
    struct tri_row *rows;
    size_t mapped_bytes;
    int fd; /* -1 in readers */
};

/* ---------------------------------------------------------------- the node's side */

/* Creates <rundir>/table. 0, -ENOSPC, or another negative errno. */
int tri_table_create(struct tri_table *table, const struct tri_rundir *dir, uint32_t slots);

/* Makes rows [0, slot] usable. 0; -ENOSPC when the disk is full. */
int tri_table_reserve(struct tri_table *table, uint32_t slot);

/* A row may be changed only between these two. */
struct tri_row *tri_table_begin(struct tri_table *table, uint32_t slot);
void tri_table_end(struct tri_row *row);

void tri_table_set_state(struct tri_table *table, tr_pid pid, enum tri_state state);

/* Enters and removes a name. The caller has checked that it is free, or there. */
void tri_table_add_name(struct tri_table *table, tr_pid pid, const char *name);
void tri_table_remove_name(struct tri_table *table, tr_pid pid);

/* ---------------------------------------------------------------- everyone's side */

/* Maps a node's table for reading. 0; TR_NO_NODE; TR_MALFORMED (not a table, or another version's); negative errno. */
int tri_table_open(struct tri_table *table, const struct tri_rundir *dir);
void tri_table_close(struct tri_table *table);

/* Copies a row. False when the slot was never used, or the node died while it wrote the row. */
bool tri_table_read(const struct tri_table *table, uint32_t slot, struct tri_row *ret_row);

static inline uint32_t tri_tenancy_generation(uint64_t tenancy)
{
    return (uint32_t)(tenancy >> 32);
}
static inline enum tri_state tri_tenancy_state(uint64_t tenancy)
{
    return (enum tri_state)(uint32_t)tenancy;
}

/* The state of the process that pid names: TRI_STATE_DEAD too when its slot has another tenant, TRI_STATE_FREE when it
 * never was. */
enum tri_state tri_table_state(const struct tri_table *table, tr_pid pid);

/* May a message be sent to it? True while STARTING, RUNNING or EXITING. */
bool tri_table_is_alive(const struct tri_table *table, tr_pid pid);

/* The uid of a living process, of which it has been born; TRI_NODES_USER: the same as the node's. */
#define TRI_NODES_USER UINT32_MAX
uint32_t tri_table_user(const struct tri_table *table, tr_pid pid);

/* Who has registered that name, or TR_NO_PID. */
tr_pid tri_table_whereis(const struct tri_table *table, const char *name);

/* A name that may be registered: 1 … TRI_NAME_BYTES - 1 bytes of UTF-8 without control characters, not "undefined". */
bool tri_name_is_valid(const char *name);

/* Names of states, for logs and ps. */
const char *tri_state_name(enum tri_state state);

#endif
