#!/usr/bin/env python3
"""Parameters of IMAP, POP3 and the login: one instance with all of them set,
each by what its clients see.
"""

import base64
import os
import socket
import ssl

from lib import SLOW, Skip, main, ports, wait

BASE, HELD = ports.reserve()
ROWS = {
    "wrapped": "-o login_protocol=imap -o tls_wrappermode=yes",
    "clear": "-o login_protocol=imap -o tls_wrappermode=no",
    # a sixth of it where half of the places are taken
    "late": "-o login_protocol=imap -o login_timeout=6s "
            "-o login_session_limit=1",
    "few": "-o login_protocol=imap -o login_session_limit=2",
    "sieve": "-o login_protocol=sieve",
    "many": "-o login_protocol=imap -o login_session_limit=3",
}
AWAY_ROWS = {
    "one": "-o login_protocol=imap -o login_client_limit=1",
    "two": "-o login_protocol=imap -o login_client_limit=2",
}
PORTS = {name: BASE + i for i, name in enumerate([*ROWS, *AWAY_ROWS])}
LETTER = "Subject: x\r\n\r\n%s\r\n"


def away():
    """An address of this machine that is not of the loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            return None
        return s.getsockname()[0]


def connect(row, address="127.0.0.1"):
    s = socket.create_connection((address, PORTS[row]), timeout=30 * SLOW)
    return s, s.makefile("rb")


def ask(c, command, good="OK"):
    """A command of words that imaplib does not know: untagged lines, text."""
    tag = c._new_tag()  # pylint: disable=protected-access
    c.send(tag + b" " + command.encode() + b"\r\n")
    lines = []
    while not lines or not lines[-1].startswith(tag):
        lines.append(c.readline())
    text = lines.pop()[len(tag) + 1:].decode()
    assert text.startswith(good), (command, text)
    return b"".join(lines).decode(), text


def test_late_login_begins(box):
    box.late = connect("late")
    assert box.late[1].readline().startswith(b"* OK")


def test_tls_wrappermode(box):
    with socket.create_connection(("127.0.0.1", PORTS["wrapped"])) as s:
        with box.tls().wrap_socket(s, server_hostname="localhost") as tls:
            assert tls.recv(100).startswith(b"* OK")
    s, f = connect("clear")
    assert f.readline().startswith(b"* OK")
    s.close()
    with socket.create_connection(("127.0.0.1", PORTS["clear"])) as s:
        try:
            box.tls().wrap_socket(s, server_hostname="localhost")
            assert False, "TLS"
        except ssl.SSLError:
            pass


def test_session_limit(_):
    for row, most in (("few", 2), ("many", 3)):
        clients = []
        for i in range(most + 1):
            clients.append(connect(row))
            greeting = clients[-1][1].readline()
            assert greeting.startswith(b"* OK" if i < most else b"* BYE"), (
                row, i, greeting)
        for s, _ in clients:
            s.close()


def test_first_folders(box):
    with box.imap("fb00") as c:
        names = sorted(line.split(b'"/" ')[1] for line in c.list()[1])
        assert names == [b"INBOX", b"INBOX/Later", b"INBOX/Sent"], names
        assert len(c.lsub()[1]) == 3, c.lsub()


def test_names(box):
    """The separator, the prefix that must be there, and names on disk."""
    with box.imap("fb00") as c:
        assert c.select("Sent")[0] == "NO"
        assert c.select("INBOX.Sent")[0] == "NO"
        assert c.select("INBOX/Sent")[0] == "OK"
        assert c.create("INBOX/&AOk-t&AOk-")[0] == "OK"
        assert c.create("INBOX/a/b")[0] == "OK"
    there = os.listdir(box.maildir("fb00"))
    assert ".\u00e9t\u00e9" in there and ".a.b" in there, there


def test_append_limit(box):
    with box.imap("fb00") as c:
        assert b"APPENDLIMIT=1000" in c.capability()[1][0]
        room = 1000 - len(LETTER % "")
        assert c.append("INBOX", None, None,
                        (LETTER % ("x" * room)).encode())[0] == "OK"
        got = c.append("INBOX", None, None,
                       (LETTER % ("x" * (room + 1))).encode())
        assert got[0] == "NO" and b"TOOBIG" in got[1][0], got


def test_message_limit(box):
    with box.imap("fb01") as c:
        for _ in range(4):
            c.append("INBOX", None, None, (LETTER % "y").encode())
        c.select()
        assert b"MESSAGELIMIT=3" in c.capability()[1][0]
        lines, text = ask(c, "UID FETCH 2:* FLAGS")
        assert lines.count("FETCH (") == 3 and "MESSAGELIMIT" not in text
        lines, text = ask(c, "UID FETCH 1:* FLAGS", "")
        assert lines.count("FETCH (") == 3 and "[MESSAGELIMIT 3 2]" in text, (
            lines, text)


def test_metadata(box):
    with box.imap("fb00") as c:
        lines, _ = ask(c, 'GETMETADATA "" /shared/admin')
        assert "mailto:admin@bench.test" in lines, lines
        for i in range(10):
            ask(c, 'SETMETADATA INBOX (/private/n%d "v")' % i)
        _, text = ask(c, 'SETMETADATA INBOX (/private/n10 "v")', "NO")
        assert "[METADATA TOOMANY]" in text, text
        ask(c, 'SETMETADATA INBOX (/private/n0 "%s")' % ("v" * 1024))
        _, text = ask(c, 'SETMETADATA INBOX (/private/n0 "%s")' % ("v" * 1025),
                      "NO")
        assert "[METADATA MAXSIZE 1024]" in text, text


def test_quota(box):
    with box.imap("fb02") as c:
        c.create("INBOX/Trash")
        big = (LETTER % ("z" * 900)).encode()
        assert c.append("INBOX", None, None, big)[0] == "OK"
        # what lies in Trash does not count
        for _ in range(4):
            assert c.append("INBOX/Trash", None, None, big)[0] == "OK"
        assert c.append("INBOX", None, None, big)[0] == "OK"
        got = c.append("INBOX", None, None, big)
        assert got[0] == "NO" and b"OVERQUOTA" in got[1][0], got
    # a delivery is under the same rule
    box.send("", ["fb02@bench.test"],
             "Subject: full\n\n%s\n" % ("z" * 900))
    box.wait_log(r"to=<fb02@bench\.test>, .*status=(bounced|deferred) .*"
                 "(quota|full)")


def test_park_limit(box):
    """Nobody is parked: the process stays."""
    with box.imap("fb03") as c:
        c.select()
        before = set(box.pids("imapd"))
        c.send(b"i IDLE\r\n")
        assert c.readline().startswith(b"+")
        with box.imap("fb04") as other:  # a second later, surely
            other.select()
            wait(lambda: len(box.pids("imapd")) > len(before), "another")
        assert before <= set(box.pids("imapd"))
        c.send(b"DONE\r\n")
        while not c.readline().startswith(b"i OK"):
            pass


def test_pop3_expire(box):
    for _ in range(2):
        box.send("a@client.test", ["fb05@bench.test"], "Subject: x\n\nx\n")
    box.wait_messages("fb05", 2)
    c = box.pop3("fb05")
    assert c.capa()["EXPIRE"] == ["0"], c.capa()
    c.retr(1)
    c.quit()
    wait(lambda: len(box.messages("fb05")) == 1, "one removed message")


def relays(box, source):
    with box.smtp(source=source) as c:
        c.mail("a@client.test")
        return c.rcpt("x@elsewhere.test")[0] == 250


def pop_login(box, source):
    with socket.create_connection(("127.0.0.1", box.port("pop3")),
                                  source_address=(source, 0)) as s:
        s.sendall(b"USER fb05\r\nPASS bench\r\nQUIT\r\n")
        with s.makefile("rb") as f:
            answers = f.readlines()
        assert [a[:3] for a in answers[:3]] == [b"+OK"] * 3, answers


def test_pop_before_smtp(box):
    """The last one alone, and not for long."""
    first, second = "127.0.0.2", "127.0.0.3"

    def let_in(source):
        pop_login(box, source)
        return relays(box, source)
    assert not relays(box, first)
    wait(lambda: let_in(first), "relaying after a login")
    assert not relays(box, second)
    wait(lambda: let_in(second), "the other address")
    assert not relays(box, first)
    wait(lambda: not relays(box, second), "the end of it")


def test_managesieve_idle(_):
    s, f = connect("sieve")
    while not f.readline().startswith(b"OK"):
        pass
    s.sendall(b'AUTHENTICATE "PLAIN" "%s"\r\n' % base64.b64encode(
        b"\0fb01\0bench"))
    assert f.readline().startswith(b"OK")
    for line in iter(f.readline, b""):
        if line.startswith(b"BYE"):
            break
    assert b"silent for too long" in line, line
    s.close()


def test_client_limit(box):
    """Of an address that is not of the loopback, which is free."""
    if not AWAY:
        raise Skip("this machine has no other address")
    for row, most in (("one", 1), ("two", 2)):
        clients = []
        for i in range(most + 1):
            clients.append(connect(row, AWAY))
            greeting = clients[-1][1].readline()
            assert greeting.startswith(b"* OK" if i < most else b"* BYE"), (
                row, i, greeting)
        for s, _ in clients:
            s.close()


def test_late_login_ends(box):
    s, f = box.late
    got = f.readline()
    assert got.startswith(b"* BYE"), got
    s.close()


def rows():
    for name, settings in ROWS.items():
        yield "--master"
        yield "127.0.0.1:%d inet n - y - 1 login %s" % (PORTS[name], settings)
    for name, settings in AWAY_ROWS.items() if AWAY else ():
        yield "--master"
        yield "%s:%d inet n - y - 1 login %s" % (AWAY, PORTS[name], settings)


AWAY = away()
main("--users", "6", *rows(),
     "--master", "managesieve unix - n n - - managesieve", *[word for setting in (
    "imap_append_limit = 1000", "imap_first_folders = Later, Sent",
    "imap_folder_encoding = utf-8", "imap_message_limit = 3",
    "imap_metadata_admin = mailto:admin@bench.test",
    "imap_metadata_entries = 10", "imap_metadata_limit = 1024",
    "imap_park_after = 1s", "imap_park_limit = 0",
    "imap_prefix_optional = no", "imap_separator = /",
    "imap_prefix = INBOX/", "mailbox_quota = 2500S",
    "mailbox_quota_trash = no", "pop3_expire = 0",
    "managesieve_idle_timeout = 1s", "pop_before_smtp_limit = 1", "pop_before_smtp_time = 2s",
) for word in ("--set", setting)])
