/* Holes: how arguments of a C call get into a term's pattern with their types.
 *
 * Included by term.h, whose first comment tells the rules; nothing in here needs to be called by hand. Each argument of
 * tr_send, tr_put, tr_match, tr_case … becomes a struct tr_hole through _Generic (in C++: through an overload), so a
 * type that cannot stand in a pattern is an error of the compiler. A pattern must be a string literal: it is parsed
 * once per place in the source and kept there. Up to 16 holes.
 */
#ifndef TROUPE_HOLES_H
#define TROUPE_HOLES_H

#include <string.h>

#include "troupe/term.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tr_blob; /* blob.h */

enum tri_hole_kind {
    TRI_HOLE_INTEGER, /* values: what is written, or must be equal */
    TRI_HOLE_UNSIGNED,
    TRI_HOLE_FLOAT,
    TRI_HOLE_BOOL,
    TRI_HOLE_PID,
    TRI_HOLE_REF,
    TRI_HOLE_ATOM,
    TRI_HOLE_BIN,
    TRI_HOLE_TEXT,
    TRI_HOLE_TERM,
    TRI_HOLE_BLOB,
    TRI_HOLE_TO_INT8, /* pointers: where a match is stored */
    TRI_HOLE_TO_INT16,
    TRI_HOLE_TO_INT32,
    TRI_HOLE_TO_INT64,
    TRI_HOLE_TO_UINT8,
    TRI_HOLE_TO_UINT16,
    TRI_HOLE_TO_UINT32,
    TRI_HOLE_TO_UINT64,
    TRI_HOLE_TO_FLOAT,
    TRI_HOLE_TO_BOOL,
    TRI_HOLE_TO_PID,
    TRI_HOLE_TO_REF,
    TRI_HOLE_TO_ATOM,
    TRI_HOLE_TO_BIN,
    TRI_HOLE_TO_TERM,
};

/* Made of plain words, so that the compiler builds a list of them without copying one through memory: the processor would
 * have to wait for that. */
struct tr_hole {
    uint64_t kind;          /* enum tri_hole_kind */
    uint64_t first, second; /* the value, in one or two words: src/term/hole.h reads them */
};

struct tr_holes {
    const struct tr_hole *at;
    size_t count;
};

/* a parsed pattern; kept for the life of the process by the place that uses it */
struct tri_pattern;

/* The functions beneath the macros: *cache is NULL at first and is set at the first use. */
TR_API int tri_put(struct tr_out *out, struct tri_pattern **cache, const char *pattern,
                   struct tr_holes holes);
TR_API int tri_match(tr_term term, struct tri_pattern **cache, const char *pattern,
                     struct tr_holes holes);

#ifdef __cplusplus
}
#endif

