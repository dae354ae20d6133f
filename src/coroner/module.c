/* Module: the debugging information is asked first, because it knows inlined calls and lines; the table of symbols, which is
 * all that a stripped file has, second. */
#include "coroner/module.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "coroner/demangle.h"

/* How many parts of a file are loaded, at most; linkers make four or five. */
#define SEGMENTS_MAX 16

struct segment {
    uint64_t offset, size_bytes, address;
};

struct tri_module {
    const struct tri_libdw *libdw;
    Dwfl *dwfl;       /* NULL without libdw */
    Dwfl_Module *mod; /* NULL when libdw does not want it */
    uint64_t inode, device, changed_ns, size_bytes;
    struct segment segments[SEGMENTS_MAX];
    size_t segment_count;
    char path[];
};

static uint64_t changed_ns(const struct stat *st)
{
    return (uint64_t)st->st_mtim.tv_sec * TRI_NS_PER_S + (uint64_t)st->st_mtim.tv_nsec;
}

/* ---------------------------------------------------------------- opening */

/* Reads which parts are loaded where. False when this is no ELF file of this machine's kind. */
static bool read_segments(struct tri_module *module, int fd)
{
    ElfW(Ehdr) head;
    ElfW(Phdr) part;
    int own_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    if (tri_fd_read_at(fd, &head, sizeof head, 0) != sizeof head ||
        memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != own_class ||
        head.e_phentsize != sizeof part)
        return false;
    for (unsigned i = 0; i < head.e_phnum && module->segment_count < SEGMENTS_MAX; i++) {
        off_t at = (off_t)(head.e_phoff + i * sizeof part);
        if (tri_fd_read_at(fd, &part, sizeof part, at) != sizeof part)
            return false;
        if (part.p_type == PT_LOAD)
            module->segments[module->segment_count++] =
                (struct segment){part.p_offset, part.p_filesz, part.p_vaddr};
    }
    return module->segment_count > 0;
}

/* The standard search, of the folders where separate debugging information lies. */
static char *debuginfo_path = (char *)":.debug:/usr/lib/debug";

/* Hands the file to libdw, as if it were loaded where it was linked for: at 0, when it can be loaded anywhere. */
static void report(struct tri_module *module)
{
    static Dwfl_Callbacks callbacks;
    const struct tri_libdw *libdw = module->libdw;
    callbacks.find_elf = libdw->dwfl_build_id_find_elf;
    callbacks.find_debuginfo = libdw->dwfl_standard_find_debuginfo;
    callbacks.section_address = libdw->dwfl_offline_section_address;
    callbacks.debuginfo_path = &debuginfo_path;
    module->dwfl = libdw->dwfl_begin(&callbacks);
    if (!module->dwfl)
        return;
    module->mod = libdw->dwfl_report_elf(module->dwfl, module->path, module->path, -1, 0, true);
    libdw->dwfl_report_end(module->dwfl, NULL, NULL);
}

struct tri_module *tri_module_open(const struct tri_libdw *libdw, const char *path)
{
    struct stat st;
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return NULL;
    struct tri_module *module = calloc(1, sizeof *module + strlen(path) + 1);
    if (!module)
        return NULL;
    strcpy(module->path, path);
    module->libdw = libdw;
    module->inode = st.st_ino;
    module->device = st.st_dev;
    module->changed_ns = changed_ns(&st);
    module->size_bytes = (uint64_t)st.st_size;
    if (!read_segments(module, fd)) {
        free(module);
        return NULL;
    }
    if (libdw)
        report(module);
    return module;
}

void tri_module_close(struct tri_module *module)
{
    if (module && module->dwfl)
        module->libdw->dwfl_end(module->dwfl);
    free(module);
}

const char *tri_module_path(const struct tri_module *module) { return module->path; }

uint64_t tri_module_inode(const struct tri_module *module) { return module->inode; }

uint64_t tri_module_changed_s(const struct tri_module *module)
{
    return module->changed_ns / TRI_NS_PER_S;
}

bool tri_module_is_current(const struct tri_module *module)
{
    struct stat st;
    return stat(module->path, &st) == 0 && st.st_ino == module->inode &&
           st.st_dev == module->device && changed_ns(&st) == module->changed_ns &&
           (uint64_t)st.st_size == module->size_bytes;
}

uint64_t tri_module_address(const struct tri_module *module, uint64_t file_offset)
{
    for (size_t i = 0; i < module->segment_count; i++) {
        const struct segment *segment = &module->segments[i];
        if (file_offset >= segment->offset && file_offset - segment->offset < segment->size_bytes)
            return segment->address + (file_offset - segment->offset);
    }
    return file_offset;
}

/* ---------------------------------------------------------------- telling */

static void copy_name(char *to, size_t size_bytes, const char *name)
{
    snprintf(to, size_bytes, "%s", name ? name : "");
}

static const char *text_of(const struct tri_libdw *libdw, Dwarf_Die *die, unsigned attribute)
{
    Dwarf_Attribute found;
    return libdw->dwarf_attr(die, attribute, &found) ? libdw->dwarf_formstring(&found) : NULL;
}

