/* Libdw: what is used of elfutils' libdw, by its own declarations. It is loaded at run time by the one process that wants it,
 * so that neither node nor actors carry it. */
#ifndef TRI_CORONER_LIBDW_H
#define TRI_CORONER_LIBDW_H

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdbool.h>

/* What is called, and how it is called here. */
#define TRI_LIBDW(X)                                                                               \
    X(dwfl_begin)                                                                                  \
    X(dwfl_end)                                                                                    \
    X(dwfl_report_elf)                                                                             \
    X(dwfl_report_end)                                                                             \
    X(dwfl_build_id_find_elf)                                                                      \
    X(dwfl_standard_find_debuginfo)                                                                \
    X(dwfl_offline_section_address)                                                                \
    X(dwfl_module_addrdie)                                                                         \
    X(dwfl_module_nextcu)                                                                          \
    X(dwfl_module_addrinfo)                                                                        \
    X(dwarf_haspc)                                                                                 \
    X(dwarf_tag)                                                                                   \
    X(dwarf_diename)                                                                               \
    X(dwarf_attr)                                                                                  \
    X(dwarf_formudata)                                                                             \
    X(dwarf_formstring)                                                                            \
    X(dwarf_getscopes)                                                                             \
    X(dwarf_getscopes_die)                                                                         \
    X(dwarf_getsrc_die)                                                                            \
    X(dwarf_getsrcfiles)                                                                           \
    X(dwarf_filesrc)                                                                               \
    X(dwarf_linesrc)                                                                               \
    X(dwarf_lineno)

struct tri_libdw {
#define TRI_LIBDW_FIELD(name) __typeof__(&name) name;
    TRI_LIBDW(TRI_LIBDW_FIELD)
#undef TRI_LIBDW_FIELD
};

/* Loads it into this process, for as long as that lives. False when it, or something in it, is not there. */
bool tri_libdw_load(struct tri_libdw *ret_libdw);

#endif
