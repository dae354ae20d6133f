/* Complete: commands and options are read from the commands' own help, so that none is forgotten. */
#include "complete.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "behaviour/quarantine.h"
#include "column.h"
#include "command.h"
#include "crashes.h"
#include "say.h"
#include "sight.h"

/* Every command has these beside its own. */
static const char common_details[] = "  -n, --node NODE       the node to ask\n"
                                     "  -h, --help            shows how it is used\n";

/* An option, as a line of help tells of it: "  -t, --timeout TIME    how long". Views. */
struct offer {
    char letter; /* 0: none */
    const char *name, *value, *about;
    size_t name_length, value_length, about_length; /* value_length 0: takes none */
};

/* Reads the option of a line, which ends at `end`. False when it tells of none. */
static bool read_offer(const char *line, const char *end, struct offer *offer)
{
    *offer = (struct offer){.letter = 0};
    while (line < end && *line == ' ')
        line++;
    if (end - line > 4 && line[0] == '-' && line[1] != '-' && line[2] == ',') {
        offer->letter = line[1];
        line += 4;
    }
    if (end - line < 3 || strncmp(line, "--", 2) != 0)
        return false;
    offer->name = line;
    offer->name_length = strcspn(line, " \n");
    line += offer->name_length;
    if (line < end && line + 1 < end && (isupper((unsigned char)line[1]) || line[1] == '[')) {
        line++;
        offer->value = *line == '[' ? line + 1 : line;
        offer->value_length = strcspn(line, " \n");
        line += offer->value_length;
    }
    while (line < end && *line == ' ')
        line++;
    offer->about = line;
    offer->about_length = (size_t)(end - line);
    return true;
}

typedef bool visit_fn(const struct offer *offer, void *context);

/* Visits the options of a help text until visit answers true; tells whether it did. */
static bool each_offer(const char *details, visit_fn *visit, void *context)
{
    struct offer offer;
    while (*details) {
        const char *end = details + strcspn(details, "\n");
        if (read_offer(details, end, &offer) && visit(&offer, context))
            return true;
        details = end + (*end == '\n');
    }
    return false;
}

static bool each_option(const struct command *command, visit_fn *visit, void *context)
{
    return each_offer(command->details, visit, context) ||
           each_offer(common_details, visit, context);
}

/* ---------------------------------------------------------------- printing */

/* What would break a line of the answer is not offered. */
static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

/* Offers head and text, as one word, if it begins like the word. */
static void offer_with(const char *word, const char *head, const char *text, const char *about)
{
    size_t head_length = strlen(head), length = strlen(word);
    bool fits = length <= head_length
                    ? strncmp(head, word, length) == 0
                    : strncmp(head, word, head_length) == 0 &&
                          strncmp(text, word + head_length, length - head_length) == 0;
    if (fits && is_plain(text))
        printf("%s%s\t%s\n", head, text, about);
}

static void offer_files(void) { fputs("\tfiles\n", stdout); }

static void offer_commands(const char *word, bool with_help)
{
    for (size_t i = 0; i < command_count; i++)
        offer_with(word, "", commands[i]->name, commands[i]->summary);
    if (with_help) {
        offer_with(word, "", "help", "shows how a command is used");
        offer_with(word, "", "version", "shows the version");
    }
}

static bool print_option(const struct offer *offer, void *context)
{
    const char *word = context;
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)offer->name_length, offer->name);
    if (strncmp(text, word, strlen(word)) == 0)
        printf("%s\t%.*s\n", text, (int)offer->about_length, offer->about);
    return false;
}

/* ---------------------------------------------------------------- nodes and actors */

struct place {
    const char *word, *head;
};

static void offer_node(const char *node, void *context)
{
    const struct place *place = context;
    struct tri_rundir dir;
    if (tri_rundir_name(node, &dir, NULL, 0))
        return;
    TRI_AUTO(view_close) struct view view;
    view_open_quietly(&view, &dir);
    offer_with(place->word, place->head, node, condition_name(view.condition));
}

static void offer_nodes(const char *word, const char *head)
{
    struct place place = {word, head};
    tri_rundir_each(offer_node, &place);
}

/* Names; pids without brackets, which a shell would take for redirections, of those that have no name, or when the word
 * begins like one. */
