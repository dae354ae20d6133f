/* crashes show: one report as a person wants to read it: what died and why, where, with what in hand, and what to do next. */
#include <inttypes.h>

#include "base/auto.h"
#include "base/clock.h"
#include "column.h"
#include "crashes.h"
#include "say.h"

#define SHOWN_LINES 12 /* of standard error */

static void put_title(const char *title)
{
    printf(may_colour() ? "\n\033[1m%s\033[0m\n" : "\n%s\n", title);
}

static void put_row(const char *name, const char *text)
{
    if (text[0])
        printf("  %-10s %s\n", name, text);
}

/* ---------------------------------------------------------------- who, when and why */

static void show_headline(const struct crash *crash)
{
    char why[256], at[512];
    crash_why(crash->report, why, sizeof why);
    crash_text(crash->report, "at", at, sizeof at);
    printf(may_colour() ? "\033[1;31m%s\033[0m%s%s\n" : "%s%s%s\n", why[0] ? why : "ended",
           at[0] ? " in " : "", at);
}

static void show_who(tr_term report)
{
    char name[300], entry[128], pid[64], node[320], line[1000], image[512];
    uint64_t os_pid = 0, restarts = 0;
    crash_text(report, "name", name, sizeof name);
    crash_text(report, "entry", entry, sizeof entry);
    crash_text(report, "pid", pid, sizeof pid);
    crash_text(report, "node", node, sizeof node);
    crash_number(report, "os_pid", &os_pid);
    snprintf(line, sizeof line, "%s%s%s %s of node %s, os_pid %" PRIu64, name, name[0] ? ", " : "",
             entry, pid, node, os_pid);
    put_row("actor", line);
    put_row("image", crash_text(report, "image", image, sizeof image));
    put_row("parent", crash_text(report, "parent", pid, sizeof pid));
    if (crash_number(report, "restarts", &restarts) && restarts > 0) {
        crash_text(report, "last_exit", name, sizeof name);
        snprintf(line, sizeof line, "%" PRIu64 "%s%s", restarts,
                 name[0] ? "; the one before ended with " : "", name);
        put_row("restarts", line);
    }
}

/* Only when it was not the actor's own. */
static void show_thread(tr_term report)
{
    char name[64], line[128];
    uint64_t id = 0;
    tr_term thread;
    if (!crash_find(report, "thread", &thread) || !crash_number(thread, "id", &id))
        return;
    crash_text(thread, "name", name, sizeof name);
    snprintf(line, sizeof line, "%s (%" PRIu64 "), which is not the actor's own", name, id);
    put_row("thread", line);
}

static void show_when(tr_term report)
{
    char when[64], ago[64], line[256];
    uint64_t then_s = crash_time_s(report), now_s = tri_clock_wall_ns() / TRI_NS_PER_S;
    if (then_s == 0)
        return;
    column_write_ms(now_s > then_s ? (now_s - then_s) * 1000 : 0, false, ago, sizeof ago);
    snprintf(line, sizeof line, "%s, %s ago", crash_when(report, when, sizeof when), ago);
    put_row("when", line);
}

/* A map's pairs in one line: "code segv_maperr, address 0x10". */
static void put_info(tr_term info)
{
    struct tr_iter iter;
    tr_term key, value;
    const char *before = "  ";
    if (!tr_get_map(info, &iter))
        return;
    while (tr_next(&iter, &key) && tr_next(&iter, &value)) {
        uint64_t address;
        fputs(before, stdout);
        crash_write_term(stdout, key);
        putchar(' ');
        if (tr_is_atom(key, "address") && tr_get_unsigned(value, &address))
            printf("0x%" PRIx64, address);
        else
            crash_write_term(stdout, value);
        before = ", ";
    }
}

/* A reason that is a tuple, element by element: the map in {signal, sigsegv, #{…}} is told in words. */
static void put_elements(struct tr_iter *elements)
{
    tr_term each;
    while (tr_next(elements, &each)) {
        if (elements->left == 0 && tr_kind_of(each) == TR_KIND_MAP) {
            put_info(each);
        } else {
            putchar(' ');
            crash_write_term(stdout, each);
        }
    }
}

/* Does it end with such a map? */
static bool has_info(struct tr_iter elements)
{
    tr_term each = {0};
    while (tr_next(&elements, &each))
        ;
    return each.data && tr_kind_of(each) == TR_KIND_MAP;
}

static void show_reason(tr_term report)
{
    struct tr_iter elements;
    tr_term reason;
    if (!crash_find(report, "reason", &reason))
        return;
    fputs("  reason    ", stdout);
    if (tr_get_tuple(reason, &elements) && has_info(elements)) {
        put_elements(&elements);
    } else {
        putchar(' ');
        crash_write_term(stdout, reason);
    }
    putchar('\n');
}

/* ---------------------------------------------------------------- messages and lines */

static void put_bytes(tr_bin bytes)
{
    const uint8_t *data = bytes.data;
    size_t shown = bytes.size_bytes < 64 ? bytes.size_bytes : 64;
    for (size_t i = 0; i < shown; i++)
        printf("%02x%s", data[i], i % 4 == 3 ? " " : "");
    fputs(shown < bytes.size_bytes ? "…" : "", stdout);
}

