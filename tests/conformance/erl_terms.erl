%% The other side of test_erl_terms.c: Erlang itself, as the judge of our terms.
%%
%% Requests come in packets of four length bytes: $d and an encoded term to look at, or $g and a seed to make one from.
%% The answer is 0 if the bytes are no term, else 1 and, each behind four length bytes: the term encoded by default and
%% with minor versions 0, 1 and 2, and its text. $e, the size of a term, it and a second one ask whether the two are
%% equal: the answer is 0 if not, or if one is no term.
-module(erl_terms).
-export([main/0]).

main() ->
    Port = open_port({fd, 0, 1}, [binary, {packet, 4}]),
    answer(Port).

answer(Port) ->
    receive
        {Port, {data, <<$d, Bytes/binary>>}} ->
            port_command(Port, try look(decode(Bytes)) catch error:_ -> <<0>> end),
            answer(Port);
        {Port, {data, <<$e, Size:32, One:Size/binary, Other/binary>>}} ->
            port_command(Port, try are_equal(One, Other) catch error:_ -> <<0>> end),
            answer(Port);
        {Port, {data, <<$g, Seed:32>>}} ->
            rand:seed(exsplus, {Seed, 2, 3}),
            port_command(Port, look(make(4))),
            answer(Port);
        _ ->
            halt(0)
    after 60000 ->
        halt(1)
    end.

are_equal(One, Other) ->
    case decode(One) =:= decode(Other) of
        true -> <<1>>;
        false -> <<0>>
    end.

%% binary_to_term/1 overlooks what stands behind the term.
decode(Bytes) ->
    {Term, Used} = binary_to_term(Bytes, [used]),
    Used = byte_size(Bytes),
    Term.

look(Term) ->
    Text = unicode:characters_to_binary(io_lib:format("~0tp", [Term])),
    Parts = [term_to_binary(Term), term_to_binary(Term, [{minor_version, 0}]),
             term_to_binary(Term, [{minor_version, 1}]), term_to_binary(Term, [{minor_version, 2}]),
             Text],
    [1 | [<<(byte_size(P)):32, P/binary>> || P <- Parts]].

%% ---------------------------------------------------------------- terms of its own

make(0) -> scalar(pick(9));
make(Depth) ->
    case pick(16) of
        1 -> [];
        2 -> [make(Depth - 1) || _ <- few()];
        3 -> [make(Depth - 1) || _ <- few()] ++ scalar(pick(9));
        4 -> list_to_tuple([make(Depth - 1) || _ <- few()]);
        5 -> maps:from_list([{make(Depth - 1), make(Depth - 1)} || _ <- few()]);
        6 -> maps:from_list([{scalar(pick(9)), pick(9)} || _ <- lists:seq(1, pick(60))]);
        7 -> Captured = make(Depth - 1), fun() -> Captured end;
        8 -> text();
        9 -> list_to_tuple(lists:seq(1, 250 + pick(10)));
        _ -> scalar(pick(9))
    end.

scalar(1) -> pick(600) - 300;
scalar(2) -> (rand:uniform(2) * 2 - 3) * rand:uniform(1 bsl (1 + pick(300)));
scalar(3) -> float();
scalar(4) -> atom();
scalar(5) -> list_to_binary([pick(256) - 1 || _ <- few()]);
scalar(6) -> Bits = pick(40), <<(pick(1 bsl 30)):Bits>>;
scalar(7) -> unicode:characters_to_binary(text());
scalar(8) -> text();
scalar(9) ->
    case pick(6) of
        1 -> self();
        2 -> make_ref();
        3 -> hd(erlang:ports());
        4 -> fun lists:map/2;
        5 -> fun scalar/1;
        6 -> spawn(fun() -> ok end)
    end.

float() ->
    case pick(4) of
        1 -> (pick(2000) - 1000) / pick(10);
        2 -> math:pow(2, pick(2000) - 1000);
        3 -> pick(1 bsl 53) / math:pow(10, pick(20));
        4 ->
            try
                <<F/float>> = <<(rand:uniform(1 bsl 64) - 1):64>>,
                F
            catch
                error:_ -> 0.5
            end
    end.

%% OTP 27 reserves two words more than 25; the test is about neither.
atom() ->
    case list_to_atom(lists:sublist(text(), 255)) of
        maybe -> ok;
        else -> ok;
        Atom -> Atom
    end.

text() ->
    Range = element(pick(5), {$z, 16#FF, 16#7FF, 16#FFFF, 16#10FFFF}),
    [C || C <- [pick(Range) || _ <- few()], C < 16#D800 orelse C > 16#DFFF].

few() -> lists:seq(1, pick(6) - 1).

pick(N) -> rand:uniform(N).
