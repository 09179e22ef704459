#!/usr/bin/env python3
"""A content filter before the queue (smtpd_proxy_filter)."""

import smtplib
import socket
import threading

from lib import main, ports, run, wait
from peers import Sink

PORT, HELD = ports.reserve()
STREAM, LATER, FILTER, SLOW = PORT, PORT + 1, PORT + 2, PORT + 3
LETTER = b"Subject: filtered\r\n\r\n..a dot\r\nand more\r\n"
FORWARD = "XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT"


def client(port):
    c = smtplib.SMTP("127.0.0.1", port, "client.test", timeout=60)
    c.ehlo()
    return c


def say(c, *lines):
    """The reply to each: code and text."""
    return [c.docmd(line) for line in lines]


def nothing_left(box):
    wait(lambda: not run("find", box.path("spool", "incoming"), "-type", "f"),
         "nothing in incoming")


def reinjecting(box, letters):
    """What a filter says to the end of the data once we have the message."""
    def end(data):
        with box.smtp() as c:
            c.mail("fb01@bench.test")
            c.rcpt("fb00@bench.test")
            letters.append(data)
            code, text = c.data(b"X-Filtered: yes\r\n" + data)
        return b"%d from MTA: %s" % (code, text)
    return end


def test_through_and_back(box):
    for port in (STREAM, LATER):
        before = len(box.messages("fb00"))
        letters = []
        with Sink(port=FILTER, extensions=[FORWARD, "SIZE", "8BITMIME"],
                  replies={b".": reinjecting(box, letters)}) as sink:
            with client(port) as c:
                assert not {"requiretls", "xverp"} & set(c.esmtp_features)
                code, text = c.mail("fb01@bench.test",
                                    ["SIZE=100", "BODY=8BITMIME"])
                assert code == 250, text
                assert c.rcpt("fb00@bench.test")[0] == 250
                code, text = c.data(LETTER)
            assert code == 250 and text.startswith(
                b"from MTA: 2.0.0 Ok: queued as "), (code, text)
            wait(lambda sink=sink: b"QUIT" in sink.lines, "the filter's QUIT")
            lines = sink.lines
        assert lines[0] == b"EHLO mx.bench.test", lines
        said = b" ".join(x for x in lines if x.startswith(b"XFORWARD"))
        for word in (b"ADDR=127.0.0.1", b"PROTO=ESMTP", b"HELO=client.test",
                     b"SOURCE=LOCAL", b"NAME="):
            assert word in said, lines
        mail = [x for x in lines if x.startswith(b"MAIL")]
        assert mail[0].startswith(b"MAIL FROM:<fb01@bench.test> SIZE=") and \
            mail[0].endswith(b" BODY=8BITMIME"), mail
        assert len(letters) == 1
        assert letters[0].startswith(b"Received: from client.test "), letters
        assert b"Facteur) with ESMTP\r\n\tfor <fb00@bench.test>" in letters[0]
        assert letters[0].endswith(b"\r\n" + LETTER.replace(b"..a", b".a", 1)) \
            or letters[0].endswith(b"\r\n" + LETTER), letters
        got = box.wait_messages("fb00", before + 1)[-1]
        assert b"X-Filtered: yes\n" in got and b"\n..a dot\n" in got, got
        box.wait_log("NOQUEUE: client=localhost")
        box.wait_log(r"NOQUEUE: proxy-accept: END-OF-MESSAGE from .*: 250 "
                     r"from MTA.*; from=<fb01@bench\.test>")
    box.wait_empty()


def test_what_it_says(box):
    """Its refusals are the client's, and 421 is not the end of the session."""
    with Sink(port=FILTER) as sink:
        with client(STREAM) as c:
            sink.replies[b"RCPT"] = lambda line: (
                b"550 5.1.1 not him" if b"fb02" in line else None)
            got = say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb02@bench.test>",
                      "RCPT TO:<fb00@bench.test>")
            assert [g[0] for g in got] == [250, 550, 250], got
            assert got[1][1] == b"5.1.1 not him", got
            sink.replies[b"."] = b"554-5.7.1 virus\r\n554 5.7.1 found"
            code, text = c.data(LETTER)
            assert (code, text) == (554, b"5.7.1 virus\n5.7.1 found")
            box.wait_log("proxy-reject: END-OF-MESSAGE from .*554 5.7.1 virus")
            for reply, want in ((b"421 4.3.2 bye", 451), (b"199 what", 451),
                                (b"452 4.3.1 full", 452), (b"", 451)):
                sink.replies[b"."] = reply
                say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>")
                assert c.data(LETTER)[0] == want, reply
            del sink.replies[b"."]
            sink.replies[b"DATA"] = b"451 4.7.1 later"
            say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>")
            assert c.docmd("DATA") == (451, b"4.7.1 later")
            del sink.replies[b"DATA"]
            # his first word, and no EHLO
            c.rset()
            sink.replies[b"CONNECT"] = b"554 5.3.2 not today"
            got = say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>")
            assert got[1][0] == 451, got
            sink.replies[b"CONNECT"] = b"220 ready"
            sink.replies[b"EHLO"] = b"502 5.5.1 what"
            assert c.docmd("RCPT TO:<fb00@bench.test>")[0] == 250
            assert c.data(LETTER)[0] == 250
            letter = wait(lambda: sink.letters, "the letter")[-1]
            assert letter.sender == b"<a@b.test>"
            sink.replies[b"MAIL"] = b"553 5.1.8 not from you"
            say(c, "MAIL FROM:<a@b.test>")
            assert c.docmd("RCPT TO:<fb00@bench.test>") == (
                553, b"5.1.8 not from you")
            assert c.noop()[0] == 250
        with client(LATER) as c:
            sink.replies[b"MAIL"] = None
            got = say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>",
                      "RCPT TO:<fb02@bench.test>")
            assert [g[0] for g in got] == [250, 250, 250], got
            assert c.data(LETTER) == (550, b"5.1.1 not him")
            assert len(sink.letters) == 1
    assert not box.queue()


