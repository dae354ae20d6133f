/* Kv: a key-value server with a registered name, and two clients, one of which is in the middle of a call when somebody
 * kills the server.
 *
 *     ./kv          plays the scene
 *     ./kv serve    leaves a server running under the name `kv`
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <troupe.h>
#include <unistd.h>

/* ---------------------------------------------------------------- the server */

/* Keys and values are any terms, each in memory of its own. */
struct pair {
    struct tr_out key, value;
    struct pair *next;
};

struct store {
    struct pair *first;
};

/* Where a key is, or would be. */
static struct pair **find(struct store *store, tr_term key)
{
    struct pair **at = &store->first;
    while (*at && !tr_equal(tr_out_term(&(*at)->key), key))
        at = &(*at)->next;
    return at;
}

static int put(struct store *store, tr_term key, tr_term value)
{
    struct pair **at = find(store, key);
    if (*at)
        return tr_out_copy(&(*at)->value, value);
    struct pair *pair = calloc(1, sizeof *pair);
    if (!pair || tr_out_copy(&pair->key, key) || tr_out_copy(&pair->value, value))
        return -1;
    *at = pair;
    return 0;
}

static void forget(struct store *store, tr_term key)
{
    struct pair **at = find(store, key), *gone = *at;
    if (!gone)
        return;
    *at = gone->next;
    tr_out_deinit(&gone->key);
    tr_out_deinit(&gone->value);
    free(gone);
}

static struct tr_step init(tr_term argument, void **ret_state)
{
    static struct store store;
    (void)argument;
    *ret_state = &store;
    return tr_ok();
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    tr_term key, value;
    tr_pid witness;
    (void)from;
    if (tr_match(request, "{put, Key, Value}", &key, &value) == 0)
        return put(state, key, value) == 0 ? tr_answer("ok") : tr_answer("{error, no_memory}");
    if (tr_match(request, "{get, Key}", &key) == 0) {
        struct pair *pair = *find(state, key);
        return pair ? tr_answer("{ok, Value}", tr_out_term(&pair->value)) : tr_answer("error");
    }
    if (tr_match(request, "{take_an_hour, Witness}", &witness) == 0) {
        tr_send(witness, "{busy, OsPid}", (int)getpid());
        sleep(3600);
    }
    return tr_answer("{error, bad_request}");
}

static struct tr_step handle_cast(tr_term message, void *state)
{
    tr_term key;
    if (tr_match(message, "{delete, Key}", &key) == 0)
        forget(state, key);
    return tr_noreply();
}

static const struct tr_server_callbacks callbacks = {
    .init = init,
    .handle_call = handle_call,
    .handle_cast = handle_cast,
};
TR_SERVER(kv, &callbacks)

/* ---------------------------------------------------------------- the clients */

static void say(const char *who, const char *what, tr_term term)
{
    char *text = tr_print_new(term);
    printf("%s %s %s\n", who, what, text ? text : "?");
    free(text);
}

/* Calls the server as it is told, and tells what came of it. */
static void ask(const char *who, tr_term request)
{
    TR_REPLY reply = {0};
    say(who, "asks   ", request);
    int r = tr_call("kv", 5000, &reply, "Request", request);
    say(who, r == 0 ? "gets   " : "is told", reply.term);
}

/* A client: argument is its name; each message is what it is to ask, or to tell, the server. */
TR_ACTOR(client)
{
    char who[32] = "";
    tr_bin name;
    tr_term request;
    if (tr_get_binary(argument, &name))
        snprintf(who, sizeof who, "%-5.*s", (int)name.size_bytes, (const char *)name.data);
    for (;;)
        tr_receive {
            tr_case("{ask, Request}", &request) {
                ask(who, request);
                tr_send(tr_parent(), "done");
            }
            tr_case("{tell, Message}", &request) {
                say(who, "tells  ", request);
                tr_cast("kv", "Message", request);
            }
        }
}

/* ---------------------------------------------------------------- the scene */

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void await_done(void)
{
    tr_receive {
        tr_case("done") {
        }
    }
}

#define LET(client, pattern, ...)                                                                  \
    do {                                                                                           \
        tr_send((client), "{ask, " pattern "}", ##__VA_ARGS__);                                    \
        await_done();                                                                              \
    } while (0)

/* Kills the server while a client waits for its answer. */
static void kill_in_the_middle_of_a_call(tr_pid client)
{
    int os_pid = 0;
    tr_send(client, "{ask, {take_an_hour, Witness}}", tr_self());
    tr_receive {
        tr_case("{busy, OsPid}", &os_pid)
            printf("somebody types: kill -9 %d\n", os_pid);
    }
    double begin_ms = now_ms();
    kill(os_pid, SIGKILL);
    await_done();
    printf("that took %.1f ms\n", now_ms() - begin_ms);
}

static void start_server(void)
{
    tr_pid server;
    struct tr_start_options options = {.name = "kv"};
    if (tr_server_start(&server, "kv", &options, "[]"))
        tr_exit("no_server");
}

static void play(void)
{
    tr_pid alice, bob;
    start_server();
    if (tr_spawn_link(&alice, "client", "\"alice\"") || tr_spawn_link(&bob, "client", "\"bob\""))
        tr_exit("no_clients");
    LET(alice, "{put, apples, 3}");
    LET(bob, "{get, apples}");
    LET(bob, "{put, \"pears\", {crate, 12}}");
    LET(alice, "{get, \"pears\"}");
    LET(alice, "{get, plums}");
    tr_send(alice, "{tell, {delete, apples}}");
    LET(alice, "{get, apples}");
    kill_in_the_middle_of_a_call(alice);
    LET(bob, "{get, \"pears\"}");
    start_server();
    LET(bob, "{get, \"pears\"}");
}

TR_ACTOR(main)
{
    if (tr_match(argument, "[\"serve\"]") != 0) {
        play();
        return;
    }
    start_server();
    tr_receive {
        tr_case("stop") {
        }
    }
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* several processes print */
    return tr_main(argc, argv);
}
