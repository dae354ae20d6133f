/* Runs a fuzz target without libFuzzer: every seed of its corpus as it is, then as many variations as fit into a few
 * seconds of a test, the same ones in every run. The time for real searching is with the preset `fuzz`:
 *
 *     build/fuzz/bin/fuzz_term -max_total_time=600 tests/fuzz/corpus/term
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "fuzz.h"

enum { VARIATIONS = 200000, MAX_SEEDS = 500, MAX_SEED_BYTES = 4096, MAX_CHANGES = 6 };

static struct {
    uint8_t *data;
    size_t size;
} seeds[MAX_SEEDS];
static unsigned seed_count;

static uint64_t random_state = 1;

static uint32_t random_below(size_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % limit);
}

static void read_seed(const char *directory, const char *name)
{
    char path[5000];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(MAX_SEED_BYTES);
    CLAIM(file && data && seed_count < MAX_SEEDS);
    seeds[seed_count].size = fread(data, 1, MAX_SEED_BYTES, file);
    seeds[seed_count++].data = data;
    fclose(file);
}

/* In the order of their names, so that every run is the same. */
static void read_corpus(const char *subject)
{
    char directory[4000];
    const char *source_dir = getenv("TROUPE_SOURCE_DIR");
    struct dirent **entries;
    snprintf(directory, sizeof directory, "%s/tests/fuzz/corpus/%s", source_dir ? source_dir : ".",
             subject);
    int count = scandir(directory, &entries, NULL, alphasort);
    CLAIM(count > 0);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.')
            read_seed(directory, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static size_t change(uint8_t *data, size_t size)
{
    size_t at = random_below(size + 1), other = random_below(size + 1);
    switch (random_below(5)) {
    case 0: /* another byte */
        if (at < size)
            data[at] = (uint8_t)random_below(256);
        return size;
    case 1: /* a tag, a bracket */
        if (at < size)
            data[at] =
                (uint8_t)(random_below(2) ? 70 + random_below(62)
                                          : (uint8_t) "{[|]}#<>\"',=: aZ_0"[random_below(18)]);
        return size;
    case 2: /* one byte less */
        if (at < size)
            memmove(data + at, data + at + 1, size - at - 1);
        return at < size ? size - 1 : size;
    case 3: /* a part of it again */
        if (at >= other || size + other - at > MAX_SEED_BYTES)
            return size;
        memmove(data + other + (other - at), data + other, size - other);
        memcpy(data + other, data + at, other - at);
        return size + other - at;
    default: /* the end is missing */
        return random_below(8) ? size : at;
    }
}

static void run_variation(void)
{
    static uint8_t data[2 * MAX_SEED_BYTES];
    unsigned seed = random_below(seed_count);
    size_t size = seeds[seed].size;
    memcpy(data, seeds[seed].data, size);
    for (uint32_t left = 1 + random_below(MAX_CHANGES); left > 0; left--)
        size = change(data, size);
    LLVMFuzzerTestOneInput(data, size);
}

int main(void)
{
    const char *subject = strrchr(program_invocation_short_name, '_');
    CLAIM(subject);
    read_corpus(subject + 1);
    for (unsigned i = 0; i < seed_count; i++)
        LLVMFuzzerTestOneInput(seeds[i].data, seeds[i].size);
    unsigned variations = &fuzz_variations ? fuzz_variations : VARIATIONS;
    for (unsigned i = 0; i < variations; i++)
        run_variation();
    for (unsigned i = 0; i < seed_count; i++)
        free(seeds[i].data);
    printf("%u seeds, %u variations\n", seed_count, variations);
    return 0;
}