/* type, kind, the two words of a value, suffix of the function that makes it */
#define TRI_HOLE_MAKERS(X)                                                                         \
    X(bool, TRI_HOLE_BOOL, value, 0, bool)                                                         \
    X(signed char, TRI_HOLE_INTEGER, (uint64_t)(int64_t)value, 0, i8)                              \
    X(short, TRI_HOLE_INTEGER, (uint64_t)(int64_t)value, 0, i16)                                   \
    X(int, TRI_HOLE_INTEGER, (uint64_t)(int64_t)value, 0, i32)                                     \
    X(long, TRI_HOLE_INTEGER, (uint64_t)(int64_t)value, 0, i64)                                    \
    X(long long, TRI_HOLE_INTEGER, (uint64_t)(int64_t)value, 0, ill)                               \
    X(char, TRI_HOLE_INTEGER, (uint64_t)(int64_t)value, 0, ch)                                     \
    X(unsigned char, TRI_HOLE_UNSIGNED, value, 0, u8)                                              \
    X(unsigned short, TRI_HOLE_UNSIGNED, value, 0, u16)                                            \
    X(unsigned int, TRI_HOLE_UNSIGNED, value, 0, u32)                                              \
    X(unsigned long, TRI_HOLE_UNSIGNED, value, 0, u64)                                             \
    X(unsigned long long, TRI_HOLE_UNSIGNED, value, 0, ull)                                        \
    X(float, TRI_HOLE_FLOAT, tri_hole_bits(value), 0, flt)                                         \
    X(double, TRI_HOLE_FLOAT, tri_hole_bits(value), 0, dbl)                                        \
    X(tr_pid, TRI_HOLE_PID, value.id, 0, pid)                                                      \
    X(tr_ref, TRI_HOLE_REF, value.owner.id, value.number, ref)                                     \
    X(tr_atom, TRI_HOLE_ATOM, (uintptr_t)value.text,                                               \
      value.length_bytes | (uint64_t)value.is_latin1 << 16, atom)                                  \
    X(tr_bin, TRI_HOLE_BIN, (uintptr_t)value.data, value.size_bytes, bin)                          \
    X(tr_term, TRI_HOLE_TERM, (uintptr_t)value.data, value.size_bytes, term)                       \
    X(const char *, TRI_HOLE_TEXT, (uintptr_t)value, 0, text)                                      \
    X(struct tr_blob *, TRI_HOLE_BLOB, (uintptr_t)value, 0, blob)                                  \
    X(signed char *, TRI_HOLE_TO_INT8, (uintptr_t)value, 0, pi8)                                   \
    X(short *, TRI_HOLE_TO_INT16, (uintptr_t)value, 0, pi16)                                       \
    X(int *, TRI_HOLE_TO_INT32, (uintptr_t)value, 0, pi32)                                         \
    X(long *, TRI_HOLE_TO_INT64, (uintptr_t)value, 0, pi64)                                        \
    X(long long *, TRI_HOLE_TO_INT64, (uintptr_t)value, 0, pill)                                   \
    X(unsigned char *, TRI_HOLE_TO_UINT8, (uintptr_t)value, 0, pu8)                                \
    X(unsigned short *, TRI_HOLE_TO_UINT16, (uintptr_t)value, 0, pu16)                             \
    X(unsigned int *, TRI_HOLE_TO_UINT32, (uintptr_t)value, 0, pu32)                               \
    X(unsigned long *, TRI_HOLE_TO_UINT64, (uintptr_t)value, 0, pu64)                              \
    X(unsigned long long *, TRI_HOLE_TO_UINT64, (uintptr_t)value, 0, pull)                         \
    X(double *, TRI_HOLE_TO_FLOAT, (uintptr_t)value, 0, pdbl)                                      \
    X(bool *, TRI_HOLE_TO_BOOL, (uintptr_t)value, 0, pbool)                                        \
    X(tr_pid *, TRI_HOLE_TO_PID, (uintptr_t)value, 0, ppid)                                        \
    X(tr_ref *, TRI_HOLE_TO_REF, (uintptr_t)value, 0, pref)                                        \
    X(tr_atom *, TRI_HOLE_TO_ATOM, (uintptr_t)value, 0, patom)                                     \
    X(tr_bin *, TRI_HOLE_TO_BIN, (uintptr_t)value, 0, pbin)                                        \
    X(tr_term *, TRI_HOLE_TO_TERM, (uintptr_t)value, 0, pterm)

static inline uint64_t tri_hole_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

#ifdef __cplusplus

#define TRI_HOLE_MAKER(type, hole_kind, first, second, suffix)                                     \
    static inline struct tr_hole tri_hole_of(type value)                                           \
    {                                                                                              \
        return tr_hole{hole_kind, (uint64_t)(first), (uint64_t)(second)};                          \
    }
TRI_HOLE_MAKERS(TRI_HOLE_MAKER)

template <typename... Arguments> struct tri_holes_list {
    struct tr_hole at[sizeof...(Arguments) + 1];
    operator tr_holes() const { return tr_holes{at, sizeof...(Arguments)}; }
};
template <typename... Arguments>
static inline tri_holes_list<Arguments...> tri_holes_of(Arguments... arguments)
{
    return tri_holes_list<Arguments...>{{tri_hole_of(arguments)..., tr_hole{}}};
}
#define TRI_HOLES(...) tri_holes_of(__VA_ARGS__)

#else

#define TRI_HOLE_MAKER(type, hole_kind, first_word, second_word, suffix)                           \
    static inline struct tr_hole tri_hole_##suffix(type value)                                     \
    {                                                                                              \
        struct tr_hole hole = {hole_kind, (uint64_t)(first_word), (uint64_t)(second_word)};        \
        return hole;                                                                               \
    }
TRI_HOLE_MAKERS(TRI_HOLE_MAKER)

