/* Completion: what `troupe complete` offers, and what becomes of it in real shells on a real terminal. */
#include "terminal.h"

/* A node with an actor of a name that shells must quote. */
static struct program *odd_start(void)
{
    struct program *node = node_start("bin/tests/stage", "named", "odd one:out", NULL);
    wait_until(actor_exists("stage") || program_is_over(node));
    return node;
}

static void commands_are_offered_with_what_they_do(void **state)
{
    (void)state;
    expect_in(expect_fine(run_tool("complete", "wh", NULL)), "whereis\tprints the pid");
    const char *text = expect_fine(run_tool("complete", "", NULL));
    expect_in(text, "call\t");
    expect_in(text, "help\t");
    expect_in(text, "version\t");
    expect_not_in(expect_fine(run_tool("complete", "help", "", NULL)), "version\t");
}

/* They are read from the help, so every option that the help of a command names is there. */
static void every_option_that_help_shows_is_offered(void **state)
{
    static const char *const commands[] = {"ps", "spawn", "wait", "tree", "shutdown", "run", "map"};
    char option[32];
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const char *help = expect_fine(run_tool("help", commands[i], NULL));
        const char *offers = expect_fine(run_tool("complete", commands[i], "--", NULL));
        for (const char *at = help; (at = strstr(at, " --")); at++)
            if (sscanf(at, " --%29[a-z-]", option + 2) == 1 && strchr(help, '\n') < at) {
                memcpy(option, "--", 2);
                expect_in(offers, option);
            }
    }
}

static void who_is_offered_by_name_and_the_nameless_by_pid(void **state)
{
    (void)state;
    struct program *node = odd_start();
    char pid[TR_PID_TEXT_BYTES];
    const char *text = expect_fine(run_tool("complete", "call", "", NULL));
    expect_in(text, "stage\tmain\n");
    expect_in(text, "odd one:out\tplayer\n");
    expect_in(text, "\tplayer\n0."); /* the nameless child */
    tr_pid_text(actor_pid("stage"), pid);
    pid[strlen(pid) - 1] = '\0';
    expect_not_in(text, pid + 1);
    expect_in(expect_fine(run_tool("complete", "call", "0", NULL)), pid + 1);
    assert_string_equal(expect_fine(run_tool("complete", "call", "stage", "", NULL)), "");
    assert_int_equal(node_stop(node), 0);
}

static void the_node_that_the_line_names_is_asked(void **state)
{
    (void)state;
    struct program *one = stage_start(), *two = stage_start_as("second");
    expect_in(expect_fine(run_tool("complete", "call", "-n", "", NULL)), "second\trunning\n");
    expect_in(expect_fine(run_tool("complete", "call", "--node=s", NULL)), "--node=stage\t");
    assert_string_equal(expect_fine(run_tool("complete", "call", "q", NULL)), "");
    expect_in(expect_fine(run_tool("complete", "call", "-n", "second", "q", NULL)), "quiet\t");
    expect_in(expect_fine(run_tool("complete", "call", "--node=stage", "q", NULL)), "quiet\t");
    assert_int_equal(node_stop(two), 0);
    assert_int_equal(node_stop(one), 0);
}

static void values_reasons_columns_and_files_are_offered_where_they_belong(void **state)
{
    (void)state;
    expect_in(expect_fine(run_tool("complete", "exit", "x", "k", NULL)), "kill\t");
    expect_in(expect_fine(run_tool("complete", "ps", "-o", "pid,na", NULL)), "pid,name\t");
    assert_string_equal(expect_fine(run_tool("complete", "run", "", NULL)), "\tfiles\n");
    assert_string_equal(expect_fine(run_tool("complete", "run", "./x", "-", NULL)), "\tfiles\n");
    assert_string_equal(expect_fine(run_tool("complete", "map", "--", "", NULL)), "\tfiles\n");
    assert_string_equal(expect_fine(run_tool("complete", "map", "cat", "-", NULL)), "\tfiles\n");
    expect_in(expect_fine(run_tool("complete", "map", "--sandbox", "l", NULL)), "light\t");
    assert_string_equal(expect_fine(run_tool("complete", "wait", "-t", "", NULL)), "");
    assert_string_equal(expect_fine(run_tool("complete", "spawn", "--name", "", NULL)), "");
}

