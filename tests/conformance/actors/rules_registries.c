/* Registries, by the rules of SEMANTICS.md that bear on them and by what Elixir's Registry answers. Each case is a root
 * actor. */
#include "conformance/puppet.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

TR_REGISTRY(phones, TR_KEYS_UNIQUE)
TR_REGISTRY(topics, TR_KEYS_DUPLICATE)

static tr_pid registry_new(const char *entry)
{
    tr_pid pid;
    struct tr_start_options named = {.name = entry};
    CHECK(tr_server_start(&pid, entry, &named, "[]") == 0);
    return pid;
}

/* ---------------------------------------------------------------- members: other processes that register */

/* Obeys: {register, Registry, Key, Value}, {unregister, Registry, Key}, {exit, Reason}, {trap, Flag}; and says done. */
static void obey(tr_term order)
{
    tr_atom name;
    tr_term key, value;
    char registry[TR_ATOM_MAX_BYTES + 1];
    bool flag;
    if (tr_match(order, "{register, R, K, V}", &name, &key, &value) == 0) {
        tr_atom_text(name, registry, sizeof registry);
        CHECK(tr_registry_register(registry, NULL, "Key, Value", key, value) == 0);
    } else if (tr_match(order, "{unregister, R, K}", &name, &key) == 0) {
        tr_atom_text(name, registry, sizeof registry);
        CHECK(tr_registry_unregister(registry, "Key", key) == 0);
    } else if (tr_match(order, "{exit, Reason}", &value) == 0) {
        tr_exit_term(value);
    } else if (tr_match(order, "{trap, Flag}", &flag) == 0) {
        tr_trap_exit(flag);
    }
}

TR_ACTOR(member)
{
    tr_term order;
    for (;;)
        tr_receive {
            tr_case("{'EXIT', _, shutdown}")
                return;
            tr_case("{'EXIT', _, Reason}", &order)
                tr_send(tr_parent(), "{got_exit, Self, Reason}", tr_self(), order);
            tr_case("Order", &order) {
                obey(order);
                tr_send(tr_parent(), "{done, Self}", tr_self());
            }
        }
}

static tr_pid member_new(void)
{
    tr_pid pid;
    CHECK(tr_spawn(&pid, "member", "[]") == 0);
    return pid;
}

/* Tells a member what to do, and waits until it has done it. */
#define ORDER(pid, ...)                                                                            \
    do {                                                                                           \
        tr_send((pid), __VA_ARGS__);                                                               \
        EXPECT("{done, Pid}", (pid));                                                              \
    } while (0)

/* A lookup gives this list. */
#define EXPECT_LOOKUP(registry, key, ...)                                                          \
    do {                                                                                           \
        TR_REPLY lookup_reply = {0};                                                               \
        CHECK(tr_registry_lookup((registry), &lookup_reply, key) == 0);                            \
        CHECK(tr_match(lookup_reply.term, __VA_ARGS__) == 0);                                      \
    } while (0)

#define EXPECT_COUNT(registry, n)                                                                  \
    do {                                                                                           \
        TR_REPLY count_reply = {0};                                                                \
        CHECK(tr_registry_count((registry), &count_reply) == 0);                                   \
        CHECK(tr_match(count_reply.term, "N", (n)) == 0);                                          \
    } while (0)

/* ---------------------------------------------------------------- unique keys */

/* Elixir: {:ok, _}, {:error, {:already_registered, self()}}, [{self(), 1}], ["a"], 1, {2, 1}, :error, :ok, :ok, [] */
TR_ACTOR(a_unique_key_has_one_holder)
{
    TR_REPLY reply = {0};
    tr_pid holder = TR_NO_PID;
    registry_new("phones");
    CHECK(tr_registry_register("phones", NULL, "\"a\", 1") == 0);
    CHECK(tr_registry_register("phones", &holder, "\"a\", 2") == TR_TAKEN);
    CHECK(tr_pid_equal(holder, tr_self()));
    EXPECT_LOOKUP("phones", "\"a\"", "[{Self, 1}]", tr_self());
    CHECK(tr_registry_keys("phones", tr_self(), &reply) == 0);
    CHECK(tr_match(reply.term, "[\"a\"]") == 0);
    EXPECT_COUNT("phones", 1);
    CHECK(tr_registry_update_value("phones", &reply, "\"a\", 2") == 0);
    CHECK(tr_match(reply.term, "1") == 0);
    EXPECT_LOOKUP("phones", "\"a\"", "[{Self, 2}]", tr_self());
    CHECK(tr_registry_update_value("phones", &reply, "\"b\", 2") == TR_REFUSED);
    CHECK(tr_registry_unregister("phones", "\"b\"") == 0);
    CHECK(tr_registry_unregister("phones", "\"a\"") == 0);
    EXPECT_LOOKUP("phones", "\"a\"", "[]");
    EXPECT_NOTHING();
}