#define TRI_HOLE(x)                                                                                \
    _Generic((x),                                                                                  \
        bool: tri_hole_bool, signed char: tri_hole_i8, short: tri_hole_i16, int: tri_hole_i32,     \
        long: tri_hole_i64, long long: tri_hole_ill, char: tri_hole_ch,                            \
        unsigned char: tri_hole_u8, unsigned short: tri_hole_u16, unsigned int: tri_hole_u32,      \
        unsigned long: tri_hole_u64, unsigned long long: tri_hole_ull, float: tri_hole_flt,        \
        double: tri_hole_dbl, tr_pid: tri_hole_pid, tr_ref: tri_hole_ref, tr_atom: tri_hole_atom,  \
        tr_bin: tri_hole_bin, tr_term: tri_hole_term, const char *: tri_hole_text,                 \
        struct tr_blob *: tri_hole_blob,                                                           \
        char *: tri_hole_text, signed char *: tri_hole_pi8, short *: tri_hole_pi16,                \
        int *: tri_hole_pi32, long *: tri_hole_pi64, long long *: tri_hole_pill,                   \
        unsigned char *: tri_hole_pu8, unsigned short *: tri_hole_pu16,                            \
        unsigned int *: tri_hole_pu32, unsigned long *: tri_hole_pu64,                             \
        unsigned long long *: tri_hole_pull, double *: tri_hole_pdbl, bool *: tri_hole_pbool,      \
        tr_pid *: tri_hole_ppid, tr_ref *: tri_hole_pref, tr_atom *: tri_hole_patom,               \
        tr_bin *: tri_hole_pbin, tr_term *: tri_hole_pterm)(x)

#define TRI_H0()
#define TRI_H1(a) TRI_HOLE(a),
#define TRI_H2(a, ...) TRI_HOLE(a), TRI_H1(__VA_ARGS__)
#define TRI_H3(a, ...) TRI_HOLE(a), TRI_H2(__VA_ARGS__)
#define TRI_H4(a, ...) TRI_HOLE(a), TRI_H3(__VA_ARGS__)
#define TRI_H5(a, ...) TRI_HOLE(a), TRI_H4(__VA_ARGS__)
#define TRI_H6(a, ...) TRI_HOLE(a), TRI_H5(__VA_ARGS__)
#define TRI_H7(a, ...) TRI_HOLE(a), TRI_H6(__VA_ARGS__)
#define TRI_H8(a, ...) TRI_HOLE(a), TRI_H7(__VA_ARGS__)
#define TRI_H9(a, ...) TRI_HOLE(a), TRI_H8(__VA_ARGS__)
#define TRI_H10(a, ...) TRI_HOLE(a), TRI_H9(__VA_ARGS__)
#define TRI_H11(a, ...) TRI_HOLE(a), TRI_H10(__VA_ARGS__)
#define TRI_H12(a, ...) TRI_HOLE(a), TRI_H11(__VA_ARGS__)
#define TRI_H13(a, ...) TRI_HOLE(a), TRI_H12(__VA_ARGS__)
#define TRI_H14(a, ...) TRI_HOLE(a), TRI_H13(__VA_ARGS__)
#define TRI_H15(a, ...) TRI_HOLE(a), TRI_H14(__VA_ARGS__)
#define TRI_H16(a, ...) TRI_HOLE(a), TRI_H15(__VA_ARGS__)
#define TRI_H_PICK(_0, _1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, n,   \
                   ...)                                                                            \
    n
#define TRI_H_OF(...)                                                                              \
    TRI_H_PICK(_, ##__VA_ARGS__, TRI_H16, TRI_H15, TRI_H14, TRI_H13, TRI_H12, TRI_H11, TRI_H10,    \
               TRI_H9, TRI_H8, TRI_H7, TRI_H6, TRI_H5, TRI_H4, TRI_H3, TRI_H2, TRI_H1, TRI_H0)
#define TRI_H_LIST(...)                                                                            \
    ((const struct tr_hole[]){TRI_H_OF(__VA_ARGS__)(__VA_ARGS__){.kind = TRI_HOLE_INTEGER}})
#define TRI_HOLES(...)                                                                             \
    ((struct tr_holes){TRI_H_LIST(__VA_ARGS__),                                                    \
                       sizeof TRI_H_LIST(__VA_ARGS__) / sizeof(struct tr_hole) - 1})

#endif

/* One parsed pattern per place in the source. */
#define TRI_CACHE()                                                                                \
    (__extension__({                                                                               \
        static struct tri_pattern *tri_cache;                                                      \
        &tri_cache;                                                                                \
    }))

/* Appends a term to a struct tr_out *. Outcomes: 0, or the fault that tr_out keeps.
 *     tr_put(&out, "{From, [N | Rest]}", tr_self(), 5, rest)                                       */
#define tr_put(out, pattern, ...) tri_put((out), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* Matches a tr_term. Outcomes: 0 (and every pointer's target is set), TR_NO_MATCH (and none is). */
#define tr_match(term, pattern, ...)                                                               \
    tri_match((term), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

#endif
