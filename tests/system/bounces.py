#!/usr/bin/env python3
"""Reports to senders and to the postmaster: words, languages, who gets them."""

import base64
import email
import email.policy
import os
import re
import socket
import threading

from lib import main, wait
from packets import Agent, as_smtpd, reload

SENDER = "fb00@bench.test"
TEXT = b"From: fb00@bench.test\nSubject: what I sent\n%s\nmy body\n"
NO = ("BOUNCE", "5.1.1", "host mx.sink.test[192.0.2.1] said: 550 5.1.1 "
      "nobody here (in reply to RCPT TO command)")


def parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def refused(box, smtp, extra=b"", sender=SENDER, answer=NO, **more):
    """A message that the next server refuses: its queue id."""
    with as_smtpd(box) as link:
        qid = link.put(TEXT % extra, ["u@sink.test"], sender=sender, **more)
    smtp.next().answer([answer])
    return qid


def next_report(box, user, before):
    """The one behind the first before messages, by the time of delivery."""
    box.wait_messages(user, before + 1)
    top = os.path.join(box.maildir(user), "new")
    names = sorted(os.listdir(top), key=lambda n: os.stat(
        os.path.join(top, n)).st_mtime_ns)
    with open(os.path.join(top, names[before]), "rb") as f:
        return parsed(f.read())


def part(report, kind):
    return next(p for p in report.walk() if p.get_content_type() == kind)


def test_failure(box):
    """RFC 3464 and 6522, field by field."""
    before = len(box.messages("fb00"))
    with Agent(box, "smtp") as smtp:
        refused(box, smtp)
        r = next_report(box, "fb00", before)
    assert r.get_content_type() == "multipart/report", r
    assert r.get_param("report-type") == "delivery-status"
    assert r["Auto-Submitted"] == "auto-replied"
    assert r["Return-Path"] == "<>", r["Return-Path"]
    assert r["Subject"] == "Undelivered Mail Returned to Sender"
    assert [p.get_content_type() for p in r.iter_parts()] == [
        "text/plain", "message/delivery-status", "message/rfc822"]
    status = part(r, "message/delivery-status")
    message, rcpt = status.get_payload()
    assert message["Reporting-MTA"].startswith("dns; "), message
    assert message["Arrival-Date"]
    assert rcpt["Final-Recipient"] == "rfc822; u@sink.test", rcpt
    assert rcpt["Action"] == "failed" and rcpt["Status"] == "5.1.1", rcpt
    assert rcpt["Remote-MTA"] == "dns; mx.sink.test", rcpt
    assert rcpt["Diagnostic-Code"] == "smtp; 550 5.1.1 nobody here", rcpt
    assert email.utils.parsedate_to_datetime(rcpt["Last-Attempt-Date"])
    assert "Will-Retry-Until" not in rcpt
    back = part(r, "message/rfc822").get_payload()[0]
    assert back["Subject"] == "what I sent"
    assert "my body" in back.get_content()
    box.wait_empty()


def test_words(box):
    """Texts of a file of one's own; what it lacks, or has wrong, is ours."""
    path = box.path("words")
    with open(path, "w", encoding="utf-8") as f:
        f.write("failure_template = <<EOF\nCharset: utf-8\n"
                "From: robot (Père Fouettard)\nSubject: Raté\n\n"
                "C'est raté sur $myhostname après "
                "${maximal_queue_lifetime_days} j.\nEOF\n"
                "delay_template = <<EOF\nFrom: x\n\nno subject\nEOF\n")
    reload(box, "-e", "bounce_template_file=" + path)
    before = len(box.messages("fb00"))
    with Agent(box, "smtp") as smtp:
        refused(box, smtp)
        r = next_report(box, "fb00", before)
    assert r["Subject"] == "Raté" and "Père Fouettard" in r["From"], r
    assert "robot@" in r["From"]
    text = part(r, "text/plain").get_content()
    name = box.inside("postconf", "-h", "myhostname").strip()
    assert text.startswith("C'est raté sur %s après 5 j." % name), text
    box.wait_log(r"warning: .*words, line 12: .*no From or Subject")
    # a file that is not there costs its words and no report
    os.unlink(path)
    reload(box)
    with Agent(box, "smtp") as smtp:
        refused(box, smtp)
        r = next_report(box, "fb00", before + 1)
    assert r["Subject"] == "Undelivered Mail Returned to Sender"
    reload(box, "-X", "bounce_template_file")


def test_languages(box):
    reload(box, "-e", "bounce_language=fr, en")
    before = len(box.messages("fb00"))
    with Agent(box, "smtp") as smtp:
        for extra, subject in ((b"", "Message non remis"),
                               (b"Content-Language: en-GB\n", "Undelivered"),
                               (b"Accept-Language: de, en\n", "Undelivered"),
                               (b"Content-Language: de\n", "Message non")):
            refused(box, smtp, extra)
            r = next_report(box, "fb00", before)
            assert r["Subject"].startswith(subject), (extra, r["Subject"])
            before += 1
    reload(box, "-X", "bounce_language")


