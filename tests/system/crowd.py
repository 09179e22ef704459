#!/usr/bin/env python3
# timeout: 240
"""One mailbox and everybody at it: two IMAP clients of which one waits and is
parked, a POP3 client, deliveries, and a foreign program. Nothing is lost, and
what the one that waits was told is what there is."""

import os
import poplib
import random
import re
import sys
import threading
import time

from lib import main
from park import Client, append, parked

USER = "fb00"


class Waiter(Client):
    """Keeps its own list of the mailbox, of nothing but what it is told."""

    def __init__(self, box, tls):
        self.list = []  # [uid or None, flags or None]
        super().__init__(box, USER, tls)

    def line(self):
        line = super().line()
        got = re.match(r"\* (\d+) (EXISTS|EXPUNGE|FETCH)(.*)", line)
        if not got:
            return line
        n = int(got[1])
        if got[2] == "EXISTS":
            assert n >= len(self.list), (line, len(self.list))
            self.list += [[None, None] for _ in range(n - len(self.list))]
        elif got[2] == "EXPUNGE":
            assert 0 < n <= len(self.list), line
            del self.list[n - 1]
        else:
            uid = re.search(r"UID (\d+)", got[3])
            flags = re.search(r"FLAGS \(([^)]*)\)", got[3])
            row = self.list[n - 1]
            if uid:
                assert row[0] in (None, uid[1]), (line, row)
                row[0] = uid[1]
            if flags:
                row[1] = set(flags[1].split()) - {r"\Recent"}
        return line

    def learn(self):
        self.do("FETCH 1:* (UID FLAGS)") if self.list else self.do("NOOP")

    def check(self):
        """What was told, against the same asked for anew by another."""
        other = Client(self.box, USER)
        lines = other.do("EXAMINE INBOX") and other.do(
            "UID FETCH 1:* (FLAGS)")
        there = {}
        for line in lines:
            got = re.search(r"FETCH \(UID (\d+) FLAGS \(([^)]*)\)", line)
            if got:
                there[got[1]] = set(got[2].split()) - {r"\Recent"}
        other.do("LOGOUT")
        other.close()
        assert len(self.list) == len(there), (len(self.list), len(there))
        for row, uid in zip(self.list, sorted(there, key=int)):
            assert row[0] in (None, uid), (row, uid)
            assert row[1] is None or row[1] == there[uid], (
                uid, row[1], there[uid])


def leave_new(box, user, mark):
    """As another program delivers: a file of that name and subject in new/."""
    top = box.maildir(user)
    owner = os.stat(os.path.dirname(top))
    file = "%d.%s.foreign" % (time.time(), mark)
    path = os.path.join(top, "tmp", file)
    with open(path, "w", encoding="ascii") as f:
        f.write("Subject: %s\n\nx\n" % mark)
    os.chown(path, owner.st_uid, owner.st_gid)
    os.rename(path, os.path.join(top, "new", file))


class Crowd:
    def __init__(self, box, seconds, tls):
        self.box, self.end = box, time.monotonic() + seconds
        self.put, self.removed = set(), set()
        self.failed = []
        self.lock = threading.Lock()
        self.number = 10 ** 6 * tls
        self.random = random.Random(1)

    def fresh(self):
        with self.lock:
            self.number += 1
            return "m%dm" % self.number

    def going(self):
        return time.monotonic() < self.end and not self.failed

    def run(self, work):
        try:
            work()
        except Exception as e:  # pylint: disable=broad-except
            self.failed.append("%s: %r" % (work.__name__, e))

    def subject(self, lines):
        got = re.search(r"m\d+m", " ".join(lines))
        return got and got[0]

    def imap(self):
        c = Client(self.box, USER)

        def may(command):
            """Others may have removed it already."""
            c.send("t " + command)
            lines = c.until("t ")
            assert lines[-1].startswith(("t OK", "t NO [EXPUNGEISSUED]")), (
                command, lines)
            return lines

        c.do("SELECT INBOX")
        while self.going():
            name = self.fresh()
            append(c, "Subject: %s\r\n\r\nx\r\n" % name)
            self.put.add(name)
            c.do("NOOP")
            n = self.random.randint(1, c.exists)
            may(r"STORE %d %sFLAGS (\Flagged)" % (
                n, self.random.choice("+-")))
            if c.exists > 20:
                n = self.random.randint(1, c.exists)
                name = self.subject(
                    may("FETCH %d BODY.PEEK[HEADER.FIELDS (SUBJECT)]" % n))
                may(r"STORE %d +FLAGS (\Deleted)" % n)
                if name:
                    self.removed.add(name)
                c.do("EXPUNGE")
            c.do("NOOP")
        c.do("LOGOUT")
        c.close()

    def pop3(self):
        while self.going():
            c = self.box.pop3(USER)
            n = c.stat()[0] // 2
            try:
                if n > 5:
                    name = self.subject(
                        [x.decode() for x in c.top(n, 0)[1]])
                    c.retr(n)
                    c.dele(n)
                    if name:
                        self.removed.add(name)
            except poplib.error_proto as e:
                assert "removed" in str(e), e  # by somebody else
            c.quit()
            time.sleep(0.2)

    def deliver(self):
        while self.going():
            name = self.fresh()
            self.box.send("a@example.com", [USER], "Subject: %s\n\nx\n" % name)
            self.put.add(name)
            time.sleep(0.05)

    def foreign(self):
        """Puts mail into new/, and renames and removes what it finds."""
        cur = os.path.join(self.box.maildir(USER), "cur")
        while self.going():
            name = self.fresh()
            leave_new(self.box, USER, name)
            self.put.add(name)
            there = sorted(os.listdir(cur))
            try:
                if there:
                    old = self.random.choice(there)
                    base, flags = old.split(":2,")
                    flags = set(flags) ^ {"R"}
                    os.rename(os.path.join(cur, old), os.path.join(
                        cur, base + ":2," + "".join(sorted(flags))))
                if len(there) > 30:
                    old = os.path.join(cur, self.random.choice(there))
                    with open(old, encoding="utf-8") as f:
                        self.removed.add(self.subject(f.read(500).split()))
                    os.unlink(old)
            except (FileNotFoundError, ValueError):
                pass  # somebody was quicker
            time.sleep(0.03)


