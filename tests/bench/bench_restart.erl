%% Erlang's supervisor as a peer of troupe's: its child owns a port, and ends when the port's program has ended.
-module(bench_restart).
-export([serve/0, start_child/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% -extra DIRECTORY
serve() ->
    [Directory] = init:get_plain_arguments(),
    {ok, _} = supervisor:start_link(?MODULE, {supervisor, Directory}),
    timer:sleep(infinity).

start_child(Directory) -> gen_server:start_link(?MODULE, {child, Directory}, []).

init({supervisor, Directory}) ->
    Child = #{id => nursling, start => {?MODULE, start_child, [Directory]}},
    {ok, {#{intensity => 1000000, period => 1}, [Child]}};
init({child, Directory}) ->
    Program = filename:join(Directory, "run"),
    {ok, open_port({spawn_executable, Program}, [{cd, Directory}, exit_status])}.

handle_call(_Request, _From, Port) -> {noreply, Port}.
handle_cast(_Message, Port) -> {noreply, Port}.
handle_info({Port, {exit_status, Status}}, Port) -> {stop, {exit_status, Status}, Port}.
