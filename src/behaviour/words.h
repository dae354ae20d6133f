/* Words: what the values of supervisor.h, program.h and pool.h are called, in terms and in configurations. Each list ends with
 * NULL, and a word's place is its value. Pure. */
#ifndef TRI_BEHAVIOUR_WORDS_H
#define TRI_BEHAVIOUR_WORDS_H

#include "troupe/term.h"

extern const char *const tri_strategy_words[];
extern const char *const tri_auto_shutdown_words[];
extern const char *const tri_restart_words[];
extern const char *const tri_type_words[]; /* false, true: is it a supervisor? */
extern const char *const tri_mailbox_policy_words[];
extern const char *const tri_framing_words[];
extern const char *const tri_stderr_words[];
extern const char *const tri_when_full_words[];
extern const char *const tri_delivery_words[];

/* Which of the words is this atom? False: none. */
bool tri_word_find(const char *const *words, tr_term atom, unsigned *ret_which);

#endif
