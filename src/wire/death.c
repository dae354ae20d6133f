/* Death: names are those of the kernel's headers, in lower case, as atoms are written. */
#include "wire/death.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

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

void tri_death_put(struct tr_out *out, int code, int status)
{
    bool is_cpu = code != CLD_EXITED && status == SIGXCPU;
    if (code == CLD_EXITED && status == 0) {
        tr_put_atom(out, "normal");
    } else if (code == CLD_EXITED) {
        tr_put(out, "{exit_status, N}", status);
    } else {
        tr_put_tuple_of(out, 3);
        tr_put_atom(out, is_cpu ? "limit" : "signal");
        if (is_cpu)
            tr_put_atom(out, "cpu");
        else
            put_signal_name(out, status);
        tr_put(out, "#{core_dumped => B}", (bool)(code == CLD_DUMPED));
    }
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
