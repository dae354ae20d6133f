/* Node: the root of a troupe. It is the parent of every actor, reaps them, routes exit signals, and keeps names.
 *
 * One thread, one epoll loop; it never waits for an actor: what an actor's full channel does not take is kept as a short
 * notice in its outbox, and who makes others' outboxes grow is not read from until they have shrunk. This header holds
 * the data that the files of this folder share; each file is one aspect:
 *
 *     loop          who is ready                  spawn, image, fork, template   births
 *     actor         slots, rows, states           death, parting, words          deaths, and what the dead still had to say
 *     hang, stint   who is killed for hanging     inquest, facts, coroner        how somebody died
 *     notice        telling an actor something    links, exit_policy             exit signals, monitors
 *     request       what actors ask for           guest, timer, stop             as they say
 *     user          as whom an actor is born      confine                        how it is confined
 *     group         what is left of its control group
 */
#ifndef TRI_NODE_NODE_H
#define TRI_NODE_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* A full hash is answered like any other lack of memory: what was not added has hh.tbl NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "base/oom.h"
#include "node/body.h"
#include "node/stint.h"
#include "wire/box.h"
#include "wire/control.h"
#include "wire/rundir.h"
#include "wire/table.h"

struct tri_node;
struct tri_source;
typedef void tri_ready_fn(struct tri_node *node, struct tri_source *source, uint32_t events);

/* Something that epoll watches; part of what it belongs to. fd -1: not watched. */
struct tri_source {
    int fd;
    uint32_t events;
    tri_ready_fn *ready;
};

struct tri_link {
    struct tri_actor *one, *other;
    LIST_ENTRY(tri_link) of_one, of_other;
};

struct tri_monitor_key {
    uint64_t owner, number;
};

struct tri_monitor {
    struct tri_monitor_key key; /* its reference */
    struct tri_actor *watcher, *target;
    LIST_ENTRY(tri_monitor) of_watcher, of_target;
    UT_hash_handle hh;
    char name[]; /* the name that was watched, or "" */
};

/* Something to tell an actor whose channel is full. */
struct tri_notice {
    TAILQ_ENTRY(tri_notice) entry;
    struct tri_control head;
    struct tri_body *body;  /* may be NULL */
    struct tri_actor *dead; /* last words of that one, not a packet: see words.h */
    uint64_t told;          /* the number of the last of these words that has been told */
    tr_pid asker;           /* whose request is answered when this has been told, or TR_NO_PID */
    uint32_t request;
    size_t name_bytes;
    char name[];
};
TAILQ_HEAD(tri_notices, tri_notice);

/* An entry in a list of an actor's links: the list runs through both ends of struct tri_link. */
LIST_HEAD(tri_links_of_one, tri_link);

struct tri_actor {
    struct tri_source control; /* first: the source is the actor */
    tr_pid pid, parent;
    enum tri_state state;
    bool is_guest, is_root;
    /* in the list of those whom the node itself ends: no child's death will do it */
    bool is_doomed;
    uint64_t parting_ns; /* how long its keeper is waited for, see parting.h; 0: it is not */
    /* The coroner's answer about it is waited for, or its reading of the box: see inquest.h. serial 0: neither */
    uint64_t inquest_serial, inquest_ns;
    bool awaits_inquest; /* nobody has been told of its end */
    bool is_hung;        /* it was killed for that, and has no other reason */
    bool keeps_stderr;
    int stderr_fd;                                 /* the read end of its standard error, or -1 */
    uint64_t hang_ns, hang_look_ns, hang_asked_ns; /* see hang.h; 0: not watched, not asked */
    uint64_t hang_since_ns; /* it is watched; what it did before does not count */
    struct tri_stint stint;
    bool is_waiting;       /* in its image's list: nothing of it exists yet */
    bool has_lost_channel; /* it closed its end without dying: a close(3) too many, an exec */
    bool was_ready;        /* it has said TRI_READY: from then on it has lived */
    int birth_result;      /* why it could not be born, as it said itself; 0 */
    bool birth_tells_more; /* and its reason tells more of it */
    int os_pid;            /* 0 until it has been forked */
    struct tri_image *image;
    char entry[TRI_ENTRY_BYTES];

    struct tri_links_of_one links_as_one, links_as_other;
    uint32_t link_count;
    LIST_HEAD(, tri_monitor) watching, watched;
    uint32_t watching_count, watched_count;
    uint32_t timer_count, timers_to_it;

    struct tri_notices outbox;
    uint32_t outbox_length;
    struct tri_actor *waits_for; /* not read from until that one's outbox has shrunk; or NULL */
    uint32_t waiters;            /* how many wait for this one */

