/* surroundings: actors that tell where they are. Each case is a root actor. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/check.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* Asked with {From, cd} it tells its directory, with {From, {env, Name}} the variable or `none`. */
static void tell(tr_term message)
{
    tr_pid from;
    tr_bin name;
    char text[PATH_MAX];
    if (tr_match(message, "{From, cd}", &from) == 0) {
        CHECK(getcwd(text, sizeof text));
        tr_send(from, "{cd, Text}", (const char *)text);
    } else if (tr_match(message, "{From, {env, Name}}", &from, &name) == 0) {
        snprintf(text, sizeof text, "%.*s", (int)name.size_bytes, (const char *)name.data);
        const char *value = getenv(text);
        if (value)
            tr_send(from, "{env, Text}", value);
        else
            tr_send(from, "{env, none}");
    }
}

/* Its argument is sent to whoever asks for it. */
TR_ACTOR(teller)
{
    tr_pid from;
    tr_term message;
    for (;;)
        tr_receive {
            tr_case("{From, argument}", &from)
                tr_send(from, "{argument, A}", argument);
            tr_case("Message", &message)
                tell(message);
        }
}

static struct tr_step init(tr_term argument, void **ret_state)
{
    (void)argument;
    *ret_state = NULL;
    /* Before it is said that the server has been started. */
    return access("passwd", F_OK) == 0 && getenv("COLOUR") ? tr_ok() : tr_stop("elsewhere");
}

static struct tr_step handle_info(tr_term message, void *state)
{
    (void)state;
    tell(message);
    return tr_noreply();
}

static const struct tr_server_callbacks callbacks = {.init = init, .handle_info = handle_info};
TR_SERVER(desk, &callbacks)

static const char *const blue[] = {"COLOUR=blue=green", "HOME", NULL};

static tr_pid spawn(const struct tr_spawn_options *options)
{
    tr_pid pid;
    struct tr_out argument = {0};
    CHECK(tr_put(&argument, "[7]") == 0);
    CHECK(tr_spawn_term("teller", options, tr_out_term(&argument), &pid, NULL) == 0);
    tr_out_deinit(&argument);
    return pid;
}

static void expect_directory(tr_pid pid, const char *expected)
{
    CHECK(tr_send(pid, "{From, cd}", tr_self()) == 0);
    EXPECT("{cd, Text}", expected);
}

static void expect_variable(tr_pid pid, const char *name, const char *expected)
{
    CHECK(tr_send(pid, "{From, {env, Name}}", tr_self(), name) == 0);
    if (expected)
        EXPECT("{env, Text}", expected);
    else
        EXPECT("{env, none}");
}

TR_ACTOR(an_actor_works_where_its_spawner_says)
{
    char here[PATH_MAX];
    tr_pid there = spawn(&(struct tr_spawn_options){.directory = "/usr"});
    CHECK(getcwd(here, sizeof here));
    expect_directory(there, "/usr");
    CHECK(tr_send(there, "{From, argument}", tr_self()) == 0);
    EXPECT("{argument, [7]}");
    expect_directory(spawn(NULL), here);
}

TR_ACTOR(an_actor_has_the_environment_that_it_is_given)
{
    CHECK(setenv("HOME", "/", 1) == 0);
    tr_pid pid = spawn(&(struct tr_spawn_options){.environment = blue});
    expect_variable(pid, "COLOUR", "blue=green");
    expect_variable(pid, "HOME", NULL);
    expect_variable(pid, "PATH", getenv("PATH"));
    CHECK(getenv("HOME") && !getenv("COLOUR"));
}

/* Whom it spawns, and who is forked after it, is not concerned. */
TR_ACTOR(spawner)
{
    tr_pid to;
    CHECK(tr_get_pid(argument, &to));
    CHECK(getenv("COLOUR"));
    tr_send(to, "{spawned, Pid}", spawn(NULL));
}

TR_ACTOR(surroundings_are_an_actors_own)
{
    struct tr_out self = {0};
    tr_pid pid;
    tr_put_pid(&self, tr_self());
    CHECK(tr_spawn_term("spawner",
                        &(struct tr_spawn_options){.directory = "/usr", .environment = blue},
                        tr_out_term(&self), NULL, NULL) == 0);
    EXPECT("{spawned, Pid}", &pid);
    expect_variable(pid, "COLOUR", NULL);
    expect_variable(spawn(NULL), "COLOUR", NULL);
}

/* More than a packet holds. */
TR_ACTOR(surroundings_may_be_large)
{
    enum { BYTES = 100000 };
    static char large[BYTES + 3] = "L=";
    const char *const environment[] = {large, NULL};
    memset(large + 2, 'x', BYTES);
    tr_pid pid = spawn(&(struct tr_spawn_options){.environment = environment});
    expect_variable(pid, "L", large + 2);
}

