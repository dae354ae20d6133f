/* Words of OTP, and of troupe where OTP has none. */
#include "behaviour/words.h"

#include "troupe/pool.h"
#include "troupe/program.h"
#include "troupe/supervisor.h"

const char *const tri_strategy_words[] = {
    [TR_ONE_FOR_ONE] = "one_for_one",   [TR_ONE_FOR_ALL] = "one_for_all",
    [TR_REST_FOR_ONE] = "rest_for_one", [TR_SIMPLE_ONE_FOR_ONE] = "simple_one_for_one",
    [TR_DYNAMIC] = "dynamic",           NULL};
const char *const tri_auto_shutdown_words[] = {[TR_NEVER] = "never",
                                               [TR_ANY_SIGNIFICANT] = "any_significant",
                                               [TR_ALL_SIGNIFICANT] = "all_significant",
                                               NULL};
const char *const tri_restart_words[] = {
    [TR_PERMANENT] = "permanent", [TR_TRANSIENT] = "transient", [TR_TEMPORARY] = "temporary", NULL};
const char *const tri_type_words[] = {[false] = "worker", [true] = "supervisor", NULL};
const char *const tri_mailbox_policy_words[] = {
    [TR_MAILBOX_WAITS] = "waits", [TR_MAILBOX_DROPS] = "drops", [TR_MAILBOX_KILLS] = "kills", NULL};
/* Of these, the terms have stream and line; a packet's bytes are a number there. */
const char *const tri_framing_words[] = {
    [TR_FRAMING_STREAM] = "stream",     [TR_FRAMING_LINE] = "line",
    [TR_FRAMING_PACKET_1] = "packet_1", [TR_FRAMING_PACKET_2] = "packet_2",
    [TR_FRAMING_PACKET_4] = "packet_4", NULL};
const char *const tri_stderr_words[] = {[TR_STDERR_LOG] = "log",
                                        [TR_STDERR_MESSAGES] = "messages",
                                        [TR_STDERR_STDOUT] = "stdout",
                                        [TR_STDERR_NULL] = "null",
                                        NULL};
const char *const tri_when_full_words[] = {
    [TR_FULL_WAITS] = "waits", [TR_FULL_REFUSES] = "refuses", [TR_FULL_DROPS] = "drops", NULL};
const char *const tri_delivery_words[] = {
    [TR_AT_MOST_ONCE] = "at_most_once", [TR_AT_LEAST_ONCE] = "at_least_once", NULL};

bool tri_word_find(const char *const *words, tr_term atom, unsigned *ret_which)
{
    for (unsigned i = 0; words[i]; i++)
        if (tr_is_atom(atom, words[i])) {
            *ret_which = i;
            return true;
        }
    return false;
}
