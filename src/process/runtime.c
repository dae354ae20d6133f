/* Runtime: found through a variable of the thread, so that other threads, and what an actor forks, have none. */
#include "process/runtime.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/panic.h"
#include "process/crash.h"

static _Thread_local struct tri_process *here __attribute__((tls_model("initial-exec")));

struct tri_process *tri_process_or_null(void) { return here; }

struct tri_process *tri_process_here(void)
{
    if (__builtin_expect(!here, 0))
        tri_panic("a function of an actor was called outside of an actor, or in another thread "
                  "than its first");
    return here;
}

/* What an actor forks is not that actor: it must not speak in its name. */
static void forget_after_fork(void)
{
    here = NULL;
    tri_crash_forget();
}

static void watch_forks(void) { pthread_atfork(NULL, NULL, forget_after_fork); }

void tri_process_watch_forks(void)
{
    static pthread_once_t forks_are_watched = PTHREAD_ONCE_INIT;
    pthread_once(&forks_are_watched, watch_forks);
}

/* Room for a packet, of which little is ever written. What is allocated next begins where a page does: the mailbox with
 * all that belongs to it takes a page less then. */
static void *packet_buffer_new(void)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE), least_bytes = TRI_PACKET_BUFFER_BYTES;
    void *at = malloc(least_bytes + page_bytes);
    size_t after_page = at ? ((uintptr_t)at + least_bytes + page_bytes) % page_bytes : 0;
    void *shorter = after_page ? realloc(at, least_bytes + page_bytes - after_page) : at;
    return shorter ? shorter : at;
}

struct tri_process *tri_process_new(int control_fd, bool is_guest)
{
    if (here)
        tri_panic("this process is an actor or a guest already");
    struct tri_process *process = calloc(1, sizeof *process);
    void *buffer = packet_buffer_new();
    if (!process || !buffer) {
        free(process);
        free(buffer);
        return NULL;
    }
    process->packet_buffer = buffer;
    process->control_fd = control_fd;
    process->table.fd = -1;
    process->is_guest = is_guest;
    tri_process_watch_forks();
    here = process;
    return process;
}

void tri_process_free(struct tri_process *process)
{
    here = NULL;
    tri_mailbox_close(process->mailbox);
    tri_table_close(&process->table);
    tri_fd_close(&process->control_fd);
    tri_watches_deinit(&process->watches);
    tri_held_deinit(&process->held);
    tri_timers_deinit(&process->timers);
    tri_links_deinit(&process->links);
    tri_births_deinit(&process->births);
    tr_out_deinit(&process->reply.body);
    tr_out_deinit(&process->wait.reason);
    tr_out_deinit(&process->out);
    tr_out_deinit(&process->scratch);
    tr_out_deinit(&process->argument);
    free(process->ended_monitors);
    free(process->packet_buffer);
    free(process);
}

void tri_process_set_activity(struct tri_process *process, enum tri_activity activity)
{
    uint64_t now = tri_clock_ns();
    struct tri_box *box = process->box;
    atomic_store_explicit(&box->activity, activity, memory_order_relaxed);
    atomic_store_explicit(&box->activity_since_ns, now, memory_order_relaxed);
    atomic_store_explicit(&box->heartbeat_ns, now, memory_order_relaxed);
}

uint64_t tri_process_make_ref(struct tri_process *process)
{
    uint64_t number = ++process->refs;
    tri_marks_note(&process->marks, number, tri_mailbox_arrivals(process->mailbox));
    return number;
}

tr_pid tr_self(void) { return tri_process_here()->self; }

tr_pid tr_parent(void) { return tri_process_here()->parent; }

const char *tr_node(void) { return tri_process_here()->table.header->node_name; }

tr_ref tr_make_ref(void)
{
    struct tri_process *process = tri_process_here();
    return tri_process_ref(process, tri_process_make_ref(process));
}
