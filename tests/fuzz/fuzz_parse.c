/* Hostile text as a term: it is parsed and then printed and parsed to the same, or the mistake is named and nothing is
 * left behind. */
#include <string.h>

#include "fuzz.h"
#include "troupe/term.h"

static void text_comes_back(const struct tr_out *out)
{
    struct tr_out again = {0};
    tr_term term;
    CLAIM(tr_check(out->data, out->size_bytes, NULL, &term) == 0);
    char *text = tr_print_new(term);
    CLAIM(text);
    CLAIM(tr_parse(text, &again, NULL, NULL) == 0);
    CLAIM(tr_equal(term, tr_out_term(&again)));
    free(text);
    tr_out_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tr_out out = {0};
    size_t error_at = 0;
    const char *message = NULL;
    char *text = malloc(size + 1);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    int r = tr_parse(text, &out, &error_at, &message);
    CLAIM(r == 0 || r == TR_SYNTAX || r == TR_TOO_DEEP);
    if (r == 0) {
        text_comes_back(&out);
    } else {
        CLAIM(error_at >= 1 && error_at <= size + 1);
        CLAIM(message && out.size_bytes == 0 && out.fault == 0);
    }
    free(text);
    tr_out_deinit(&out);
    return 0;
}
