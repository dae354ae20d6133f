/* users: actors of root's node that are other users. Each case is a root actor. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "process/request.h"
#include "support/check.h"
#include "support/filling.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
/* Users that every Debian has. */
#define NOBODY 65534
#define NOGROUP 65534
#define DAEMON 1

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- who one is */

/* The line of a thread's status that begins with `key`, behind it and the gap; of one word a space is left at the end. */
static void read_status(const char *path, const char *key, char *text, size_t text_bytes)
{
    char line[512];
    FILE *file = fopen(path, "re");
    CHECK(file);
    text[0] = '\0';
    while (fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            snprintf(text, text_bytes, "%s",
                     line + strlen(key) + strspn(line + strlen(key), "\t "));
    fclose(file);
    text[strcspn(text, "\n")] = '\0';
}

static void check_thread(const char *thread, unsigned user, unsigned group, const char *groups)
{
    char path[PATH_MAX], four[64], text[512];
    snprintf(path, sizeof path, "/proc/self/task/%s/status", thread);
    snprintf(four, sizeof four, "%u\t%u\t%u\t%u", user, user, user, user);
    read_status(path, "Uid:", text, sizeof text);
    CHECK(strcmp(text, four) == 0);
    snprintf(four, sizeof four, "%u\t%u\t%u\t%u", group, group, group, group);
    read_status(path, "Gid:", text, sizeof text);
    CHECK(strcmp(text, four) == 0);
    read_status(path, "Groups:", text, sizeof text);
    CHECK(strcmp(text, groups) == 0);
    for (const char *const *key = (const char *const[]){"CapPrm:", "CapEff:", "CapAmb:", NULL};
         *key; key++) {
        read_status(path, *key, text, sizeof text);
        CHECK(strspn(text, "0") == strlen(text) && text[0]);
    }
}

/* How many threads there are, each of which is that user. */
static int check_threads(unsigned user, unsigned group, const char *groups)
{
    int count = 0;
    DIR *threads = opendir("/proc/self/task");
    CHECK(threads);
    for (struct dirent *each; (each = readdir(threads));) {
        if (each->d_name[0] == '.')
            continue;
        check_thread(each->d_name, user, group, groups);
        count++;
    }
    closedir(threads);
    return count;
}

/* ---------------------------------------------------------------- whoever it is */

/* Sends so many bytes as a binary, and as a blob. */
static void send_filled(tr_pid to, size_t size, long n)
{
    struct tr_blob *blob;
    tr_bin bin = {malloc(size + 1), size};
    fill((uint8_t *)(uintptr_t)bin.data, size, n);
    CHECK(tr_send(to, "{frame, N, B}", n, bin) == 0);
    CHECK(tr_blob_new(&blob, size) == 0);
    memcpy(tr_blob_bytes(blob), bin.data, size);
    CHECK(tr_send(to, "{frame, N, B}", n, blob) == 0);
    free((void *)(uintptr_t)bin.data);
}

static void expect_filled(size_t size, long n)
{
    tr_bin bin;
    for (int i = 0; i < 2; i++)
        tr_receive {
            tr_case("{frame, N, B}", n, &bin)
                CHECK(bin.size_bytes == size && is_filled(bin, n));
            tr_after(CHECK_DEADLINE_MS)
                CHECK(!"a frame comes");
        }
}

static bool is_own_doorbell(const struct tri_process *process, const char *path)
{
    char name[TRI_PATH_BYTES];
    const char *end = strrchr(path, '/');
    return end &&
           strcmp(end, strrchr(tri_rundir_doorbell(&process->dir, process->self, name), '/')) == 0;
}

/* What who is not root must not be able to do, each an errno. */
static void try_all(tr_pid from)
{
    char path[PATH_MAX];
    int boxes = 0, roots = 0;
    const struct tri_process *process = tri_process_here();
    CHECK(kill(getppid(), SIGTERM) < 0 && errno == EPERM);
    CHECK(open("/etc/shadow", O_RDONLY) < 0 && errno == EACCES);
    CHECK(open(process->dir.path, O_RDONLY | O_DIRECTORY) < 0 && errno == EACCES);
    CHECK(access("/", W_OK) < 0 && errno == EACCES);
    /* None of its descriptors is, or leads to, anything of others that can be written to. */
    for (int fd = 4; fd < 64; fd++) {
        char link[PATH_MAX] = "";
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (readlink(path, link, sizeof link - 1) < 0 ||
            strncmp(link, process->dir.path, strlen(process->dir.path)) != 0)
            continue;
        CHECK(access(strcat(path, "/../boxes"), F_OK) < 0);
        *strrchr(path, '/') = '\0';
        *strrchr(path, '/') = '\0';
        if (strstr(link, "/blob/")) /* its own folder, and what it has sent */
            continue;
        if (is_own_doorbell(process, link))
            continue;
        roots++;
        boxes += strstr(link, "/boxes") != NULL;
        CHECK((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
        CHECK(open(path, O_RDWR) < 0 && (errno == EACCES || errno == EISDIR));
        CHECK(open(path, O_RDONLY | O_DIRECTORY) < 0 && (errno == EACCES || errno == ENOTDIR));
    }
    CHECK(boxes == 1 && roots == 3);
    /* Another's mailbox stays, and so does what lies in the folder of another. */
    tri_rundir_doorbell(&process->dir, from, path);
    CHECK(access(path, W_OK) == 0);
    CHECK(access(path, R_OK) < 0 && errno == EACCES);
    CHECK(unlink(path) < 0 && errno == EACCES);
    CHECK(open(tri_rundir_nameless(&process->dir, path), O_TMPFILE | O_RDWR, 0600) >= 0);
    tri_rundir_blobs(&process->dir, from, path);
    CHECK(access(path, R_OK) < 0 && errno == EACCES);
    CHECK(rmdir(path) < 0 && (errno == EACCES || errno == EPERM));
    CHECK(mkdir(strcat(path, "1"), 0700) < 0 && errno == EACCES);
    int death = 0;
    CHECK(prctl(PR_GET_PDEATHSIG, &death) == 0 && death == SIGKILL);
    CHECK(prctl(PR_GET_DUMPABLE) != 1);
    CHECK(setuid(0) < 0 && setgid(0) < 0);
}

static void spawn_for(tr_pid from, const char *user)
{
    tr_pid pid = TR_NO_PID;
    struct tr_out nil = {0};
    tr_put_nil(&nil);
    const struct tr_spawn_options options = {.user = *user ? user : NULL};
    int r = tr_spawn_term("worker", &options, tr_out_term(&nil), &pid, NULL);
    CHECK(tr_send(from, "{spawned, R, Pid}", r, pid) == 0);
    tr_out_deinit(&nil);
}

/* Does what it is asked for. */
TR_ACTOR(worker)
{
    tr_pid from, to;
    tr_bin bin;
    tr_ref ref;
    long n;
    unsigned long size;
    unsigned user, group;
    char text[PATH_MAX];
    (void)argument;
    for (;;)
        tr_receive {
            tr_case("{From, are_you, User, Group, Groups}", &from, &user, &group, &bin) {
                snprintf(text, sizeof text, "%.*s", (int)bin.size_bytes, (const char *)bin.data);
                CHECK(tr_send(from, "{threads, N}", check_threads(user, group, text)) == 0);
            }
            tr_case("{frame, N, B}", &n, &bin)
                CHECK(tr_send("root", "{seen, N, Size, Right}", n, bin.size_bytes,
                              is_filled(bin, n)) == 0);
            tr_case("{send, To, Size, N}", &to, &size, &n)
                send_filled(to, size, n);
            tr_case("{From, try_all}", &from) {
                try_all(from);
                CHECK(tr_send(from, "tried") == 0);
            }
            tr_case("{From, spawn, User}", &from, &bin) {
                snprintf(text, sizeof text, "%.*s", (int)bin.size_bytes, (const char *)bin.data);
                spawn_for(from, text);
            }
            tr_case("{link, To}", &to)
                tr_link(to);
            tr_case("{monitor, To}", &to)
                CHECK(tr_monitor(to, &ref) == 0);
            tr_case("{'DOWN', _, _, Pid, _}", &to)
                CHECK(tr_send("root", "{down, Pid}", to) == 0);
            tr_case("{exit, Reason}", &argument)
                tr_exit_term(argument);
            tr_case("hang")
                for (;;)
                    pause();
        }
}

/* ---------------------------------------------------------------- verbs */

static tr_pid spawn(const char *user)
{
    tr_pid pid;
    struct tr_out nil = {0};
    tr_put_nil(&nil);
    if (tr_pid_is_none(tr_whereis("root")))
        CHECK(tr_register("root", tr_self()) == 0);
    CHECK(tr_spawn_term("worker", &(struct tr_spawn_options){.user = user}, tr_out_term(&nil), &pid,
                        NULL) == 0);
    tr_out_deinit(&nil);
    return pid;
}

static int expect_user(tr_pid pid, unsigned user, unsigned group, const char *groups)
{
    int threads;
    CHECK(tr_send(pid, "{Me, are_you, U, G, Groups}", tr_self(), user, group, groups) == 0);
    EXPECT("{threads, N}", &threads);
    return threads;
}

static void expect_nobody(tr_pid pid) { expect_user(pid, NOBODY, NOGROUP, "65534 "); }

/* ---------------------------------------------------------------- who it is */

TR_ACTOR(all_threads_of_an_actor_are_its_user)
{
    CHECK(expect_user(spawn("nobody"), NOBODY, NOGROUP, "65534 ") >= 1);
    CHECK(expect_user(spawn("65534"), NOBODY, NOGROUP, "65534 ") >= 1);
    CHECK(expect_user(spawn("daemon:nogroup"), DAEMON, NOGROUP, "65534 ") >= 1);
    CHECK(expect_user(spawn("4711:4712"), 4711, 4712, "4712 ") >= 1);
    CHECK(expect_user(spawn("4711"), 4711, 4711, "4711 ") >= 1);
    tr_pid root = spawn(NULL);
    CHECK(actor_os_pid(root) > 1);
    struct tr_out info = {0};
    CHECK(tr_process_info(spawn("daemon"), &info) == 0);
    CHECK(tr_match(tr_out_term(&info), "#{user => U}", "daemon") == 0);
    tr_out_reset(&info);
    tr_term user;
    CHECK(tr_process_info(root, &info) == 0);
    CHECK(!tr_map_get_atom(tr_out_term(&info), "user", &user));
    tr_out_deinit(&info);
}

TR_ACTOR(an_unknown_user_is_the_outcome_of_the_spawn)
{
    static const struct tr_spawn_options options = {.user = "no-such-user", .name = "lost"};
    struct tr_out nil = {0};
    tr_ref ref;
    tr_put_nil(&nil);
    CHECK(tr_spawn_term("worker", &options, tr_out_term(&nil), NULL, NULL) == -ENOENT);
    CHECK(tr_spawn_request_term("worker", &options, tr_out_term(&nil), &ref) == 0);
    EXPECT_NEXT("{spawn_reply, Ref, error, {user, enoent, Name}}", ref, "no-such-user");
    CHECK(tr_pid_is_none(tr_whereis("lost")));
    CHECK(tr_spawn_term("worker", &(struct tr_spawn_options){.user = "nobody:no-such-group"},
                        tr_out_term(&nil), NULL, NULL) == -ENOENT);
}

/* ---------------------------------------------------------------- mail */

static const size_t sizes[] = {0, 10, 64 * KIB, 65 * KIB, 200 * KIB, MIB, 5 * MIB, 64 * MIB};
#define SIZES ((long)(sizeof sizes / sizeof sizes[0]))

TR_ACTOR(bodies_of_all_sizes_reach_another_user)
{
    bool is_right;
    size_t size;
    tr_pid pid = spawn("nobody");
    for (int round = 0; round < 3; round++)
        for (long n = 0; n < SIZES - (round > 0); n++) {
            send_filled(pid, sizes[n], n);
            for (int i = 0; i < 2; i++) {
                EXPECT_NEXT("{seen, N, Size, Right}", n, &size, &is_right);
                CHECK(is_right && size == sizes[n]);
            }
        }
}

TR_ACTOR(bodies_of_all_sizes_come_from_another_user)
{
    tr_pid pid = spawn("nobody");
    for (int round = 0; round < 3; round++)
        for (long n = 0; n < SIZES - (round > 0); n++) {
            CHECK(tr_send(pid, "{send, Me, Size, N}", tr_self(), sizes[n], n) == 0);
            expect_filled(sizes[n], n);
        }
}

static void let_send(tr_pid from, tr_pid to)
{
    bool is_right;
    size_t size;
    for (long n = 0; n < SIZES - 1; n++) {
        CHECK(tr_send(from, "{send, To, Size, N}", to, sizes[n], n) == 0);
        for (int i = 0; i < 2; i++) {
            EXPECT_NEXT("{seen, N, Size, Right}", n, &size, &is_right);
            CHECK(is_right && size == sizes[n]);
        }
    }
}

TR_ACTOR(bodies_of_all_sizes_go_between_other_users)
{
    tr_pid nobody = spawn("nobody"), another = spawn("nobody"), daemon = spawn("daemon");
    let_send(nobody, another);
    let_send(nobody, daemon);
    let_send(daemon, nobody);
    let_send(nobody, nobody);
    let_send(daemon, spawn(NULL));
    let_send(daemon, spawn("root"));
    let_send(spawn("root"), nobody);
}

TR_ACTOR(last_words_of_another_user_come_before_its_end)
{
    tr_ref ref;
    tr_pid pid = spawn("nobody");
    CHECK(tr_monitor(pid, &ref) == 0);
    for (long n = 0; n < SIZES - 1; n++)
        CHECK(tr_send(pid, "{send, Me, Size, N}", tr_self(), sizes[n], n) == 0);
    CHECK(tr_send(pid, "{exit, R}", "done") == 0);
    for (long n = 0; n < SIZES - 1; n++)
        expect_filled(sizes[n], n);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, _}", ref, pid);
    pid = spawn("nobody");
    CHECK(tr_monitor(pid, &ref) == 0);
    CHECK(tr_send(pid, "{send, Me, Size, N}", tr_self(), MIB, 7l) == 0);
    expect_filled(MIB, 7);
    CHECK(kill(actor_os_pid(pid), SIGKILL) == 0);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, {signal, sigkill, _}}", ref, pid);
    CHECK(tr_send(pid, "{frame, 1, x}") == 0);
}

/* ---------------------------------------------------------------- signals */

TR_ACTOR(links_and_monitors_know_no_users)
{
    tr_ref ref;
    tr_trap_exit(true);
    tr_pid pid = spawn("nobody"), other = spawn(NULL);
    CHECK(tr_send(pid, "{link, Me}", tr_self()) == 0);
    expect_nobody(pid);
    CHECK(tr_send(pid, "{exit, R}", "enough") == 0);
    EXPECT("{'EXIT', Pid, R}", pid, "enough");
    pid = spawn("nobody");
    CHECK(tr_send(pid, "{monitor, P}", other) == 0);
    expect_nobody(pid);
    tr_exit_process(other, "kill");
    EXPECT("{down, Pid}", other);
    CHECK(tr_monitor(pid, &ref) == 0);
    tr_exit_process(pid, "kill");
    EXPECT("{'DOWN', Ref, process, Pid, killed}", ref, pid);
    pid = spawn("nobody");
    CHECK(tr_monitor(pid, &ref) == 0);
    CHECK(tr_send(pid, "hang") == 0);
    CHECK(kill(actor_os_pid(pid), SIGSTOP) == 0);
    tr_exit_process(pid, "kill");
    EXPECT("{'DOWN', Ref, process, Pid, killed}", ref, pid);
}

/* ---------------------------------------------------------------- servers and supervisors */

static struct tr_step init(tr_term argument, void **ret_state)
{
    (void)argument;
    *ret_state = NULL;
    return tr_ok();
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    static uint8_t bytes[MIB];
    const tr_bin bin = {bytes, sizeof bytes};
    (void)from;
    (void)state;
    return tr_is_atom(request, "bytes") ? tr_answer("{uid, Uid, B}", (long)getuid(), bin)
                                        : tr_answer("{uid, Uid, nothing}", (long)getuid());
}

static const struct tr_server_callbacks callbacks = {.init = init, .handle_call = handle_call};
TR_SERVER(desk, &callbacks)

static long uid_of(tr_pid desk)
{
    long uid = -1;
    struct tr_reply answer = {0};
    CHECK(tr_call(desk, 10000, &answer, "who") == 0);
    CHECK(tr_match(answer.term, "{uid, Uid, nothing}", &uid) == 0);
    tr_reply_deinit(&answer);
    CHECK(tr_call(desk, 10000, &answer, "bytes") == 0);
    CHECK(tr_match(answer.term, "{uid, Uid, B}", &uid, &(tr_bin){0}) == 0);
    tr_reply_deinit(&answer);
    return uid;
}

TR_ACTOR(a_server_of_another_user_is_called)
{
    tr_pid pid;
    const struct tr_start_options options = {.user = "nobody"};
    CHECK(tr_server_start_link(&pid, "desk", &options, "[]") == 0);
    CHECK(uid_of(pid) == NOBODY);
    CHECK(tr_server_stop(pid, 10000, NULL, "normal") == 0);
}

static void plant(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_add(tree, TR_CHILD("desk", .id = "mine", .name = "mine"), "[]");
    tr_tree_add(tree, TR_CHILD("desk", .id = "daemons", .name = "daemons", .user = "daemon"), "[]");
}
TR_SUPERVISOR(office, plant)

static void plant_mine(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_add(tree, TR_CHILD("desk", .id = "mine", .name = "mine"), "[]");
}
TR_SUPERVISOR(branch, plant_mine)

static void expect_reborn(const char *name, long uid)
{
    tr_ref ref;
    tr_pid desk = tr_whereis(name), again = TR_NO_PID;
    uint64_t deadline_ns = tri_deadline_ns(CHECK_DEADLINE_MS);
    CHECK(uid_of(desk) == uid);
    CHECK(tr_monitor(desk, &ref) == 0);
    CHECK(kill(actor_os_pid(desk), SIGKILL) == 0);
    EXPECT("{'DOWN', Ref, _, _, _}", ref);
    while ((tr_pid_is_none(again = tr_whereis(name)) || tr_pid_equal(again, desk)) &&
           tri_clock_ns() < deadline_ns)
        usleep(1000);
    CHECK(uid_of(again) == uid);
}

TR_ACTOR(a_child_that_is_started_again_is_its_user_again)
{
    tr_pid office;
    struct tr_reply spec = {0};
    CHECK(tr_server_start_link(&office, "office", NULL, "[]") == 0);
    CHECK(tr_supervisor_get_childspec(office, &spec, "daemons") == 0);
    CHECK(tr_match(spec.term, "#{user => U}", "daemon") == 0);
    tr_reply_deinit(&spec);
    expect_reborn("daemons", DAEMON);
    CHECK(uid_of(tr_whereis("mine")) == 0);
}

TR_ACTOR(all_below_a_supervisor_are_its_user_and_nobody_else)
{
    tr_pid branch, pid;
    struct tr_reply reason = {0};
    struct tr_start_options options = {.user = "nobody"};
    CHECK(tr_server_start_link(&branch, "branch", &options, "[]") == 0);
    expect_reborn("mine", NOBODY);
    static const char *const others[] = {"daemon", "root", "0", "nobody:daemon", "nobody:0"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CHECK(tr_supervisor_start_child(branch, TR_CHILD("desk", .id = "x", .user = others[i]),
                                        NULL, &reason, "[]") == TR_REFUSED);
        CHECK(tr_match(reason.term, "{{user, eperm, Name}, _}", others[i]) == 0);
        tr_reply_deinit(&reason);
    }
    CHECK(tr_supervisor_start_child(branch, TR_CHILD("desk", .id = "y", .user = "nobody"), &pid,
                                    NULL, "[]") == 0);
    CHECK(uid_of(pid) == NOBODY);
    options.ret_reason = &reason;
    CHECK(tr_server_stop(branch, 10000, NULL, "normal") == 0);
    CHECK(tr_server_start(NULL, "office", &options, "[]") == TR_DOWN);
    CHECK(tr_match(reason.term, "{shutdown, {failed_to_start_child, daemons, {user, eperm, N}}}",
                   "daemon") == 0);
    tr_reply_deinit(&reason);
}

/* ---------------------------------------------------------------- rights */

TR_ACTOR(another_user_has_no_rights_of_roots)
{
    tr_pid pid = spawn("nobody");
    CHECK(tr_send(pid, "{send, Me, Size, N}", tr_self(), MIB, 1l) == 0); /* opens our folder */
    expect_filled(MIB, 1);
    CHECK(tr_send(pid, "{Me, try_all}", tr_self()) == 0);
    EXPECT("tried");
}

static void expect_spawned(tr_pid by, const char *user, int expected, tr_pid *ret_pid)
{
    int r;
    CHECK(tr_send(by, "{Me, spawn, U}", tr_self(), user) == 0);
    EXPECT("{spawned, R, Pid}", &r, ret_pid);
    CHECK(r == expected);
}

TR_ACTOR(whom_another_user_spawns_is_no_more_than_itself)
{
    tr_pid nobody = spawn("nobody"), pid, below;
    expect_spawned(nobody, "", 0, &pid);
    expect_nobody(pid);
    expect_spawned(pid, "", 0, &below);
    expect_nobody(below);
    expect_spawned(pid, "nobody", 0, &below);
    expect_nobody(below);
    expect_spawned(below, "root", -EPERM, &pid);
    expect_spawned(below, "daemon", -EPERM, &pid);
    expect_spawned(below, "nobody:daemon", -EPERM, &pid);
    pid = spawn(NULL);
    CHECK(tr_send(pid, "{Me, spawn, U}", tr_self(), "daemon") == 0);
    EXPECT("{spawned, 0, _}");
}

/* What is said to the node does not come from the library. */
static int ask_for(const char *user)
{
    char name[256] = "worker";
    struct tri_parcel parcel = tri_parcel_of(TRI_SPAWN);
    static const uint8_t nil[] = {106};
    parcel.name = name;
    parcel.name_bytes = strlen("worker") + 2;
    memcpy(name + parcel.name_bytes, user, strlen(user));
    parcel.name_bytes += strlen(user);
    parcel.body = nil;
    parcel.body_bytes = sizeof nil;
    return tri_request(tri_process_here(), &parcel, NULL);
}

TR_ACTOR(liar)
{
    tr_pid to;
    CHECK(tr_get_pid(argument, &to));
    CHECK(getuid() == NOBODY);
    CHECK(ask_for("0:0:root") == -EPERM);
    CHECK(ask_for("65534:65534,0:nobody") == -EPERM);
    CHECK(ask_for("65534:0:nobody") == -EPERM);
    CHECK(ask_for("65534:65534:whoever") == 0);
    static const char *const nonsense[] = {"x",        "65534",  "65534:",         "65534::nobody",
                                           "65534:1,", "-1:1:x", "4294967295:1:x", "1:1"};
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++)
        CHECK(ask_for(nonsense[i]) == TR_MALFORMED);
    CHECK(tr_send(to, "refused") == 0);
}

