/* Words: what the values of supervisor.h and program.h are called, in terms and in configurations. Each list ends with
 * NULL. */
#ifndef TRI_BEHAVIOUR_WORDS_H
#define TRI_BEHAVIOUR_WORDS_H

extern const char *const tri_strategy_words[],
    *const tri_auto_shutdown_words[], *const tri_restart_words[], *const tri_mailbox_policy_words[],
                                                                      *const tri_framing_words[],
                                                                          *const tri_stderr_words[];

#endif