static void offer_actors(const char *word, const char *node)
{
    TRI_AUTO(sights_deinit) struct sights sights = {0};
    TRI_AUTO(view_close) struct view view = {.boxes_fd = -1, .table.fd = -1};
    struct tri_rundir dir;
    char bare[TR_PID_TEXT_BYTES];
    if (tri_rundir_find(node, &dir, NULL, 0) || view_open_quietly(&view, &dir) ||
        sights_take(&view, 0, NULL, &sights))
        return;
    for (size_t i = 0; i < sights.count; i++) {
        const struct sight *sight = &sights.at[i];
        if (sight->is_dead || sight->row.flags & TRI_ROW_GUEST)
            continue;
        if (sight->row.has_name)
            offer_with(word, "", sight->row.name, sight->row.entry);
        snprintf(bare, sizeof bare, "%.*s", (int)strlen(sight->pid_text) - 2, sight->pid_text + 1);
        if (!sight->row.has_name || isdigit((unsigned char)*word))
            offer_with(word, "", bare, sight->row.has_name ? sight->row.name : sight->row.entry);
    }
}

/* Reports, the newest first. */
static void offer_crashes(const char *word)
{
    TRI_AUTO(tri_freep) struct tri_keepsake *entries = NULL;
    size_t count = 0;
    char why[160];
    offer_with(word, "", "last", "the newest");
    if (tri_store_list(&entries, &count))
        return;
    while (count-- > 0) {
        TRI_AUTO(crash_deinit) struct crash crash = {.id = ""};
        if (crash_read(entries[count].id, &crash) == 0)
            offer_with(word, "", crash.id, crash_why(crash.report, why, sizeof why));
    }
}

static void offer_quarantined(const char *word)
{
    TRI_AUTO(tri_freep) struct tri_keepsake *entries = NULL;
    size_t count = 0;
    offer_with(word, "", "last", "the newest");
    if (tri_quarantine_list(&entries, &count))
        return;
    while (count-- > 0)
        offer_with(word, "", entries[count].id, "a job");
}

/* COL,…: the last of them, behind those that are there, behind a + or a -. */
static void offer_columns(const char *word)
{
    char head[512], header[64];
    const char *comma = strrchr(word, ',');
    size_t kept = comma ? (size_t)(comma - word) + 1 : strspn(word, "+-");
    snprintf(head, sizeof head, "%.*s", (int)kept, word);
    for (size_t i = 0; i < column_count; i++) {
        snprintf(header, sizeof header, "%s", columns[i].header);
        for (char *at = header; islower((unsigned char)word[kept]) && *at; at++)
            *at = (char)tolower((unsigned char)*at);
        offer_with(word, head, header, columns[i].help);
    }
}

/* ---------------------------------------------------------------- what is to be completed */

/* A command line up to the word that is being written. */
struct line {
    const struct command *command;
    const char *word, *node;
    int arguments;       /* how many stand before the word */
    struct offer awaits; /* the option whose value the word is; value_length 0: none */
};

struct search {
    const char *word;
    size_t length;
    struct offer found;
};

static bool is_named(const struct offer *offer, void *context)
{
    struct search *search = context;
    const char *word = search->word;
    bool is_long =
        offer->name_length == search->length && strncmp(offer->name, word, search->length) == 0;
    bool is_short = offer->letter && word[0] == '-' && word[1] != '-' && search->length >= 2 &&
                    word[search->length - 1] == offer->letter;
    if (is_long || is_short)
        search->found = *offer;
    return is_long || is_short;
}

/* Takes an option that stands before the word: its value is in it, or the next word. */
static void take_option(struct line *line, const char *option)
{
    struct search search = {.word = option, .length = strcspn(option, "=")};
    if (!each_option(line->command, is_named, &search) || search.found.value_length == 0 ||
        search.found.value[-1] == '[')
        return;
    const char *value = option + search.length;
    if (*value == '=' && strncmp(search.found.value, "NODE", 4) == 0)
        line->node = value + 1;
    else if (*value != '=')
        line->awaits = search.found;
}

static void read_line(struct line *line, int count, char **words)
{
    bool has_ended = false; /* the options: "--" has been there */
    for (int i = 0; i < count - 1; i++) {
        const char *word = words[i];
        if (line->awaits.value_length) {
            if (strncmp(line->awaits.value, "NODE", 4) == 0)
                line->node = word;
            line->awaits = (struct offer){.letter = 0};
        } else if (!has_ended && strcmp(word, "--") == 0) {
            has_ended = true;
        } else if (!has_ended && word[0] == '-' && word[1] && !isdigit((unsigned char)word[1])) {
            take_option(line, word);
        } else {
            line->arguments++;
        }
    }
    line->word = words[count - 1];
}

