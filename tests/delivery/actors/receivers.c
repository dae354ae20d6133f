/* receivers: cases in which those who receive are many, or stopped, or have no room. Each case is a root actor. */
#include <errno.h>
#include <signal.h>

#include "conformance/puppet.h"
#include "support/arguments.h"
#include "support/board.h"
#include "support/process_state.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- one stopped among a hundred */

enum { CROWD = 100, ROUNDS = 20 };

/* How many words were accepted for somebody who does not receive. */
static long fill_share(tr_pid to)
{
    long accepted = 0;
    int r;
    while ((r = tr_send_nowait(to, "{word, Self, N}", tr_self(), accepted)) == 0)
        accepted++;
    CHECK(r == TR_BUSY);
    return accepted;
}

/* One of the crowd: answers, and pesters the stopped one. */
TR_ACTOR(member)
{
    tr_pid stopped;
    long number;
    for (;;)
        tr_receive {
            tr_case("{ping, N}", &number)
                tr_send(tr_parent(), "{pong, Self, N}", tr_self(), number);
            tr_case("{pester, Pid}", &stopped)
                tr_send(tr_parent(), "{pestered, Self, N}", tr_self(), fill_share(stopped));
        }
}

/* Stops when told to; having gone on, it takes words from anybody, in their order, and tells how many those were. */
TR_ACTOR(stopping)
{
    static long heard[16384];
    long sum = 0, number;
    tr_pid from;
    EXPECT("stop");
    raise(SIGSTOP);
    for (;;)
        tr_receive {
            tr_case("{word, From, N}", &from, &number) {
                CHECK(number == heard[tr_pid_slot(from)]++);
                sum++;
            }
            tr_case("how_many")
                tr_send(tr_parent(), "{heard, Sum}", sum);
        }
}

/* Asks until so many have come, which is no more than were accepted. */
static void await_words(tr_pid stopping, long sum)
{
    uint64_t deadline_ns = tri_deadline_ns(CHECK_DEADLINE_MS);
    long number = 0;
    while (number < sum && tri_clock_ns() < deadline_ns) {
        CHECK(tr_send(stopping, "how_many") == 0);
        EXPECT("{heard, Sum}", &number);
    }
    CHECK(number == sum);
}

static void await_stop(int os_pid)
{
    while (process_state(os_pid) != 'T')
        usleep(1000);
}

/* Everybody is sent to, and everybody answers. Nobody's share may be used up: what is sent does not wait. */
static void round_of_pings(const tr_pid *members, long round)
{
    for (int i = 0; i < CROWD; i++)
        CHECK(tr_send_nowait(members[i], "{ping, N}", round) == 0);
    for (int i = 0; i < CROWD; i++)
        EXPECT("{pong, Pid, N}", members[i], round);
}

/* DESIGN 4: no contagion. All have used up their shares of the stopped one, and talk on among themselves. */
TR_ACTOR(one_stopped_among_a_hundred_is_not_noticed)
{
    tr_pid stopping, members[CROWD];
    long sum = 0, number = 0;
    CHECK(tr_spawn(&stopping, "stopping", "[]") == 0);
    for (int i = 0; i < CROWD; i++)
        CHECK(tr_spawn(&members[i], "member", "[]") == 0);
    int os_pid = actor_os_pid(stopping);
    tr_send(stopping, "stop");
    await_stop(os_pid);
    sum += fill_share(stopping);
    for (int i = 0; i < CROWD; i++)
        tr_send(members[i], "{pester, Pid}", stopping);
    for (int i = 0; i < CROWD; i++) {
        EXPECT("{pestered, Pid, N}", members[i], &number);
        sum += number;
    }
    for (long round = 0; round < ROUNDS; round++)
        round_of_pings(members, round);
    CHECK(kill(os_pid, SIGCONT) == 0);
    await_words(stopping, sum);
}

/* ---------------------------------------------------------------- more of them than sockets */

/* Answers each number with the sum of all so far: so a number lost, or one too many, is seen. */
TR_ACTOR(adding)
{
    long sum = 0, number;
    for (;;)
        tr_receive {
            tr_case("{add, N}", &number) {
                sum += number;
                tr_send(tr_parent(), "{sum, Self, Sum}", tr_self(), sum);
            }
        }
}

