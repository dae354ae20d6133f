/* Binary: libelf looks for the section that the linker makes of TR_ACTOR; strip(1) leaves it in place. The library is
 * loaded where it is needed, in what becomes a template or a launcher: in the template itself, every fork would have to
 * carry it, and libz with it (a tenth of the time that a fork takes). What may be a
 * pipe or a device is looked at before it is opened, because opening those can have effects, and wait for ever. */
#include "node/binary.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/library.h"
#include "troupe/outcome.h"
#include "troupe/process.h"

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
    __typeof__(&elf_rawdata) rawdata;
    __typeof__(&elf_getdata) getdata;
    __typeof__(&gelf_getrela) getrela;
    __typeof__(&gelf_getclass) getclass;
};

/* Loads it. False when it is not installed. */
static bool load(struct libelf *elf)
{
    void *library = dlopen("libelf.so.1", RTLD_NOW | RTLD_LOCAL);
    return tri_library_find(library, "elf_version", &elf->version) &&
           tri_library_find(library, "elf_begin", &elf->begin) &&
           tri_library_find(library, "elf_end", &elf->end) &&
           tri_library_find(library, "elf_kind", &elf->kind) &&
           tri_library_find(library, "elf_getshdrstrndx", &elf->getshdrstrndx) &&
           tri_library_find(library, "elf_nextscn", &elf->nextscn) &&
           tri_library_find(library, "elf_strptr", &elf->strptr) &&
           tri_library_find(library, "gelf_getshdr", &elf->getshdr) &&
           tri_library_find(library, "elf_rawdata", &elf->rawdata) &&
           tri_library_find(library, "elf_getdata", &elf->getdata) &&
           tri_library_find(library, "gelf_getrela", &elf->getrela) &&
           tri_library_find(library, "gelf_getclass", &elf->getclass) &&
           elf->version(EV_CURRENT) != EV_NONE;
}

/* The section that TR_ACTOR fills, or NULL. */
static Elf_Scn *find_actors(const struct libelf *libelf, Elf *elf, GElf_Shdr *ret_header)
{
    size_t names;
    if (!elf || libelf->kind(elf) != ELF_K_ELF || libelf->getshdrstrndx(elf, &names))
        return NULL;
    for (Elf_Scn *section = NULL; (section = libelf->nextscn(elf, section));) {
        const char *name = libelf->getshdr(section, ret_header)
                               ? libelf->strptr(elf, names, ret_header->sh_name)
                               : NULL;
        if (name && strcmp(name, ACTORS_SECTION) == 0)
            return section;
    }
    return NULL;
}

static bool has_actors(const struct libelf *libelf, int fd)
{
    GElf_Shdr header;
    Elf *elf = libelf->begin(fd, ELF_C_READ, NULL);
    bool is_found = find_actors(libelf, elf, &header) != NULL;
    libelf->end(elf);
    return is_found;
}

static int fail(int r, const char *path, const char *what, char *why, size_t why_bytes)
{
    snprintf(why, why_bytes, "%.200s: %s", path, what);
    return r;
}

static int fail_as_none(const char *path, char *why, size_t why_bytes)
{
    return fail(TR_NOT_AN_ACTOR, path,
                "not an actor binary: it defines no TR_ACTOR (see troupe(3))", why, why_bytes);
}