def test_size(box):
    """bounce_size_limit, and RET."""
    reload(box, "-e", "bounce_size_limit=100")
    before = len(box.messages("fb00"))
    with Agent(box, "smtp") as smtp:
        refused(box, smtp, b"X-Long: " + b"x" * 100 + b"\n")
        r = next_report(box, "fb00", before)
        text = part(r, "text/rfc822-headers").get_content()
        assert "what I sent" in text and "my body" not in text
        reload(box, "-X", "bounce_size_limit")
        refused(box, smtp, ret=2)  # RET=HDRS
        r = next_report(box, "fb00", before + 1)
        assert "my body" not in str(r)
    box.wait_empty()


def test_postmaster_copies(box):
    before = len(box.messages("fb01")), len(box.messages("fb00"))
    reload(box, "-e", "notify_classes=bounce", "bounce_notice_recipient=fb01")
    with Agent(box, "smtp") as smtp:
        qid = refused(box, smtp)
        r = next_report(box, "fb01", before[0])
        assert r["Subject"] == "Postmaster Copy: Undelivered Mail", r
        assert r["Return-Path"].startswith("<double-bounce@"), r
        assert "my body" not in str(r) and "what I sent" in str(r)
        assert "mail system at host" not in str(r)
        box.wait_log(qid + r": postmaster non-delivery notification: ")
        box.wait_messages("fb00", before[1] + 1)
        # a sender whose copy goes nowhere is told all the same
        box.inside("postconf", "-e", "bounce_notice_recipient=")
        reload(box)
        refused(box, smtp)
        box.wait_messages("fb00", before[1] + 2)
    box.wait_empty()
    assert len(box.messages("fb01")) == before[0] + 1
    reload(box, "-X", "notify_classes", "bounce_notice_recipient")


def test_double_bounce(box):
    """Mail without a sender that fails: discarded, or to the postmaster; and
    what went to him and fails ends there."""
    before = len(box.messages("fb01"))
    with Agent(box, "smtp") as smtp:
        qid = refused(box, smtp, sender="")
        box.wait_log(qid + ": removed")
        assert len(box.messages("fb01")) == before
        reload(box, "-e", "notify_classes=2bounce",
               "2bounce_notice_recipient=fb01@bench.test")
        refused(box, smtp, sender="")
        r = next_report(box, "fb01", before)
        assert r["Subject"] == "Postmaster Copy: Undelivered Mail", r
        assert "my body" in str(r) and "mail system at host" in str(r)
        # the report to the sender fails
        qid = refused(box, smtp, sender="stranger@sink.test")
        smtp.next().answer([NO])
        r = next_report(box, "fb01", before + 1)
        assert "what I sent" in str(r)
        # and the postmaster's
        reload(box, "-e", "2bounce_notice_recipient=pm@sink.test")
        refused(box, smtp, sender="")
        job = smtp.next()
        assert job.addresses == ["pm@sink.test"]
        assert job.head["sender"].startswith("double-bounce@"), job.head
        job.answer([NO])
        box.wait_log(r"warning: \w+: undeliverable postmaster notification "
                     r"discarded")
    box.wait_empty()
    # what somebody answers to that address
    with as_smtpd(box) as link:
        qid = link.put(TEXT % b"", [job.head["sender"]])
    box.wait_log(qid + r": to=<double-bounce@.*status=sent \(undeliverable "
                 r"postmaster notification discarded\)")
    box.wait_empty()
    reload(box, "-X", "notify_classes", "2bounce_notice_recipient")


def test_bounce_lifetime(box):
    """bounce_queue_lifetime is for what has no sender."""
    reload(box, "-e", "bounce_queue_lifetime=0", "minimal_backoff_time=1s",
           "maximal_backoff_time=1s")
    later = ("DEFER", "4.2.0", "busy")
    with Agent(box, "smtp") as smtp:
        kept = refused(box, smtp, answer=later)
        gone = refused(box, smtp, sender="", answer=later)

        def ended():
            job = smtp.next(0.1)
            if job:
                job.answer([later])
            return re.search(gone + ": from=<>, status=expired", box.log())

        wait(ended, "the end of the one without a sender")
        assert not re.search(kept + ": .*status=expired", box.log())
        box.inside("postsuper", "-d", "ALL")
    reload(box, "-X", "bounce_queue_lifetime", "minimal_backoff_time",
           "maximal_backoff_time")
    box.wait_empty()