/* "from <0.1.1>, 39 bytes: {decode,…}" */
static void put_message(tr_term message)
{
    char peer[64];
    uint64_t size;
    tr_term term;
    tr_bin bytes;
    fputs("  ", stdout);
    if (crash_text(message, "from", peer, sizeof peer)[0])
        printf("from %s, ", peer);
    else if (crash_text(message, "to", peer, sizeof peer)[0])
        printf("to %s, ", peer);
    if (crash_number(message, "size", &size))
        printf("%" PRIu64 " bytes", size);
    if (crash_find(message, "term", &term)) {
        fputs(": ", stdout);
        crash_write_term(stdout, term);
    } else if (crash_find(message, "bytes", &term) && tr_get_binary(term, &bytes)) {
        fputs(", which begin with ", stdout);
        put_bytes(bytes);
    }
    putchar('\n');
}

static void show_messages(tr_term report, const char *key, const char *title)
{
    struct tr_iter iter;
    tr_term list, each;
    if (!crash_find(report, key, &list))
        return;
    put_title(title);
    if (!tr_get_list(list, &iter)) {
        put_message(list);
        return;
    }
    while (tr_next(&iter, &each))
        put_message(each);
}

static void show_errors(tr_term report)
{
    struct tr_iter iter;
    tr_term list, each;
    tr_bin line;
    if (!crash_find(report, "stderr", &list) || !tr_get_list(list, &iter) || iter.left == 0)
        return;
    put_title("Standard error, its end");
    while (tr_next(&iter, &each)) {
        if (iter.left >= SHOWN_LINES || !tr_get_binary(each, &line))
            continue;
        fputs("  ", stdout);
        crash_write(stdout, line.data, line.size_bytes);
        putchar('\n');
    }
}

/* ---------------------------------------------------------------- usage */

enum unit { UNIT_NUMBER, UNIT_BYTES, UNIT_US, UNIT_S };

static void write_amount(char buffer[CELL_BYTES], enum unit unit, uint64_t amount)
{
    if (unit == UNIT_BYTES)
        column_write_bytes(amount, buffer);
    else if (unit == UNIT_US || unit == UNIT_S)
        column_write_ms(unit == UNIT_S ? amount * 1000 : amount / 1000, false, buffer, CELL_BYTES);
    else
        snprintf(buffer, CELL_BYTES, "%" PRIu64, amount);
}

/* What was used, and beside it what was allowed. */
static void show_usage(tr_term report)
{
    static const struct {
        const char *name, *used, *limit;
        enum unit unit, limit_unit;
        uint64_t factor;
    } rows[] = {
        {"memory", "max_rss_kb", "memory", UNIT_BYTES, UNIT_BYTES, 1024},
        {"cpu, user", "user_us", "cpu", UNIT_US, UNIT_S, 1},
        {"cpu, system", "system_us", NULL, UNIT_US, UNIT_S, 1},
        {"page faults", "major_faults", NULL, UNIT_NUMBER, UNIT_NUMBER, 1},
        {"file size", NULL, "file_size", UNIT_BYTES, UNIT_BYTES, 1},
        {"open files", NULL, "open_files", UNIT_NUMBER, UNIT_NUMBER, 1},
        {"processes", NULL, "processes", UNIT_NUMBER, UNIT_NUMBER, 1},
    };
    char text[CELL_BYTES];
    tr_term usage, limits;
    bool has_usage = crash_find(report, "usage", &usage);
    bool has_limits = crash_find(report, "limits", &limits);
    if (!has_usage && !has_limits)
        return;
    put_title("Used, and allowed");
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(rows); i++) {
        uint64_t used = 0, limit = 0;
        bool is_used = has_usage && rows[i].used && crash_number(usage, rows[i].used, &used);
        bool is_limited =
            has_limits && rows[i].limit && crash_number(limits, rows[i].limit, &limit);
        if (!is_used && !is_limited)
            continue;
        write_amount(text, rows[i].unit, used * rows[i].factor);
        printf("  %-12s %8s", rows[i].name, is_used ? text : "");
        write_amount(text, rows[i].limit_unit, limit);
        printf("%s%s\n", is_limited ? "  of " : "", is_limited ? text : "");
    }
}

static void show_links(tr_term report)
{
    struct tr_iter iter;
    tr_term list, each;
    tr_bin pid;
    if (!crash_find(report, "links", &list) || !tr_get_list(list, &iter) || iter.left == 0)
        return;
    put_title("Linked with");
    fputs(" ", stdout);
    while (tr_next(&iter, &each)) {
        if (!tr_get_binary(each, &pid))
            continue;
        putchar(' ');
        crash_write(stdout, pid.data, pid.size_bytes);
    }
    putchar('\n');
}

void crash_show(const struct crash *crash)
{
    tr_term report = crash->report;
    show_headline(crash);
    putchar('\n');
    show_who(report);
    show_thread(report);
    show_when(report);
    show_reason(report);
    put_row("report", crash->id);
    crash_show_backtrace(report);
    show_messages(report, "in_hand", "In hand");
    show_messages(report, "last_in", "Taken before it, newest first");
    show_messages(report, "last_out", "Sent last, newest first");
    show_errors(report);
    show_usage(report);
    show_links(report);
    crash_show_advice(report);
}
