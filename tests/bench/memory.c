/* Memory per actor: what many idle ones take, divided by their number, counted in two ways.
 *
 *   its own      each one's share of resident pages (PSS) and of the run directory, which is memory too
 *   machine's    what the whole machine has less of: page tables, kernel stacks and sockets included
 */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/down.h"
#include "wire/rundir.h"

static double tree_bytes;

static int add_file(const char *path, const struct stat *st, int kind, struct FTW *place_in_tree)
{
    (void)path;
    (void)kind;
    (void)place_in_tree;
    tree_bytes += (double)st->st_blocks * 512;
    return 0;
}

/* What the run directory of this node takes of its tmpfs. */
static double rundir_bytes(void)
{
    struct tri_rundir dir;
    char node[TRI_NODE_NAME_BYTES] = "";
    size_t length = strcspn(tr_node(), "@");
    tree_bytes = 0;
    if (length < sizeof node) {
        memcpy(node, tr_node(), length);
        if (tri_rundir_name(node, &dir, NULL, 0) == 0)
            nftw(dir.path, add_file, 16, FTW_PHYS);
    }
    return tree_bytes;
}

static double pss_of(tr_pid pid)
{
    struct tr_out out = {0};
    int os_pid = 0;
    double bytes = -1;
    if (tr_process_info(pid, &out) == 0 &&
        tr_match(tr_out_term(&out), "#{os_pid => OsPid}", &os_pid) == 0)
        bytes = pss_bytes(os_pid);
    tr_out_deinit(&out);
    return bytes;
}

struct crowd {
    tr_pid *pids;
    tr_ref *monitors;
    long count;
};

static int crowd_gather(struct crowd *crowd, long count)
{
    crowd->pids = calloc((size_t)count, sizeof *crowd->pids);
    crowd->monitors = calloc((size_t)count, sizeof *crowd->monitors);
    if (!crowd->pids || !crowd->monitors)
        return -1;
    for (; crowd->count < count; crowd->count++)
        if (tr_spawn_monitor(&crowd->pids[crowd->count], &crowd->monitors[crowd->count], "idle",
                             "[]"))
            return -1;
    return 0;
}

/* Ends them all and waits for the last: the next measurement starts from nothing. */
static int crowd_dismiss(struct crowd *crowd)
{
    int r = 0;
    for (long i = 0; i < crowd->count; i++)
        tr_exit_process(crowd->pids[i], "kill");
    for (long i = 0; i < crowd->count && r == 0; i++)
        r = await_down(crowd->monitors[i]);
    free(crowd->pids);
    free(crowd->monitors);
    return r;
}

int troupe_own_memory(const struct load *load, double *ret_figure)
{
    struct crowd crowd = {0};
    double before = rundir_bytes(), sum = 0;
    int r = crowd_gather(&crowd, load->count);
    for (long i = 0; i < crowd.count && r == 0; i++) {
        double bytes = pss_of(crowd.pids[i]);
        r = bytes < 0 ? -1 : 0;
        sum += bytes;
    }
    sum += rundir_bytes() - before;
    *ret_figure = sum / (double)load->count / 1024;
    return crowd_dismiss(&crowd) || r ? -1 : 0;
}

int troupe_machine_memory(const struct load *load, double *ret_figure)
{
    struct crowd crowd = {0};
    double before = used_bytes();
    int r = crowd_gather(&crowd, load->count);
    double after = used_bytes();
    *ret_figure = (after - before) / (double)load->count / 1024;
    return crowd_dismiss(&crowd) || r || before < 0 || after < 0 ? -1 : 0;
}
