/* Death: names are those of the kernel's headers, in lower case, as atoms are written. */
#include "wire/death.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "term/pairs.h"
#include "wire/crash.h"
#include "wire/denied.h"

/* SIGSEGV as sigsegv; a real-time signal, which has no abbreviation, as sigrt3. */
static void put_signal_name(struct tr_out *out, int number)
{
    char name[32] = "sig";
    const char *abbreviation = sigabbrev_np(number);
    if (abbreviation)
        for (size_t i = 0; abbreviation[i] && i + 4 < sizeof name; i++)
            name[i + 3] = (char)tolower((unsigned char)abbreviation[i]);
    else
        snprintf(name, sizeof name, number >= SIGRTMIN ? "sigrt%d" : "sig%d",
                 number >= SIGRTMIN ? number - SIGRTMIN : number);
    tr_put_atom(out, name);
}

/* ---------------------------------------------------------------- what a signal's code means */

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1
#endif

struct meaning {
    int signal, code;
    const char *name;
};

#define MEANING(signal, code, name)                                                                \
    {                                                                                              \
        signal, code, name                                                                         \
    }

static const struct meaning meanings[] = {
    MEANING(SIGSEGV, SEGV_MAPERR, "segv_maperr"),
    MEANING(SIGSEGV, SEGV_ACCERR, "segv_accerr"),
    MEANING(SIGSEGV, SEGV_BNDERR, "segv_bnderr"),
    MEANING(SIGSEGV, SEGV_PKUERR, "segv_pkuerr"),
    MEANING(SIGBUS, BUS_ADRALN, "bus_adraln"),
    MEANING(SIGBUS, BUS_ADRERR, "bus_adrerr"),
    MEANING(SIGBUS, BUS_OBJERR, "bus_objerr"),
    MEANING(SIGBUS, BUS_MCEERR_AR, "bus_mceerr_ar"),
    MEANING(SIGBUS, BUS_MCEERR_AO, "bus_mceerr_ao"),
    MEANING(SIGILL, ILL_ILLOPC, "ill_illopc"),
    MEANING(SIGILL, ILL_ILLOPN, "ill_illopn"),
    MEANING(SIGILL, ILL_ILLADR, "ill_illadr"),
    MEANING(SIGILL, ILL_ILLTRP, "ill_illtrp"),
    MEANING(SIGILL, ILL_PRVOPC, "ill_prvopc"),
    MEANING(SIGILL, ILL_PRVREG, "ill_prvreg"),
    MEANING(SIGILL, ILL_COPROC, "ill_coproc"),
    MEANING(SIGILL, ILL_BADSTK, "ill_badstk"),
    MEANING(SIGFPE, FPE_INTDIV, "fpe_intdiv"),
    MEANING(SIGFPE, FPE_INTOVF, "fpe_intovf"),
    MEANING(SIGFPE, FPE_FLTDIV, "fpe_fltdiv"),
    MEANING(SIGFPE, FPE_FLTOVF, "fpe_fltovf"),
    MEANING(SIGFPE, FPE_FLTUND, "fpe_fltund"),
    MEANING(SIGFPE, FPE_FLTRES, "fpe_fltres"),
    MEANING(SIGFPE, FPE_FLTINV, "fpe_fltinv"),
    MEANING(SIGFPE, FPE_FLTSUB, "fpe_fltsub"),
    MEANING(SIGTRAP, TRAP_BRKPT, "trap_brkpt"),
    MEANING(SIGTRAP, TRAP_TRACE, "trap_trace"),
    MEANING(0, SI_USER, "si_user"),
    MEANING(0, SI_QUEUE, "si_queue"),
    MEANING(0, SI_TKILL, "si_tkill"),
    MEANING(0, SI_TIMER, "si_timer"),
    MEANING(0, SI_KERNEL, "si_kernel"),
};

static const char *meaning_of(int signal, int code)
{
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(meanings); i++)
        if (meanings[i].code == code && (meanings[i].signal == signal || meanings[i].signal == 0))
            return meanings[i].name;
    return NULL;
}

/* ---------------------------------------------------------------- Info */

