#!/usr/bin/env python3
"""sendmail, mailq and newaliases as programs run them."""

import os
import signal
import subprocess
import time

from lib import main, wait
from peers import Sink

LETTER = "Subject: %s\n\nhello\n"


def sendmail(box, *words, stdin="", user="fb01", name="sendmail"):
    return box.inside(name, *words, user=user, stdin=stdin, check=False)


def deliver(box, *words, stdin="", name="sendmail"):
    """What fb00 gets when fb01 runs this."""
    before = len(box.messages("fb00"))
    status, text = sendmail(box, *words, stdin=stdin, name=name)
    assert status == 0, (words, status, text)
    return box.wait_messages("fb00", before + 1)[-1]


def test_options_are_taken(box):
    """Each option that Postfix takes, with its operand where it has one."""
    for words in (["-Am"], ["-Ac"], ["-BNONE"], ["-B", "7BIT"], ["-c"], ["-G"],
                  ["-e", "m"], ["-h", "3"], ["-L", "tag"], ["-m"], ["-n"],
                  ["-O", "Timeout=1"], ["-oem"], ["-odb"], ["-oi"], ["-om"],
                  ["-o7"], ["-p", "x"], ["-U"], ["-X", "/dev/null"], ["-x"],
                  ["-V", "id 1"], ["-N", "never"], ["-R", "hdrs"], ["-bm"],
                  ["-r", "fb01"], ["-N", "nonsense"], ["-V", "a\tb"]):
        if words == ["-BNONE"]:
            status, text = sendmail(box, *words, "fb00", stdin=LETTER)
            assert status == 64 and "8BITMIME or 7BIT" in text, text
            continue
        status, text = sendmail(box, *words, "fb02", stdin=LETTER % words[0])
        assert status == 0, (words, status, text)
    box.wait_messages("fb02", 27)


def test_refusals_have_codes(box):
    for words, code, says in (
            ([], 64, "Recipient addresses must be specified"),
            (["-t"], 64, "No recipient addresses found"),
            (["-W"], 64, "usage"),
            (["-bz"], 64, "unsupported: -bz"),
            (["-bp", "fb00"], 64, "requires no recipient"),
            (["-bv"], 64, "Recipient addresses must be specified"),
            (["-bv", "-t"], 64, "delivery mode"),
            (["-XV+", "fb00"], 64, "-XV needs two characters of -=+"),
            (["-XV%=", "fb00"], 64, "-XV needs two"),
            (["-bh"], 0, ""), (["-bH"], 0, ""), (["-q30m"], 0, ""),
            (["-qX"], 64, "not implemented"),
            (["-t", "-bp"], 64, "delivery mode"),
            (["-f", "a\nb", "fb00"], 64, "control characters"),
            (["-f", "x" * 1100, "fb00"], 64, "longer than"),
            (["y" * 1100], 64, "longer than"),
            (["-C", "/nonexistent", "fb00"], 78, "/nonexistent/main.cf")):
        status, text = sendmail(box, *words, stdin="x: y\n\n")
        assert status == code and says in text, (words, status, text)
    many = ", ".join("fb00+%d" % i for i in range(1500))
    status, text = sendmail(box, "-t", stdin="To: " + many + "\n\n")
    assert status == 64 and "more addresses" in text, (status, text)


