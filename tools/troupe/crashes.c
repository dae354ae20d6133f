/* crashes: the reports of actors that ended as they should not have: lists them, shows one, removes them. Needs no node. */
#include "crashes.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "command.h"
#include "json.h"
#include "options.h"
#include "say.h"
#include "shelf.h"

static const struct shelf reports = {
    .command = "crashes", .part = TRI_STORE_PART, .one = "report", .list = tri_store_list};

/* ---------------------------------------------------------------- actions */

static int show(const char *word, bool is_json)
{
    char id[TRI_KEEPSAKE_ID_BYTES];
    TRI_AUTO(crash_deinit) struct crash crash = {.id = ""};
    int answer = shelf_find(&reports, word, id);
    if (answer)
        return answer;
    int r = crash_read(id, &crash);
    if (r == TR_MALFORMED) {
        say("crashes: what lies under %s is no report that this version can read", id);
        return ANSWER_NOTHING;
    }
    if (r)
        return shelf_fail(&reports, r);
    if (!is_json) {
        crash_show(&crash);
        return ANSWER_FINE;
    }
    json_put(stdout, crash.report, 0);
    putchar('\n');
    return ANSWER_FINE;
}

static int remove_one(const char *word)
{
    char id[TRI_KEEPSAKE_ID_BYTES];
    int answer = shelf_find(&reports, word, id);
    int r = answer ? 0 : tri_store_remove(id);
    return r ? shelf_fail(&reports, r) : answer;
}

static int remove_if_of_node(const char *id, const char *node)
{
    TRI_AUTO(crash_deinit) struct crash crash = {.id = ""};
    int r = node ? crash_read(id, &crash) : 0;
    if (r == 0 && (!node || crash_is_of_node(&crash, node)))
        r = tri_store_remove(id);
    return r == -ENOENT || r == TR_MALFORMED ? 0 : r;
}

static int remove_all(const char *node)
{
    TRI_AUTO(tri_freep) struct tri_keepsake *entries = NULL;
    size_t count;
    int r = tri_store_list(&entries, &count);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = remove_if_of_node(entries[i].id, node);
    return r ? shelf_fail(&reports, r) : ANSWER_FINE;
}

/* ---------------------------------------------------------------- the command line */

struct wish {
    bool is_json, has_no_header, is_all;
};

enum { OPTION_NO_HEADER = 256, OPTION_ALL };

static const struct option own_options[] = {
    {"json", no_argument, NULL, 'J'},
    {"no-header", no_argument, NULL, OPTION_NO_HEADER},
    {"all", no_argument, NULL, OPTION_ALL},
    {0},
};

static int remove_wished(const struct options *options, const struct wish *wish)
{
    int answer = ANSWER_FINE;
    if (wish->is_all)
        options_expect(options, 1, 1);
    else
        options_expect(options, 2, -1);
    if (wish->is_all)
        return remove_all(options->node);
    for (int i = 1; i < options->argument_count; i++)
        if (remove_one(options->arguments[i]))
            answer = ANSWER_NOTHING;
    return answer;
}

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_crashes, .argc = argc, .argv = argv, .own = own_options};
    struct wish wish = {.is_json = false};
    for (int option; (option = options_next(&options)) != -1;) {
        wish.is_json |= option == 'J';
        wish.has_no_header |= option == OPTION_NO_HEADER;
        wish.is_all |= option == OPTION_ALL;
    }
    const char *action = options.argument_count > 0 ? options.arguments[0] : "list";
    if (strcmp(action, "rm") == 0)
        return remove_wished(&options, &wish);
    if (wish.is_all)
        options_refuse(&command_crashes, "--all is for rm");
    if (strcmp(action, "show") == 0) {
        options_expect(&options, 1, 2);
        return show(options.argument_count > 1 ? options.arguments[1] : "last", wish.is_json);
    }
    if (strcmp(action, "list") != 0)
        options_refuse(&command_crashes, "there is no action \"%s\"", action);
    options_expect(&options, 0, 1);
    int r = crashes_list(options.node, wish.is_json, wish.has_no_header);
    return r ? shelf_fail(&reports, r) : ANSWER_FINE;
}

const struct command command_crashes = {
    .name = "crashes",
    .arguments = "[-n NODE] [-J] [--no-header] [--all] [ACTION] [ID]...",
    .summary = "lists and shows the reports of actors that crashed",
    .details = "  ACTION is list, which is the default; show ID, which shows one: by its id, the "
               "beginning\n"
               "  of an id, or last, the default; or rm ID..., which removes some.\n\n"
               "  -J, --json            as JSON\n"
               "      --no-header       without the first line\n"
               "      --all             rm: removes all, or all of NODE\n",
    .run = run,
};
