#!/usr/bin/env python3
"""ManageSieve (RFC 5804), and what is put there run by deliver."""

import base64
import os
import re
import socket
import ssl
import threading

from lib import main, ports, wait

PORT, HELD = ports.reserve()

GOOD = 'require "fileinto";\nfileinto "INBOX";\n'


class Client:
    """Reads answers: lines up to OK, NO or BYE, literals with them."""

    def __init__(self):
        self.sock = socket.create_connection(("127.0.0.1", PORT), 20)
        self.file = self.sock.makefile("rb")

    def line(self):
        got = self.file.readline()
        assert got.endswith(b"\r\n"), got
        literal = re.search(rb"\{(\d+)\}\r\n$", got)
        if literal:
            got += self.file.read(int(literal.group(1))) + self.file.readline()
        return got.decode()

    def answer(self):
        got = []
        while not got or not re.match("(OK|NO|BYE)\\b", got[-1]):
            got.append(self.line())
        return got

    def raw(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())

    def ask(self, text):
        self.raw(text + "\r\n")
        return self.answer()

    def want(self, text, front):
        got = self.ask(text)
        assert got[-1].startswith(front), (text, got)
        return got

    def secure(self):
        self.sock = ssl._create_unverified_context().wrap_socket(self.sock)
        self.file = self.sock.makefile("rb")

    def login(self, user, password="bench"):
        plain = base64.b64encode(
            ("\0%s\0%s" % (user, password)).encode()).decode()
        return self.ask('AUTHENTICATE "PLAIN" "%s"' % plain)


def literal(text):
    data = text.encode()
    return "{%d+}\r\n%s" % (len(data), text)


def logged_in(user):
    c = Client()
    c.answer()
    got = c.login(user)
    assert got[-1].startswith("OK"), got
    return c


def test_before_login(box):
    c = Client()
    got = c.answer()
    text = "".join(got)
    for want in ('"IMPLEMENTATION" "Facteur"', '"SASL" "', "PLAIN",
                 '"SIEVE" "', "regex", '"STARTTLS"', '"VERSION" "1.0"',
                 '"MAXREDIRECTS" "5"'):
        assert want in text, (want, text)
    assert got[-1].startswith("OK"), got
    c.want("LISTSCRIPTS", "NO")
    c.want("FOO", "NO")
    c.want('NOOP "a\\"b"', 'OK (TAG "a\\"b")')
    c.want("NOOP " + literal("x\r\ny"), "OK (TAG {4}")
    c.want('AUTHENTICATE "NONE"', "NO")
    got = c.login("fb00", "wrong")
    assert got == ['NO "Login failed."\r\n'], got
    c.want('AUTHENTICATE "PLAIN" "!"', "NO")
    # what stands behind STARTTLS in clear is lost
    c.raw("STARTTLS\r\nNOOP\r\n")
    assert c.answer()[-1].startswith("OK")
    c.secure()
    got = c.answer()
    assert got[-1].startswith("OK") and '"STARTTLS"' not in "".join(got), got
    c.raw('AUTHENTICATE "PLAIN"\r\n')
    assert c.line() == '""\r\n'
    c.raw(literal(base64.b64encode(b"\0fb00\0bench").decode()) + "\r\n")
    assert c.answer()[-1].startswith("OK")
    got = c.want("CAPABILITY", "OK")
    assert '"OWNER" "fb00"\r\n' in got, got
    c.want("STARTTLS", "NO")
    c.want("LOGOUT", "OK")
    box.wait_log(r"managesieve\[\d+\]: LOGIN, user=fb00, .*protocol=SIEVE")
    box.wait_log(r"managesieve\[\d+\]: LOGOUT, user=fb00")


def test_too_long_before_login(_box):
    c = Client()
    c.answer()
    got = c.ask('AUTHENTICATE "PLAIN" {99999+}')
    assert got[-1].startswith("BYE"), got
    assert c.file.read() == b""


