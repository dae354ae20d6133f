/* Program's beginning: from a description to an executable that runs, with pipes. Whatever can go wrong in that ends the actor with
 * a reason of its own, which is its starter's answer. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "base/title.h"
#include "behaviour/program.h"
#include "process/confine.h"
#include "process/confined.h"
#include "process/sandbox_seccomp.h"
#include "wire/death.h"

void tri_program_fail(struct tri_program *program, enum tri_keeper_step step, int number)
{
    static const char *const names[] = {[TRI_STEP_FORK] = "fork",
                                        [TRI_STEP_USER] = "user",
                                        [TRI_STEP_CD] = "cd",
                                        [TRI_STEP_CONFINE] = "unsupported",
                                        [TRI_STEP_EXEC] = "exec"};
    const char *const what[] = {[TRI_STEP_FORK] = NULL,
                                [TRI_STEP_USER] = program->spec.user,
                                [TRI_STEP_CD] = program->spec.directory,
                                [TRI_STEP_CONFINE] = NULL,
                                [TRI_STEP_EXEC] = program->spec.path};
    struct tr_out reason = {0};
    tr_put_tuple_of(&reason, what[step] ? 3 : 2);
    tr_put_atom(&reason, names[step]);
    if (step == TRI_STEP_CONFINE)
        tr_put_atom(&reason, tri_shortfall_name((unsigned)number & -(unsigned)number));
    else
        tri_death_put_errno(&reason, number);
    if (what[step])
        tr_put_text(&reason, what[step]);
    tr_exit_term(tr_out_term(&reason));
}

/* ---------------------------------------------------------------- what it is */

static void read_spec(struct tri_program *program)
{
    tr_term wrong;
    struct tr_out reason = {0};
    int r = tri_program_spec_read(&program->spec, program->started.argument, environ, &wrong);
    if (r == 0)
        return;
    if (r == TR_NO_MATCH)
        tr_put(&reason, "{badarg, Wrong}", wrong);
    else
        tr_put_atom(&reason, "system_limit");
    tr_exit_term(tr_out_term(&reason));
}

/* Who has no name of its own has the program's, in the log and where people look at processes. */
static void set_title(const struct tri_program *program)
{
    char name[TRI_SYS_NAME_BYTES], title[TRI_SYS_NAME_BYTES + 32];
    const char *slash = strrchr(program->spec.path, '/');
    const char *base = slash ? slash + 1 : program->spec.path;
    snprintf(title, sizeof title, "%s %.30s", tri_sys_name(name), base);
    tri_title_set(title, "%s", title);
    tri_log_init(title);
}

void tri_program_describe(struct tri_program *program)
{
    read_spec(program);
    set_title(program);
}

/* ---------------------------------------------------------------- its processes and pipes */

static void open_output(struct tri_program *program, struct tri_program_output *output, int fd,
                        bool goes_to_log)
{
    output->pipe.fd = fd;
    output->goes_to_log = goes_to_log;
    output->framer.framing = program->spec.framing;
    if (goes_to_log || output->is_stderr)
        output->framer.framing =
            (struct tri_framing){.kind = TR_FRAMING_LINE, .max_bytes = TR_PROGRAM_LINE_BYTES};
    output->has_told_end = fd < 0;
}

/* The node is to know of it before it is there. */
static int start_keeper(struct tri_program *program, const struct tri_user *user,
                        struct tri_confined *confined, const char *title)
{
    struct tri_process *process = program->process;
    atomic_store(&process->box->has_keeper, 1);
    return tri_keeper_start(&program->spec, user, confined, process->control_fd, title,
                            &program->keeper);
}

TR_NORETURN static void fail_at_path(int fault, const char *path)
{
    struct tr_out reason = {0};
    tr_put_tuple_of(&reason, 3);
    tr_put_atom(&reason, "sandbox");
    tri_death_put_errno(&reason, -fault);
    tr_put_text(&reason, path);
    tr_exit_term(tr_out_term(&reason));
}

/* Where a name without a slash leads to, as execvp looks for it; the path as it is otherwise. */
static const char *find_executable(const struct tri_program_spec *spec, char path[PATH_MAX])
{
    if (strchr(spec->path, '/'))
        return spec->path;
    for (size_t i = 0; i < spec->environment.count; i++) {
        const char *at = spec->environment.at[i];
        if (strncmp(at, "PATH=", 5) != 0)
            continue;
        for (at += 5; *at; at += *at == ':') {
            size_t length = strcspn(at, ":");
            snprintf(path, PATH_MAX, "%.*s/%s", (int)length, at, spec->path);
            if (access(path, X_OK) == 0)
                return path;
            at += length;
        }
    }
    return NULL;
}

/* Everything that allocates and opens files is done here, before the forks. */
static int start_confined(struct tri_program *program, const struct tri_user *user,
                          const char *title)
{
    const struct tri_confinement *confinement = &program->spec.confinement;
    struct tri_filter filter = {0};
    struct tri_confined confined;
    char executable[PATH_MAX];
    const char *path = "";
    if (tri_confinement_is_none(confinement))
        return start_keeper(program, user, NULL, title);
    const struct tri_paths paths = {.directory = program->spec.directory,
                                    .executable = find_executable(&program->spec, executable)};
    if (confinement->sandbox != TR_SANDBOX_NONE)
        tri_filter_build(confinement->sandbox, TRI_FILTER_OF_PROGRAM, &filter);
    int r = tri_confined_prepare(&confined, confinement, TRI_LIMITED_PROGRAM, paths, filter.code,
                                 filter.size_bytes, &path);
    if (r)
        fail_at_path(r, path);
    confined.may_have_pid_namespace = confinement->sandbox == TR_SANDBOX_FULL;
    r = start_keeper(program, user, &confined, title);
    tri_confined_deinit(&confined);
    tri_filter_deinit(&filter);
    return r;
}

void tri_program_open(struct tri_program *program)
{
    struct tri_user user;
    char name[TRI_SYS_NAME_BYTES], title[TRI_SYS_NAME_BYTES + 64];
    const struct tri_program_spec *spec = &program->spec;
    int r = tri_user_find(spec->user, &user);
    if (r)
        tri_program_fail(program, TRI_STEP_USER, -r);
    snprintf(title, sizeof title, "keeper of %s", tri_sys_name(name));
    r = tri_beside_open(program->process, &program->beside);
    if (r == 0)
        r = start_confined(program, &user, title);
    if (r)
        tri_program_fail(program, TRI_STEP_FORK, -r);
    struct tri_program_pipe channel = {.fd = program->keeper.channel_fd};
    tri_program_watch(program, &channel, EPOLLIN);
    program->input.pipe.fd = program->keeper.in_fd;
    open_output(program, &program->output, program->keeper.out_fd, spec->has_no_owner);
    program->errors.is_stderr = true;
    open_output(program, &program->errors, program->keeper.err_fd,
                spec->has_no_owner || spec->standard_error == TR_STDERR_LOG);
}
