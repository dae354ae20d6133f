/* Arguments: how a test's actor binary reads the words of its command line, which its root actor gets as a list. */
#ifndef SUPPORT_ARGUMENTS_H
#define SUPPORT_ARGUMENTS_H

#include <stdio.h>
#include <stdlib.h>
#include <troupe.h>

/* Copies the word at a place into buffer; "" when there is none. Returns buffer. */
static inline char *argument_word(tr_term arguments, size_t place, char *buffer, size_t size_bytes)
{
    struct tr_iter iter;
    tr_term each;
    tr_bin word;
    buffer[0] = '\0';
    if (!tr_get_list(arguments, &iter))
        return buffer;
    for (size_t i = 0; tr_next(&iter, &each); i++)
        if (i == place && tr_get_binary(each, &word))
            snprintf(buffer, size_bytes, "%.*s", (int)word.size_bytes, (const char *)word.data);
    return buffer;
}

/* The number at a place; `otherwise` when there is none. */
static inline long argument_number(tr_term arguments, size_t place, long otherwise)
{
    char word[32];
    argument_word(arguments, place, word, sizeof word);
    return word[0] ? atol(word) : otherwise;
}

#endif
