#!/usr/bin/env python3
"""What smtpd does to strangers, and what goes through a content filter."""

import contextlib
import os
import re
import signal
import smtplib

from lib import main, ports, wait
from peers import Sink

ENTRY, HELD = ports.reserve()  # smtpd whose mail is filtered
BACK = ENTRY + 1  # smtpd that the filter gives mail back to
LOOP = ENTRY + 2  # the same, but what comes there is filtered again
GREY = ENTRY + 10
TEXT = "From: a@client.test\nSubject: %s\n\nhello\n"


class Scanner:
    """A content filter: SMTP in, SMTP out to the re-injection port, as amavisd
    does it; the message is answered when it was taken there."""

    def __init__(self):
        self.sink = Sink()
        self.sink.replies[b"."] = self.give_back
        self.back = BACK
        self.seen = []

    def give_back(self, data):
        lines = self.sink.lines
        at = max(i for i, line in enumerate(lines)
                 if line.upper().startswith(b"MAIL FROM:"))
        sender = lines[at].split(b"<")[1].split(b">")[0].decode()
        rcpts = [line.split(b"<")[1].split(b">")[0].decode()
                 for line in lines[at:] if line.upper().startswith(b"RCPT TO:")]
        self.seen.append((sender, rcpts))
        with smtplib.SMTP("127.0.0.1", self.back, timeout=30,
                          local_hostname="scanner.test") as c:
            try:
                c.sendmail(sender, rcpts, b"X-Scanned: clean\r\n" + data)
            except smtplib.SMTPDataError as e:
                return b"%d %s" % (e.smtp_code, e.smtp_error)
        return b"250 2.0.0 taken and given back"


SCANNER = Scanner()


def enter(box, sender, rcpts, subject, port=ENTRY):
    del box
    with smtplib.SMTP("127.0.0.1", port, timeout=30,
                      local_hostname="client.test") as c:
        return c.sendmail(sender, rcpts, (TEXT % subject).replace("\n", "\r\n"))


def test_content_filter(box):
    # an alias of aliases(5) is expanded behind the filter, a virtual before
    SCANNER.seen.clear()
    enter(box, "a@client.test", ["both@v.test", "postmaster@bench.test"],
          "filtered")
    for user in ("fb00", "fb01", "fb02"):
        text = box.wait_messages(user, 1)[-1]
        assert b"\nX-Scanned: clean\n" in text, text
        # twice through us: once before and once behind the filter
        assert text.count(b"\nReceived: ") == 2, text
    assert sorted(r for _, rcpts in SCANNER.seen for r in rcpts) == [
        "fb01@bench.test", "fb02@bench.test", "postmaster@bench.test"]
    box.wait_log(r"postfix/smtp\[\d+\]: \w+: to=<postmaster@bench\.test>, "
                 r"relay=127\.0\.0\.1\[127\.0\.0\.1\]:\d+, .*status=sent "
                 r"\(250 2\.0\.0 taken and given back\)")
    box.wait_empty()


def test_no_filter_no_detour(box):
    SCANNER.seen.clear()
    before = len(box.messages("fb01"))
    box.send("a@client.test", ["fb01@bench.test"], TEXT % "straight")
    text = box.wait_messages("fb01", before + 1)[-1]
    assert b"X-Scanned" not in text and not SCANNER.seen


def test_filter_action(box):
    # in an access table and in header_checks
    for sender, subject in (("risky@client.test", "x"),
                            ("a@client.test", "scan me")):
        before = len(box.messages("fb01"))
        box.send(sender, ["fb01@bench.test"], TEXT % subject)
        text = box.wait_messages("fb01", before + 1)[-1]
        assert b"\nX-Scanned: clean\n" in text, text
    box.wait_log(r"NOQUEUE: filter: RCPT from localhost\[127\.0\.0\.1\]: "
                 r"<risky@client\.test>: Sender address triggers FILTER scan:")
    box.wait_log(r"postfix/cleanup\[\d+\]: \w+: filter: header Subject: scan "
                 r"me from localhost")


def test_overrides_behind_the_filter(box):
    # no checks of unknown users and of headers there; unknown users bounce
    enter(box, "fb02@bench.test", ["nosuch@bench.test"], "spam", port=BACK)
    box.wait_log(r"to=<nosuch@bench\.test>, .*dsn=5\.1\.1, .*status=bounced")
    before = len(box.messages("fb01"))
    try:
        enter(box, "a@client.test", ["fb01@bench.test"], "spam")
        raise AssertionError("header_checks did not look")
    except smtplib.SMTPDataError as e:
        assert e.smtp_code == 550
    enter(box, "a@client.test", ["fb01@bench.test"], "spam", port=BACK)
    box.wait_messages("fb01", before + 1)
    # no_address_mappings
    enter(box, "fb02@bench.test", ["both@v.test"], "y", port=LOOP + 1)
    box.wait_log(r"to=<both@v\.test>, .*User unknown in virtual alias table")
    box.wait_empty()


def test_filter_is_down(box):
    # a filter that is not there or says later: the mail waits
    enter(box, "a@client.test", ["fb01@bench.test"], "waits", port=LOOP + 2)
    box.wait_log(r"to=<fb01@bench\.test>, relay=.*status=deferred "
                 r"\(connect to 127\.0\.0\.1\[127\.0\.0\.1\]:\d+: "
                 r"Connection refused\)")
    waiting = box.queue()
    assert len(waiting) == 1, waiting
    text = box.inside("postcat", "-vq", waiting[0]["queue_id"])
    assert "content_filter: scan:[127.0.0.1]:%d\n" % (LOOP + 3) in text, text
    box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


