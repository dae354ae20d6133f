/* Book: what a registry knows: who stands under which key, with which value. Pure.
 *
 * It is found by key and by process, each in the order of registration. */
#ifndef TRI_BEHAVIOUR_BOOK_H
#define TRI_BEHAVIOUR_BOOK_H

#include "troupe/term.h"

struct tri_book_key;
struct tri_book_holder;

/* A process under a key. */
struct tri_book_entry {
    tr_pid pid;
    tr_term value; /* views of memory of the entry's own */
    tr_term key;
    struct tri_book_key *of_key;
    struct tri_book_holder *of_holder;
    struct tri_book_entry *key_prev, *key_next;       /* others under this key */
    struct tri_book_entry *holder_prev, *holder_next; /* others of this process */
};

/* Zeroed, it is empty and ready. */
struct tri_book {
    size_t count; /* of entries */
    struct tri_book_key *keys;
    struct tri_book_holder *holders;
};

/* Enters a process behind the others under that key; both terms are copied. 0 or -ENOMEM. */
int tri_book_add(struct tri_book *book, tr_term key, tr_pid pid, tr_term value);

/* The oldest entry under a key, or of a process; NULL: there is none. Then key_next, or holder_next. */
struct tri_book_entry *tri_book_find(const struct tri_book *book, tr_term key);
struct tri_book_entry *tri_book_find_pid(const struct tri_book *book, tr_pid pid);

/* Gives an entry another value. 0 or -ENOMEM, and it has the old one. */
int tri_book_set_value(struct tri_book_entry *entry, tr_term value);

void tri_book_remove(struct tri_book *book, struct tri_book_entry *entry);
/* Removes all entries of a process. */
void tri_book_remove_pid(struct tri_book *book, tr_pid pid);

/* Calls visit for each entry, in no order. */
void tri_book_visit(const struct tri_book *book,
                    void (*visit)(const struct tri_book_entry *entry, void *context),
                    void *context);

void tri_book_deinit(struct tri_book *book);

#endif
