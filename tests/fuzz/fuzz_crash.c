/* Any bytes as what a crash leaves: the record in a window, the text of the maps, the node's facts, the text of a report. The
 * first byte says which. Nothing of it is believed further than it makes sense, and what is told can be told again. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "coroner/core.h"
#include "coroner/maps.h"
#include "coroner/report.h"
#include "coroner/symbols.h"
#include "fuzz.h"

const unsigned fuzz_variations = 40000;

enum { SLOTS = 2 };

static int boxes_fd(void)
{
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("boxes", 0);
        CLAIM(fd >= 0 && ftruncate(fd, (off_t)(SLOTS * tri_box_window_bytes(SLOTS))) == 0);
    }
    return fd;
}

static void check_maps(const char *text, size_t size)
{
    for (uint64_t address = 0x10; address < 0x800000000000; address *= 2) {
        struct tri_mapping mapping;
        if (!tri_maps_find(text, size, address, &mapping))
            continue;
        CLAIM(address >= mapping.start && address < mapping.end);
        CLAIM(mapping.path >= text && mapping.path + mapping.path_length < text + size);
    }
}

/* As a whole report: its text is read again as the same term. */
static void check_report(const struct tri_report *report)
{
    struct tr_out out = {0}, again = {0};
    tri_report_put(&out, report);
    CLAIM(out.fault == 0);
    tr_term term;
    CLAIM(tr_check(out.data, out.size_bytes, NULL, &term) == 0);
    TRI_AUTO(tri_freep) char *text = tri_report_text(term);
    CLAIM(text && tri_report_parse(text, &again) == 0);
    tr_out_reset(&out);
    tri_report_put_answer(&out, report);
    CLAIM(tr_check(out.data, out.size_bytes, NULL, &term) == 0);
    tr_out_deinit(&out);
    tr_out_deinit(&again);
}

static void check_facts(const uint8_t *data, size_t size)
{
    struct tri_frame frame = {.function = "f", .module = "/m", .is_own = true};
    struct tri_report report = {.id = "id", .frames = &frame, .frame_count = 1};
    report.in_hand = (struct tri_kept){
        .size_bytes = (uint32_t)size, .kept_bytes = (uint32_t)size, .bytes = data};
    report.errors = (tr_bin){data, size};
    if (tr_check(data, size, NULL, &report.facts) == 0)
        check_report(&report);
}

static void check_text(const char *text)
{
    struct tr_out out = {0};
    if (tri_report_parse(text, &out) == 0) {
        TRI_AUTO(tri_freep) char *again = tri_report_text(tr_out_term(&out));
        CLAIM(again);
        tr_out_reset(&out);
        CLAIM(tri_report_parse(again, &out) == 0);
    }
    tr_out_deinit(&out);
}

static void check_record(const uint8_t *data, size_t size)
{
    static char maps[TRI_CRASH_MAPS_BYTES + 1];
    struct tri_crash crash = {.magic = TRI_CRASH_MAGIC, .version = TRI_CRASH_VERSION, .pid = 1};
    size_t head = offsetof(struct tri_crash, cause);
    memcpy((uint8_t *)&crash + head, data, size < sizeof crash - head ? size : sizeof crash - head);
    off_t at = tri_box_crash_offset(SLOTS, 1);
    CLAIM(pwrite(boxes_fd(), &crash, sizeof crash, at) == sizeof crash);
    if (tri_crash_read(boxes_fd(), SLOTS, crash.pid, &crash))
        return;
    CLAIM(crash.frame_count <= TRI_CRASH_FRAMES && crash.maps_bytes <= TRI_CRASH_MAPS_BYTES);
    CLAIM(tri_crash_read_maps(boxes_fd(), SLOTS, &crash, maps) <= crash.maps_bytes);
}

static void check_pattern(const char *text)
{
    const struct tri_core core = {.executable = "/bin/x", .thread_name = "x"};
    char path[TRI_CORE_PATH_BYTES];
    if (tri_core_spell(text, text[0] == 'c', &core, path))
        CLAIM(strlen(path) < sizeof path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[4097];
    if (size == 0 || size > sizeof text - 1)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0] % 5) {
    case 0:
        check_maps(text, size - 1);
        break;
    case 1:
        check_facts(data + 1, size - 1);
        break;
    case 2:
        check_text(text);
        break;
    case 3:
        check_record(data + 1, size - 1);
        break;
    default:
        check_pattern(text);
    }
    return 0;
}
