/* crashes show, its end: the commands that lead further, with the right names in them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crashes.h"
#include "say.h"

/* What of the user's own frames could not be told. */
struct lack {
    bool has_own, lacks_lines, is_replaced;
    char module[512];
    uint64_t offset;
};

static struct lack find_lack(tr_term report)
{
    struct lack lack = {.has_own = false};
    struct tr_iter iter;
    tr_term list, frame;
    uint64_t line;
    if (!crash_find(report, "backtrace", &list) || !tr_get_list(list, &iter))
        return lack;
    while (tr_next(&iter, &frame)) {
        if (!crash_is_true(frame, "own"))
            continue;
        lack.has_own = true;
        lack.is_replaced |= crash_is_true(frame, "replaced");
        if (lack.lacks_lines || crash_number(frame, "line", &line))
            continue;
        lack.lacks_lines = true;
        crash_text(frame, "module", lack.module, sizeof lack.module);
        crash_number(frame, "offset", &lack.offset);
    }
    return lack;
}

static void advise_on_core(tr_term report)
{
    char core[1100], handler[1100], image[512];
    uint64_t os_pid = 0, code = 0;
    crash_text(report, "image", image, sizeof image);
    crash_number(report, "os_pid", &os_pid);
    if (crash_text(report, "core", core, sizeof core)[0])
        printf("  gdb %s %s\n", image, core);
    else if (strstr(crash_text(report, "core_handler", handler, sizeof handler),
                    "systemd-coredump"))
        printf("  coredumpctl debug %" PRIu64 "\n", os_pid);
    else if (handler[0])
        printf("  its core went to %s\n", handler + 1);
    else if (crash_number(report, "code", &code) &&
             code == 2) /* CLD_KILLED: by a signal, no core */
        printf(
            "  no core file was written; ulimit -c unlimited before the node starts lets it be\n");
}

void crash_show_advice(tr_term report)
{
    char reason[256];
    struct lack lack = find_lack(report);
    printf(may_colour() ? "\n\033[1mWhat next\033[0m\n" : "\nWhat next\n");
    advise_on_core(report);
    if (lack.is_replaced)
        printf("  the program was built anew since it started: its lines can be told only of a "
               "crash of "
               "the new one\n");
    else if (lack.lacks_lines) {
        printf("  addr2line -fie %s 0x%" PRIx64 "\n", lack.module, lack.offset);
        printf("  for lines in the next report compile with -g, or install the debugging symbols; "
               "troupe doctor tells whether libdw is there\n");
    }
    crash_why(report, reason, sizeof reason);
    if (strncmp(reason, "limit ", strlen("limit ")) == 0)
        printf("  it met a limit that its spawner had set: see \"Used, and allowed\"\n");
    printf("  troupe crashes show --json tells the registers and whole addresses, too\n");
}