TR_ACTOR(a_key_of_another_process_is_taken)
{
    tr_pid member = member_new(), holder = TR_NO_PID;
    registry_new("phones");
    ORDER(member, "{register, phones, {room, 5}, []}");
    CHECK(tr_registry_register("phones", &holder, "{room, N}, V", 5, 1) == TR_TAKEN);
    CHECK(tr_pid_equal(holder, member));
    CHECK(tr_registry_update_value("phones", NULL, "{room, 5}, 1") == TR_REFUSED);
    CHECK(tr_registry_unregister("phones", "{room, 5}") == 0);
    CHECK(tr_registry_whereis("phones", &holder, "{room, 5}") == 0);
    CHECK(tr_pid_equal(holder, member));
    CHECK(tr_registry_whereis("phones", &holder, "{room, 6}") == TR_NOPROC);
    ORDER(member, "{unregister, phones, {room, 5}}");
    CHECK(tr_registry_register("phones", NULL, "{room, 5}, 1") == 0);
}

/* 1 and 1.0 are two keys, and what is equal is one key, however it is written. */
TR_ACTOR(keys_are_equal_as_in_Erlang)
{
    registry_new("phones");
    CHECK(tr_registry_register("phones", NULL, "1, integer") == 0);
    CHECK(tr_registry_register("phones", NULL, "1.0, float") == 0);
    EXPECT_LOOKUP("phones", "1", "[{_, integer}]");
    EXPECT_LOOKUP("phones", "1.0", "[{_, float}]");
    CHECK(tr_registry_register("phones", NULL, "#{a => 1, b => 2}, map") == 0);
    EXPECT_LOOKUP("phones", "#{b => 2, a => 1}", "[{_, map}]");
}

/* ---------------------------------------------------------------- duplicate keys */

/* Elixir: [{_, 1}, {_, 2}], ["b", "a", "a"], 3, [], ["b"] */
TR_ACTOR(a_duplicate_key_has_any_number_of_registrations)
{
    TR_REPLY reply = {0};
    registry_new("topics");
    CHECK(tr_registry_register("topics", NULL, "a, 1") == 0);
    CHECK(tr_registry_register("topics", NULL, "a, 2") == 0);
    CHECK(tr_registry_register("topics", NULL, "b, 3") == 0);
    EXPECT_LOOKUP("topics", "a", "[{Self, 1}, {Self, 2}]", tr_self(), tr_self());
    CHECK(tr_registry_keys("topics", tr_self(), &reply) == 0);
    CHECK(tr_match(reply.term, "[a, a, b]") == 0);
    EXPECT_COUNT("topics", 3);
    CHECK(tr_registry_update_value("topics", NULL, "a, 2") == TR_REFUSED);
    CHECK(tr_registry_unregister("topics", "a") == 0);
    EXPECT_LOOKUP("topics", "a", "[]");
    EXPECT_LOOKUP("topics", "b", "[{_, 3}]");
}

TR_ACTOR(unregistering_leaves_others_under_the_key)
{
    tr_pid one = member_new(), other = member_new();
    registry_new("topics");
    ORDER(one, "{register, topics, a, 1}");
    ORDER(other, "{register, topics, a, 2}");
    ORDER(one, "{unregister, topics, a}");
    EXPECT_LOOKUP("topics", "a", "[{Other, 2}]", other);
}

static void tell(tr_pid pid, tr_term value, void *context)
{
    long *told = context;
    CHECK(tr_send(pid, "{register, topics, told, Value}", value) == 0);
    ++*told;
}

TR_ACTOR(dispatch_visits_all_under_a_key)
{
    tr_pid members[3];
    long told = 0;
    registry_new("topics");
    for (int i = 0; i < 3; i++) {
        members[i] = member_new();
        ORDER(members[i], "{register, topics, weather, N}", i);
    }
    CHECK(tr_registry_dispatch("topics", tell, &told, "weather") == 0 && told == 3);
    for (int i = 0; i < 3; i++)
        EXPECT("{done, Member}", members[i]);
    EXPECT_COUNT("topics", 6);
    CHECK(tr_registry_dispatch("topics", tell, &told, "nobody_listens") == 0 && told == 3);
}

TR_ACTOR(many_keys_of_many_processes_are_kept_apart)
{
    enum { MEMBERS = 8, KEYS = 50 };
    TR_REPLY reply = {0};
    tr_pid members[MEMBERS], found;
    struct tr_iter iter;
    registry_new("phones");
    for (int i = 0; i < MEMBERS; i++) {
        members[i] = member_new();
        for (int k = 0; k < KEYS; k++)
            ORDER(members[i], "{register, phones, {I, K}, K}", i, k, k);
    }
    EXPECT_COUNT("phones", MEMBERS * KEYS);
    for (int i = 0; i < MEMBERS; i++) {
        CHECK(tr_registry_whereis("phones", &found, "{I, 49}", i) == 0);
        CHECK(tr_pid_equal(found, members[i]));
        CHECK(tr_registry_keys("phones", found, &reply) == 0);
        CHECK(tr_get_list(reply.term, &iter) && iter.left == KEYS);
    }
}