/* One actor talks to more than nanomsg has sockets for: [Count]. */
TR_ACTOR(one_talks_to_many)
{
    long count = argument_number(argument, 0, 2000), sum;
    tr_pid from;
    tr_pid *all = calloc((size_t)count, sizeof *all);
    CHECK(all);
    for (long i = 0; i < count; i++)
        CHECK(tr_spawn(&all[i], "adding", "[]") == 0);
    for (long round = 1; round <= 3; round++) {
        for (long i = 0; i < count; i++)
            CHECK(tr_send(all[i], "{add, N}", round) == 0);
        for (long i = 0; i < count; i++) {
            EXPECT_NEXT("{sum, From, Sum}", &from, &sum);
            CHECK(sum == round * (round + 1) / 2);
        }
    }
    free(all);
}

/* ---------------------------------------------------------------- a full disk */

static char filler_path[256];

static void fill_disk(void)
{
    static char zeros[4096];
    snprintf(filler_path, sizeof filler_path, "%s/filler", getenv("XDG_RUNTIME_DIR"));
    int fd = open(filler_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    while (write(fd, zeros, sizeof zeros) > 0)
        ;
    CHECK(errno == ENOSPC);
    close(fd);
}

static void empty_disk(void) { CHECK(unlink(filler_path) == 0); }

/* Words of any size come back as they are. */
TR_ACTOR(echo)
{
    tr_term word;
    for (;;)
        tr_receive {
            tr_case("{word, Word}", &word)
                tr_send(tr_parent(), "{echo, Self, Word}", tr_self(), word);
            tr_case("die_with_a_word") {
                tr_send(tr_parent(), "{last_word, Self}", tr_self());
                kill(getpid(), SIGKILL);
            }
        }
}

static void talk(tr_pid echo, size_t body_bytes)
{
    static char memory[200000];
    tr_bin body = {.data = memory, .size_bytes = body_bytes}, back;
    CHECK(tr_send(echo, "{word, Word}", body) == 0);
    EXPECT("{echo, Pid, Word}", echo, &back);
    CHECK(back.size_bytes == body_bytes);
}

static tr_pid echo_new(void)
{
    tr_pid echo;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&echo, &ref, "echo", "[]") == 0);
    return echo;
}

/* Those who have talked talk on; what needs room is refused with the reason; who dies is heard; nobody dies of it, and
 * when there is room again, all goes on. */
TR_ACTOR(a_full_disk_is_an_answer_and_nothing_is_lost)
{
    static char memory[200000];
    tr_bin large = {.data = memory, .size_bytes = sizeof memory};
    tr_pid old = echo_new(), dying = echo_new(), other;
    talk(old, 100);
    talk(dying, 100);
    fill_disk();
    for (int i = 0; i < 1000; i++)
        talk(old, 100);
    CHECK(tr_send(old, "{word, Word}", large) == -ENOSPC);
    talk(old, 100);
    CHECK(tr_spawn(&other, "echo", "[]") == -ENOSPC);
    CHECK(tr_send(dying, "die_with_a_word") == 0);
    EXPECT_NEXT("{last_word, Pid}", dying);
    EXPECT_NEXT("{'DOWN', _, process, Pid, {signal, sigkill, _}}", dying);
    empty_disk();
    talk(old, sizeof memory);
    talk(echo_new(), sizeof memory);
    EXPECT_NOTHING();
}

/* A ring that cannot grow for one who does not receive: what was accepted arrives, and what was refused does not. */
TR_ACTOR(on_a_full_disk_what_was_accepted_arrives)
{
    tr_pid stopping;
    long accepted = 0;
    int r;
    CHECK(tr_spawn(&stopping, "stopping", "[]") == 0);
    int os_pid = actor_os_pid(stopping);
    tr_send(stopping, "stop");
    await_stop(os_pid);
    fill_disk();
    while ((r = tr_send_nowait(stopping, "{word, Self, N}", tr_self(), accepted)) == 0)
        accepted++;
    CHECK(r == -ENOSPC || r == TR_BUSY);
    CHECK(kill(os_pid, SIGCONT) == 0);
    empty_disk();
    await_words(stopping, accepted);
}
