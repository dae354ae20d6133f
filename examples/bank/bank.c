/* Bank: a tree of supervisors, three levels deep, and what each level does about a fault that the one below cannot cure.
 *
 *     ./bank JOURNAL     plays the scene; a journal that is there already is gone on with
 *
 * What must survive is apart from what may crash: the ledger does little and keeps all the money, the accounts do the
 * work and keep none. So any of them may die at any time, and not a coin is made or lost.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troupe.h>

/* ---------------------------------------------------------------- the ledger */

enum { CUSTOMERS = 4, FIRST_BALANCE = 100 };

static const char *const customers[CUSTOMERS] = {"alice", "bob", "carol", "mallory"};

struct ledger {
    FILE *journal; /* every move that was granted, a line each */
    long balances[CUSTOMERS];
};

static long *balance_of(struct ledger *ledger, tr_term who)
{
    for (int i = 0; i < CUSTOMERS; i++)
        if (tr_is_atom(who, customers[i]))
            return &ledger->balances[i];
    return NULL;
}

static long total(const struct ledger *ledger)
{
    long sum = 0;
    for (int i = 0; i < CUSTOMERS; i++)
        sum += ledger->balances[i];
    return sum;
}

/* The only place where money moves: what one loses, another gets. */
static bool grant(struct ledger *ledger, tr_term move)
{
    tr_term payer, payee;
    long amount, *from, *to;
    if (tr_match(move, "{move, Payer, Payee, Amount}", &payer, &payee, &amount) != 0)
        return false;
    from = balance_of(ledger, payer);
    to = balance_of(ledger, payee);
    if (!from || !to || amount <= 0 || amount > *from)
        return false;
    *from -= amount;
    *to += amount;
    return true;
}

/* A move that cannot be written has not happened: the ledger dies, and its memory with it. A line that was cut off then
 * spoils no other, because each begins with its line break. */
static void write_down(struct ledger *ledger, tr_term move)
{
    char line[200];
    tr_print(move, line, sizeof line);
    if (fprintf(ledger->journal, "\n%s", line) < 0 || fflush(ledger->journal))
        tr_exit("cannot_write");
}

/* Grants again what is in the journal. */
static bool open_ledger(struct ledger *ledger, tr_term journal)
{
    struct tr_out move = {0};
    char text[4096];
    tr_bin path;
    for (int i = 0; i < CUSTOMERS; i++)
        ledger->balances[i] = FIRST_BALANCE;
    if (!tr_get_binary(journal, &path))
        return false;
    snprintf(text, sizeof text, "%.*s", (int)path.size_bytes, (const char *)path.data);
    ledger->journal = fopen(text, "a+");
    while (ledger->journal && fgets(text, sizeof text, ledger->journal)) {
        text[strcspn(text, "\n")] = '\0';
        tr_out_reset(&move);
        if (tr_parse(text, &move, NULL, NULL) == 0)
            grant(ledger, tr_out_term(&move));
    }
    tr_out_deinit(&move);
    return ledger->journal;
}

static struct tr_step ledger_init(tr_term journal, void **ret_state)
{
    static struct ledger ledger;
    *ret_state = &ledger;
    return open_ledger(&ledger, journal) ? tr_ok() : tr_stop("cannot_open");
}

static struct tr_step ledger_handle_call(tr_term request, const struct tr_from *from, void *state)
{
    tr_term who;
    (void)from;
    if (tr_match(request, "total") == 0)
        return tr_answer("Total", total(state));
    if (tr_match(request, "{balance, Who}", &who) == 0 && balance_of(state, who))
        return tr_answer("Balance", *balance_of(state, who));
    if (!grant(state, request))
        return tr_answer("refused");
    write_down(state, request);
    return tr_answer("ok");
}

static const struct tr_server_callbacks ledger_callbacks = {
    .init = ledger_init,
    .handle_call = ledger_handle_call,
};
TR_SERVER(ledger, &ledger_callbacks)

/* ---------------------------------------------------------------- an account */

static struct tr_step account_init(tr_term name, void **ret_state)
{
    static struct tr_out owner;
    tr_out_copy(&owner, name);
    *ret_state = &owner;
    tr_send("hall", "open"); /* whoever waits for it, waits there */
    return tr_ok();
}

/* Native code has bugs. Nobody has looked at the divisor. */
__attribute__((no_sanitize("undefined"))) static long share(long amount, long friends)
{
    return amount / friends;
}

