#!/usr/bin/env python3
# timeout: 420
"""kill -9 of each daemon in turn under load loses nothing; so does master's."""

import contextlib
import imaplib
import os
import signal
import time

from clerk import Clerk
from lib import main, wait
from load import USERS, Load, all_there


def kill_all(box, program):
    for pid in wait(lambda: box.pids(program), program):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def test_each_daemon(box):
    with Load(box) as load:
        wait(lambda: len(load.accepted) > 20, "the first letters")
        for program in ("deliver", "lookup", "smtpd", "qmgr", "deliver",
                        "qmgr"):
            seen = len(load.accepted)
            kill_all(box, program)
            # service comes back by itself
            wait(lambda s=seen: len(load.accepted) > s + 20,
                 "letters after the end of " + program, 30)
    doubled = all_there(box, load)
    print("accepted %d, doubled %d" % (len(load.accepted), doubled))
    assert doubled <= len(load.accepted) / 4


def test_imapd(box):
    """What was answered OK is so, of what was not all or nothing."""
    for number in range(3):
        clerks = [Clerk(box, "fb%02d" % (i % USERS), number * 10 + i)
                  for i in range(USERS + 1)]
        with contextlib.ExitStack() as ends:
            for clerk in clerks:
                ends.enter_context(clerk)
            wait(lambda c=clerks: min(k.done for k in c) > 20,
                 lambda c=clerks: "commands: %s" % [k.ended for k in c])
            kill_all(box, "imapd")
        for clerk in clerks:
            wait(lambda: reached(box), "imapd again")
            clerk.check()


def reached(box):
    try:
        with box.imap("fb00"):
            return True
    except (OSError, imaplib.IMAP4.error):
        return False


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


def test_reload_in_the_middle_of_a_message(box):
    with box.smtp() as c:
        c.mail("a@client.test")
        c.rcpt("fb00@bench.test")
        assert c.docmd("DATA")[0] == 354
        c.send("Subject: nobody-waited\r\n\r\n")
        before = box.pids("smtpd")
        box.reload()
        # the old qmgr has been told as well, and stays for this message
        wait(lambda: set(box.pids("smtpd")) - set(before), "a new smtpd")
        c.send("text\r\n.\r\n")
        assert c.getreply()[0] == 250
    wait(lambda: [m for m in box.messages("fb00")
                  if b"Subject: nobody-waited" in m], "the message")


def test_master(box):
    with Load(box) as load:
        wait(lambda: len(load.accepted) > 20, "the first letters")
        master = box.pids("master")
        children = [p for name in ("smtpd", "qmgr", "deliver", "lookup",
                                   "login", "imapd", "auth", "pickup")
                    for p in box.pids(name)]
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
