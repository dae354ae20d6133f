/* doctor: says which limits of this machine are in the way of so many actors, and how to raise them. Needs no node. */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "command.h"
#include "grid.h"
#include "options.h"
#include "say.h"
#include "troupe/outcome.h"

#define DEFAULT_ACTORS 10000
#define MOST_ACTORS 100000000

static const char unit_of_truth[] = "yes or no";

bool doctor_read(const char *path, uint64_t *ret_number)
{
    char text[64], *end;
    if (tri_fd_read_text(AT_FDCWD, path, text, sizeof text))
        return false;
    if (strncmp(text, "max", 3) == 0 || strncmp(text, "unlimited", 9) == 0) {
        *ret_number = NO_LIMIT;
        return true;
    }
    *ret_number = strtoull(text, &end, 10);
    return end != text;
}

struct finding *doctor_find(struct doctor *doctor, const char *limit, const char *unit,
                            const uint64_t *there, uint64_t needed)
{
    size_t most = TRI_ARRAY_LENGTH(doctor->findings);
    struct finding *finding = &doctor->findings[doctor->count < most ? doctor->count++ : most - 1];
    *finding = (struct finding){.unit = unit, .is_known = there != NULL, .needed = needed};
    snprintf(finding->limit, sizeof finding->limit, "%s", limit);
    if (there)
        finding->there = *there;
    finding->verdict = !there ? VERDICT_UNKNOWN : *there < needed ? VERDICT_IN_THE_WAY : VERDICT_OK;
    return finding;
}

struct finding *doctor_find_threads(struct doctor *doctor, const char *limit, const uint64_t *there,
                                    uint64_t others)
{
    uint64_t needed = others + doctor->actors * THREADS_PER_ACTOR;
    struct finding *finding = doctor_find(doctor, limit, "threads", there, needed);
    if (there && *there < needed && *there >= others + doctor->actors * THREADS_OF_AN_IDLE_ACTOR)
        finding->verdict = VERDICT_TIGHT;
    return finding;
}

struct finding *doctor_find_truth(struct doctor *doctor, const char *claim, bool is_so)
{
    uint64_t there = is_so;
    return doctor_find(doctor, claim, unit_of_truth, &there, 1);
}

void doctor_remedy(struct finding *finding, const char *format, ...)
{
    va_list arguments;
    if (finding->verdict == VERDICT_OK || finding->verdict == VERDICT_UNKNOWN)
        return;
    va_start(arguments, format);
    vsnprintf(finding->remedy, sizeof finding->remedy, format, arguments);
    va_end(arguments);
}

/* ---------------------------------------------------------------- printing */

static const struct {
    const char *header, *key;
    int json_type;
    bool is_right;
} doctor_columns[] = {
    {"LIMIT", "limit", SCOLS_JSON_STRING, false},
    {"THERE", "there", SCOLS_JSON_NUMBER, true},
    {"NEEDED", "needed", SCOLS_JSON_NUMBER, true},
    {"OF", "unit", SCOLS_JSON_STRING, false},
    {"VERDICT", "verdict", SCOLS_JSON_STRING, false},
    {"REMEDY", "remedy", SCOLS_JSON_STRING, false},
};

static const char *const verdict_names[] = {
    [VERDICT_OK] = "ok",     [VERDICT_IN_THE_WAY] = "in the way", [VERDICT_TIGHT] = "tight",
    [VERDICT_SLOW] = "slow", [VERDICT_PARTIAL] = "partial",       [VERDICT_UNKNOWN] = "unknown",
};

static const char *const verdict_colours[] = {
    [VERDICT_OK] = "green",    [VERDICT_IN_THE_WAY] = "red", [VERDICT_TIGHT] = "yellow",
    [VERDICT_SLOW] = "yellow", [VERDICT_PARTIAL] = "yellow", [VERDICT_UNKNOWN] = "yellow",
};

/* Bytes of any amount are read by people as KiB, MiB or GiB; all other numbers are exact. */
static void write_number(char text[32], const struct finding *finding, uint64_t number,
                         bool is_json)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t unit = 0;
    if (finding->unit == unit_of_truth && !is_json) {
        snprintf(text, 32, "%s", number ? "yes" : "no");
    } else if (number == NO_LIMIT) {
        snprintf(text, 32, "%s", is_json ? "" : "no limit");
    } else if (is_json || strcmp(finding->unit, "bytes") != 0) {
        snprintf(text, 32, "%llu", (unsigned long long)number);
    } else {
        for (; number >= 10240 && unit + 1 < TRI_ARRAY_LENGTH(units); unit++)
            number /= 1024;
        snprintf(text, 32, "%llu %s", (unsigned long long)number, units[unit]);
    }
}

