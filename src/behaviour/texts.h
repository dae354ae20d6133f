/* Texts: what the kernel takes as strings, read from terms: a path, the words of a command line, an environment. Pure. */
#ifndef TRI_BEHAVIOUR_TEXTS_H
#define TRI_BEHAVIOUR_TEXTS_H

#include <stddef.h>

#include "troupe/term.h"

/* Strings, owned, and ended by NULL. Zeroed, it is empty, and `at` is NULL. */
struct tri_texts {
    char **at;
    size_t count;
};

/* Bytes without NUL, given as a binary or a list of bytes, in place of *ret_text, which is freed. 0, TR_NO_MATCH, -ENOMEM. */
int tri_text_read(tr_term term, char **ret_text);

/* Appends a text, which belongs to the list from now on, or is freed. NULL: there was no memory for it. 0 or -ENOMEM. */
int tri_texts_add(struct tri_texts *texts, char *text);
void tri_texts_deinit(struct tri_texts *texts);

/* Appends a list of texts. 0, TR_NO_MATCH, -ENOMEM. */
int tri_texts_read(struct tri_texts *texts, tr_term list);

/* Appends what [{Name, Value or false}] changes in an environment, each as NAME=VALUE or NAME. 0, TR_NO_MATCH, -ENOMEM. */
int tri_environment_read(struct tri_texts *changes, tr_term list);

/* Makes such a change in a whole environment. 0 or -ENOMEM. */
int tri_environment_change(struct tri_texts *environment, const char *change);

#endif
