"""Python's pools of processes as peers: ten jobs, of which the third segfaults.

python_pools_peer.py HOW prints of how many jobs it is told right how they went. HOW is executor, for
concurrent.futures.ProcessPoolExecutor, or pool, for multiprocessing.Pool.
"""

import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor

JOBS, BAD_JOB, JOB_S = range(1, 11), 3, 0.02
# Whoever has not answered by then never will: the good ones take 0.1 s together.
PATIENCE_S = 3


def work(number):
    if number == BAD_JOB:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(JOB_S)
    return number


def ask_executor():
    """Its futures all have the same exception when one worker has died: that tells of no job that it was the one."""
    with ProcessPoolExecutor(2) as executor:
        futures = [executor.submit(work, number) for number in JOBS]
        return sum(future.exception() is None for future in futures)


def ask_pool():
    """The result of the job whose worker has died never comes; without a time-out one would wait for ever."""
    right = 0
    with multiprocessing.Pool(2) as pool:
        results = [pool.apply_async(work, (number,)) for number in JOBS]
        for result in results:
            try:
                result.get(PATIENCE_S)
                right += 1
            except multiprocessing.TimeoutError:
                pass
        pool.terminate()
    return right


def main():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    multiprocessing.set_start_method("fork")
    right = ask_executor() if sys.argv[1] == "executor" else ask_pool()
    print(f"figure {right}", flush=True)


main()
