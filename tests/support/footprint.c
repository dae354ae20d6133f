/* Footprint: counts in /proc and in the run directory. */
#include "support/footprint.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "support/census.h"
#include "support/fixture.h"
#include "support/folder.h"

#define PAGE_BYTES 4096u
#define BLOCK_BYTES 512u /* of st_blocks, whatever the file system */

static size_t files, blocks;

static int count_file(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)kind;
    files++;
    if (strcmp(path + ftw->base, "table") != 0)
        blocks += (size_t)stat->st_blocks;
    return 0;
}

void footprint_take(struct footprint *footprint)
{
    struct census census;
    char path[64];
    census_take(&census);
    *footprint = (struct footprint){.processes = census.count, .zombies = census_zombies()};
    for (size_t i = 0; i < census.count; i++) {
        snprintf(path, sizeof path, "/proc/%d/fd", (int)census.at[i].os_pid);
        footprint->descriptors += folder_entries(path);
    }
    census_deinit(&census);
    files = blocks = 0;
    nftw(fixture_run_dir(), count_file, 16, FTW_PHYS);
    footprint->files = files;
    footprint->pages = blocks * BLOCK_BYTES / PAGE_BYTES;
}

bool footprint_is_within(const struct footprint *before, size_t pages, size_t descriptors)
{
    struct footprint now;
    footprint_take(&now);
    return now.processes <= before->processes && now.zombies <= before->zombies &&
           now.descriptors <= before->descriptors + descriptors && now.files <= before->files &&
           now.pages <= before->pages + pages;
}

static void print_one(const char *when, const struct footprint *it)
{
    print_error("%s: %zu processes, %zu zombies, %zu descriptors, %zu files, %zu pages\n", when,
                it->processes, it->zombies, it->descriptors, it->files, it->pages);
}

void footprint_report(const struct footprint *before)
{
    struct footprint now;
    footprint_take(&now);
    print_one("before", before);
    print_one("now", &now);
}
