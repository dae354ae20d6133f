# Tests in CTest: one program per test_*.c, one name, label and deadline for each.
include_guard()

# The runtime's children keep the sanitizers' habits: a crash must stay the signal that it is, because the tests look
# at how a process died. TSan's check after fork would forbid what a template is for, and its second of sleep at each
# exit makes a death take a second.
set(TROUPE_TEST_ENVIRONMENT
    "TROUPE_SANITIZE=${TROUPE_SANITIZE}"
    "TROUPE_BIN_DIR=${PROJECT_BINARY_DIR}/bin"
    "TROUPE_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
    "TROUPE_STATE=${PROJECT_BINARY_DIR}/tests/state"
    "CMOCKA_MESSAGE_OUTPUT=stdout"
    "UBSAN_OPTIONS=print_stacktrace=1"
    "TSAN_OPTIONS=die_after_fork=0:atexit_sleep_ms=0:second_deadlock_stack=1")

# troupe_add_test(NAME label COMMAND …): registers a test; exit status 77 means skipped.
function(troupe_add_test name label)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "TIMEOUT" "COMMAND")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    add_test(NAME ${name} COMMAND ${arg_COMMAND})
    set_tests_properties(${name} PROPERTIES
        LABELS ${label}
        TIMEOUT ${arg_TIMEOUT}
        SKIP_RETURN_CODE 77
        ENVIRONMENT "${TROUPE_TEST_ENVIRONMENT}")
endfunction()

# troupe_add_test_program(file kind): tests/<kind>/[<layer>/]test_x.c becomes the test <kind>.[<layer>.]x.
function(troupe_add_test_program file kind)
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/tests" OUTPUT_VARIABLE path)
    cmake_path(GET path PARENT_PATH folder)
    cmake_path(GET path STEM stem)
    string(REGEX REPLACE "^test_" "" subject "${stem}")
    string(REPLACE "/" "." name "${folder}/${subject}")

    add_executable(${name} "${file}")
    set_target_properties(${name} PROPERTIES
        OUTPUT_NAME "${stem}"
        RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests/${folder}")
    target_link_libraries(${name} PRIVATE troupe_test_support)
    if(kind STREQUAL "storm")
        troupe_add_test(${name} ${kind} TIMEOUT 1800 COMMAND ${name})
    elseif(kind STREQUAL "scale")
        troupe_add_test(${name} ${kind} TIMEOUT 600 COMMAND ${name})
    else()
        troupe_add_test(${name} ${kind} COMMAND ${name})
    endif()
endfunction()
