/* Thumbs: thumbnails of all pictures of a folder, by a pool of workers in which libraries, and a decoder of 1991, may do what they
 * like.
 *
 *     ./thumbs bad FOLDER              puts pictures there that are bad on purpose
 *     ./thumbs FOLDER THUMBS           makes THUMBS/NAME.png of each file in FOLDER
 *
 * A bad picture costs itself, and is told with its reason; every good one is done exactly once. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troupe.h>
#include <unistd.h>

#include "picture.h"

enum {
    PICTURES_MAX = 10000,
    THUMB_PIXELS = 128,
    HANG_MS = 4000,
    DEADLINE_MS = 120000, /* by the clock, also where the machine has much else to do */
    MEMORY_BYTES = 256 << 20
};

/* ---------------------------------------------------------------- what a worker does */

/* False: no file has so long a path. */
static bool copy(tr_bin bin, char path[4096])
{
    return snprintf(path, 4096, "%.*s", (int)bin.size_bytes, (const char *)bin.data) < 4096;
}

/* The whole thumbnail appears at once, and a second one of the same picture would be noticed. */
static const char *publish(const struct picture *thumb, const char *path)
{
    char draft[4200];
    snprintf(draft, sizeof draft, "%s.%d", path, (int)getpid());
    if (picture_write(thumb, draft))
        return "the thumbnail cannot be written";
    int r = link(draft, path);
    unlink(draft);
    return r ? "it has a thumbnail already" : NULL;
}

TR_WORKER(thumbnail)
{
    tr_bin from_bin, to_bin;
    char from[4096], to[4096], text[200] = "";
    struct picture picture, thumb;
    if (tr_match(job, "{From, To}", &from_bin, &to_bin) != 0)
        tr_exit("{badarg, Job}", job);
    if (!copy(from_bin, from) || !copy(to_bin, to)) {
        tr_put(result, "{bad, Why}", "its path, or its thumbnail's, is too long");
        return;
    }
    if (picture_read(&picture, from, text)) {
        tr_put(result, "{bad, Why}", (const char *)text);
        return;
    }
    picture_shrink(&picture, THUMB_PIXELS, &thumb);
    const char *why = publish(&thumb, to);
    if (why)
        tr_put(result, "{bad, Why}", why);
    else
        tr_put(result, "{done, Width, Height}", picture.width, picture.height);
    picture_free(&thumb);
    picture_free(&picture);
}

/* ---------------------------------------------------------------- who asks for it */

struct order {
    struct tr_request request;
    char name[256];
    bool is_done;
    char why[1000];
};

static struct order *orders;
static size_t order_count;

