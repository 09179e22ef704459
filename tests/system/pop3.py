#!/usr/bin/env python3
# timeout: 120
"""POP3, row by row: what RFC 1939, 2449, 2595, 5034 and 6856 say MUST."""

import base64
import os
import re
import socket

from lib import SLOW, main

PLAIN = base64.b64encode(b"\0fb00\0bench")

# RFC and section, what is said one after the other, the answers' beginnings.
BEFORE = (
    ("1939 3, keywords in any case", (b"nOoP", b"quit"), (b"-ERR", b"+OK")),
    ("1939 4, QUIT before the login", (b"QUIT",), (b"+OK",)),
    ("1939 4, no mail before the login",
     (b"STAT", b"LIST", b"RETR 1", b"DELE 1", b"UIDL", b"TOP 1 0", b"RSET"),
     (b"-ERR",) * 7),
    ("1939 7, PASS behind USER alone", (b"PASS bench",), (b"-ERR",)),
    ("1939 7, no word of whether the user is there",
     (b"USER nobody-here", b"PASS x", b"USER fb00", b"PASS x"),
     (b"+OK Pass", b"-ERR [AUTH] Login failed.",
      b"+OK Pass", b"-ERR [AUTH] Login failed.")),
    ("1939 7, after -ERR another try",
     (b"USER fb00", b"PASS wrong", b"USER fb00", b"PASS bench", b"QUIT"),
     (b"+OK", b"-ERR [AUTH]", b"+OK", b"+OK Logged in", b"+OK")),
    ("1939 7, blanks in a password are its own",
     (b"USER fb00", b"PASS bench ",), (b"+OK", b"-ERR [AUTH]")),
    ("5034 4, an initial response",
     (b"AUTH PLAIN " + PLAIN, b"QUIT"), (b"+OK Logged in", b"+OK")),
    ("5034 4, a challenge first",
     (b"AUTH PLAIN", PLAIN, b"QUIT"), (b"+ ", b"+OK Logged in", b"+OK")),
    ("5034 4, broken off by *",
     (b"AUTH PLAIN", b"*", b"AUTH PLAIN " + PLAIN),
     (b"+ ", b"-ERR", b"+OK")),
    ("5034 4, no base64", (b"AUTH PLAIN", b"!"), (b"+ ", b"-ERR")),
    ("5034 4, no such mechanism", (b"AUTH NOSUCH",), (b"-ERR",)),
    ("5034 4, one line at most 12288", (b"AUTH PLAIN", b"A" * 13000),
     (b"+ ", b"-ERR")),
    ("6856 2, UTF8 before the login", (b"UTF8", b"UTF8 x"),
     (b"+OK", b"-ERR")),
    ("6856 3, LANG in either state", (b"LANG en", b"LANG xx"),
     (b"+OK en ", b"-ERR")),
)

AFTER = (
    ("1939 5, STAT", (b"STAT",), (b"+OK 3 ",)),
    ("1939 5, LIST of one", (b"LIST 2", b"LIST 4", b"LIST 0"),
     (b"+OK 2 ", b"-ERR", b"-ERR")),
    ("1939 5, DELE hides", (b"DELE 1", b"LIST 1", b"RETR 1", b"TOP 1 0",
                            b"UIDL 1", b"DELE 1", b"STAT"),
     (b"+OK",) + (b"-ERR",) * 5 + (b"+OK 2 ",)),
    ("1939 5, RSET", (b"DELE 1", b"RSET", b"STAT"),
     (b"+OK", b"+OK", b"+OK 3 ")),
    ("1939 5, numbers do not move", (b"DELE 1", b"LIST 3"),
     (b"+OK", b"+OK 3 ")),
    ("1939 7, TOP wants both numbers", (b"TOP 1", b"TOP 1 -1", b"TOP"),
     (b"-ERR",) * 3),
    ("1939 7, UIDL of one", (b"UIDL 1", b"UIDL 9"), (b"+OK 1 ", b"-ERR")),
    ("2449 4, unknown keywords", (b"XTND", b"STAT"), (b"-ERR", b"+OK")),
    ("2595 4, no STLS after the login", (b"STLS",), (b"-ERR",)),
    ("5034 4, no AUTH after the login", (b"AUTH PLAIN",), (b"-ERR",)),
    ("6856 2, no UTF8 after the login", (b"UTF8",), (b"-ERR",)),
    ("6856 3, LANG in either state", (b"LANG en",), (b"+OK en ",)),
)


