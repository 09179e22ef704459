#!/usr/bin/env python3
"""What others' log readers make of our log: they count what was sent.

Each reader is a case of its own, skipped where it is not installed: pflogsumm,
fail2ban, mailgraph, monitoring-plugins-standard, and logwatch, which is also
found unpacked in the folder LOGWATCH names (its package wants a mail server).
"""
# timeout: 300

import base64
import imaplib
import os
import poplib
import re
import shutil
import smtplib
import subprocess
import time

from lib import SLOW, Skip, main, run, wait
from peers import Dns, Sink
from webmail import Browser

DNS = Dns({("3.0.0.127.bl.test", "A"): ["127.0.0.2"],
           ("from.test", "A"): ["192.0.2.1"]})
TEXT = "Subject: x\n\nhello\n"


def rcpt(line):
    if b"full@" in line:
        return b"452 4.2.2 mailbox full"
    if b"gone@" in line:
        return b"550 5.1.1 no such user"
    return None


def refused(box, source, sender, recipient, helo="client.test"):
    with smtplib.SMTP("127.0.0.1", box.port(), local_hostname=helo,
                      timeout=30 * SLOW, source_address=(source, 0)) as c:
        c.ehlo()
        c.mail(sender)
        code, text = c.rcpt(recipient)
        assert code >= 400, (code, text)


def bad_login(box, method):
    with box.smtp("submission", starttls=True) as c:
        if method == "LOGIN":
            c.docmd("AUTH LOGIN", base64.b64encode(b"fb00").decode())
            code, _ = c.docmd(base64.b64encode(b"wrong").decode())
        else:
            code, _ = c.docmd("AUTH PLAIN", base64.b64encode(
                b"\0fb00\0wrong").decode())
        assert code == 535, code


def fails(error, function, *arguments):
    try:
        function(*arguments)
    except error:
        return
    raise AssertionError("it was no error")


def test_traffic(box):
    """All of it, once; the cases below count."""
    sink = Sink(port=box.base + 99, replies={b"RCPT": rcpt})
    with sink:
        for _ in range(3):
            box.send("a@from.test", ["fb00@bench.test"], TEXT)
        for name in ("one", "two"):
            box.send("fb01@bench.test", [name + "@sink.test"], TEXT)
        box.send("fb01@bench.test", ["gone@sink.test"], TEXT)
        box.send("fb01@bench.test", ["full@sink.test"], TEXT)
        box.wait_log(r"to=<full@sink.test>.* status=deferred")
        box.wait_messages("fb01", 1)  # the report
        wait(lambda: len(sink.letters) == 2, "two letters")
    for _ in range(2):
        refused(box, "127.0.0.2", "a@from.test", "x@else.test")
    for _ in range(3):
        refused(box, "127.0.0.2", "a@from.test", "nouser@bench.test")
    refused(box, "127.0.0.3", "a@from.test", "fb00@bench.test")
    refused(box, "127.0.0.2", "notfqdn", "fb00@bench.test")
    refused(box, "127.0.0.2", "a@from.test", "fb00@bench.test", helo="bad")
    bad_login(box, "LOGIN")
    bad_login(box, "LOGIN")
    bad_login(box, "PLAIN")
    for _ in range(2):
        fails(imaplib.IMAP4.error, box.imap, "fb00", "wrong")
    fails(imaplib.IMAP4.error, box.imap, "fb00", "wrong", "imaps")
    fails(poplib.error_proto, box.pop3, "fb00", "wrong")
    fails(poplib.error_proto, box.pop3, "fb00", "wrong", "pop3s")
    assert Browser(box).sign_in(password="wrong").status == 403
    box.imap("fb00").logout()
    box.wait_log(r"imapd\[\d+\]: LOGOUT, user=fb00")
    box.wait_log(r"LOGIN_ERROR")
    wait(lambda: len(re.findall("LOGIN FAILED", box.log())) == 5,
         "five LOGIN FAILED")
    wait(lambda: [m["queue_name"] for m in box.queue()] == ["deferred"],
         "one message, deferred")


def numbers(text, *words):
    """{word: the number before it} in pflogsumm's table of totals."""
    out = {}
    for w in words:
        m = re.search(r"^\s+(\d+)\s+%s\b" % w, text, re.M)
        out[w] = int(m.group(1)) if m else None
    return out


def test_pflogsumm(box):
    if not shutil.which("pflogsumm"):
        raise Skip("pflogsumm is not installed")
    text = run("pflogsumm", box.path("log"))
    got = numbers(text, "received", "delivered", "forwarded", "deferred",
                  "bounced", "rejected", "discarded")
    # seven letters and a report; three at home, two away, and the report
    assert got == {"received": 7, "delivered": 6, "forwarded": 0,
                   "deferred": 1, "bounced": 1, "rejected": 8,
                   "discarded": 0}, (got, text)
    for reason in ("Relay access denied", "User unknown in local recipient "
                   "table", "blocked using bl.test", "need fully-qualified "
                   "address", "Access denied"):
        assert reason.lower() in text.lower(), (reason, text)
    assert "SASL LOGIN authentication failed" in text, text
    assert "mailbox full" in text and "no such user" in text, text


def regex(box, filter_name, log=None):
    """(matched, missed) of fail2ban-regex."""
    text = run("fail2ban-regex", "--print-no-ignored",
               log or box.path("log"), filter_name)
    m = re.search(r"^Lines: \d+ lines, \d+ ignored, (\d+) matched", text, re.M)
    return int(m.group(1)), text


