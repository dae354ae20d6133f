/* Report: the node's facts, the crash record and what was found out, in the order in which a person would ask. */
#include "coroner/report.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "coroner/backtrace.h"
#include "coroner/core.h"
#include "coroner/readable.h"
#include "term/out.h"
#include "term/pairs.h"
#include "wire/death.h"

#define LINKS_MAX 100

/* ---------------------------------------------------------------- small things */

static bool fact(const struct tri_report *report, const char *name, tr_term *ret_value)
{
    return tr_map_get_atom(report->facts, name, ret_value) && !tr_is_atom(*ret_value, "undefined");
}

static uint64_t fact_number(const struct tri_report *report, const char *name)
{
    tr_term value;
    uint64_t number;
    return fact(report, name, &value) && tr_get_unsigned(value, &number) ? number : 0;
}

static void put_fact(struct tri_pairs *pairs, const struct tri_report *report, const char *name)
{
    tr_term value;
    if (fact(report, name, &value))
        tri_put_readable(tri_pairs_key(pairs, name), value);
}

static void put_pid_text(struct tr_out *out, uint64_t id)
{
    char text[TR_PID_TEXT_BYTES];
    tr_put_text(out, tr_pid_text((tr_pid){id}, text));
}

static void put_time(struct tri_pairs *pairs, const char *name, uint64_t time_ns)
{
    char text[48], whole[64];
    time_t seconds = (time_t)(time_ns / TRI_NS_PER_S);
    struct tm utc;
    if (time_ns == 0 || !gmtime_r(&seconds, &utc) ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc) == 0)
        return;
    snprintf(whole, sizeof whole, "%s.%03uZ", text,
             (unsigned)(time_ns % TRI_NS_PER_S / TRI_NS_PER_MS));
    tr_put_text(tri_pairs_key(pairs, name), whole);
}

/* ---------------------------------------------------------------- messages */

/* What the box has all bytes of, and what is a term, is put as one. */
static void put_message(struct tr_out *out, const struct tri_kept *kept, const char *direction)
{
    struct tri_pairs pairs = {.count = 0};
    tr_term term;
    if (kept->peer)
        put_pid_text(tri_pairs_key(&pairs, direction), kept->peer);
    tr_put_unsigned(tri_pairs_key(&pairs, "size"), kept->size_bytes);
    if (kept->kept_bytes == kept->size_bytes &&
        tr_check(kept->bytes, kept->size_bytes, NULL, &term) == 0)
        tri_put_readable(tri_pairs_key(&pairs, "term"), term);
    else if (kept->kept_bytes > 0)
        tr_put_binary(tri_pairs_key(&pairs, "bytes"), kept->bytes,
                      kept->kept_bytes < TRI_TAKEN_BYTES ? kept->kept_bytes : TRI_TAKEN_BYTES);
    tri_pairs_put(out, &pairs);
}

static void put_messages(struct tri_pairs *pairs, const char *name, const char *direction,
                         const struct tri_kept *kept, size_t count)
{
    if (count == 0)
        return;
    struct tr_out *out = tri_pairs_key(pairs, name);
    tr_put_list_of(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        put_message(out, &kept[i], direction);
    tr_put_nil(out);
}

static void put_errors(struct tri_pairs *pairs, tr_bin errors)
{
    struct tr_out lines = {0};
    uint32_t count = 0;
    const char *at = errors.data, *end = errors.size_bytes ? at + errors.size_bytes : at;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        tr_put_binary(&lines, at, (size_t)((stop ? stop : end) - at));
        at = stop ? stop + 1 : end;
        count++;
    }
    if (count == 0)
        return;
    struct tr_out *out = tri_pairs_key(pairs, "stderr");
    tr_put_list_of(out, count);
    tri_out_move(out, &lines);
    tr_put_nil(out);
}

/* ---------------------------------------------------------------- where and how */