def test_verify(box):
    """-bv: each address is answered for, and nothing is delivered."""
    before = len(box.messages("fb00")), len(box.messages("fb01"))
    status, text = sendmail(box, "-f", "fb00@bench.test", "-bv", "fb01",
                            "nobody.here@bench.test", "u@sink.test")
    assert status == 0 and "Report will be mailed to <fb00@" in text, text
    report = box.wait_messages("fb00", before[0] + 1)[-1].decode()
    for says in ("Subject: Mail Delivery Status Report",
                 "Final-Recipient: rfc822; fb01@bench.test\n"
                 "Action: deliverable\nStatus: 2.0.0",
                 "Final-Recipient: rfc822; nobody.here@bench.test\n"
                 "Action: undeliverable\nStatus: 5.1.1",
                 "Final-Recipient: rfc822; u@sink.test\n"
                 "Action: undeliverable\nStatus: 4."):
        assert says in report, (says, report)
    box.wait_log(r"to=<fb01@bench\.test>.*status=deliverable \(delivers to "
                 r"mailbox\)")
    box.wait_log(r"to=<nobody\.here@.*status=undeliverable")
    box.wait_empty()
    assert len(box.messages("fb01")) == before[1]
    # what a server says to RCPT; it never comes to DATA
    with Sink(port=box.t["sink_port"]) as sink:
        sendmail(box, "-f", "fb00@bench.test", "-bv", "u@sink.test")
        box.wait_log(r"to=<u@sink\.test>.*status=deliverable \(250 ")
        report = box.wait_messages("fb00", before[0] + 2)[-1].decode()
        assert "Action: deliverable" in report, report
        assert not sink.letters and b"DATA" not in sink.lines
        # unless DATA is to be asked for; and then not beyond
        box.inside("postconf", "-e", "smtp_address_verify_target=data")
        box.reload()
        sendmail(box, "-f", "fb00@bench.test", "-bv", "u2@sink.test")
        box.wait_log(r"to=<u2@sink\.test>.*status=deliverable \(354 ")
        sink.replies[b"DATA"] = b"550 5.7.1 not you"
        sendmail(box, "-f", "fb00@bench.test", "-bv", "u3@sink.test")
        box.wait_log(r"to=<u3@sink\.test>.*dsn=5\.7\.1, status=undeliverable")
        box.inside("postconf", "-X", "smtp_address_verify_target")
        box.reload()
        assert not sink.letters
    box.wait_empty()


def returned(letters):
    return sorted((t.split("Return-Path: <")[1].split(">")[0])
                  for t in (m.decode() for m in letters))


def test_verp(box):
    """Senders made of recipients: on the way, in a mailbox, in reports."""
    before = len(box.messages("fb02"))
    with Sink(port=box.t["sink_port"]) as sink:
        status, text = sendmail(
            box, "-f", "fb00+list@bench.test", "-XV", "u@sink.test",
            "v.w@sink.test", "fb02@bench.test", stdin=LETTER % "verp")
        assert status == 0, text
        wait(lambda: len(sink.letters) == 2, "two letters at the next server")
        assert sorted((x.sender, x.recipients) for x in sink.letters) == [
            (b"<fb00+list+u=sink.test@bench.test>", [b"<u@sink.test>"]),
            (b"<fb00+list+v.w=sink.test@bench.test>", [b"<v.w@sink.test>"])], \
            [(x.sender, x.recipients) for x in sink.letters]
        mine = box.wait_messages("fb02", before + 1)[-1:]
        assert returned(mine) == ["fb00+list+fb02=bench.test@bench.test"]
        box.wait_empty()
        # of an alias it is the address that was asked for; a report each
        sink.replies[b"RCPT"] = b"550 5.1.1 nobody"
        before = len(box.messages("fb00"))
        sendmail(box, "-f", "fb00@bench.test", "-XV+-", "u@sink.test",
                 "away@bench.test", stdin=LETTER % "verp")
        reports = [m.decode() for m in
                   box.wait_messages("fb00", before + 2)[-2:]]
        box.wait_empty()
        assert not [r for r in reports
                    if r.count("Final-Recipient:") != 1], reports
        told = sorted(r.split("\nTo: ")[1].split("\n")[0] for r in reports)
        assert told == ["fb00+away-bench.test@bench.test",
                        "fb00+u-sink.test@bench.test"], told
        # or one, to the sender as it is
        box.inside("postconf", "-e", "disable_verp_bounces=yes")
        box.reload()
        sendmail(box, "-f", "fb00@bench.test", "-XV", "u@sink.test",
                 "away@bench.test", stdin=LETTER % "verp")
        report = box.wait_messages("fb00", before + 3)[-1].decode()
        box.wait_empty()
        assert report.count("Final-Recipient:") == 2, report
        assert "\nTo: fb00@bench.test\n" in report, report
        box.inside("postconf", "-X", "disable_verp_bounces")
        box.reload()
    # by SMTP, and what the queue keeps
    with box.smtp() as c:
        assert c.ehlo()[0] == 250 and c.has_extn("xverp")
        c.mail("fb00@bench.test", ["XVERP=+="])
        c.rcpt("later@defer.test")
        c.data(LETTER % "verp")
    box.wait_log(r"to=<later@defer\.test>.*status=deferred")
    row = wait(lambda: box.queue(), "it waits")[0]
    assert row["sender"] == "fb00@bench.test", row
    text = box.inside("postcat", "-q", row["queue_id"])
    assert "verp_delimiters: +=" in text, text
    box.inside("postsuper", "-d", row["queue_id"])
    box.wait_empty()


