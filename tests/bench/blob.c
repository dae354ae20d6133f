/* Hand-over of a blob: a large binary is built in place, sent, and read where it was built. Measured from the call of
 * send until its receiver has read its first and its last byte.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/side.h"

TR_ACTOR(reader)
{
    tr_pid client = side_begin(argument);
    tr_bin body;
    uint64_t begin_ns;
    bool is_done = false;
    while (!is_done)
        tr_receive {
            tr_case("{Begin, B}", &begin_ns, &body) {
                volatile const unsigned char *bytes = body.data;
                int sum = bytes[0] + bytes[body.size_bytes - 1];
                tr_send(client, "{read, Sum, Ns}", sum, tri_clock_ns() - begin_ns);
            }
            tr_case("stop")
                is_done = true;
        }
}

/* Builds and hands over one. 0 or -1. */
static int hand_over(tr_pid reader, size_t size_bytes, double *ret_ms)
{
    struct tr_blob *blob;
    uint64_t ns = 0;
    int sum = 0, result = 0;
    if (tr_blob_new(&blob, size_bytes) != 0)
        return -1;
    memset(tr_blob_bytes(blob), 1, size_bytes);
    if (tr_send(reader, "{Begin, Blob}", tri_clock_ns(), blob) != 0) {
        tr_blob_free(blob);
        return -1;
    }
    tr_receive {
        tr_case("{read, Sum, Ns}", &sum, &ns)
            break;
        tr_after(ANSWER_MS)
            result = -1;
    }
    *ret_ms = (double)ns / 1e6;
    return sum == 2 ? result : -1;
}

int troupe_hand_over(const struct load *load, const void *what, double *ret_figures)
{
    struct side side;
    double *times = calloc((size_t)load->count, sizeof *times);
    (void)what;
    int r = times ? side_start(&side, "reader", load) : -1;
    place(load->placement, 0);
    for (long i = 0; i < load->count && r == 0; i++)
        r = hand_over(side.pid, load->size_bytes, &times[i]);
    if (r == 0)
        r = side_stop(&side);
    if (r == 0)
        *ret_figures = median(times, (size_t)load->count);
    free(times);
    return r;
}
