/* Mistakes: what is wrong with a configuration, gathered, so that all of it is told at once, as compilers do. */
#ifndef TROUPE_CONFIG_MISTAKES_H
#define TROUPE_CONFIG_MISTAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* More are not gathered: who has so many has another problem than the hundred-and-first. */
enum { CONFIG_MISTAKES_MAX = 100 };

struct config_mistake {
    unsigned line; /* from 1; 0: the whole file */
    unsigned order;
    char *text;
};

/* Zeroed, it is empty. */
struct config_mistakes {
    struct config_mistake *at;
    size_t count, capacity;
    bool is_full; /* there were more, or there was no memory for one */
};

void config_mistakes_deinit(struct config_mistakes *mistakes);

/* Adds one, a sentence for people. The same words for the same line are kept once. */
void config_mistake(struct config_mistakes *mistakes, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints them in the order of their lines: "app.conf:12: …". */
void config_mistakes_print(struct config_mistakes *mistakes, const char *file, FILE *to);

#endif
