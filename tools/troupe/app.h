/* App: a configuration that runs. The tool's own binary is the actor binary of what holds the tree together:
 *
 *     app          the root: has the configuration, starts the tree, answers what belongs where        app.c
 *     branch       each supervisor that the configuration describes; asks the root for its children     app_branch.c
 *     reload       made for one reload: reads the file, and changes what runs                           app_reload.c
 *
 * A branch asks whenever it starts, so one that is started again after a reload has what the file says by then. The root
 * waits for nobody: the reload does, which may be killed. */
#ifndef TROUPE_TOOL_APP_H
#define TROUPE_TOOL_APP_H

#include "config/model.h"

#define APP_ENTRY "app"
#define APP_BRANCH_ENTRY "branch"
#define APP_RELOAD_ENTRY "reload"

/* Reads a file whole. The caller frees it. 0 or a negative errno; -EINVAL: it is no regular file. */
int app_read_file(const char *path, char **ret_text, size_t *ret_size_bytes);
const char *app_read_error(int fault);

/* Reads a configuration, finds everything that is wrong with it, and prints that.
 *   shown        the file's name as it is to be shown
 *   ret_config   NULL when there are mistakes, or when only they are of interest
 * How many mistakes there are, or -ENOMEM. */
int app_config_read(const char *file, const char *shown, const char *text, size_t size_bytes,
                    struct config **ret_config);

/* The folder of a file, in a buffer of the caller. */
const char *app_folder(const char *file, char *buffer, size_t size_bytes);

#endif