static uint64_t number_of(const struct tri_libdw *libdw, Dwarf_Die *die, unsigned attribute)
{
    Dwarf_Attribute found;
    Dwarf_Word number = 0;
    if (libdw->dwarf_attr(die, attribute, &found))
        libdw->dwarf_formudata(&found, &number);
    return number;
}

/* The path of a source file, behind the folder in which the compiler ran when it is a relative one. */
static void set_file(const struct tri_libdw *libdw, Dwarf_Die *unit, const char *source,
                     struct tri_frame *frame)
{
    const char *folder = source && *source != '/' ? text_of(libdw, unit, DW_AT_comp_dir) : NULL;
    int length = snprintf(frame->file, sizeof frame->file, "%s%s%s", folder ? folder : "",
                          folder ? "/" : "", source ? source : "");
    /* The end of a path tells more than its beginning. */
    if (length >= (int)sizeof frame->file)
        snprintf(frame->file, sizeof frame->file, "%s", source);
}

/* The unit that was compiled into this address. Not every compiler makes an index of these: then all are asked. */
static Dwarf_Die *unit_at(const struct tri_module *module, uint64_t address, Dwarf_Addr *ret_bias)
{
    const struct tri_libdw *libdw = module->libdw;
    Dwarf_Die *unit = libdw->dwfl_module_addrdie(module->mod, address, ret_bias);
    if (unit)
        return unit;
    while ((unit = libdw->dwfl_module_nextcu(module->mod, unit, ret_bias)))
        if (libdw->dwarf_haspc(unit, address - *ret_bias) == 1)
            return unit;
    return NULL;
}

/* Goes outward from the innermost scope: each inlined call knows where it was called from. */
static size_t tell_scopes(const struct tri_libdw *libdw, Dwarf_Die *unit, Dwarf_Die *scopes,
                          int scope_count, struct tri_frame *frames, size_t max)
{
    Dwarf_Files *files = NULL;
    size_t count = 0, file_count = 0;
    for (int i = 0; i < scope_count && count < max; i++) {
        int tag = libdw->dwarf_tag(&scopes[i]);
        if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine)
            continue;
        struct tri_frame *frame = &frames[count++];
        copy_name(frame->function, sizeof frame->function, libdw->dwarf_diename(&scopes[i]));
        frame->is_inlined = tag == DW_TAG_inlined_subroutine && count < max;
        if (tag == DW_TAG_subprogram)
            break;
        if (count == max || libdw->dwarf_getsrcfiles(unit, &files, &file_count))
            continue;
        uint64_t file = number_of(libdw, &scopes[i], DW_AT_call_file);
        frames[count].line = (uint32_t)number_of(libdw, &scopes[i], DW_AT_call_line);
        set_file(libdw, unit,
                 file < file_count ? libdw->dwarf_filesrc(files, file, NULL, NULL) : NULL,
                 &frames[count]);
    }
    return count;
}

/* What the debugging information says. */
static size_t tell_by_units(const struct tri_module *module, uint64_t address,
                            struct tri_frame *frames, size_t max)
{
    const struct tri_libdw *libdw = module->libdw;
    Dwarf_Addr bias;
    Dwarf_Die *unit = unit_at(module, address, &bias);
    if (!unit)
        return 0;
    Dwarf_Line *line = libdw->dwarf_getsrc_die(unit, address - bias);
    int number = 0;
    if (line && libdw->dwarf_lineno(line, &number) == 0) {
        frames[0].line = (uint32_t)number;
        set_file(libdw, unit, libdw->dwarf_linesrc(line, NULL, NULL), &frames[0]);
    }
    TRI_AUTO(tri_freep) Dwarf_Die *found = NULL;
    TRI_AUTO(tri_freep) Dwarf_Die *scopes = NULL;
    /* The first call follows an inlined function to where it was written; the second, from there outward, to where it is. */
    if (libdw->dwarf_getscopes(unit, address - bias, &found) <= 0)
        return line ? 1 : 0;
    int count = libdw->dwarf_getscopes_die(&found[0], &scopes);
    size_t told = tell_scopes(libdw, unit, scopes, count, frames, max);
    return told == 0 && line ? 1 : told;
}

/* What the table of symbols says of the function that was not inlined. */
static bool tell_by_symbols(const struct tri_module *module, uint64_t address,
                            struct tri_frame *frame)
{
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char *name = module->libdw->dwfl_module_addrinfo(module->mod, address, &offset, &symbol,
                                                           NULL, NULL, NULL);
    if (!name)
        return false;
    frame->function_offset = offset;
    if (!frame->function[0])
        tri_demangle(name, frame->function, sizeof frame->function);
    return true;
}

size_t tri_module_tell(const struct tri_module *module, uint64_t address,
                       struct tri_frame *ret_frames, size_t max)
{
    if (!module->mod || max == 0)
        return 0;
    size_t count = tell_by_units(module, address, ret_frames, max);
    bool has_symbol = tell_by_symbols(module, address, &ret_frames[count > 0 ? count - 1 : 0]);
    return count == 0 && has_symbol ? 1 : count;
}
