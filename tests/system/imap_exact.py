#!/usr/bin/env python3
# timeout: 180
"""IMAP to the letter: RFC 3501, 9051 and what is announced, a row for a rule.

A row is a state and what is said in it: each command with how its tagged answer
begins, then texts that the whole answer must hold, or after "!" must not. All
that the server says is looked at by its form, too: lines that end in CRLF,
literals of their size, and only the answers that there are.
"""

import os
import re
import socket

from lib import main

MESSAGES = [
    b"From: \"A. Bee\" <a@one.test>\r\nTo: b@two.test, Group: c@d.test;\r\n"
    b"Subject: first\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n"
    b"Message-ID: <1@one.test>\r\n\r\nline one\r\nline two\r\n",
    b"Cc: \"Quo\\\"ted\" <\"d e\" (of) @ three.test>\r\n"
    b"Subject: second\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\npreamble\r\n"
    b"--b\r\n\r\nplain\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: inner\r\n\r\ninner body\r\n--b--\r\n",
    b"Subject: third\r\n\r\n",
]

UNTAGGED = re.compile(
    rb"\* (\d+ (EXISTS|RECENT|EXPUNGE|FETCH \(.*\)|UIDFETCH \(.*\))"
    rb"|(OK|NO|BAD) (\[[^\]]+\] )?\S.*|BYE \S.*|PREAUTH \S.*"
    rb"|CAPABILITY \S.*|ENABLED.*|FLAGS \(.*\)|SEARCH.*|SORT.*|THREAD.*"
    rb"|ESEARCH.*|LIST \(.*|LSUB \(.*|STATUS \S.*|NAMESPACE \S.*|ID \S.*"
    rb"|QUOTA \S.*|QUOTAROOT \S.*|VANISHED \S.*|METADATA \S.*)", re.S)


class Client:
    def __init__(self, box):
        self.socket = socket.create_connection(
            ("127.0.0.1", box.port("imap")), timeout=30)
        self.file = self.socket.makefile("rb")
        self.count = 0
        assert self.line().startswith(b"* OK ")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        """One answer with its literals."""
        whole = b""
        while True:
            line = self.file.readline()
            assert line.endswith(b"\r\n"), (whole, line)
            assert b"\r" not in line[:-2], line
            whole += line
            size = re.search(rb"~?\{(\d+)\}\r\n$", line)
            if not size:
                return whole
            whole += self.file.read(int(size.group(1)))

    def answer(self, tag):
        """All up to the tagged answer, and that."""
        got = []
        while True:
            line = self.line()
            if line.startswith(tag + b" "):
                assert re.match(rb"(OK|NO|BAD) (\[[^\]]+\] )?\S.*\r\n$",
                                line[len(tag) + 1:]), line
                return got, line[len(tag) + 1:]
            if not line.startswith(b"+ "):
                assert UNTAGGED.fullmatch(line[:-2]), line
            got.append(line)

    def say(self, command):
        """Literals that wait are sent when they are asked for."""
        self.count += 1
        tag = b"t%d" % self.count
        rest = tag + b" " + command + b"\r\n"
        untagged = []
        while True:
            waits = re.search(rb"~?\{\d+\}\r\n", rest)
            if not waits:
                break
            self.send(rest[:waits.end()])
            rest = rest[waits.end():]
            while True:
                line = self.line()
                if line.startswith(b"+ "):
                    break
                if line.startswith(tag + b" "):
                    return untagged, line[len(tag) + 1:]
                untagged.append(line)
        self.send(rest)
        more, last = self.answer(tag)
        return untagged + more, last


