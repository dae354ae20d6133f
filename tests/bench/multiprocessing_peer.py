"""Python's multiprocessing as a peer: Pipe and Queue between two processes, as a program would use them by itself.

multiprocessing_peer.py SHAPE HOW SIZE TIME_MS PLACEMENT prints the nanoseconds of one. HOW is pipe or queue, SHAPE is
trip, idle_trip or one_way, PLACEMENT the number of CPUs for the two sides, 0 for where the scheduler likes.
"""

import ctypes
import multiprocessing
import os
import signal
import statistics
import sys
import time

IDLE_S = 0.02
PR_SET_PDEATHSIG = 1


class Pipes:
    """One end of two pipes, or of one that goes both ways: send and receive are what both kinds have."""

    def __init__(self, out, into):
        self.send, self.receive = out, into


def ends(how):
    """The two ends, for the measuring side and for the other one."""
    if how == "pipe":
        mine, other = multiprocessing.Pipe()
        return Pipes(mine.send, mine.recv), Pipes(other.send, other.recv)
    there, back = multiprocessing.Queue(), multiprocessing.Queue()
    return Pipes(there.put, back.get), Pipes(back.put, there.get)


def place(cpus, side):
    given = sorted(os.sched_getaffinity(0))
    if cpus == 2 and len(given) > 1:
        os.sched_setaffinity(0, {given[side]})
    elif cpus == 1:
        os.sched_setaffinity(0, {given[0]})


def serve(end, cpus, is_echo):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    place(cpus, 1)
    while True:
        body = end.receive()
        if is_echo or body is None:
            end.send(body)


def trips(end, body, count):
    for _ in range(count):
        end.send(body)
        end.receive()


def pour(end, body, count):
    for _ in range(count):
        end.send(body)
    end.send(None)
    end.receive()


def timed(repeat, end, body, count):
    begin = time.monotonic_ns()
    repeat(end, body, count)
    return time.monotonic_ns() - begin


def steady(repeat, end, body, time_ms):
    """The rule of steady.c."""
    wanted, count = time_ms * 1000000, 1
    while (taken := min(timed(repeat, end, body, count) for _ in (1, 2))) < wanted / 8:
        count *= 2
    count = max(1, int(count * wanted / taken))
    return timed(repeat, end, body, count) / count


def idle_trips(end, body, time_ms):
    trips(end, body, 50)
    times = []
    for _ in range(int(time_ms / (IDLE_S * 1000)) + 1):
        time.sleep(IDLE_S)
        times.append(timed(trips, end, body, 1))
    return statistics.median(times)


def main():
    shape, how, size, time_ms, cpus = sys.argv[1:]
    multiprocessing.set_start_method("fork")
    mine, other = ends(how)
    body, time_ms, cpus = bytes(int(size)), int(time_ms), int(cpus)
    server = multiprocessing.Process(
        target=serve, args=(other, cpus, shape != "one_way"), daemon=True
    )
    server.start()
    place(cpus, 0)
    if shape == "idle_trip":
        figure = idle_trips(mine, body, time_ms)
    else:
        figure = steady(trips if shape == "trip" else pour, mine, body, time_ms)
    server.kill()
    server.join()
    print(f"figure {figure}", flush=True)
    os._exit(0)  # a queue's thread may wait for a reader that is gone


main()
