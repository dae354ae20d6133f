/* Memory per actor: what many idle ones take, divided by their number, counted in two ways.
 *
 *   its own      each one's share of resident pages (PSS) and of the run directory, which is memory too
 *   machine's    what the whole machine has less of: page tables, kernel stacks and sockets included
 */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/crowd.h"
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

int troupe_own_memory(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    struct crowd crowd;
    double before = rundir_bytes(), sum = 0;
    int r = crowd_gather(&crowd, load->count);
    for (long i = 0; i < crowd.count && r == 0; i++) {
        double bytes = pss_of(crowd.pids[i]);
        r = bytes < 0 ? -1 : 0;
        sum += bytes;
    }
    sum += rundir_bytes() - before;
    *ret_figures = sum / (double)load->count / 1024;
    return crowd_dismiss(&crowd) || r ? -1 : 0;
}

int troupe_machine_memory(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    struct crowd crowd;
    double before = used_bytes();
    int r = crowd_gather(&crowd, load->count);
    double after = used_bytes();
    *ret_figures = (after - before) / (double)load->count / 1024;
    return crowd_dismiss(&crowd) || r || before < 0 || after < 0 ? -1 : 0;
}