/* What the argument at that place is called in the first line of the command's help: options, which stand in brackets,
 * are no arguments. Returns "" when there is none. */
static const char *argument_at(const struct command *command, int place)
{
    const char *at = command->arguments;
    while (*at) {
        bool is_option = at[0] == '[' && at[1] == '-';
        size_t length = is_option ? strcspn(at, "]") + 1 : strcspn(at, " ");
        /* "[--sort [-]COL]" has brackets within its brackets */
        while (is_option && at[length] && at[length] != ' ')
            length += strcspn(at + length, "]") + 1;
        if (!is_option && place-- == 0)
            return at + (*at == '[');
        at += length;
        at += strspn(at, " ");
    }
    return "";
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void offer_value(const struct line *line, const char *kind, const char *word,
                        const char *head)
{
    if (begins(kind, "NODE"))
        offer_nodes(word, head);
    else if (begins(kind, "COL") || begins(kind, "[-]COL"))
        offer_columns(word);
    else if (begins(kind, "WHO") || begins(kind, "NAME"))
        offer_actors(word, line->node);
    else if (begins(kind, "BINARY") || begins(kind, "FILE") || begins(kind, "ARGUMENT") ||
             begins(kind, "COMMAND") || begins(kind, "PATH"))
        offer_files();
    else if (begins(kind, "ACTION"))
        for (size_t i = 0; i < 3; i++)
            offer_with(word, "", (const char *const[]){"list", "show", "rm"}[i], "an action");
    else if (begins(kind, "WHAT"))
        for (size_t i = 0; i < 4; i++)
            offer_with(word, "", (const char *const[]){"list", "show", "replay", "drop"}[i],
                       "what to do");
    else if (begins(kind, "JOB"))
        offer_quarantined(word);
    else if (begins(kind, "ID"))
        offer_crashes(word);
    else if (begins(kind, "LEVEL"))
        for (size_t i = 0; i < 3; i++)
            offer_with(word, "", (const char *const[]){"none", "light", "full"}[i], "a sandbox");
    else if (begins(kind, "REASON"))
        for (size_t i = 0; i < 3; i++)
            offer_with(word, "", (const char *const[]){"normal", "shutdown", "kill"}[i],
                       "a reason");
}

/* --node=ba and the like. False when the word is no such thing. */
static bool offer_value_within(const struct line *line)
{
    char head[64];
    struct search search = {.word = line->word, .length = strcspn(line->word, "=")};
    if (line->word[search.length] != '=' || search.length + 2 > sizeof head ||
        !each_option(line->command, is_named, &search) || search.found.value_length == 0)
        return false;
    snprintf(head, sizeof head, "%.*s=", (int)search.length, line->word);
    if (begins(search.found.value, "NODE"))
        offer_nodes(line->word, head);
    return true;
}

static void offer_for(const struct line *line)
{
    const char *name = line->command->name;
    bool is_runs_own =
        (strcmp(name, "run") == 0 || strcmp(name, "map") == 0) && line->arguments > 0;
    if (line->awaits.value_length) {
        /* The name of one who is to be is the user's to make up. */
        if (!begins(line->awaits.value, "NAME"))
            offer_value(line, line->awaits.value, line->word, "");
    } else if (is_runs_own) {
        offer_files();
    } else if (line->word[0] == '-' && !isdigit((unsigned char)line->word[1])) {
        if (!offer_value_within(line))
            each_option(line->command, print_option, (void *)line->word);
    } else {
        offer_value(line, argument_at(line->command, line->arguments), line->word, "");
    }
}

int complete(int count, char **words)
{
    if (count == 0) {
        say("complete: for the shells' completion: complete WORD… prints what the last word could "
            "become");
        return ANSWER_NOTHING;
    }
    if (count == 1) {
        offer_commands(words[0], true);
        return ANSWER_FINE;
    }
    struct line line = {.command = command_find(words[0])};
    if (strcmp(words[0], "help") == 0 && count == 2)
        offer_commands(words[1], false);
    if (!line.command)
        return ANSWER_FINE;
    read_line(&line, count - 1, words + 1);
    offer_for(&line);
    return ANSWER_FINE;
}
