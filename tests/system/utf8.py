#!/usr/bin/env python3
"""SMTPUTF8, REQUIRETLS and FUTURERELEASE, from client to mailbox."""

import os
import re
import signal
import time

from lib import main, wait
from peers import Sink

HERE = os.path.join(os.environ.get("TEST_DIR", os.getcwd()), "aliases")
BOOKS = "b\u00fccher.test"
EVIL = "b\u00f6se.test"
TEXT = "From: a@client.test\nSubject: %s\n\nbody\n"
SINKS = {}


def ascii_of(name):
    return name.encode("idna").decode()


def crlf(text):
    return text.replace("\n", "\r\n").encode()


def client(box, **options):
    c = box.smtp(**options)
    c.command_encoding = "utf-8"
    return c


def talk(c, *lines):
    """Say each line; the replies that came, joined."""
    out = []
    for line in lines:
        code, text = c.docmd(line)
        out.append("%d %s" % (code, text.decode()))
    return "\n".join(out)


def send(box, sender, to, text, options=" SMTPUTF8", **how):
    with client(box, **how) as c:
        said = talk(c, "MAIL FROM:<%s>%s" % (sender, options),
                    "RCPT TO:<%s>" % to)
        assert said.startswith("250 ") and "\n250 " in said, said
        code, said = c.data(crlf(text))
        assert code == 250, said
        return said.split()[-1].decode()


def arrived(sink, count=1):
    wait(lambda: len(sink.letters) >= count, "a letter at the sink")
    letter = sink.letters[-1]
    line = [x for x in sink.lines if x.startswith(b"MAIL")][-1]
    del sink.letters[:], sink.lines[:]
    return line.decode(), letter


def last_report(box, user, count):
    return box.wait_messages(user, count)[-1]


# -- SMTPUTF8

def test_announced(box):
    with client(box) as c:
        assert c.has_extn("smtputf8")
        assert not c.has_extn("requiretls")
        assert not c.has_extn("futurerelease")


def test_to_a_mailbox(box):
    """An alias in UTF-8, asked for in upper case, at either form of a
    domain that mydestination has as an A-label."""
    for n, to in enumerate(("\u00e4rger@bench.test", "\u00c4RGER@" + BOOKS,
                            "\u00e4rger@" + ascii_of(BOOKS))):
        qid = send(box, "h\u00e9@" + BOOKS, to, TEXT % "gr\u00fc\u00dfe")
        box.wait_log(qid + r": from=<h\u00e9@b\u00fccher\.test>")
        box.wait_log(qid + r": to=<fb00@.*status=sent")
        got = box.wait_messages("fb00", n + 1)[-1].decode()
    assert "gr\u00fc\u00dfe" in got, got
    assert ") with UTF8SMTP id " in got, got
    assert "Return-Path: <h\u00e9@%s>" % BOOKS in got, got


def test_refused(box):
    with client(box) as c:
        said = talk(c, "MAIL FROM:<h\u00e9@%s>" % BOOKS,
                    "VRFY \u00e4rger@bench.test SMTPUTF8",
                    "VRFY \u00e4rger@bench.test",
                    "MAIL FROM:<a@client.test> SMTPUTF8",
                    "RCPT TO:<k\u00e9in@bench.test>")
    assert said.splitlines() == [
        "550 5.6.7 Non-ASCII sender address not permitted without SMTPUTF8",
        "252 2.0.0 \u00e4rger@bench.test",
        "252 2.6.8 UTF-8 string reply is required, but not permitted by the "
        "SMTP client",
        "250 2.1.0 Ok",
        "550 5.1.1 <k\\x{E9}in@bench.test>: Recipient address rejected: User "
        "unknown in local recipient table"], said
    with client(box) as c:
        c.send(b"MAIL FROM:<a\xed\xa0\x80@b.test> SMTPUTF8\r\n")
        assert c.getreply() == (501, b"5.6.7 Error: bad UTF-8 syntax")


def test_tables(box):
    """An access table has the A-label of one and the U-label of another."""
    for name in (EVIL, ascii_of(EVIL), "\u0444.test", ascii_of("\u0444.test")):
        with client(box) as c:
            said = talk(c, "MAIL FROM:<a@%s> SMTPUTF8" % name,
                        "RCPT TO:<fb00@bench.test>")
        assert "\n554 5.7.1 <a@" in said, said


def test_log_of_hostile_names(box):
    before = len(box.log().splitlines())
    with client(box) as c:
        talk(c, "MAIL FROM:<a@client.test> SMTPUTF8",
             "RCPT TO:<x\u2028postfix/qmgr[1]: 4F: removed\u0085@bench.test>",
             "RCPT TO:<\"x\u202e\u0085\u2028forged\"@bench.test>")
    box.wait_log(r'to=<"x\?\?\?forged"@bench\.test>')
    new = box.log().splitlines()[before:]
    assert not [x for x in new if x.startswith("forged")], new


