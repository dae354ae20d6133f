/* ps: lists a node's actors. It reads shared memory and /proc only, so that it works when nothing else does. */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "column.h"
#include "command.h"
#include "draw.h"
#include "options.h"
#include "say.h"

#define DEFAULT_WATCH_MS 2000

/* How many columns people see when they ask for none in particular: the first ones of the list. */
#define DEFAULT_COLUMNS 11

struct request {
    const char *node;
    struct drawing drawing;
    const struct column *shown[2 * 64];
    const struct column *sort;
    bool is_sort_reversed, is_all;
    uint64_t watch_ms; /* 0: once */
};

static volatile sig_atomic_t is_interrupted;

static void note_interrupt(int signal)
{
    (void)signal;
    is_interrupted = 1;
}

/* Refuses a column that there is none of, and says which there are. */
static const struct column *want_column(const struct options *options, const char *name,
                                        size_t length)
{
    char known[1024] = "";
    const struct column *column = column_find(name, length);
    if (column)
        return column;
    for (size_t i = 0, n = 0; i < column_count && n < sizeof known; i++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? "," : "", columns[i].header);
    options_refuse(options->command, "there is no column \"%.*s\"; there are %s", (int)length, name,
                   known);
}

/* -o A,B: those; -o +A,B: those beside the usual ones. */
static void choose_columns(struct request *request, const struct options *options, const char *list)
{
    struct drawing *drawing = &request->drawing;
    drawing->column_count = *list == '+' ? DEFAULT_COLUMNS : 0;
    for (list += *list == '+';; list++) {
        size_t length = strcspn(list, ",");
        if (drawing->column_count == TRI_ARRAY_LENGTH(request->shown))
            options_refuse(options->command, "too many columns");
        request->shown[drawing->column_count++] = want_column(options, list, length);
        list += length;
        if (!*list)
            return;
    }
}

/* getopt_long takes an optional value only with an equals sign; people also write --watch 1. */
static const char *value_of_watch(const struct options *options)
{
    if (!optarg && optind < options->argc && isdigit((unsigned char)*options->argv[optind]))
        return options->argv[optind++];
    return optarg;
}

enum { OPTION_NO_HEADER = 256 };

static const struct option own_options[] = {
    {"all", no_argument, NULL, 'a'},
    {"tree", no_argument, NULL, 't'},
    {"json", no_argument, NULL, 'J'},
    {"output", required_argument, NULL, 'o'},
    {"sort", required_argument, NULL, 's'},
    {"watch", optional_argument, NULL, 'w'},
    {"no-header", no_argument, NULL, OPTION_NO_HEADER},
    {0},
};

static void take_option(struct request *request, struct options *options, int option)
{
    const char *value;
    switch (option) {
    case 'a':
        request->is_all = true;
        break;
    case 't':
        request->drawing.style.is_tree = true;
        break;
    case 'J':
        request->drawing.style.is_json = true;
        break;
    case 'o':
        choose_columns(request, options, optarg);
        break;
    case 's':
        request->is_sort_reversed = *optarg == '-';
        value = optarg + request->is_sort_reversed;
        request->sort = want_column(options, value, strlen(value));
        break;
    case 'w':
        value = value_of_watch(options);
        request->watch_ms =
            value ? options_duration_ms(options, "--watch", value) : DEFAULT_WATCH_MS;
        break;
    case OPTION_NO_HEADER:
        request->drawing.style.has_no_header = true;
        break;
    }
}

static void read_request(struct request *request, struct options *options)
{
    int option;
    bool has_columns = false;
    for (size_t i = 0; i < column_count; i++)
        request->shown[i] = &columns[i];
    while ((option = options_next(options)) != -1) {
        take_option(request, options, option);
        has_columns |= option == 'o';
    }
    options_expect(options, 0, 0);
    if (!has_columns)
        request->drawing.column_count =
            request->drawing.style.is_json ? column_count : DEFAULT_COLUMNS;
    request->node = options->node;
    request->drawing.columns = request->shown;
    request->drawing.style.name = "actors";
    request->drawing.style.is_coloured = may_colour() && !request->drawing.style.is_json;
}

static int compare_sights(const void *a, const void *b, void *context)
{
    const struct request *request = context;
    const struct sight *x = a, *y = b;
    int order = request->sort ? column_compare(request->sort, x, y) : 0;
    if (request->is_sort_reversed)
        order = -order;
    if (order)
        return order;
    return (tr_pid_slot(x->pid) > tr_pid_slot(y->pid)) -
           (tr_pid_slot(x->pid) < tr_pid_slot(y->pid));
}

