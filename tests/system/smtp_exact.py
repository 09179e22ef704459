#!/usr/bin/env python3
"""SMTP to the letter: RFC 5321, 2034, 2920, 3030, 4954, a row for each rule.

A row is what the client says and how the server's reply begins; "+" before it
is more of the same reply. Whatever the row, each reply is looked at as a whole:
one code in all its lines, lines of at most 512 octets, and an enhanced code of
its class on every 2yz, 4yz and 5yz but the greeting, HELO and EHLO.
"""

import re
import socket

from lib import main, wait

EHLO = ("EHLO x.test", "250")
FROM = ("MAIL FROM:<a@client.test>", "250 2.1.0")
TO = ("RCPT TO:<fb00@bench.test>", "250 2.1.5")
DATA = ("DATA", "354 ")
RSET = ("RSET", "250 2.0.0")
SENT = "250 2.0.0 Ok: queued as "
A63 = "a" * 63


class Client:
    def __init__(self, box, *hello):
        self.socket = socket.create_connection(("127.0.0.1", box.port()),
                                               timeout=30)
        self.file = self.socket.makefile("rb")
        assert self.reply("").startswith("220 mx.bench.test ESMTP")
        for line in hello:
            self.talk(line, "250")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes)
                            else text.encode("latin-1"))

    def reply(self, said):
        """A whole reply, checked for its form; "" at the end."""
        lines = []
        while not lines or lines[-1][3:4] == b"-":
            line = self.file.readline()
            if not line:
                assert not lines, lines
                return ""
            assert line.endswith(b"\r\n") and len(line) <= 512, line
            assert b"\r" not in line[:-2] and line[3:4] in b" -", line
            assert line[:3].isdigit() and 200 <= int(line[:3]) < 560, line
            assert not lines or line[:3] == lines[0][:3], lines
            lines.append(line)
        bare = said[:4].upper() in ("", "EHLO", "HELO")
        for line in lines if not bare and lines[0][:1] in b"245" else []:
            assert re.match(rb"([245])\d\d[ -]\1\.\d{1,3}\.\d{1,3} ", line), line
        return b"".join(lines).decode("latin-1")

    def talk(self, line, expected):
        self.send(line + "\r\n")
        got = self.reply(line)
        assert got.startswith(expected), (line, expected, got)
        return got

    def gone(self):
        assert self.reply("QUIT") == ""


