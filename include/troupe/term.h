/* Terms: Erlang's values, in Erlang's own encoding.
 *
 * A message is a term: an integer, a float, an atom, a binary, a list, a tuple, a map, a pid, a reference. troupe keeps
 * terms in the External Term Format (ERTS User's Guide, "External Term Format"), so that an Erlang node can read them
 * as they are. A term is *written* once, checked once when it arrives, and then *read where it lies*: tr_term, tr_bin
 * and tr_atom are views, they own nothing, and live as long as the bytes that they point into (a message's: as long as
 * the message).
 *
 *     struct tr_out out = {0};                                  writing
 *     tr_put(&out, "{move, X, Y, #{speed => S}}", 3, 4, 0.5);
 *
 *     long x, y;                                                reading
 *     if (tr_match(tr_out_term(&out), "{move, X, Y, _}", &x, &y) == 0)
 *         printf("%ld %ld\n", x, y);
 *     tr_out_deinit(&out);
 *
 * Patterns and holes
 *   In the text of a pattern a lower-case word or a 'quoted one' is an atom, a Capitalised name is a hole, _ and _Name
 *   match anything, "…" is a binary (Elixir's string), [a, b | T] a list, {…} a tuple, #{k => v} a map, 42 and 1.5
 *   numbers, <<…>> a binary or bitstring. Holes are filled from the arguments, left to right, and each argument's C type
 *   is part of the pattern:
 *
 *     argument                   in a pattern that is matched        in a pattern that is built or sent
 *     int, long, unsigned …      must equal that integer             that integer
 *     long *, int *, uint64_t *  an integer that fits is stored      –
 *     double / double *          must equal / a float is stored      that float
 *     bool / bool *              true or false                       that atom (but in C the words true and false
 *                                                                    are ints: write them into the pattern)
 *     tr_pid / tr_pid *          must equal / a pid of this node     that pid
 *     tr_ref / tr_ref *          must equal / a reference of ours    that reference
 *     tr_atom / tr_atom *        must equal / an atom                that atom
 *     tr_bin / tr_bin *          must equal / a binary (a view)      that binary
 *     const char *               must equal that binary              a binary with these characters
 *     tr_term / tr_term *        must equal / anything (a view)      that term
 *     struct tr_blob *           must equal that binary              that binary (blob.h: tr_send hands it over)
 *
 *   A map pattern matches a map that has at least its keys, as in Erlang. In patterns `:=` and `=>` mean the same.
 *   Nothing is stored unless the whole pattern matches. A wrong number of holes, a pointer in a pattern that is sent,
 *   or a pattern that cannot be parsed is a bug of the program: panic, with the pattern's text.
 *
 * None of these functions blocks. None is safe to call on the same object from two threads at once.
 */
#ifndef TROUPE_TERM_H
#define TROUPE_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "troupe/outcome.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- values */

/* An actor's identity on this node: slot (place in the process table) and generation (counts the slot's tenants from 1;
 * never used again while the node lives). Shown as <0.SLOT.GENERATION>. Not to be mixed up with the kernel's os_pid. */
typedef struct {
    uint64_t id;
} tr_pid;

#ifdef __cplusplus
#define TR_NO_PID (tr_pid{0})
#else
#define TR_NO_PID ((tr_pid){0})
#endif

static inline tr_pid tr_pid_make(uint32_t slot, uint32_t generation)
{
    tr_pid pid = {(uint64_t)generation << 32 | slot};
    return pid;
}
static inline uint32_t tr_pid_slot(tr_pid pid) { return (uint32_t)pid.id; }
static inline uint32_t tr_pid_generation(tr_pid pid) { return (uint32_t)(pid.id >> 32); }
static inline bool tr_pid_equal(tr_pid a, tr_pid b) { return a.id == b.id; }
static inline bool tr_pid_is_none(tr_pid pid) { return pid.id == 0; }

/* A reference: unique on this node while it lives; names a monitor, a timer, an alias, a call. */
typedef struct {
    tr_pid owner;    /* who made it                    */
    uint64_t number; /* its number there, from 1 upward */
} tr_ref;

static inline bool tr_ref_equal(tr_ref a, tr_ref b)
{
    return a.owner.id == b.owner.id && a.number == b.number;
}

/* A view of an atom's characters. is_latin1 tells that they came in Latin-1 and are not plain ASCII. */
typedef struct {
    const char *text; /* not terminated by NUL */
    uint16_t length_bytes;
    bool is_latin1;
} tr_atom;

/* A view of a binary's bytes. */
typedef struct {
    const void *data;
    size_t size_bytes;
} tr_bin;

/* A view of a whole term that has passed tr_check: one term, without the version byte 131.
 * The rest of a list, as [H | T] gives it, has no header of its own in the message; size_bytes of such a view bears a
 * mark in its highest bits. So a term that comes from elsewhere is copied with tr_put_term or tr_out_copy, which give it
 * a header, and never byte by byte. Terms that tr_check and tr_out_term return bear no mark. */
