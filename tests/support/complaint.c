/* Complaint: looks at the one line. */
#include "support/complaint.h"

#include <string.h>

#include "support/fixture.h"

void expect_complaint(struct program *program, int exit_status, ...)
{
    va_list words;
    program_expect_exit(program, exit_status);
    const char *text = program_stderr(program);
    size_t length = strlen(text);
    if (length < 10 || strchr(text, '\n') != text + length - 1)
        fail_msg("not one line: \"%s\"", text);
    va_start(words, exit_status);
    for (const char *word; (word = va_arg(words, const char *));)
        if (!strstr(text, word))
            fail_msg("\"%s\" is not said: %s", word, text);
    va_end(words);
}
