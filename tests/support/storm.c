/* Storm: the test's side. It strikes; who is struck tells the tale. */
#include "support/storm.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/fixture.h"
#include "support/folder.h"
#include "support/footprint.h"
#include "support/node.h"
#include "support/skip.h"
#include "support/small_disk.h"
#include "support/storm_book.h"
#include "wire/rundir.h"

#define STRIKE_NS (10 * TRI_NS_PER_MS)
#define LONGEST_STOP_MS 300u
/* Between two bursts: with the longer one a machine of two processors has some time left. */
#define LONGEST_PAUSE_MS 30u
#define FLOOD_PAUSE_MS 2u
/* What a hundred need for their windows, and some. */
#define DISK_BYTES ((uint64_t)200 << 20)
/* How many strikes the disk stays as it is, at most. */
#define LONGEST_FILL 30u
#define STOPPED_AT_ONCE 20u
/* Of so many lives one loses its socket's file; the others can be cut off again and again. */
#define LIVES_PER_REMOVAL 8u
#define DESCRIPTORS 1024u
/* What the root's own window may have taken meanwhile. */
#define SPARE_PAGES 2u
/* … and nanomsg in the root, which it asks for when knocking at doors becomes tedious. */
#define SPARE_DESCRIPTORS 2u
#define BIRTH_MS 60000
#define REPLACED_MS 60000

struct stopped {
    uint32_t life; /* 0: nobody */
    uint64_t until_ns;
};

struct storm {
    const struct storm_options *options;
    struct storm_book *book;
    int book_fd;
    struct program *node;
    struct tri_rundir dir; /* of the node */
    uint64_t random_state;
    bool is_killed[STORM_LIVES];
    struct stopped stopped[STOPPED_AT_ONCE];
    unsigned strikes, kills, stops, cuts, removals, fills;
    unsigned strikes_to_fill; /* until the disk is filled, or emptied */
    bool is_full;
    bool is_cutting_forbidden;
};

/* ---------------------------------------------------------------- strikes */

/* Somebody who is up and has not been killed: only this test kills, so the kernel has not given its os_pid away. */
static uint32_t random_life(struct storm *storm)
{
    for (int tries = 0; tries < 1000; tries++) {
        uint32_t role = storm_random(&storm->random_state, STORM_ROLES);
        uint32_t life = atomic_load(&storm->book->roster[role]);
        if (life > 0 && !storm->is_killed[life] && atomic_load(&storm->book->lives[life].os_pid))
            return life;
    }
    return 0;
}

static void signal_life(struct storm *storm, uint32_t life, int signal)
{
    kill(atomic_load(&storm->book->lives[life].os_pid), signal);
}

static void kill_one(struct storm *storm)
{
    uint32_t life = random_life(storm);
    if (life == 0)
        return;
    storm->is_killed[life] = true;
    storm->kills++;
    signal_life(storm, life, SIGKILL);
}

static void go_on(struct storm *storm, struct stopped *stopped)
{
    if (!storm->is_killed[stopped->life])
        signal_life(storm, stopped->life, SIGCONT);
    stopped->life = 0;
}

static void let_go_on(struct storm *storm, uint64_t now_ns)
{
    for (unsigned i = 0; i < STOPPED_AT_ONCE; i++)
        if (storm->stopped[i].life && storm->stopped[i].until_ns <= now_ns)
            go_on(storm, &storm->stopped[i]);
}

static void stop_one(struct storm *storm, uint64_t now_ns)
{
    struct stopped *place = &storm->stopped[storm_random(&storm->random_state, STOPPED_AT_ONCE)];
    uint32_t life = random_life(storm);
    if (life == 0 || place->life)
        return;
    uint32_t ms = 1 + storm_random(&storm->random_state, LONGEST_STOP_MS);
    *place = (struct stopped){life, now_ns + ms * TRI_NS_PER_MS};
    storm->stops++;
    signal_life(storm, life, SIGSTOP);
}

/* Is this end of a connection one of the mailboxes'? Those are the streams; the control channel keeps packets. One that is
 * connected to nobody may be about to listen: shut down before that, it would have nanomsg abort its process. */
static bool is_connection(int fd)
{
    int domain = 0, type = 0;
    struct sockaddr_un peer;
    socklen_t length = sizeof domain, peer_length = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM &&
           getpeername(fd, (struct sockaddr *)&peer, &peer_length) == 0;
}

/* Shuts down a descriptor of another process, if it is a connection. */
static bool cut(struct storm *storm, int pidfd, int number)
{
    int fd = pidfd_getfd(pidfd, number, 0);
    if (fd < 0) {
        storm->is_cutting_forbidden |= errno == EPERM || errno == ENOSYS;
        return false;
    }
    bool is_cut = is_connection(fd) && shutdown(fd, SHUT_RDWR) == 0;
    close(fd);
    return is_cut;
}