/* The remedy is the last column, and is left out where it would be cut. */
static size_t columns_of(const struct grid_style *style)
{
    bool is_cut = !style->is_json && isatty(STDOUT_FILENO);
    return TRI_ARRAY_LENGTH(doctor_columns) - is_cut;
}

static int add_finding(struct libscols_table *table, const struct grid_style *style,
                       const struct finding *finding)
{
    char there[32], needed[32];
    struct libscols_line *line = scols_table_new_line(table, NULL);
    if (!line)
        return -ENOMEM;
    write_number(there, finding, finding->there, style->is_json);
    write_number(needed, finding, finding->needed, style->is_json);
    if (!finding->is_known)
        strcpy(there, style->is_json ? "" : "?");
    const char *cells[] = {
        finding->limit, there, needed, finding->unit, verdict_names[finding->verdict],
        finding->remedy};
    int r = 0;
    for (size_t i = 0; i < columns_of(style) && r == 0; i++)
        r = grid_set(line, i, cells[i],
                     i == 4 && style->is_coloured ? verdict_colours[finding->verdict] : NULL);
    return r;
}

static int print(const struct doctor *doctor, const struct grid_style *style)
{
    TRI_AUTO(grid_freep) struct libscols_table *table = grid_new(style);
    int r = table ? 0 : -ENOMEM;
    for (size_t i = 0; i < columns_of(style) && r == 0; i++)
        r = grid_add_column(table, style, doctor_columns[i].header, doctor_columns[i].key,
                            doctor_columns[i].json_type, doctor_columns[i].is_right, 0);
    for (size_t i = 0; i < doctor->count && r == 0; i++)
        r = add_finding(table, style, &doctor->findings[i]);
    if (r == 0)
        grid_print(table, 0);
    return r;
}

/* On a terminal a command must not be cut at its width: each stands on a line of its own below the table. */
static void print_remedies(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->count; i++)
        if (doctor->findings[i].remedy[0])
            printf("\n%s:\n    %s\n", doctor->findings[i].limit, doctor->findings[i].remedy);
}

static int show(const struct doctor *doctor, const struct grid_style *style)
{
    bool is_in_the_way = false;
    for (size_t i = 0; i < doctor->count; i++)
        is_in_the_way |= doctor->findings[i].verdict == VERDICT_IN_THE_WAY;
    int r = print(doctor, style);
    if (r) {
        say("the findings cannot be shown: %s", tr_strerror(r));
        return ANSWER_NOTHING;
    }
    if (columns_of(style) < TRI_ARRAY_LENGTH(doctor_columns))
        print_remedies(doctor);
    return is_in_the_way ? ANSWER_NOTHING : ANSWER_FINE;
}

enum { OPTION_NO_HEADER = 256 };

static const struct option own_options[] = {
    {"actors", required_argument, NULL, 'a'},
    {"json", no_argument, NULL, 'J'},
    {"no-header", no_argument, NULL, OPTION_NO_HEADER},
    {0},
};

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_doctor, .argc = argc, .argv = argv, .own = own_options};
    struct grid_style style = {.name = "limits"};
    static struct doctor doctor = {.actors = DEFAULT_ACTORS};
    for (int option; (option = options_next(&options)) != -1;) {
        style.is_json |= option == 'J';
        style.has_no_header |= option == OPTION_NO_HEADER;
        if (option == 'a')
            doctor.actors = options_number(&options, "--actors", optarg, 1, MOST_ACTORS);
    }
    options_expect(&options, 0, 0);
    style.is_coloured = may_colour() && !style.is_json;
    doctor.node = options.node;
    doctor.sudo = geteuid() == 0 ? "" : "sudo ";
    doctor_look_at_kernel(&doctor);
    doctor_look_at_process(&doctor);
    doctor_look_at_groups(&doctor);
    doctor_look_at_place(&doctor);
    doctor_look_at_confinement(&doctor);
    doctor_look_at_crashes(&doctor);
    return show(&doctor, &style);
}

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "[-n NODE] [-a COUNT] [-J] [--no-header]",
    .summary = "says which limits of this machine are in the way of many actors",
    .details = "  -a, --actors COUNT    how many actors there are to be at once; 10000 by default\n"
               "  -J, --json            as JSON\n"
               "      --no-header       without the first line\n",
    .run = run,
};
