#!/usr/bin/env python3
"""Milters that are down, silent, slow, lying or flooding, and what is done.

Each smtpd has a port of its own and the same milter, with another default
action; the sender says at which event the milter is what.
"""

import base64
import hashlib
import os
import re
import signal
import smtplib
import tempfile
import threading

from lib import TREE, main, ports, run, wait
from milter_peer import MUTE, Milter, string

BUILD = os.environ.get("BUILD", os.path.join(TREE, "build"))
FIRST, HELD = ports.reserve()
(TEMPFAIL, ACCEPT, REJECT, HOLD, SHUTDOWN, DOWN, MAPPED, WITHOUT,
 STALLED, CHECKED) = range(FIRST, FIRST + 10)
TOP = os.environ.get("TEST_DIR")
if TOP:
    os.makedirs(TOP, exist_ok=True)
FOLDER = tempfile.mkdtemp(dir=TOP)
os.chmod(FOLDER, 0o755)
TEXT = "From: <a@milter.test>\nSubject: %s\n\nwords\n"


def by_sender(stage):
    """What the sender asks for: "silent-M"."""
    def answer(text):
        word, _, where = text.split("@")[0].partition("-")
        return word.replace("hangup", "hang up") if where == stage else None
    return answer


MILTER = Milter(("127.0.0.1", 0), answers={
    stage: by_sender(stage) for stage in "MTE"})
OTHER = Milter(os.path.join(FOLDER, "other"), answers={
    "E": lambda s: [("h", string("X-Other", " yes")), ("c", b"")]})
GONE = Milter(("127.0.0.1", 0))
STALLING = Milter(("127.0.0.1", 0), protocol=MUTE, answers={
    "N": lambda _: "deaf"})


def client(port, source="127.0.0.1"):
    return smtplib.SMTP("127.0.0.1", port, timeout=60,
                        local_hostname="client.test",
                        source_address=(source, 0))


def send(port, sender, subject="x", to=("fb00@bench.test",), text=TEXT,
         **options):
    """The code and text of the answer."""
    try:
        with client(port, **options) as c:
            c.sendmail(sender + "@milter.test", to,
                       (text % subject).replace("\n", "\r\n"))
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as e:
        return e.smtp_code, e.smtp_error.decode()
    except smtplib.SMTPRecipientsRefused as e:
        return list(e.recipients.values())[0]
    return 250, ""


def arrived(box, subject, user="fb00"):
    return wait(lambda: [m for m in box.messages(user)
                         if b"Subject: %s\n" % subject.encode() in m],
                "the message " + subject)[0]


def test_one_connection_for_many(box):
    """A second message of a client goes over the same connection."""
    wait(lambda: len(MILTER.events("Q")) == len(MILTER.events("C")),
         "the end of what found the ports open")
    MILTER.forget()
    with client(TEMPFAIL) as c:
        for subject in "many one", "many two":
            c.sendmail("a@milter.test", "fb00@bench.test", TEXT % subject)
    wait(lambda: MILTER.events("Q"), "the milter's leave")
    assert "".join(e for e, _ in MILTER.heard) == "CHMRTLEMRTLEQ", MILTER.heard
    arrived(box, "many two")


def test_silent(box):
    """One that does not answer holds up its own message, and that so long."""
    got = []
    t = threading.Thread(target=lambda: got.append(
        send(TEMPFAIL, "silent-E")))
    MILTER.forget()
    t.start()
    wait(lambda: MILTER.events("E"), "the end of its message")
    assert send(TEMPFAIL, "a", "meanwhile")[0] == 250
    t.join()
    assert got == [(451, "4.7.1 Service unavailable - try again later")], got
    box.wait_log(r"warning: [0-9A-F]+: milter inet:\S+: no answer in time")
    arrived(box, "meanwhile")


def test_slow(box):
    assert send(TEMPFAIL, "slow-E")[0] == 451
    assert send(TEMPFAIL, "slow-M")[0] == 451
    box.wait_empty()


def test_lies_and_floods(box):
    for word in ("boasting-E", "empty-T", "flooding_headers-E",
                 "flooding_rcpts-E", "boasting-M"):
        assert send(TEMPFAIL, word)[0] == 451, word
    box.wait_empty()
    box.wait_log("milter inet:.*: it makes the header too large")
    box.wait_log("milter inet:.*: it wants too many changes")


