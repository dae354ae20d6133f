/* Frames: the compiler's own unwinder, which reads how each function keeps its frame in the tables of its object. */
#include "process/frames.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <unwind.h>

#include "base/populate.h"
#include "wire/box.h"

/* ---------------------------------------------------------------- the machine */

#if defined(__x86_64__)

#define MACHINE EM_X86_64

static void copy_registers(struct tri_crash *crash, const ucontext_t *context)
{
    crash->register_count = NGREG;
    for (size_t i = 0; i < NGREG; i++)
        crash->registers[i] = (uint64_t)context->uc_mcontext.gregs[i];
    crash->pc = crash->registers[REG_RIP];
    crash->sp = crash->registers[REG_RSP];
}

/* As if the function had returned that was called a moment ago. */
static void step_back(ucontext_t *context)
{
    uint64_t sp = (uint64_t)context->uc_mcontext.gregs[REG_RSP], caller;
    memcpy(&caller, (const void *)(uintptr_t)sp, sizeof caller);
    context->uc_mcontext.gregs[REG_RIP] = (long long)caller;
    context->uc_mcontext.gregs[REG_RSP] = (long long)(sp + sizeof caller);
}

static uint64_t pc_of(const ucontext_t *context)
{
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
}

#elif defined(__aarch64__)

#define MACHINE EM_AARCH64

static void copy_registers(struct tri_crash *crash, const ucontext_t *context)
{
    crash->register_count = 33;
    for (size_t i = 0; i < 31; i++)
        crash->registers[i] = context->uc_mcontext.regs[i];
    crash->registers[31] = crash->sp = context->uc_mcontext.sp;
    crash->registers[32] = crash->pc = context->uc_mcontext.pc;
}

static void step_back(ucontext_t *context)
{
    context->uc_mcontext.pc = context->uc_mcontext.regs[30];
}

static uint64_t pc_of(const ucontext_t *context) { return context->uc_mcontext.pc; }

#else

#define MACHINE EM_NONE

static void copy_registers(struct tri_crash *crash, const ucontext_t *context)
{
    (void)crash;
    (void)context;
}

static void step_back(ucontext_t *context) { (void)context; }

static uint64_t pc_of(const ucontext_t *context)
{
    (void)context;
    return 0;
}

#endif

void tri_frames_tell_registers(struct tri_crash *crash, const ucontext_t *context)
{
    crash->machine = MACHINE;
    copy_registers(crash, context);
}

/* ---------------------------------------------------------------- the unwinder */

/* The walk begins in the handler; what counts begins where the signal came. */
struct walk {
    struct tri_crash *crash;
    uint64_t first;
    bool has_begun;
};

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *data)
{
    struct walk *walk = data;
    struct tri_crash *crash = walk->crash;
    uint64_t address = (uint64_t)_Unwind_GetIP(context);
    walk->has_begun |= address == walk->first;
    if (!walk->has_begun)
        return _URC_NO_REASON;
    if (address == 0 || crash->frame_count >= TRI_CRASH_FRAMES)
        return _URC_END_OF_STACK;
    crash->frames[crash->frame_count] = address;
    __atomic_store_n(&crash->frame_count, crash->frame_count + 1, __ATOMIC_RELEASE);
    return _URC_NO_REASON;
}

static void walk_from(struct tri_crash *crash, uint64_t address)
{
    struct walk walk = {.crash = crash, .first = address};
    _Unwind_Backtrace(step, &walk);
}

void tri_frames_gather(struct tri_crash *crash, ucontext_t *context)
{
    (void)context;
    walk_from(crash, crash->pc);
}

void tri_frames_gather_from_caller(struct tri_crash *crash, ucontext_t *context)
{
    if (MACHINE == EM_NONE)
        return;
    crash->frames[0] = crash->pc;
    crash->frame_count = 1;
    step_back(context);
    walk_from(crash, pc_of(context));
}

void tri_frames_warm_up(struct tri_crash *scratch)
{
    scratch->frame_count = 0;
    walk_from(scratch, 0);
}

/* ---------------------------------------------------------------- modules */

/* Appends an address in hexadecimal digits. */
static char *put_hex(char *at, uint64_t value, int digits)
{
    while (digits-- > 0)
        *at++ = "0123456789abcdef"[value >> 4 * digits & 15];
    return at;
}

#define WHAT_IT_IS " r-xp 00000000 00:00 0 "
#define LINE_BYTES 80 /* without its path, at most */

/* "begin-end r-xp 00000000 00:00 0 path\n" of the object that an address lies in. How many bytes; 0: none, or no room. */
static size_t put_module(uint64_t address, char *text, size_t room)
{
#if defined(__GLIBC_PREREQ) && __GLIBC_PREREQ(2, 35)
    struct dl_find_object object;
    if (_dl_find_object((void *)(uintptr_t)address, &object))
        return 0;
    const char *path = object.dlfo_link_map->l_name;
    if (!*path) /* the program itself */
        path = (const char *)(uintptr_t)getauxval(AT_EXECFN);
    size_t path_bytes = path ? strlen(path) : 0;
    if (path_bytes == 0 || room < path_bytes + LINE_BYTES)
        return 0;
    char *at = put_hex(text, (uint64_t)(uintptr_t)object.dlfo_map_start, 16);
    *at++ = '-';
    at = put_hex(at, (uint64_t)(uintptr_t)object.dlfo_map_end, 16);
    at = mempcpy(at, WHAT_IT_IS, strlen(WHAT_IT_IS));
    at = mempcpy(at, path, path_bytes);
    *at++ = '\n';
    return (size_t)(at - text);
#else
    (void)address;
    (void)text;
    (void)room;
    return 0;
#endif
}

void tri_frames_tell_modules(struct tri_crash *crash)
{
    char *text = (char *)crash + TRI_CRASH_MAPS_AT;
    size_t size = 0;
    if (tri_populate(text, TRI_PAGE_BYTES))
        return;
    for (uint32_t i = 0; i < crash->frame_count; i++)
        size += put_module(crash->frames[i], text + size, TRI_PAGE_BYTES - size);
    crash->maps_bytes = (uint32_t)size;
}
