/* Staff: what the tests of configurations have supervised.
 *
 *     clerk     a plain actor; the message `leave` ends it
 *     desk      a server; its argument {refuse, File} makes it refuse to start as long as there is that file
 *     herald    a server that prints its argument, a text, when it ends
 *     office    a supervisor of this binary, with a clerk of the name that is its argument
 *     scribe    a plain actor that writes the variables COLOUR and HOME, and where it is, into the file that is its argument
 *     mayfly    ends at once; its argument is the reason
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troupe.h>
#include <unistd.h>

/* A text as C has it. False: it is too long. */
static bool copy_text(tr_bin from, char *to, size_t size_bytes)
{
    if (from.size_bytes >= size_bytes)
        return false;
    memcpy(to, from.data, from.size_bytes);
    to[from.size_bytes] = '\0';
    return true;
}

TR_ACTOR(clerk)
{
    (void)argument;
    tr_receive {
        tr_case("leave")
            return;
    }
}

static struct tr_step desk_init(tr_term argument, void **ret_state)
{
    tr_bin file;
    char path[4096];
    *ret_state = NULL;
    bool may_refuse =
        tr_match(argument, "{refuse, File}", &file) == 0 && copy_text(file, path, sizeof path);
    return may_refuse && access(path, F_OK) == 0 ? tr_stop("no_desk") : tr_ok();
}

static const struct tr_server_callbacks desk_callbacks = {.init = desk_init};
TR_SERVER(desk, &desk_callbacks)

/* A server, so that it traps exits when whoever stands behind it is started. */
static struct tr_step herald_init(tr_term argument, void **ret_state)
{
    static char text[64];
    tr_bin bytes;
    if (!tr_get_binary(argument, &bytes) || !copy_text(bytes, text, sizeof text))
        tr_exit("badarg");
    tr_trap_exit(true);
    *ret_state = text;
    return tr_ok();
}

static void herald_terminate(tr_term reason, void *state)
{
    (void)reason;
    printf("%s ended\n", (const char *)state);
}

static const struct tr_server_callbacks herald_callbacks = {.init = herald_init,
                                                            .terminate = herald_terminate};
TR_SERVER(herald, &herald_callbacks)

static void office_plant(tr_term argument, struct tr_tree *tree)
{
    static char name[64];
    tr_bin text;
    if (!tr_get_binary(argument, &text) || !copy_text(text, name, sizeof name))
        tr_exit("badarg");
    tr_tree_add(tree, TR_CHILD("clerk", .name = name, .is_plain_actor = true), "[]");
}
TR_SUPERVISOR(office, office_plant)

TR_ACTOR(scribe)
{
    tr_bin file;
    char path[4096], here[4096];
    if (!tr_get_binary(argument, &file) || !copy_text(file, path, sizeof path) ||
        !getcwd(here, sizeof here))
        tr_exit("badarg");
    FILE *out = fopen(path, "w");
    if (!out)
        tr_exit("no_file");
    const char *colour = getenv("COLOUR"), *home = getenv("HOME");
    fprintf(out, "%s %s %s\n", colour ? colour : "none", home ? home : "none", here);
    fclose(out);
    tr_receive {
        tr_case("leave")
            return;
    }
}

TR_ACTOR(mayfly) { tr_exit_term(argument); }

int main(int argc, char **argv) { return tr_main(argc, argv); }
