/* Programs as actors: cases of test_programs.c. Each is the root actor of a node of its own. */
#include <unistd.h>

#include "system/programs.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

static tr_pid run_python(const char *script) { return run_with("python3", "-c", script); }

/* ---------------------------------------------------------------- unmodified programs */

TR_ACTOR(sort_prints_when_its_input_has_ended)
{
    tr_pid sort = run("sort");
    tr_ref ref = watch(sort);
    say(sort, "pear\n");
    say(sort, "fig\napple\n");
    end_input(sort);
    EXPECT_NEXT("{Pid, {data, {eol, \"apple\"}}}", sort);
    EXPECT_NEXT("{Pid, {data, {eol, \"fig\"}}}", sort);
    EXPECT_NEXT("{Pid, {data, {eol, \"pear\"}}}", sort);
    EXPECT_NEXT("{Pid, eof}", sort);
    EXPECT_NEXT("{Pid, {exit_status, 0}}", sort);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, normal}", ref, sort);
    CHECK(tr_send(sort, "{Self, {command, \"late\"}}", tr_self()) == 0);
}

TR_ACTOR(bc_answers_line_by_line)
{
    tr_pid bc = run("bc");
    for (int i = 1; i <= 50; i++) {
        char text[32], square[32];
        snprintf(text, sizeof text, "%d^2\n", i);
        snprintf(square, sizeof square, "%d", i * i);
        say(bc, text);
        EXPECT_NEXT("{Pid, {data, {eol, Square}}}", bc, (const char *)square);
    }
    CHECK(tr_send(bc, "{Self, {command, [50, \"+\", [[\"2\" | \"\"], 10]]}}", tr_self()) == 0);
    EXPECT_NEXT("{Pid, {data, {eol, \"4\"}}}", bc);
    CHECK(tr_server_stop(bc, CHECK_DEADLINE_MS, NULL, "normal") == 0);
}

TR_ACTOR(a_python_script_has_arguments_environment_and_directory)
{
    const char *const arguments[] = {"-c",
                                     "import os, sys\nprint(*sys.argv[1:], os.environ['COLOUR'], "
                                     "'HOME' in os.environ, os.getcwd())",
                                     "two words", "", NULL};
    const char *const environment[] = {"COLOUR=green", "HOME", "COLOUR=blue", NULL};
    program.arguments = arguments;
    program.environment = environment;
    program.directory = "/";
    CHECK(setenv("HOME", "/nowhere", 1) == 0);
    tr_pid python = run("python3");
    EXPECT("{Pid, {data, {eol, \"two words  blue False /\"}}}", python);
    EXPECT("{Pid, {exit_status, 0}}", python);
}

TR_ACTOR(a_program_runs_as_another_user)
{
    if (geteuid() != 0)
        return;
    program.user = "nobody";
    tr_pid id = run_shell("id -un; id -Gn");
    EXPECT_NEXT("{Pid, {data, {eol, \"nobody\"}}}", id);
    EXPECT_NEXT("{Pid, {data, {eol, \"nogroup\"}}}", id);
    EXPECT("{Pid, {exit_status, 0}}", id);
}

/* ---------------------------------------------------------------- frames */

/* A line of 10 MB arrives whole where it may, and else in parts of which nothing is missing. */
TR_ACTOR(a_line_of_ten_megabytes)
{
    static const char script[] = "import sys\n"
                                 "sys.stdout.write('x' * 10000000 + 'y\\n' + 'z\\n')";
    tr_bin part = {0};
    size_t parts = 0, bytes = 0;
    bool is_over = false;
    program.max_bytes = 16 << 20;
    tr_pid whole = run_python(script);
    tr_receive {
        tr_case("{Pid, {data, {eol, Line}}}", whole, &part)
            CHECK(part.size_bytes == 10000001 && ((const char *)part.data)[10000000] == 'y');
    }
    EXPECT_NEXT("{Pid, {data, {eol, \"z\"}}}", whole);
    program.max_bytes = 0;
    tr_pid cut = run_python(script);
    while (!is_over)
        tr_receive {
            tr_case("{Pid, {data, {noeol, Part}}}", cut, &part) {
                CHECK(part.size_bytes == TR_PROGRAM_LINE_BYTES);
                bytes += part.size_bytes;
                parts++;
            }
            tr_case("{Pid, {data, {eol, Part}}}", cut, &part) {
                bytes += part.size_bytes;
                is_over = true;
            }
            tr_after(CHECK_DEADLINE_MS)
                check_failed(__FILE__, __LINE__, "the line ends", (tr_term){0});
        }
    CHECK(bytes == 10000001 && parts == 10000001 / TR_PROGRAM_LINE_BYTES);
    EXPECT("{Pid, {data, {eol, \"z\"}}}", cut);
}

