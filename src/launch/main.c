/* Main: the two lives of an actor binary. Started by a user it launches a node; executed by that node it is a template,
 * from which its actors are forked. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/panic.h"
#include "base/signals.h"
#include "base/title.h"
#include "behaviour/pool.h"
#include "behaviour/program.h"
#include "behaviour/replay.h"
#include "behaviour/supervisor.h"
#include "launch/launch.h"
#include "node/fork.h"
#include "node/template.h"
#include "process/entries.h"
#include "process/process.h"
#include "wire/control.h"

/* Entries that every actor binary has. */
static const struct tr_entry own_entries[] = {
    {TR_PROGRAM_ENTRY, tri_program_run, TR_KIND_PROGRAM},
    {TR_POOL_ENTRY, tri_pool_of_term, TR_KIND_SERVER},
    {TRI_REPLAY_ENTRY, tri_replay_of_term, TR_KIND_ACTOR},
    {TR_SUPERVISOR_ENTRY, tri_supervisor_of_term, TR_KIND_SUPERVISOR},
    {NULL, NULL, 0}};

/* The names of the entries that can be spawned, each ended by NUL. The number of bytes. */
static size_t gather_names(const struct tr_entry *const *begin, const struct tr_entry *const *end,
                           char *names, size_t size_bytes)
{
    size_t used = 0;
    for (const struct tr_entry *const *at = begin; at < end; at++) {
        if (!*at || (*at)->name[0] == TRI_FUNCTION_MARK)
            continue;
        size_t length = strlen((*at)->name) + 1;
        if (used + length > size_bytes)
            tri_panic("this binary has too many actors: their names take more than %zu bytes",
                      size_bytes);
        memcpy(names + used, (*at)->name, length);
        used += length;
    }
    return used;
}

TR_NORETURN static void be_template(int channel_fd, const struct tr_entry *const *begin,
                                    const struct tr_entry *const *end)
{
    static char names[TRI_CONTROL_NAME_BYTES];
    unsetenv(TRI_TEMPLATE_VARIABLE);
    const char *bind = getenv(TRI_BIND_VARIABLE);
    if (bind && strcmp(bind, TRI_BIND_VALUE) == 0)
        unsetenv(TRI_BIND_VARIABLE);
    size_t bytes = gather_names(begin, end, names, sizeof names);
    tri_signals_default();
    tri_process_prepare();
    tri_template_run(channel_fd, names, bytes, tri_process_live);
}

int tri_main(int argc, char **argv, const struct tr_entry *const *begin,
             const struct tr_entry *const *end)
{
    char path[PATH_MAX];
    struct tri_launch_options options = {.binary = path};
    tri_fd_fill_standard(false);
    tri_title_init(argc, argv);
    if (tri_entries_set(begin, end))
        tri_panic("out of memory");
    tri_entries_set_own(own_entries);
    const char *channel = getenv(TRI_TEMPLATE_VARIABLE);
    if (channel)
        be_template(atoi(channel), begin, end);
    const char *replay = getenv(TRI_REPLAY_VARIABLE);
    if (replay)
        return tri_replay_here(replay);

    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length < 0)
        tri_panic("cannot tell which binary this is: /proc is not mounted");
    path[length] = '\0';
    bool has_entry = argc > 1 && argv[1][0] == ':';
    options.entry = has_entry ? argv[1] + 1 : NULL;
    options.argument_count = argc - 1 - has_entry;
    options.arguments = argv + 1 + has_entry;
    if (options.argument_count < 0)
        options.argument_count = 0;
    return tri_launch(&options);
}
