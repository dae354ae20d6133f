/* Book: entries in two kinds of lists, each found through a hash. Keys are equal when their terms are (1 and 1.0 are not),
 * for which their hashes stand: see term/hash.h. */
#include "behaviour/book.h"

#include <errno.h>
#include <stdlib.h>

/* What was not added has hh.tbl NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#include "term/hash.h"

struct tri_book_key {
    struct tri_hash hash;
    struct tri_book_entry *entries;
    UT_hash_handle hh;
};

struct tri_book_holder {
    tr_pid pid;
    struct tri_book_entry *entries;
    UT_hash_handle hh;
};

/* An entry, and the memory that its views show. */
struct page {
    struct tri_book_entry entry;
    struct tr_out key, value;
};

/* ---------------------------------------------------------------- keys and holders */

static struct tri_book_key *find_key(const struct tri_book *book, struct tri_hash hash)
{
    struct tri_book_key *key;
    HASH_FIND(hh, book->keys, &hash, sizeof hash, key);
    return key;
}

static struct tri_book_key *key_of(struct tri_book *book, tr_term term)
{
    struct tri_hash hash = tri_hash_of(term);
    struct tri_book_key *key = find_key(book, hash);
    if (key || !(key = calloc(1, sizeof *key)))
        return key;
    key->hash = hash;
    HASH_ADD(hh, book->keys, hash, sizeof key->hash, key);
    if (key->hh.tbl)
        return key;
    free(key);
    return NULL;
}

static struct tri_book_holder *find_holder(const struct tri_book *book, tr_pid pid)
{
    struct tri_book_holder *holder;
    HASH_FIND(hh, book->holders, &pid, sizeof pid, holder);
    return holder;
}

static struct tri_book_holder *holder_of(struct tri_book *book, tr_pid pid)
{
    struct tri_book_holder *holder = find_holder(book, pid);
    if (holder || !(holder = calloc(1, sizeof *holder)))
        return holder;
    holder->pid = pid;
    HASH_ADD(hh, book->holders, pid, sizeof holder->pid, holder);
    if (holder->hh.tbl)
        return holder;
    free(holder);
    return NULL;
}

/* Lets those go that have no entries any more; either may be NULL. */
static void sweep(struct tri_book *book, struct tri_book_key *key, struct tri_book_holder *holder)
{
    if (key && !key->entries) {
        HASH_DEL(book->keys, key);
        free(key);
    }
    if (holder && !holder->entries) {
        HASH_DEL(book->holders, holder);
        free(holder);
    }
}

/* ---------------------------------------------------------------- entries */

static struct page *page_of(struct tri_book_entry *entry) { return (struct page *)entry; }

static void free_page(struct page *page)
{
    tr_out_deinit(&page->key);
    tr_out_deinit(&page->value);
    free(page);
}

static struct page *new_page(tr_term key, tr_term value)
{
    struct page *page = calloc(1, sizeof *page);
    if (!page)
        return NULL;
    if (tr_out_copy(&page->key, key) || tr_out_copy(&page->value, value)) {
        free_page(page);
        return NULL;
    }
    page->entry.key = tr_out_term(&page->key);
    page->entry.value = tr_out_term(&page->value);
    return page;
}

int tri_book_add(struct tri_book *book, tr_term key, tr_pid pid, tr_term value)
{
    struct tri_book_key *of_key = key_of(book, key);
    struct tri_book_holder *of_holder = holder_of(book, pid);
    struct page *page = of_key && of_holder ? new_page(key, value) : NULL;
    if (!page) {
        sweep(book, of_key, of_holder);
        return -ENOMEM;
    }
    struct tri_book_entry *entry = &page->entry;
    entry->pid = pid;
    entry->of_key = of_key;
    entry->of_holder = of_holder;
    DL_APPEND2(of_key->entries, entry, key_prev, key_next);
    DL_APPEND2(of_holder->entries, entry, holder_prev, holder_next);
    book->count++;
    return 0;
}

struct tri_book_entry *tri_book_find(const struct tri_book *book, tr_term key)
{
    struct tri_book_key *found = find_key(book, tri_hash_of(key));
    return found ? found->entries : NULL;
}

struct tri_book_entry *tri_book_find_pid(const struct tri_book *book, tr_pid pid)
{
    struct tri_book_holder *found = find_holder(book, pid);
    return found ? found->entries : NULL;
}

int tri_book_set_value(struct tri_book_entry *entry, tr_term value)
{
    struct tr_out copy = {0};
    struct page *page = page_of(entry);
    int r = tr_out_copy(&copy, value);
    if (r)
        return r;
    tr_out_deinit(&page->value);
    page->value = copy;
    entry->value = tr_out_term(&page->value);
    return 0;
}

void tri_book_remove(struct tri_book *book, struct tri_book_entry *entry)
{
    struct tri_book_key *key = entry->of_key;
    struct tri_book_holder *holder = entry->of_holder;
    DL_DELETE2(key->entries, entry, key_prev, key_next);
    DL_DELETE2(holder->entries, entry, holder_prev, holder_next);
    free_page(page_of(entry));
    book->count--;
    sweep(book, key, holder);
}

void tri_book_remove_pid(struct tri_book *book, tr_pid pid)
{
    struct tri_book_entry *entry = tri_book_find_pid(book, pid);
    while (entry) {
        struct tri_book_entry *next = entry->holder_next;
        tri_book_remove(book, entry);
        entry = next;
    }
}

void tri_book_visit(const struct tri_book *book,
                    void (*visit)(const struct tri_book_entry *entry, void *context), void *context)
{
    const struct tri_book_key *key;
    for (key = book->keys; key; key = key->hh.next)
        for (const struct tri_book_entry *at = key->entries; at; at = at->key_next)
            visit(at, context);
}

void tri_book_deinit(struct tri_book *book)
{
    while (book->holders)
        tri_book_remove_pid(book, book->holders->pid);
}