COMMANDS = {
    # 4.1.1: verbs in any case, one space, CRLF
    "verbs": [("ehlo x", "250-mx.bench.test"), ("nOOp", "250"),
              ("rset", "250"), ("mail from:<>", "250 2.1.0"),
              ("Rcpt To:<postmaster>", "250 2.1.5"), RSET],
    # 4.2.4: 500 is not recognized, 502 recognized and not there
    "unknown": [("FOO", "500 5.5.2"), ("", "500 5.5.2"), ("  ", "500 5.5.2"),
                (" NOOP", "500 5.5.2"), ("MAILFROM:<>", "500 5.5.2"),
                ("N\0OP", "500 5.5.2"), ("EXPN list", "502 5.5.1"),
                ("EXPN", "502 5.5.1"), ("QUITT", "500 5.5.2")],
    # 4.1.1.1
    "hello": [("EHLO", "501 5.5.4"), ("HELO", "501 5.5.4"),
              ("HELO x", "250 mx.bench.test\r\n"),
              ("EHLO [127.0.0.1]", "250-mx.bench.test\r\n"),
              ("EHLO [IPv6:::1]", "250-mx.bench.test\r\n")],
    # 4.1.4: a second EHLO ends the transaction
    "hello again": [EHLO, FROM, TO, ("EHLO y", "250"), ("DATA", "503 5.5.1"),
                    FROM, ("HELO y", "250"), TO[:1] + ("503 5.5.1",)],
    # 4.1.1.2, 4.1.2
    "paths": [EHLO] + [
        step for path, code in (
            ("<>", "250"), ("<a@b.test>", "250"), ('<"a b"@b.test>', "250"),
            (r'<"a\"b"@b.test>', "250"), ("<a@[192.0.2.1]>", "250"),
            ("<a@[IPv6:2001:db8::1]>", "250"),
            ("<@r1.test,@r2.test:a@b.test>", "250"),
            ("<a@%s.test>" % A63, "250"), ("<%sa@b.test>" % A63, "250"),
            ("<a@%sa.test>" % A63, "501 5.1.7"),
            ("<a@[300.0.2.1]>", "501 5.1.7"), ("<a@[x]>", "501 5.1.7"),
            ("<a@b..test>", "501 5.1.7"), ("<a@-b.test>", "501 5.1.7"),
            ("<a@@b.test>", "501 5.1.7"), ("<a b@b.test>", "501 5.1.7"),
            ("<@b.test>", "501 5.1.7"), ('<"a@b.test>', "501 5.1.7"),
            ("<a@b.test", "501 5.1.7"), ("<a@b.test>x", "501 5.1.7"),
            ("<a\t@b.test>", "501 5.1.7"), ("<\xe4@b.test>", "501"),
            ("<a\0b@b.test>", "501 5.5.2"),
            ("<a@%s>" % ".".join([A63] * 5), "501 5.1.7"),
        ) for step in (("MAIL FROM:" + path, code), RSET)],
    "recipients": [EHLO, FROM,
                   ("RCPT TO:<postmaster>", "250 2.1.5"),
                   ("RCPT TO:<POSTMASTER>", "250 2.1.5"),
                   ("RCPT TO:<pOstmaster@bench.test>", "250 2.1.5"),
                   ("RCPT TO:<fb00@BENCH.test>", "250 2.1.5"),
                   ("RCPT TO:<@x.test:fb00@bench.test>", "250 2.1.5"),
                   ('RCPT TO:<"fb00"@bench.test>', "250 2.1.5"),
                   ("RCPT TO:<fb00@[127.0.0.1]>", "250 2.1.5"),
                   ("RCPT TO:<>", "501 5.1.3"),
                   ("RCPT TO:<fb00@bench.test>x", "501 5.1.3"),
                   ("RCPT TO:<nosuch@bench.test>", "550 5.1.1"),
                   ("RCPT FROM:<fb00@bench.test>", "501 5.5.4"),
                   ("RCPT", "501 5.5.4")],
    # 4.1.1.11: parameters
    "parameters": [EHLO, ("MAIL FROM:<a@b.test> FOO=1", "555 5.5.4"),
                   ("MAIL FROM:<a@b.test> SIZE=x", "501 5.5.4"),
                   ("MAIL FROM:<a@b.test> SIZE=1 SIZE=1", "501 5.5.4"),
                   ("MAIL FROM:<a@b.test> BODY=9BIT", "501 5.5.4"),
                   ("MAIL FROM:<a@b.test> SIZE=99999999999", "552 5.3.4"),
                   ("MAIL TO:<a@b.test>", "501 5.5.4"), ("MAIL", "501 5.5.4"),
                   ("MAIL FROM:<a@b.test> body=8BitMime size=100", "250"),
                   ("RCPT TO:<fb00@bench.test> FOO", "555 5.5.4"),
                   ("RCPT TO:<fb00@bench.test> NOTIFY=NEVER", "250")],
    # 4.1.4: the order of commands
    "order": [("RCPT TO:<fb00@bench.test>", "503 5.5.1"),
              ("DATA", "503 5.5.1"), EHLO, ("DATA", "503 5.5.1"), FROM,
              ("DATA", "503 5.5.1"), FROM[:1] + ("503 5.5.1",), TO,
              FROM[:1] + ("503 5.5.1",), RSET, TO[:1] + ("503 5.5.1",),
              ("AUTH PLAIN x", "501 5.5.2")],
    "no recipient": [EHLO, FROM, ("RCPT TO:<nosuch@bench.test>", "550 5.1.1"),
                     ("DATA", "554 5.5.1"), TO, DATA, (".", SENT)],
    # 4.1.1.5 to 4.1.1.10: at any time, and what may stand behind them
    "any time": [("NOOP", "250"), ("NOOP text", "250"), ("NOOP \xe4", "501"),
                 ("RSET x", "501 5.5.4"), ("HELP", "214 2.0.0"),
                 ("HELP MAIL", "214 2.0.0"), ("VRFY", "501 5.5.4"),
                 ("VRFY fb00", "252 2.0.0 fb00"),
                 ("VRFY <fb00@bench.test>", "252 2.0.0 fb00@bench.test"),
                 ("VRFY nosuch", "550 5.1.1"), ("QUIT x", "501 5.5.4"),
                 ("DATA x", "503 5.5.1"), EHLO, FROM, ("NOOP", "250"),
                 ("VRFY fb00", "252"), ("HELP", "214"), TO, ("NOOP", "250"),
                 ("VRFY nosuch", "252"), ("DATA x", "501 5.5.4"), DATA,
                 ("x\r\n.", SENT)],
    # 4.5.3.1.4: 512 octets of a command at least, and an end somewhere
    "lengths": [("NOOP " + "x" * 505, "250"), ("NOOP " + "x" * 2040, "250"),
                ("NOOP " + "x" * 9000, "500 5.5.2"), ("NOOP", "250"),
                EHLO, FROM, ("RCPT TO:<@%s:fb00@bench.test>" % ",@".join(
                    ["r%d.test" % i for i in range(20)]), "250"),
                ("VRFY " + "x" * 1500, "501"),
                ("RCPT TO:<%s@bench.test>" % ("y" * 900), "5")],
    # RFC 4954
    "auth": [("AUTH PLAIN", "503 5.5.1"), EHLO, ("AUTH", "501 5.5.4"),
             ("AUTH FOO", "504 5.5.4"), ("AUTH PLAIN", "334 "),
             ("*", "501 5.7.0"), ("AUTH PLAIN", "334 "), ("=x", "501 5.5.2"),
             FROM, ("AUTH PLAIN", "503 5.5.1"), RSET,
             ("AUTH PLAIN AGZiMDAAYmVuY2g=", "235 2.7.0"),
             ("AUTH PLAIN AGZiMDAAYmVuY2g=", "503 5.5.1")],
    # RFC 3030
    "chunks": [EHLO, ("BDAT 3\r\nabc", "503 5.5.1"), ("NOOP", "250"), FROM,
               ("BDAT 3\r\nabc", "5"), RSET, FROM, TO,
               ("BDAT 3\r\na\r\n", "250 2.0.0 Ok: 3 bytes"),
               ("DATA", "503 5.5.1"), FROM[:1] + ("503 5.5.1",),
               TO[:1] + ("503 5.5.1",), ("NOOP", "250"), ("VRFY fb00", "252"),
               ("BDAT 0", "250 2.0.0 Ok: 0 bytes"),
               ("BDAT 3 last\r\n.", SENT), FROM, TO,
               ("BDAT 0 LAST", SENT), FROM, TO, ("BDAT 1\r\nx", "250"), RSET,
               ("DATA", "503 5.5.1"), FROM, TO, DATA, ("BDAT 1\r\n.", SENT)],
    # RFC 1870, 6.1; RFC 6152; RFC 3461, 4.4; RFC 4954, 5: what may stand there
    "values": [EHLO, ("MAIL FROM:<a@b.test> SIZE=0", "250 2.1.0"), RSET] + [
        step for word, code in (
            ("SIZE=", "501 5.5.4"), ("SIZE", "501 5.5.4"),
            ("SIZE=-1", "501 5.5.4"), ("SIZE=+1", "501 5.5.4"),
            ("SIZE=0x10", "501 5.5.4"), ("SIZE=1 ", "250"),
            ("SIZE=18446744073709551616", "552 5.3.4"),
            ("SIZE=18446744073709551615", "552 5.3.4"),
            ("SIZE=123456789012345678901", "5"), ("BODY=", "501 5.5.4"),
            ("BODY=7BIT", "250"), ("BODY=BINARYMIME", "555 5.5.4"),
            ("AUTH=<>", "250"), ("AUTH=a+3", "501 5.5.4"), ("RET=HDRS ENVID=QQ314159", "250"),
            ("RET=full", "250"), ("ENVID=a+3Db", "250"),
            ("ENVID=a+3", "501 5.5.4"), ("ENVID=" + "x" * 101, "501 5.5.4"),
            ("RET=HDRS RET=HDRS", "501 5.5.4"), ("SMTPUTF8=1", "501 5.5.4"),
            ("SMTPUTF8", "250"), ("=1", "5"), ("A=B=C", "5"),
            ("X\0=1", "501")) for step in (
                ("MAIL FROM:<a@b.test> " + word, code), RSET)],
    "notify": [EHLO, FROM] + [
        ("RCPT TO:<fb00@bench.test> " + word, code) for word, code in (
            ("NOTIFY=SUCCESS,FAILURE,DELAY", "250"),
            ("NOTIFY=success", "250"), ("NOTIFY=NEVER", "250"),
            ("NOTIFY=NEVER,SUCCESS", "501 5.5.4"), ("NOTIFY=", "501 5.5.4"),
            ("NOTIFY=X", "501 5.5.4"), ("NOTIFY=SUCCESS NOTIFY=DELAY",
                                        "501 5.5.4"),
            ("ORCPT=rfc822;a@b.test", "250"), ("ORCPT=rfc822;", "5"),
            ("ORCPT=a@b.test", "501 5.5.4"),
            ("ORCPT=rfc822;a+zz", "501 5.5.4"),
            ("ORCPT=rfc822;" + "x" * 501, "501 5.5.4"),
            ("SIZE=1", "555 5.5.4"))],
    # docs/VIOLATIONS.md, in its order
    "violations": [FROM, RSET, ("EHLO ~any,word~", "250"),
                   ("MAIL FROM: <a@b.test>", "250"), RSET,
                   ("MAIL FROM:a@b.test", "250"),
                   ("RCPT TO:  fb00@bench.test", "250"),
                   ("RCPT TO:<@far.test:fb00@bench.test>", "250"), RSET,
                   ("VRFY fb00", "252"), ("VRFY nosuch", "550"),
                   ("EXPN fb00", "502"), ("ETRN #q", "501"),
                   ("ETRN other.test", "459"),
                   ("MAIL FROM:<%s@b.test>" % ("l" * 200), "250"), RSET,
                   ("MAIL FROM:<a@b.test> AUTH=c@d.test", "250"), RSET,
                   ("MAIL FROM:<\xc3\xa4@b.test>", "250"), RSET,
                   ("MAIL FROM:<a@\xc3\xa4.test>", "550 5.6.7"), FROM, TO, DATA,
                   ("S: \0\r\n\r\n" + "x" * 5000 + "\r\n.", SENT)],
    # RFC 5321, 4.1.1.1: the last hello counts
    "helo last": [EHLO, ("HELO y", "250 mx.bench.test\r\n"),
                  ("MAIL FROM:<a@b.test> SIZE=1", "250 2.1.0"), TO, DATA,
                  (".", SENT), ("AUTH PLAIN", "503 5.5.1")],
}
# nothing stands behind these chunks
BYTES = ("BDAT 3\r\na\r\n", "BDAT 1\r\nx", "BDAT 3\r\nabc")


