/* doctor: what reports of crashes need: a library that knows functions and lines, and a place. */
#include <errno.h>
#include <stdio.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/statedir.h"
#include "coroner/libdw.h"
#include "coroner/store.h"
#include "doctor.h"

static void look_at_libdw(struct doctor *doctor)
{
    struct tri_libdw libdw;
    struct finding *finding = doctor_find_truth(
        doctor, "functions and lines in crash reports: libdw.so.1", tri_libdw_load(&libdw));
    if (finding->verdict == VERDICT_OK)
        return;
    finding->verdict = VERDICT_PARTIAL;
    doctor_remedy(finding, "install elfutils' libdw (in Debian %sapt-get install libdw1)",
                  doctor->sudo);
}

/* One that is not there yet is made when it is needed. */
static void look_at_place(struct doctor *doctor)
{
    TRI_AUTO(tri_fd_close) int fd = -1;
    char path[TRI_STATEDIR_BYTES], what[192];
    int r = tri_statedir_path(TRI_STORE_PART, path);
    snprintf(what, sizeof what, "a place for crash reports: %.150s", r ? "none is set" : path);
    if (r == 0)
        r = tri_statedir_open(TRI_STORE_PART, false, &fd);
    bool can_be_made = r == -ENOENT && tri_statedir_path("", path) == 0;
    struct finding *finding = doctor_find_truth(doctor, what, fd >= 0 || can_be_made);
    if (finding->verdict == VERDICT_OK)
        return;
    finding->verdict = VERDICT_PARTIAL;
    doctor_remedy(finding, "set TROUPE_STATE to a folder of your own that others cannot write to");
}

void doctor_look_at_crashes(struct doctor *doctor)
{
    look_at_libdw(doctor);
    look_at_place(doctor);
}
