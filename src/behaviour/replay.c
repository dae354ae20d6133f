/* Replay: a pool of one worker, for one job; or no pool at all. */
#include "behaviour/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/fd.h"
#include "behaviour/task.h"
#include "process/entries.h"
#include "term/tags.h"

static void print(const char *what, tr_term term)
{
    TRI_AUTO(tri_freep) char *text = tr_print_new(term);
    printf("%s: %s\n", what, text ? text : "no memory to show it");
    fflush(stdout);
}

/* ---------------------------------------------------------------- as an actor */

static int start_pool(tr_term worker, tr_pid *ret_pool, struct tr_reply *ret_reason)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    const struct tr_start_options start = {.ret_reason = ret_reason};
    tr_put(&argument, "{pool, Worker, #{size => 1, spares => 0, quarantine_after => 0}}", worker);
    return argument.fault ? argument.fault
                          : tr_server_start_term(TR_POOL_ENTRY, 0, &start, tr_out_term(&argument),
                                                 ret_pool, NULL);
}

void tri_replay_of_term(tr_term argument)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    struct tr_job_options options = {.priority = 0};
    tr_term worker, job, what;
    tr_pid pool;
    if (tr_match(argument, "{replay, Worker, Deadline, Job}", &worker, &options.deadline_ms, &job))
        tr_exit("badarg");
    if (start_pool(worker, &pool, &reply)) {
        print("cannot be started", reply.term);
        tr_exit("{exit_status, 1}");
    }
    bool is_done = tr_pool_run(pool, -1, &options, &reply, "Job", job) == 0 &&
                   tr_match(reply.term, "{ok, What, _}", &what) == 0;
    if (is_done)
        print("done", what);
    else
        print("failed", tr_match(reply.term, "{error, What, _}", &what) == 0 ? what : reply.term);
    tr_pool_stop(pool, -1);
    if (!is_done)
        tr_exit("{exit_status, 1}");
}

/* ---------------------------------------------------------------- here */

static int read_term(const char *path, struct tr_out *out)
{
    struct stat st;
    tr_term term;
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    TRI_AUTO(tri_freep) char *data = malloc((size_t)st.st_size + 1);
    if (!data)
        return -ENOMEM;
    ssize_t n = tri_fd_read_at(fd, data, (size_t)st.st_size, 0);
    if (n < 0)
        return (int)n;
    int r = tr_check_external(data, (size_t)n, NULL, &term);
    return r ? r : tr_out_copy(out, term);
}

/* The entry's name in this binary: what stands behind the path. */
static char *name_of(tr_term module, char *buffer, size_t size_bytes)
{
    tr_atom atom;
    tr_bin binary;
    buffer[0] = '\0';
    if (tr_get_atom(module, &atom))
        tr_atom_text(atom, buffer, size_bytes);
    else if (tr_get_binary(module, &binary))
        snprintf(buffer, size_bytes, "%.*s", (int)binary.size_bytes, (const char *)binary.data);
    char *colon = strrchr(buffer, ':');
    return colon ? colon + 1 : buffer;
}

int tri_replay_here(const char *path)
{
    static const uint8_t nil[] = {TRI_NIL};
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0}, result = {0};
    char buffer[4096];
    tr_term module, job, argument = {nil, sizeof nil}, arguments, answer;
    int r = read_term(path, &whole);
    if (r == 0)
        r = tr_match(tr_out_term(&whole), "{replay, #{start => {M, _, As}}, _, Job}", &module,
                     &arguments, &job);
    if (r) {
        fprintf(stderr, "troupe: %s: %s\n", path, tr_strerror(r));
        return 2;
    }
    const char *name = name_of(module, buffer, sizeof buffer);
    const struct tr_entry *entry = tri_entry_find(name);
    if (!entry) {
        fprintf(stderr, "troupe: this binary has no worker \"%s\"\n", name);
        return 2;
    }
    tr_match(arguments, "[Only]", &argument);
    tri_worker_do(name, entry->run, argument, job, &result);
    const char *reason = tri_task_judge(&result, &answer);
    if (!reason) {
        print("done", answer);
        return 0;
    }
    printf("failed: %s\n", reason);
    fflush(stdout);
    return 1;
}