TR_ACTOR(bytes_that_are_no_UTF8_come_as_they_are)
{
    static const uint8_t bytes[] = {0xff, 0xfe, 0, 0xc3, '(', 0x80, '\n'};
    tr_pid cat = run("cat");
    tr_bin all = {bytes, sizeof bytes}, line = {bytes, sizeof bytes - 1};
    CHECK(tr_send(cat, "{Self, {command, All}}", tr_self(), all) == 0);
    EXPECT("{Pid, {data, {eol, Line}}}", cat, line);
    CHECK(tr_server_stop(cat, CHECK_DEADLINE_MS, NULL, "normal") == 0);
}

/* A peer in Python that answers each packet with its bytes in reverse. */
#define PACKET_PEER(head)                                                                          \
    "import sys\n"                                                                                 \
    "i, o = sys.stdin.buffer, sys.stdout.buffer\n"                                                 \
    "while True:\n"                                                                                \
    "    head = i.read(" head ")\n"                                                                \
    "    if not head: break\n"                                                                     \
    "    body = i.read(int.from_bytes(head, 'big'))\n"                                             \
    "    o.write(head + body[::-1]); o.flush()\n"

TR_ACTOR(packets_with_lengths_of_one_two_and_four_bytes)
{
    static const char *const peers[] = {PACKET_PEER("1"), PACKET_PEER("2"), PACKET_PEER("4")};
    static uint8_t large[300000];
    tr_bin back;
    for (int i = 0; i < 3; i++) {
        size_t size = i == 0 ? 255 : i == 1 ? 65535 : sizeof large;
        program.framing = TR_FRAMING_PACKET_1 + i;
        tr_pid python = run_python(peers[i]);
        say(python, "");
        EXPECT_NEXT("{Pid, {data, \"\"}}", python);
        say(python, "abc\n");
        EXPECT_NEXT("{Pid, {data, \"\ncba\"}}", python);
        large[0] = 7;
        CHECK(tr_send(python, "{Self, {command, Data}}", tr_self(), ((tr_bin){large, size})) == 0);
        tr_receive {
            tr_case("{Pid, {data, Data}}", python, &back)
                CHECK(back.size_bytes == size && ((const uint8_t *)back.data)[size - 1] == 7);
        }
        end_input(python);
        EXPECT_NEXT("{Pid, eof}", python);
        EXPECT_NEXT("{Pid, {exit_status, 0}}", python);
    }
}

TR_ACTOR(a_packet_that_cannot_be_framed_ends_the_program)
{
    static uint8_t large[256];
    program.framing = TR_FRAMING_PACKET_1;
    tr_pid cat = run("cat");
    tr_ref ref = watch(cat);
    CHECK(tr_send(cat, "{Self, {command, Data}}", tr_self(), ((tr_bin){large, sizeof large})) == 0);
    EXPECT("{'DOWN', Ref, process, _, {too_large, 256}}", ref);
}

TR_ACTOR(a_packet_that_is_too_long_or_cut_short_is_a_reason)
{
    program.framing = TR_FRAMING_PACKET_2;
    program.max_bytes = 1000;
    tr_ref ref;
    run_and_watch_shell("printf '\\003\\351abc'; exec sleep 1000", &ref);
    EXPECT("{'DOWN', Ref, process, _, {bad_frame, {too_long, 1001}}}", ref);
    tr_pid cut = run_and_watch_shell("printf '\\000\\002ab\\000\\005abc'", &ref);
    EXPECT("{Pid, {data, \"ab\"}}", cut);
    EXPECT("{'DOWN', Ref, process, _, {bad_frame, {cut_short, 5}}}", ref);
    run_and_watch_shell("printf '\\000\\005abc'; exit 3", &ref);
    EXPECT("{'DOWN', Ref, process, _, {exit_status, 3}}", ref);
}