def test_table(box):
    for name, rows in COMMANDS.items():
        with Client(box) as c:
            for line, expected in rows:
                try:
                    if line in BYTES:
                        c.send(line)
                        got = c.reply("BDAT")
                        assert got.startswith(expected), (line, got)
                    else:
                        c.talk(line, expected)
                except AssertionError as e:
                    raise AssertionError("%s: %s" % (name, e)) from e
            c.talk("QUIT", "221 2.0.0")
            c.gone()
    box.wait_empty()


def test_taken_all_the_same(box):
    """docs/VIOLATIONS.md: NUL and long lines come through."""
    box.wait_empty()
    before = len(box.messages("fb00"))
    with Client(box, "EHLO x") as c:
        for step in (FROM, TO, DATA):
            c.talk(*step)
        c.talk("S: \0a\r\n\r\n" + "x" * 5000 + "\r\ny\0z\r\n.", SENT)
    text = box.wait_messages("fb00", before + 1)[-1]
    assert b"\nS: \0a\n" in text, text[:600]
    assert text.endswith(b"\n\n" + b"x" * 5000 + b"\ny\0z\n"), text[-100:]


def test_chunk_sizes(box):
    """RFC 3030, 2: where the next command begins is not known: an end."""
    for size in ("", " x", " -1", " 1x", " 18446744073709551616", " 3 FIRST",
                 " 3 LAST x"):
        with Client(box, "EHLO x") as c:
            c.talk(*FROM)
            c.talk(*TO)
            c.talk("BDAT" + size, "501 5.5.4")
            c.gone()
    # one that is refused for its size is passed over
    with Client(box, "EHLO x") as c:
        c.talk(*FROM)
        c.talk("RCPT TO:<nosuch@bench.test>", "550")
        c.send("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n")
        assert c.reply("BDAT").startswith("5")
        assert c.reply("NOOP").startswith("250 2.0.0")