def test_stalled(box):
    """It reads no more, and a large message waits for it in vain."""
    assert send(STALLED, "a", text="Subject: %s\n\n" + "words words\n" * 500000
                )[0] == 451
    box.wait_empty()


def test_default_actions(box):
    assert send(ACCEPT, "hangup-M", "accepted")[0] == 250
    arrived(box, "accepted")
    # of what a milter did before it was lost nothing is undone
    assert send(ACCEPT, "flooding_headers-E", "accepted later")[0] == 250
    arrived(box, "accepted later")
    assert send(REJECT, "hangup-E") == (550, "5.5.0 Service unavailable")
    with client(SHUTDOWN) as c:
        c.ehlo()
        assert c.docmd("MAIL", "FROM:<hangup-M@milter.test>")[0] == 421
        assert c.sock.recv(100) == b""
    assert send(HOLD, "hangup-T", "held")[0] == 250
    held = box.wait_held()
    box.wait_log(r"milter-hold: END-OF-MESSAGE from \S+: milter triggers HOLD "
                 "action: milter is not available; from=<hangup-T@")
    box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


def test_tried_again(box):
    """The same client's next message finds it again, told of the client."""
    with client(TEMPFAIL) as c:
        c.ehlo()
        assert c.docmd("MAIL", "FROM:<hangup-M@milter.test>")[0] == 451
        MILTER.forget()
        c.sendmail("a@milter.test", "fb00@bench.test", TEXT % "again")
    assert "".join(e for e, _ in MILTER.heard).startswith("CHMRTLE"), \
        MILTER.heard
    arrived(box, "again")
    # given up in the middle: its answer is not taken for another's
    with client(TEMPFAIL) as c:
        c.ehlo()
        c.docmd("MAIL", "FROM:<a@milter.test>")
        c.docmd("RSET")
        c.sendmail("a@milter.test", "fb00@bench.test", TEXT % "after all")
    arrived(box, "after all")


def test_restarted(box):
    """It closes its connections between two messages."""
    with client(TEMPFAIL) as c:
        c.sendmail("a@milter.test", "fb00@bench.test", TEXT % "before it")
        MILTER.stop()
        MILTER.start()
        MILTER.forget()
        c.sendmail("a@milter.test", "fb00@bench.test", TEXT % "behind it")
    assert "".join(e for e, _ in MILTER.heard).startswith("CHMRTLE"), \
        MILTER.heard
    arrived(box, "behind it")


def test_down(box):
    with client(DOWN) as c:
        c.ehlo()
        for _ in range(2):
            assert c.docmd("MAIL", "FROM:<a@milter.test>") == (
                451, b"4.7.1 Service unavailable - try again later")
        assert c.noop()[0] == 250
    box.wait_log(r"smtpd\[\d+\]: warning: connect to Milter service inet:"
                 r"127\.0\.0\.1:\d+: Connection refused$")
    box.wait_log(r"smtpd\[\d+\]: warning: connect to Milter service unix:"
                 r"no/such: No such file or directory$")
    box.wait_log(r"NOQUEUE: milter-reject: MAIL from \S+: 451 4\.7\.1 Service "
                 "unavailable - try again later; from=<a@milter.test> "
                 "proto=ESMTP helo=<client.test>$")


def test_killed(box):
    """connector between two dials, and smtpd while a milter thinks."""
    for pid in box.pids("connector"):
        os.kill(pid, signal.SIGKILL)
    assert send(TEMPFAIL, "a", "connector anew")[0] == 250
    arrived(box, "connector anew")
    MILTER.forget()
    got = []

    def lost():
        try:
            send(TEMPFAIL, "silent-E", "never taken")
        except (smtplib.SMTPServerDisconnected, ConnectionError):
            got.append("lost")
    t = threading.Thread(target=lost)
    t.start()
    wait(lambda: MILTER.events("E"), "the end of its message")
    for pid in box.pids("smtpd"):
        os.kill(pid, signal.SIGKILL)
    t.join()
    assert got == ["lost"], got
    assert wait(lambda: send(TEMPFAIL, "a", "smtpd anew")[0] == 250, "smtpd")
    arrived(box, "smtpd anew")
    wait(lambda: not [f for _, _, files in os.walk(box.path("spool", "incoming"))
                      for f in files], "an empty incoming/")