TR_ACTOR(a_stream_comes_in_pieces_of_which_nothing_is_missing)
{
    size_t bytes = 0, pieces = 0;
    bool is_over = false;
    tr_bin piece;
    program.framing = TR_FRAMING_STREAM;
    program.max_bytes = 1000;
    tr_pid head = run_shell("head -c 100000 /dev/zero");
    while (!is_over)
        tr_receive {
            tr_case("{Pid, {data, Piece}}", head, &piece) {
                CHECK(piece.size_bytes <= 1000);
                bytes += piece.size_bytes;
                pieces++;
            }
            tr_case("{Pid, eof}", head)
                is_over = true;
            tr_after(CHECK_DEADLINE_MS)
                check_failed(__FILE__, __LINE__, "the stream ends", (tr_term){0});
        }
    CHECK(bytes == 100000 && pieces >= 100);
}

/* ---------------------------------------------------------------- standard error */

TR_ACTOR(standard_error_goes_to_the_log)
{
    tr_pid shell = run_shell("echo oops >&2; printf 'a\\033[31mb\\377' >&2; echo fine");
    EXPECT_NEXT("{Pid, {data, {eol, \"fine\"}}}", shell);
    EXPECT_NEXT("{Pid, eof}", shell);
    EXPECT_NEXT("{Pid, {exit_status, 0}}", shell);
}

TR_ACTOR(standard_error_comes_as_messages_where_that_is_asked_for)
{
    program.standard_error = TR_STDERR_MESSAGES;
    tr_pid shell = run_shell("echo oops >&2; printf rest >&2; echo fine");
    EXPECT("{Pid, {stderr, {eol, \"oops\"}}}", shell);
    EXPECT("{Pid, {stderr, {noeol, \"rest\"}}}", shell);
    EXPECT("{Pid, {data, {eol, \"fine\"}}}", shell);
    program.standard_error = TR_STDERR_STDOUT;
    shell = run_shell("echo oops >&2");
    EXPECT("{Pid, {data, {eol, \"oops\"}}}", shell);
    program.standard_error = TR_STDERR_NULL;
    shell = run_shell("echo unheard >&2");
    EXPECT("{Pid, {exit_status, 0}}", shell);
}