def test_fail2ban(box):
    if not shutil.which("fail2ban-regex"):
        raise Skip("fail2ban is not installed")
    # it passes over "Access denied" and an address that is not fully qualified
    for name, want in (("postfix", 6), ("postfix[mode=auth]", 3),
                       ("postfix[mode=extra]", 9),
                       ("postfix[mode=rbl]", 1), ("courier-auth", 5),
                       ("courier-smtp", 0)):
        got, text = regex(box, name)
        assert got == want, (name, got, want, text)
    # aggressive counts who leaves without a word too: here, nobody but the
    # probes of the start
    got, text = regex(box, "postfix[mode=aggressive]")
    quiet = len(re.findall(r"(?:lost connection after(?! DATA) [A-Z]+|"
                           r"disconnect from \S+(?: \S+=\d+)* "
                           r"auth=0/[1-9])", box.log()))
    assert got == 6 + 3 + quiet, (got, quiet, text)
    # this one has its lines without what syslog puts before them
    lines = [line.split("]: ", 1)[1] for line in box.log().splitlines()
             if "[LOGIN_ERROR]" in line]
    path = box.path("access_log")
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(line + "\n" for line in lines))
    got, text = regex(box, "squirrelmail", path)
    assert got == 1, text


def logwatch(box, service):
    """What logwatch's script says of our log at its highest detail."""
    top = os.environ.get("LOGWATCH", "/")
    script = os.path.join(top, "usr/share/logwatch/scripts/services", service)
    if not os.path.exists(script):
        raise Skip("logwatch is not installed")
    env = dict(os.environ, LOGWATCH_DETAIL_LEVEL="10", LOGWATCH_DEBUG="0",
               PERL5LIB=os.path.join(top, "usr/share/logwatch/lib"),
               courier_enable="1", courier_ip_lookup="0",
               courier_tables="0", courier_printmailqueue="0",
               postfix_syslog_name="postfix")
    with open(box.path("log"), encoding="utf-8", errors="replace") as f:
        text = f.read()
    if service == "postfix":
        text = "".join(line + "\n" for line in text.splitlines()
                       if re.search(r" postfix[-/\w]*\[", line))
    return subprocess.run(["perl", script], input=text, env=env, check=True,
                          stdout=subprocess.PIPE, text=True,
                          timeout=60 * SLOW).stdout


def test_logwatch_postfix(box):
    text = logwatch(box, "postfix")

    def count(words):
        m = re.search(r"^\s+([\d,]+)\s+\*?%s\s" % words, text, re.M)
        return int(m.group(1)) if m else 0

    want = {"Accepted": 7, "Rejected": 8, "Delivered": 4,
            "Sent via SMTP": 2, "Deferred": 1, "Bounced \\(local\\)": 1,  # by 127.0.0.1
           
            "SASL authentication failed": 3}
    got = {w: count(w) for w in want}
    assert got == want, (got, text)
    assert "Unmatched" not in text, text[text.index("Unmatched"):]


def test_logwatch_courier(box):
    text = logwatch(box, "courier")
    # of failures it knows only the shape without a user's name
    assert "Logins: 1 Time" in text and "User fb00 - 1 Time" in text, text
    assert "fb01" not in text, text


def test_mailgraph(box):
    if not shutil.which("mailgraph"):
        raise Skip("mailgraph is not installed")
    folder = box.path("mailgraph")
    os.mkdir(folder)
    log = os.path.join(folder, "log")
    # what it has counted it tells with the first line of a later minute
    later = time.strftime("%b %e %H:%M:%S",
                          time.localtime(time.time() + 300))
    shutil.copy(box.path("log"), log)
    with open(log, "a", encoding="utf-8") as f:
        f.write("%s box postfix/smtpd[1]: NOQUEUE: reject: x\n" % later)
    text = run("mailgraph", "--verbose", "--cat", "--logfile", log,
               "--daemon-rrd", folder)
    sums = [0, 0, 0, 0]
    for m in re.finditer(r"^update \d+:(\d+):(\d+):(\d+):(\d+):", text, re.M):
        sums = [s + int(n) for s, n in zip(sums, m.groups())]
    # sent by smtp, received by smtpd, bounced, rejected
    assert sums == [2, 7, 1, 8], (sums, text)


def test_check_mailq(box):
    plugin = "/usr/lib/nagios/plugins/check_mailq"
    if not os.path.exists(plugin):
        raise Skip("monitoring-plugins-standard is not installed")
    status, text = box.inside(plugin, "-M", "postfix", "-w", "5", "-c", "10",
                              check=False)
    assert status == 0 and "unsent=1" in text, (status, text)
    status, text = box.inside(plugin, "-M", "postfix", "-w", "1", "-c", "10",
                              check=False)
    assert status == 1 and "1" in text, (status, text)


def test_shapes(box):
    """No line without an ident and a pid, ids of messages by cleanup."""
    shape = re.compile(r"^\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ [\w/-]+\[\d+\]: \S")
    bad = [line for line in box.log().splitlines() if not shape.match(line)]
    assert not bad, bad
    by = set(re.findall(r" ([\w/]+)\[\d+\]: \w+: message-id=", box.log()))
    assert by == {"postfix/cleanup"}, by


main("--users", "2", "--web",
     "--set", "resolver_nameservers = 127.0.0.1@%d" % DNS.port,
     "--set", "auth_failure_delay = 0s",
     "--set", "smtpd_helo_restrictions = check_helo_access inline:{bad=REJECT}",
     "--set", "smtpd_recipient_restrictions = permit_mynetworks, "
     "reject_unauth_destination, reject_non_fqdn_sender, "
     "reject_rbl_client bl.test")
