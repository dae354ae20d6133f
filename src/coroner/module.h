/* Module: a file that processes have mapped, opened with libdw as it lies on disk, not as any of them had mapped it: so one
 * that has been looked at once serves every process that uses it. */
#ifndef TRI_CORONER_MODULE_H
#define TRI_CORONER_MODULE_H

#include "coroner/libdw.h"
#include "coroner/symbols.h"

struct tri_module;

/* Opens a file as a module.
 *   libdw    NULL: it can be asked for nothing but offsets
 * NULL when it is not an ELF file of this machine's kind, or cannot be opened. */
struct tri_module *tri_module_open(const struct tri_libdw *libdw, const char *path);
void tri_module_close(struct tri_module *module);

/* Which file it is. */
const char *tri_module_path(const struct tri_module *module);
uint64_t tri_module_inode(const struct tri_module *module);
/* When it was written last, since 1970. */
uint64_t tri_module_changed_s(const struct tri_module *module);

/* Is it still what lies at its path, unchanged? */
bool tri_module_is_current(const struct tri_module *module);

/* The address for which a byte of the file was linked; the byte's own offset when no part of the file that is loaded holds
 * it. */
uint64_t tri_module_address(const struct tri_module *module, uint64_t file_offset);

/* Tells of an address for which the module was linked: one frame, or several when calls were inlined there, innermost first.
 * Sets function, function_offset, file, line and is_inlined of each. Returns how many; 0 when nothing is known. */
size_t tri_module_tell(const struct tri_module *module, uint64_t address,
                       struct tri_frame *ret_frames, size_t max);

#endif
