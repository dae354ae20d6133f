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
    -Wwrite-strings -fno-omit-frame-pointer)
add_compile_definitions(_GNU_SOURCE)

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
