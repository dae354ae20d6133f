/* blobs: actors that send each other large bodies, each case a root of its own: `blobs CASE`. The reader receives frames
 * {frame, From, N, Binary}, looks at every byte, and answers {seen, N, Size}.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "support/arguments.h"
#include "support/check.h"
#include "support/filling.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

TR_ACTOR(reader)
{
    tr_pid from;
    tr_bin bin;
    long n;
    (void)argument;
    for (;;)
        tr_receive {
            tr_case("{frame, From, N, B}", &from, &n, &bin) {
                CHECK(is_filled(bin, n));
                CHECK(tr_send(from, "{seen, N, Size}", n, bin.size_bytes) == 0);
            }
            tr_case("{os_pid, From}", &from)
                CHECK(tr_send(from, "{os_pid, N}", getpid()) == 0);
        }
}

static struct tr_blob *built(size_t size, long n)
{
    struct tr_blob *blob;
    CHECK(tr_blob_new(&blob, size) == 0);
    CHECK(tr_blob_size(blob) == size);
    fill(tr_blob_bytes(blob), size, n);
    return blob;
}

static tr_pid spawn_reader(void)
{
    tr_pid reader;
    CHECK(tr_spawn_link(&reader, "reader", "[]") == 0);
    return reader;
}

/* ---------------------------------------------------------------- sizes */

static const size_t sizes[] = {0,       1,           64 * KIB, 64 * KIB + 513, 128 * KIB,
                               MIB + 1, 2 * MIB - 5, 4 * MIB,  9 * MIB,        64 * MIB};
#define SIZES ((long)(sizeof sizes / sizeof sizes[0]))

static void expect_all_seen(void)
{
    for (long n = 0; n < SIZES; n++)
        EXPECT_NEXT("{seen, N, Size}", n, sizes[n]);
}

static void blobs_of_all_sizes(void)
{
    tr_pid reader = spawn_reader();
    for (long n = 0; n < SIZES; n++)
        CHECK(tr_send(reader, "{frame, Me, N, B}", tr_self(), n, built(sizes[n], n)) == 0);
    expect_all_seen();
}

static void binaries_of_all_sizes(void)
{
    tr_pid reader = spawn_reader();
    uint8_t *bytes = malloc(64 * MIB);
    for (long n = 0; n < SIZES; n++) {
        tr_bin bin = {bytes, sizes[n]};
        fill(bytes, sizes[n], n);
        CHECK(tr_send(reader, "{frame, Me, N, B}", tr_self(), n, bin) == 0);
        memset(bytes, 0, sizes[n]); /* sent is sent */
    }
    expect_all_seen();
    free(bytes);
}

/* Many in a row, of a size that travels in files which are used again. */
static void many_in_order(void)
{
    tr_pid reader = spawn_reader();
    uint8_t *bytes = malloc(MIB);
    for (long n = 0; n < 200; n++) {
        tr_bin bin = {bytes, 70 * KIB + (size_t)(n * 7919) % (900 * KIB)};
        fill(bytes, bin.size_bytes, n);
        CHECK(tr_send(reader, "{frame, Me, N, B}", tr_self(), n, bin) == 0);
    }
    for (long n = 0; n < 200; n++)
        EXPECT_NEXT("{seen, N, _}", n);
    free(bytes);
}

/* ---------------------------------------------------------------- where a blob may stand */

static void a_whole_message(void)
{
    tr_bin bin;
    CHECK(tr_send(tr_self(), "B", built(MIB, 5)) == 0);
    tr_receive {
        tr_case("B", &bin)
            CHECK(bin.size_bytes == MIB && is_filled(bin, 5));
    }
}

/* Several, one of them twice as large; much in front of it; much behind it. */
static void in_the_middle_of_much(void)
{
    static const size_t around[] = {10, 5000, 100 * KIB};
    tr_pid other;
    tr_bin a, b, c;
    uint8_t *bytes = malloc(100 * KIB);
    CHECK(tr_spawn_link(&other, "echo", "Me", tr_self()) == 0);
    for (int i = 0; i < 9; i++) {
        tr_bin before = {bytes, around[i / 3]}, after = {bytes, around[i % 3]};
        fill(bytes, 100 * KIB, 0);
        CHECK(tr_send(i % 2 ? other : tr_self(), "{A, [B, C | D], #{e => E}}", before,
                      built(MIB, 1), built(2 * MIB, 2), built(10, 3), after) == 0);
        tr_receive {
            tr_case("{A, [B, C | _], #{e := D}}", before, &a, &b, &c)
                CHECK(is_filled(a, 1) && is_filled(b, 2) && is_filled(c, 0) &&
                      c.size_bytes == after.size_bytes);
            tr_after(CHECK_DEADLINE_MS)
                CHECK(!"it comes back");
        }
    }
    free(bytes);
}

