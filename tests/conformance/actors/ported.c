/* Ported: the troupe side of test_erl_ports.c: runs each script of port_script.eterm as a program and prints what
 * erl_port.erl prints. */
#include "conformance/script.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

static void print(tr_term message)
{
    char *text = tr_print_new(message);
    printf("    %s\n", text);
    free(text);
}

static tr_pid start(tr_term shell, tr_term framing)
{
    struct tr_out description = {0};
    tr_pid pid;
    tr_put(&description, "{program, \"/bin/sh\", [{args, [\"-c\", Shell]}, Framing]}", shell,
           framing);
    CHECK(tr_server_start_term(TR_PROGRAM_ENTRY, 0, NULL, tr_out_term(&description), &pid, NULL) ==
          0);
    tr_out_deinit(&description);
    return pid;
}

static void listen_once(tr_pid port)
{
    tr_term message;
    tr_receive {
        tr_case("{Port, Message}", port, &message)
            print(message);
    }
    tr_send(port, "{Self, close}", tr_self());
    EXPECT("{Port, closed}", port);
    printf("    closed\n");
}

static void listen_to_the_end(tr_pid port)
{
    long status = -1;
    tr_term message;
    while (status < 0)
        tr_receive {
            tr_case("{Port, eof}", port) {
            }
            tr_case("{Port, {exit_status, N}}", port, &status)
                printf("    ended %ld\n", status);
            tr_case("{Port, Message}", port, &message)
                print(message);
        }
}

static void play(tr_term act)
{
    tr_term shell, framing;
    char *text = tr_print_new(act);
    CHECK(tr_match(act, "{Shell, Framing}", &shell, &framing) == 0);
    printf("%s\n", text);
    free(text);
    tr_pid port = start(shell, framing);
    bool is_cat = tr_match(shell, "[99, 97, 116]") == 0; /* "cat", and "read …" */
    if (is_cat || tr_match(shell, "[114, 101, 97, 100 | _]") == 0)
        tr_send(port, "{Self, {command, [\"he\", [108, \"l\"], \"o\", 10]}}", tr_self());
    if (is_cat)
        listen_once(port);
    else
        listen_to_the_end(port);
}

TR_ACTOR(main) { script_play(argument, play); }
