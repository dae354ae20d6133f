/* Programs: sort and bc as actors. They know nothing of troupe.
 *
 *     ./programs             sorts three words, calculates twice, and tells how a program that fails has ended
 */
#include <stdio.h>
#include <troupe.h>

enum { PATIENCE_MS = 30000 };

/* ret_monitor may be NULL. */
static tr_pid start(const char *path, const char *const *arguments, tr_ref *ret_monitor)
{
    const struct tr_program program = {
        .path = path, .arguments = arguments, .framing = TR_FRAMING_LINE};
    TR_REPLY why = {0};
    const struct tr_start_options options = {.ret_reason = &why};
    tr_pid pid;
    if (tr_program_start(&program, ret_monitor ? TR_SPAWN_MONITOR : 0, &options, &pid, ret_monitor))
        tr_exit("{cannot_start, Path, Why}", path, why.term);
    return pid;
}

/* sort cannot print before its input has ended: its output is read all the same. */
static void sort_words(void)
{
    tr_pid sort = start("sort", NULL, NULL);
    tr_bin line;
    bool is_over = false;
    tr_send(sort, "{Self, {command, \"pear\nfig\n\"}}", tr_self());
    tr_send(sort, "{Self, {command, \"apple\n\"}}", tr_self());
    tr_send(sort, "{Self, eof}", tr_self());
    while (!is_over)
        tr_receive {
            tr_case("{Sort, {data, {eol, Line}}}", sort, &line)
                printf("sort: %.*s\n", (int)line.size_bytes, (const char *)line.data);
            tr_case("{Sort, {exit_status, 0}}", sort)
                is_over = true;
            tr_after(PATIENCE_MS)
                tr_exit("sort_is_silent");
        }
}

/* bc answers each line with one, for as long as it likes. */
static void calculate(tr_pid bc, const char *question)
{
    tr_bin line;
    tr_send(bc, "{Self, {command, [Question, \"\n\"]}}", tr_self(), question);
    tr_receive {
        tr_case("{Bc, {data, {eol, Line}}}", bc, &line)
            printf("bc: %s = %.*s\n", question, (int)line.size_bytes, (const char *)line.data);
        tr_after(PATIENCE_MS)
            tr_exit("bc_is_silent");
    }
}

/* How a program ended is the reason with which its actor did. Who only has the pid may come too late to be told it. */
static void watch_a_failure(void)
{
    static const char *const arguments[] = {"-c", "kill -SEGV $$", NULL};
    char text[200];
    tr_term reason;
    tr_ref ref;
    start("sh", arguments, &ref);
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, Reason}", ref, &reason) {
            tr_print(reason, text, sizeof text);
            printf("sh: %s\n", text);
        }
        tr_after(PATIENCE_MS)
            tr_exit("sh_goes_on");
    }
}

TR_ACTOR(main)
{
    sort_words();
    tr_pid bc = start("bc", NULL, NULL);
    calculate(bc, "6 * 7");
    calculate(bc, "2 ^ 100");
    tr_server_stop(bc, PATIENCE_MS, NULL, "normal");
    watch_a_failure();
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