def test_pipelining(box):
    # RFC 2920: replies in the order of commands
    with Client(box, "EHLO x") as c:
        before = len(box.messages("fb00"))
        c.send("MAIL FROM:<a@client.test>\r\nRCPT TO:<nosuch@bench.test>\r\n"
               "RCPT TO:<fb00@bench.test>\r\nNOOP\r\nRSET\r\n"
               "MAIL FROM:<>\r\nRCPT TO:<fb00@bench.test>\r\nDATA\r\n")
        got = [c.reply("RCPT")[:3] for _ in range(8)]
        assert got == ["250", "550", "250", "250", "250", "250", "250",
                       "354"], got
        c.send("Subject: piped\r\n\r\nx\r\n.\r\nMAIL FROM:<>\r\n"
               "RCPT TO:<fb00@bench.test>\r\nBDAT 5\r\nNOOP\nBDAT 2 LAST\r\n"
               "\r\nNOOP\r\nQUIT\r\n".replace("NOOP\nB", "NOO\r\nB"))
        got = [c.reply("RCPT")[:3] for _ in range(7)]
        assert got == ["250", "250", "250", "250", "250", "250", "221"], got
        c.gone()
        texts = box.wait_messages("fb00", before + 2)
        assert any(b"\nSubject: piped\n" in t and t.endswith(b"\n\nx\n")
                   for t in texts)
        assert any(t.endswith(b"\nNOO\n\n") for t in texts), texts[-1]