def test_filter_loop(box):
    # mail that comes back to be filtered again ends at hopcount_limit
    SCANNER.back = LOOP
    SCANNER.seen.clear()
    try:
        enter(box, "fb02@bench.test", ["fb01@bench.test"], "round and round")
        box.wait_log(r"to=<fb01@bench\.test>, .*dsn=5\.4\.6, status=bounced "
                     r"\(host 127\.0\.0\.1\[127\.0\.0\.1\] said: 554 5\.4\.6 "
                     r"Error: too many hops")
    finally:
        SCANNER.back = BACK
    assert len(SCANNER.seen) < 12, len(SCANNER.seen)
    box.wait_empty()


# -- greylisting

def rcpt(address, port=GREY):
    with smtplib.SMTP("127.0.0.1", port, timeout=30,
                      local_hostname="client.test") as c:
        c.mail("a@client.test")
        return c.rcpt(address)[0]


def kill_auth(box):
    keeper = os.readlink("/proc/%d/ns/mnt" % box.t["pid"])
    for pid in [int(d) for d in os.listdir("/proc") if d.isdigit()]:
        with contextlib.suppress(OSError):
            if os.readlink("/proc/%d/exe" % pid).endswith("/auth") and \
                    os.readlink("/proc/%d/ns/mnt" % pid) == keeper:
                os.kill(pid, signal.SIGKILL)


def test_greylist(box):
    assert rcpt("nosuch@bench.test") == 550  # that is for good
    assert rcpt("fb00@bench.test") == 450
    wait(lambda: rcpt("fb00@bench.test") == 250, "the end of the delay")
    box.wait_log(r"NOQUEUE: reject: RCPT from localhost\[127\.0\.0\.1\]: 450 "
                 r"4\.2\.0 <fb00@bench\.test>: Recipient address rejected: "
                 r"Greylisted, try again in 1 seconds; from=")
    box.wait_log(r"NOQUEUE: info: RCPT from localhost\[127\.0\.0\.1\]: "
                 r"<fb00@bench\.test>: Recipient address passed the greylist "
                 r"after \d+ seconds")
    assert rcpt("fb01@bench.test", GREY + 1) == 250  # mynetworks is spared


def test_greylist_survives(box):
    path = box.path("lib", "greylist.db")
    key = "t 127.0.0.0/24 a@client.test fb00@bench.test\t"
    wait(lambda: " passed\n" in box.inside(
        "sh", "-c", "postmap -s hash:%s | grep '%s'; true" % (
            path[:-3], key.strip())), "a greylist on the disk")
    kill_auth(box)
    assert rcpt("fb00@bench.test") == 250
    # damaged: begun anew, and mail comes in as before
    assert rcpt("fb01@bench.test") == 450
    with open(path, "r+b") as f:
        f.write(b"rubbish " * 4000)
    kill_auth(box)
    anew = r"warning: hash:%s: .*: begun anew" % re.escape(path[:-3])
    wait(lambda: rcpt("fb01@bench.test") and re.search(anew, box.log()),
         "a new greylist")
    wait(lambda: rcpt("fb01@bench.test") == 250, "the end of the delay")


def smtpd(port, *options):
    return ["--master", "127.0.0.1:%d inet n - y - - smtpd %s" % (
        port, " ".join("-o " + o for o in options))]


SCAN = "scan:[127.0.0.1]:%d" % SCANNER.sink.port
BEHIND = ("content_filter=",
          "smtpd_recipient_restrictions=permit_mynetworks,reject",
          "smtpd_sender_restrictions=", "smtpd_error_sleep_time=0",
          "local_header_rewrite_clients=")

if __name__ == "__main__":
    main("--users", "3",
         "--master", "scan unix - - y - 2 smtp -o disable_dns_lookups=yes",
         *smtpd(ENTRY, "content_filter=" + SCAN),
         *smtpd(BACK, *BEHIND, "receive_override_options="
                "no_header_body_checks,no_unknown_recipient_checks,no_milters"),
         *smtpd(LOOP, "content_filter=" + SCAN, "hopcount_limit=8"),
         *smtpd(LOOP + 1, *BEHIND, "receive_override_options="
                "no_unknown_recipient_checks,no_address_mappings"),
         *smtpd(LOOP + 2, "content_filter=scan:[127.0.0.1]:%d" % (LOOP + 3)),
         *smtpd(GREY, "smtpd_greylist=yes", "smtpd_greylist_delay=1s",
                "smtpd_greylist_exceptions="),
         *smtpd(GREY + 1, "smtpd_greylist=yes"),
         "--set", "virtual_alias_domains = v.test",
         "--set", "virtual_alias_maps = "
         "inline:{{both@v.test=fb01@bench.test,fb02@bench.test}}",
         "--set", "header_checks = regexp:{{/^Subject: spam/ REJECT},"
         "{/^Subject: scan me/ FILTER %s}}" % SCAN,
         "--set", "smtpd_sender_restrictions = check_sender_access "
         "inline:{{risky@client.test = FILTER %s}}" % SCAN)