def test_to_who_takes_it(box):
    sink = SINKS["wide"]
    send(box, "h\u00e9@" + BOOKS, "\u00fc@wide.test", TEXT % "\u00e9")
    line, letter = arrived(sink)
    assert line.startswith("MAIL FROM:<h\u00e9@%s> " % BOOKS), line
    assert line.endswith(" SMTPUTF8"), line
    assert letter.recipients[0].decode() == "<\u00fc@wide.test>"
    assert "Subject: \u00e9\r\n".encode() in letter.data


def test_not_more_than_needed(box):
    """Nothing of it needs SMTPUTF8 but names that have another form."""
    send(box, "a@" + BOOKS, "b@" + EVIL, TEXT % "plain")
    line, letter = arrived(SINKS["ascii"])
    assert line.startswith("MAIL FROM:<a@%s>" % ascii_of(BOOKS)), line
    assert "SMTPUTF8" not in line
    assert letter.recipients[0].decode() == "<b@%s>" % ascii_of(EVIL)
    assert not [x for x in letter.data if x > 126], letter.data


def test_returned(box):
    """To who does not take it: at once, and in a form that shows it."""
    send(box, "fb01@bench.test", "\u00fc@ascii.test", TEXT % "\u00e9")
    box.wait_log(r"to=<\u00fc@ascii\.test>, .*dsn=5\.6\.7, status=bounced "
                 r"\(SMTPUTF8 is required, but was not offered by host ")
    report = last_report(box, "fb01", 1).decode()
    assert "Content-Type: message/global-delivery-status\n" in report
    assert "Final-Recipient: utf-8; \u00fc@ascii.test\n" in report
    assert "Content-Type: message/global\n" in report
    assert "Subject: \u00e9\n" in report
    # only its header needs it
    send(box, "fb01@bench.test", "x@ascii.test", TEXT % "\u00e9")
    box.wait_log(r"to=<x@ascii\.test>, .*dsn=5\.6\.7, status=bounced")
    last_report(box, "fb01", 2)
    assert not SINKS["ascii"].letters


def test_as_it_always_was(box):
    """Without the word a header in UTF-8 goes anywhere."""
    send(box, "a@client.test", "x@ascii.test", TEXT % "\u00e9", options="")
    line, letter = arrived(SINKS["ascii"])
    assert "SMTPUTF8" not in line
    assert "Subject: \u00e9\r\n".encode() in letter.data


def test_sendmail(box):
    """What looks like it is, from the command (smtputf8_autodetect_classes)."""
    box.inside("sendmail", "-f", "fb00@bench.test", "x@wide.test",
               stdin=TEXT % "\u00e9", user="fb00")
    line, letter = arrived(SINKS["wide"])
    assert line.endswith(" SMTPUTF8"), line
    box.inside("sendmail", "-f", "fb00@bench.test", "x@wide.test",
               stdin=TEXT % "e", user="fb00")
    line, letter = arrived(SINKS["wide"])
    assert "SMTPUTF8" not in line, line


# -- FUTURERELEASE

def submit(box, options, to="fb01@bench.test", subject="later"):
    with client(box, service="submission", starttls=True, user="fb00") as c:
        c.ehlo()
        assert c.has_extn("futurerelease")
        said = talk(c, "MAIL FROM:<fb00@bench.test> " + options,
                    "RCPT TO:<%s>" % to)
        assert said.startswith("250 ") and "\n250 " in said, said
        code, said = c.data(crlf(TEXT % subject))
        assert code == 250, said
        return said.split()[-1].decode()


def test_future_offer(box):
    with client(box, service="submission", starttls=True) as c:
        assert not c.has_extn("futurerelease")
        assert talk(c, "MAIL FROM:<a@b.test> HOLDFOR=60").startswith("5")
        c.login("fb00", "bench")
        c.ehlo()
        limit, last = c.esmtp_features["futurerelease"].split()
        assert limit == "7200" and last.endswith("Z"), last
        said = talk(c, "MAIL FROM:<fb00@bench.test> HOLDFOR=7201")
        assert said == "501 5.5.4 Bad parameter: HOLDFOR", said


def test_future_waits(box):
    before = time.time()
    qid = submit(box, "HOLDFOR=3600 SMTPUTF8")
    box.wait_log(qid + r": held until its release at 20")
    m = [x for x in box.queue() if x["queue_id"] == qid][0]
    assert m["queue_name"] == "deferred" and m["attempts"] == 0, m
    assert before + 3600 <= m["release_time"] <= time.time() + 3602, m
    assert m["next_try"] == m["release_time"] and m["smtputf8"], m
    assert "(held until its release at " in box.inside("mailq")
    text = box.inside("postcat", "-q", qid)
    assert "future_release_request: for;3600\n" in text, text
    assert "named_attribute: smtputf8: requested\n" in text, text
    # nobody's impatience lets it go, and a new qmgr knows it as well
    box.inside("postqueue", "-f")
    box.inside("postqueue", "-i", qid)
    box.inside("postsuper", "-r", qid)
    box.inside("postsuper", "-h", qid)
    box.inside("postsuper", "-H", qid)
    os.kill(int(re.findall(r"qmgr\[(\d+)\]", box.log())[-1]), signal.SIGKILL)
    m = wait(lambda: [x for x in box.queue() if x["queue_id"] == qid],
             "the held message")[0]
    assert m["queue_name"] == "deferred" and m["release_time"] > before, m
    assert not box.messages("fb01", "") or all(
        b"Subject: later" not in x for x in box.messages("fb01"))
    box.inside("postsuper", "-d", qid)
    box.wait_empty()


