/* crashes show, the backtrace: a person looks for the line of their own code; what belongs to libraries stands back. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/fd.h"
#include "crashes.h"
#include "say.h"

/* Lines of source around where it happened, and how large a file is looked at. */
#define AROUND 2
/* What TR_ACTOR puts before the name of an actor's function. */
#define ACTOR_PREFIX "tr_actor_"
#define SOURCE_BYTES ((off_t)16 << 20)

struct style {
    const char *own, *other, *mark, *end;
};

static struct style style(void)
{
    return may_colour() ? (struct style){"\033[1m", "\033[2m", "\033[31m", "\033[0m"}
                        : (struct style){"", "", "", ""};
}

/* ---------------------------------------------------------------- source */

/* A regular file as text that the caller frees, or NULL. A path in a report is believed in nothing. */
static char *read_source(const char *path, uint64_t since_s)
{
    struct stat st;
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > SOURCE_BYTES ||
        (uint64_t)st.st_mtime > since_s)
        return NULL;
    char *text = malloc((size_t)st.st_size + 1);
    ssize_t n = text ? tri_fd_read_at(fd, text, (size_t)st.st_size, 0) : -1;
    if (n >= 0)
        text[n] = '\0';
    else
        free(TRI_TAKE(text));
    return text;
}

bool crash_show_source(const char *path, uint64_t line, unsigned around, uint64_t since_s)
{
    TRI_AUTO(tri_freep) char *text = *path == '/' ? read_source(path, since_s) : NULL;
    const struct style with = style();
    bool is_shown = false;
    uint64_t number = 1;
    for (const char *at = text; at && *at && number <= line + around; number++) {
        size_t length = strcspn(at, "\n");
        bool is_it = number == line;
        if (number + around >= line) {
            printf("    %s%s%6" PRIu64 "  ", is_it ? with.mark : with.other, is_it ? ">" : " ",
                   number);
            crash_write(stdout, at, length);
            printf("%s\n", with.end);
            is_shown = true;
        }
        at += length + (at[length] == '\n');
    }
    return is_shown;
}

/* ---------------------------------------------------------------- frames */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* "legacy.c:88", else the module and the offset in it, else the address. */
static void write_place(tr_term frame, char *to, size_t size_bytes)
{
    char file[512], module[512];
    uint64_t line = 0, offset = 0, address = 0;
    crash_text(frame, "file", file, sizeof file);
    crash_text(frame, "module", module, sizeof module);
    crash_number(frame, "line", &line);
    crash_number(frame, "offset", &offset);
    crash_number(frame, "address", &address);
    if (file[0] && line > 0)
        snprintf(to, size_bytes, "%s:%" PRIu64, base_name(file), line);
    else if (module[0])
        snprintf(to, size_bytes, "%s+0x%" PRIx64, base_name(module), offset);
    else
        snprintf(to, size_bytes, "0x%" PRIx64, address);
}

static void put_frame(tr_term frame, unsigned number, const struct style *with)
{
    char function[256], place[640];
    bool is_own = crash_is_true(frame, "own");
    crash_text(frame, "function", function, sizeof function);
    bool is_actor = strncmp(function, ACTOR_PREFIX, strlen(ACTOR_PREFIX)) == 0;
    const char *name = is_actor ? function + strlen(ACTOR_PREFIX) : function;
    write_place(frame, place, sizeof place);
    printf("%s%s%3u  %-32s %s%s%s%s\n", is_own ? with->own : with->other, is_own ? "*" : " ",
           number, name[0] ? name : "?", place, crash_is_true(frame, "inlined") ? " (inlined)" : "",
           crash_is_true(frame, "replaced") ? " (its file was replaced since)" : "", with->end);
}

/* How many frames there are down to the last one of the user's own: what lies beneath is the same in every report. */
static size_t interesting(struct tr_iter iter)
{
    tr_term each;
    size_t count = 0, last = 0;
    while (tr_next(&iter, &each))
        if (++count && crash_is_true(each, "own"))
            last = count;
    return last > 0 ? last : count;
}

void crash_show_backtrace(tr_term report)
{
    const struct style with = style();
    struct tr_iter iter;
    tr_term list, frame;
    bool has_source = false;
    if (!crash_find(report, "backtrace", &list) || !tr_get_list(list, &iter) || iter.left == 0)
        return;
    printf("\n%sWhere it was%s\n", with.own, with.end);
    size_t shown = interesting(iter);
    for (unsigned number = 0; number < shown && tr_next(&iter, &frame); number++) {
        char file[512];
        uint64_t line = 0;
        put_frame(frame, number, &with);
        if (!crash_is_true(frame, "own") || !crash_number(frame, "line", &line))
            continue;
        crash_text(frame, "file", file, sizeof file);
        has_source |= crash_show_source(file, line, has_source ? 0 : AROUND, crash_time_s(report));
    }
    if (iter.left > 0)
        printf("%s       %zu more beneath%s\n", with.other, iter.left, with.end);
}
