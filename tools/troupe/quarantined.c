/* Quarantined: what is read from disk is data, so whatever is missing or strange in it is shown as unknown. */
#include "quarantined.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "behaviour/iodata.h"
#include "behaviour/program_spec.h"
#include "behaviour/replay.h"
#include "command.h"
#include "launch/launch.h"
#include "say.h"
#include "term/tags.h"
#include "troupe/program.h"

/* ---------------------------------------------------------------- reading */

/* The text of an atom or a binary; "" for anything else. */
static void read_text(tr_term map, const char *key, char *text, size_t size_bytes)
{
    tr_term term;
    tr_atom atom;
    tr_bin binary;
    text[0] = '\0';
    if (!tr_map_get_atom(map, key, &term))
        return;
    if (tr_get_atom(term, &atom))
        tr_atom_text(atom, text, size_bytes);
    else if (tr_get_binary(term, &binary))
        snprintf(text, size_bytes, "%.*s", (int)binary.size_bytes, (const char *)binary.data);
}

static void read_number(tr_term map, const char *key, uint64_t *ret_number)
{
    tr_term term;
    if (tr_map_get_atom(map, key, &term))
        tr_get_unsigned(term, ret_number);
}

int quarantined_read(const char *id, struct quarantined *ret_job)
{
    struct quarantined *job = ret_job;
    tr_term terms, each;
    struct tr_iter iter;
    int r = tri_quarantine_get(id, &job->job, &job->meta);
    if (r)
        return r;
    tr_term meta = tr_out_term(&job->meta);
    snprintf(job->id, sizeof job->id, "%s", id);
    job->spec = job->reason = TRI_ATOM_TERM("undefined");
    strcpy(job->worker, "?");
    job->lacks_meta = true;
    if (tr_kind_of(meta) != TR_KIND_MAP)
        return 0;
    read_text(meta, "image", job->image, sizeof job->image);
    read_number(meta, "kills", &job->kills);
    read_number(meta, "time", &job->time_s);
    if (tr_map_get_atom(meta, "worker", &job->spec) && tr_kind_of(job->spec) == TR_KIND_MAP) {
        read_text(job->spec, "id", job->worker, sizeof job->worker);
        job->lacks_meta = !job->image[0];
    }
    if (tr_map_get_atom(meta, "reasons", &terms) && tr_get_list(terms, &iter))
        while (tr_next(&iter, &each))
            job->reason = each;
    return 0;
}

const char *quarantined_fault(int r)
{
    return r == -ENOENT        ? "its job is missing"
           : r == TR_MALFORMED ? "its job is no term"
                               : tr_strerror(r);
}

void quarantined_deinit(struct quarantined *job)
{
    tr_out_deinit(&job->job);
    tr_out_deinit(&job->meta);
}

/* ---------------------------------------------------------------- once more */

static void put_replay(struct tr_out *out, const struct quarantined *job, int64_t deadline_ms)
{
    tr_put(out, "{replay, Worker, Deadline, Job}", job->spec, deadline_ms, tr_out_term(&job->job));
}

int quarantined_replay(const struct quarantined *job, int64_t deadline_ms)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    char name[64];
    put_replay(&argument, job, deadline_ms);
    if (argument.fault)
        return ANSWER_NOTHING;
    snprintf(name, sizeof name, "replay-%d", (int)getpid());
    const struct tri_launch_options options = {
        .node = name, .binary = job->image, .entry = TRI_REPLAY_ENTRY, .argument = &argument};
    return tri_launch(&options);
}

/* ---------------------------------------------------------------- under the debugger */

struct session {
    char file[64]; /* what the worker reads: a term for a function, a frame for a program */
    char run[8192];
    char binary[4096];
};

static int write_file(struct session *session, const void *head, size_t head_bytes,
                      const void *data, size_t size_bytes)
{
    strcpy(session->file, "/tmp/troupe-replay.XXXXXX");
    TRI_AUTO(tri_fd_close) int fd = mkostemp(session->file, O_CLOEXEC);
    if (fd < 0) {
        session->file[0] = '\0';
        return -errno;
    }
    int r = tri_fd_write_all(fd, head, head_bytes);
    return r ? r : tri_fd_write_all(fd, data, size_bytes);
}