def test_verbose(box):
    """-v: how the first try went, beside what goes wrong."""
    before = len(box.messages("fb00")), len(box.messages("fb01"))
    status, text = sendmail(box, "-f", "fb00@bench.test", "-v", "fb01",
                            "nobody.here@bench.test", stdin=LETTER % "trace")
    assert status == 0 and "Report will be mailed" in text, text
    reports = box.wait_messages("fb00", before[0] + 2)[before[0]:]
    both = "".join(r.decode() for r in reports)
    assert "Subject: Mail Delivery Status Report" in both, both
    assert "Action: delivered" in both and "Action: failed" in both, both
    assert "Subject: Undelivered Mail Returned to Sender" in both, both
    box.wait_empty()
    assert len(box.messages("fb01")) == before[1] + 1
    assert len(box.messages("fb00")) == before[0] + 2


def test_content_comes_as_it_was(box):
    nul = "a\0b"
    for given, want in (
            ("\nno end", "no end\n"), ("\n" + "x" * 70000 + "\n",
                                       "x" * 70000 + "\n"),
            ("\nhidden\n.\nnot sent\n", "hidden\n"),
            ("\n..\n.x\n", "..\n.x\n"), ("\na\r\nb\r\n", "a\nb\n"),
            ("\n.\r\nnot sent\n", ""),
            ("\n" + nul + "\n", nul + "\n")):
        text = deliver(box, "fb00", stdin="Subject: s\n" + given)
        body = text.partition(b"\n\n")[2]
        assert body == want.encode(), (given[:40], body[:40])
    text = deliver(box, "-i", "fb00", stdin="Subject: s\n\n.\nsent\n")
    assert text.endswith(b"\n\n.\nsent\n"), text
    # what an mbox has in front is no part of the message
    text = deliver(box, "fb00", stdin="From a@b Mon Jan  1\n>From x y\n"
                   "Subject: s\n\nFrom here on\n")
    assert b"\nSubject: s\n" in text and b"From a@b" not in text, text
    assert text.endswith(b"From here on\n"), text


def test_header_recipients(box):
    text = deliver(box, "-t", "-f", "<someone@a.test>", "-F", "Some One",
                   stdin="To: Nobody <fb00@bench.test>\nBcc: fb02\n\nx\n")
    assert b"Bcc" not in text and b"From: Some One <someone@a.test>" in text
    assert text.startswith(b"Return-Path: <someone@a.test>"), text
    # a message that is sent on goes to the new recipients alone
    text = deliver(box, "-t", stdin="To: fb03@bench.test\nResent-To: fb00\n"
                   "Resent-Bcc: fb02\n\nx\n")
    assert b"Resent-Bcc" not in text and b"Resent-To: fb00" in text
    # those of the command line come in addition
    deliver(box, "-t", "fb00", stdin="To: fb02@bench.test\n\nx\n")
    box.wait_empty()
    assert not box.messages("fb03")


