%% The other side of test_erl_ports.c: runs each script of port_script.eterm in a port of OTP, sends a command to those that read,
%% and prints what they say, and how they ended. A cat, which would go on, is closed when it has answered.
-module(erl_port).
-export([main/1]).

main(Path) ->
    {ok, Script} = file:consult(Path),
    [play(Act) || Act <- Script],
    halt().

play({Shell, Framing} = Act) ->
    io:format("~0tp~n", [Act]),
    Port = open_port({spawn_executable, "/bin/sh"},
                     [{args, ["-c", Shell]}, Framing, binary, exit_status, eof]),
    case Shell of
        "cat" ->
            command(Port),
            receive {Port, Message} -> io:format("    ~0tp~n", [Message]) end,
            Port ! {self(), close},
            receive {Port, closed} -> io:format("    closed~n") end;
        "read" ++ _ ->
            command(Port),
            io:format("    ended ~0tp~n", [listen(Port, none, none)]);
        _ -> io:format("    ended ~0tp~n", [listen(Port, none, none)])
    end.

command(Port) -> Port ! {self(), {command, ["he", [$l, "l"], <<"o">>, 10]}}.

%% OTP tells the exit status when it hears of it, before the last output or after it; we print it at the end.
listen(_, eof, Status) when Status =/= none -> Status;
listen(Port, Eof, Status) ->
    receive
        {Port, eof} -> listen(Port, eof, Status);
        {Port, {exit_status, N}} -> listen(Port, Eof, N);
        {Port, Message} -> io:format("    ~0tp~n", [Message]), listen(Port, Eof, Status)
    end.