static struct tr_step account_handle_call(tr_term request, const struct tr_from *from, void *state)
{
    tr_term owner = tr_out_term(state), payee;
    TR_REPLY reply = {0};
    long amount, friends;
    int r = TR_NOPROC;
    (void)from;
    if (tr_match(request, "{share, Amount, Friends}", &amount, &friends) == 0)
        return tr_answer("Each", share(amount, friends));
    if (tr_match(request, "balance") == 0)
        r = tr_call("ledger", 5000, &reply, "{balance, Owner}", owner);
    else if (tr_match(request, "{pay, Payee, Amount}", &payee, &amount) == 0)
        r = tr_call("ledger", 5000, &reply, "{move, Owner, Payee, Amount}", owner, payee, amount);
    return r == 0 ? tr_answer("Reply", reply.term) : tr_answer("closed");
}

static const struct tr_server_callbacks account_callbacks = {
    .init = account_init,
    .handle_call = account_handle_call,
};
TR_SERVER(account, &account_callbacks)

/* ---------------------------------------------------------------- the tree */

/* Longer than the scene takes, however slow the machine is: no restart is forgotten meanwhile. */
enum { AN_HOUR_S = 3600 };

/* Accounts have nothing to do with each other: each is started again alone. The second restart is one too many. */
static void grow_branch(tr_term names, struct tr_tree *tree)
{
    struct tr_iter iter;
    tr_term each;
    tr_atom atom;
    char name[32];
    tr_tree_set(tree, &(struct tr_supervision){.intensity = 1, .period_s = AN_HOUR_S});
    for (tr_get_list(names, &iter); tr_next(&iter, &each);)
        if (tr_get_atom(each, &atom) && tr_atom_text(atom, name, sizeof name))
            tr_tree_add(tree, TR_CHILD("account", .id = name, .name = name), "Name", each);
}
TR_SUPERVISOR(branch, grow_branch)

static void grow_branches(tr_term nothing, struct tr_tree *tree)
{
    (void)nothing;
    tr_tree_set(tree, &(struct tr_supervision){.intensity = 1, .period_s = AN_HOUR_S});
    tr_tree_add(tree, TR_CHILD("branch", .id = "north", .name = "north", .is_supervisor = true),
                "[alice, bob]");
    tr_tree_add(tree, TR_CHILD("branch", .id = "south", .name = "south", .is_supervisor = true),
                "[carol, mallory]");
}
TR_SUPERVISOR(branches, grow_branches)

/* All need the ledger: when it dies, what stands behind it begins anew with the new one. */
static void grow_bank(tr_term journal, struct tr_tree *tree)
{
    tr_tree_set(tree, &(struct tr_supervision){
                          .strategy = TR_REST_FOR_ONE, .intensity = 2, .period_s = AN_HOUR_S});
    tr_tree_add(tree, TR_CHILD("ledger", .name = "ledger"), "Journal", journal);
    tr_tree_add(tree, TR_CHILD("branches", .name = "branches", .is_supervisor = true), "[]");
}
TR_SUPERVISOR(bank, grow_bank)

/* ---------------------------------------------------------------- who looks on */

enum { MALLORY, CAROL, SOUTH, BOB, ALICE, NORTH, BRANCHES, LEDGER, STAFF };

/* Everybody but the top, in the order in which supervisors stop them: the last to be started is the first. */
static struct {
    const char *name, *supervisor;
    tr_pid pid;
    tr_ref monitor;
} staff[STAFF] = {
    [MALLORY] = {.name = "mallory", .supervisor = "south"},
    [CAROL] = {.name = "carol", .supervisor = "south"},
    [SOUTH] = {.name = "south", .supervisor = "branches"},
    [BOB] = {.name = "bob", .supervisor = "north"},
    [ALICE] = {.name = "alice", .supervisor = "north"},
    [NORTH] = {.name = "north", .supervisor = "branches"},
    [BRANCHES] = {.name = "branches", .supervisor = "bank"},
    [LEDGER] = {.name = "ledger", .supervisor = "bank"},
};

static tr_ref bank_monitor;

static bool has_changed(int who)
{
    return !tr_pid_equal(tr_whereis(staff[who].name), staff[who].pid);
}

/* Waits until somebody has a successor. False: there will be none, for the bank has given up. */
static bool await_successor(int of)
{
    tr_term reason;
    while (!has_changed(of) || tr_pid_is_none(tr_whereis(staff[of].name)))
        tr_receive {
            tr_case("open") {
            }
            tr_case("{'DOWN', Ref, process, _, shutdown}", bank_monitor)
                return false;
            tr_case("{'DOWN', Ref, process, _, Reason}", bank_monitor, &reason)
                tr_exit("Reason", reason);
        }
    return true;
}