/* In the order of the crash record: the kernel's gregs of x86-64; x0 … x30, sp and pc of AArch64. */
static const char *register_name(unsigned machine, unsigned place, char buffer[8])
{
    static const char *const names[] = {"r8",  "r9",  "r10", "r11", "r12", "r13",
                                        "r14", "r15", "rdi", "rsi", "rbp", "rbx",
                                        "rdx", "rax", "rcx", "rsp", "rip", "eflags"};
    if (machine == EM_X86_64)
        return place < TRI_ARRAY_LENGTH(names) ? names[place] : NULL;
    if (machine != EM_AARCH64 || place > 32)
        return NULL;
    snprintf(buffer, 8, "x%u", place);
    return place == 32 ? "pc" : place == 31 ? "sp" : buffer;
}

static void put_registers(struct tri_pairs *pairs, const struct tri_crash *crash)
{
    struct tri_pairs registers = {.count = 0};
    char buffer[8];
    for (unsigned i = 0; i < crash->register_count; i++) {
        const char *name = register_name(crash->machine, i, buffer);
        if (name)
            tr_put_unsigned(tri_pairs_key(&registers, name), crash->registers[i]);
    }
    if (registers.count > 0)
        tri_pairs_put(tri_pairs_key(pairs, "registers"), &registers);
}

static void put_thread(struct tri_pairs *pairs, const struct tri_crash *crash)
{
    struct tri_pairs thread = {.count = 0};
    if (crash->thread_id == crash->os_pid)
        return;
    tr_put_integer(tri_pairs_key(&thread, "id"), crash->thread_id);
    tr_put_text(tri_pairs_key(&thread, "name"), crash->thread_name);
    tri_pairs_put(tri_pairs_key(pairs, "thread"), &thread);
}

static void put_crash(struct tri_pairs *pairs, const struct tri_report *report)
{
    char at[TRI_AT_BYTES];
    if (tri_backtrace_at(report->frames, report->frame_count, at))
        tr_put_text(tri_pairs_key(pairs, "at"), at);
    if (report->frame_count > 0)
        tri_backtrace_put(tri_pairs_key(pairs, "backtrace"), report->frames, report->frame_count);
    if (!report->crash)
        return;
    put_thread(pairs, report->crash);
    put_registers(pairs, report->crash);
}

static void put_core(struct tri_pairs *pairs, const struct tri_report *report)
{
    char path[TRI_CORE_PATH_BYTES], executable[1024] = "";
    tr_term image;
    tr_bin bin;
    if (fact_number(report, "code") != CLD_DUMPED)
        return;
    if (fact(report, "image", &image) && tr_get_binary(image, &bin))
        snprintf(executable, sizeof executable, "%.*s", (int)bin.size_bytes,
                 (const char *)bin.data);
    int os_pid = (int)fact_number(report, "os_pid");
    const struct tri_core core = {
        .os_pid = os_pid,
        .thread_id = report->crash ? report->crash->thread_id : os_pid,
        .signal = (int)fact_number(report, "status"),
        .time_s = report->time_ns / TRI_NS_PER_S,
        .executable = executable,
        .thread_name = report->crash ? report->crash->thread_name : "",
    };
    if (tri_core_find(&core, path))
        tr_put_text(tri_pairs_key(pairs, "core"), path);
    else if (path[0])
        tr_put_text(tri_pairs_key(pairs, "core_handler"), path);
}

/* ---------------------------------------------------------------- the whole */

/* Links can be many thousands. */
static void put_links(struct tri_pairs *pairs, const struct tri_report *report)
{
    struct tr_out list = {0};
    struct tr_iter iter;
    tr_term links, each;
    tr_pid pid;
    uint32_t count = 0;
    if (!fact(report, "links", &links) || !tr_get_list(links, &iter))
        return;
    while (count < LINKS_MAX && tr_next(&iter, &each))
        if (tr_get_pid(each, &pid)) {
            put_pid_text(&list, pid.id);
            count++;
        }
    struct tr_out *out = tri_pairs_key(pairs, "links");
    tr_put_list_of(out, count);
    tri_out_move(out, &list);
    tr_put_nil(out);
}