TR_ACTOR(the_node_believes_nobody_who_has_dropped_his_rights)
{
    struct tr_out self = {0};
    tr_put_pid(&self, tr_self());
    CHECK(tr_spawn_term("liar", &(struct tr_spawn_options){.user = "nobody"}, tr_out_term(&self),
                        NULL, NULL) == 0);
    EXPECT("refused");
}

/* Its argument: {To, Entry}. */
TR_ACTOR(loader)
{
    tr_pid to;
    tr_bin entry;
    tr_ref ref;
    tr_term outcome;
    char text[PATH_MAX];
    struct tr_out nil = {0};
    tr_put_nil(&nil);
    CHECK(tr_match(argument, "{To, Entry}", &to, &entry) == 0);
    snprintf(text, sizeof text, "%.*s", (int)entry.size_bytes, (const char *)entry.data);
    CHECK(tr_spawn_request_term(text, NULL, tr_out_term(&nil), &ref) == 0);
    tr_receive {
        tr_case("{spawn_reply, Ref, error, Why}", ref, &outcome)
            CHECK(tr_send(to, "{error, Why}", outcome) == 0);
        tr_case("{spawn_reply, Ref, ok, _}", ref)
            CHECK(tr_send(to, "ok") == 0);
    }
}

static void load(const char *entry, const char *user)
{
    struct tr_out argument = {0};
    CHECK(tr_put(&argument, "{To, Entry}", tr_self(), entry) == 0);
    CHECK(tr_spawn_term("loader", &(struct tr_spawn_options){.user = user}, tr_out_term(&argument),
                        NULL, NULL) == 0);
    tr_out_deinit(&argument);
}

