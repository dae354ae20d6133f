/* Launch: names the node, makes the root's argument, and becomes the guardian. */
#include "launch/launch.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "node/binary.h"
#include "node/body.h"
#include "node/guardian.h"

/* A binary's name as a node's name: what may not stand in one becomes _. */
static void node_name(const char *path, char name[TRI_NODE_NAME_BYTES])
{
    const char *slash = strrchr(path, '/');
    snprintf(name, TRI_NODE_NAME_BYTES, "%s", slash ? slash + 1 : path);
    for (char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '-')
            *at = '_';
    if (name[0] == '-')
        name[0] = '_';
}

static struct tri_body *make_argument(const struct tri_launch_options *options)
{
    struct tr_out out = {0};
    int count = options->argument_count;
    char **arguments = options->arguments;
    if (options->argument)
        return tri_body_of_out(options->argument);
    if (count > 0)
        tr_put_list_of(&out, (uint32_t)count);
    for (int i = 0; i < count; i++)
        tr_put_text(&out, arguments[i]);
    tr_put_nil(&out);
    struct tri_body *body = tri_body_of_out(&out);
    tr_out_deinit(&out);
    return body;
}

int tri_launch(const struct tri_launch_options *options)
{
    char name[TRI_NODE_NAME_BYTES], why[512];
    TRI_AUTO(tri_freep) char *path = NULL;
    struct tri_node_options node = {.entry = options->entry,
                                    .root_hears_hangup = options->root_is_tree,
                                    .root_has_no_deadline = options->root_is_tree};
    int r = tri_binary_check(options->binary, why, sizeof why);
    if (r == 0) {
        path = realpath(options->binary, NULL);
        if (!path)
            r = -errno;
        node_name(options->binary, name);
        if (r == 0 && strlen(path) >= TRI_IMAGE_PATH_BYTES)
            r = -ENAMETOOLONG;
        if (r)
            snprintf(why, sizeof why, "%.200s: %s", options->binary, tr_strerror(r));
    }
    if (r == 0)
        r = tri_rundir_name(options->node ? options->node : name, &node.dir, why, sizeof why);
    if (r) {
        fprintf(stderr, "troupe: %s\n", why);
        return 2;
    }
    node.binary = path;
    node.slots = options->slots ? options->slots : TRI_DEFAULT_SLOTS;
    if (node.slots < 2 || node.slots > TRI_MAX_SLOTS) {
        fprintf(stderr, "troupe: %u slots: give 2 … %u\n", node.slots, TRI_MAX_SLOTS);
        return 2;
    }
    node.argument = make_argument(options);
    if (!node.argument) {
        fprintf(stderr, "troupe: the arguments are too long\n");
        return 2;
    }
    int status = tri_guardian_run(&node);
    tri_body_unref(node.argument);
    return status;
}