typedef struct {
    const uint8_t *data;
    size_t size_bytes;
} tr_term;

enum { TR_ATOM_MAX_CHARACTERS = 255, TR_ATOM_MAX_BYTES = 4 * 255 };

/* ---------------------------------------------------------------- checking bytes from elsewhere */

struct tr_limits {
    size_t depth;      /* nesting; 0, and more than it, mean TR_DEFAULT_DEPTH */
    size_t size_bytes; /* of the whole; 0 means TR_DEFAULT_SIZE_BYTES         */
};
#define TR_DEFAULT_DEPTH 1024
#define TR_DEFAULT_SIZE_BYTES ((size_t)4 << 30)

/* Checks that size_bytes at data are exactly one term without version byte, and gives a view of it. Iterative; memory
 * use does not depend on the input. Accepts what OTP accepts; a map's keys are not compared with each other, and reading
 * finds the first of two that are equal.
 *   limits   NULL for the defaults
 * Outcomes: 0, TR_MALFORMED, TR_TOO_DEEP, TR_TOO_LARGE. */
TR_API int tr_check(const void *data, size_t size_bytes, const struct tr_limits *limits,
                    tr_term *ret_term);

/* As tr_check, for bytes that begin with the version byte 131, as term_to_binary/1 makes them. The compressed form is
 * not accepted (TR_MALFORMED): no node sends it in a message. */
TR_API int tr_check_external(const void *data, size_t size_bytes, const struct tr_limits *limits,
                             tr_term *ret_term);

/* ---------------------------------------------------------------- reading */

enum tr_kind {
    TR_KIND_INTEGER, /* fits in 64 bits, signed or unsigned */
    TR_KIND_BIGNUM,
    TR_KIND_FLOAT,
    TR_KIND_ATOM,
    TR_KIND_BINARY,
    TR_KIND_BITSTRING, /* the last byte is not wholly used */
    TR_KIND_LIST,      /* nil, proper, improper, and STRING_EXT */
    TR_KIND_TUPLE,
    TR_KIND_MAP,
    TR_KIND_PID, /* of whichever node */
    TR_KIND_REF,
    TR_KIND_PORT, /* opaque */
    TR_KIND_FUN,  /* opaque */
};
TR_API enum tr_kind tr_kind_of(tr_term term);

/* Each tells whether the term is of that kind and fits, and stores it only then. */
TR_API bool tr_get_integer(tr_term term, int64_t *ret_value);
TR_API bool tr_get_unsigned(tr_term term, uint64_t *ret_value);
TR_API bool tr_get_float(tr_term term, double *ret_value);
TR_API bool tr_get_bool(tr_term term, bool *ret_value);
TR_API bool tr_get_atom(tr_term term, tr_atom *ret_atom);
TR_API bool tr_get_binary(tr_term term, tr_bin *ret_binary);
/* bits is how many bits of the last byte count, 1 … 8 (8 for an ordinary binary; 0 for an empty one). */
TR_API bool tr_get_bitstring(tr_term term, tr_bin *ret_bytes, unsigned *ret_bits);
TR_API bool tr_get_pid(tr_term term, tr_pid *ret_pid); /* pids of this node only */
TR_API bool tr_get_ref(tr_term term, tr_ref *ret_ref); /* references of this node only */

/* Reads the elements of a tuple, a list or a map (key, value, key, value …), in their order.
 *     struct tr_iter iter;  tr_term element;
 *     if (tr_get_list(term, &iter))
 *         while (tr_next(&iter, &element)) …                                                          */
struct tr_iter {
    const uint8_t *at, *end;
    size_t left;    /* elements not yet read                                            */
    size_t stretch; /* of them, those before the next header: a list can lie in several stretches */
    bool is_string; /* STRING_EXT: each byte is an element                              */
    bool has_tail;  /* a list: after the elements stands its tail                       */
};
/* ret_iter->left is the arity; the length without the tail; twice the number of pairs. */
TR_API bool tr_get_tuple(tr_term term, struct tr_iter *ret_iter);
TR_API bool tr_get_list(tr_term term, struct tr_iter *ret_iter);
TR_API bool tr_get_map(tr_term term, struct tr_iter *ret_iter);
TR_API bool tr_next(struct tr_iter *iter, tr_term *ret_element);
/* What comes after the elements that have been read: after the last, nil for a proper list; before, the rest of it. */
TR_API tr_term tr_tail(const struct tr_iter *iter);

/* Looks a key up in a map. */
TR_API bool tr_map_get(tr_term map, tr_term key, tr_term *ret_value);
TR_API bool tr_map_get_atom(tr_term map, const char *key, tr_term *ret_value);