GARBAGE = (b"\0\r\n", b"\xff\xfe NOOP\r\n", b"NOOP \"\0\"\r\n",
           b"NOOP {-1+}\r\n", b"NOOP {1+\r\n", b"NOOP \"" + b"a" * 2000 +
           b"\"\r\n", b"\r\n", b"NOOP " + b'"" ' * 10 + b"\r\n",
           b"PUTSCRIPT {4294967296+}\r\n", b"HAVESPACE \"a\" -1\r\n")


def test_garbage(_box):
    """What is no command is answered, and what follows is one."""
    for login in (False, True):
        for one in GARBAGE:
            c = logged_in("fb00") if login else Client()
            if not login:
                c.answer()
            c.raw(one + b"NOOP\r\n")
            got = c.answer()
            assert got[-1].startswith("NO "), (one, got)
            assert c.answer()[-1].startswith("OK"), one
            c.sock.close()
        c = logged_in("fb00") if login else Client()
        if not login:
            c.answer()
        c.raw(b"A" * 9000)
        assert c.answer()[-1].startswith("BYE")
    # a client that goes in the middle of a script leaves none
    c = logged_in("fb00")
    c.raw('PUTSCRIPT "half" {100+}\r\nkeep;')
    c.sock.close()
    c.file.close()
    c = logged_in("fb00")
    assert '"half"' not in "".join(c.want("LISTSCRIPTS", "OK"))


def peak(box):
    """Of all processes of login, in KiB."""
    total = 0
    for pid in box.pids("login"):
        with open("/proc/%d/status" % int(pid), encoding="utf-8") as f:
            total += int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))
    return total


def test_reads_nothing(box):
    """Answers are not heaped up for a client that does not read them."""
    count = 40000
    c = Client()
    c.sock.close()
    c.file.close()
    c.sock = socket.socket()
    c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c.sock.connect(("127.0.0.1", PORT))
    c.file = c.sock.makefile("rb")
    c.answer()
    before = peak(box)
    c.sock.settimeout(20)
    sender = threading.Thread(target=c.raw, args=(b"CAPABILITY\r\n" * count,))
    sender.start()
    for _ in range(count):
        assert c.answer()[-1].startswith("OK")
    sender.join()
    c.sock.close()
    assert peak(box) - before < 8000, (before, peak(box))