def test_future_comes(box):
    count = len(box.messages("fb01"))
    qid = submit(box, "HOLDFOR=1", subject="now")
    box.wait_log(qid + r": held until its release at 20")
    got = box.wait_messages("fb01", count + 1)[-1]
    assert b"Subject: now" in got, got
    # a date that has been is no reason to wait
    submit(box, "HOLDUNTIL=2020-01-01T00:00:00Z", subject="past")
    got = box.wait_messages("fb01", count + 2)[-1]
    assert b"Subject: past" in got, got


def test_future_quota(box):
    """There is an end to what one user may leave with us."""
    held = [submit(box, "HOLDFOR=600") for _ in range(3)]
    with client(box, service="submission", starttls=True, user="fb00") as c:
        talk(c, "MAIL FROM:<fb00@bench.test> HOLDFOR=600",
             "RCPT TO:<fb01@bench.test>")
        got = c.data(crlf(TEXT % "too much"))
        assert got == (552, b"5.7.16 Future release message quota "
                       b"exceeded"), got
        # others', and what goes at once, are not concerned
        assert talk(c, "MAIL FROM:<fb00@bench.test>").startswith("250 ")
    for qid in held:
        box.inside("postsuper", "-d", qid)
    box.wait_empty()


def test_future_expired(box):
    """Its sender hears of it, and of what he had asked for."""
    count = len(box.messages("fb00"))
    qid = submit(box, "HOLDFOR=3600", to="x@ascii.test", subject="given up")
    box.inside("postsuper", "-e", qid)
    report = box.wait_messages("fb00", count + 1)[-1].decode()
    assert "\nFuture-Release-Request: for;3600\n" in report, report
    assert not SINKS["ascii"].letters
    box.wait_empty()


# -- REQUIRETLS

def test_requiretls(box):
    with client(box, starttls=True) as c:
        assert c.has_extn("requiretls")
    qid = send(box, "fb00@bench.test", "fb01@bench.test", TEXT % "guarded",
               options=" REQUIRETLS", starttls=True)
    box.wait_log(qid + r": to=<fb01@bench\.test>, .*status=sent")
    count = len(box.messages("fb00"))
    send(box, "fb00@bench.test", "x@far.test", TEXT % "guarded",
         options=" REQUIRETLS RET=FULL", starttls=True)
    box.wait_log(r"to=<x@far\.test>, .*dsn=5\.7\.10, status=bounced "
                 r"\(REQUIRETLS: ")
    # to a server of this machine nothing goes over a wire
    send(box, "fb00@bench.test", "x@ascii.test", TEXT % "guarded",
         options=" REQUIRETLS", starttls=True)
    line, _ = arrived(SINKS["ascii"])
    assert "REQUIRETLS" not in line, line
    report = box.wait_messages("fb00", count + 1)[-1].decode()
    assert "Content-Type: text/rfc822-headers\n" in report, report
    # and is guarded like what it is about
    SINKS["ascii"].replies[b"RCPT"] = b"450 4.2.1 later"
    send(box, "strange@ascii.test", "x@far.test", TEXT % "guarded",
         options=" REQUIRETLS", starttls=True)
    wait(lambda: [m for m in box.queue() if m["sender"] == "MAILER-DAEMON"
                  and m.get("requiretls")], "a guarded report")
    box.inside("postsuper", "-d", "ALL")
    SINKS["ascii"].replies.clear()
    assert not SINKS["ascii"].letters


def aliases():
    with open(HERE, "w", encoding="utf-8") as f:
        f.write("\u00e4rger: fb00\n")
    return HERE


if __name__ == "__main__":
    SINKS["wide"] = Sink(extensions=("8BITMIME", "SMTPUTF8", "DSN"))
    SINKS["ascii"] = Sink(extensions=("8BITMIME", "DSN"))
    main("--users", "2", "--aliases", aliases(), *[
        word for setting in (
            "mydestination = $myhostname, bench.test, localhost, " +
            ascii_of(BOOKS),
            "smtpd_sender_restrictions = check_sender_access inline:{{%s=REJECT}"
            ",{\u0444.test=REJECT}}" % ascii_of(EVIL),
            "relay_domains = wide.test, ascii.test, far.test, " + EVIL,
            "transport_maps = inline:{{wide.test=smtp:[127.0.0.1]:%d},"
            "{ascii.test=smtp:[127.0.0.1]:%d},{far.test=smtp:[localhost]:%d},"
            "{%s=smtp:[127.0.0.1]:%d}}" %
            (SINKS["wide"].port, SINKS["ascii"].port, SINKS["ascii"].port, EVIL,
             SINKS["ascii"].port),
            "smtpd_future_release_limit = 2h",
            "future_release_message_limit = 3",
        ) for word in ("--set", setting)])
