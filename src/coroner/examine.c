/* Examine: libdw is loaded when the first stack is to be read. */
#include "coroner/examine.h"

#include <stdlib.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "coroner/backtrace.h"

#define FRAMES_MAX 128

struct tri_examiner {
    int boxes_fd;
    uint32_t slots;
    struct tri_symbols *symbols;
    struct tri_box box;
    struct tri_crash crash;
    struct tri_frame frames[FRAMES_MAX];
    size_t maps_bytes;
    uint64_t since_s; /* when the process began */
    char maps[TRI_CRASH_MAPS_BYTES + 1];
    _Alignas(8) uint8_t sent[TRI_REPORT_MESSAGES][(TRI_SENT_BUFFER_BYTES + 7) & ~(size_t)7];
};

struct tri_examiner *tri_examiner_new(int boxes_fd, uint32_t slots)
{
    struct tri_examiner *examiner = calloc(1, sizeof *examiner);
    if (!examiner)
        return NULL;
    examiner->boxes_fd = boxes_fd;
    examiner->slots = slots;
    return examiner;
}

void tri_examiner_free(struct tri_examiner *examiner)
{
    if (examiner)
        tri_symbols_free(examiner->symbols);
    free(examiner);
}

/* The one that is in hand is the newest of those that were taken. */
static void take_messages_in(struct tri_examiner *examiner, struct tri_report *report)
{
    struct tri_kept taken[1 + TRI_REPORT_MESSAGES];
    size_t count = tri_box_taken(&examiner->box, taken, TRI_ARRAY_LENGTH(taken)), first = 0;
    if (count > 0 && atomic_load(&examiner->box.in_hand_size_bytes) > 0)
        report->in_hand = taken[first++];
    while (first < count && report->in_count < TRI_REPORT_MESSAGES)
        report->last_in[report->in_count++] = taken[first++];
}

/* A blob's bytes lie in a file that is its receiver's: only its size is told. */
static void take_messages_out(struct tri_examiner *examiner, uint32_t slot,
                              struct tri_report *report)
{
    for (unsigned age = 0; age < TRI_REPORT_MESSAGES; age++) {
        struct tri_kept *kept = &report->last_out[report->out_count];
        const struct tri_record *record = (const void *)examiner->sent[age];
        const struct tri_blob_name *blob = (const void *)(record + 1);
        if (!tri_box_read_sent(examiner->boxes_fd, examiner->slots, slot, &examiner->box, age,
                               examiner->sent[age], kept))
            continue;
        if (record->kind == TRI_RECORD_BLOB && kept->kept_bytes >= sizeof *blob) {
            kept->size_bytes =
                blob->size_bytes < UINT32_MAX ? (uint32_t)blob->size_bytes : UINT32_MAX;
            kept->kept_bytes = 0;
        }
        report->out_count++;
    }
}

static void load_symbols(struct tri_examiner *examiner)
{
    if (examiner->symbols)
        return;
    examiner->symbols = tri_symbols_new();
    if (examiner->symbols && !tri_symbols_has_libdw(examiner->symbols))
        tri_warn("libdw.so.1 is missing: what is told of crashes has neither functions nor lines");
}

static uint64_t number(tr_term facts, const char *name)
{
    tr_term value;
    uint64_t found;
    return tr_map_get_atom(facts, name, &value) && tr_get_unsigned(value, &found) ? found : 0;
}

/* Looks up one of the addresses. How many frames it makes. */
static size_t look_up(struct tri_examiner *examiner, size_t which, bool is_brief,
                      struct tri_frame *frames, size_t max)
{
    const struct tri_stack stack = {
        .maps = examiner->maps,
        .maps_bytes = examiner->maps_bytes,
        .since_s = examiner->since_s,
        .addresses = &examiner->crash.frames[which],
        .count = 1,
        .is_first_exact = which == 0,
        .is_brief = is_brief,
    };
    return tri_symbols_resolve(examiner->symbols, &stack, frames, max);
}

/* Says where it was by looking into the user's own files only, which takes a fraction of what the C library's take. False when
 * there is nothing of the user's own. */
static bool find_own(struct tri_examiner *examiner, struct tri_report *report)
{
    for (size_t i = 0; i < examiner->crash.frame_count; i++) {
        look_up(examiner, i, true, examiner->frames, 1);
        if (tri_module_is_machinery(examiner->frames[0].module))
            continue;
        report->frame_count = look_up(examiner, i, false, examiner->frames, FRAMES_MAX);
        if (tri_backtrace_mark(examiner->frames, report->frame_count) > 0)
            return true;
        if (tri_backtrace_bottom(examiner->frames, report->frame_count) < report->frame_count)
            return false;
    }
    return false;
}

/* The whole stack; what lies beneath the actor is told in brief. */
static void look_up_all(struct tri_examiner *examiner, struct tri_report *report)
{
    size_t count = 0;
    bool is_brief = false;
    for (size_t i = 0; i < examiner->crash.frame_count && count < FRAMES_MAX; i++) {
        count += look_up(examiner, i, is_brief, examiner->frames + count, FRAMES_MAX - count);
        is_brief = tri_backtrace_bottom(examiner->frames, count) < count;
    }
    tri_backtrace_mark(examiner->frames, count);
    report->frame_count = count;
}

void tri_examine(struct tri_examiner *examiner, uint64_t pid, tr_term facts,
                 struct tri_report *ret_report)
{
    uint32_t slot = tr_pid_slot((tr_pid){pid});
    struct tri_report *report = ret_report;
    *report = (struct tri_report){.facts = facts, .time_ns = number(facts, "ended_ns")};
    if (report->time_ns == 0)
        report->time_ns = tri_clock_wall_ns();
    if (examiner->boxes_fd < 0 || slot >= examiner->slots)
        return;
    if (tri_box_read(examiner->boxes_fd, examiner->slots, slot, &examiner->box) == 0 &&
        examiner->box.pid == pid) {
        take_messages_in(examiner, report);
        take_messages_out(examiner, slot, report);
    }
    if (tri_crash_read(examiner->boxes_fd, examiner->slots, pid, &examiner->crash))
        return;
    report->crash = &examiner->crash;
    if (!tri_crash_has_frames(&examiner->crash))
        return;
    examiner->maps_bytes =
        tri_crash_read_maps(examiner->boxes_fd, examiner->slots, &examiner->crash, examiner->maps);
    examiner->since_s = number(facts, "started_ns") / TRI_NS_PER_S;
    load_symbols(examiner);
    if (!examiner->symbols)
        return;
    report->frames = examiner->frames;
    if (!find_own(examiner, report))
        look_up_all(examiner, report);
}

void tri_examine_rest(struct tri_examiner *examiner, struct tri_report *report)
{
    if (report->frame_count > 0)
        look_up_all(examiner, report);
}
