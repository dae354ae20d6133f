/* Copy: programs of the build in other places: where they may be changed, or where everybody may execute them, for the tree may
 * lie where only root may look, such as in /root. Whatever goes wrong fails the test. */
#ifndef SUPPORT_COPY_H
#define SUPPORT_COPY_H

#define COPY_PATH_BYTES 96

/* Copies a file, which everybody may then read and execute. There must be none at that place. */
void copy_file(const char *from, const char *to);

/* A folder where everybody may look. */
struct copies {
    char folder[32];
};

void copies_begin(struct copies *ret_copies);

/* Copies a program of the build, "tests/users", into the folder under that name. Returns ret_path. */
const char *copies_add(const struct copies *copies, const char *program, const char *name,
                       char ret_path[COPY_PATH_BYTES]);

/* Removes the folder, with all that is in it. */
void copies_end(const struct copies *copies);

#endif