class Client:
    def __init__(self, box):
        self.s = socket.create_connection(
            ("127.0.0.1", box.port("pop3")), timeout=30 * SLOW)
        self.f = self.s.makefile("rb")
        self.line()

    def line(self):
        line = self.f.readline()
        assert line.endswith(b"\r\n") and len(line) <= 512, line
        return line

    def say(self, line):
        self.s.sendall(line + b"\r\n")
        return self.line()

    def many(self, line):
        assert self.say(line).startswith(b"+OK"), line
        lines = [self.line()]
        while lines[-1] != b".\r\n":
            lines.append(self.line())
        return [x.rstrip(b"\r\n") for x in lines[:-1]]

    def login(self, user=b"fb00"):
        assert self.say(b"USER " + user).startswith(b"+OK")
        assert self.say(b"PASS bench").startswith(b"+OK")
        return self

    def close(self):
        self.f.close()
        self.s.close()


def rows(box, table, login):
    for what, said, answers in table:
        c = Client(box)
        if login:
            c.login()
        for line, want in zip(said, answers):
            got = c.say(line)
            assert got.startswith(want), (what, line, got)
        c.close()


def test_before_the_login(box):
    rows(box, BEFORE, False)


def test_after_the_login(box):
    for i in range(3):
        box.send("a@example.com", ["fb00"],
                 "Subject: %d\n\n.dot\n..two\nend\n" % i)
    box.wait_messages("fb00", 3)
    rows(box, AFTER, True)


def test_dots_and_lengths(box):
    c = Client(box).login()
    text = c.many(b"RETR 1")
    assert b"..dot" in text and b"...two" in text, text
    size = int(c.say(b"LIST 1").split()[2])
    plain = [x[1:] if x.startswith(b".") else x for x in text]
    assert sum(len(x) + 2 for x in plain) == size
    blank = text.index(b"")
    assert c.many(b"TOP 1 0") == text[:blank + 1]
    assert c.many(b"TOP 1 1") == text[:blank + 2]
    c.close()


def test_unique_ids_stay(box):
    """RFC 1939, 7: the same in every session, never given again."""
    c = Client(box).login()
    ids = dict(x.split() for x in c.many(b"UIDL"))
    assert len(set(ids.values())) == 3
    assert all(re.fullmatch(rb"[!-~]{1,70}", x) for x in ids.values())
    assert c.say(b"DELE 2").startswith(b"+OK")
    c.close()  # without QUIT: nothing goes
    c = Client(box).login()
    assert dict(x.split() for x in c.many(b"UIDL")) == ids
    assert c.say(b"DELE 2").startswith(b"+OK")
    assert c.say(b"QUIT").startswith(b"+OK")
    c.close()
    box.send("a@example.com", ["fb00"], "Subject: 3\n\nx\n")
    box.wait_messages("fb00", 3)
    c = Client(box).login()
    now = [x.split()[1] for x in c.many(b"UIDL")]
    assert now[:2] == [ids[b"1"], ids[b"3"]]
    assert now[2] not in ids.values()
    c.close()


def test_foreign_removal(box):
    """A message that went meanwhile is an error, and no other's number."""
    c = Client(box).login()
    cur = os.path.join(box.maildir("fb00"), "cur")
    new = os.path.join(box.maildir("fb00"), "new")
    names = sorted((x, d) for d in (cur, new) for x in os.listdir(d))
    os.unlink(os.path.join(names[0][1], names[0][0]))
    assert c.say(b"RETR 1").startswith(b"-ERR")
    assert c.say(b"LIST 2").startswith(b"+OK 2 ")
    c.close()


if __name__ == "__main__":
    main("--users", "1", "--set", "auth_failure_delay = 0s")