TR_ACTOR(echo)
{
    tr_pid to;
    tr_term any;
    tr_get_pid(argument, &to);
    for (;;)
        tr_receive {
            tr_case("Any", &any)
                CHECK(tr_send_term(tri_to_pid(to), any, 0) == 0);
        }
}

/* Outside of tr_send a blob is a binary like any other, and stays its owner's. */
static void a_value_like_others(void)
{
    struct tr_out out = {0};
    struct tr_blob *blob = built(MIB, 4), *small = built(100, 4);
    tr_bin bin;
    CHECK(tr_put(&out, "{B, C}", blob, small) == 0);
    CHECK(tr_match(tr_out_term(&out), "{B, C}", blob, small) == 0);
    CHECK(tr_match(tr_out_term(&out), "{B, C}", small, blob) == TR_NO_MATCH);
    CHECK(tr_match(tr_out_term(&out), "{B, _}", &bin) == 0 && is_filled(bin, 4));
    CHECK(tr_spawn_link(NULL, "takes_blob", "{B, Me}", blob, tr_self()) == 0);
    EXPECT("{took, Size}", MIB);
    tr_blob_shorten(blob, 70 * KIB);
    CHECK(tr_blob_size(blob) == 70 * KIB);
    CHECK(tr_send(tr_self(), "{short, B}", blob) == 0);
    tr_receive {
        tr_case("{short, B}", &bin)
            CHECK(bin.size_bytes == 70 * KIB && is_filled(bin, 4));
    }
    tr_blob_free(small);
    tr_blob_free(NULL);
    tr_out_deinit(&out);
}

TR_ACTOR(takes_blob)
{
    tr_bin bin;
    tr_pid parent;
    CHECK(tr_match(argument, "{B, Parent}", &bin, &parent) == 0 && is_filled(bin, 4));
    CHECK(tr_send(parent, "{took, Size}", bin.size_bytes) == 0);
}

/* ---------------------------------------------------------------- to whom */

/* A name, an alias, an alias that is over, the dead, nobody. */
static void all_kinds_of_receivers(void)
{
    tr_pid dead, reader = spawn_reader();
    tr_ref monitor, alias = tr_alias(TR_ALIAS);
    struct tr_blob *blob = built(MIB, 1);
    CHECK(tr_register("reader", reader) == 0);
    CHECK(tr_send("nobody", "{frame, Me, 1, B}", tr_self(), blob) == TR_NOPROC);
    CHECK(tr_send("reader", "{frame, Me, 1, B}", tr_self(), blob) == 0);
    EXPECT("{seen, 1, Size}", MIB);
    CHECK(tr_send(alias, "{aliased, B}", built(MIB, 2)) == 0);
    EXPECT("{aliased, _}");
    CHECK(tr_unalias(alias));
    CHECK(tr_send(alias, "{aliased, B}", built(MIB, 3)) == 0);
    EXPECT_NOTHING();
    CHECK(tr_spawn_monitor(&dead, &monitor, "reader", "[]") == 0);
    CHECK(tr_exit_process(dead, "kill") == 0);
    EXPECT("{'DOWN', Ref, process, _, killed}", monitor);
    CHECK(tr_send(dead, "{frame, Me, 1, B}", tr_self(), built(MIB, 1)) == 0);
}

static pid_t os_pid_of(tr_pid reader)
{
    int os_pid = 0;
    CHECK(tr_send(reader, "{os_pid, Me}", tr_self()) == 0);
    tr_receive {
        tr_case("{os_pid, N}", &os_pid) {
        }
        tr_after(CHECK_DEADLINE_MS) {
        }
    }
    CHECK(os_pid > 0);
    return os_pid;
}

/* What a stopped receiver does not take stays within bounds, and what is refused stays its sender's. */
static void a_receiver_without_room(void)
{
    tr_pid reader = spawn_reader();
    pid_t os_pid = os_pid_of(reader);
    long sent = 0;
    int r = 0;
    CHECK(kill(os_pid, SIGSTOP) == 0);
    struct tr_blob *blob = NULL;
    while (r == 0 && sent < 1000) {
        blob = built(MIB, sent);
        r = tr_send_nowait(reader, "{frame, Me, N, B}", tr_self(), sent, blob);
        sent += r == 0;
    }
    CHECK(r == TR_BUSY && sent > 0 && sent < 1000);
    CHECK(tr_blob_size(blob) == MIB && ((uint8_t *)tr_blob_bytes(blob))[0] == (uint8_t)sent);
    CHECK(kill(os_pid, SIGCONT) == 0);
    CHECK(tr_send(reader, "{frame, Me, N, B}", tr_self(), sent, blob) == 0);
    for (long n = 0; n <= sent; n++)
        EXPECT_NEXT("{seen, N, Size}", n, MIB);
}

