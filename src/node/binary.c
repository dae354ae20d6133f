/* Binary: libelf looks for the section that the linker makes of TR_ACTOR; strip(1) leaves it in place. The library is
 * loaded where it is needed, in what becomes a template or a launcher: in the template itself, every fork would have to
 * carry it, and libz with it (a tenth of the time that a fork takes). What may be a
 * pipe or a device is looked at before it is opened, because opening those can have effects, and wait for ever. */
#include "node/binary.h"

#include <dlfcn.h>
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

/* What is used of libelf, by its own declarations. */
struct libelf {
    __typeof__(&elf_version) version;
    __typeof__(&elf_begin) begin;
    __typeof__(&elf_end) end;
    __typeof__(&elf_kind) kind;
    __typeof__(&elf_getshdrstrndx) getshdrstrndx;
    __typeof__(&elf_nextscn) nextscn;
    __typeof__(&elf_strptr) strptr;
    __typeof__(&gelf_getshdr) getshdr;
};

static bool find(void *library, const char *name, void *ret_function)
{
    void *found = library ? dlsym(library, name) : NULL;
    memcpy(ret_function, &found, sizeof found);
    return found;
}

/* Loads it. False when it is not installed. */
static bool load(struct libelf *elf)
{
    void *library = dlopen("libelf.so.1", RTLD_NOW | RTLD_LOCAL);
    return find(library, "elf_version", &elf->version) && find(library, "elf_begin", &elf->begin) &&
           find(library, "elf_end", &elf->end) && find(library, "elf_kind", &elf->kind) &&
           find(library, "elf_getshdrstrndx", &elf->getshdrstrndx) &&
           find(library, "elf_nextscn", &elf->nextscn) &&
           find(library, "elf_strptr", &elf->strptr) &&
           find(library, "gelf_getshdr", &elf->getshdr) && elf->version(EV_CURRENT) != EV_NONE;
}

static bool has_actors(const struct libelf *libelf, int fd)
{
    bool is_found = false;
    size_t names;
    Elf *elf = libelf->begin(fd, ELF_C_READ, NULL);
    if (elf && libelf->kind(elf) == ELF_K_ELF && libelf->getshdrstrndx(elf, &names) == 0) {
        for (Elf_Scn *section = NULL; !is_found && (section = libelf->nextscn(elf, section));) {
            GElf_Shdr header;
            const char *name = libelf->getshdr(section, &header)
                                   ? libelf->strptr(elf, names, header.sh_name)
                                   : NULL;
            is_found = name && strcmp(name, ACTORS_SECTION) == 0;
        }
    }
    libelf->end(elf);
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
    struct libelf libelf;
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
    if (fd >= 0 && !load(&libelf))
        return fail(-ELIBACC, path, "cannot be looked at: libelf.so.1 is missing", why, why_bytes);
    if (fd < 0 || !has_actors(&libelf, fd))
        return fail(TR_NOT_AN_ACTOR, path,
                    "not an actor binary: it defines no TR_ACTOR (see troupe(3))", why, why_bytes);
    if (access(path, X_OK) < 0)
        return fail(-errno, path, "not executable", why, why_bytes);
    return 0;
}
