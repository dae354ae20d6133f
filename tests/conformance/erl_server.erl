%% The other side of test_erl_server.c: the same clerk as a gen_server of OTP, and the same script.
%%
%% Each line of the script is a term: what the boss does. Printed is what came of it, and what the clerk's callbacks saw.
-module(erl_server).
-export([main/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2, code_change/3]).

%% ---------------------------------------------------------------- the clerk

init({Boss, Plan}) ->
    put(boss, Boss),
    see(init, Plan),
    obey(Plan, fun(Extra) -> list_to_tuple([ok, [] | Extra]) end).

handle_call(Request, From, State) ->
    put(caller, From),
    see(handle_call, Request),
    obey(Request, fun(Extra) -> list_to_tuple([noreply, State | Extra]) end).

handle_cast({answer, Reply} = Message, State) ->
    see(handle_cast, Message),
    gen_server:reply(get(caller), Reply),
    {noreply, State};
handle_cast(Message, State) ->
    see(handle_cast, Message),
    obey(Message, fun(Extra) -> list_to_tuple([noreply, State | Extra]) end).

handle_info(Message, State) ->
    see(handle_info, Message),
    obey(Message, fun(Extra) -> list_to_tuple([noreply, State | Extra]) end).

handle_continue(Argument, State) ->
    see(handle_continue, Argument),
    obey(Argument, fun(Extra) -> list_to_tuple([noreply, State | Extra]) end).

terminate(Reason, _) -> see(terminate, Reason).

code_change(Old, _, Extra) -> {ok, {was, Old, Extra}}.

see(Callback, Term) -> get(boss) ! {saw, Callback, Term}.

obey({trap, Then}, Step) -> process_flag(trap_exit, true), obey(Then, Step);
obey({queue, Message, Then}, Step) -> self() ! Message, obey(Then, Step);
obey({reply, Reply}, _) -> {reply, Reply, []};
obey({stop, Reason}, Step) -> stop(Reason, Step([]));
obey({stop, Reason, Reply}, _) -> {stop, Reason, Reply, []};
obey({continue, Argument}, Step) -> Step([{continue, Argument}]);
obey({timeout, Ms}, Step) -> Step([Ms]);
obey({exit, Reason}, _) -> exit(Reason);
obey(ignore, _) -> ignore;
obey(nonsense, _) -> {step, 0};
obey(call_nobody, _) -> gen_server:call(nobody, get, 5000);
obey(_, Step) -> Step([]).

stop(Reason, {ok, _}) -> {stop, Reason};
stop(Reason, {noreply, State}) -> {stop, Reason, State}.

%% ---------------------------------------------------------------- the boss

main(Path) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    {ok, Script} = file:consult(Path),
    [play(Act) || Act <- Script],
    halt().

play(Act) ->
    Result = try act(Act) catch exit:Why -> {exit, Why} end,
    sync(),
    io:format("~0tp -> ~0tp~n", [Act, Result]),
    show().

act({start, Plan}) -> started(gen_server:start({local, foo}, ?MODULE, {self(), Plan}, []));
act({start_link, Plan}) -> started(gen_server:start_link({local, foo}, ?MODULE, {self(), Plan}, []));
act({call, Request, Ms}) -> gen_server:call(foo, Request, Ms);
act({request, Request}) -> put(request, gen_server:send_request(foo, Request)), sync();
act({response, Ms}) ->
    case gen_server:wait_response(get(request), Ms) of
        {error, {Reason, _}} -> {error, Reason};
        Other -> Other
    end;
act({cast, Message}) -> gen_server:cast(foo, Message), sync();
act({info, Message}) -> foo ! Message, sync();
act({stop, Reason}) -> gen_server:stop(foo, Reason, infinity);
act({exit, Reason}) -> exit(whereis(foo), Reason), receive {'EXIT', _, Why} -> {'EXIT', Why} end;
act({await, Callback}) -> receive {saw, Callback, Term} -> {saw, Callback, Term} end;
act({sys, Request}) -> {ok, Reply} = gen:call(foo, system, Request), Reply;
act(sync) -> sync().

started({ok, Pid}) -> put(monitor, monitor(process, Pid)), ok;
started({error, {already_started, _}}) -> {error, already_started};
started(Other) -> Other.

%% Everything that was sent to the clerk has been handled, or it has died.
sync() ->
    try gen:call(foo, system, get_state) of _ -> ok
    catch exit:_ -> gone() end.

gone() ->
    case erase(monitor) of
        undefined -> none;
        Monitor -> receive {'DOWN', Monitor, _, _, _} -> gone end
    end.

show() ->
    receive {saw, Callback, Term} -> io:format("    ~0tp ~0tp~n", [Callback, Term]), show()
    after 0 -> ok end.
