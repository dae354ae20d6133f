/* Program's start: a behaviour as any other, whose argument is a description. */
#include "base/auto.h"
#include "process/runtime.h"
#include "troupe/program.h"

int tr_program_start(const struct tr_program *program, unsigned flags,
                     const struct tr_start_options *options, tr_pid *ret_pid, tr_ref *ret_monitor)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    tri_process_here();
    tr_program_put(&argument, program);
    if (argument.fault)
        return argument.fault;
    return tr_server_start_term(TR_PROGRAM_ENTRY, flags, options, tr_out_term(&argument), ret_pid,
                                ret_monitor);
}
