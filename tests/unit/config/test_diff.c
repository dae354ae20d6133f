/* Diff: what a reload does, as a line of text: -a stops a, +a starts it, ~s gives s its flags, #s its order. */
#include "config.h"
#include "config/diff.h"

static const char *missing; /* the id of one that could not be started */

static bool is_missing(const struct config_child *child, void *context)
{
    (void)context;
    return missing && strcmp(child->id, missing) == 0;
}

static void expect_steps(const char *old_text, const char *new_text, const char *expected)
{
    struct config *old = read_right(old_text), *now = read_right(new_text);
    struct config_steps steps = {0};
    char said[512] = "";
    config_compare(old, now, is_missing, NULL, &steps);
    for (size_t i = 0; i < steps.count; i++) {
        const struct config_child *child = steps.at[i].child;
        sprintf(said + strlen(said), "%s%c%s", i ? " " : "", "-~+#"[steps.at[i].kind],
                child -> id ? child -> id : "/");
    }
    if (steps.replaces_all)
        strcpy(said, "all");
    assert_string_equal(said, expected);
    config_steps_deinit(&steps);
    config_free(old);
    config_free(now);
}

#define A "actor a { entry = x:a }\n"
#define B "actor b { entry = x:b }\n"
#define C "actor c { entry = x:c }\n"
#define OTHER_B "actor b { entry = x:b shutdown = 1s }\n"

static void what_is_the_same_stays(void **state)
{
    (void)state;
    expect_steps(A B, A B, "");
    expect_steps(A B, "# a comment\n actor a { entry = './x:a' restart = permanent }\n" B, "");
    expect_steps("supervisor s { " A "}", "supervisor s { " A "}", "");
}

static void what_goes_is_stopped_before_what_comes_is_started(void **state)
{
    (void)state;
    expect_steps(A B, A C, "-b +c");
    expect_steps(A B C, C, "-b -a");
    expect_steps(A, A B C, "+b +c");
    expect_steps(A B, A OTHER_B, "-b +b");
}

static void an_order_is_given_only_when_it_differs(void **state)
{
    (void)state;
    expect_steps(A C, A B C, "+b #/");
    expect_steps(A B, B A, "#/");
    expect_steps(A B C, A OTHER_B C, "-b +b #/");
    expect_steps(B C, A OTHER_B, "-c -b +a +b");
}

static void a_supervisor_s_flags_are_changed_in_place(void **state)
{
    (void)state;
    expect_steps(A, "intensity = 7\n" A, "~/");
    expect_steps("supervisor s { " A "}", "supervisor s { strategy = one_for_all\n" A B "}",
                 "~s +b");
}

static void a_supervisor_s_own_spec_takes_its_children_along(void **state)
{
    (void)state;
    expect_steps("supervisor s { " A "}\n" B, "supervisor s { shutdown = 1s\n" A "}\n" B,
                 "-s +s #/");
    expect_steps("supervisor s { " A "}\n" B, B, "-s");
    expect_steps(B, B "supervisor s { supervisor t { " A "} }\n", "+s");
}

static void parents_come_before_children(void **state)
{
    (void)state;
    expect_steps("supervisor s { supervisor t { " A "} }\n",
                 "supervisor s { supervisor t { " A B "}\n" C "}\nactor d { entry = x:d }",
                 "+d +c +b");
    expect_steps("supervisor s { supervisor t { " A B "}\n" C "}\nactor d { entry = x:d }",
                 "supervisor s { supervisor t { " A "} }\n", "-d -c -b");
}

static void what_moves_to_another_supervisor_is_started_there(void **state)
{
    (void)state;
    expect_steps("supervisor s { " A B "} supervisor t { " C "}",
                 "supervisor s { " A "} supervisor t { " C B "}", "-b +b");
}

static void where_children_have_no_order_the_supervisor_itself_is_replaced(void **state)
{
    (void)state;
    expect_steps("supervisor s { strategy = simple_one_for_one\n" A "}",
                 "supervisor s { strategy = simple_one_for_one\n" A "}", "");
    expect_steps("supervisor s { strategy = simple_one_for_one\n" A "}",
                 "supervisor s { strategy = simple_one_for_one\n" B "}", "-s +s");
    expect_steps("supervisor s { strategy = dynamic }", "supervisor s { " B "}", "-s +s");
    expect_steps(A, "strategy = simple_one_for_one\n" A, "all");
}

static void who_could_not_be_started_is_tried_again(void **state)
{
    (void)state;
    missing = "b";
    expect_steps(A B, A B, "+b");
    expect_steps("supervisor b { " A "}", "supervisor b { " A C "}", "+b");
    missing = NULL;
}

static void a_supervisor_of_a_binary_is_one_child(void **state)
{
    (void)state;
    expect_steps("supervisor s { entry = x:s }", "supervisor s { entry = x:s argument = 5 }",
                 "-s +s");
    expect_steps("supervisor s { entry = x:s }", "supervisor s { " A "}", "-s +s");
}

static void a_spec_says_what_the_file_says(void **state)
{
    (void)state;
    struct tr_out specs = {0};
    struct config *config =
        read_right("program p { path = sort arguments = { '-n' } framing = line shutdown = 2s }\n"
                   "supervisor s { supervisor t { " A "} }");
    config_put_specs(&specs, config->top, TR_NO_PID);
    char *text = tr_print_new(tr_out_term(&specs));
    assert_non_null(strstr(text,
                           "{program,<<\"sort\">>,[{line,32768},{args,[<<\"-n\">>]},{owner,none},"
                           "{stop_ms,2000}]}"));
    assert_non_null(strstr(text, "shutdown => 3000"));
    assert_non_null(strstr(text, "start => {branch,start_link,[{branch,undefined,[<<\"s\">>]}]}"));
    free(text);
    tr_out_deinit(&specs);
    config_free(config);
}

static void a_branch_is_found_by_its_path(void **state)
{
    (void)state;
    struct tr_out path = {0};
    struct config *config = read_right("supervisor s { supervisor t { " A "} }");
    struct config_child *t = config->top->children[0]->children[0];
    config_put_path(&path, t);
    assert_ptr_equal(config_child_at(config, tr_out_term(&path)), t);
    tr_out_reset(&path);
    config_put_path(&path, config->top);
    assert_ptr_equal(config_child_at(config, tr_out_term(&path)), config->top);
    tr_out_deinit(&path);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_the_same_stays),
        cmocka_unit_test(what_goes_is_stopped_before_what_comes_is_started),
        cmocka_unit_test(an_order_is_given_only_when_it_differs),
        cmocka_unit_test(a_supervisor_s_flags_are_changed_in_place),
        cmocka_unit_test(a_supervisor_s_own_spec_takes_its_children_along),
        cmocka_unit_test(parents_come_before_children),
        cmocka_unit_test(what_moves_to_another_supervisor_is_started_there),
        cmocka_unit_test(where_children_have_no_order_the_supervisor_itself_is_replaced),
        cmocka_unit_test(who_could_not_be_started_is_tried_again),
        cmocka_unit_test(a_supervisor_of_a_binary_is_one_child),
        cmocka_unit_test(a_spec_says_what_the_file_says),
        cmocka_unit_test(a_branch_is_found_by_its_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