/* The highest descriptor that a process has. */
static int highest_descriptor(pid_t os_pid)
{
    char path[64];
    int highest = -1;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)os_pid);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        highest = atoi(entry->d_name) > highest ? atoi(entry->d_name) : highest;
    if (folder)
        closedir(folder);
    return highest;
}

/* Nobody finds the way to its socket any more, and who is cut off from it cannot come back. False: it has none. */
static bool remove_socket(struct storm *storm, uint32_t life)
{
    char path[TRI_PATH_BYTES];
    tr_pid pid = {atomic_load(&storm->book->lives[life].pid)};
    bool is_removed = pid.id && unlink(tri_rundir_mailbox(&storm->dir, pid, path)) == 0;
    storm->removals += is_removed;
    return is_removed;
}

/* One connection of somebody, whichever way it leads. */
static void cut_one(struct storm *storm, uint32_t life)
{
    pid_t os_pid = atomic_load(&storm->book->lives[life].os_pid);
    int pidfd = pidfd_open(os_pid, 0);
    if (pidfd < 0)
        return;
    int highest = highest_descriptor(os_pid);
    for (int tries = 0; highest > 2 && tries < 20; tries++) {
        if (cut(storm, pidfd, 3 + (int)storm_random(&storm->random_state, (uint32_t)highest - 2))) {
            storm->cuts++;
            break;
        }
    }
    close(pidfd);
}

static void cut_or_remove(struct storm *storm)
{
    uint32_t life = random_life(storm);
    if (life == 0 || (life % LIVES_PER_REMOVAL == 0 && remove_socket(storm, life)))
        return;
    cut_one(storm, life);
}

static void empty_disk(struct storm *storm)
{
    if (storm->is_full)
        assert_true(small_disk_resize(DISK_BYTES));
    storm->is_full = false;
}

/* Refused when somebody takes a page at the same instant: then it is full another time. */
static void fill_disk(struct storm *storm)
{
    storm->is_full = small_disk_resize(small_disk_used_bytes());
    storm->fills += storm->is_full;
}

static void fill_or_empty(struct storm *storm)
{
    if (storm->strikes_to_fill-- > 0)
        return;
    storm->strikes_to_fill = storm_random(&storm->random_state, LONGEST_FILL);
    if (storm->is_full)
        empty_disk(storm);
    else
        fill_disk(storm);
}

/* ---------------------------------------------------------------- the course of a storm */

static int seconds_of(const struct storm_options *options)
{
    const char *given = getenv("TROUPE_STORM_SECONDS");
    return given ? atoi(given) : options->seconds;
}

static uint64_t new_seed(void)
{
    const char *given = getenv("TROUPE_STORM_SEED");
    return given ? strtoull(given, NULL, 10) : tri_clock_ns() % 1000000007u;
}

static void begin(struct storm *storm)
{
    char path[64];
    storm->book_fd = memfd_create("storm book", MFD_CLOEXEC);
    assert_true(storm->book_fd >= 0);
    assert_int_equal(ftruncate(storm->book_fd, sizeof *storm->book), 0);
    storm->book = storm_book_map(storm->book_fd);
    assert_non_null(storm->book);
    storm->book->seed = new_seed();
    storm->book->longest_pause_ms = storm->options->is_flood ? FLOOD_PAUSE_MS : LONGEST_PAUSE_MS;
    storm->book->connects = storm->options->cuts;
    storm->random_state = storm_random_from(storm->book->seed, 0);
    print_message("seed %llu\n", (unsigned long long)storm->book->seed);
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), storm->book_fd);
    storm->node = node_start("bin/tests/storm", path, NULL);
}

static bool all_are_up(const struct storm *storm)
{
    for (uint32_t role = 0; role < STORM_ROLES; role++) {
        uint32_t life = atomic_load(&storm->book->roster[role]);
        if (life == 0 || !atomic_load(&storm->book->lives[life].os_pid) || storm->is_killed[life])
            return false;
    }
    return true;
}

static void blow(struct storm *storm)
{
    uint64_t now_ns = tri_clock_ns(), next_ns = now_ns;
    uint64_t end_ns = now_ns + (uint64_t)seconds_of(storm->options) * TRI_NS_PER_S;
    while (now_ns < end_ns && !program_is_over(storm->node)) {
        let_go_on(storm, now_ns);
        storm->strikes++;
        if (storm->options->kills)
            kill_one(storm);
        if (storm->options->stops)
            stop_one(storm, now_ns);
        if (storm->options->cuts)
            cut_or_remove(storm);
        if (storm->options->fills)
            fill_or_empty(storm);
        next_ns += STRIKE_NS;
        while ((now_ns = tri_clock_ns()) < next_ns)
            usleep((useconds_t)((next_ns - now_ns) / 1000 + 1));
    }
    let_go_on(storm, TRI_NEVER);
    empty_disk(storm);
}

static bool each_of_the_living(const struct storm *storm, bool satisfied)
{
    for (uint32_t role = 0; role < STORM_ROLES; role++) {
        const struct storm_life *life =
            &storm->book->lives[atomic_load(&storm->book->roster[role])];
        if (!atomic_load(satisfied ? &life->is_satisfied : &life->is_quiet))
            return false;
    }
    return true;
}