/* A word for the shell by which gdb starts its program. */
static void append_word(char *line, size_t size_bytes, const char *word)
{
    size_t length = strlen(line);
    for (const char *at = word; at == word || at[-1]; at++) {
        const char *piece = at == word ? " '" : "";
        char one[2] = {*at, '\0'};
        length += (size_t)snprintf(line + length, length < size_bytes ? size_bytes - length : 0,
                                   "%s%s", piece,
                                   *at == '\0'   ? "'"
                                   : *at == '\'' ? "'\\''"
                                                 : one);
    }
}

static int prepare_function(struct session *session, const struct quarantined *job)
{
    static const uint8_t version = TRI_VERSION;
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    char module[4096], *colon;
    tr_term start, first;
    put_replay(&whole, job, 0);
    int r = whole.fault ? -ENOMEM : write_file(session, &version, 1, whole.data, whole.size_bytes);
    if (r)
        return r;
    snprintf(session->binary, sizeof session->binary, "%s", job->image);
    if (tr_map_get_atom(job->spec, "start", &start) && tr_match(start, "{M, _, _}", &first) == 0) {
        TRI_AUTO(tr_out_deinit) struct tr_out map = {0};
        tr_put(&map, "#{m => M}", first);
        read_text(tr_out_term(&map), "m", module, sizeof module);
        colon = strrchr(module, ':');
        if (colon)
            snprintf(session->binary, sizeof session->binary, "%.*s", (int)(colon - module),
                     module);
    }
    setenv(TRI_REPLAY_VARIABLE, session->file, 1);
    strcpy(session->run, "set args");
    return 0;
}

static int prepare_program(struct session *session, const struct quarantined *job,
                           const struct tri_program_spec *program)
{
    struct tri_bytes frame = {0};
    uint8_t head[4] = {0};
    size_t head_bytes = program->framing.kind == TR_FRAMING_PACKET_1   ? 1
                        : program->framing.kind == TR_FRAMING_PACKET_2 ? 2
                        : program->framing.kind == TR_FRAMING_PACKET_4 ? 4
                                                                       : 0;
    static const uint8_t line_end[] = {TRI_BINARY, 0, 0, 0, 1, '\n'};
    int r = tri_iodata_append(&frame, tr_out_term(&job->job));
    if (r == 0 && head_bytes == 0)
        r = tri_iodata_append(&frame, (tr_term){line_end, sizeof line_end});
    for (size_t i = 0; i < head_bytes; i++)
        head[i] = (uint8_t)(frame.size_bytes >> 8 * (head_bytes - 1 - i));
    if (r == 0)
        r = write_file(session, head, head_bytes, frame.data, frame.size_bytes);
    tri_bytes_deinit(&frame);
    snprintf(session->binary, sizeof session->binary, "%s", program->path);
    strcpy(session->run, "set args");
    for (size_t i = 1; i < program->arguments.count; i++)
        append_word(session->run, sizeof session->run - 100, program->arguments.at[i]);
    strcat(session->run, " <");
    append_word(session->run, sizeof session->run, session->file);
    return r;
}

static int prepare(struct session *session, const struct quarantined *job)
{
    struct tri_program_spec program;
    tr_term description, wrong;
    char *none[] = {NULL};
    if (tr_match(job->spec, "#{start => {_, _, [Description]}}", &description) ||
        tr_match(description, "{program, _, _}"))
        return prepare_function(session, job);
    int r = tri_program_spec_read(&program, description, none, &wrong);
    if (r == 0)
        r = prepare_program(session, job, &program);
    tri_program_spec_deinit(&program);
    return r;
}

static int run_gdb(const struct session *session, const char *script)
{
    const char *batch[] = {"gdb", "-q",   "-batch",        "-ex", session->run,
                           "-x",  script, session->binary, NULL};
    const char *talking[] = {"gdb", "-q", "-ex", session->run, session->binary, NULL};
    int status;
    pid_t os_pid = fork();
    if (os_pid == 0) {
        execvp("gdb", (char *const *)(script ? batch : talking));
        say("gdb cannot be started: %m");
        _exit(ANSWER_NOTHING);
    }
    if (os_pid < 0)
        return ANSWER_NOTHING;
    signal(SIGINT, SIG_IGN); /* it is for gdb */
    while (waitpid(os_pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ANSWER_FINE : ANSWER_NOTHING;
}

int quarantined_debug(const struct quarantined *job, const char *script)
{
    struct session session = {.file = ""};
    int answer = ANSWER_NOTHING, r = prepare(&session, job);
    if (r)
        say("quarantine: %s cannot be replayed: %s", job->id, tr_strerror(r));
    else
        answer = run_gdb(&session, script);
    if (session.file[0])
        unlink(session.file);
    return answer;
}
