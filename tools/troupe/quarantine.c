/* quarantine: jobs of pools that have killed too many workers: lists them, shows one, does one once more, removes some. Needs no
 * node. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "command.h"
#include "json.h"
#include "options.h"
#include "quarantined.h"
#include "say.h"
#include "shelf.h"

static const struct shelf jobs = {
    .command = "quarantine", .part = "quarantine", .one = "job", .list = tri_quarantine_list};

/* Explains why one cannot be read, or removed. 0 or an exit status. */
static int told(const char *id, int r)
{
    if (r == 0)
        return ANSWER_FINE;
    say("quarantine: %s: %s", id, tr_strerror(r));
    return ANSWER_NOTHING;
}

/* Finds one, and reads it. As above. */
static int find_and_read(const char *word, struct quarantined *ret_job)
{
    char id[TRI_KEEPSAKE_ID_BYTES];
    int answer = shelf_find(&jobs, word, id);
    int r = answer ? 0 : quarantined_read(id, ret_job);
    if (r == TR_NOPROC)
        return told(id, r);
    if (r)
        say("quarantine: %s: %s; troupe quarantine drop removes it", id, quarantined_fault(r));
    return r ? ANSWER_NOTHING : answer;
}

/* ---------------------------------------------------------------- list and show */

static void show_when(const struct quarantined *job, char *text, size_t size_bytes)
{
    time_t seconds = (time_t)job->time_s;
    struct tm local;
    if (!localtime_r(&seconds, &local) || strftime(text, size_bytes, "%F %T", &local) == 0)
        snprintf(text, size_bytes, "?");
}

#define LACKS_META "what is known of it is missing, or spoilt"

static void print_line(const char *id)
{
    TRI_AUTO(quarantined_deinit) struct quarantined job = {.id = ""};
    TRI_AUTO(tri_freep) char *reason = NULL;
    char when[64];
    int r = quarantined_read(id, &job);
    if (r && r != TR_NOPROC) /* that one was dropped meanwhile */
        printf("%-28s  %-19s  %-16s  %5s  broken: %s\n", id, "?", "?", "?", quarantined_fault(r));
    if (r)
        return;
    if (job.lacks_meta) {
        printf("%-28s  %-19s  %-16s  %5s  broken: " LACKS_META "\n", id, "?", "?", "?");
        return;
    }
    show_when(&job, when, sizeof when);
    reason = tr_print_new(job.reason);
    printf("%-28s  %s  %-16s  %5llu  %.100s\n", id, when, job.worker, (unsigned long long)job.kills,
           reason ? reason : "?");
}

static void put_json(const struct quarantined *job)
{
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    tr_put(&whole, "#{id => I, job => J, meta => M}", (const char *)job->id, tr_out_term(&job->job),
           tr_out_term(&job->meta));
    if (whole.fault == 0)
        json_put(stdout, tr_out_term(&whole), 0);
}

static void put_broken_json(const char *id, int r)
{
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    tr_put(&whole, "#{id => I, broken => W}", id, quarantined_fault(r));
    if (whole.fault == 0)
        json_put(stdout, tr_out_term(&whole), 0);
}

/* Behind a comma, unless it is the first. Clears is_first when there was anything to print. */
static void print_json(const char *id, bool *is_first)
{
    TRI_AUTO(quarantined_deinit) struct quarantined job = {.id = ""};
    int r = quarantined_read(id, &job);
    if (r == TR_NOPROC)
        return;
    fputs(*is_first ? "" : ",\n", stdout);
    *is_first = false;
    if (r)
        put_broken_json(id, r);
    else
        put_json(&job);
}

static int list(bool is_json)
{
    TRI_AUTO(tri_freep) struct tri_keepsake *entries = NULL;
    size_t count = 0;
    bool is_first = true;
    int r = tri_quarantine_list(&entries, &count);
    if (r)
        return shelf_fail(&jobs, r);
    if (is_json)
        fputs("[", stdout);
    else
        printf("%-28s  %-19s  %-16s  %5s  %s\n", "ID", "WHEN", "WORKER", "KILLS", "LAST REASON");
    for (size_t i = 0; i < count; i++)
        if (is_json)
            print_json(entries[i].id, &is_first);
        else
            print_line(entries[i].id);
    if (is_json)
        fputs("]\n", stdout);
    return ANSWER_FINE;
}

static void print_term(const char *what, tr_term term)
{
    TRI_AUTO(tri_freep) char *text = tr_print_new(term);
    printf("%-10s %s\n", what, text ? text : "?");
}

static void print_each(const char *what, tr_term terms)
{
    struct tr_iter iter;
    tr_term each;
    if (tr_get_list(terms, &iter))
        while (tr_next(&iter, &each)) {
            print_term(what, each);
            what = "";
        }
}

