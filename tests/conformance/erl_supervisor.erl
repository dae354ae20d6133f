%% The other side of test_erl_supervisor.c: the same nursery with OTP's supervisor, and the same script.
%%
%% Each line of the script is a term: what the boss does. Printed is what came of it, and what the children have written on
%% the board.
-module(erl_supervisor).
-export([main/1, start_link/1, start_link/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% ---------------------------------------------------------------- supervisor, board, children

init({nursery, ignore}) -> ignore;
init({nursery, {Flags, Specs}}) -> {ok, {Flags, Specs}};
init({nursery, told}) -> init({nursery, gen_server:call(board, {'begin', tree})});
init({nursery, Nonsense}) -> Nonsense;
init(board) -> {ok, {board, [], []}};
init({infant, Id}) ->
    process_flag(trap_exit, true),
    catch register(Id, self()),
    Plan = gen_server:call(board, {'begin', Id}),
    obey(Plan, {ok, {infant, Id}}).

start_link(Id) -> gen_server:start_link(?MODULE, {infant, Id}, []).
start_link(_, Id) -> start_link(Id).

%% The module that the child specs name.
load_infant() ->
    Forms = [form(Line) || Line <- ["-module(infant).", "-export([start_link/1, start_link/2]).",
                                    "start_link(Id) -> erl_supervisor:start_link(Id).",
                                    "start_link(First, Id) -> erl_supervisor:start_link(First, Id)."]],
    {ok, infant, Binary} = compile:forms(Forms),
    {module, infant} = code:load_binary(infant, "infant", Binary).

form(Line) ->
    {ok, Tokens, _} = erl_scan:string(Line),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

handle_call({'begin', Id}, _, {board, Events, Plans}) ->
    Written = [{init, Id} | Events],
    case lists:keytake(Id, 1, Plans) of
        {value, {_, Plan}, Rest} -> {reply, Plan, {board, Written, Rest}};
        false -> {reply, ok, {board, Written, Plans}}
    end;
handle_call({write, Event}, _, {board, Events, Plans}) -> {reply, ok, {board, [Event | Events], Plans}};
handle_call({plan, Id, Plan}, _, {board, Events, Plans}) -> {reply, ok, {board, Events, Plans ++ [{Id, Plan}]}};
handle_call(show, _, {board, Events, Plans}) -> {reply, lists:reverse(Events), {board, [], Plans}};
handle_call(look, _, {board, Events, _} = State) -> {reply, lists:reverse(Events), State};
handle_call(Request, _, State) -> {reply, Request, State}.

handle_cast(Message, State) -> obey(Message, {noreply, State}).

handle_info(_, State) -> {noreply, State}.

terminate(Reason, {infant, Id}) ->
    catch gen_server:call(board, {write, {stopped, Id, Reason}});
terminate(_, _) -> ok.

obey({stop, Reason}, {ok, _}) -> {stop, Reason};
obey({stop, Reason}, {noreply, State}) -> {stop, Reason, State};
obey({exit, Reason}, _) -> exit(Reason);
obey(ignore, _) -> ignore;
obey(unlink, Step) -> unlink(hd(get('$ancestors'))), Step;
obey(_, Step) -> Step.

%% ---------------------------------------------------------------- the boss

main(Path) ->
    logger:set_primary_config(level, none),
    load_infant(),
    process_flag(trap_exit, true),
    {ok, _} = gen_server:start({local, board}, ?MODULE, board, []),
    {ok, Script} = file:consult(Path),
    [play(Act) || Act <- Script],
    halt().

play(Act) ->
    Result = act(Act),
    io:format("~0tp -> ~0tp~n", [Act, Result]),
    show(Act).

%% What follows from a message comes when it comes: the board is shown after the act that waits for it.
show({tell, _, _}) -> ok;
show({exit, _, _}) -> ok;
show(killed) -> ok;
show(_) -> [io:format("    ~0tp~n", [Event]) || Event <- gen_server:call(board, show)].

act({start, Argument}) ->
    case supervisor:start_link({local, sup}, ?MODULE, {nursery, Argument}) of
        {ok, _} -> ok;
        {error, Reason} -> receive {'EXIT', _, Reason} -> ok after 0 -> ok end, {error, Reason};
        Other -> receive {'EXIT', _, normal} -> ok after 0 -> ok end, Other
    end;
act({request, What}) -> gen_server:call(sup, What, infinity);
act({pid_request, What, Name}) -> gen_server:call(sup, {What, whereis(Name)}, infinity);
act({shown, Id, What}) ->
    Shown = case lists:keyfind(Id, 1, supervisor:which_children(sup)) of
                false -> none;
                {_, Child, _, _} -> Child
            end,
    again(Shown =:= What, {shown, Id, What});
act({specs, Count}) -> again(length(supervisor:which_children(sup)) =:= Count, {specs, Count});
act(killed) -> act(gone);
act(gone) -> receive {'EXIT', _, Reason} -> {'EXIT', Reason} end;
act({change, Tree}) ->
    gen_server:call(board, {plan, tree, Tree}),
    ok = sys:suspend(sup),
    Answer = sys:change_code(sup, ?MODULE, 1, extra),
    ok = sys:resume(sup),
    Answer;
act(status) ->
    {status, _, _, [_, _, _, _, [_, _, _, {supervisor, [{Key, Callback}]}]]} = sys:get_status(sup),
    {supervisor, Key, is_atom(Callback)};
act({plan, Id, Plan}) -> gen_server:call(board, {plan, Id, Plan});
act({tell, Name, Message}) -> gen_server:cast(Name, Message);
act({exit, Name, Reason}) -> exit(whereis(Name), Reason), ok;
act({inits, Id, Count}) ->
    again(length([x || {init, I} <- gen_server:call(board, look), I =:= Id]) =:= Count, {inits, Id, Count});
act({await, Event}) -> again(lists:member(Event, gen_server:call(board, look)), {await, Event}).

again(true, _) -> ok;
again(false, Act) -> timer:sleep(1), act(Act).
