#!/usr/bin/env python3
# timeout: 420
"""kill -9 of each daemon in turn under load loses nothing; so does master's."""

import os
import signal
import smtplib
import threading
import time

from lib import main, wait

USERS = 4
SENDERS = 4


class Load:
    """Sends letters with numbers until told to stop; keeps the accepted."""

    count = 0

    def __init__(self, box):
        Load.count += 1
        self.name = "n%d" % Load.count
        self.box = box
        self.stop = threading.Event()
        self.accepted = set()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(i,))
                        for i in range(SENDERS)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for t in self.threads:
            t.join()

    def one(self, c, name, user):
        text = "Subject: %s\n\n%s\n" % (name, "x" * 2000)
        c.sendmail("a@client.test", ["fb%02d@bench.test" % user], text)
        with self.lock:
            self.accepted.add(name)

    def run(self, worker):
        number = 0
        while not self.stop.is_set():
            try:
                with self.box.smtp() as c:
                    for _ in range(20):
                        if self.stop.is_set():
                            break
                        number += 1
                        self.one(c, "%s-%d-%d" % (self.name, worker, number),
                                 number % USERS)
            except (smtplib.SMTPException, OSError):
                self.stop.wait(0.05)  # 4xx or a lost connection: not accepted


def pids(box, program):
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            exe = os.readlink("/proc/%s/exe" % entry)
            with open("/proc/%s/cgroup" % entry, encoding="ascii"):
                pass
            root = os.readlink("/proc/%s/ns/mnt" % entry)
        except OSError:
            continue
        if os.path.basename(exe) == program and root == box.namespace:
            found.append(int(entry))
    return found


def delivered(box):
    names = {}
    for user in range(USERS):
        for text in box.messages("fb%02d" % user):
            head = text.split(b"\n\n", 1)[0]
            for line in head.split(b"\n"):
                if line.startswith(b"Subject: n"):
                    name = line[9:].decode()
                    names[name] = names.get(name, 0) + 1
    return names


def all_there(box, load):
    box.inside("postqueue", "-f")
    wait(lambda: not [m for m in box.queue()], "an empty queue", 60)
    got = delivered(box)
    got = {n: c for n, c in got.items() if n.startswith(load.name + "-")}
    lost = sorted(load.accepted - set(got))
    assert not lost, "lost %d of %d: %s" % (len(lost), len(load.accepted),
                                            lost[:5])
    return sum(n - 1 for n in got.values())


def namespace_of(box):
    keeper = box.t["pid"]
    box.namespace = os.readlink("/proc/%d/ns/mnt" % keeper)


def test_each_daemon(box):
    namespace_of(box)
    with Load(box) as load:
        wait(lambda: len(load.accepted) > 20, "the first letters")
        for program in ("deliver", "lookup", "smtpd", "qmgr", "deliver",
                        "qmgr"):
            seen = len(load.accepted)
            victims = wait(lambda p=program: pids(box, p), program)
            for pid in victims:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            # service comes back by itself
            wait(lambda s=seen: len(load.accepted) > s + 20,
                 "letters after the end of " + program, 30)
    doubled = all_there(box, load)
    print("accepted %d, doubled %d" % (len(load.accepted), doubled))
    assert doubled <= len(load.accepted) / 4


def test_reload_drops_nothing(box):
    with box.smtp() as c:
        with Load(box) as load:
            for _ in range(5):
                seen = len(load.accepted)
                box.reload()
                wait(lambda s=seen: len(load.accepted) > s + 20,
                     "letters after a reload", 30)
        # a session older than the reloads goes on
        assert c.noop()[0] == 250
    doubled = all_there(box, load)
    assert not doubled, "%d of %d doubled" % (doubled, len(load.accepted))


def test_master(box):
    namespace_of(box)
    with Load(box) as load:
        wait(lambda: len(load.accepted) > 20, "the first letters")
        master = pids(box, "master")
        children = [p for name in ("smtpd", "qmgr", "deliver", "lookup",
                                   "login", "imapd", "auth", "pickup")
                    for p in pids(box, name)]
        for pid in master:
            os.kill(pid, signal.SIGKILL)
        wait(lambda: not [p for p in children if os.path.exists(
            "/proc/%d" % p)], "the end of the children", 60)
        load.stop.set()
    box.command("stop", check=False)
    begun = time.monotonic()
    box.start()
    print("up after %.1f s" % (time.monotonic() - begun))
    all_there(box, load)


main("--users", str(USERS))