static bool has_failed(struct storm *storm)
{
    return atomic_load(&storm->book->faults) > 0 || program_is_over(storm->node);
}

static void wait_for_each(struct storm *storm, bool satisfied)
{
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    while (!each_of_the_living(storm, satisfied) && !has_failed(storm) &&
           tri_clock_ns() < deadline_ns)
        usleep(1000);
}

static void set_phase(struct storm *storm, enum storm_phase phase)
{
    atomic_store(&storm->book->phase, phase);
}

static bool all_are_down(const struct storm *storm)
{
    return atomic_load(&storm->book->downs) == atomic_load(&storm->book->births);
}

/* A storm that was to kill has killed, and so on. Nobody can cut where that is not allowed. */
static void expect_strikes(const struct storm *storm)
{
    const struct storm_options *options = storm->options;
    if (options->kills && storm->kills == 0)
        fail_msg("nobody was found who could have been killed");
    if (options->stops && storm->stops == 0)
        fail_msg("nobody was found who could have been stopped");
    if (options->cuts && storm->cuts == 0 && !storm->is_cutting_forbidden)
        fail_msg("no connection was found that could have been cut");
    if (options->cuts && storm->removals == 0)
        fail_msg("no socket was found that could have been taken away");
    if (options->fills && storm->fills == 0)
        fail_msg("the disk was never full");
}

/* Lets what is under way arrive, and has everybody judge what has come. */
static void calm_down(struct storm *storm)
{
    wait_until_ms(REPLACED_MS, all_are_up(storm) || has_failed(storm));
    set_phase(storm, STORM_CALMS);
    wait_for_each(storm, false);
    set_phase(storm, STORM_COUNTS);
    wait_for_each(storm, true);
    set_phase(storm, STORM_IS_OVER);
    wait_until(all_are_down(storm) || program_is_over(storm->node));
}

static void report(struct storm *storm, const char *what)
{
    struct storm_book *book = storm->book;
    uint32_t faults = atomic_load(&book->faults);
    print_message(
        "%u strikes: %u kills, %u stops, %u cuts, %u removals, %u fills, %u lives: %llu messages, "
        "%llu MB, %llu DOWNs\n",
        storm->strikes, storm->kills, storm->stops, storm->cuts, storm->removals, storm->fills,
        atomic_load(&book->births), (unsigned long long)atomic_load(&book->sent),
        (unsigned long long)atomic_load(&book->bytes_sent) >> 20,
        (unsigned long long)atomic_load(&book->monitored_downs));
    for (uint32_t i = 0; i < faults && i < STORM_FAULTS; i++)
        print_error("%s\n", book->fault[i]);
    if (faults > 0 || program_is_over(storm->node))
        fail_msg("%s: %u faults, seed %llu; the node says: %s", what, faults,
                 (unsigned long long)book->seed, program_stderr(storm->node));
}

static void expect_nothing_more_than(struct storm *storm, const struct footprint *before)
{
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    while (!footprint_is_within(before, SPARE_PAGES, SPARE_DESCRIPTORS) &&
           tri_clock_ns() < deadline_ns)
        usleep(10000);
    if (!footprint_is_within(before, SPARE_PAGES, SPARE_DESCRIPTORS)) {
        footprint_report(before);
        fail_msg("the storm has left something behind; seed %llu",
                 (unsigned long long)storm->book->seed);
    }
}

/* The root has woken up the node's coroner, which has opened what it needs once it has written a report. */
static bool has_first_report(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/crashes", fixture_state_dir());
    return folder_entries(path) > 0;
}

void storm_run(const struct storm_options *options)
{
    static struct storm storm;
    struct footprint before;
    storm = (struct storm){.options = options};
    if (options->fills)
        small_disk_mount("size=200m");
    begin(&storm);
    wait_until(atomic_load(&storm.book->has_root) || program_is_over(storm.node));
    wait_until(has_first_report() || program_is_over(storm.node));
    assert_int_equal(tri_rundir_find(NULL, &storm.dir, NULL, 0), 0);
    footprint_take(&before);
    set_phase(&storm, STORM_GATHERS);
    wait_until_ms(BIRTH_MS, all_are_up(&storm) || has_failed(&storm));
    set_phase(&storm, STORM_BLOWS);
    blow(&storm);
    calm_down(&storm);
    report(&storm, "not everything arrived exactly once, in order, before DOWN");
    expect_strikes(&storm);
    expect_nothing_more_than(&storm, &before);
    assert_int_equal(node_stop(storm.node), 0);
    if (options->fills)
        small_disk_expect_empty();
    munmap(storm.book, sizeof *storm.book);
    close(storm.book_fd);
    if (storm.is_cutting_forbidden && storm.cuts == 0)
        skip_because("another process's descriptors cannot be reached here");
}