static void add_origin(struct tri_pairs *pairs, const struct tri_crash *crash)
{
    const char *meaning = meaning_of(crash->signal, crash->code);
    if (meaning)
        tr_put_atom(tri_pairs_key(pairs, "code"), meaning);
    if (crash->has_address)
        tr_put_unsigned(tri_pairs_key(pairs, "address"), crash->address);
    if (crash->has_sender && crash->sender_os_pid != crash->os_pid) {
        tr_put_integer(tri_pairs_key(pairs, "sender"), crash->sender_os_pid);
        tr_put_integer(tri_pairs_key(pairs, "sender_uid"), crash->sender_uid);
    }
    if (crash->thread_id != crash->os_pid)
        tr_put_text(tri_pairs_key(pairs, "thread"), crash->thread_name);
}

static void add_memory(struct tri_pairs *pairs, const struct tri_crash *crash)
{
    tr_put_unsigned(tri_pairs_key(pairs, "limit_bytes"), crash->data_limit_bytes);
    tr_put_unsigned(tri_pairs_key(pairs, "data_bytes"), crash->data_bytes);
}

/* ---------------------------------------------------------------- the reason */

static void put_limit(struct tr_out *out, const char *what)
{
    tr_put_tuple_of(out, 3);
    tr_put_atom(out, "limit");
    tr_put_atom(out, what);
}

/* {denied, Syscall}: its name, or the number of one that no sandbox of ours refuses. */
static void put_denied(struct tr_out *out, int number)
{
    const char *name = tri_denied_name(number);
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "denied");
    if (name)
        tr_put_atom(out, name);
    else
        tr_put_integer(out, number);
}

static bool is_denied(const struct tri_crash *crash, int status)
{
    return crash && status == SIGSYS && crash->code == SYS_SECCOMP;
}

/* A program that does not look at what malloc returned writes to it, one that does ends itself. */
static bool is_for_want_of_memory(const struct tri_crash *crash, int status)
{
    return crash && crash->was_refused_memory &&
           (status == SIGSEGV || status == SIGBUS || status == SIGABRT || status == SIGILL ||
            status == SIGTRAP);
}

static void put_signal(struct tr_out *out, const struct tri_end *end, const struct tri_crash *crash)
{
    struct tri_pairs info = {0};
    int status = end->status;
    if (is_denied(crash, status)) {
        put_denied(out, crash->syscall);
        return;
    }
    tr_put_bool(tri_pairs_key(&info, "core_dumped"), end->code == CLD_DUMPED);
    if (crash)
        add_origin(&info, crash);
    if (is_for_want_of_memory(crash, status)) {
        put_limit(out, "memory");
        put_signal_name(tri_pairs_key(&info, "signal"), status);
        add_memory(&info, crash);
    } else if (status == SIGKILL && end->by_oom_killer) {
        put_limit(out, "memory");
        tr_put_atom(tri_pairs_key(&info, "by"), end->group_limit_bytes ? "cgroup" : "oom_killer");
        if (end->group_limit_bytes)
            tr_put_unsigned(tri_pairs_key(&info, "limit_bytes"), end->group_limit_bytes);
    } else if (status == SIGXCPU || status == SIGXFSZ) {
        put_limit(out, status == SIGXCPU ? "cpu" : "file_size");
    } else {
        tr_put_tuple_of(out, 3);
        tr_put_atom(out, "signal");
        put_signal_name(out, status);
    }
    tri_pairs_put(out, &info);
}

static void put_exit(struct tr_out *out, const struct tri_end *end, const struct tri_crash *crash)
{
    struct tri_pairs info = {0};
    if (end->status == 0) {
        tr_put_atom(out, "normal");
    } else if (crash && crash->was_refused_memory) {
        put_limit(out, "memory");
        tr_put_integer(tri_pairs_key(&info, "exit_status"), end->status);
        add_memory(&info, crash);
        tri_pairs_put(out, &info);
    } else {
        tr_put(out, "{exit_status, N}", end->status);
    }
}

/* The crash, if it is the one that ended it: a program may go on after a record was written, by a handler that it calls
 * itself, say. */
static const struct tri_crash *fitting(const struct tri_end *end)
{
    const struct tri_crash *crash = end->crash;
    bool is_exit = end->code == CLD_EXITED;
    if (!crash || crash->cause != (is_exit ? TRI_CRASH_EXIT : TRI_CRASH_SIGNAL))
        return NULL;
    return (is_exit ? crash->code : crash->signal) == end->status ? crash : NULL;
}

