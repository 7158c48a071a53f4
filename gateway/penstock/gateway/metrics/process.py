"""What this process takes of the machine, under the names that every Prometheus client gives."""

from __future__ import annotations

import os
import platform
import resource
import sys
import threading
from functools import cache
from importlib.metadata import version
from pathlib import Path

from penstock.wire.metrics import Family, gauge, total

_PROC = Path("/proc")


def families() -> list[Family]:
    """Memory and descriptors are left out where there is no /proc."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    build = gauge("penstock_build_info", "Version of Penstock and of Python; the value is 1.")
    build.add(1, version=_version(), python=platform.python_version())
    found = [
        build,
        total("process_cpu_seconds", "Time on a processor, user and system, in seconds.", _cpu_s(usage)),
        gauge("penstock_threads", "Threads of Python in the process.", threading.active_count()),
    ]
    return found + _from_proc() if sys.platform == "linux" else found


@cache
def _version() -> str:
    return version("penstock")


def _cpu_s(usage: resource.struct_rusage) -> float:
    return round(usage.ru_utime + usage.ru_stime, 3)


def _from_proc() -> list[Family]:
    # The name of the program, in brackets, may hold anything.
    fields = (_PROC / "self/stat").read_text().rpartition(")")[2].split()
    return [
        gauge("process_start_time_seconds", "When the process started, in unix seconds.", _start_s(int(fields[19]))),
        gauge("process_virtual_memory_bytes", "Virtual memory in bytes.", int(fields[20])),
        gauge("process_resident_memory_bytes", "Memory in bytes.", int(fields[21]) * resource.getpagesize()),
        gauge("process_open_fds", "Open file descriptors.", len(os.listdir("/proc/self/fd"))),
        gauge("process_max_fds", "Most file descriptors.", resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
    ]


def _start_s(ticks: int) -> float:
    """`ticks` are since the machine started."""
    return round(_boot_s() + ticks / os.sysconf("SC_CLK_TCK"), 2)


@cache
def _boot_s() -> float:
    lines = (_PROC / "stat").read_text().splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith("btime ")), 0.0)
