#!/usr/bin/env python3
"""Parameters of webmail sessions."""

import os
import re
import time

from lib import main, wait
from webmail import Browser, signed_in


def test_linger(box):
    """No process waits for the next page."""
    b = signed_in(box)
    for _ in range(4):
        assert b.get("/list").status == 200
    pids = re.findall(r"webmail\[(\d+)\]: LOGIN, user=fb00", box.log())
    assert len(pids) >= 4 and len(set(pids)) == len(pids), pids


def test_life_of_a_ticket(box):
    """Two hours where it is not used, three in all."""
    path = box.path("lib", "tickets")
    signed_in(box)
    now = time.time()
    wait(lambda: os.path.exists(path + ".db"), "the table of tickets")
    rows = box.inside("postmap", "-s", "hash:" + path).splitlines()
    assert rows
    for row in rows:
        until, end = map(int, re.search(r"\s(\d+) (\d+) fb00$", row).groups())
        assert abs(until - now - 7200) < 600, row
        assert abs(end - now - 10800) < 600, row


def test_users(box):
    """Who may speak for the webmail; the others are told to come later."""
    box.inside("postconf", "-e", "webmail_users=nobody")
    box.reload()
    wait(lambda: Browser(box).sign_in().status >= 500, "a refusal")
    box.inside("postconf", "-e", "webmail_users=nobody, www-data")
    box.reload()
    wait(lambda: Browser(box).sign_in().status == 303, "a session")


main("--users", "1", "--web", "--set", "webmail_linger = 0s",
     "--set", "webmail_ticket_idle = 2h", "--set", "webmail_ticket_life = 3h")
