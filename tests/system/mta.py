#!/usr/bin/env python3
"""A letter's way through smtpd, qmgr, lookup, deliver, smtp and bounce."""

import os
import re
import smtplib
import time

from lib import main, wait
from peers import Sink

TEXT = "From: a@client.test\nSubject: %s\n\nhello\n"


def test_smtp_to_maildir(box):
    box.send("a@client.test", ["fb00@bench.test"], TEXT % "one")
    text = box.wait_messages("fb00", 1)[0]
    assert text.startswith(b"Return-Path: <a@client.test>\n"), text
    assert b"\nDelivered-To: fb00@bench.test\n" in text, text
    assert re.search(rb"\nReceived: from client\.test \(", text), text
    assert b"\nSubject: one\n" in text and text.endswith(b"\n\nhello\n"), text
    assert b"\r" not in text
    box.wait_log(r"postfix/smtpd\[\d+\]: ([0-9A-F]+): client=localhost")
    box.wait_log(r"postfix/cleanup\[\d+\]: [0-9A-F]+: message-id=<")
    box.wait_log(r"postfix/qmgr\[\d+\]: [0-9A-F]+: from=<a@client.test>, "
                 r"size=\d+, nrcpt=1 \(queue active\)")
    box.wait_log(r"postfix/local\[\d+\]: [0-9A-F]+: to=<fb00@bench.test>, "
                 r"relay=local, delay=[\d.]+, delays=[\d./]+, dsn=2\.0\.0, "
                 r"status=sent \(delivered to maildir\)")
    box.wait_log(r"postfix/qmgr\[\d+\]: [0-9A-F]+: removed")
    box.wait_empty()


def test_many_recipients(box):
    to = ["fb%02d@bench.test" % i for i in range(4)]
    before = [len(box.messages("fb%02d" % i)) for i in range(4)]
    box.send("a@client.test", to, TEXT % "many")
    for i in range(4):
        box.wait_messages("fb%02d" % i, before[i] + 1)
    box.wait_empty()


def test_refusals(box):
    with box.smtp() as c:
        c.mail("a@client.test")
        code, text = c.rcpt("nosuchuser@bench.test")
        assert code == 550 and b"5.1.1" in text and \
            b"User unknown in local recipient table" in text, text
        code, text = c.docmd("RCPT TO:<x@bad domain>")
        assert code == 501, (code, text)
        code, text = c.docmd("NONSENSE")
        assert code == 500, (code, text)
        c.rset()
        code, text = c.docmd("RCPT TO:<fb00@bench.test>")
        assert code == 503, (code, text)
    box.wait_log(r"NOQUEUE: reject: RCPT from localhost\[127\.0\.0\.1\]: 550 "
                 r"5\.1\.1 <nosuchuser@bench\.test>: Recipient address rejected: ")


def test_only_the_dot_ends_data(box):
    before = len(box.messages("fb01"))
    with box.smtp() as c:
        c.mail("a@client.test")
        c.rcpt("fb01@bench.test")
        assert c.docmd("DATA")[0] == 354
        c.send(b"Subject: s\r\n\r\nx\n.\r\nMAIL FROM:<evil@x>\r\n.\r\n")
        try:
            code, _ = c.getreply()
        except smtplib.SMTPServerDisconnected:
            code = 521
        assert code // 100 == 5, code
    assert len(box.messages("fb01")) == before


def test_sendmail_command(box):
    before = len(box.messages("fb02"))
    box.inside("sendmail", "-t", "-i", user="fb03", stdin=(
        "To: fb02@bench.test\nBcc: fb01@bench.test\nSubject: local\n\n.\nend\n"
    ))
    text = box.wait_messages("fb02", before + 1)[-1]
    assert b"Bcc" not in text, text
    assert b"\nFrom: " in text and b"\nDate: " in text, text
    assert b"\nMessage-I" in text, text
    assert b"\n\n.\nend\n" in text, text
    assert b"from userid" in text, text