def test_delay_and_its_end(box):
    reload(box, "-e", "delay_warning_time=1s", "minimal_backoff_time=1s",
           "maximal_backoff_time=1s", "confirm_delay_cleared=yes",
           "notify_classes=delay", "delay_notice_recipient=fb01@bench.test")
    before = len(box.messages("fb00")), len(box.messages("fb01"))
    with Agent(box, "smtp") as smtp:
        with as_smtpd(box) as link:
            link.put(TEXT % b"", [("late@sink.test", "", 0),
                                  ("quiet@sink.test", "", 4)], sender=SENDER)
        while len(box.messages("fb00")) == before[0]:
            job = smtp.next(0.5)
            if job:
                job.answer([("DEFER", "4.2.0", "busy")] * 2)
        r = next_report(box, "fb00", before[0])
        assert r["Subject"] == "Delayed Mail (still being retried)"
        assert "Will-Retry-Until" in str(r) and "quiet@" not in str(r)
        assert "my body" not in str(r)
        r = next_report(box, "fb01", before[1])
        assert r["Subject"] == "Postmaster Warning: Delayed Mail", r
        smtp.next().done(told=1)
        r = next_report(box, "fb00", before[0] + 1)
        assert r["Subject"] == "Successful Mail Delivery Report", r
        assert "Action: relayed" in str(r) and "quiet@" not in str(r)
    box.wait_empty()
    reload(box, "-X", "delay_warning_time", "minimal_backoff_time",
           "maximal_backoff_time", "confirm_delay_cleared",
           "notify_classes", "delay_notice_recipient")


def notice(box, subject, before):
    raw = box.wait_messages("fb01", before + 1)
    r = next(m for m in map(parsed, raw) if m["Subject"] == subject)
    assert r["Return-Path"].startswith("<double-bounce@"), r
    assert r["From"].startswith("Mail Delivery System <MAILER-DAEMON@"), r
    return r.get_content()


def refused_with_login(c):
    c.docmd("EHLO", "x.test")
    c.docmd("AUTH", "LOGIN")
    c.docmd("ZmIwMA==")
    c.docmd("YmVuY2g=")
    c.docmd("MAIL", "FROM:<a@b.test>")
    assert c.docmd("RCPT", "TO:<nosuch@bench.test>")[0] == 550


def test_errors_of_clients(box):
    """notify_classes: a transcript, without what gives a password away."""
    reload(box, "-e", "notify_classes=protocol", "error_notice_recipient=fb01")
    before = len(box.messages("fb01"))
    secret = base64.b64encode(b"\0fb00\0bench").decode()
    with box.smtp() as c:
        assert c.docmd("EHLO", "x.test")[0] == 250
        assert c.docmd("AUTH", "PLAIN " + secret)[0] in (235, 530)
        assert c.docmd("FOO")[0] == 500
        c.docmd("QUIT")
    got = notice(box, "Facteur SMTP server: errors from localhost[127.0.0.1]",
                 before)
    assert got.startswith("Transcript of session follows.\n\n Out: 220 "), got
    assert " In:  EHLO x.test\n Out: 250-" in got, got
    assert " In:  AUTH PLAIN\n" in got and secret not in got, got
    assert re.search(r" In:  FOO\n Out: 500 5\.5\.\d ", got), got
    assert got.endswith("\n\nFor other details, see the local mail logfile\n")
    box.wait_log(r"errors from localhost\[127\.0\.0\.1\]: postmaster "
                 r"notification: [0-9A-F]+$")
    # a refusal is of another class; the line of an open exchange is secret
    with box.smtp() as c:
        refused_with_login(c)
    reload(box, "-e", "notify_classes=policy")
    with box.smtp() as c:
        refused_with_login(c)
        c.sock.close()
        c.sock = None
    box.wait_messages("fb01", before + 2)
    got = parsed(box.messages("fb01")[-1]).get_content()
    assert "ZmIwMA==" not in got and "YmVuY2g=" not in got, got
    assert " Out: 550 5.1.1 <nosuch@bench.test>" in got, got
    assert "Session aborted, reason: lost connection\n" in got, got
    reload(box, "-X", "notify_classes", "error_notice_recipient")


class Odd(threading.Thread):
    """A server that does not know RCPT."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        with self.listener.accept()[0] as c, c.makefile("rb") as f:
            c.sendall(b"220 odd.test\r\n")
            for line in f:
                verb = line[:4].upper()
                c.sendall(b"503 what\r\n" if verb in (b"RCPT", b"DATA") else
                          b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


def test_errors_of_servers(box):
    odd = Odd()
    odd.start()
    reload(box, "-e", "notify_classes=protocol", "error_notice_recipient=fb01",
           "transport_maps=inline:{odd.test=smtp:[127.0.0.1]:%d}" % odd.port)
    before = len(box.messages("fb01"))
    box.send(SENDER, ["u@odd.test"], TEXT.decode() % "")
    odd.join(20)
    got = notice(box, "Facteur SMTP client: errors from 127.0.0.1[127.0.0.1]",
                 before)
    assert got.startswith("Unexpected response from 127.0.0.1["), got
    assert "\n Out: RCPT TO:<u@odd.test>" in got, got
    assert "\n In:  503 what\n" in got, got
    box.wait_empty()
    reload(box, "-X", "notify_classes", "error_notice_recipient",
           "transport_maps")
    reload(box, "-e", "transport_maps=")


main("--users", "3", "--set", "transport_maps =")