/* Opens a file that may be an actor binary. *ret_fd and the library are there when the answer is 0. */
static int open_binary(const char *path, struct libelf *libelf, int *ret_fd, char *why,
                       size_t why_bytes)
{
    struct stat st;
    char same_file[64];
    TRI_AUTO(tri_fd_close) int place = open(path, O_PATH | O_CLOEXEC);
    if (place < 0 || fstat(place, &st) < 0)
        return fail(-errno, path, strerror(errno), why, why_bytes);
    if (S_ISDIR(st.st_mode))
        return fail(-EISDIR, path, "a directory, not an actor binary", why, why_bytes);
    if (!S_ISREG(st.st_mode))
        return fail_as_none(path, why, why_bytes);
    snprintf(same_file, sizeof same_file, "/proc/self/fd/%d", place);
    TRI_AUTO(tri_fd_close) int fd = open(same_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(-errno, path, strerror(errno), why, why_bytes);
    if (!load(libelf))
        return fail(-ELIBACC, path, "cannot be looked at: libelf.so.1 is missing", why, why_bytes);
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int tri_binary_check(const char *path, char *why, size_t why_bytes)
{
    struct libelf libelf;
    TRI_AUTO(tri_fd_close) int fd = -1;
    int r = open_binary(path, &libelf, &fd, why, why_bytes);
    if (r)
        return r;
    if (!has_actors(&libelf, fd))
        return fail_as_none(path, why, why_bytes);
    if (access(path, X_OK) < 0)
        return fail(-errno, path, "not executable", why, why_bytes);
    return 0;
}

/* In a folder in which each may remove only what is his own, what is root's stays root's. */
static bool is_roots(const struct stat *st)
{
    bool is_shared = S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX;
    return st->st_uid == 0 && !S_ISLNK(st->st_mode) && (is_shared || !(st->st_mode & 022));
}

/* Looks at the first `length` bytes of a path. */
static int check_owner(const char *path, size_t length, char *why, size_t why_bytes)
{
    char part[PATH_MAX];
    struct stat st;
    snprintf(part, sizeof part, "%.*s", (int)length, path);
    if (lstat(part, &st) < 0)
        return fail(-errno, path, strerror(errno), why, why_bytes);
    return is_roots(&st)
               ? 0
               : fail(-EPERM, path, "others than root can have put it there", why, why_bytes);
}

int tri_binary_check_owner(const char *path, char *why, size_t why_bytes)
{
    int r = path[0] == '/' ? check_owner(path, 1, why, why_bytes) : -EINVAL;
    for (const char *end = strchr(path + 1, '/'); r == 0 && end; end = strchr(end + 1, '/'))
        r = check_owner(path, (size_t)(end - path), why, why_bytes);
    return r ? r : check_owner(path, strlen(path), why, why_bytes);
}

/* ---------------------------------------------------------------- entries */

/* An opened binary, as the kernel and the linker would lay it out. */
struct image {
    const struct libelf *libelf;
    Elf *elf;
};

/* The bytes in the file that will stand at an address, up to the end of their section. NULL: none. */
static const uint8_t *bytes_at(const struct image *image, uint64_t address, size_t *ret_left)
{
    for (Elf_Scn *section = NULL; (section = image->libelf->nextscn(image->elf, section));) {
        GElf_Shdr header;
        if (!image->libelf->getshdr(section, &header) || !(header.sh_flags & SHF_ALLOC) ||
            header.sh_type == SHT_NOBITS || address < header.sh_addr ||
            address - header.sh_addr >= header.sh_size)
            continue;
        const Elf_Data *data = image->libelf->rawdata(section, NULL);
        uint64_t offset = address - header.sh_addr;
        if (!data || !data->d_buf || offset >= data->d_size)
            return NULL;
        *ret_left = data->d_size - offset;
        return (const uint8_t *)data->d_buf + offset;
    }
    return NULL;
}

/* A pointer that the linker has left to be filled in when the binary is loaded: what will stand there. */
static uint64_t relocated(const struct image *image, uint64_t address)
{
    for (Elf_Scn *section = NULL; (section = image->libelf->nextscn(image->elf, section));) {
        GElf_Shdr header;
        GElf_Rela rela;
        if (!image->libelf->getshdr(section, &header) || header.sh_type != SHT_RELA ||
            header.sh_entsize == 0)
            continue;
        Elf_Data *data = image->libelf->getdata(section, NULL);
        for (size_t i = 0; data && i < header.sh_size / header.sh_entsize; i++)
            if (image->libelf->getrela(data, (int)i, &rela) && rela.r_offset == address)
                return (uint64_t)rela.r_addend;
    }
    return 0;
}

/* The pointer that will stand at an address, as if the binary were loaded at 0; 0 for none. */
static uint64_t pointer_at(const struct image *image, uint64_t address)
{
    uintptr_t pointer = 0;
    size_t left;
    const uint8_t *bytes = bytes_at(image, address, &left);
    if (bytes && left >= sizeof pointer)
        memcpy(&pointer, bytes, sizeof pointer);
    return pointer ? pointer : relocated(image, address);
}

/* The name of the entry to which the section has a pointer at this address, or NULL. */
static const char *name_at(const struct image *image, uint64_t address)
{
    size_t left;
    uint64_t entry = pointer_at(image, address);
    uint64_t name = entry ? pointer_at(image, entry + offsetof(struct tr_entry, name)) : 0;
    const char *text = name ? (const char *)bytes_at(image, name, &left) : NULL;
    return text && memchr(text, '\0', left) ? text : NULL;
}

static int gather(const struct image *image, const GElf_Shdr *section, char **ret_entries)
{
    char *names = calloc(1, 1);
    size_t used = 0;
    for (uint64_t at = 0; names && at + sizeof(void *) <= section->sh_size; at += sizeof(void *)) {
        const char *name = name_at(image, section->sh_addr + at);
        size_t length = name ? strlen(name) + 1 : 0;
        char *more = name ? realloc(names, used + length + 1) : names;
        if (!more) {
            free(names);
            return -ENOMEM;
        }
        names = more;
        memcpy(names + used, name ? name : "", length);
        used += length;
        names[used] = '\0';
    }
    *ret_entries = names;
    return names ? 0 : -ENOMEM;
}

int tri_binary_entries(const char *path, char **ret_entries, char *why, size_t why_bytes)
{
    struct libelf libelf;
    GElf_Shdr section;
    TRI_AUTO(tri_fd_close) int fd = -1;
    int own_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    int r = tri_binary_check(path, why, why_bytes);
    if (r == 0)
        r = open_binary(path, &libelf, &fd, why, why_bytes);
    if (r)
        return r;
    struct image image = {&libelf, libelf.begin(fd, ELF_C_READ, NULL)};
    if (!find_actors(&libelf, image.elf, &section) || libelf.getclass(image.elf) != own_class)
        r = fail_as_none(path, why, why_bytes);
    else
        r = gather(&image, &section, ret_entries);
    libelf.end(image.elf);
    return r;
}
