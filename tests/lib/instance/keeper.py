"""The keeper: the one process that holds an instance together.

It makes the view, starts master and the web server in it, and stays. All that
they leave behind comes to it (it is their subreaper), so at the end it can end
every process by number, and the view goes with the last one.
"""

import os
import signal
import subprocess
import sys

from . import apache, processes, view
from .plan import Plan, Trouble, write

import json

GRACE = 15  # seconds that master has to end all in good order


class Keeper:
    def __init__(self, plan):
        self.plan = plan
        self.master = None
        self.web = None
        self.cgroup = ""

    def spawn(self, command, cgroup=""):
        def before():
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            view.prctl(view.PR_SET_PDEATHSIG, signal.SIGTERM)
            processes.cgroup_enter(cgroup)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                       "LC_ALL": "C.UTF-8", "TZ": os.environ.get("TZ", "")}
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS") or name.startswith("FACTEUR_"):
                environment[name] = value
        if not environment["TZ"]:
            del environment["TZ"]
        return subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdin=subprocess.DEVNULL, env=environment,
            cwd="/", preexec_fn=before).pid

    def start(self):
        view.prctl(view.PR_SET_CHILD_SUBREAPER, 1)
        view.enter(self.plan)
        view.furnish(self.plan)
        web = apache.configure(self.plan) if self.plan.web else None
        self.cgroup = processes.cgroup_make(self.plan.cgroup_name)
        self.master = self.spawn(
            [self.plan.program("libexec", "master"), "-c",
             self.plan.path("etc")], self.cgroup)
        if web:
            self.web = self.spawn(web)
        write(self.plan.path("state.json"), json.dumps({
            "keeper": os.getpid(),
            "keeper_start": processes.start_time(os.getpid()),
            "master": self.master,
            "master_start": processes.start_time(self.master),
            "web": self.web, "cgroup": self.cgroup}))

    def reap(self):
        """Take all that ended, the ones of ours are noted as None; True when
        no child is left, dead or alive."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            for name in ("master", "web"):
                if pid == getattr(self, name):
                    print("%s ended: status %d" % (
                        name, os.waitstatus_to_exitcode(status)), flush=True)
                    setattr(self, name, None)

    def watch(self):
        """Until told to stop (True), or until one of ours ended."""
        had_web = self.web is not None
        signals = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
        while True:
            got = signal.sigwait(signals)
            if got != signal.SIGCHLD:
                return True
            self.reap()
            if self.master is None or (had_web and self.web is None):
                return False

    def end(self):
        for pid in (self.web, self.master):
            if pid is not None:
                processes.kill(pid, signal.SIGTERM)

        if processes.wait_for(self.reap, GRACE):
            return
        names = []
        for pid in processes.descendants(os.getpid()):
            got = processes.stat(pid)
            if got:
                names.append("%s[%d]" % (got[2], pid))
                processes.kill(pid, signal.SIGKILL)
        write(self.plan.path("left"), " ".join(names) + "\n")
        processes.wait_for(self.reap, GRACE)


def keep(folder):
    """The keeper's whole life; the exit status of its process."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {
        signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP})
    keeper = Keeper(Plan.load(folder))
    asked = False
    try:
        keeper.start()
        asked = keeper.watch()
    except Trouble as e:
        print(e, file=sys.stderr)
    finally:
        keeper.end()
        processes.cgroup_end(keeper.cgroup)
    return 0 if asked else 1
