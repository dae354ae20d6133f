%% The BEAM as a peer: the same work by Erlang's own processes, within one node or between two on this host.
%%
%% Two nodes talk over Erlang's distribution as it comes (inet_tcp over 127.0.0.1). epmd is left out, because it would
%% stay behind as a daemon: this module is the -epmd_module of both nodes; each prints the port it listens on, and the
%% second is told the first one's.
-module(bench_beam).
-export([serve/0, measure/0]).
-export([echo/1, sink/1, init/1, handle_call/3, handle_cast/2]).
-export([start_link/0, register_node/2, register_node/3, port_please/2, port_please/3,
         address_please/3, listen_port_please/2, names/1]).

-define(IDLE_MS, 20).
-define(SERVER, 'side1@127.0.0.1').

%% ---- the two nodes

%% The first node does nothing by itself: processes are spawned on it from the second.
serve() ->
    timer:sleep(infinity).

%% -extra SHAPE HOW SIZE TIME_MS [PORT]
measure() ->
    [Shape, How, Size, Time | _] = init:get_plain_arguments(),
    Body = binary:copy(<<0>>, list_to_integer(Size)),
    Ns = run(list_to_atom(Shape), how(How), Body, list_to_integer(Time)),
    io:format("figure ~.3f~n", [float(Ns)]),
    halt(0).

how("two") -> {?SERVER, message};
how("one") -> {node(), message};
how("two call") -> {?SERVER, call};
how("one call") -> {node(), call}.

%% ---- epmd's part

start_link() -> ignore.
register_node(Name, Port) -> register_node(Name, Port, inet).
register_node(_Name, Port, _Family) ->
    erlang:display({port, Port}), % io:format would wait for a process that starts later
    {ok, erlang:system_time(second) band 16#7fffffff bor 4}.
port_please(Name, Host) -> port_please(Name, Host, infinity).
port_please(_Name, _Host, _Timeout) ->
    {port, list_to_integer(lists:last(init:get_plain_arguments())), 6}.
address_please(_Name, Host, Family) -> inet:getaddr(Host, Family).
listen_port_please(_Name, _Host) -> {ok, 0}.
names(_Host) -> {error, address}.

%% ---- the other side

echo(Client) ->
    receive
        Body when is_binary(Body) ->
            Client ! Body,
            echo(Client);
        stop ->
            ok
    end.

sink(Client) ->
    receive
        Body when is_binary(Body) ->
            sink(Client);
        flush ->
            Client ! flushed,
            sink(Client);
        stop ->
            ok
    end.

init([]) -> {ok, none}.
handle_call(Body, _From, State) -> {reply, Body, State}.
handle_cast(stop, State) -> {stop, normal, State}.

%% ---- what is measured: nanoseconds for one

run(trip, {Node, message}, Body, Time) ->
    Echo = spawn_link(Node, ?MODULE, echo, [self()]),
    steady(fun(Count) -> trips(Echo, Body, Count) end, Time);
run(trip, {Node, call}, Body, Time) ->
    {ok, Server} = rpc:call(Node, gen_server, start, [?MODULE, [], []]),
    steady(fun(Count) -> calls(Server, Body, Count) end, Time);
run(idle_trip, {Node, message}, Body, Time) ->
    Echo = spawn_link(Node, ?MODULE, echo, [self()]),
    trips(Echo, Body, 50),
    median([idle_trip(Echo, Body) || _ <- lists:seq(0, Time div ?IDLE_MS)]);
run(one_way, {Node, message}, Body, Time) ->
    Sink = spawn_link(Node, ?MODULE, sink, [self()]),
    steady(fun(Count) -> pour(Sink, Body, Count) end, Time).

trips(_Echo, _Body, 0) ->
    ok;
trips(Echo, Body, Count) ->
    Echo ! Body,
    receive
        Answer when is_binary(Answer) -> trips(Echo, Body, Count - 1)
    end.

calls(_Server, _Body, 0) ->
    ok;
calls(Server, Body, Count) ->
    _ = gen_server:call(Server, Body, infinity),
    calls(Server, Body, Count - 1).

idle_trip(Echo, Body) ->
    timer:sleep(?IDLE_MS),
    timed(fun() -> trips(Echo, Body, 1) end).

pour(Sink, _Body, 0) ->
    Sink ! flush,
    receive
        flushed -> ok
    end;
pour(Sink, Body, Count) ->
    Sink ! Body,
    pour(Sink, Body, Count - 1).

%% ---- steady.c's rule

steady(Repeat, TimeMs) ->
    Wanted = TimeMs * 1000000,
    Count = warm(Repeat, 1, Wanted),
    timed(fun() -> Repeat(Count) end) / Count.

warm(Repeat, Count, Wanted) ->
    Once = fun() -> Repeat(Count) end,
    Ns = timed(Once),
    Again = if Ns < Wanted / 8 -> Ns; true -> min(Ns, timed(Once)) end,
    if
        Again < Wanted / 8 -> warm(Repeat, Count * 2, Wanted);
        true -> max(1, trunc(Count * Wanted / Again))
    end.

timed(Fun) ->
    Begin = erlang:monotonic_time(nanosecond),
    Fun(),
    erlang:monotonic_time(nanosecond) - Begin.

median(Times) -> lists:nth(length(Times) div 2 + 1, lists:sort(Times)).