    struct tri_body *argument; /* until it is forked */
    struct tri_body *user;     /* as whom it is born, see user.h; NULL: as the node */
    /* how it is to be confined, see confine.h, and how it is, a map; NULL: not */
    struct tri_body *wish, *confinement;
    bool is_sandboxed, has_inherited_wish;
    int group_os_pid; /* in whose name it may have left a control group, see group.h; 0: none */
    uint64_t mailbox_max_messages, mailbox_max_bytes; /* 0: no such bound */
    uint32_t birth_flags;                             /* TRI_BIRTH_FLAGS */
    struct tri_body *reason; /* why it ends: the first that was given counts */
    tr_pid spawner;          /* who waits for it to be ready, with which request */
    uint32_t spawn_request;
    uint64_t spawn_monitor;         /* the reference of the monitor that the spawn made; 0: none */
    bool is_spawned_linked;         /* the spawn made a link */
    uint32_t words_left;            /* notices that still point to its box */
    TAILQ_ENTRY(tri_actor) of_list; /* image's waiting, parting, doomed, or graveyard */
    TAILQ_ENTRY(tri_actor) of_inquest;
    LIST_ENTRY(tri_actor) of_watched;
    UT_hash_handle hh; /* by os_pid */
};
TAILQ_HEAD(tri_actors, tri_actor);

enum tri_image_state { TRI_IMAGE_LOADING, TRI_IMAGE_READY, TRI_IMAGE_FAILED };

struct tri_image {
    struct tri_source channel; /* first: the source is the image */
    struct tri_source exec;    /* readable when exec has succeeded or failed */
    struct tri_image *next;
    uint32_t index; /* in the table's header; TRI_IMAGES until it is READY */
    enum tri_image_state state;
    bool is_wary; /* asked for by one who has no right to have just anything executed */
    int os_pid;
    char path[TRI_IMAGE_PATH_BYTES];
    char *entries; /* names, each ended by NUL, then an empty one */
    struct tri_actors waiting;
    uint64_t asked, answered; /* forks, since the beginning */
    uint64_t asked_then;      /* when node's unknown child was first seen */
};

struct tri_timer {
    uint64_t deadline_ns;
    tr_ref ref;
    tr_pid to;
    struct tri_body *record; /* a struct tri_record and its body */
    size_t place;            /* in the heap */
    UT_hash_handle hh;       /* by ref */
    char name[];             /* to a name, or "" */
};

enum tri_stop_phase { TRI_STOP_NONE, TRI_STOP_ROOT, TRI_STOP_OTHERS, TRI_STOP_KILL, TRI_STOP_DONE };

struct tri_left_group; /* see group.c */

struct tri_words; /* the ring that was read last: see words.c */

struct tri_node {
    struct tri_rundir dir;
    struct tri_table table;
    uint32_t slots;
    int boxes_fd, epoll_fd;
    uint64_t start_ticks;
    struct tri_source guardian, signals, listener;
    /* 0, or until when nothing that is kept is sent, for want of memory, and no guests are let in, for want of descriptors */
    uint64_t notices_pause_ns, listener_pause_ns;

    struct tri_actor **actors; /* by slot */
    struct tri_actor *by_os_pid;
    struct tri_actors graveyard, doomed, parting, inquests;
    LIST_HEAD(, tri_actor) watched; /* for hanging */
    uint64_t hang_next_ns;
    uint64_t hang_blind_until_ns; /* what its actors did before, it could not see: it was stopped */
    uint64_t inquest_serial;      /* of the last one */
    uint32_t inquest_count;
    struct tri_source coroner;
    int coroner_os_pid;        /* 0: there is none */
    uint64_t coroner_pause_ns; /* before, no other one is forked */
    struct tri_oom oom;
    uint32_t fresh_slot, *freed_slots, freed_first, freed_count;
    uint32_t living, living_guests; /* living counts both */

    struct tri_monitor *monitors;
    struct tri_timer **timer_heap, *timers_by_ref;
    size_t timer_count, timer_capacity;
    struct tri_image *images, *root_image;
    /* a zombie that nobody knows yet: an orphan, or an actor to be; and when those behind it in the kernel's list are asked
     * for one by one; or 0 */
    int unknown_os_pid;
    uint64_t reap_each_ns;
    struct tri_words *words;
    TAILQ_HEAD(, tri_left_group) left_groups; /* control groups that are not empty yet */
    uint32_t left_group_count;
    uint64_t left_groups_ns; /* when they are looked at again */

    tr_pid root;
    bool root_was_up;
    struct tri_body *root_reason;
    char failure[1024]; /* a sentence when the node itself must end, else "" */
    enum tri_stop_phase stop_phase;
    uint64_t stop_deadline_ns;
    bool root_has_no_deadline; /* as in the options */
    bool has_guardian;
    bool is_reaping_due; /* a child may have ended; looked at between two batches of events */

    char packet[TRI_PACKET_BUFFER_BYTES];
};

struct tri_node_options {
    struct tri_rundir dir;
    const char *binary; /* absolute path */
    const char *entry;  /* NULL: the default */
    struct tri_body *argument;
    uint32_t slots;
    /* The root is a tree's, which ends in its own time: it gets SIGHUP as the message '$hangup', and no deadline when the
     * node stops in order. */
    bool root_hears_hangup, root_has_no_deadline;
    int guardian_fd, guardian_os_pid;
};

/* Runs a node until it ends, in the process that tri_fork_node made. Tells the guardian how it went (TRI_NODE_UP,
 * TRI_NODE_FAIL, TRI_ROOT_END). Returns the process's exit status. */
int tri_node_run(const struct tri_node_options *options);

#endif