def test_out_of_turn(box):
    # who speaks behind a command that ends its group is sent away
    for last in ("DATA", "EHLO y", "VRFY fb00"):
        with Client(box, "EHLO x", *(
                ["MAIL FROM:<>", "RCPT TO:<fb00@bench.test>"]
                if last == "DATA" else [])) as c:
            c.send(last + "\r\nNOOP\r\n")
            assert c.reply("").startswith("554 5.5.0"), last
            c.gone()


def test_dots(box):
    with Client(box, "EHLO x") as c:
        before = len(box.messages("fb00"))
        for step in (FROM, TO, DATA):
            c.talk(*step)
        for byte in b"Subject: dots\r\n\r\n..\r\n...x\r\n.y\r\n\r\n..\r\n.\r\n":
            c.send(bytes([byte]))
        assert c.reply("DATA").startswith(SENT)
        text = box.wait_messages("fb00", before + 1)[-1]
        assert text.endswith(b"\n\n.\n..x\ny\n\n.\n"), text


def test_bare_line_ends(box):
    for text in ("NOOP\n", "MAIL FROM:<>\nRCPT TO:<fb00@bench.test>\r\n"):
        with Client(box, "EHLO x") as c:
            c.send(text)
            assert c.reply("").startswith("521 5.5.2")
            c.gone()
    for data in ("x\n.\n", "x\r\n.\n", "x\n.\r\n", "x\r.\r\n.\r\n", "x\ry\r\n"):
        with Client(box, "EHLO x") as c:
            for step in (FROM, TO, DATA):
                c.talk(*step)
            c.send(data)
            assert c.reply("").startswith("521 5.5.2"), data
            c.gone()
    wait(lambda: not box.queue(), "nothing of it in the queue")


def test_ends_with_a_word(box):
    # 3.8: 421 before the server closes by itself
    with Client(box, "EHLO x") as c:
        for n in range(20):
            c.talk("FOO", "500 5.5.2")
            del n
        assert c.reply("").startswith("421 4.7.0 mx.bench.test ")
        c.gone()


if __name__ == "__main__":
    main("--users", "1", "--set", "smtpd_error_sleep_time = 0")
