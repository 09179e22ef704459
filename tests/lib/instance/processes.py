"""Processes by number and start time, so that a number used again by another
process is never taken for one of ours."""

import os
import signal
import time

CGROUPS = ("/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup")


def stat(pid):
    """(parent, start time, name) of a live process, or None."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8",
                  errors="replace") as f:
            text = f.read()
    except OSError:
        return None
    end = text.rindex(")")
    fields = text[end + 2:].split()
    if fields[0] in "ZX":
        return None
    return int(fields[1]), int(fields[19]), text[text.index("(") + 1:end]


def start_time(pid):
    got = stat(pid)
    return got[1] if got else None


def alive(pid, started):
    return pid is not None and started is not None and \
        start_time(pid) == started


def descendants(root):
    """Numbers of all processes below root (not root itself)."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            got = stat(int(name))
            if got:
                children.setdefault(got[0], []).append(int(name))
    found, todo = [], [root]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def kill(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def wait_for(condition, seconds, pause=0.02, longest=0.02):
    """True as soon as condition() is; False when the time is over. The pause
    between two looks doubles up to the longest."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = max(pause, min(2 * pause, longest))
    return True


def cgroup_make(name):
    """A group of our own that counts CPU time, or "" where there is none."""
    for top in CGROUPS:
        if not os.access(os.path.join(top, "cgroup.procs"), os.W_OK):
            continue
        path = os.path.join(top, name)
        try:
            os.makedirs(path, exist_ok=True)
            return path
        except OSError:
            continue
    return ""


def cgroup_enter(path):
    """Put the calling process there."""
    if path:
        with open(path + "/cgroup.procs", "w", encoding="ascii") as f:
            f.write(str(os.getpid()))


def cgroup_members(path):
    try:
        with open(path + "/cgroup.procs", encoding="ascii") as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


def cgroup_end(path):
    """End what is still in the group, then remove it."""
    if not path or not os.path.isdir(path):
        return
    for pid in cgroup_members(path):
        kill(pid, signal.SIGKILL)

    def gone():
        try:
            os.rmdir(path)
        except OSError:
            return not os.path.isdir(path)
        return True
    wait_for(gone, 5)
