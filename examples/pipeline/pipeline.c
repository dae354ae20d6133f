/* Pipeline: a log is read, parsed by actors in C, scored by an unmodified Python script, and written.
 *
 *     ./pipeline make LOG LINES            makes a log, with lines in it that are none
 *     ./pipeline run LOG SCORER OUT        reader → parsers → feeder → scorer.py → writer
 *
 * Every line that was read is either written or rejected, and told at the end; the slowest one sets the pace, because every
 * mailbox has a bound, and nobody holds more than that.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troupe.h>

enum { PARSERS = 2, MAILBOX_BYTES = 1 << 20, LONGEST_LINE = 1000, BATCH_BYTES = 8192 };

/* ---------------------------------------------------------------- the log */

static FILE *open_or_exit(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (!file)
        tr_exit("{cannot_open, Path, Why}", path, (const char *)strerror(errno));
    return file;
}

/* One line of 10 MB, one in a thousand that is not UTF-8, and one that lacks its amount. */
static void make_log(const char *path, long lines)
{
    static const char *const users[] = {"alice", "bob", "carol", "zo\xc3\xab"};
    FILE *log = open_or_exit(path, "w");
    for (long i = 0; i < lines; i++) {
        if (i == lines / 2)
            for (int k = 0; k < 10 * 1000 * 1000; k++)
                putc('x', log);
        else if (i == lines / 3)
            fprintf(log, "12:00:00 alice books");
        else if (i % 1000 == 7)
            fprintf(log, "12:00:00 b\xff\xfe"
                         "b books 5");
        else
            fprintf(log, "12:00:%02ld %s books %ld", i % 60, users[i % 4], i * 7919 % 1000);
        putc('\n', log);
    }
    fclose(log);
}

/* Reads lines, and deals them out. */
TR_ACTOR(reader)
{
    tr_pid boss, parsers[PARSERS];
    tr_bin path_bytes;
    char path[4096], *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    long lines = 0;
    tr_match(argument, "{Boss, Path, [One, Two]}", &boss, &path_bytes, &parsers[0], &parsers[1]);
    snprintf(path, sizeof path, "%.*s", (int)path_bytes.size_bytes, (const char *)path_bytes.data);
    FILE *log = open_or_exit(path, "r");
    for (; (length = getline(&line, &capacity, log)) >= 0; lines++)
        tr_send(parsers[lines % PARSERS], "{line, Line}", ((tr_bin){line, (size_t)length}));
    for (int i = 0; i < PARSERS; i++)
        tr_send(parsers[i], "end");
    tr_send(boss, "{read, Lines}", lines);
}

/* ---------------------------------------------------------------- the parsers */

/* Is it UTF-8? How many bytes follow the first one is told by the first one. */
static bool is_utf8(const unsigned char *at, size_t size)
{
    for (size_t i = 0; i < size;) {
        int follow = at[i] < 0x80                    ? 0
                     : at[i] >= 0xc2 && at[i] < 0xe0 ? 1
                     : (at[i] & 0xf0) == 0xe0        ? 2
                     : at[i] >= 0xf0 && at[i] < 0xf5 ? 3
                                                     : -1;
        if (follow < 0 || i + (size_t)follow >= size + (follow == 0))
            return false;
        for (i++; follow > 0; follow--, i++)
            if ((at[i] & 0xc0) != 0x80)
                return false;
    }
    return true;
}

/* "time user books amount" becomes "user amount". NULL, or why it cannot be. */
static const char *parse(tr_bin line, char *text, size_t size)
{
    char copy[LONGEST_LINE + 1], user[LONGEST_LINE + 1];
    long amount;
    if (line.size_bytes > LONGEST_LINE)
        return "too_long";
    if (!is_utf8(line.data, line.size_bytes))
        return "not_utf8";
    memcpy(copy, line.data, line.size_bytes);
    copy[line.size_bytes] = '\0';
    if (sscanf(copy, "%*d:%*d:%*d %s books %ld", user, &amount) != 2)
        return "malformed";
    snprintf(text, size, "%s %ld\n", user, amount);
    return NULL;
}

/* Passes on what it could parse, many lines in a message. */
TR_ACTOR(parser)
{
    static char batch[BATCH_BYTES + LONGEST_LINE + 32];
    size_t used = 0;
    tr_pid boss, feeder;
    tr_bin line;
    tr_match(argument, "{Boss, Feeder}", &boss, &feeder);
    for (bool is_over = false; !is_over;) {
        tr_receive {
            tr_case("{line, Line}", &line) {
                const char *why = parse(line, batch + used, sizeof batch - used);
                if (why)
                    tr_send(boss, "{rejected, Why}", why);
                else
                    used += strlen(batch + used);
            }
            tr_case("end")
                is_over = true;
        }
        if (used > 0 && (is_over || used >= BATCH_BYTES)) {
            tr_send(feeder, "{lines, Text}", ((tr_bin){batch, used}));
            used = 0;
        }
    }
    tr_send(feeder, "end");
}