def files(box, user, pattern):
    """What the pattern finds in each file of the mailbox, by its name."""
    found = {}
    for part in ("new", "cur"):
        top = os.path.join(box.maildir(user), part)
        for name in os.listdir(top):
            with open(os.path.join(top, name), encoding="utf-8") as f:
                found[name] = re.search("Subject: (%s)" % pattern,
                                        f.read())[1]
    return found


def everybody(box, seconds, tls):
    crowd = Crowd(box, seconds, tls)
    a = Waiter(box, tls)
    a.do("SELECT INBOX")
    a.learn()
    work = [threading.Thread(target=crowd.run, args=(w,)) for w in (
        crowd.imap, crowd.pop3, crowd.deliver, crowd.foreign)]
    for t in work:
        t.start()
    while crowd.going():
        a.idle()
        time.sleep(crowd.random.random())
        a.done()
        time.sleep(crowd.random.choice((0, 0, 1.6)))  # parked without IDLE
        a.learn()
    for t in work:
        t.join()
    assert not crowd.failed, crowd.failed
    box.wait_empty()
    # all that is left to tell, told to one that is parked in between
    a.idle()
    parked(box, USER)
    a.done()
    a.check()
    there = list(files(box, USER, r"m\d+m").values())
    assert len(there) == len(set(there)), "a message is there twice"
    lost = crowd.put - set(there) - crowd.removed
    assert not lost, lost
    a.do("LOGOUT")
    a.close()
    print("%d messages, %d removed" % (len(crowd.put), len(crowd.removed)))


def seconds():
    return float(os.environ.get("CROWD_SECONDS", "4"))


def test_plain(box):
    everybody(box, seconds(), False)


def test_tls(box):
    everybody(box, seconds(), True)


def test_somebody_is_killed(box):
    """The processes die at any time; what was answered stays."""
    stop = time.monotonic() + seconds()
    flagged, there = set(), set()
    while time.monotonic() < stop:
        try:
            c = Client(box, "fb01")
            c.do("SELECT INBOX")
            for i in range(30):
                name = "k%dk" % random.randrange(10 ** 9)
                if i == 10:
                    threading.Timer(random.random() / 10, kill_imapd,
                                    (box, "fb01")).start()
                append(c, "Subject: %s\r\n\r\nx\r\n" % name)
                there.add(name)
                c.do("NOOP")
                c.do(r"STORE %d +FLAGS (\Flagged)" % c.exists)
                flagged.add(name)
        except (AssertionError, OSError):
            c.close()
    names = {v: k for k, v in files(box, "fb01", r"k\d+k").items()}
    assert there <= set(names), there - set(names)
    bad = [x for x in flagged if "F" not in names[x].split(":2,")[-1]]
    assert not bad, bad


def kill_imapd(box, user):
    uid = os.stat(os.path.dirname(box.maildir(user))).st_uid
    for pid in box.pids("imapd"):
        try:
            if os.stat("/proc/%s" % pid).st_uid == uid:
                os.kill(int(pid), 9)
        except (FileNotFoundError, ProcessLookupError):
            pass


if __name__ == "__main__":
    sys.setswitchinterval(0.01)
    main("--users", "2", "--set", "imap_park_after=1s")