TR_ACTOR(the_output_of_a_program_without_owner_goes_to_the_log)
{
    program.has_no_owner = true;
    tr_ref ref;
    run_and_watch_shell("sleep 0.05; echo lonely; exit 3", &ref);
    EXPECT_NEXT("{'DOWN', Ref, process, _, {exit_status, 3}}", ref);
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- clear reasons */

#define EXPECT_NO_START(path_of, ...)                                                              \
    do {                                                                                           \
        TR_REPLY why = {0};                                                                        \
        struct tr_start_options options = {.ret_reason = &why};                                    \
        program.path = path_of;                                                                    \
        CHECK(tr_program_start(&program, 0, &options, NULL, NULL) == TR_DOWN);                     \
        if (tr_match(why.term, __VA_ARGS__))                                                       \
            check_failed(__FILE__, __LINE__, #__VA_ARGS__, why.term);                              \
    } while (0)

/* SEMANTICS 8, 32 */
TR_ACTOR(a_program_that_cannot_be_started_is_a_reason)
{
    EXPECT_NO_START("/no/such/program", "{exec, enoent, \"/no/such/program\"}");
    EXPECT_NO_START("no-such-program", "{exec, enoent, \"no-such-program\"}");
    EXPECT_NO_START("/etc/passwd", "{exec, eacces, \"/etc/passwd\"}");
    EXPECT_NO_START("/", "{exec, eacces, \"/\"}");
    EXPECT_NO_START("", "{badarg, _}");
    program.directory = "/no/such/directory";
    EXPECT_NO_START("true", "{cd, enoent, \"/no/such/directory\"}");
    program.directory = NULL;
    program.user = "no-such-user";
    EXPECT_NO_START("true", "{user, enoent, \"no-such-user\"}");
    program.user = NULL;
    program.max_bytes = (size_t)1 << 40;
    EXPECT_NO_START("true", "{badarg, {line, _}}");
    EXPECT_NOTHING();
}

/* SEMANTICS 8 */
TR_ACTOR(how_a_program_ended_is_the_reason_of_its_actor)
{
    static const struct {
        const char *script;
        int told;
    } cases[] = {{"read go; exit 0", 0},
                 {"read go; exit 3", 3},
                 {"read go; kill -TERM $$", 143},
                 {"read go; kill -KILL $$", 137}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tr_pid shell = run_shell(cases[i].script);
        tr_ref ref = watch(shell);
        tr_send(shell, "{Self, {command, T}}", tr_self(), "go\n");
        EXPECT_NEXT("{Pid, eof}", shell);
        EXPECT_NEXT("{Pid, {exit_status, N}}", shell, cases[i].told);
        if (i == 0)
            EXPECT_NEXT("{'DOWN', Ref, process, _, normal}", ref);
        else if (i == 1)
            EXPECT_NEXT("{'DOWN', Ref, process, _, {exit_status, 3}}", ref);
        else if (i == 2)
            EXPECT_NEXT("{'DOWN', Ref, process, _, {signal, sigterm, _}}", ref);
        else
            EXPECT_NEXT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", ref);
    }
}

TR_ACTOR(a_program_that_closes_its_output_goes_on)
{
    tr_pid shell = run_shell("exec >&-; read line; exit 5");
    tr_ref ref = watch(shell);
    EXPECT_NEXT("{Pid, eof}", shell);
    say(shell, "go\n");
    EXPECT_NEXT("{Pid, {exit_status, 5}}", shell);
    EXPECT_NEXT("{'DOWN', Ref, process, _, {exit_status, 5}}", ref);
}

TR_ACTOR(a_program_that_closes_its_input_is_told_once)
{
    tr_pid shell =
        run_shell("trap 'exit 0' TERM; exec <&-; echo closed; while :; do sleep 0.01; done");
    EXPECT_NEXT("{Pid, {data, {eol, \"closed\"}}}", shell);
    say(shell, "one\n");
    EXPECT_NEXT("{Pid, {error, epipe}}", shell);
    say(shell, "two\n");
    CHECK(tr_server_stop(shell, CHECK_DEADLINE_MS, NULL, "normal") == 0);
    EXPECT_NEXT("{Pid, eof}", shell);
    EXPECT_NEXT("{Pid, {exit_status, 0}}", shell);
    EXPECT_NOTHING();
}

TR_ACTOR(messages_that_mean_nothing_are_dropped)
{
    tr_pid cat = run("cat");
    CHECK(tr_send(cat, "nonsense") == 0);
    CHECK(tr_send(cat, "{Self, {command, nonsense}}", tr_self()) == 0);
    CHECK(tr_send(cat, "{Self, {command, [1, 256]}}", tr_self()) == 0);
    CHECK(tr_send(cat, "{Self, {connect, nobody}}", tr_self()) == 0);
    say(cat, "sense\n");
    EXPECT_NEXT("{Pid, {data, {eol, \"sense\"}}}", cat);
    CHECK(tr_server_stop(cat, CHECK_DEADLINE_MS, NULL, "normal") == 0);
}

/* ---------------------------------------------------------------- as a behaviour */

TR_ACTOR(a_program_is_started_by_its_description_as_any_behaviour)
{
    struct tr_out description = {0};
    struct tr_start_options options = {.name = "shouter"};
    tr_pid pid;
    CHECK(tr_parse("{program, \"tr\", [{args, [\"a-z\", <<\"A-Z\">>]}, {line, 100}]}", &description,
                   NULL, NULL) == 0);
    CHECK(tr_server_start_term(TR_PROGRAM_ENTRY, TR_SPAWN_LINK, &options, tr_out_term(&description),
                               &pid, NULL) == 0);
    CHECK(tr_pid_equal(tr_whereis("shouter"), pid));
    CHECK(tr_send("shouter", "{Self, {command, \"hello\n\"}}", tr_self()) == 0);
    end_input(pid);
    EXPECT_NEXT("{Pid, {data, {eol, \"HELLO\"}}}", pid);
    tr_out_deinit(&description);
}

TR_ACTOR(a_linked_program_takes_its_starter_along)
{
    tr_pid pid;
    tr_trap_exit(true);
    program.path = "false";
    CHECK(tr_program_start(&program, TR_SPAWN_LINK, NULL, &pid, NULL) == 0);
    EXPECT("{'EXIT', Pid, {exit_status, 1}}", pid);
    program.path = "/no/such/program";
    CHECK(tr_program_start(&program, TR_SPAWN_LINK, NULL, &pid, NULL) == TR_DOWN);
    EXPECT("{Pid, {exit_status, 1}}", pid);
    EXPECT("{_, eof}");
    EXPECT_NOTHING();
}

TR_ACTOR(a_hundred_programs_come_and_go)
{
    for (int i = 0; i < 100; i++) {
        tr_pid pid = run("true");
        EXPECT("{Pid, {exit_status, 0}}", pid);
    }
}
