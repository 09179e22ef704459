#!/usr/bin/env python3
"""Parameters that stand beside the way of a letter: who may do what on this
machine, rows that are off, what is told of an address."""

import os
import re
import smtplib
import socket
import time

from lib import Instance, main, ports, wait
from peers import Sink

OFF, HELD = ports.reserve()
TEXT = "From: a@client.test\nSubject: %s\n\nhello\n"


def test_authorized_submit(box):
    status, text = box.inside("sendmail", "fb00@bench.test", user="fb02",
                              stdin="Subject: x\n\nx\n", check=False)
    uid = box.inside("id", "-u", "fb02").strip()
    assert status != 0 and "User (uid %s) is not allowed to submit mail" % uid \
        in text, (status, text)
    before = len(box.messages("fb00"))
    for user in ("fb01", None):  # root always may
        box.inside("sendmail", "fb00@bench.test", user=user,
                   stdin="Subject: x\n\nx\n")
    box.wait_messages("fb00", before + 2)


def test_authorized_mailq(box):
    status, text = box.inside("mailq", user="fb01", check=False)
    assert status == 77 and "is not allowed to view the mail queue" in text, (
        status, text)
    for user in ("fb00", None):
        assert "Mail queue is empty" in box.inside("mailq", user=user)


def test_authorized_flush(box):
    status, text = box.inside("postqueue", "-f", user="fb00", check=False)
    assert status == 77 and "is not allowed to flush the mail queue" in text, (
        status, text)
    box.inside("postqueue", "-f", user="fb02")
    box.inside("postqueue", "-f")


def test_master_service_disable(box):
    del box
    for port in (OFF, OFF + 1):
        with socket.socket() as s:
            assert (s.connect_ex(("127.0.0.1", port)) == 0) == (port != OFF)


def banner(port):
    with smtplib.SMTP() as c:
        return c.connect("127.0.0.1", port)[1].decode()


def test_said_of_itself(_):
    """$process_name and its kin in another value."""
    got = banner(OFF + 2)
    assert re.fullmatch(r"mx\.bench\.test [1-9]\d* smtpd 127\.0\.0\.1:%d"
                        % (OFF + 2), got), got


def test_throttle(box):
    """A service that never starts is tried again, and no less often."""
    box.wait_log("(throttling for 1 s(.|\n)*){3}")
    assert "throttling for 2 s" not in box.log()


def test_original_recipient(box):
    before = len(box.messages("fb01"))
    box.send("fb01@bench.test", ["alias@bench.test"], TEXT % "plain")
    text = box.wait_messages("fb01", before + 1)[-1]
    assert b"X-Original-To" not in text, text
    assert b"\nDelivered-To: fb01@bench.test\n" in text, text
    box.wait_empty()
    assert "orig_to=" not in box.log()
    with Instance("--users", "2", "--set", "virtual_alias_maps = "
                  "inline:{alias@bench.test=fb01}", name="kept") as other:
        other.send("a@client.test", ["alias@bench.test"], TEXT % "kept")
        text = other.wait_messages("fb01", 1)[-1]
        assert b"X-Original-To: alias@bench.test\n" in text, text
        other.wait_log(r"to=<fb01@bench\.test>, orig_to=<alias@bench\.test>")


def test_reject_footer(box):
    with box.smtp() as c:
        c.mail("a@client.test")
        code, text = c.rcpt("nosuchuser@bench.test")
    assert code == 550 and text.split(b"\n")[-1] == \
        b"5.1.1 For help, call mx.bench.test", text


def test_in_flow_delay(box):
    # with a full queue a new message waits, and is taken
    sink = Sink(port=box.port("sink"), replies={b".": lambda _: time.sleep(0)})
    stuck = []

    def hang(_):
        stuck.append(1)
        wait(lambda: len(stuck) > 1, "the end")
    sink.replies[b"."] = hang
    with sink:
        box.send("a@client.test", ["x@sink.test"], TEXT % "stays")
        wait(lambda: stuck, "a delivery under way")
        with smtplib.SMTP("127.0.0.1", box.port(), timeout=30) as c:
            c.ehlo()
            c.mail("a@client.test")
            begun = time.monotonic()
            assert c.rcpt("fb00@bench.test")[0] == 250
            assert time.monotonic() - begun > 0.9
        stuck.append(2)
        box.wait_empty()