static void put_who(struct tri_pairs *pairs, const struct tri_report *report)
{
    static const char *const names[] = {"node",  "pid",  "os_pid", "parent",
                                        "entry", "name", "image"};
    if (report->id)
        tr_put_text(tri_pairs_key(pairs, "id"), report->id);
    put_time(pairs, "time", report->time_ns);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(names); i++)
        put_fact(pairs, report, names[i]);
    put_time(pairs, "started", fact_number(report, "started_ns"));
    put_time(pairs, "ended", fact_number(report, "ended_ns"));
}

void tri_report_put(struct tr_out *out, const struct tri_report *report)
{
    static const char *const first[] = {"reason", "code", "status"};
    static const char *const last[] = {"usage", "limits", "restarts", "last_exit"};
    struct tri_pairs pairs = {.count = 0};
    put_who(&pairs, report);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(first); i++)
        put_fact(&pairs, report, first[i]);
    put_crash(&pairs, report);
    put_core(&pairs, report);
    if (report->in_hand.bytes)
        put_message(tri_pairs_key(&pairs, "in_hand"), &report->in_hand, "from");
    put_messages(&pairs, "last_in", "from", report->last_in, report->in_count);
    put_messages(&pairs, "last_out", "to", report->last_out, report->out_count);
    put_errors(&pairs, report->errors);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(last); i++)
        put_fact(&pairs, report, last[i]);
    put_links(&pairs, report);
    tri_pairs_put(out, &pairs);
}

/* ---------------------------------------------------------------- the answer */

/* The reason, to whose Info is added where it was, and the report's name. */
static void put_reason(struct tr_out *out, const struct tri_report *report, tr_term reason)
{
    char at[TRI_AT_BYTES];
    tr_term given;
    bool is_given = tr_map_get_atom(report->facts, "is_given", &given) && tr_is_atom(given, "true");
    bool has_place = !is_given && tri_backtrace_at(report->frames, report->frame_count, at);
    tri_death_put_known(out, reason, has_place ? at : NULL, is_given ? NULL : report->id);
}

void tri_report_put_answer(struct tr_out *out, const struct tri_report *report)
{
    tr_term reason;
    tr_put_tuple_of(out, 2);
    if (tr_map_get_atom(report->facts, "reason", &reason))
        put_reason(out, report, reason);
    else
        tr_put_atom(out, "undefined");
    if (report->id)
        tr_put_text(out, report->id);
    else
        tr_put_atom(out, "undefined");
}

/* ---------------------------------------------------------------- text */

/* One key a line. False when something could not be written. */
static bool write_text(FILE *stream, struct tr_iter *iter)
{
    tr_term name, value;
    const char *before = "#{";
    bool is_whole = iter->left > 0 || fputs("#{", stream) >= 0;
    while (is_whole && tr_next(iter, &name) && tr_next(iter, &value)) {
        TRI_AUTO(tri_freep) char *name_text = tr_print_new(name);
        TRI_AUTO(tri_freep) char *value_text = tr_print_new(value);
        is_whole = name_text && value_text &&
                   fprintf(stream, "%s%s => %s", before, name_text, value_text) > 0;
        before = ",\n  ";
    }
    return is_whole && fputs("}.\n", stream) >= 0;
}

char *tri_report_text(tr_term report)
{
    struct tr_iter iter;
    char *text = NULL;
    size_t size_bytes;
    if (!tr_get_map(report, &iter))
        return NULL;
    FILE *stream = open_memstream(&text, &size_bytes);
    bool is_whole = stream && write_text(stream, &iter);
    if (stream && fclose(stream) == 0 && is_whole)
        return text;
    free(text);
    return NULL;
}

int tri_report_parse(const char *text, struct tr_out *out)
{
    struct tr_out parsed = {0};
    int r = tr_parse(text, &parsed, NULL, NULL);
    if (r == 0 && tr_kind_of(tr_out_term(&parsed)) == TR_KIND_MAP)
        tr_put_term(out, tr_out_term(&parsed));
    else if (r != -ENOMEM)
        r = TR_MALFORMED;
    tr_out_deinit(&parsed);
    return r ? r : out->fault;
}