def test_too_large(box):
    status, text = sendmail(box, "fb00", stdin="Subject: s\n\n" + "x" * 300000)
    assert status == 65 and "too big" in text, (status, text)


def test_smtp_on_standard_input(box):
    before = len(box.messages("fb00"))
    talk = ("EHLO me\r\nMAIL FROM:<fb01@bench.test> SIZE=10 BODY=8BITMIME\r\n"
            "RCPT TO:<fb00@bench.test>\r\nDATA\r\nSubject: bs\r\n\r\n..dot\r\n"
            ".\r\nRSET\r\nNOOP\r\nVRFY x\r\nQUIT\r\n")
    status, out = sendmail(box, "-bs", stdin=talk)
    codes = [line[:3] for line in out.splitlines()]
    assert status == 0 and codes == (
        ["220"] + ["250"] * 7 + ["250", "250", "354", "250", "250", "250",
                                 "252", "221"]), out
    text = box.wait_messages("fb00", before + 1)[-1]
    assert text.endswith(b"\n\n.dot\n") and b"Subject: bs\n" in text, text
    status, out = sendmail(box, "-bs", stdin=(
        "MAIL FROM:<a@b.c>\nHELO me\nRCPT TO:<x@y.z>\nMAIL FROM:<>\nDATA\n"
        "RCPT TO:<a b>\nAUTH PLAIN\nMAIL FROM:<a> RET=FULL\n" +
        "x" * 5000 + "\n"))
    codes = [line[:3] for line in out.splitlines()]
    assert codes == ["220", "503", "250", "503", "250", "554", "501", "502",
                     "503", "500"], out
    # without its dot nothing is sent
    sendmail(box, "-bs", stdin="HELO x\nMAIL FROM:<fb01>\nRCPT TO:<fb00>\n"
             "DATA\nSubject: half\n\nx\n")
    box.wait_empty()
    assert len(box.messages("fb00")) == before + 1