def test_alias(box):
    before = len(box.messages("fb00"))
    box.send("a@client.test", ["root@bench.test"], TEXT % "alias")
    box.wait_messages("fb00", before + 1)
    box.wait_log(r"to=<fb00@bench.test>, orig_to=<root@bench.test>, "
                 r"relay=local")
    box.wait_empty()


def test_forward_file(box):
    home = os.path.join(box.t["homes"], "fb04")
    path = os.path.join(home, ".forward")
    with open(path, "w", encoding="ascii") as f:
        f.write("fb00@bench.test\n")
    os.chown(path, os.stat(home).st_uid, os.stat(home).st_gid)
    before = len(box.messages("fb00"))
    box.send("a@client.test", ["fb04@bench.test"], TEXT % "forward")
    box.wait_messages("fb00", before + 1)
    box.wait_empty()
    os.unlink(path)


def test_relay_and_bounce(box):
    with Sink(port=box.t["sink_port"]) as sink:
        box.send("fb00@bench.test", ["x@sink.test"], TEXT % "out")
        wait(lambda: sink.letters, "the letter at the sink")
        assert sink.letters[0].recipients == ["x@sink.test"] or \
            b"x@sink.test" in b"".join(
                r if isinstance(r, bytes) else r.encode()
                for r in sink.letters[0].recipients)
        sink.replies[b"RCPT"] = b"550 5.1.1 no such user"
        before = len(box.messages("fb00"))
        box.send("fb00@bench.test", ["y@sink.test"], TEXT % "refused")
        text = box.wait_messages("fb00", before + 1)[-1]
    assert b"multipart/report" in text, text
    assert b"Final-Recipient: rfc822; y@sink.test" in text, text
    assert b"Status: 5.1.1" in text, text
    assert b"Return-Path: <>" in text, text
    box.wait_log(r"postfix/bounce\[\d+\]: |sender non-delivery notification")
    box.wait_empty()


def test_deferred_hold_flush(box):
    # nobody listens at the sink now: the mail waits
    box.send("fb00@bench.test", ["z@sink.test"], TEXT % "later")
    box.wait_log(r"to=<z@sink\.test>.* status=deferred \(connect to ")
    entry = wait(lambda: [m for m in box.queue()
                          if m["queue_name"] == "deferred"], "deferral")[0]
    qid = entry["queue_id"]
    assert entry["recipients"][0]["delay_reason"], entry
    assert "z@sink.test" in box.inside("mailq")
    assert "recipient: z@sink.test" in box.inside("postcat", "-q", qid)
    box.inside("postsuper", "-h", qid)
    wait(lambda: box.queue()[0]["queue_name"] == "hold", "hold")
    box.inside("postqueue", "-f")
    box.inside("postsuper", "-H", qid)
    with Sink(port=box.t["sink_port"]) as sink:
        box.inside("postqueue", "-f")
        wait(lambda: sink.letters, "the flushed letter")
    box.wait_empty()
    box.send("fb00@bench.test", ["w@sink.test"], TEXT % "deleted")
    wait(lambda: [m for m in box.queue()
                  if m["queue_name"] == "deferred"], "deferral")
    box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


def test_big_message(box):
    before = len(box.messages("fb05"))
    line = b"x" * 70 + b"\n"
    box.send("a@client.test", ["fb05@bench.test"],
             b"Subject: big\n\n" + line * 60000)
    text = box.wait_messages("fb05", before + 1)[-1]
    assert text.endswith(line * 3) and text.count(b"\n") >= 60000


def test_stopped_system_takes_mail(box):
    box.stop()
    start = time.monotonic()
    box.start()
    assert time.monotonic() - start < 60
    before = len(box.messages("fb06"))
    box.send("a@client.test", ["fb06@bench.test"], TEXT % "again")
    box.wait_messages("fb06", before + 1)


def test_tools_agree(box):
    assert "bench.test\n" in box.inside("postconf", "-h", "mydomain")
    assert "Mail queue is empty" in box.inside("mailq")
    assert "is running" in box.inside("facteur", "status")


main("--users", "8", "--aliases", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "data", "system",
    "aliases"))