def test_log_file_prefixes(box):
    path = os.path.join(box.dir, "..", "elsewhere")
    status, text = box.inside(
        "postconf", "-e", "maillog_file_prefixes = /var", check=False)
    assert status == 0, text
    try:
        box.reload()
        box.wait_log(r"error: .*maillog_file = .*: not below one of "
                     r"maillog_file_prefixes \(/var\)")
    finally:
        box.inside("postconf", "-e", "maillog_file_prefixes = " + box.dir)
        box.reload()
    assert not os.path.exists(path)


def test_local_delivery(box):
    """What local deliveries may do, on an instance of their own."""
    aliases = box.path("local.aliases")
    with open(aliases, "w", encoding="ascii") as f:
        f.write('slow: "|sleep 100"\nshell: "|exit 0"\n'
                'env: "|env >%s/env"\n' % box.dir)
    settings = ("allow_mail_to_commands = alias", "command_time_limit = 1s",
                "require_home_directory = yes",
                "multi_instance_name = second",
                "import_environment = { TZ = x }, HOME, MAIL_NOTHING, LANG=fr, "
                "{ MORE=a b }", "export_environment = TZ LANG MORE HOME")
    os.chmod(box.dir, 0o777)
    with Instance("--users", "4", "--aliases", aliases, *[
            w for setting in settings for w in ("--set", setting)],
            name="local") as other:
        home = os.path.dirname(other.maildir("fb01").rstrip("/"))
        with open(os.path.join(home, ".forward"), "w", encoding="ascii") as f:
            f.write('"|/bin/true"\n')
        os.rename(home[:-1] + "2", other.path("away"))
        other.send("", ["%s@bench.test" % n for n in (
            "fb00", "fb01", "fb02", "slow", "shell", "env")],
                   TEXT % "local")
        other.wait_messages("fb00", 1)
        for to, said in (
                ("fb01@bench.test>", "bounced .*a command is not allowed"),
                ("fb02@bench.test>", "deferred .*cannot enter the home"),
                (r"\|sleep 100>", "deferred .*time limit exceeded"),
                (r"\|exit 0>", "sent .*to command: exit 0")):
            other.wait_log("second/local.*to=<%s,.*status=%s" % (to, said))
        with open(box.path("env"), encoding="ascii") as f:
            got = f.read().split("\n")
        assert "LANG=fr" in got and "MORE=a b" in got, got
        assert not [x for x in got if x.startswith("MAIL_NOTHING")], got


if __name__ == "__main__":
    main("--users", "3",
         "--master", "127.0.0.1:%d inet n - y - - smtpd" % OFF,
         "--master", "127.0.0.1:%d inet n - y - - smtpd" % (OFF + 1),
         "--master", "127.0.0.1:%d inet n - y - - smtpd -o { smtpd_banner = "
         "$myhostname $process_id $process_name $service_name }" % (OFF + 2),
         "--master", "127.0.0.1:%d inet n - y - - smtpd "
         "-o smtpd_tls_security_level=nonsense" % (OFF + 3),
         *[word for setting in (
             "authorized_submit_users = !fb02, static:anyone",
             "authorized_mailq_users = fb00",
             "authorized_flush_users = fb02, no-such-user",
             "master_service_disable = 127.0.0.1:%d/inet" % OFF,
             "enable_original_recipient = no",
             "virtual_alias_maps = inline:{alias@bench.test=fb01}",
             "smtpd_reject_footer = For help, call $server_name",
             "qmgr_message_active_limit = 1", "in_flow_delay = 1s",
             "service_throttle_time = 1s",
         ) for word in ("--set", setting)])