def encode(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")


def append(mailbox, data, flags=b""):
    return b"APPEND %s %s{%d+}\r\n%s" % (mailbox, flags, len(data), data)


def prepare(box):
    """A folder with three messages, and one with none."""
    with Client(box) as c:
        for command in [b"LOGIN fb00 bench", b"CREATE INBOX.full",
                        b"CREATE INBOX.empty"]:
            assert c.say(command)[1].startswith(b"OK"), command
        for i, data in enumerate(MESSAGES):
            flags = b"(\\Seen \\Flagged) " if i == 0 else b""
            assert c.say(append(b"INBOX.full", data, flags))[1].startswith(
                b"OK [APPENDUID ")


LOGIN = ["LOGIN fb00 bench"]
STATES = {
    "none": [],
    "auth": LOGIN,
    "full": LOGIN + ["SELECT INBOX.full"],
    "read": LOGIN + ["EXAMINE INBOX.full"],
    "empty": LOGIN + ["EXAMINE INBOX.empty"],
    "utf8": LOGIN + ["ENABLE UTF8=ACCEPT"],
    "rev2": LOGIN + ["ENABLE IMAP4rev2", "EXAMINE INBOX.full"],
    "qresync": LOGIN + ["ENABLE QRESYNC"],
    "uidonly": LOGIN + ["ENABLE UIDONLY QRESYNC", "EXAMINE INBOX.full"],
}


def run(box, state, talk):
    """What was not as it should be."""
    bad = []
    with Client(box) as c:
        for command in STATES[state]:
            assert c.say(encode(command))[1].startswith(b"OK"), command
        for command, begins, *wants in talk:
            untagged, last = c.say(encode(command))
            whole = b"".join(untagged) + last
            if not last.startswith(encode(begins)):
                bad.append((state, command, begins, whole))
            for want in wants:
                absent = want.startswith("!")
                found = encode(want[1:] if absent else want) in whole
                if found == absent:
                    bad.append((state, command, want, whole))
    return bad


# RFC 3501, 3: each command in its states only
WRONG_STATE = [
    ("none", [(c, "BAD")]) for c in [
        "SELECT INBOX", "EXAMINE INBOX", "CREATE x", "DELETE x", "RENAME x y",
        "SUBSCRIBE x", "UNSUBSCRIBE x", "LIST \"\" *", "LSUB \"\" *",
        "STATUS INBOX (MESSAGES)", "CHECK", "CLOSE", "EXPUNGE", "SEARCH ALL",
        "FETCH 1 FLAGS", "STORE 1 FLAGS ()", "COPY 1 x", "UID FETCH 1 FLAGS",
        "NAMESPACE", "ENABLE CONDSTORE", "IDLE", "GETQUOTAROOT INBOX",
        "GETMETADATA \"\" /shared/comment", "ESEARCH IN (personal) ALL"]
] + [
    ("auth", [(c, "BAD")]) for c in [
        "LOGIN fb00 bench", "CHECK", "CLOSE", "EXPUNGE", "SEARCH ALL",
        "FETCH 1 FLAGS", "STORE 1 +FLAGS (\\Seen)", "COPY 1 INBOX",
        "MOVE 1 INBOX", "UID FETCH 1 FLAGS", "UID EXPUNGE 1", "UNSELECT",
        "SORT (DATE) UTF-8 ALL", "THREAD REFERENCES UTF-8 ALL",
        "CANCELUPDATE \"x\"", "ESEARCH ALL"]
] + [("full", [("LOGIN fb00 bench", "BAD")])]

# RFC 3501, 9: what the grammar does not have
ILL_FORMED = [
    ("full", [(c, "BAD")]) for c in [
        "FOOBAR", "UID", "UID FOOBAR 1", "UID NOOP", "NOOP x", "CAPABILITY x",
        "CHECK x", "CLOSE x", "UNSELECT x", "EXPUNGE x", "LOGOUT x",
        "SELECT", "SELECT INBOX INBOX", "SELECT (INBOX)", "EXAMINE",
        "SELECT INBOX ()", "SELECT INBOX (FOO)", "CREATE", "CREATE x y",
        "DELETE", "RENAME x", "RENAME x y z", "SUBSCRIBE", "UNSUBSCRIBE",
        "LIST", "LIST \"\"", "LSUB \"\"", "STATUS INBOX", "STATUS INBOX ()",
        "STATUS INBOX (FOO)", "STATUS INBOX MESSAGES",
        "STATUS INBOX (MESSAGES) x", "APPEND INBOX",
        "APPEND INBOX \"x\"", "APPEND INBOX (\"Seen\") {3+}\r\nabc",
        "APPEND INBOX \"32-Jan-2020 00:00:00 +0000\" {3+}\r\nabc",
        "APPEND INBOX \"01-Foo-2020 00:00:00 +0000\" {3+}\r\nabc",
        "APPEND INBOX (\\Seen) (\\Seen) {3+}\r\nabc",
        "APPEND INBOX {3+}\r\nabc x",
        "FETCH", "FETCH 1", "FETCH 1 ", "FETCH 1 ()", "FETCH 1 (FOO)",
        "FETCH 1 (FLAGS ", "FETCH 1 FLAGS)", "FETCH 1 (ALL)",
        "FETCH 1 (FLAGS FAST)", "FETCH 1 (FLAGS  UID)",
        "FETCH 0 FLAGS", "FETCH 1:0 FLAGS", "FETCH abc FLAGS",
        "FETCH 1: FLAGS", "FETCH 1,, FLAGS", "FETCH 1:2:3 FLAGS",
        "FETCH -1 FLAGS", "FETCH 4294967296 FLAGS",
        "UID FETCH 4294967296 FLAGS", "UID FETCH 1:9999999999 FLAGS",
        "FETCH 4 FLAGS", "FETCH 1:4 FLAGS", "FETCH 1,9 FLAGS",
        "STORE 4 +FLAGS (\\Seen)", "STORE 4:* +FLAGS (\\Seen)",
        "COPY 4 INBOX", "MOVE 4 INBOX",
        "FETCH 1 BODY[", "FETCH 1 BODY[0]", "FETCH 1 BODY[1.0]",
        "FETCH 1 BODY[MIME]", "FETCH 1 BODY[1.]", "FETCH 1 BODY[FOO]",
        "FETCH 1 BODY[HEADER.FIELDS]", "FETCH 1 BODY[HEADER.FIELDS ()]",
        "FETCH 1 BODY[]<0>", "FETCH 1 BODY[]<0.0>", "FETCH 1 BODY[]<1.-1>",
        "FETCH 1 BODY.PEEK", "FETCH 1 BODYSTRUCTURE[]", "FETCH 1 BINARY",
        "FETCH 1 BINARY.SIZE[1]<0.1>", "FETCH 1 BINARY[HEADER]",
        "FETCH 1 (UID BODY[TEXT]<0.5.5>)",
        "STORE 1", "STORE 1 FLAGS", "STORE 1 +FLAGS", "STORE 1 FOO (\\Seen)",
        "STORE 1 +FLAGS (\\Foo)",
        "STORE 1 +FLAGS (\\Seen", "STORE 1 +FLAGS (\"x\")",
        "STORE 1 *FLAGS (\\Seen)", "STORE 1 +FLAGS.LOUD (\\Seen)",
        "COPY 1", "COPY INBOX", "COPY 1 INBOX x", "MOVE 1",
        "SEARCH", "SEARCH ", "SEARCH FOO", "SEARCH ALL ", "SEARCH NOT",
        "SEARCH OR ALL", "SEARCH ()", "SEARCH (ALL", "SEARCH SUBJECT",
        "SEARCH SINCE", "SEARCH SINCE 32-Jan-2020",
        "SEARCH SINCE 1-Foo-2020", "SEARCH SINCE 2020-01-01",
        "SEARCH YOUNGER 0", "SEARCH OLDER 0",
        "SEARCH LARGER x", "SEARCH LARGER -1", "SEARCH UID", "SEARCH UID x",
        "SEARCH 0", "SEARCH UID 0", "SEARCH HEADER Subject",
        "SEARCH KEYWORD", "SEARCH KEYWORD \\Seen", "SEARCH CHARSET",
        "SEARCH CHARSET UTF-8", "SEARCH RETURN ALL", "SEARCH RETURN (MIN)",
        "SEARCH RETURN (FOO) ALL", "SEARCH RETURN MIN ALL",
        "SEARCH CHARSET UTF-8 RETURN (MIN) ALL",
        "SEARCH RETURN (ALL ALL) ALL", "SEARCH RETURN (PARTIAL 1:5 ALL) ALL",
        "SEARCH RETURN (PARTIAL 1:5 PARTIAL 6:9) ALL",
        "SEARCH RETURN (PARTIAL) ALL", "SEARCH RETURN (PARTIAL 0:5) ALL",
        "SEARCH RETURN (PARTIAL 1:*) ALL", "SEARCH RETURN (PARTIAL 5) ALL",
        "SEARCH RETURN (PARTIAL -1:5) ALL",
        "SEARCH RETURN (PARTIAL 1:4294967296) ALL",
        "UID FETCH 1:* FLAGS (PARTIAL 1:5 PARTIAL 1:2)",
        "UID FETCH 1:* FLAGS (PARTIAL)",
        "SEARCH MODSEQ x", "SEARCH MODSEQ 9223372036854775808",
        "SEARCH MODSEQ \"/flags/\\\\Seen\" any 1",
        "FETCH 1 FLAGS (CHANGEDSINCE x)",
        "FETCH 1 FLAGS (CHANGEDSINCE \"1\")", "FETCH 1 FLAGS ()",
        "FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)",
        "STORE 1 (UNCHANGEDSINCE \"0\") +FLAGS (x)",
        "UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)",
        "SORT () UTF-8 ALL", "SORT (FOO) UTF-8 ALL", "SORT (DATE) UTF-8",
        "SORT (REVERSE) UTF-8 ALL", "SORT (REVERSE REVERSE DATE) UTF-8 ALL",
        "SORT DATE UTF-8 ALL", "SORT (DATE) ALL",
        "THREAD FOO UTF-8 ALL", "THREAD REFERENCES ALL",
        "ENABLE", "ENABLE (CONDSTORE)", "ID", "ID (\"a\")", "ID x",
        "IDLE x", "NAMESPACE x", "UID EXPUNGE", "UID EXPUNGE x",
        "COMPRESS", "COMPRESS GZIP", "GETQUOTA", "GETQUOTAROOT",
        "LIST (FOO) \"\" *", "LIST \"\" * RETURN (FOO)", "LIST \"\" ()",
        "LIST (RECURSIVEMATCH) \"\" *", "LIST (REMOTE RECURSIVEMATCH) \"\" *",
        "LIST (SPECIAL-USE RECURSIVEMATCH) \"\" *",
        "LIST (\"SUBSCRIBED\") \"\" *", "LIST (SUBSCRIBED (x)) \"\" *",
        "LIST \"\" * RETURN (CHILDREN (x))", "LIST \"\" ((\"INBOX\"))",
        "LIST (SUBSCRIBED) \"\"", "LIST \"\" * RETURN",
        "LIST \"\" * RETURN CHILDREN", "LIST \"\" * RETURNS (CHILDREN)",
        "LIST \"\" * RETURN (CHILDREN) x", "LIST \"\" * RETURN (STATUS)",
        "LIST \"\" * RETURN (STATUS ())"]
]

QRESYNC = [
    ("auth", [("SELECT INBOX.full (QRESYNC (1 1))", "BAD")]),
    ("qresync", [("SELECT INBOX.full (QRESYNC (1 1 1:3 (1 1)) CONDSTORE)",
                  "OK")]),
] + [
    ("qresync", [("EXAMINE INBOX.full (%s)" % p, "BAD")]) for p in [
        "QRESYNC", "QRESYNC (1)", "QRESYNC (0 1)", "QRESYNC (4294967296 1)",
        "QRESYNC (1 0)", "QRESYNC (1 9223372036854775808)",
        "QRESYNC (1 1 1:*)", "QRESYNC (1 1 0:3)",
        "QRESYNC (1 1 1:3 (1:2 1:3))", "QRESYNC (1 1 1:3 (2,1 3,1))",
        "QRESYNC (1 1 1:3 (2:1 3:2))", "QRESYNC (1 1 1:3 ())",
        "QRESYNC (1 1 1:3 (1 1) x)", "QRESYNC (1 1) QRESYNC (1 1)"]
]

NAMES = [
    ("auth", [(c, r)]) for c, r in [
        # RFC 3501, 5.1.3
        ("CREATE \"INBOX.&Jjo!\"", "NO [CANNOT]"),
        ("CREATE \"INBOX.&AGE-\"", "NO [CANNOT]"),
        ("CREATE {10+}\r\nINBOX.caf\xe9", "NO [CANNOT]"),
        ("SELECT \"INBOX.&Jjo!\"", "NO [CANNOT]"),
        ("CREATE INBOX..a", "NO [CANNOT]"),
        ("CREATE INBOX", "NO [ALREADYEXISTS]"),
        ("CREATE inbox", "NO [ALREADYEXISTS]"),
        ("CREATE INBOX.full", "NO [ALREADYEXISTS]"),
        ("DELETE INBOX", "NO [CANNOT]"),
        ("DELETE INBOX.none", "NO [NONEXISTENT]"),
        ("RENAME INBOX.none INBOX.x", "NO [NONEXISTENT]"),
        ("RENAME INBOX.full INBOX.empty", "NO [ALREADYEXISTS]"),
        ("SELECT INBOX.none", "NO [NONEXISTENT]"),
        ("STATUS INBOX.none (MESSAGES)", "NO [NONEXISTENT]"),
        ("APPEND INBOX.none {3+}\r\nabc", "NO [TRYCREATE]"),
        ("LIST \"\" \"\"", "OK"), ("LIST \"\" NIL", "OK"),
        ("STATUS NIL (MESSAGES)", "NO"),
    ]
] + [
    ("auth", [
        ("CREATE INBOX.n1.", "OK"), ("LIST \"\" INBOX.n1", "OK",
                                     "INBOX.n1"),
        ("DELETE INBOX.n1", "OK")]),
    # a name with children goes, and its children stay (6.3.4)
    ("auth", [
        ("CREATE INBOX.p.c", "OK"),
        ("LIST \"\" INBOX.p", "OK", "(\\Noselect \\HasChildren)"),
        ("SELECT INBOX.p", "NO [NONEXISTENT]"),
        ("DELETE INBOX.p", "NO"),
        ("CREATE INBOX.p", "OK"), ("DELETE INBOX.p", "OK"),
        ("LIST \"\" INBOX.p*", "OK", "(\\Noselect \\HasChildren)",
         "INBOX.p.c"),
        ("DELETE INBOX.p.c", "OK"),
        ("LIST \"\" INBOX.p*", "OK", "!INBOX.p")]),
    ("auth", [
        ("CREATE \"INBOX.q\\\\\\\"x\"", "OK"),
        ("LIST \"\" INBOX.q*", "OK", "\"INBOX.q\\\\\\\"x\""),
        ("DELETE \"INBOX.q\\\\\\\"x\"", "OK"),
        ("CREATE INBOX.a&-b", "OK"), ("LIST \"\" INBOX.a&-*", "OK",
                                      "INBOX.a&-b"),
        ("DELETE INBOX.a&-b", "OK"),
        ("CREATE \"INBOX.&U,BTF2XlZyyKng-\"", "OK"),
        ("LIST \"\" INBOX.%", "OK", "INBOX.&U,BTF2XlZyyKng-"),
        ("DELETE \"INBOX.&U,BTF2XlZyyKng-\"", "OK")]),
    # wildcards and INBOX (6.3.8)
    ("auth", [
        ("CREATE INBOX.w.x.y", "OK"), ("CREATE INBOX.w", "OK"),
        ("LIST \"\" %", "OK", " INBOX\r\n", "!INBOX.w"),
        ("LIST \"\" inbox", "OK", " INBOX\r\n"),
        ("LIST \"\" INBOX.%", "OK", "INBOX.w\r\n", "!INBOX.w.x"),
        ("LIST \"\" INBOX.w.%", "OK", "(\\Noselect \\HasChildren) \".\" "
         "INBOX.w.x\r\n", "!INBOX.w\r\n", "!INBOX.w.x.y"),
        ("LIST INBOX. w*", "OK", "INBOX.w\r\n", "INBOX.w.x.y"),
        ("LIST INBOX.w. *", "OK", "INBOX.w.x.y", "!INBOX.w\r\n"),
        ("LIST \"\" \"INBOX.%.y\"", "OK", "!INBOX.w.x.y"),
        ("LIST \"\" \"INBOX.%.%.y\"", "OK", "INBOX.w.x.y"),
        ("LIST \"\" (INBOX INBOX.w) RETURN (CHILDREN)", "OK",
         "\\HasChildren) \".\" INBOX.w\r\n", "!INBOX.w.x"),
        ("LIST \"\" \"\"", "OK", "* LIST (\\Noselect) \".\" \"\"\r\n"),
        ("LIST x \"\"", "OK", "* LIST (\\Noselect) \".\" \"\"\r\n"),
        ("SUBSCRIBE INBOX.w.x.y", "OK"), ("SUBSCRIBE INBOX.w.x.y", "OK"),
        ("LSUB \"\" INBOX.w.%", "OK", "(\\Noselect", "INBOX.w.x\r\n"),
        ("LSUB \"\" INBOX.w*", "OK", "INBOX.w.x.y", "!Noselect"),
        ("DELETE INBOX.w.x.y", "OK"),
        ("LSUB \"\" INBOX.w*", "OK", "INBOX.w.x.y"),
        ("UNSUBSCRIBE INBOX.w.x.y", "OK"),
        ("LSUB \"\" INBOX.w*", "OK", "!INBOX.w"),
        ("DELETE INBOX.w", "OK")]),
]

# RFC 5258, 3: what is shown for the sake of what is below it
EXTENDED = [
    ("auth", [
        ("CREATE INBOX.x1.y", "OK"), ("CREATE INBOX.x2", "OK"),
        ("CREATE INBOX.x2.y", "OK"), ("CREATE INBOX.x2.z", "OK"),
        ("SUBSCRIBE INBOX.x1.y", "OK"), ("SUBSCRIBE INBOX.x2.y", "OK"),
        ("SUBSCRIBE INBOX.x3", "OK"),
        ("LIST (SUBSCRIBED) \"\" INBOX.x*", "OK", "INBOX.x1.y\r\n",
         "INBOX.x2.y\r\n", "!INBOX.x1\r\n", "!INBOX.x2\r\n",
         "(\\NonExistent \\HasNoChildren \\Subscribed) \".\" INBOX.x3\r\n"),
        ("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" INBOX.x%", "OK",
         "INBOX.x1 (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
         "INBOX.x2 (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n", "!x2.y"),
        ("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" INBOX.x*", "OK",
         "!CHILDINFO", "INBOX.x1.y", "INBOX.x2.y"),
        ("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (INBOX.x2 INBOX.x2.y)",
         "OK", "!INBOX.x2 ", "!INBOX.x2\r\n", "INBOX.x2.y\r\n"),
        ("LIST \"\" (INBOX.x1 INBOX.x1.y)", "OK", "!INBOX.x1\r\n",
         "INBOX.x1.y\r\n"),
        ("LIST \"\" (INBOX.x1)", "OK",
         "(\\NonExistent \\HasChildren) \".\" INBOX.x1\r\n"),
        ("LIST \"\" INBOX.x% RETURN (SUBSCRIBED CHILDREN)", "OK",
         "(\\HasChildren) \".\" INBOX.x2\r\n", "INBOX.x1\r\n"),
        ("LIST \"\" *x1", "OK", "(\\Noselect \\HasChildren)"),
        ("UNSUBSCRIBE INBOX.x1.y", "OK"), ("UNSUBSCRIBE INBOX.x2.y", "OK"),
        ("UNSUBSCRIBE INBOX.x3", "OK"), ("DELETE INBOX.x1.y", "OK"),
        ("DELETE INBOX.x2.y", "OK"), ("DELETE INBOX.x2.z", "OK"),
        ("DELETE INBOX.x2", "OK")]),
]

SETS = [
    ("read", [
        ("FETCH * UID", "OK", "* 3 FETCH (UID 3)"),
        ("FETCH 3:1 UID", "OK", "* 1 FETCH", "* 2 FETCH", "* 3 FETCH"),
        ("FETCH *:2 UID", "OK", "!* 1 FETCH", "* 2 FETCH", "* 3 FETCH"),
        ("FETCH 2,1,2 UID", "OK", "* 1 FETCH", "* 2 FETCH"),
        ("UID FETCH 9 FLAGS", "OK", "!FETCH ("),
        ("UID FETCH 9:* FLAGS", "OK", "* 3 FETCH (UID 3 "),
        ("UID FETCH *:9 FLAGS", "OK", "* 3 FETCH (UID 3 "),
        ("UID FETCH 1:4294967295 UID", "OK", "* 3 FETCH"),
        ("SEARCH 2:9", "OK", "* SEARCH 2 3\r\n"),
        ("SEARCH 9", "OK", "* SEARCH\r\n"),
        ("SEARCH *", "OK", "* SEARCH 3\r\n"),
        ("UID SEARCH UID 9:*", "OK", "* SEARCH 3\r\n")]),
    ("empty", [
        ("FETCH 1 FLAGS", "BAD"), ("FETCH * FLAGS", "BAD"),
        ("FETCH 1:* FLAGS", "BAD"), ("COPY * INBOX", "BAD"),
        ("UID FETCH 1:* FLAGS", "OK", "!FETCH ("),
        ("UID COPY 1:* INBOX", "OK"), ("SEARCH *", "OK", "* SEARCH\r\n"),
        ("SEARCH 1:5", "OK", "* SEARCH\r\n"),
        ("SEARCH RETURN () ALL", "OK", "* ESEARCH (TAG ", "!ALL"),
        ("SEARCH RETURN (COUNT MIN) ALL", "OK", ") COUNT 0\r\n"),
        ("SORT (DATE) UTF-8 ALL", "OK", "* SORT\r\n"),
        ("THREAD REFERENCES UTF-8 ALL", "OK", "* THREAD\r\n")]),
]

FETCHES = [
    ("read", [
        ("FETCH 1 FAST", "OK", "(FLAGS (", "INTERNALDATE \"", "RFC822.SIZE ",
         "!ENVELOPE"),
        ("FETCH 1 all", "OK", "ENVELOPE (", "!BODY "),
        ("FETCH 1 FULL", "OK", "ENVELOPE (", " BODY ("),
        ("FETCH 1 ENVELOPE", "OK",
         "(\"Mon, 7 Feb 1994 21:52:25 -0800\" \"first\" "
         "((\"A. Bee\" NIL \"a\" \"one.test\")) "
         "((\"A. Bee\" NIL \"a\" \"one.test\")) "
         "((\"A. Bee\" NIL \"a\" \"one.test\")) "
         "((NIL NIL \"b\" \"two.test\")(NIL NIL \"Group\" NIL)"
         "(NIL NIL \"c\" \"d.test\")(NIL NIL NIL NIL)) NIL NIL NIL "
         "\"<1@one.test>\")"),
        ("FETCH 3 ENVELOPE", "OK",
         "(NIL \"third\" NIL NIL NIL NIL NIL NIL NIL NIL)"),
        ("FETCH 1 BODY[]<0.5>", "OK", "BODY[]<0> {5}\r\nFrom:"),
        ("FETCH 1 BODY[]<9999.5>", "OK", "BODY[]<9999> {0}\r\n)"),
        ("FETCH 1 BODY[TEXT]<5.100>", "OK",
         "BODY[TEXT]<5> {15}\r\none\r\nline two\r\n)"),
        ("FETCH 1 body.peek[header.fields (subject FROM nope)]", "OK",
         "BODY[HEADER.FIELDS (subject FROM nope)] {",
         "From: \"A. Bee\" <a@one.test>\r\nSubject: first\r\n\r\n)"),
        ("FETCH 1 BODY[HEADER.FIELDS.NOT (Subject From To Date)]", "OK",
         "Message-ID: <1@one.test>\r\n\r\n)", "!Subject: first"),
        ("FETCH 1 BODY[HEADER.FIELDS (\"Subject\")]", "OK",
         "BODY[HEADER.FIELDS (Subject)] {18}\r\n"),
        ("FETCH 1 BODY[1]", "OK", "BODY[1] {20}\r\nline one\r\nline two"),
        ("FETCH 1 BODY[1.MIME]", "OK", "BODY[1.MIME] "),
        ("FETCH 1 BODY[2]", "OK", "BODY[2] NIL"),
        ("FETCH 1 BODY[1.1]", "OK", "BODY[1.1] NIL"),
        ("FETCH 2 BODY[1]", "OK", "BODY[1] {5}\r\nplain)"),
        ("FETCH 2 BODY[1.MIME]", "OK", "BODY[1.MIME] {2}\r\n\r\n)"),
        ("FETCH 2 BODY[2.HEADER]", "OK", "{18}\r\nSubject: inner\r\n\r\n)"),
        ("FETCH 2 BODY[2.TEXT]", "OK", "{10}\r\ninner body)"),
        ("FETCH 2 BODY[2.1]", "OK", "{10}\r\ninner body)"),
        ("FETCH 2 BODY[2.1.MIME]", "OK", "BODY[2.1.MIME] "),
        ("FETCH 2 BODY", "OK",
         "BODY (("),
        ("FETCH 1 RFC822.HEADER", "OK", "RFC822.HEADER {"),
        ("FETCH 1 RFC822.TEXT", "OK", "RFC822.TEXT {20}"),
        ("FETCH 1 RFC822", "OK", "RFC822 {"),
        ("FETCH 3 (BODY[TEXT] RFC822.SIZE)", "OK", "BODY[TEXT] {0}\r\n",
         "RFC822.SIZE 18"),
        ("FETCH 1 (UID UID FLAGS)", "OK"),
        ("FETCH 1 BINARY[1]", "OK", "BINARY[1] "),
        ("FETCH 1 BINARY.SIZE[1]", "OK", "BINARY.SIZE[1] 20"),
        ("STORE 1 +FLAGS (\\Seen)", "NO"), ("EXPUNGE", "NO"),
        ("MOVE 1 INBOX", "NO"), ("UID EXPUNGE 1", "NO")]),
]

SEARCHES = [
    ("read", [
        ("SEARCH CHARSET KOI8-R ALL", "NO [BADCHARSET ("),
        ("SORT (DATE) KOI8-R ALL", "NO [BADCHARSET ("),
        ("SEARCH CHARSET US-ASCII SUBJECT first", "OK", "* SEARCH 1\r\n"),
        ("SEARCH CHARSET UTF-8 SUBJECT {5+}\r\nfirst", "OK", "SEARCH 1\r\n"),
        ("SEARCH CHARSET UTF-8 SUBJECT {4+}\r\ncaf\xe9", "BAD"),
        ("SEARCH SUBJECT {4+}\r\ncaf\xe9", "BAD"),
        ("SEARCH SEEN", "OK", "* SEARCH 1\r\n"),
        ("SEARCH UNSEEN", "OK", "* SEARCH 2 3\r\n"),
        ("SEARCH NOT FLAGGED", "OK", "* SEARCH 2 3\r\n"),
        ("SEARCH OR SEEN SUBJECT third", "OK", "* SEARCH 1 3\r\n"),
        ("SEARCH (UNSEEN) (SUBJECT second)", "OK", "* SEARCH 2\r\n"),
        ("SEARCH NOT NOT SEEN", "OK", "* SEARCH 1\r\n"),
        ("SEARCH FROM bee", "OK", "* SEARCH 1\r\n"),
        ("SEARCH FROM \"a@one.test\"", "OK", "* SEARCH 1\r\n"),
        ("SEARCH CC \"d e@three.test\"", "OK", "* SEARCH 2\r\n"),
        ("SEARCH CC \"Quo\\\"ted <d\"", "OK", "* SEARCH 2\r\n"),
        ("SEARCH HEADER CC \"d e@three.test\"", "OK", "* SEARCH\r\n"),
        ("SEARCH HEADER Message-ID \"\"", "OK", "* SEARCH 1\r\n"),
        ("SEARCH HEADER SUBJECT \"IR\"", "OK", "* SEARCH 1 3\r\n"),
        ("SEARCH BODY \"INNER body\"", "OK", "* SEARCH 2\r\n"),
        ("SEARCH TEXT first", "OK", "* SEARCH 1\r\n"),
        ("SEARCH BODY first", "OK", "* SEARCH\r\n"),
        ("SEARCH SENTON 7-Feb-1994", "OK", "* SEARCH 1\r\n"),
        ("SEARCH SENTBEFORE 8-Feb-1994 SENTSINCE \"7-Feb-1994\"", "OK",
         "* SEARCH 1\r\n"),
        ("SEARCH LARGER 18", "OK", "* SEARCH 1 2\r\n"),
        ("SEARCH SMALLER 18", "OK", "* SEARCH\r\n"),
        ("SEARCH KEYWORD foo", "OK", "* SEARCH\r\n"),
        ("SEARCH UNKEYWORD foo", "OK", "* SEARCH 1 2 3\r\n"),
        ("SEARCH SUBJECT NIL", "OK", "* SEARCH\r\n"),
        ("SEARCH RETURN (MIN MAX COUNT) ALL", "OK",
         "MIN 1 MAX 3 COUNT 3\r\n"),
        ("UID SEARCH RETURN () 1:2", "OK", ") UID ALL 1:2\r\n"),
        ("SEARCH RETURN (PARTIAL 2:9) ALL", "OK", "PARTIAL (2:9 2:3)\r\n"),
        ("SEARCH RETURN (PARTIAL -1:-2) ALL", "OK",
         "PARTIAL (-1:-2 2:3)\r\n"),
        ("SEARCH RETURN (PARTIAL 9:8) ALL", "OK", "PARTIAL (8:9 NIL)\r\n"),
        ("SORT (SUBJECT) UTF-8 ALL", "OK", "* SORT 1 2 3\r\n"),
        ("SORT (REVERSE SUBJECT) US-ASCII ALL", "OK", "* SORT 3 2 1\r\n"),
        ("SORT RETURN (PARTIAL 3:2) (REVERSE SUBJECT) UTF-8 ALL", "OK",
         "PARTIAL (2:3 2,1)\r\n"),
        ("SORT (REVERSE SUBJECT) UTF-8 MODSEQ 1", "OK",
         "* OK [HIGHESTMODSEQ ", "* SORT 3 2 1 (MODSEQ "),
        ("SORT (SUBJECT) UTF-8 MODSEQ 9223372036854775807", "OK",
         "* SORT\r\n"),
        ("SORT RETURN (MIN) (SUBJECT) UTF-8 MODSEQ 1", "OK",
         " MIN 1 MODSEQ ")]),
    ("utf8", [
        ("SELECT INBOX.full", "OK"),
        ("SEARCH CHARSET UTF-8 ALL", "BAD"),
        ("SEARCH SUBJECT \"caf\xc3\xa9\"", "OK"),
        ("SEARCH SUBJECT \"caf\xe9\"", "BAD"),
        ("CREATE \"INBOX.caf\xc3\xa9\"", "OK"),
        ("LIST \"\" *", "OK", "\"INBOX.caf\xc3\xa9\""),
        ("DELETE \"INBOX.caf\xc3\xa9\"", "OK"),
        ("CREATE \"INBOX.a\xc2\x85b\"", "NO"),
        ("APPEND INBOX.empty UTF8 (~{14+}\r\nSubject: caf\xc3\xa9)", "OK"),
        ("APPEND INBOX.empty UTF8 ({3+}\r\nabc)", "BAD")]),
    ("rev2", [
        ("SEARCH ALL", "OK", "* ESEARCH (TAG ", ") ALL 1:3\r\n"),
        ("SEARCH SUBJECT none", "OK", "* ESEARCH (TAG "),
        ("SEARCH LARGER 4294967296", "OK", "* ESEARCH"),
        ("FETCH 1 BODY.PEEK[]<4294967296.1>", "OK"),
        ("STATUS INBOX (MESSAGES SIZE DELETED)", "OK"),
        ("EXAMINE INBOX.full", "OK", "!RECENT", "* LIST (")]),
]

UIDONLY = [
    ("uidonly", [
        ("FETCH 1 FLAGS", "BAD [UIDREQUIRED]", "!FETCH ("),
        ("STORE 1 +FLAGS (\\Seen)", "BAD [UIDREQUIRED]"),
        ("SEARCH ALL", "BAD [UIDREQUIRED]"),
        ("COPY 1 INBOX", "BAD [UIDREQUIRED]"),
        ("MOVE 1 INBOX", "BAD [UIDREQUIRED]"),
        ("SORT (DATE) UTF-8 ALL", "BAD [UIDREQUIRED]"),
        ("UID SEARCH 1", "BAD [UIDREQUIRED]"),
        ("UID SEARCH UID 1", "OK", "* SEARCH 1\r\n"),
        ("UID FETCH 1:* FLAGS", "OK", "* 1 UIDFETCH (FLAGS (", "! FETCH"),
        ("SELECT INBOX.full (QRESYNC (1 1 1:2 (1 1)))", "BAD")]),
]

CHANGES = [
    ("auth", [
        ("CREATE INBOX.c", "OK"),
        ("APPEND INBOX.c (\\Seen $Junk) \" 7-Feb-1994 21:52:25 -0800\" "
         "{3+}\r\na:b", "OK [APPENDUID "),
        ("APPEND INBOX.c {3+}\r\nc:d", "OK [APPENDUID "),
        ("APPEND INBOX.c {0+}\r\n", "NO"),
        ("STATUS INBOX.c (MESSAGES UNSEEN)", "OK",
         "* STATUS INBOX.c (MESSAGES 2 UNSEEN 1)"),
        ("SELECT INBOX.c", "OK [READ-WRITE]", "* 2 EXISTS",
         "[PERMANENTFLAGS (", "\\*)]", "[UIDVALIDITY ", "[UIDNEXT 3]",
         "[UNSEEN 2]", "* FLAGS ("),
        ("FETCH 1 (FLAGS INTERNALDATE)", "OK", "\\Seen", "$Junk",
         "INTERNALDATE \""),
        ("SEARCH ON 8-Feb-1994", "OK"),
        ("STORE 1 FLAGS \\Answered", "OK", "* 1 FETCH (FLAGS (\\Answered"),
        ("STORE 1 +FLAGS.SILENT (\\Deleted foo)", "OK", "!FETCH ("),
        ("STORE 1 -FLAGS (foo)", "OK", "\\Answered \\Deleted", "!foo)"),
        ("UID STORE 1 +FLAGS ()", "OK", "UID 1"),
        ("COPY 1 INBOX.none", "NO [TRYCREATE]"),
        ("UID COPY 9 INBOX.empty", "OK", "!COPYUID"),
        ("COPY 1:2 INBOX.c", "OK [COPYUID ", " 1:2 3:4]", "* 4 EXISTS"),
        ("STORE 4 (UNCHANGEDSINCE 1) +FLAGS (x)", "OK [MODIFIED 4]"),
        ("UID EXPUNGE 2:3", "OK", "* 3 EXPUNGE", "!* 1 EXPUNGE"),
        ("EXPUNGE", "OK", "* 1 EXPUNGE"),
        ("MOVE 1 INBOX.c", "OK", "[COPYUID ", "* 1 EXPUNGE", "EXPUNGE"),
        ("STORE 1 +FLAGS (\\Deleted)", "OK"), ("CLOSE", "OK", "!EXPUNGE"),
        ("STATUS INBOX.c (MESSAGES)", "OK", "(MESSAGES 1)"),
        ("SELECT INBOX.c", "OK"), ("DELETE INBOX.c", "OK"),
        ("NOOP", "OK"), ("FETCH 1 FLAGS", "BAD")]),
    ("full", [
        ("SELECT INBOX.none", "NO [NONEXISTENT]", "* OK [CLOSED]"),
        ("FETCH 1 FLAGS", "BAD")]),
    ("full", [
        ("STATUS INBOX.full (MESSAGES)", "OK"), ("CHECK", "OK"),
        ("ENABLE FOO", "OK", "* ENABLED\r\n"),
        ("ENABLE CONDSTORE", "OK", "* ENABLED CONDSTORE\r\n"),
        ("FETCH 1 FLAGS", "OK", "!MODSEQ"),
        ("FETCH 1 (MODSEQ)", "OK", "MODSEQ ("),
        ("STORE 1 +FLAGS.SILENT (\\Seen)", "OK", "MODSEQ ("),
        # RFC 7162, 3.2.4
        ("STORE 2 +FLAGS (\\Draft)", "OK", "* 2 FETCH (UID 2 MODSEQ ("),
        ("FETCH 2 BODY[TEXT]", "OK", " FLAGS (", " UID 2 MODSEQ ("),
        ("FETCH 2 BODY[TEXT]", "OK", "!UID", "!MODSEQ"),
        ("STORE 2 -FLAGS.SILENT (\\Draft \\Seen)", "OK"),
        ("UNSELECT", "OK"), ("FETCH 1 FLAGS", "BAD")]),
    # the sequence of what went (RFC 7162, 3.2.7; 6851, 4.4; 8508, 4.5)
    ("qresync", [
        ("CREATE INBOX.h", "OK"), ("APPEND INBOX.h {3+}\r\na:b", "OK"),
        ("APPEND INBOX.h {3+}\r\nc:d {3+}\r\ne:f", "OK"),
        ("SELECT INBOX.h", "OK"),
        ("MOVE 1 INBOX.h", "OK [HIGHESTMODSEQ ", "* VANISHED 1\r\n"),
        ("UID MOVE 99 INBOX.h", "OK Move"),
        ("REPLACE 1 INBOX.h {3+}\r\ng:h", "OK [HIGHESTMODSEQ ",
         "* VANISHED 2\r\n"),
        ("STORE 1 +FLAGS (\\Deleted)", "OK"),
        ("EXPUNGE", "OK [HIGHESTMODSEQ ", "* VANISHED 3\r\n"),
        ("CLOSE", "OK Close"), ("DELETE INBOX.h", "OK")]),
]

ROWS = [(name, state, talk)
        for name in ["WRONG_STATE", "ILL_FORMED", "QRESYNC", "NAMES", "EXTENDED", "SETS",
                     "FETCHES", "SEARCHES", "UIDONLY", "CHANGES"]
        for state, talk in globals()[name]]


def test_rows(box):
    prepare(box)
    bad = []
    for name, state, talk in ROWS:
        bad += ["%s: %s" % (name, row) for row in run(box, state, talk)]
    assert not bad, "\n".join(bad)


def test_packets(box):
    """What clients send in one packet, and in how many."""
    with Client(box) as c:
        c.send(b"a LOGIN fb00 bench\r\nb SELECT INBOX.full\r\n"
               b"c FETCH 1 UID\r\n")
        assert c.answer(b"a")[1].startswith(b"OK")
        assert c.answer(b"b")[1].startswith(b"OK [READ-WRITE]")
        assert c.answer(b"c")[0] == [b"* 1 FETCH (UID 1)\r\n"]
        c.send(b"d IDLE\r\nDONE\r\ne NOOP\r\n")
        assert c.answer(b"d")[1].startswith(b"OK")
        assert c.answer(b"e")[1].startswith(b"OK")
        c.send(b"f IDLE\r\n")
        assert c.line().startswith(b"+ ")
        c.send(b"NOOP\r\n")
        assert c.answer(b"f")[1].startswith(b"BAD")
        c.send(b"g " + append(b"INBOX.empty", b"x: y\r\n\r\n") +
               b"\r\nh FETCH 1 UID\r\n")
        assert c.answer(b"g")[1].startswith(b"OK [APPENDUID ")
        for byte in b"i FETCH 1 (UID)\r\n":
            c.send(bytes([byte]))
        c.answer(b"h")
        assert c.answer(b"i")[0] == [b"* 1 FETCH (UID 1)\r\n"]
        # a literal that is too large, sent all the same
        c.send(b"j SEARCH SUBJECT {70000+}\r\n" + b"x" * 70000 +
               b"\r\nk NOOP\r\n")
        assert c.answer(b"j")[1].startswith(b"BAD [TOOBIG]")
        assert c.answer(b"k")[1].startswith(b"OK")
        c.send(b"l LOGOUT\r\n")
        untagged, last = c.answer(b"l")
        assert untagged[0].startswith(b"* BYE ") and last.startswith(b"OK")
        assert c.file.read() == b""


def test_notify(box):
    """Told without a command, of mail that comes by SMTP and of folders."""
    with Client(box) as c, Client(box) as d:
        for client in (c, d):
            assert client.say(b"LOGIN fb01 bench")[1].startswith(b"OK")
        assert c.say(b"NOTIFY SET (inboxes (MessageNew MessageExpunge "
                     b"MailboxName))")[1].startswith(b"OK")
        box.send("a@client.test", ["fb01@bench.test"], "Subject: x\n\nx\n")
        assert c.line().startswith(b"* STATUS INBOX (MESSAGES 1 UIDNEXT 2")
        assert d.say(b"CREATE INBOX.told")[1].startswith(b"OK")
        assert c.line() == b"* LIST (\\HasNoChildren) \".\" INBOX.told\r\n"
        assert c.line().startswith(b"* LIST (")
        c.send(b"x SELECT INBOX\r\ny NOTIFY SET (selected (MessageNew "
               b"(FLAGS) MessageExpunge))\r\n")
        assert c.answer(b"x")[1].startswith(b"OK")
        assert c.answer(b"y")[1].startswith(b"OK")
        box.send("a@client.test", ["fb01@bench.test"], "Subject: y\n\ny\n")
        assert c.line() == b"* 2 EXISTS\r\n"
        assert c.line().endswith(b" RECENT\r\n")
        assert c.line().startswith(b"* 2 FETCH (UID 2 FLAGS (")


def test_notify_too_much(box):
    """More folders than are watched: told, and all is off then."""
    ask = b"NOTIFY SET (personal (MessageNew MessageExpunge MailboxName))"
    with Client(box) as c, Client(box) as d:
        for client in (c, d):
            assert client.say(b"LOGIN fb02 bench")[1].startswith(b"OK")
        assert d.say(b"CREATE INBOX.many")[1].startswith(b"OK")
        was = os.stat(box.maildir("fb02"))
        for i in range(990):
            for part in ("", "/cur", "/new", "/tmp"):
                path = f"{box.maildir('fb02')}/.many.n{i}{part}"
                os.mkdir(path, 0o700)
                os.chown(path, was.st_uid, was.st_gid)
        got = c.say(ask)
        assert got[1].startswith(b"OK"), got
        for i in range(10):
            assert d.say(b"CREATE INBOX.more%d" % i)[1].startswith(b"OK")
        line = c.line()
        while line.startswith((b"* LIST (", b"* STATUS ")):
            line = c.line()
        assert line.startswith(b"* OK [NOTIFICATIONOVERFLOW]"), line
        assert d.say(b"CREATE INBOX.later")[1].startswith(b"OK")
        assert c.say(b"NOOP")[0] == []
        assert c.say(ask)[1].startswith(b"NO [NOTIFICATIONOVERFLOW]")


def test_metadata(box):
    with Client(box) as c:
        assert c.say(b"LOGIN fb01 bench")[1].startswith(b"OK")
        assert c.say(b"SETMETADATA INBOX (/private/comment {3}\r\nabc)"
                     )[1].startswith(b"OK")
    with Client(box) as c:
        assert c.say(b"LOGIN fb01 bench")[1].startswith(b"OK")
        assert c.say(b"GETMETADATA INBOX /private/comment")[0] == [
            b"* METADATA INBOX (/private/comment \"abc\")\r\n"]


class Shared:
    """A folder of two messages, a session at it, and a foreign program."""

    def __init__(self, box, name, *before):
        self.cur = os.path.join(box.maildir("fb00", name), "cur")
        self.c = Client(box)
        for command in LOGIN + ["CREATE INBOX." + name]:
            self.ok(command)
        for data in MESSAGES[:2]:
            self.ok(append(b"INBOX." + name.encode(), data, b"(\\Draft) "))
        for command in before + ("SELECT INBOX." + name,):
            self.ok(command)

    def ok(self, command):
        lines, last = self.c.say(encode(command))
        assert last.startswith(b"OK"), (command, last)
        return b"".join(lines)

    def flag(self, n, letters):
        """Rename the nth message, so that it has these flags."""
        name = sorted(os.listdir(self.cur))[n - 1]
        os.rename(os.path.join(self.cur, name), os.path.join(
            self.cur, name.split(":")[0] + ":2," + letters))


def test_flags_that_change_under_fetch(box):
    """What shows while a message is looked for is told behind it."""
    s = Shared(box, "under")
    with s.c:
        s.flag(1, "DF")
        got = s.ok("FETCH 1 (FLAGS BODY.PEEK[])")
        assert b"\\Flagged" in got or b"\\Flagged" in s.ok("NOOP"), got


def test_fetch_of_what_others_removed(box):
    """No answer is begun that cannot be ended: the session goes on."""
    s = Shared(box, "gone")
    with s.c:
        s.ok("FETCH 1:2 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        os.unlink(os.path.join(s.cur, sorted(os.listdir(s.cur))[0]))
        for items in ("BODY[TEXT]", "ENVELOPE", "BODYSTRUCTURE"):
            lines, last = s.c.say(encode(
                "FETCH 1:2 (BODY.PEEK[HEADER.FIELDS (SUBJECT)] UID %s)" %
                items))
            got = b"".join(lines)
            assert b"* 2 FETCH (" in got and b"* 1 FETCH" not in got, got
            assert b"BYE" not in got and last.startswith(
                b"NO [EXPUNGEISSUED]"), (got, last)
        # a UID that is none is no error (RFC 3501, 6.4.8)
        assert s.ok("UID FETCH 1 BODY[TEXT]") == b"* 1 EXPUNGE\r\n"


def test_silent_store_tells_of_others(box):
    """RFC 3501, 6.4.6: flags are determinate without a race."""
    s = Shared(box, "silent")
    with s.c, Client(box) as other:
        s.flag(1, "DF")
        got = s.ok("STORE 1 +FLAGS.SILENT (\\Seen)")
        assert b" 1 FETCH (FLAGS (\\Flagged \\Seen \\Draft \\Rec" in got, got
        for command in LOGIN + ["SELECT INBOX.silent",
                                "STORE 2 +FLAGS (\\Answered)"]:
            assert other.say(encode(command))[1].startswith(b"OK"), command
        got = s.ok("STORE 2 +FLAGS.SILENT (\\Seen)")
        assert b" 2 FETCH (FLAGS (\\Answered \\Seen \\Draft \\Rec" in got, got
        got = s.ok("STORE 1:2 -FLAGS.SILENT (\\Seen)")
        assert b"FETCH" not in got, got


def test_recent_of_copies(box):
    """RFC 3501, 2.3.2, 6.3.11, 6.4.7: also what comes with flags is recent,
    for the first session that is told of it."""
    s = Shared(box, "from")
    with s.c, Client(box) as other, Client(box) as third:
        for c in (other, third):
            assert c.say(encode(LOGIN[0]))[1].startswith(b"OK")
        s.ok("STORE 1 +FLAGS (\\Flagged $one)")
        s.ok("CREATE INBOX.into")
        assert other.say(b"SELECT INBOX.into")[1].startswith(b"OK")
        # in the order of the source, whatever that of the command
        last = s.c.say(b"COPY 2,1 INBOX.into")[1]
        assert re.match(rb"OK \[COPYUID \d+ 1:2 1:2\]", last), last
        lines, _ = other.say(b"NOOP")
        assert lines[:2] == [b"* 2 EXISTS\r\n", b"* 2 RECENT\r\n"], lines
        got = b"".join(other.say(b"FETCH 1:2 FLAGS")[0])
        assert got.count(b"\\Recent") == 2 and b"\\Flagged" in got, got
        lines, _ = third.say(b"SELECT INBOX.into")
        assert b"* 0 RECENT\r\n" in lines, lines
        assert third.say(b"UNSELECT")[1].startswith(b"OK")
        assert other.say(b"UNSELECT")[1].startswith(b"OK")
        s.ok("MOVE 1 INBOX.into")
        status = b"STATUS INBOX.into (MESSAGES RECENT)"
        for command, want in ((status, b"RECENT 1"),
                              (b"EXAMINE INBOX.into", b"* 1 RECENT"),
                              (b"SELECT INBOX.into", b"* 1 RECENT"),
                              (b"SELECT INBOX.into", b"* 0 RECENT")):
            got = b"".join(third.say(command)[0])
            assert want in got, (command, got)


def test_sequences_rise_in_one_store(box):
    """What another program did in between comes before what we do then."""
    s = Shared(box, "rise", "ENABLE CONDSTORE")
    with s.c:
        s.flag(2, "DR")
        got = s.ok("STORE 1:2 +FLAGS (\\Flagged)")
        first, second = (int(x) for x in re.findall(rb"MODSEQ \((\d+)", got))
        assert second > first, got


def test_vanished_once(box):
    """RFC 7162, 3.2.10: what the client still counts is not EARLIER."""
    s = Shared(box, "once", "ENABLE QRESYNC")
    with s.c, Client(box) as other:
        since = re.search(rb"HIGHESTMODSEQ (\d+)", s.ok(
            "STATUS INBOX.once (HIGHESTMODSEQ)")).group(1)
        for command in LOGIN + [
                "SELECT INBOX.once", "STORE 1 +FLAGS (\\Deleted)", "EXPUNGE"]:
            assert other.say(encode(command))[1].startswith(b"OK"), command
        got = s.ok(b"UID FETCH 1:* (FLAGS) (CHANGEDSINCE %s VANISHED)" % since)
        assert got.count(b"VANISHED") == 1 and b"* VANISHED 1\r\n" in got, got


def test_notify_has_sequences(box):
    """RFC 7162, 3.1: each FETCH that was not asked for has MODSEQ."""
    s = Shared(box, "news", "ENABLE CONDSTORE",
               "NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge))")
    with s.c, Client(box) as other:
        for command in (LOGIN[0], append(b"INBOX.news", MESSAGES[2])):
            assert other.say(encode(command))[1].startswith(b"OK"), command
        got = b""
        while b"* 3 FETCH" not in got:
            got = s.c.line()
        assert b"MODSEQ (" in got, got


if __name__ == "__main__":
    main()