/* Exact equality (=:= of OTP 25), whichever of the alternative encodings each side uses. 1 and 1.0 differ, 0.0 and -0.0
 * do not; maps compare without order, in time proportional to their size. Iterative, no allocation for terms within
 * TR_DEFAULT_DEPTH. */
TR_API bool tr_equal(tr_term a, tr_term b);

TR_API bool tr_atom_is(tr_atom atom, const char *utf8);
TR_API bool tr_is_atom(tr_term term, const char *utf8);

/* Copies an atom as UTF-8 with a terminating NUL.
 *   buffer, size_bytes   TR_ATOM_MAX_BYTES + 1 always suffice; less cuts the text at a whole character
 * Returns the length of the whole in bytes, like snprintf. */
TR_API size_t tr_atom_text(tr_atom atom, char *buffer, size_t size_bytes);

/* ---------------------------------------------------------------- writing */

/* A growing buffer of encoded terms. A zeroed one is empty and ready; deinit of a zeroed one is fine.
 * Writing never fails in the middle: the first fault (-ENOMEM, TR_TOO_LARGE) is kept in `fault` and everything after it
 * is ignored, so that one test at the end is enough. */
struct tr_out {
    uint8_t *data;
    size_t size_bytes, capacity_bytes;
    int fault;
};
TR_API void tr_out_deinit(struct tr_out *out);
TR_API void tr_out_reset(struct tr_out *out); /* forgets content and fault, keeps the memory */
/* The whole content as a term; the caller has written exactly one. Valid until the next write. */
TR_API tr_term tr_out_term(const struct tr_out *out);
/* Copies a term into memory of its own: *out then holds exactly that term. 0 or -ENOMEM. */
TR_API int tr_out_copy(struct tr_out *out, tr_term term);

TR_API void tr_put_integer(struct tr_out *out, int64_t value);
TR_API void tr_put_unsigned(struct tr_out *out, uint64_t value);
TR_API void tr_put_float(struct tr_out *out, double value); /* finite, else a panic */
TR_API void tr_put_bool(struct tr_out *out, bool value);
TR_API void tr_put_atom(struct tr_out *out, const char *utf8); /* at most 255 characters (panic) */
TR_API void tr_put_atom_view(struct tr_out *out, tr_atom atom);
TR_API void tr_put_binary(struct tr_out *out, const void *data, size_t size_bytes);
TR_API void tr_put_text(struct tr_out *out, const char *utf8); /* a binary with these characters */
TR_API void tr_put_pid(struct tr_out *out, tr_pid pid);
TR_API void tr_put_ref(struct tr_out *out, tr_ref ref);
TR_API void tr_put_term(struct tr_out *out, tr_term term);
/* Headers: the elements are put next. A list: its elements, then tr_put_nil (or any other tail). */
TR_API void tr_put_tuple_of(struct tr_out *out, uint32_t arity);
TR_API void tr_put_list_of(struct tr_out *out, uint32_t length); /* length 0 writes nothing */
TR_API void tr_put_nil(struct tr_out *out);
TR_API void tr_put_map_of(struct tr_out *out, uint32_t pairs);

/* ---------------------------------------------------------------- text */

/* Prints a term as Erlang's ~0tp does: one line, atoms quoted where they must be, a list of printable characters as
 * "text", a printable binary as <<"text">>, pids of this node as <0.3.1>.
 *   buffer, size_bytes   where to; always ended with NUL when size_bytes > 0; buffer may be NULL when it is 0
 * Returns the length of the whole text in bytes, like snprintf: a result ≥ size_bytes means that it was cut. */
TR_API size_t tr_print(tr_term term, char *buffer, size_t size_bytes);

/* The same in memory of its own. The caller frees it. NULL when there is no memory. */
TR_API char *tr_print_new(tr_term term);

/* Parses Erlang's text syntax: integers (1_000, 16#ff, $a), floats, atoms, "lists", <<"binaries">>, <<1,2,3:4>>,
 * lists, tuples, maps, <0.3.1> as a pid of this node. A final full stop is allowed.
 *   out             the term is appended
 *   ret_error_at    may be NULL; the place of the mistake, counted in characters from 1
 *   ret_message     may be NULL; what was expected there, a constant string
 * Outcomes: 0, TR_SYNTAX, TR_TOO_DEEP, -ENOMEM. After a failure the content of out is as before. */
TR_API int tr_parse(const char *text, struct tr_out *out, size_t *ret_error_at,
                    const char **ret_message);

/* Prints and parses <0.3.1>. tr_pid_text returns buffer. */
enum { TR_PID_TEXT_BYTES = 32 };
TR_API char *tr_pid_text(tr_pid pid, char buffer[TR_PID_TEXT_BYTES]);
TR_API bool tr_pid_parse(const char *text, tr_pid *ret_pid);

#ifdef __cplusplus
}
#endif

#include "troupe/holes.h"

#endif