def test_scripts(box):
    home = os.path.join(box.t["homes"], "fb01")
    c = logged_in("fb01")
    assert c.want("LISTSCRIPTS", "OK") == ['OK "Done."\r\n']
    c.want('HAVESPACE "main" 1000', "OK")
    c.want('HAVESPACE "main" 99999999', "NO (QUOTA/MAXSIZE)")
    c.want('PUTSCRIPT "main" ' + literal(GOOD), "OK")
    got = c.want('PUTSCRIPT "bad" ' + literal("keep;\nfoo;"), "NO")
    assert "line 2, column 1: unknown command foo" in got[0], got
    c.want('CHECKSCRIPT "keep;"', "OK")
    c.want('CHECKSCRIPT ' + literal('require "ihave"; if ihave "vnd.x" '
                                    "{ x; }"), "OK (WARNINGS)")
    for name in ("../x", "a/b", ".a", "a\tb", ""):
        c.want('PUTSCRIPT "%s" "keep;"' % name, "NO \"A script cannot")
    c.want("PUTSCRIPT %s %s" % (literal("\u00e9t\u00e9"), '"discard;"'), "OK")
    c.want('SETACTIVE "none"', "NO (NONEXISTENT)")
    c.want('SETACTIVE "main"', "OK")
    assert os.readlink(os.path.join(home, ".dovecot.sieve")) == \
        "sieve/main.sieve"
    st = os.stat(os.path.join(home, "sieve", "main.sieve"))
    assert st.st_uid == os.stat(home).st_uid and st.st_mode & 0o77 == 0, st
    got = c.want("LISTSCRIPTS", "OK")
    assert got[:2] == ['"main" ACTIVE\r\n', '"\u00e9t\u00e9"\r\n'], got
    c.want('DELETESCRIPT "main"', "NO (ACTIVE)")
    c.want('RENAMESCRIPT "main" "\u00e9t\u00e9"', "NO (ALREADYEXISTS)")
    c.want('RENAMESCRIPT "none" "x"', "NO (NONEXISTENT)")
    c.want('RENAMESCRIPT "main" "first"', "OK")
    got = c.want("LISTSCRIPTS", "OK")
    assert got[0] == '"first" ACTIVE\r\n' and len(got) == 3, got
    got = c.want('GETSCRIPT "first"', "OK")
    assert got[0] == "{%d}\r\n%s\r\n" % (len(GOOD), GOOD), got
    c.want('GETSCRIPT "main"', "NO (NONEXISTENT)")
    # a script that is too large is passed over, what follows is not
    c.raw('PUTSCRIPT "big" {2000000+}\r\n' + "x" * 2000000 + "\r\nNOOP\r\n")
    assert c.answer()[-1].startswith("NO (QUOTA/MAXSIZE)")
    assert c.answer()[-1].startswith("OK")
    # pipelined
    c.raw('NOOP "1"\r\nNOOP "2"\r\n')
    assert '"1"' in c.answer()[0] and '"2"' in c.answer()[0]
    c.want('SETACTIVE ""', "OK")
    assert not os.path.lexists(os.path.join(home, ".dovecot.sieve"))
    c.want('DELETESCRIPT "first"', "OK")
    c.want('DELETESCRIPT "first"', "NO (NONEXISTENT)")
    # a file of the user's own is never replaced
    with open(os.path.join(home, ".sieve"), "w", encoding="utf-8") as f:
        f.write("keep;")
    c.want('SETACTIVE "\u00e9t\u00e9"', "NO \"A script that is no link")
    os.unlink(f.name)
    c.want("UNAUTHENTICATE", "NO")
    c.want("LOGOUT", "OK")
    assert c.file.read() == b""


def test_limit(_box):
    c = logged_in("fb02")
    for i in range(3):
        c.want('PUTSCRIPT "s%d" "keep;"' % i, "OK")
    c.want('PUTSCRIPT "s3" "keep;"', "NO (QUOTA/MAXSCRIPTS)")
    c.want('HAVESPACE "s3" 10', "NO (QUOTA/MAXSCRIPTS)")
    c.want('PUTSCRIPT "s2" "discard;"', "OK")
    for _ in range(19):
        c.want("FOO", "NO")
    got = c.ask("FOO") + [c.line()]
    assert got[-1].startswith("BYE"), got


def test_delivery(box):
    """What was put and made active runs, and so does its successor."""
    c = logged_in("fb03")
    c.want('PUTSCRIPT "a" ' + literal('require ["fileinto", "mailbox", '
           '"include"]; include "b"; fileinto :create "A";'), "OK")
    c.want('PUTSCRIPT "b" "keep;"', "OK")
    c.want('SETACTIVE "a"', "OK")
    message = "From: a@b.test\nSubject: x\n\ntext\n"
    box.send("fb04@bench.test", ["fb03@bench.test"], message)
    box.wait_messages("fb03", 1)
    new = os.path.join(box.t["homes"], "fb03", "Maildir", ".A", "new")
    wait(lambda: os.path.isdir(new) and os.listdir(new), "mail in .A")
    c.want('PUTSCRIPT "c" "keep;"', "OK")
    c.want('SETACTIVE "c"', "OK")
    box.send("fb04@bench.test", ["fb03@bench.test"], message)
    box.wait_messages("fb03", 2)
    box.wait_empty()
    assert len(os.listdir(new)) == 1
    c.want("LOGOUT", "OK")


main("--users", "5", "--set", "mailbox_command =",
     "--set", "managesieve_max_scripts = 3",
     "--master", "managesieve unix - n n - - managesieve",
     "--master", "127.0.0.1:%d inet n - y - 2 login "
     "-o login_protocol=sieve" % PORT)
