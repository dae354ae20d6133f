/* Binary: libelf looks for the section that the linker makes of TR_ACTOR; strip(1) leaves it in place. What may be a
 * pipe or a device is looked at before it is opened, because opening those can have effects, and wait for ever. */
#include "node/binary.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "troupe/outcome.h"

#define ACTORS_SECTION "troupe_actors"

static bool has_actors(int fd)
{
    bool is_found = false;
    size_t names;
    if (elf_version(EV_CURRENT) == EV_NONE)
        return false;
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    if (elf && elf_kind(elf) == ELF_K_ELF && elf_getshdrstrndx(elf, &names) == 0) {
        for (Elf_Scn *section = NULL; !is_found && (section = elf_nextscn(elf, section));) {
            GElf_Shdr header;
            const char *name =
                gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
            is_found = name && strcmp(name, ACTORS_SECTION) == 0;
        }
    }
    elf_end(elf);
    return is_found;
}

static int fail(int r, const char *path, const char *what, char *why, size_t why_bytes)
{
    snprintf(why, why_bytes, "%.200s: %s", path, what);
    return r;
}

int tri_binary_check(const char *path, char *why, size_t why_bytes)
{
    struct stat st;
    char same_file[64];
    TRI_AUTO(tri_fd_close) int fd = -1;
    TRI_AUTO(tri_fd_close) int place = open(path, O_PATH | O_CLOEXEC);
    if (place < 0 || fstat(place, &st) < 0)
        return fail(-errno, path, strerror(errno), why, why_bytes);
    if (S_ISDIR(st.st_mode))
        return fail(-EISDIR, path, "a directory, not an actor binary", why, why_bytes);
    snprintf(same_file, sizeof same_file, "/proc/self/fd/%d", place);
    if (S_ISREG(st.st_mode) && (fd = open(same_file, O_RDONLY | O_CLOEXEC)) < 0)
        return fail(-errno, path, strerror(errno), why, why_bytes);
    if (fd < 0 || !has_actors(fd))
        return fail(TR_NOT_AN_ACTOR, path,
                    "not an actor binary: it defines no TR_ACTOR (see troupe(3))", why, why_bytes);
    if (access(path, X_OK) < 0)
        return fail(-errno, path, "not executable", why, why_bytes);
    return 0;
}
