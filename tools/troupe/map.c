/* map: does jobs that come on standard input, several at once, and survives what they do. */
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "command.h"
#include "map/engine.h"
#include "options.h"
#include "say.h"

/* The longest job, and answer. */
#define JOB_BYTES ((size_t)64 << 20)
/* Less than any program needs. */
#define MEMORY_MIN_BYTES ((uint64_t)1 << 20)

enum {
    OPTION_PACKET = 256,
    OPTION_ONCE,
    OPTION_JOBLOG,
    OPTION_RESUME,
    OPTION_RESUME_FAILED,
    OPTION_MEMORY,
    OPTION_CPU,
    OPTION_SANDBOX,
    OPTION_WRITABLE,
    OPTION_STRICT
};

#define WRITABLE_MAX 32

static const struct option own_options[] = {
    {"jobs", required_argument, NULL, 'j'},
    {"timeout", required_argument, NULL, 't'},
    {"retries", required_argument, NULL, 'r'},
    {"unordered", no_argument, NULL, 'u'},
    {"null", no_argument, NULL, '0'},
    {"quiet", no_argument, NULL, 'q'},
    {"packet", required_argument, NULL, OPTION_PACKET},
    {"once", no_argument, NULL, OPTION_ONCE},
    {"joblog", required_argument, NULL, OPTION_JOBLOG},
    {"resume", no_argument, NULL, OPTION_RESUME},
    {"resume-failed", no_argument, NULL, OPTION_RESUME_FAILED},
    {"memory", required_argument, NULL, OPTION_MEMORY},
    {"cpu", required_argument, NULL, OPTION_CPU},
    {"sandbox", required_argument, NULL, OPTION_SANDBOX},
    {"writable", required_argument, NULL, OPTION_WRITABLE},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {0},
};

static void set_packet(const struct options *options, struct tri_framing *framing, const char *text)
{
    uint64_t bytes = options_number(options, "--packet", text, 1, 4);
    if (bytes == 3)
        options_refuse(options->command, "--packet: a length has 1, 2 or 4 bytes: %s", text);
    framing->kind = bytes == 1   ? TR_FRAMING_PACKET_1
                    : bytes == 2 ? TR_FRAMING_PACKET_2
                                 : TR_FRAMING_PACKET_4;
}

static void set_sandbox(const struct options *options, struct tri_confinement *confinement,
                        const char *text)
{
    static const char *const levels[] = {
        [TR_SANDBOX_NONE] = "none", [TR_SANDBOX_LIGHT] = "light", [TR_SANDBOX_FULL] = "full"};
    for (unsigned i = 0; i < TRI_ARRAY_LENGTH(levels); i++)
        if (strcmp(text, levels[i]) == 0) {
            confinement->sandbox = i;
            return;
        }
    options_refuse(options->command, "--sandbox is none, light or full, not \"%s\"", text);
}

static void add_writable(const struct options *options, struct tri_confinement *confinement,
                         const char *path)
{
    static const char *paths[WRITABLE_MAX + 1];
    size_t count = 0;
    while (paths[count])
        count++;
    if (count == WRITABLE_MAX)
        options_refuse(options->command, "--writable: no more than %d", WRITABLE_MAX);
    paths[count] = path;
    confinement->writable = paths;
}

/* What a worker may use and touch. False: it is another option. */
static bool take_confinement(const struct options *options, int option,
                             struct tri_confinement *confinement)
{
    switch (option) {
    case OPTION_MEMORY:
        confinement->limits.memory_bytes =
            options_size(options, "--memory", optarg, MEMORY_MIN_BYTES);
        return true;
    case OPTION_CPU:
        confinement->limits.cpu_s = (options_duration_ms(options, "--cpu", optarg) + 999) / 1000;
        return true;
    case OPTION_SANDBOX:
        set_sandbox(options, confinement, optarg);
        return true;
    case OPTION_WRITABLE:
        add_writable(options, confinement, optarg);
        return true;
    case OPTION_STRICT:
        confinement->is_strict = true;
        return true;
    default:
        return false;
    }
}