/* The command line gives a copy of this binary that is root's, and another that is not. */
TR_ACTOR(another_user_has_only_roots_binaries_executed)
{
    tr_bin roots, others;
    char entry[PATH_MAX];
    if (tr_match(argument, "[A, B]", &roots, &others))
        return;
    snprintf(entry, sizeof entry, "%.*s:worker", (int)others.size_bytes, (const char *)others.data);
    load(entry, "nobody");
    EXPECT_NEXT("{error, {exec, eperm, _}}");
    load(entry, NULL);
    EXPECT_NEXT("ok");
    load(entry, "nobody"); /* root has had it executed */
    EXPECT_NEXT("ok");
    snprintf(entry, sizeof entry, "%.*s:worker", (int)roots.size_bytes, (const char *)roots.data);
    load(entry, "nobody");
    EXPECT_NEXT("ok");
}

/* ---------------------------------------------------------------- programs */

TR_ACTOR(a_program_is_the_user_of_its_actor)
{
    static const char *const arguments[] = {"-c", "id -u; id -G", NULL};
    struct tr_program program = {
        .path = "/bin/sh", .arguments = arguments, .framing = TR_FRAMING_LINE};
    struct tr_reply reason = {0};
    struct tr_start_options options = {.user = "nobody", .ret_reason = &reason};
    tr_pid pid;
    CHECK(tr_program_start(&program, 0, &options, &pid, NULL) == 0);
    EXPECT("{Pid, {data, {eol, Line}}}", pid, "65534");
    EXPECT("{Pid, {data, {eol, Line}}}", pid, "65534");
    program.user = "nobody";
    CHECK(tr_program_start(&program, 0, &options, &pid, NULL) == 0);
    EXPECT("{Pid, {data, {eol, Line}}}", pid, "65534");
    program.user = "daemon";
    CHECK(tr_program_start(&program, 0, &options, &pid, NULL) == TR_DOWN);
    CHECK(tr_match(reason.term, "{user, eperm, N}", "daemon") == 0);
    tr_reply_deinit(&reason);
}