def test_by_client(box):
    MILTER.forget()
    assert send(MAPPED, "a", "usual")[0] == 250
    wait(lambda: "Q" in [e for e, _ in MILTER.heard], "its last word")
    assert "E" in [e for e, _ in MILTER.heard]
    MILTER.forget()
    assert send(MAPPED, "a", "none", source="127.0.0.3")[0] == 250
    assert send(MAPPED, "a", "other", source="127.0.0.4")[0] == 250
    assert not MILTER.heard, MILTER.heard
    assert b"X-Other" not in arrived(box, "none")
    assert b"\nX-Other: yes\n" in arrived(box, "other")
    try:
        client(MAPPED, source="127.0.0.5")
        raise AssertionError("was greeted")
    except smtplib.SMTPConnectError as e:
        assert e.smtp_code == 421, e
    box.wait_log('warning: smtpd_milter_maps: "nonsense": inet:HOST:PORT')


def test_no_milters(box):
    MILTER.forget()
    assert send(WITHOUT, "a", "unseen")[0] == 250
    arrived(box, "unseen")
    assert not MILTER.heard, MILTER.heard


def test_header_checks(box):
    """milter_header_checks: of what a milter made, and of nothing else."""
    text = ("From: <a@milter.test>\nX-Spam-Flag: YES\nX-Added: own\n"
            "X-Gone: x\nX-Twice: 1\nX-Twice: 2\nSubject: %s\n\nwords\n")
    assert send(CHECKED, "headers", text=text)[0] == 250
    head = arrived(box, "changed").split(b"\n\n")[0].decode()
    own = re.sub("(Message-ID|Date): .*\n", "", head[head.index("X-Before"):])
    assert own == ("X-Before: yes\nX-First: first\nFrom: <a@milter.test>\n"
                   "X-Third: replaced\nX-Spam-Flag: YES\nX-Added: own\n"
                   "X-Twice: 1\nX-Twice: second\nSubject: changed\n"
                   "X-New: new\nX-Evil: a\n\tBcc: all@bench.test"), own
    box.wait_log(r"cleanup\[\d+\]: [0-9A-F]+: milter-header-warning: Subject: "
                 r"changed from \S+; from=<headers@milter.test> "
                 "to=<fb00@bench.test> proto=ESMTP helo=<client.test>: seen$")
    assert send(CHECKED, "spam") == (550, "5.7.1 we take no spam")
    box.wait_log("milter-header-reject: X-Spam-Flag: YES from ")
    assert send(CHECKED, "drop", "dropped")[0] == 250
    box.wait_empty()


def test_too_large(box):
    """What it says of a message that is given up is not of the next one."""
    with client(CHECKED) as c:
        try:
            c.sendmail("bloated@milter.test", "fb00@bench.test", TEXT % "x")
            raise AssertionError("was taken")
        except smtplib.SMTPDataError as e:
            assert e.smtp_code == 451, e
        c.sendmail("a@milter.test", "fb00@bench.test", TEXT % "slim")
    arrived(box, "slim")
    assert not [m for m in box.messages("fb00") if b"0123456789" in m]


def test_signed_behind(box):
    """The signature is of what milters made of it."""
    MILTER.forget()
    box.send("body@bench.test", ["fb00@bench.test"],
             "From: <fb01@bench.test>\nSubject: signed\n\nfirst body\n",
             user="fb01", service="submission", starttls=True)
    message = arrived(box, "signed")
    head, body = message.split(b"\n\n", 1)
    assert body == b"another body\nof two lines\n", message
    field = re.search(rb"^DKIM-Signature:(.*\n([ \t].*\n)*)", head, re.M)
    bh = re.search(rb"bh=([^;]*)", re.sub(rb"\s", b"", field.group(1)))
    assert base64.b64decode(bh.group(1)) == hashlib.sha256(
        body.replace(b"\n", b"\r\n")).digest(), message
    # and it goes above all that they added, below nothing but itself
    assert head.index(b"DKIM-Signature") < head.index(b"Received:"), head


