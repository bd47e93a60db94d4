#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Run a command under bounds and tell what it took:  bound.py LOG CPU_S MEM_MIB COMMAND ...

The bounds are enforced by the kernel, so that a machine under load changes nothing: RLIMIT_CPU ends the command by a
signal that cannot be caught (its soft limit is its hard one), and RLIMIT_AS lets its allocations fail (not under the sanitizers, whose shadow alone is 20 TiB: there the resident set is
looked at afterwards).  A command that waits for something that never comes is ended after WALL_S.  LOG gets one line:
"cpu_s rss_mib why", why being ok, cpu, memory, hang, or crash: ended by a signal that is none of the bounds.  Exits with
the command's status, or 128 + its signal.
"""
import os
import resource
import signal
import sys
import time

WALL_S = 900
POLL_S = 0.005
TICKS = 0.5  # the limit is counted in ticks, what is told is not: this part of it tells its SIGKILL from another's


def main():
    log, cpu_s, mem_mib = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sanitized = os.environ.get("MODE") == "asan"
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not sanitized:
            resource.setrlimit(resource.RLIMIT_AS, (mem_mib << 20, mem_mib << 20))
        os.execvp(sys.argv[4], sys.argv[4:])
    start = time.monotonic()
    why = "ok"
    while True:
        got, status, use = os.wait4(pid, os.WNOHANG)
        if got == pid:
            break
        if time.monotonic() - start > WALL_S and why == "ok":
            why = "hang"
            os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_S)
    rc = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    rss_mib = use.ru_maxrss >> 10
    spent_s = use.ru_utime + use.ru_stime
    if why == "ok" and rc == 128 + signal.SIGKILL and spent_s >= cpu_s * TICKS:
        why = "cpu"
    elif why == "ok" and os.WIFSIGNALED(status):
        why = "crash"
    elif why == "ok" and rss_mib > mem_mib:
        why = "memory"
    with open(log, "w", encoding="ascii") as f:
        f.write(f"{spent_s:.2f} {rss_mib} {why}\n")
    return rc


sys.exit(main())