def test_reload_lets_callers_end(box):
    """A message that is being written while the system reads its files."""
    before = len(box.messages("fb00"))
    p = subprocess.Popen(  # pylint: disable=consider-using-with
        list(box.t["enter"]) + ["sendmail", "fb00@bench.test"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdin.write(b"Subject: slow\n\n" + b"x\n" * 30000)
    p.stdin.flush()
    box.inside("facteur", "reload")
    box.wait_log(r"master\[\d+\]: reload")
    p.stdin.write(b"the end\n")
    _, said = p.communicate(timeout=60)
    assert p.returncode == 0, said
    assert box.wait_messages("fb00", before + 1)[-1].endswith(b"the end\n")


def test_aliases(box):
    assert box.inside("newaliases", user="root", check=False)[0] == 0
    table = box.path("etc", "other")
    with open(table, "w", encoding="ascii") as f:
        f.write("x: fb00\n")
    box.inside("newaliases", "-oA" + "hash:" + table)
    assert os.path.exists(table + ".db")
    assert box.inside("sendmail", "-bi", "x", check=False)[0] == 64


def test_queue_listing_and_flush(box):
    assert "Mail queue is empty" in sendmail(box, name="mailq")[1]
    assert sendmail(box, "-q")[0] == 0
    assert sendmail(box, "-bp")[0] == 0


def test_while_pickup_is_away(box):
    """Nobody listens: what comes goes to maildrop/, and whole only."""
    before = len(box.messages("fb00"))
    socket = box.path("spool", "public", "pickup")
    drop = box.path("spool", "maildrop")

    def whole():
        return [n for n in os.listdir(drop)
                if os.stat(os.path.join(drop, n)).st_mode & 0o100]

    os.rename(socket, socket + ".away")
    for words, text in ((["fb00@bench.test"], "down"),
                        (["-N", "never", "-R", "hdrs", "-V", "x", "fb00"],
                         "reports")):
        status, said = sendmail(box, *words, stdin=LETTER % text, user="root")
        assert status == 0, said
    status, said = sendmail(box, "-bs", user="root", stdin=(
        "HELO x\nMAIL FROM:<fb01>\nRCPT TO:<fb00>\nDATA\n"
        "Subject: by smtp\n\nx\n.\nQUIT\n"))
    assert "250 2.0.0 Ok: queued\n" in said.replace("\r", ""), said
    status, said = sendmail(box, "fb00", user="root",
                            stdin="Subject: s\n\n" + "x" * 300000)
    assert status == 65 and "too big" in said, (status, said)
    assert len(whole()) == 3
    # one whose sendmail is killed half-way is never delivered
    p = subprocess.Popen(  # pylint: disable=consider-using-with
        list(box.t["enter"]) + ["sendmail", "fb00@bench.test"],
        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    p.stdin.write(b"Subject: half\n\n" + b"x\n" * 50000)
    p.stdin.flush()
    wait(lambda: any(os.path.getsize(os.path.join(drop, n)) > 20000
                     for n in os.listdir(drop)), "half a message")
    os.kill(p.pid, signal.SIGKILL)
    p.communicate(timeout=60)
    assert len(whole()) == 3, os.listdir(drop)
    old = os.path.join(drop, "0LEFT")
    with open(old, "w", encoding="ascii") as f:
        f.write("FDROP1\n")
    os.chmod(old, 0o644)
    os.utime(old, (time.time() - 90000,) * 2)
    os.rename(socket + ".away", socket)
    box.reload()  # the new pickup looks at its start
    box.wait_messages("fb00", before + 3)
    wait(lambda: not os.path.exists(old), "the end of a file of yesterday")
    box.wait_empty()
    assert len(box.messages("fb00")) == before + 3


def test_login_senders(box):
    """Who may send as whom, by pickup and while it is away."""
    box.inside("postconf", "-e", "local_login_sender_maps = inline:{"
               "{root = *} {fb02 = NULL} "
               "{uid:64999 = nobody}}, "
               "pcre:{ { /^(fb01)/ $$1 @list.test } }, fail:none",
               "empty_address_local_login_sender_maps_lookup_key = NULL")
    box.reload()
    no, later = (65, "not allowed to send mail as <"), (75, "lookup failure")
    rows = [("fb01", ["-f", "fb01"], 0, ""), ("fb01", [], 0, ""),
            ("fb01", ["-f", "fb01+x"], 0, ""),
            ("fb01", ["-f", "any@list.test"], 0, ""),
            ("fb01", ["-f", "fb01@bench.test"], *no),
            ("fb01", ["-f", "root"], *no), ("fb01", ["-f", "<>"], *no),
            ("fb01", ["-bs"], 0, " 5.7.1 User"),
            ("fb02", ["-f", ""], 0, ""), ("fb02", [], *no),
            ("64999", ["-f", "nobody"], 0, ""), ("64999", ["-f", "fb01"], *no),
            ("root", ["-f", "a@b.test"], 0, "")]
    before, sent = len(box.messages("fb00")), 0
    for user, words, code, says in rows:
        text = LETTER % "senders"
        if words == ["-bs"]:
            text = ("HELO x\nMAIL FROM:<b@c.test>\nRCPT TO:<fb00>\nDATA\n" +
                    text + ".\nQUIT\n")
        elif user.isdigit():  # it has no account
            words = ["--reuid", user, "--regid", user, "--clear-groups",
                     "sendmail", *words]
            user = None
        if words != ["-bs"]:
            words = [*words, "fb00"]
        status, said = sendmail(box, *words, user=user, stdin=text,
                                name="sendmail" if user else "setpriv")
        assert status == code and says in said, (user, words, status, said)
        sent += not status and not says
    box.wait_messages("fb00", before + sent)
    box.wait_empty()
    assert len(box.messages("fb00")) == before + sent
    socket = box.path("spool", "public", "pickup")
    os.rename(socket, socket + ".away")
    for user, words, says in (
            ("fb01", ["-f", "root"], no[1]), ("fb02", [], no[1]),
            ("fb01", ["-f", "fb01"], "create in maildrop/"),
            ("fb02", ["-f", ""], "create in maildrop/"),
            ("fb03", [], "local_login_sender_maps cannot be asked")):
        status, said = sendmail(box, *words, "fb00", user=user,
                                stdin=LETTER % "dropped")
        assert status == 75 and says in said, (user, words, status, said)
    for text in ("dropped", "x\n" * 50000):
        assert sendmail(box, "-f", "a@b.test", "fb00", user="root",
                        stdin=LETTER % text)[0] == 0
    os.rename(socket + ".away", socket)
    # a table that cannot be asked refuses nobody for good
    status, said = sendmail(box, "fb00", user="fb03", stdin=LETTER % "later")
    assert status == later[0], said
    for name in ("local_login_sender_maps",
                 "empty_address_local_login_sender_maps_lookup_key"):
        box.inside("postconf", "-X", name)
    box.reload()
    text = box.wait_messages("fb00", before + sent + 2)
    assert any(t.count(b"x\n") >= 50000 for t in text)
    box.wait_empty()


def test_the_queue_cannot_take_it(box):
    """qmgr makes no file: what came goes to maildrop/ and is taken later."""
    before = len(box.messages("fb00"))
    incoming = box.path("spool", "incoming")
    os.chmod(incoming, 0o500)
    status, said = sendmail(box, "fb00", stdin=LETTER % "second try",
                            user="root")
    os.chmod(incoming, 0o700)
    assert status == 0, said
    assert any(os.stat(os.path.join(box.path("spool", "maildrop"), n)).st_mode
               & 0o100 for n in os.listdir(box.path("spool", "maildrop")))
    box.reload()
    assert b"second try" in box.wait_messages("fb00", before + 1)[-1]


CHECKS = {
    "header_checks": (
        ("Subject: reject", "REJECT 5.7.9 no such mail"),
        ("Subject: later", "REJECT 4.7.9 not now"),
        ("Subject: discard", "DISCARD unseen"), ("Subject: hold", "HOLD"),
        ("Subject: odd", "NONSENSE"), ("X-Drop:", "IGNORE"),
        ("X-Strip:", "STRIP"), ("X-Old:", "REPLACE X-New: new"),
        ("X-Mark:", "PREPEND X-Before: yes"), ("X-Warn:", "WARN look here"),
        ("X-Info:", "INFO"), ("X-Dunno:", "DUNNO"),
        ("Subject: turned", "REDIRECT fb02@bench.test"),
        ("Subject: copied", "BCC fb02@bench.test"),
        ("Subject: filtered", "FILTER error:filtered")),
    "mime_header_checks": (("Content-Type: .*name=evil", "REJECT no programs"),),
    "nested_header_checks": (("X-Nested:", "STRIP"),),
    "body_checks": (("wicked", "REJECT no wicked words"),
                    ("secret", "REPLACE withheld"), ("gone", "IGNORE"),
                    ("below", "PREPEND above")),
}
PARTS = ("Subject: parts\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
         "Content-Type: %s\n\nx\n--b\nContent-Type: message/rfc822\n\n"
         "X-Nested: a\nSubject: in\n\ny\n--b--\n")


def test_checks_refuse(box):
    for text, code, says, logged in (
            (LETTER % "reject", 65, "no such mail",
             "reject: header Subject: reject from local; from=<fb01@bench.test> "
             "to=<fb00> ?: 5.7.9 no such mail"),
            (LETTER % "later", 75, "", "4.7.9 not now"),
            (LETTER % "odd", 75, "", "not understood"),
            ("Subject: x\n\n" + "y" * 70000 + "\na wicked one\n" +
             "y\n" * 40000, 65, "no wicked words", "reject: body a wicked one"),
            (PARTS.replace("boundary=b", "boundary=b\n"
                           "Content-Transfer-Encoding: base64") % "text/plain",
             65, "encoding domain", "reject: 5.6.0 invalid message/"),
            ("Subject: s\n\na\007\n", 65, "disallowed character",
             "reject: 5.7.1 disallowed"),
            (PARTS % "text/plain; name=evil", 65, "no programs",
             "reject: header Content-Type: text/plain; name=evil")):
        status, said = sendmail(box, "fb00", stdin=text)
        assert status == code and says in said, (text[:30], status, said)
        box.wait_log(logged.replace(" ?:", "(@bench.test)?>:").replace(
            "<fb00>", "<fb00"))
    box.wait_empty()


def test_checks_change(box):
    for head, want in (
            ("X-Drop: a\n  b\nX-A: 1\nX-Strip: c\n", "X-A: 1\n"),
            ("X-Old: a\nX-B: 1\n", "X-New: new\nX-B: 1\n"),
            ("X-Mark: a\n", "X-Before: yes\nX-Mark: a\n"),
            ("Bcc: a@b.test\nX-Warn: a\nX-Info: b\nX-Dunno: c\n",
             "X-Warn: a\nX-Info: b\nX-Dunno: c\n")):
        text = deliver(box, "fb00", stdin=head + "Subject: s\n\nx\n").decode()
        own = [line for line in text.split("\n\n")[0].splitlines(True)
               if line[:2] == "X-" and not line.startswith("X-Orig")]
        assert "".join(own) == want and "Bcc" not in text, text
    text = deliver(box, "fb00", stdin="Subject: s\n\na\ngone\nb secret\n"
                   "below\nend\n" + "z\n" * 60000)
    assert text.endswith(b"\n\na\nwithheld\nabove\nbelow\nend\n" +
                         b"z\n" * 60000), text[:400]
    text = deliver(box, "fb00", stdin=PARTS % "text/plain")
    assert text.endswith(b"rfc822\n\nSubject: in\n\ny\n--b--\n"), text
    box.wait_log("warning: header X-Warn: a from local; .*: look here$")


def test_checks_send_elsewhere(box):
    before = [len(box.messages(u)) for u in ("fb00", "fb02")]
    for word in ("discard", "turned", "copied"):
        status, said = sendmail(box, "fb00", stdin=LETTER % word)
        assert status == 0, said
    assert len(box.wait_messages("fb02", before[1] + 2)) == before[1] + 2
    assert len(box.wait_messages("fb00", before[0] + 1)) == before[0] + 1
    box.wait_log("discard: header Subject: discard from local")
    status, said = sendmail(box, "fb00", stdin=LETTER % "hold")
    assert status == 0, said
    held = wait(box.queue, "the held mail")
    box.inside("postsuper", "-d", "ALL")
    assert len(held) == 1, held
    sendmail(box, "fb00", stdin=LETTER % "filtered")
    box.wait_log("to=<fb00@bench.test>.*relay=none.*filtered")
    box.wait_empty()


def test_checks_of_maildrop(box):
    """What lay there while pickup was away is looked at too."""
    before = len(box.messages("fb00"))
    socket = box.path("spool", "public", "pickup")
    os.rename(socket, socket + ".away")
    status, said = sendmail(box, "fb00", user="root", stdin=(
        "Subject: s\nX-Old: b\n\n" + "secret\n" * 5000))
    os.rename(socket + ".away", socket)
    assert status == 0, said
    box.reload()
    text = box.wait_messages("fb00", before + 1)[-1]
    assert b"X-New: new" in text and b"secret" not in text, text[:400]
    assert text.count(b"withheld\n") == 5000


OPTIONS = ["--users", "4", "--set", "message_size_limit = 200000",
           "--set", "strict_mime_encoding_domain = yes",
           "--set", "virtual_alias_maps = "
           "inline:{away@bench.test=gone@sink.test}",
           "--set", "message_reject_characters = \\007"]
for table, rules in CHECKS.items():
    OPTIONS += ["--set", table + " = regexp:{%s}" % ", ".join(
        "{/%s/ %s}" % (key, what)
        for key, what in rules)]
main(*OPTIONS)