/* ---------------------------------------------------------------- a node that is not root's */

TR_ACTOR(only_root_has_other_users)
{
    struct tr_spawn_options options = {.user = "daemon", .name = "lost"};
    struct tr_out nil = {0};
    char own[32];
    tr_ref ref;
    tr_put_nil(&nil);
    CHECK(geteuid() != 0);
    CHECK(tr_spawn_term("worker", &options, tr_out_term(&nil), NULL, NULL) == -EPERM);
    CHECK(tr_spawn_request_term("worker", &options, tr_out_term(&nil), &ref) == 0);
    EXPECT_NEXT("{spawn_reply, Ref, error, {user, eperm, Name}}", ref, "daemon");
    CHECK(tr_pid_is_none(tr_whereis("lost")));
    snprintf(own, sizeof own, "%u", geteuid());
    options.user = own;
    CHECK(tr_spawn_term("worker", &options, tr_out_term(&nil), NULL, NULL) == 0);
}

/* ---------------------------------------------------------------- for others to look at */

TR_ACTOR(waits_to_be_looked_at)
{
    static const struct tr_spawn_options options = {.user = "nobody", .name = "victim"};
    struct tr_out nil = {0};
    tr_put_nil(&nil);
    CHECK(tr_spawn_term("worker", &options, tr_out_term(&nil), NULL, NULL) == 0);
    CHECK(tr_register("ready", tr_self()) == 0);
    for (;;)
        pause();
}