def sendmail(box, sender, subject):
    return box.inside("sendmail", "-i", "-f", sender + "@bench.test",
                      "fb02@bench.test", user="fb01", check=False,
                      stdin="Subject: %s\n\nwords\n" % subject)


def test_pickup(box):
    assert sendmail(box, "a", "from here")[0] == 0
    arrived(box, "from here", "fb02")
    # refused for a while: it would lie in maildrop/, had postdrop its group
    for sender in "silent-E", "hangup-M":
        status, text = sendmail(box, sender, "not taken")
        assert status == 75, (status, text)
    box.wait_empty()
    box.wait_log(r"cleanup\[\d+\]: [0-9A-F]+: milter-reject: END-OF-MESSAGE "
                 r"from localhost\[127\.0\.0\.1\]: 4\.7\.1 Service "
                 "unavailable - try again later; from=<silent-E@bench.test> "
                 "to=<fb02@bench.test>$")


def rules():
    name = os.path.join(FOLDER, "rules")
    with open(name, "w", encoding="utf-8") as f:
        f.write("/^X-Added:/ IGNORE\n/^X-First: f/ PREPEND X-Before: yes\n"
                "/^X-Third:/ REPLACE X-Third: replaced\n"
                "/^Subject:/ WARN seen\n/^From:/ REJECT not this one\n"
                "/^X-Spam-Flag: YES/ REJECT we take no spam\n"
                "/^X-Drop:/ DISCARD\n")
    return "regexp:" + name


def test_pickup_changed(box):
    """Who gets it changes under the list that milters were told of."""
    assert sendmail(box, "crowd", "for many")[0] == 0
    box.wait_log(r"milter-hold: END-OF-MESSAGE from localhost\[127\.0\.0\.1\]: "
                 "milter triggers HOLD action: it smells; "
                 "from=<crowd@bench.test> to=<fb02@bench.test>$")
    held = box.wait_held()
    assert len(held[0]["recipients"]) == 101, held
    box.inside("postsuper", "-d", "ALL")
    assert sendmail(box, "nobody", "for nobody")[0] == 0
    assert sendmail(box, "other", "x")[0] == 0
    box.wait_empty()


def make_key():
    with open(os.path.join(FOLDER, "main.cf"), "w", encoding="utf-8") as f:
        f.write("myhostname = mx.bench.test\n")
    text = run(os.path.join(BUILD, "bin", "facteur"), "-c", FOLDER,
               "dkim-key", "bench.test", "s1", "ed25519")
    table = os.path.join(FOLDER, "keys")
    with open(table, "w", encoding="utf-8") as f:
        f.write(re.search(r"^; (bench\.test .*)$", text, re.M).group(1) + "\n")
    return table


def smtpd(port, milters, *options):
    return ["--master", "127.0.0.1:%d inet n - y - - smtpd "
            "-o { smtpd_milters = %s } %s" % (
                port, milters, " ".join("-o { %s }" % o for o in options))]


def limited(action):
    return "{ %s, command_timeout=1s, content_timeout=1s, " \
        "default_action=%s }" % (MILTER.text, action)


if __name__ == "__main__":
    GONE.stop()
    main("--users", "3",
         "--set", "dkim_key_table = " + make_key(),
         "--set", "smtpd_milters = " + MILTER.text,
         "--set", "non_smtpd_milters = " + limited("tempfail"),
         *smtpd(TEMPFAIL, limited("tempfail")),
         *smtpd(ACCEPT, limited("accept")),
         *smtpd(REJECT, limited("reject")),
         *smtpd(HOLD, limited("quarantine")),
         *smtpd(SHUTDOWN, limited("shutdown")),
         *smtpd(DOWN, "{ %s, default_action=accept }, unix:no/such" %
                GONE.text),
         *smtpd(STALLED, "{ %s, content_timeout=1s }" % STALLING.text),
         *smtpd(MAPPED, MILTER.text,
                "smtpd_milter_maps = inline:{{127.0.0.3=DISABLE}, "
                "{127.0.0.4={ local:%s, default_action=accept }}, "
                "{127.0.0.5=nonsense}}" % OTHER.text[5:]),
         *smtpd(CHECKED, MILTER.text, "milter_header_checks = " + rules(),
                "message_size_limit = 100000"),
         *smtpd(WITHOUT, MILTER.text, "receive_override_options = no_milters"))