static int show(const char *word, bool is_json)
{
    TRI_AUTO(quarantined_deinit) struct quarantined job = {.id = ""};
    char when[64];
    tr_term terms;
    int answer = find_and_read(word, &job);
    if (answer)
        return answer;
    if (is_json) {
        put_json(&job);
        putchar('\n');
        return ANSWER_FINE;
    }
    if (job.lacks_meta)
        printf("%-10s %s\n", "broken", LACKS_META);
    show_when(&job, when, sizeof when);
    printf("%-10s %s\n%-10s %s\n%-10s %s\n", "id", job.id, "when", when, "worker", job.worker);
    printf("%-10s %s\n%-10s %llu workers\n", "image", job.image, "killed",
           (unsigned long long)job.kills);
    if (tr_map_get_atom(tr_out_term(&job.meta), "reasons", &terms))
        print_each("reasons", terms);
    if (tr_map_get_atom(tr_out_term(&job.meta), "reports", &terms))
        print_each("reports", terms);
    print_term("job", tr_out_term(&job.job));
    return ANSWER_FINE;
}

/* ---------------------------------------------------------------- replay and drop */

struct wish {
    bool is_json, has_gdb;
    const char *gdb_commands;
    int64_t deadline_ms; /* 0: none */
};

static int replay(const char *word, const struct wish *wish)
{
    TRI_AUTO(quarantined_deinit) struct quarantined job = {.id = ""};
    int answer = find_and_read(word, &job);
    if (answer)
        return answer;
    if (job.lacks_meta) {
        say("quarantine: %s cannot be replayed: " LACKS_META "; troupe quarantine show prints it",
            job.id);
        return ANSWER_NOTHING;
    }
    return wish->has_gdb ? quarantined_debug(&job, wish->gdb_commands)
                         : quarantined_replay(&job, wish->deadline_ms);
}

static int drop(const struct options *options)
{
    int answer = ANSWER_FINE;
    options_expect(options, 2, -1);
    for (int i = 1; i < options->argument_count; i++) {
        char id[TRI_KEEPSAKE_ID_BYTES];
        if (shelf_find(&jobs, options->arguments[i], id) || told(id, tri_quarantine_drop(id)))
            answer = ANSWER_NOTHING;
    }
    return answer;
}

enum { OPTION_GDB = 256 };

static const struct option own_options[] = {
    {"json", no_argument, NULL, 'J'},
    {"gdb", no_argument, NULL, OPTION_GDB},
    {"commands", required_argument, NULL, 'x'},
    {"timeout", required_argument, NULL, 't'},
    {0},
};

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_quarantine, .argc = argc, .argv = argv, .own = own_options};
    struct wish wish = {.is_json = false};
    for (int option; (option = options_next(&options)) != -1;) {
        wish.is_json |= option == 'J';
        wish.has_gdb |= option == OPTION_GDB || option == 'x';
        if (option == 'x')
            wish.gdb_commands = optarg;
        if (option == 't')
            wish.deadline_ms = (int64_t)options_duration_ms(&options, "--timeout", optarg);
    }
    const char *what = options.argument_count > 0 ? options.arguments[0] : "list";
    if (strcmp(what, "drop") == 0)
        return drop(&options);
    if (strcmp(what, "list") == 0) {
        options_expect(&options, 0, 1);
        return list(wish.is_json);
    }
    options_expect(&options, 1, 2);
    const char *id = options.argument_count > 1 ? options.arguments[1] : "last";
    if (strcmp(what, "show") == 0)
        return show(id, wish.is_json);
    if (strcmp(what, "replay") == 0)
        return replay(id, &wish);
    options_refuse(&command_quarantine, "there is nothing called \"%s\" to do", what);
}

const struct command command_quarantine = {
    .name = "quarantine",
    .arguments = "[-J] [-t TIME] [--gdb] [-x FILE] [WHAT] [JOB]...",
    .summary = "looks at jobs that have killed too many workers",
    .details =
        "  WHAT is list, which is the default; show JOB; replay JOB, which does it once more in a "
        "node\n"
        "  of its own and prints what comes of it; or drop JOB..., which removes some. JOB is an "
        "id, "
        "the\n"
        "  beginning of an id, or last, the default. Exit status of replay: 0 when the job is "
        "done.\n\n"
        "  -J, --json            list, show: as JSON\n"
        "  -t, --timeout TIME    replay: kills the worker after that time\n"
        "      --gdb             replay: in the debugger, the worker's function alone, without a "
        "node\n"
        "  -x, --commands FILE   the same, with the debugger's commands from a file\n",
    .run = run,
};
