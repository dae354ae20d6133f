/* Crash: what a process that is about to end tells of its end, in a part of its window that costs nothing before.
 *
 * A signal handler writes it (process/crash.c), so it is raw: registers, addresses, and the kernel's own text of what is
 * mapped where. What the addresses mean is found out afterwards by another process (coroner/). The part lies behind the
 * ring, at tri_box_crash_offset: the struct, and from TRI_CRASH_MAPS_AT on the text.
 *
 * It is written by a process that has gone wrong: whoever reads it believes no length and no address in it.
 * tri_crash_read has checked what can be checked. */
#ifndef TRI_WIRE_CRASH_H
#define TRI_WIRE_CRASH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRI_CRASH_MAGIC 0x68737263u /* "crsh" */
#define TRI_CRASH_VERSION 1u
#define TRI_CRASH_BYTES (64u * 1024u)
#define TRI_CRASH_MAPS_AT 4096u
#define TRI_CRASH_MAPS_BYTES (TRI_CRASH_BYTES - TRI_CRASH_MAPS_AT)
#define TRI_CRASH_FRAMES 64u
#define TRI_CRASH_REGISTERS 33u

/* The signal by which the node asks an actor that hangs where it is: sent with sigqueue(3). */
#define TRI_HANG_SIGNAL (SIGRTMAX - 2)

enum tri_crash_cause {
    TRI_CRASH_SIGNAL = 1, /* a signal is going to end the process */
    TRI_CRASH_HANG, /* it lives, and does not come back to its runtime: asked for by the node */
    TRI_CRASH_EXIT, /* it calls exit(3) with another status than 0 after it was refused memory */
};

/* Which parts have been written: each is whole before the next begins. */
enum tri_crash_stage {
    TRI_CRASH_HAS_SIGNAL = 1, /* all of the struct but the frames */
    TRI_CRASH_HAS_FRAMES,     /* and these */
    TRI_CRASH_HAS_MAPS,       /* and the text, which may be cut */
};

struct tri_crash {
    uint32_t magic;
    uint16_t version;
    uint16_t machine; /* EM_X86_64, EM_AARCH64: whose registers they are */
    uint64_t pid;     /* the actor's, so that it is not taken for another tenant's of the slot */
    uint32_t cause;   /* enum tri_crash_cause */
    uint32_t stage;   /* enum tri_crash_stage */
    uint64_t at_ns;   /* tri_clock_ns */

    int32_t os_pid, thread_id; /* the same when it was the actor's own thread */
    char thread_name[16];
    int32_t signal, code; /* as in siginfo_t; of TRI_CRASH_EXIT: signal 0, code the exit status */
    uint64_t address;     /* si_addr: of SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS; else 0 */
    int32_t sender_os_pid, sender_uid; /* who sent it, when has_sender */
    int32_t errno_then;
    int32_t syscall; /* of SIGSYS: its number, and its AUDIT_ARCH_… */
    uint32_t audit_arch;
    uint8_t has_sender, has_address, was_refused_memory, maps_are_cut;
    uint64_t data_bytes, data_limit_bytes; /* 0: it has no limit */

    /* pc and stack pointer; and all of them in the order of gregs (x86-64), or x0 … x30, sp, pc (AArch64) */
    uint64_t pc, sp;
    uint32_t register_count;
    uint32_t frame_count;
    uint64_t registers[TRI_CRASH_REGISTERS];
    /* The innermost first. frames[0] is the pc itself; the others are return addresses, and the call is just before. */
    uint64_t frames[TRI_CRASH_FRAMES];

    uint32_t maps_bytes; /* of /proc/self/maps, whole lines */
    uint32_t unused;
};

_Static_assert(sizeof(struct tri_crash) <= TRI_CRASH_MAPS_AT, "a crash fits before its maps");

/* Reads the record in a slot's window and checks it: it is this pid's, its counts are within bounds, and text ends in NULs.
 * 0; TR_MALFORMED: there is none; a negative errno. The text of the maps is read by tri_crash_read_maps. */
int tri_crash_read(int boxes_fd, uint32_t slots, uint64_t pid, struct tri_crash *ret_crash);

/* Reads the maps into text, of TRI_CRASH_MAPS_BYTES + 1, and ends them with a NUL. Their length, which may be 0. */
size_t tri_crash_read_maps(int boxes_fd, uint32_t slots, const struct tri_crash *crash, char *text);

/* Is there anything in it that can be looked up? */
bool tri_crash_has_frames(const struct tri_crash *crash);

#endif