TR_ACTOR(a_directory_that_is_not_there_is_the_outcome_of_the_spawn)
{
    static const struct tr_spawn_options nowhere = {
        .name = "lost", .directory = "/nowhere/at/all", .flags = TR_SPAWN_LINK | TR_SPAWN_MONITOR};
    struct tr_out nil = {0};
    tr_ref ref;
    tr_pid pid;
    tr_trap_exit(true);
    tr_put_nil(&nil);
    for (int i = 0; i < 20; i++) {
        CHECK(tr_spawn_term("teller", &nowhere, tr_out_term(&nil), NULL, NULL) == -ENOENT);
        CHECK(tr_pid_is_none(tr_whereis("lost")));
    }
    CHECK(tr_spawn_request_term("teller", &nowhere, tr_out_term(&nil), &ref) == 0);
    EXPECT_NEXT("{spawn_reply, Ref, error, {chdir, enoent, Path}}", ref, "/nowhere/at/all");
    struct tr_spawn_options none = nowhere;
    none.directory = "/etc/passwd";
    CHECK(tr_spawn_request_term("teller", &none, tr_out_term(&nil), &ref) == 0);
    EXPECT_NEXT("{spawn_reply, Ref, error, {chdir, enotdir, _}}", ref);
    CHECK(tr_spawn(&pid, "teller", "[]") == 0);
    expect_directory(spawn(&(struct tr_spawn_options){.name = "lost", .directory = "/"}), "/");
    EXPECT_NOTHING();
}

TR_ACTOR(a_server_starts_in_its_surroundings)
{
    tr_pid pid;
    const struct tr_start_options options = {.directory = "/etc", .environment = blue};
    CHECK(tr_server_start_link(&pid, "desk", &options, "[]") == 0);
    expect_directory(pid, "/etc");
    CHECK(tr_server_start(&pid, "desk", NULL, "[]") == TR_DOWN);
}

static void plant(tr_term argument, struct tr_tree *tree)
{
    tr_bin directory;
    char text[PATH_MAX];
    CHECK(tr_get_binary(argument, &directory));
    snprintf(text, sizeof text, "%.*s", (int)directory.size_bytes, (const char *)directory.data);
    tr_tree_add(tree, TR_CHILD("desk", .name = "desk", .directory = text, .environment = blue),
                "[]");
}
TR_SUPERVISOR(office, plant)

TR_ACTOR(a_child_that_is_started_again_has_its_surroundings_again)
{
    tr_pid office, desk, again;
    struct tr_reply spec = {0};
    CHECK(tr_server_start_link(&office, "office", NULL, "Directory", "/etc") == 0);
    desk = tr_whereis("desk");
    expect_directory(desk, "/etc");
    CHECK(tr_supervisor_get_childspec(office, &spec, "desk") == 0);
    CHECK(tr_match(spec.term, "#{cd => D, env => [{C, V}, {H, false}]}", "/etc", "COLOUR",
                   "blue=green", "HOME") == 0);
    tr_reply_deinit(&spec);
    tr_ref ref;
    CHECK(tr_monitor(desk, &ref) == 0);
    CHECK(kill(actor_os_pid(desk), SIGKILL) == 0);
    EXPECT("{'DOWN', Ref, _, _, _}", ref);
    uint64_t deadline_ns = tri_deadline_ns(CHECK_DEADLINE_MS);
    while (tr_pid_is_none(again = tr_whereis("desk")) && tri_clock_ns() < deadline_ns)
        usleep(1000);
    CHECK(!tr_pid_is_none(again) && !tr_pid_equal(again, desk));
    expect_directory(again, "/etc");
    expect_variable(again, "COLOUR", "blue=green");
}

TR_ACTOR(a_child_without_its_directory_fails_to_start)
{
    struct tr_reply reason = {0};
    const struct tr_start_options options = {.ret_reason = &reason};
    CHECK(tr_server_start(NULL, "office", &options, "Directory", "/nowhere") == TR_DOWN);
    CHECK(tr_match(reason.term, "{shutdown, {failed_to_start_child, desk, {chdir, enoent, Path}}}",
                   "/nowhere") == 0);
    tr_reply_deinit(&reason);
}

TR_ACTOR(a_program_works_where_its_actor_does)
{
    static const char *const arguments[] = {"-c", "echo $COLOUR ${HOME-none} $PWD", NULL};
    const struct tr_program program = {
        .path = "/bin/sh", .arguments = arguments, .framing = TR_FRAMING_LINE};
    const struct tr_start_options options = {.directory = "/usr", .environment = blue};
    tr_pid pid;
    CHECK(tr_program_start(&program, 0, &options, &pid, NULL) == 0);
    EXPECT("{Pid, {data, {eol, Line}}}", pid, "blue=green none /usr");
}