void tri_death_put_end(struct tr_out *out, const struct tri_end *end)
{
    if (end->code == CLD_EXITED)
        put_exit(out, end, fitting(end));
    else
        put_signal(out, end, fitting(end));
}

void tri_death_put(struct tr_out *out, int code, int status)
{
    const struct tri_end end = {.code = code, .status = status};
    tri_death_put_end(out, &end);
}

/* ---------------------------------------------------------------- what is found out later */

/* The map that is the last element of a tuple, and names no report yet. */
static bool info_of(tr_term reason, tr_term *ret_info)
{
    struct tr_iter elements;
    tr_term each = {.data = NULL}, report;
    if (!tr_get_tuple(reason, &elements))
        return false;
    while (tr_next(&elements, &each))
        *ret_info = each;
    return each.data && tr_kind_of(*ret_info) == TR_KIND_MAP &&
           !tr_map_get_atom(*ret_info, "report", &report);
}

bool tri_death_has_info(tr_term reason)
{
    tr_term info;
    return info_of(reason, &info);
}

static void put_more(struct tr_out *out, tr_term info, const char *at, const char *report)
{
    struct tri_pairs pairs = {0};
    struct tr_iter map;
    tr_term each;
    tr_get_map(info, &map);
    pairs.count = (uint32_t)(map.left / 2);
    while (tr_next(&map, &each))
        tr_put_term(&pairs.body, each);
    if (at)
        tr_put_text(tri_pairs_key(&pairs, "at"), at);
    if (report)
        tr_put_text(tri_pairs_key(&pairs, "report"), report);
    tri_pairs_put(out, &pairs);
}

void tri_death_put_known(struct tr_out *out, tr_term reason, const char *at, const char *report)
{
    struct tr_iter elements;
    tr_term each, info;
    if ((!at && !report) || !info_of(reason, &info)) {
        tr_put_term(out, reason);
        return;
    }
    tr_get_tuple(reason, &elements);
    tr_put_tuple_of(out, (uint32_t)elements.left);
    while (tr_next(&elements, &each))
        if (elements.left > 0)
            tr_put_term(out, each);
    put_more(out, info, at, report);
}

bool tri_death_has_place(const struct tri_end *end)
{
    const struct tri_crash *crash = fitting(end);
    return crash && crash->cause == TRI_CRASH_SIGNAL && tri_crash_has_frames(crash) &&
           !is_denied(crash, end->status);
}

bool tri_death_is_of_cpu(uint64_t used_ticks, uint64_t limit_s)
{
    double used_s = (double)used_ticks / (double)sysconf(_SC_CLK_TCK);
    return limit_s && used_s >= (double)(limit_s + TRI_CPU_GRACE_S) * 0.75;
}

void tri_death_put_hang(struct tr_out *out, uint64_t ms)
{
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "hang");
    tr_put_map_of(out, 1);
    tr_put_atom(out, "ms");
    tr_put_unsigned(out, ms);
}

void tri_death_put_errno(struct tr_out *out, int number)
{
    char name[32];
    const char *upper = strerrorname_np(number);
    if (upper)
        snprintf(name, sizeof name, "%s", upper);
    else
        snprintf(name, sizeof name, "errno%d", number);
    for (char *at = name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    tr_put_atom(out, name);
}

void tri_death_put_exec(struct tr_out *out, int fault, const char *path, size_t path_bytes)
{
    tr_put_tuple_of(out, 3);
    tr_put_atom(out, "exec");
    tri_death_put_errno(out, -fault);
    tr_put_binary(out, path, path_bytes);
}

void tri_death_put_user(struct tr_out *out, int fault, const char *name)
{
    tr_put_tuple_of(out, 3);
    tr_put_atom(out, "user");
    tri_death_put_errno(out, -fault);
    tr_put_text(out, name);
}

int tri_death_signal(tr_atom name)
{
    for (int number = 1; number < NSIG; number++) {
        struct tr_out out = {0};
        tr_atom each;
        put_signal_name(&out, number);
        bool is_same = tr_get_atom(tr_out_term(&out), &each) &&
                       each.length_bytes == name.length_bytes &&
                       memcmp(each.text, name.text, name.length_bytes) == 0;
        tr_out_deinit(&out);
        if (is_same)
            return number;
    }
    return 0;
}
