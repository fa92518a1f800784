"""Runs one command and prints what it took, as JSON: exit code, seconds of wall clock and of CPU, peak memory.

Run as ``python -I -S -E clock.py SECONDS COMMAND...``, in a process of its own that imports next to nothing. Linux counts the
memory that a process had before ``exec`` among what it peaks at, so whoever starts the command is the least that can
be measured; like this, that is a bare interpreter. A command that takes longer than SECONDS is killed (code -9).
"""

import os
import signal
import sys
import time


def main(seconds: int, command: list[str]) -> None:
    """Run ``command`` for at most ``seconds``, with both its outputs thrown away."""
    null = os.open(os.devnull, os.O_RDWR)
    outputs = [(os.POSIX_SPAWN_DUP2, null, number) for number in range(3)]
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=outputs)
    signal.signal(signal.SIGALRM, lambda number, frame: os.kill(child, signal.SIGKILL))
    signal.alarm(seconds)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    peak = used.ru_maxrss if sys.platform == "darwin" else used.ru_maxrss * 1024  # bytes there, KiB on Linux
    code = os.waitstatus_to_exitcode(status)
    print(f'{{"code": {code}, "wall": {wall:.6f}, "cpu": {used.ru_utime + used.ru_stime:.6f}, "peak": {peak}}}')


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