static void where_nothing_fits_nothing_is_said(void **state)
{
    (void)state;
    assert_string_equal(expect_fine(run_tool("complete", "call", "", NULL)), "");
    assert_string_equal(expect_fine(run_tool("complete", "call", "-n", "nix", "", NULL)), "");
    assert_string_equal(expect_fine(run_tool("complete", "sned", "", NULL)), "");
    expect_complaint(run_tool("complete", NULL), 1, "WORD", NULL);
}

/* ---------------------------------------------------------------- in shells */

struct shell {
    pid_t os_pid;
    int fd;
    size_t length;
    char home[64], text[65536];
};

static const char *completion_folder(void)
{
    static char folder[4096];
    snprintf(folder, sizeof folder, "%s/tools/completion", getenv("TROUPE_SOURCE_DIR"));
    return folder;
}

static _Noreturn void shell_exec(const struct shell *shell, const char *const argv[])
{
    char path[8192];
    snprintf(path, sizeof path, "%s:%s", program_folder(), getenv("PATH"));
    setenv("PATH", path, 1);
    setenv("HOME", shell->home, 1);
    setenv("XDG_RUNTIME_DIR", shell->home, 1); /* fish leaves a file there */
    setenv("TERM", "xterm", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    execvp(argv[0], (char *const *)argv);
    _exit(127);
}

static void shell_type(struct shell *shell, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void shell_type(struct shell *shell, const char *format, ...)
{
    char line[8192];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    assert_int_equal(write(shell->fd, line, (size_t)length), length);
}

/* Reads until a text has come; fails the test when it does not. Only what comes from now on counts. */
static void shell_expect(struct shell *shell, const char *text)
{
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    struct pollfd poll_fd = {.fd = shell->fd, .events = POLLIN};
    shell->length = 0;
    shell->text[0] = '\0';
    while (!strstr(shell->text, text)) {
        ssize_t n = poll(&poll_fd, 1, tri_poll_timeout_ms(deadline_ns)) > 0
                        ? read(shell->fd, shell->text + shell->length,
                               sizeof shell->text - 1 - shell->length)
                        : 0;
        if (n <= 0)
            fail_msg("the shell did not write \"%s\" but: %s", text, shell->text);
        shell->length += (size_t)n;
        shell->text[shell->length] = '\0';
    }
}

/* Skips the test, and says why, when there is no such shell. */
static void need_shell(const char *name)
{
    const char *const argv[] = {"/usr/bin/env", name, "-c", "exit", NULL};
    if (program_wait(program_start(argv)) != 127)
        return;
    skip_because("there is no %s; tools/setup installs it where the distribution has it", name);
}

static void shell_open(struct shell *shell, const char *const argv[])
{
    struct winsize size = {.ws_row = 24, .ws_col = 200};
    need_shell(argv[0]);
    shell->length = 0;
    snprintf(shell->home, sizeof shell->home, "/tmp/troupe-completion.XXXXXX");
    assert_non_null(mkdtemp(shell->home));
    fflush(NULL);
    shell->os_pid = forkpty(&shell->fd, NULL, NULL, &size);
    assert_true(shell->os_pid >= 0);
    if (shell->os_pid == 0)
        shell_exec(shell, argv);
}

static void shell_close(struct shell *shell)
{
    const char *const argv[] = {"/bin/rm", "-rf", shell->home, NULL};
    shell_type(shell, "exit\n");
    assert_int_equal(waitpid(shell->os_pid, NULL, 0), shell->os_pid);
    close(shell->fd);
    assert_int_equal(program_wait(program_start(argv)), 0);
}

/* Types a line, presses Tab, and has the shell print what the line has become: a full stop is put behind it (Ctrl-E),
 * and echo before it (Ctrl-A). The quotes keep the echo of what is typed from looking like the answer. */
static void expect_completed(struct shell *shell, const char *typed, const char *completed)
{
    char answer[256];
    snprintf(answer, sizeof answer, "completed:troupe %s .", completed);
    shell_type(shell, "troupe %s\t\005 .\001echo comp''leted:\n", typed);
    shell_expect(shell, answer);
}

/* The shell is ready, and completion is loaded. */
static void play(struct shell *shell)
{
    struct program *node = odd_start();
    shell_type(shell, "export XDG_RUNTIME_DIR=%s; echo set''tled\n", fixture_run_dir());
    shell_expect(shell, "settled");
    expect_completed(shell, "where", "whereis");
    expect_completed(shell, "ps --tr", "ps --tree");
    expect_completed(shell, "state sta", "state stage");
    expect_completed(shell, "call od", "call odd one:out");
    expect_completed(shell, "call -n stage sta", "call -n stage stage");
    expect_completed(shell, "ps --node=sta", "ps --node=stage");
    expect_completed(shell, "exit stage ki", "exit stage kill");
    shell_close(shell);
    assert_int_equal(node_stop(node), 0);
}

static struct shell shell;

static void bash_completes(void **state)
{
    (void)state;
    shell_open(&shell, (const char *const[]){"bash", "--norc", "--noprofile", "-i", NULL});
    shell_type(&shell, ". %s/troupe.bash; echo rea''dy\n", completion_folder());
    shell_expect(&shell, "ready");
    play(&shell);
}

static void zsh_completes(void **state)
{
    (void)state;
    shell_open(&shell, (const char *const[]){"zsh", "-f", "-i", NULL});
    shell_type(
        &shell,
        "bindkey -e; fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D; echo rea''dy\n",
        completion_folder());
    shell_expect(&shell, "ready");
    play(&shell);
}

static void fish_completes(void **state)
{
    (void)state;
    shell_open(&shell, (const char *const[]){"fish", "--private", "--no-config", "-i", NULL});
    shell_type(&shell, "source %s/troupe.fish; echo rea''dy\n", completion_folder());
    shell_expect(&shell, "ready");
    play(&shell);
}

/* Where bash itself asks its completions: what it would show after two Tabs. */
static void bash_lists_what_fits(void **state)
{
    (void)state;
    struct program *node = odd_start();
    char script[8192];
    snprintf(script, sizeof script,
             "PATH=%s:$PATH; . %s/troupe.bash; compopt() { :; }; "
             "COMP_LINE='troupe call ' COMP_POINT=12 COMP_WORDS=(troupe call '') COMP_CWORD=2; "
             "_troupe; compgen -W '\"${COMPREPLY[@]}\"' -- s; printf '%%s\\n' \"${COMPREPLY[@]}\"",
             program_folder(), completion_folder());
    need_shell("bash");
    const char *const argv[] = {"/usr/bin/env", "bash", "--norc", "-c", script, NULL};
    const char *text = expect_fine(program_start(argv));
    expect_in(text, "stage\n");
    expect_in(text, "odd\\ one:out\n");
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(commands_are_offered_with_what_they_do),
        node_test(every_option_that_help_shows_is_offered),
        node_test(who_is_offered_by_name_and_the_nameless_by_pid),
        node_test(the_node_that_the_line_names_is_asked),
        node_test(values_reasons_columns_and_files_are_offered_where_they_belong),
        node_test(where_nothing_fits_nothing_is_said),
        node_test(bash_lists_what_fits),
        node_test(bash_completes),
        node_test(zsh_completes),
        node_test(fish_completes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
