/* State: TROUPE_STATE, which nodes and tools look at first (base/statedir.h). */
#include "bench/state.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static char folder[PATH_MAX];

int state_make(void)
{
    const char *above = getenv("TMPDIR");
    int length =
        snprintf(folder, sizeof folder, "%s/troupe-bench.XXXXXX", above && *above ? above : "/tmp");
    if (length < (int)sizeof folder && mkdtemp(folder) && setenv("TROUPE_STATE", folder, 1) == 0)
        return 0;
    perror("bench: cannot make a folder for reports");
    return -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status;
    (void)kind;
    (void)at;
    return remove(path);
}

void state_remove(void) { nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); }