static void watch(int who)
{
    staff[who].pid = tr_whereis(staff[who].name);
    tr_monitor(staff[who].pid, &staff[who].monitor);
}

/* Says who has ended, after the reason, unless that was said last. */
static void tell_end(int of, char said[32])
{
    tr_term reason;
    char why[32] = "";
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, {signal, Reason, _}}", staff[of].monitor, &reason)
            tr_print(reason, why, sizeof why);
        tr_case("{'DOWN', Ref, process, _, Reason}", staff[of].monitor, &reason)
            tr_print(reason, why, sizeof why);
    }
    if (strcmp(why, said) != 0)
        printf("  %s:", strcpy(said, why));
    printf(" %s", staff[of].name);
    watch(of);
}

/* Says who has ended since the last time, the victim first; the supervisor of the uppermost starts them again. */
static void tell_ends(const char *cause, int victim, bool is_open)
{
    char said[32] = "";
    int top = victim;
    printf("%-15s", cause);
    tell_end(victim, said);
    for (int i = 0; i < STAFF; i++)
        if (has_changed(i))
            tell_end(top = i, said);
    printf("  -> %s %s\n", staff[top].supervisor, is_open ? "starts again" : "gives up");
}

static void audit(void)
{
    TR_REPLY carols = {0}, of_all = {0};
    long balance = -1, sum = -1;
    tr_call_or_exit("carol", 5000, &carols, "balance");
    tr_call_or_exit("ledger", 5000, &of_all, "total");
    tr_match(carols.term, "Balance", &balance);
    tr_match(of_all.term, "Sum", &sum);
    printf("carol has %ld, all together have %ld\n", balance, sum);
}

/* ---------------------------------------------------------------- the scene */

/* Moves a coin, again and again, whatever becomes of it: the bank is never idle. */
TR_ACTOR(customer)
{
    tr_atom payer, payee;
    char account[32];
    tr_match(argument, "{Payer, Payee}", &payer, &payee);
    tr_atom_text(payer, account, sizeof account);
    for (;;) {
        tr_call(account, 5000, NULL, "{pay, Payee, 1}", payee);
        tr_receive {
            tr_after(1) {
            }
        }
    }
}

static void open_bank(tr_term journal)
{
    const struct tr_start_options options = {.name = "bank"};
    tr_pid pid;
    tr_register("hall", tr_self());
    if (tr_server_start_monitor(&pid, &bank_monitor, "bank", &options, "Journal", journal) ||
        tr_spawn_link(&pid, "customer", "{alice, bob}") ||
        tr_spawn_link(&pid, "customer", "{bob, alice}"))
        tr_exit("cannot_open");
    for (int i = 0; i < STAFF; i++)
        watch(i);
}

static void kill_9(int victim, int last_to_come_back)
{
    struct tr_out info = {0};
    int os_pid;
    char cause[32];
    if (tr_process_info(staff[victim].pid, &info) == 0 &&
        tr_match(tr_out_term(&info), "#{os_pid := OsPid}", &os_pid) == 0)
        kill(os_pid, SIGKILL);
    tr_out_deinit(&info);
    snprintf(cause, sizeof cause, "kill -9 %s", staff[victim].name);
    tell_ends(cause, victim, await_successor(last_to_come_back));
    audit();
}

/* Asks what mallory's account dies of, again and again, until the whole bank has died of it. */
static void insist(void)
{
    for (bool is_open = true; is_open;) {
        tr_call("mallory", 5000, NULL, "{share, 100, 0}");
        is_open = await_successor(MALLORY);
        tell_ends("100 / 0", MALLORY, is_open);
    }
}

/* Who has read the journal knows what the bank knew. */
static void close_books(tr_term journal)
{
    struct ledger ledger;
    if (!open_ledger(&ledger, journal))
        tr_exit("no_journal");
    for (int i = 0; i < CUSTOMERS; i++)
        printf("%s %ld%s", customers[i], ledger.balances[i], i < CUSTOMERS - 1 ? " + " : "");
    printf(" = %ld\n", total(&ledger));
    fclose(ledger.journal);
}

TR_ACTOR(main)
{
    TR_REPLY reply = {0};
    tr_term journal;
    if (tr_match(argument, "[Journal]", &journal) != 0)
        tr_exit("{usage, \"bank JOURNAL\"}");
    open_bank(journal);
    tr_call_or_exit("carol", 5000, &reply, "{pay, mallory, 30}");
    audit();
    kill_9(CAROL, CAROL);
    kill_9(LEDGER, MALLORY);
    insist();
    close_books(journal);
    tr_exit("{the_bank_gave_up, shutdown}");
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