static void take_option(const struct options *options, int option, struct map_options *map)
{
    if (take_confinement(options, option, &map->confinement))
        return;
    switch (option) {
    case 'j':
        map->workers = (unsigned)options_number(options, "-j", optarg, 1, MAP_MAX_WORKERS);
        break;
    case 't':
        map->timeout_ms = (int64_t)options_duration_ms(options, "--timeout", optarg);
        break;
    case 'r':
        map->retries = (unsigned)options_number(options, "--retries", optarg, 0, 1000);
        break;
    case 'u':
        map->is_ordered = false;
        break;
    case '0':
        map->framing.end = '\0';
        break;
    case 'q':
        map->is_quiet = true;
        break;
    case OPTION_PACKET:
        set_packet(options, &map->framing, optarg);
        break;
    case OPTION_ONCE:
        map->is_once = true;
        break;
    case OPTION_JOBLOG:
        map->joblog = optarg;
        break;
    case OPTION_RESUME:
        map->resume = MAP_RESUME_REST;
        break;
    case OPTION_RESUME_FAILED:
        map->resume = MAP_RESUME_FAILED;
        break;
    default:
        break;
    }
}

static void refuse_contradictions(const struct options *options, const struct map_options *map)
{
    if (map->resume != MAP_RESUME_NO && !map->joblog)
        options_refuse(options->command, "--resume goes on with what a --joblog tells: which?");
    if (map->is_once && map->retries)
        options_refuse(options->command, "--once begins no job twice, and --retries does");
    if (map->confinement.limits.cpu_s && !map_has_place(map->command))
        options_refuse(options->command,
                       "--cpu would end a worker for all its jobs together; it is "
                       "for one process per job, {}");
    if (map->confinement.writable && map->confinement.sandbox == TR_SANDBOX_NONE)
        options_refuse(options->command, "--writable is for a --sandbox: which?");
}

static int run(int argc, char **argv)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    struct options options = {.command = &command_map,
                              .argc = argc,
                              .argv = argv,
                              .own = own_options,
                              .is_ended_by_argument = true};
    struct map_options map = {
        .workers = cpus > 0 && cpus <= MAP_MAX_WORKERS ? (unsigned)cpus : 1,
        .timeout_ms = -1,
        .is_ordered = true,
        .framing = {TR_FRAMING_LINE, JOB_BYTES, .has_own_end = true, .end = '\n'},
    };
    for (int option; (option = options_next(&options)) != -1;)
        take_option(&options, option, &map);
    options_expect(&options, 1, -1);
    map.command = options.arguments;
    map.command[options.argument_count] = NULL;
    refuse_contradictions(&options, &map);
    return map_run(&map);
}

const struct command command_map = {
    .name = "map",
    .arguments = "[-j N] [-t TIME] [-r N] [--memory SIZE] [--joblog FILE] [--] COMMAND [ARGUMENT…]",
    .summary = "does jobs that come on standard input in parallel, and survives what they do",
    .details =
        "  Starts COMMAND a few times, gives each one job after the other on its standard input, a "
        "line each, and\n"
        "  prints the line with which it answers each. With {} in COMMAND there is a process for "
        "each job, whose\n"
        "  text stands in its place, and what the process prints is the answer. A job whose worker "
        "dies, or takes\n"
        "  too long, costs that job, and another worker takes the place.\n"
        "  -j, --jobs N          so many workers; as many as there are CPUs\n"
        "  -t, --timeout TIME    how long a job may take, such as 10s or 500ms\n"
        "  -r, --retries N       a job that kills its worker is tried again so often; 0\n"
        "      --memory SIZE     what a worker, with all that it has started, may have in memory\n"
        "      --cpu TIME        how long the process of a job may compute, with {}\n"
        "      --sandbox LEVEL   what a worker may touch: none, light or full\n"
        "      --writable PATH   where it may write in a sandbox; may be given again\n"
        "      --strict          nothing is begun when this machine cannot enforce that\n"
        "      --once            no job is begun twice, whatever happens\n"
        "  -u, --unordered       answers as they come, not in the order of the jobs\n"
        "  -0, --null            jobs and answers end with a NUL, not with a line's end\n"
        "      --packet N        … have their length in front, in N bytes: 1, 2 or 4, big-endian\n"
        "      --joblog FILE     enters there what was begun and how it ended\n"
        "      --resume          does what an earlier run with that joblog has not\n"
        "      --resume-failed   … and tries again what has failed\n"
        "  -q, --quiet           no progress on the terminal\n"
        "  Exit status: 0 all jobs are done, 1 some have failed, 2 it could not run.\n",
    .run = run,
    .refusal = MAP_COULD_NOT_RUN,
};