def test_down(box):
    for port in (STREAM, LATER):
        with client(port) as c:
            say(c, "MAIL FROM:<a@b.test>")
            code = c.docmd("RCPT TO:<fb00@bench.test>")[0]
            if port == LATER:
                code = c.data(LETTER)[0]
            assert code == 451
            assert c.noop()[0] == 250
    box.wait_log(r"warning: connect to proxy filter 127\.0\.0\.1:%d: "
                 % FILTER)
    nothing_left(box)


def test_part_of_a_message(box):
    """Who goes in the middle, or has too much, leaves nothing."""
    with Sink(port=FILTER) as sink:
        for port in (STREAM, LATER):
            c = client(port)
            say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>", "DATA")
            c.send(b"Subject: half\r\n\r\n" + b"x" * 70 * 1000)
            c.sock.shutdown(socket.SHUT_RDWR)
            c.close()
            with client(port) as c:
                say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>")
                code, text = c.data(b"x" * 70 + b"\r\n" +
                                    (b"y" * 70 + b"\r\n") * 20000)
                assert code == 552, (code, text)
                say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>")
                assert c.docmd("RSET")[0] == 250
        # BDAT comes as DATA
        with client(STREAM) as c:
            say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>")
            for text, last in ((b"Subject: b\r\n\r\nfirst", ""),
                               (b" half\r\n.end\r\n", " LAST")):
                c.putcmd("BDAT", "%d%s" % (len(text), last))
                c.send(text)
                assert c.getreply()[0] == 250
        wait(lambda: sink.letters, "a letter")
        assert len(sink.letters) == 1, [x.data[:99] for x in sink.letters]
        assert sink.letters[0].data.endswith(b"\r\n\r\nfirst half\r\n.end\r\n")
    nothing_left(box)


def test_slow(box):
    """A filter that reads nothing for a while holds the client up, and not
    for ever; one that never answers costs smtpd_proxy_timeout."""
    with Sink(port=SLOW) as sink:
        gate = threading.Event()

        def waits(line):
            gate.wait(30)
            return None if line else b""
        for row in (PORT + 4, PORT + 5):
            gate.clear()
            sink.replies[b"DATA"] = waits
            with client(row) as c:
                say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>")
                code = c.docmd("DATA")[0] if row == PORT + 4 else \
                    c.data(LETTER)[0]
                assert code == 451
                gate.set()
    box.wait_log(r"proxy filter 127.0.0.1:%d: no answer in time" % SLOW)
    # more than the pipes hold goes through as it is taken
    body = b"Subject: much\r\n\r\n" + b"".join(
        b"%070d\r\n" % i for i in range(12000))
    for port in (STREAM, LATER):
        with Sink(port=FILTER) as sink:
            with client(port) as c:
                say(c, "MAIL FROM:<a@b.test>", "RCPT TO:<fb00@bench.test>")
                assert c.data(body)[0] == 250
            letter = wait(lambda sink=sink: sink.letters, "the letter")[0]
            assert letter.data.endswith(b"\r\n" + body)
    assert not box.queue()


if __name__ == "__main__":
    ROW = "127.0.0.1:%d inet n - y - - smtpd -o smtpd_proxy_filter=%s"
    main("--users", "3", "--set", "message_size_limit = 1000000",
         *[word for row in (
             ROW % (STREAM, "127.0.0.1:%d" % FILTER),
             ROW % (LATER, "inet:127.0.0.1:%d" % FILTER) +
             " -o smtpd_proxy_options=speed_adjust",
             ROW % (PORT + 4, "127.0.0.1:%d" % SLOW) +
             " -o smtpd_proxy_timeout=1s",
             ROW % (PORT + 5, "127.0.0.1:%d" % SLOW) +
             " -o smtpd_proxy_timeout=1s -o smtpd_proxy_options=speed_adjust"
             " -o smtpd_proxy_ehlo=other.test",
         ) for word in ("--master", row)])
