/* A program of somebody else: what an installed troupe must be enough for. It writes a term, reads it, prints it. */
#include <stdio.h>
#include <string.h>
#include <troupe/term.h>

int main(void)
{
    struct tr_out out = {0};
    if (tr_put(&out, "{add, N}", 5))
        return 1;
    long n = 0;
    if (tr_match(tr_out_term(&out), "{add, N}", &n) || n != 5)
        return 2;
    char text[64];
    tr_print(tr_out_term(&out), text, sizeof text);
    tr_out_deinit(&out);
    puts(text);
    return strcmp(text, "{add,5}") ? 3 : 0;
}