/* ---------------------------------------------------------------- to and from the script */

/* What comes from several is in order only for each of them: so one actor sends to the script, and knows when all have
 * ended. */
TR_ACTOR(feeder)
{
    tr_pid scorer;
    tr_bin text;
    int parsers = PARSERS;
    tr_get_pid(argument, &scorer);
    while (parsers > 0)
        tr_receive {
            tr_case("{lines, Text}", &text)
                tr_send(scorer, "{Self, {command, Text}}", tr_self(), text);
            tr_case("end")
                parsers--;
        }
    tr_send(scorer, "{Self, eof}", tr_self());
}

/* Owns the script: its messages come here. */
TR_ACTOR(writer)
{
    tr_pid boss;
    tr_bin path_bytes, line;
    char path[4096];
    long lines = 0;
    bool is_over = false;
    tr_match(argument, "{Boss, Path}", &boss, &path_bytes);
    snprintf(path, sizeof path, "%.*s", (int)path_bytes.size_bytes, (const char *)path_bytes.data);
    FILE *out = open_or_exit(path, "w");
    while (!is_over)
        tr_receive {
            tr_case("{_, {data, {eol, Line}}}", &line) {
                fwrite(line.data, 1, line.size_bytes, out);
                putc('\n', out);
                lines++;
            }
            tr_case("{_, {exit_status, 0}}")
                is_over = true;
        }
    if (fclose(out))
        tr_exit("{cannot_write, Path}", path);
    tr_send(boss, "{written, Lines}", lines);
}

/* ---------------------------------------------------------------- the whole */

/* Linked: if one fails, all do, and the node says why. */
static tr_pid spawn(const char *entry, struct tr_out *argument)
{
    const struct tr_spawn_options options = {.flags = TR_SPAWN_LINK,
                                             .mailbox_max_bytes = MAILBOX_BYTES};
    tr_pid pid;
    int r = tr_spawn_term(entry, &options, tr_out_term(argument), &pid, NULL);
    if (r)
        tr_exit("{cannot_spawn, Entry, Why}", entry, tr_strerror(r));
    tr_out_reset(argument);
    return pid;
}

static tr_pid start_scorer(const char *script, tr_pid owner)
{
    const char *const arguments[] = {script, NULL};
    const struct tr_program scorer = {
        .path = "python3", .arguments = arguments, .framing = TR_FRAMING_LINE, .owner = owner};
    tr_pid pid;
    if (tr_program_start(&scorer, TR_SPAWN_LINK, NULL, &pid, NULL))
        tr_exit("no_scorer");
    return pid;
}

/* Starts everybody, the last first. */
static void open_pipeline(const char *log, const char *script, const char *out)
{
    struct tr_out argument = {0};
    tr_pid parsers[PARSERS];
    tr_put(&argument, "{Boss, Path}", tr_self(), out);
    tr_pid writer = spawn("writer", &argument);
    tr_put_pid(&argument, start_scorer(script, writer));
    tr_pid feeder = spawn("feeder", &argument);
    for (int i = 0; i < PARSERS; i++) {
        tr_put(&argument, "{Boss, Feeder}", tr_self(), feeder);
        parsers[i] = spawn("parser", &argument);
    }
    tr_put(&argument, "{Boss, Path, [One, Two]}", tr_self(), log, parsers[0], parsers[1]);
    spawn("reader", &argument);
    tr_out_deinit(&argument);
}

static void run(const char *log, const char *script, const char *out)
{
    long read = -1, written = -1, too_long = 0, not_utf8 = 0, malformed = 0;
    open_pipeline(log, script, out);
    while (read < 0 || written < 0 || read > written + too_long + not_utf8 + malformed)
        tr_receive {
            tr_case("{rejected, \"too_long\"}")
                too_long++;
            tr_case("{rejected, \"not_utf8\"}")
                not_utf8++;
            tr_case("{rejected, \"malformed\"}")
                malformed++;
            tr_case("{read, Lines}", &read) {
            }
            tr_case("{written, Lines}", &written) {
            }
            tr_after(60000)
                tr_exit("{lost, Read, Written}", read, written);
        }
    printf("%ld lines = %ld written + %ld rejected (%ld too long, %ld not UTF-8, %ld malformed)\n",
           read, written, too_long + not_utf8 + malformed, too_long, not_utf8, malformed);
}

TR_ACTOR(main)
{
    const char *words[5] = {0};
    struct tr_iter iter;
    tr_term each;
    tr_bin word;
    int count = 0;
    for (tr_get_list(argument, &iter); count < 5 && tr_next(&iter, &each); count++)
        words[count] = tr_get_binary(each, &word) ? strndup(word.data, word.size_bytes) : "";
    if (count == 3 && strcmp(words[0], "make") == 0)
        make_log(words[1], atol(words[2]));
    else if (count == 4 && strcmp(words[0], "run") == 0)
        run(words[1], words[2], words[3]);
    else
        tr_exit("{usage, \"pipeline make LOG LINES | pipeline run LOG SCORER OUT\"}");
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