/* The look that rates are taken from must stay in the order of slots, so a copy is sorted; it owns nothing. */
static int draw_sorted(const struct request *request, const struct sights *sights)
{
    TRI_AUTO(tri_freep) struct sight *sorted = NULL;
    const struct sight *order = sights->at;
    if (request->sort && sights->count > 0) {
        sorted = malloc(sights->count * sizeof *sorted);
        if (!sorted)
            return -ENOMEM;
        memcpy((void *)sorted, (const void *)sights->at, sights->count * sizeof *sorted);
        qsort_r(sorted, sights->count, sizeof *sorted, compare_sights, (void *)request);
        order = sorted;
    }
    return draw_sights(&request->drawing, order, sights->count);
}

/* One look and one table. sights holds the look before, if any, and then this one. 0 or an exit status. */
static int show_once(const struct request *request, struct sights *sights, bool is_first)
{
    TRI_AUTO(view_close) struct view view;
    struct sights seen;
    unsigned flags = (request->is_all ? SIGHTS_DEAD | SIGHTS_NODE : 0) |
                     (request->drawing.style.is_tree ? SIGHTS_NODE : 0);
    int answer = view_open(&view, request->node);
    if (answer)
        return answer;
    if (is_first)
        view_say_condition(&view);
    int r = sights_take(&view, flags, sights->at ? sights : NULL, &seen);
    if (r == 0) {
        sights_deinit(sights);
        *sights = seen;
        r = draw_sorted(request, sights);
        if (sights->count == 0 && !request->drawing.style.is_json)
            say("node %s has no actors", view.dir.node);
    }
    if (r)
        say("%s", tr_strerror(r));
    return r ? ANSWER_NOTHING : 0;
}

static size_t terminal_lines(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 2 ? size.ws_row - 1u : 0;
}

/* Interrupts are let in during the pause only, so that none is missed between a look at the flag and the pause. */
static void catch_interrupts(sigset_t *ret_open_mask)
{
    sigset_t interrupts;
    struct sigaction action = {.sa_handler = note_interrupt};
    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    sigaddset(&interrupts, SIGTERM);
    sigprocmask(SIG_BLOCK, &interrupts, ret_open_mask);
    sigdelset(ret_open_mask, SIGINT);
    sigdelset(ret_open_mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Draws over itself on a terminal, one table after the other elsewhere, until Ctrl-C. */
static int watch(struct request *request)
{
    TRI_AUTO(sights_deinit) struct sights sights = {0};
    bool is_terminal = isatty(STDOUT_FILENO);
    sigset_t open_mask;
    struct timespec pause = {(time_t)(request->watch_ms / 1000),
                             (long)(request->watch_ms % 1000 * TRI_NS_PER_MS)};
    catch_interrupts(&open_mask);
    for (bool is_first = true; !is_interrupted; is_first = false) {
        request->drawing.max_lines = is_terminal ? terminal_lines() : 0;
        if (is_terminal)
            fputs("\033[H\033[J", stdout);
        else if (!is_first)
            putchar('\n');
        int answer = show_once(request, &sights, is_first || is_terminal);
        if (answer)
            return answer;
        if (fflush(stdout))
            return 0; /* main says why */
        ppoll(NULL, 0, &pause, &open_mask);
    }
    return 0;
}

static void print_columns(void)
{
    printf("\nColumns (key in JSON):\n");
    for (size_t i = 0; i < column_count; i++)
        printf("  %-13s %-20s %s\n", columns[i].header, columns[i].key, columns[i].help);
}

static int run(int argc, char **argv)
{
    struct request request = {0};
    TRI_AUTO(sights_deinit) struct sights sights = {0};
    struct options options = {
        .command = &command_ps, .argc = argc, .argv = argv, .own = own_options};
    read_request(&request, &options);
    return request.watch_ms ? watch(&request) : show_once(&request, &sights, true);
}

const struct command command_ps = {
    .name = "ps",
    .arguments = "[-n NODE] [-atJ] [-o COL,…] [--sort [-]COL] [--watch [TIME]] [--no-header]",
    .summary = "lists the actors of a node, also of one that hangs or has died",
    .details = "  -a, --all             the dead too, with their reasons, and the node itself\n"
               "  -t, --tree            who spawned whom\n"
               "  -J, --json            everything that is known, as JSON\n"
               "  -o, --output COL,…    these columns; +COL,… beside the usual ones\n"
               "  -s, --sort COL        sorted by a column; -COL: downward\n"
               "  -w, --watch [TIME]    again and again until Ctrl-C (default 2s); rates are those "
               "since the last time\n"
               "      --no-header       without the first line\n",
    .print_more = print_columns,
    .run = run,
};