static void take_orders(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0)
        tr_exit("{cannot_open, Folder}", folder);
    if (count > PICTURES_MAX)
        tr_exit("{more_than, N, pictures}", (long)PICTURES_MAX);
    orders = calloc((size_t)count + 1, sizeof *orders);
    if (!orders)
        tr_exit("no_memory");
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.')
            snprintf(orders[order_count++].name, sizeof orders->name, "%s", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

/* Workers may write into THUMBS, and read what is there; a bad picture kills two of them at most. */
static tr_pid start_pool(const char *thumbs)
{
    const char *const writable[] = {thumbs, NULL};
    const struct tr_resource_limits limits = {.memory_bytes = MEMORY_BYTES};
    const struct tr_pool_options options = {
        .worker = TR_CHILD("thumbnail", .limits = &limits, .sandbox = TR_SANDBOX_LIGHT,
                           .hang_ms = HANG_MS, .writable = writable),
        .delivery = TR_AT_LEAST_ONCE,
        .deadline_ms = DEADLINE_MS,
        .quarantine_after = 2,
        .max_queue = PICTURES_MAX,
    };
    tr_pid pool;
    if (tr_pool_start_link(&pool, NULL, &options) != 0)
        tr_exit("no_pool");
    return pool;
}

/* What it was, where it struck, and which report tells more; a reason that says no more than itself as it is. */
static void explain(tr_term reason, char *text, size_t text_bytes)
{
    char name[64];
    const char *limit = tr_match(reason, "{limit, _, _}") == 0 ? " limit" : "";
    tr_bin id, at, report;
    tr_term what, info, inner;
    if (tr_match(reason, "{quarantined, Id, Reason}", &id, &inner) == 0) {
        explain(inner, text, text_bytes);
        size_t length = strlen(text);
        snprintf(text + length, text_bytes - length, "; set aside as %.*s", (int)id.size_bytes,
                 (const char *)id.data);
        return;
    }
    bool is_told = tr_match(reason, "{_, Name, Info}", &what, &info) == 0 ||
                   tr_match(reason, "{Name, Info}", &what, &info) == 0;
    if (!is_told || tr_match(info, "#{at => At, report => Report}", &at, &report) != 0) {
        tr_print(reason, text, text_bytes);
        return;
    }
    tr_print(what, name, sizeof name);
    snprintf(text, text_bytes, "%s%s at %.*s; troupe crashes show %.*s", name, limit,
             (int)at.size_bytes, (const char *)at.data, (int)report.size_bytes,
             (const char *)report.data);
}

static void note(struct order *order, tr_term result)
{
    tr_bin bad;
    tr_term why;
    if (tr_match(result, "{ok, {done, _, _}, _}") == 0)
        order->is_done = true;
    else if (tr_match(result, "{ok, {bad, Why}, _}", &bad) == 0)
        snprintf(order->why, sizeof order->why, "%.*s", (int)bad.size_bytes,
                 (const char *)bad.data);
    else if (tr_match(result, "{error, Reason, _}", &why) == 0)
        explain(why, order->why, sizeof order->why);
}

static void submit(tr_pid pool, const char *folder, const char *thumbs, struct order *order)
{
    char from[4400], to[4400];
    snprintf(from, sizeof from, "%s/%s", folder, order->name);
    snprintf(to, sizeof to, "%s/%s.png", thumbs, order->name);
    if (tr_pool_submit(pool, &order->request, NULL, "{From, To}", (const char *)from,
                       (const char *)to) != 0)
        tr_exit("no_pool");
}

/* Who has named a file may have meant the terminal. */
static char *show_name(const char *name, char text[4 * sizeof orders->name])
{
    char *end = text;
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f || *at == '\\')
            end += sprintf(end, "\\x%02x", *at);
        else
            *end++ = *at;
    *end = '\0';
    return text;
}

static void tell(const struct tr_pool_statistics *statistics)
{
    char name[4 * sizeof orders->name];
    size_t done = 0;
    for (size_t i = 0; i < order_count; i++) {
        done += orders[i].is_done;
        if (!orders[i].is_done)
            printf("%-20s %s\n", show_name(orders[i].name, name), orders[i].why);
    }
    printf("%zu pictures: %zu done, %zu not; %llu workers died of them\n", order_count, done,
           order_count - done, (unsigned long long)statistics->deaths);
}

TR_ACTOR(main)
{
    char folder[4096], thumbs[4096];
    tr_bin folder_bin, thumbs_bin;
    TR_REPLY reply = {0};
    struct tr_pool_statistics statistics;
    if (tr_match(argument, "[Folder, Thumbs]", &folder_bin, &thumbs_bin) != 0)
        tr_exit("{usage, \"thumbs FOLDER THUMBS\"}");
    if (!copy(folder_bin, folder) || !copy(thumbs_bin, thumbs))
        tr_exit("path_too_long");
    take_orders(folder);
    tr_pid pool = start_pool(thumbs);
    for (size_t i = 0; i < order_count; i++)
        submit(pool, folder, thumbs, &orders[i]);
    for (size_t i = 0; i < order_count; i++)
        if (tr_wait_response(&orders[i].request, -1, &reply) == 0)
            note(&orders[i], reply.term);
    if (tr_pool_statistics(pool, &statistics) == 0)
        tell(&statistics);
    tr_pool_stop(pool, 5000);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "bad") == 0)
        return make_bad_pictures(argv[2]) ? 1 : 0;
    return tr_main(argc, argv);
}