/* ---------------------------------------------------------------- mistakes, and memory */

TR_ACTOR(sends_twice)
{
    struct tr_blob *blob = built(MIB, 1);
    (void)argument;
    tr_send(tr_self(), "{A, B}", blob, blob);
}

static void the_same_blob_twice(void)
{
    tr_ref monitor;
    CHECK(tr_spawn_monitor(NULL, &monitor, "sends_twice", "[]") == 0);
    EXPECT("{'DOWN', Ref, process, _, {signal, sigabrt, _}}", monitor);
}

/* What this process has in memory of its own and of files, in bytes. */
static size_t resident_bytes(void)
{
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    CHECK(statm && fscanf(statm, "%*s %ld", &pages) == 1);
    fclose(statm);
    return (size_t)pages * 4096;
}

TR_ACTOR(measures)
{
    tr_pid from;
    tr_bin bin;
    size_t before = resident_bytes();
    CHECK(tr_match(argument, "From", &from) == 0);
    tr_receive {
        tr_case("{frame, B}", &bin) {
            CHECK(is_filled(bin, 1));
            CHECK(tr_send(from, "{grew, Bytes}", resident_bytes() - before) == 0);
        }
    }
}

/* Once, with what a little code and stack take; the thread sanitizer notes four times as much about it. */
#ifdef __SANITIZE_THREAD__
#define USED_ONCE_BYTES (5 * 80 * MIB)
#else
#define USED_ONCE_BYTES (80 * MIB)
#endif
static void memory_is_used_once(void)
{
    tr_pid reader;
    size_t grew;
    CHECK(tr_spawn_link(&reader, "measures", "Me", tr_self()) == 0);
    CHECK(tr_send(reader, "{frame, B}", built(64 * MIB, 1)) == 0);
    tr_receive {
        tr_case("{grew, Bytes}", &grew)
            CHECK(grew < USED_ONCE_BYTES);
        tr_after(CHECK_DEADLINE_MS)
            CHECK(!"it answers");
    }
}

/* A blob of a size that the caller names, for the large ones. */
static void one_of(size_t size)
{
    tr_pid reader = spawn_reader();
    CHECK(tr_send(reader, "{frame, Me, 7, B}", tr_self(), built(size, 7)) == 0);
    EXPECT("{seen, 7, Size}", size);
    uint8_t *bytes = malloc(size);
    tr_bin bin = {bytes, size};
    fill(bytes, size, 8);
    CHECK(tr_send(reader, "{frame, Me, 8, B}", tr_self(), bin) == 0);
    free(bytes);
    EXPECT("{seen, 8, Size}", size);
}

/* The disk has room for the node and for 16 MiB more. */
static void on_a_full_disk(void)
{
    struct tr_blob *blob, *none;
    tr_pid reader = spawn_reader();
    uint8_t *bytes = calloc(64, MIB);
    tr_bin large = {bytes, 64 * MIB};
    for (int i = 0; i < 3; i++) {
        CHECK(tr_blob_new(&none, 64 * MIB) == -ENOSPC);
        CHECK(tr_blob_new(&blob, 10 * MIB) == 0);
        CHECK(tr_blob_new(&none, 10 * MIB) == -ENOSPC);
        CHECK(tr_send(reader, "{frame, Me, 0, B}", tr_self(), large) == -ENOSPC);
        fill(tr_blob_bytes(blob), 10 * MIB, i);
        CHECK(tr_send(reader, "{frame, Me, N, B}", tr_self(), i, blob) == 0);
        EXPECT("{seen, N, Size}", i, 10 * MIB);
        /* The reader has let go of the last one when it has received another. */
        CHECK(tr_send(reader, "{frame, Me, N, <<>>}", tr_self(), 100) == 0);
        EXPECT("{seen, 100, 0}");
    }
    free(bytes);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"blobs", blobs_of_all_sizes},
    {"binaries", binaries_of_all_sizes},
    {"many", many_in_order},
    {"whole", a_whole_message},
    {"middle", in_the_middle_of_much},
    {"value", a_value_like_others},
    {"receivers", all_kinds_of_receivers},
    {"busy", a_receiver_without_room},
    {"twice", the_same_blob_twice},
    {"memory", memory_is_used_once},
    {"full", on_a_full_disk},
};

TR_ACTOR(main)
{
    char word[32];
    argument_word(argument, 0, word, sizeof word);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (strcmp(word, cases[i].name) == 0)
            return cases[i].run();
    one_of((size_t)argument_number(argument, 0, 0) * MIB);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
