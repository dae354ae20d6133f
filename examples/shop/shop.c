/* Shop: the shopping cart of the Elixir tutorials: a process for each cart, state behind calls and casts.
 *
 * What others see of a cart are the functions of its chapter "for customers"; that they are messages to a process is
 * nobody's business but theirs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troupe.h>

/* ---------------------------------------------------------------- the cart */

enum { LINES_MAX = 32, NAME_BYTES = 32 };

struct line {
    char name[NAME_BYTES];
    long price_cents, quantity;
};

struct cart {
    char owner[NAME_BYTES];
    size_t count;
    struct line lines[LINES_MAX];
};

/* Copies a binary's characters; false when there are too many. */
static bool copy_name(tr_bin from, char to[NAME_BYTES])
{
    if (from.size_bytes >= NAME_BYTES)
        return false;
    memcpy(to, from.data, from.size_bytes);
    to[from.size_bytes] = '\0';
    return true;
}

static struct line *find(struct cart *cart, const char *name)
{
    for (size_t i = 0; i < cart->count; i++)
        if (strcmp(cart->lines[i].name, name) == 0)
            return &cart->lines[i];
    return NULL;
}

static void add(struct cart *cart, const char *name, long price_cents, long quantity)
{
    struct line *line = find(cart, name);
    if (!line && cart->count < LINES_MAX) {
        line = &cart->lines[cart->count++];
        *line = (struct line){.price_cents = price_cents};
        strcpy(line->name, name);
    }
    if (line)
        line->quantity += quantity;
}

static void take_out(struct cart *cart, const char *name)
{
    struct line *line = find(cart, name);
    if (line)
        memmove(line, line + 1, (size_t)(&cart->lines[cart->count--] - (line + 1)) * sizeof *line);
}

static long total_cents(const struct cart *cart)
{
    long sum = 0;
    for (size_t i = 0; i < cart->count; i++)
        sum += cart->lines[i].price_cents * cart->lines[i].quantity;
    return sum;
}

/* [{Name, PriceCents, Quantity}]: what customers get, and what troupe's tool shows as the state. */
static void put_lines(struct tr_out *out, const void *state)
{
    const struct cart *cart = state;
    tr_put_list_of(out, (uint32_t)cart->count);
    for (size_t i = 0; i < cart->count; i++)
        tr_put(out, "{Name, Price, Quantity}", (const char *)cart->lines[i].name,
               cart->lines[i].price_cents, cart->lines[i].quantity);
    tr_put_nil(out);
}

static struct tr_step init(tr_term argument, void **ret_state)
{
    static struct cart cart;
    tr_bin owner;
    if (!tr_get_binary(argument, &owner) || !copy_name(owner, cart.owner))
        return tr_stop("bad_owner");
    *ret_state = &cart;
    return tr_ok();
}

static struct tr_step handle_cast(tr_term message, void *state)
{
    tr_bin item;
    char name[NAME_BYTES];
    long price_cents, quantity;
    if (tr_match(message, "{add, Name, Price, Quantity}", &item, &price_cents, &quantity) == 0 &&
        copy_name(item, name))
        add(state, name, price_cents, quantity);
    else if (tr_match(message, "{take_out, Name}", &item) == 0 && copy_name(item, name))
        take_out(state, name);
    return tr_noreply();
}

static struct tr_step check_out(struct cart *cart)
{
    if (cart->count == 0)
        return tr_answer("{error, empty}");
    struct tr_step step = tr_answer("{ok, Total}", total_cents(cart));
    return tr_with_stop(step, "normal");
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    struct tr_out lines = {0};
    struct tr_step step = tr_answer("{error, bad_request}");
    (void)from;
    if (tr_match(request, "view") == 0) {
        put_lines(&lines, state);
        step = tr_answer("Lines", tr_out_term(&lines));
        tr_out_deinit(&lines);
    } else if (tr_match(request, "total") == 0) {
        step = tr_answer("Total", total_cents(state));
    } else if (tr_match(request, "check_out") == 0) {
        step = check_out(state);
    }
    return step;
}

static void terminate(tr_term reason, void *state)
{
    const struct cart *cart = state;
    (void)reason;
    printf("%s's cart is put back\n", cart->owner);
}

static const struct tr_server_callbacks callbacks = {
    .init = init,
    .handle_call = handle_call,
    .handle_cast = handle_cast,
    .terminate = terminate,
    .put_state = put_lines,
};
TR_SERVER(cart, &callbacks)

/* ---------------------------------------------------------------- for customers */

static tr_pid cart_new(const char *owner)
{
    tr_pid cart;
    if (tr_server_start_link(&cart, "cart", NULL, "Owner", owner))
        tr_exit("no_cart");
    return cart;
}

/* Does not wait: the cart will have it before it answers anything that is asked later. */
static void cart_add(tr_pid cart, const char *name, long price_cents, long quantity)
{
    tr_cast(cart, "{add, Name, Price, Quantity}", name, price_cents, quantity);
}

static void cart_take_out(tr_pid cart, const char *name)
{
    tr_cast(cart, "{take_out, Name}", name);
}

static void cart_print(tr_pid cart, const char *owner)
{
    TR_REPLY reply = {0};
    struct tr_iter lines;
    tr_term line;
    tr_bin name;
    long price_cents, quantity;
    tr_call_or_exit(cart, 5000, &reply, "view");
    printf("%s has", owner);
    if (!tr_get_list(reply.term, &lines) || lines.left == 0)
        printf(" nothing");
    while (tr_next(&lines, &line))
        if (tr_match(line, "{Name, Price, Quantity}", &name, &price_cents, &quantity) == 0)
            printf(" %ld %.*s", quantity, (int)name.size_bytes, (const char *)name.data);
    tr_call_or_exit(cart, 5000, &reply, "total");
    if (tr_match(reply.term, "Total", &price_cents) == 0 && price_cents == 0)
        printf("\n");
    else
        printf(", for %ld.%02ld\n", price_cents / 100, price_cents % 100);
}

/* Ends the cart, when there is something in it. */
static void cart_check_out(tr_pid cart, const char *owner)
{
    TR_REPLY reply = {0};
    tr_ref monitor;
    long total;
    tr_monitor(cart, &monitor);
    tr_call_or_exit(cart, 5000, &reply, "check_out");
    if (tr_match(reply.term, "{ok, Total}", &total) != 0) {
        printf("%s has nothing to pay\n", owner);
        tr_demonitor(monitor, TR_DEMONITOR_FLUSH, NULL);
        return;
    }
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, normal}", monitor)
            printf("%s pays %ld.%02ld\n", owner, total / 100, total % 100);
    }
}

/* ---------------------------------------------------------------- a day in the shop */

TR_ACTOR(main)
{
    tr_pid joes = cart_new("Joe"), anns = cart_new("Ann");
    cart_print(joes, "Joe");
    cart_add(joes, "tea", 350, 2);
    cart_add(joes, "cake", 420, 1);
    cart_add(anns, "coffee", 510, 1);
    cart_add(joes, "tea", 350, 1);
    cart_print(joes, "Joe");
    cart_print(anns, "Ann");
    cart_take_out(joes, "cake");
    cart_print(joes, "Joe");
    cart_take_out(anns, "coffee");
    cart_check_out(anns, "Ann");
    cart_check_out(joes, "Joe");
    tr_server_stop(anns, 5000, NULL, "normal");
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* several processes print */
    return tr_main(argc, argv);
}
