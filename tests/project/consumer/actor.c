/* An actor binary of somebody else, in the words that C and C++ share: it spawns a worker, asks it, and is told how it
 * ended. Linked with the shared library it shows that the library finds the actors of a program that it is not part of. */
#include <troupe.h>

TR_ACTOR(worker)
{
    tr_pid from;
    tr_get_pid(argument, &from);
    tr_send(from, "{hello, Text}", "from a worker");
}

TR_ACTOR(main)
{
    tr_pid pid;
    tr_ref ref;
    tr_bin text;
    tr_term reason;
    if (tr_spawn_monitor(&pid, &ref, "worker", "From", tr_self()))
        tr_exit("no_worker");
    tr_receive {
        tr_case("{hello, Text}", &text)
            break;
        tr_after(30000)
            tr_exit("no_hello");
    }
    tr_receive {
        tr_case("{'DOWN', Ref, process, Pid, Reason}", ref, pid, &reason)
            if (!tr_is_atom(reason, "normal"))
                tr_exit("{worker, Reason}", reason);
        tr_after(30000)
            tr_exit("no_down");
    }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
