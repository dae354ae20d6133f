# How every file of the tree is compiled.
#
# The warnings are those of the house style. Frame pointers stay in every build, because a crash report walks them.
# TROUPE_SANITIZE goes into the compiler's and the linker's flags of everything, programs of the tests included.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_compile_options(
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla
    -Wwrite-strings -fno-omit-frame-pointer -fno-semantic-interposition)
add_compile_definitions(_GNU_SOURCE)

# Two fields that were written one by one and are read together as a vector wait until both have reached the cache, which
# takes longer than what is won: the compiler leaves neighbours alone.
add_compile_options(-fno-tree-slp-vectorize)

# A message passes through four layers of small files, and a third of what that costs is calls between them: the linker
# may see through files in the builds that are meant to be fast. The objects hold ordinary code, too, for programs that
# are linked without.
include(CheckIPOSupported)
check_ipo_supported(RESULT TROUPE_ACROSS_FILES LANGUAGES C)
if(TROUPE_SANITIZE)
    set(TROUPE_ACROSS_FILES OFF)
endif()
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION_RELEASE ${TROUPE_ACROSS_FILES})
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION_RELWITHDEBINFO ${TROUPE_ACROSS_FILES})
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set(CMAKE_C_COMPILE_OPTIONS_IPO -flto=auto -ffat-lto-objects)
endif()

if(TROUPE_ERROR)
    add_compile_options(-Werror)
endif()

if(TROUPE_SANITIZE)
    add_compile_options(-fsanitize=${TROUPE_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${TROUPE_SANITIZE})
    # GCC warns that its thread sanitizer does not understand fences; ours order memory that other processes read.
    if(TROUPE_SANITIZE STREQUAL "thread" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-Wno-tsan)
    endif()
endif()

if(TROUPE_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "TROUPE_FUZZ needs clang: configure with -DCMAKE_C_COMPILER=clang, or --preset fuzz")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
