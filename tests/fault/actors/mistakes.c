/* mistakes: programs with bugs, one for each way in which a pattern can be wrong, and others that the library must
 * notice. The first argument names the mistake. */
#include <pthread.h>
#include <string.h>

#include "support/arguments.h"
#include "support/check.h"

static void *send_from_a_thread(void *unused)
{
    tr_send(tr_self(), "{from, thread}");
    return unused;
}

static void call_from_a_thread(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, send_from_a_thread, NULL) == 0);
    pthread_join(thread, NULL);
}

TR_ACTOR(main)
{
    char mistake[32];
    long n = 0;
    argument_word(argument, 0, mistake, sizeof mistake);
    if (strcmp(mistake, "too_few_holes") == 0)
        tr_send(tr_self(), "{add, N, To}", 5);
    else if (strcmp(mistake, "too_many_holes") == 0)
        tr_send(tr_self(), "{add, N}", 5, 6);
    else if (strcmp(mistake, "pointer_in_a_sent_pattern") == 0)
        tr_send(tr_self(), "{add, Pointer}", &n);
    else if (strcmp(mistake, "no_pattern") == 0)
        tr_send(tr_self(), "{add, ");
    else if (strcmp(mistake, "too_few_holes_in_a_case") == 0) {
        tr_send(tr_self(), "{add, 5}");
        tr_receive {
            tr_case("{add, N}") {
            }
            tr_after(0) {
            }
        }
    } else if (strcmp(mistake, "thread") == 0)
        call_from_a_thread();
    else
        tr_exit("{exit_status, 99}");
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