/* ---------------------------------------------------------------- death */

/* SEMANTICS 4: after DOWN nothing of the dead is found. */
TR_ACTOR(nobody_finds_the_dead)
{
    registry_new("phones");
    for (int round = 0; round < 20; round++) {
        tr_pid member = member_new(), found;
        tr_ref ref = watch(member);
        ORDER(member, "{register, phones, key, N}", round);
        tr_send(member, "{exit, boom}");
        EXPECT("{'DOWN', Ref, process, _, boom}", ref);
        CHECK(tr_registry_whereis("phones", &found, "key") == TR_NOPROC);
    }
}

/* SEMANTICS 4: nor does a dead one keep its key. */
TR_ACTOR(the_key_of_a_dead_process_is_free)
{
    registry_new("phones");
    for (int round = 0; round < 20; round++) {
        tr_pid member = member_new();
        tr_ref ref = watch(member);
        ORDER(member, "{register, phones, key, N}", round);
        tr_exit_process(member, "kill");
        EXPECT("{'DOWN', Ref, process, _, killed}", ref);
        CHECK(tr_registry_register("phones", NULL, "key, mine") == 0);
        CHECK(tr_registry_unregister("phones", "key") == 0);
    }
}

/* Is the registry's book empty? It hears of a death a moment later than others may. */
TR_ACTOR(everything_of_the_dead_is_freed)
{
    TR_REPLY reply = {0};
    int64_t left = 1;
    registry_new("topics");
    for (int i = 0; i < 5; i++) {
        tr_pid member = member_new();
        for (int k = 0; k < 5; k++)
            ORDER(member, "{register, topics, {key, K}, []}", k);
        tr_exit_process(member, "kill");
    }
    for (int ms = 0; left > 0 && ms < LONG_MS; ms++) {
        usleep(1000);
        CHECK(tr_registry_count("topics", &reply) == 0 && tr_get_integer(reply.term, &left));
    }
    CHECK(left == 0);
    CHECK(tr_sys_get_state("topics", LONG_MS, &reply) == 0 && tr_match(reply.term, "[]") == 0);
}

/* SEMANTICS 7: a registry traps exits. */
TR_ACTOR(a_registry_outlives_those_who_are_registered)
{
    tr_pid registry = registry_new("phones"), member = member_new();
    tr_ref ref = watch(member);
    ORDER(member, "{register, phones, key, []}");
    tr_send(member, "{exit, boom}");
    EXPECT("{'DOWN', Ref, process, _, boom}", ref);
    EXPECT_LOOKUP("phones", "key", "[]");
    CHECK(tr_is_alive(registry));
}

/* Elixir links them: who is in no registry any more that others could ask must not live on as if he were. */
TR_ACTOR(those_who_are_registered_die_with_the_registry)
{
    tr_pid registry = registry_new("phones");
    tr_pid stays = member_new(), dies = member_new(), left = member_new(), traps = member_new();
    tr_ref ref = watch(dies);
    ORDER(dies, "{register, phones, one, []}");
    ORDER(left, "{register, phones, two, []}");
    ORDER(left, "{unregister, phones, two}");
    ORDER(traps, "{trap, true}");
    ORDER(traps, "{register, phones, three, []}");
    tr_exit_process(registry, "kill");
    EXPECT("{'DOWN', Ref, process, _, killed}", ref);
    EXPECT("{got_exit, Traps, killed}", traps);
    CHECK(tr_is_alive(stays) && tr_is_alive(left) && tr_is_alive(traps));
}

/* ---------------------------------------------------------------- bad input */

/* SEMANTICS 23 */
TR_ACTOR(nobody_is_no_registry)
{
    tr_pid found;
    CHECK(tr_registry_register("phones", NULL, "a, 1") == TR_NOPROC);
    CHECK(tr_registry_whereis("phones", &found, "a") == TR_NOPROC);
}

TR_ACTOR(a_registry_refuses_nonsense)
{
    TR_REPLY reply = {0};
    tr_pid registry = registry_new("phones");
    CHECK(tr_call(registry, LONG_MS, &reply, "what") == 0);
    CHECK(tr_match(reply.term, "{error, badarg}") == 0);
    CHECK(tr_registry_register("phones", NULL, "a, 1") == 0);
    tr_send(registry, "{'EXIT', nobody, what}");
    tr_send(registry, "{'EXIT', Self, what}", tr_self());
    tr_send(registry, "hello");
    tr_cast(registry, "hello");
    EXPECT_COUNT("phones", 1);
    tr_registry_unregister("phones", "a");
}
