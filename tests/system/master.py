#!/usr/bin/env python3
"""master: the wakeup column, and what it remarks of the configuration."""

import os
import re

from lib import Instance, main, wait

PICKUP = "pickup unix n - y 1 1 pickup"
LETTER = ("FDROP1\nsender=fb01\nfull_name=F\nrcpt=fb00@bench.test\n\n"
          "Subject: %s\n\nhello\n")


def drop(box, name, text):
    """A file in maildrop/, as postdrop leaves it."""
    path = box.path("spool", "maildrop", name)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
        os.fchown(f.fileno(), 61001, 61001)
        os.fchmod(f.fileno(), 0o744)
    return path


def test_pickup_is_woken(box):
    """Nobody tells pickup of a file in maildrop/; its row says 1 second."""
    path = drop(box, "1ABC", LETTER % "woken")
    assert b"woken" in box.wait_messages("fb00", 1)[0]
    wait(lambda: not os.path.exists(path), "the end of " + path)


def test_incomplete_files_are_no_obstacle(box):
    """More unfinished files than pickup looks at in one go."""
    left = [box.path("spool", "maildrop", "0%05d" % i) for i in range(1100)]
    for path in left:
        with open(path, "w", encoding="ascii") as f:
            os.fchmod(f.fileno(), 0o600)
    before = len(box.messages("fb00"))
    drop(box, "ZZZZ", LETTER % "behind them")
    assert b"behind them" in box.wait_messages("fb00", before + 1)[-1]
    for path in left:
        os.unlink(path)


def test_a_lazy_service_is_woken(box):
    """bounce has no caller; with wakeup it is started, with ? it is not."""
    def running():
        out = box.inside("sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | "
                         "tr '\\0' '\\n'")
        return box.path("build", "libexec", "bounce") in out.splitlines()
    assert not running()
    box.inside("postconf", "-F", "bounce/unix/wakeup=1?")
    box.reload()
    before = len(box.messages("fb00"))
    drop(box, "2ABC", LETTER % "a second later")
    box.wait_messages("fb00", before + 1)
    assert not running()
    box.inside("postconf", "-F", "bounce/unix/wakeup=1")
    box.reload()
    wait(running, "the start of bounce")


def test_sts_is_woken_where_it_has_work(box):
    """Without policies and reports it costs no process."""
    def running():
        return bool(box.pids("sts"))
    box.inside("postconf", "-F", "sts/unix/wakeup=1")
    box.reload()
    before = len(box.messages("fb00"))
    for i in (1, 2):  # pickup is woken twice meanwhile
        drop(box, "3ABC%d" % i, LETTER % "a second later")
        box.wait_messages("fb00", before + i)
    assert not running()
    box.inside("postconf", "-e", "smtp_tlsrpt_enable = yes")
    box.reload()
    wait(running, "the start of sts")
    box.inside("postconf", "-X", "smtp_tlsrpt_enable")
    box.reload()


def test_remarks_at_start_and_reload(box):
    with Instance("--users", "1", "--set", "qmqpd_timeout = 5s", "--set",
                  "nosuchname = 1", name="remarks") as b:
        def count(pattern):
            return len(re.findall(r"master\[\d+\]: " + pattern, b.log()))
        vain = (r"warning: \S+/main\.cf, line \d+: parameter without effect "
                r"in Facteur: qmqpd_timeout=5s\n")
        unused = (r"warning: \S+/main\.cf, line \d+: unused parameter: "
                  r"nosuchname=1\n")
        folded = (r"master\.cf, line \d+: cleanup: its work is done elsewhere "
                  r"here; the line starts nothing\n")
        b.wait_log("daemon started")
        assert [count(p) for p in (vain, unused, folded)] == [1, 1, 0], b.log()
        with open(b.path("etc", "imapd"), "w", encoding="ascii") as f:
            f.write("IMAP_PROXY=1\n")
        with open(b.path("etc", "master.cf"), "a", encoding="ascii") as f:
            f.write("cleanup unix n - y - 0 cleanup\n")
        b.reload()
        b.wait_log(r"master\[\d+\]: warning: \S+/imapd, line 1: IMAP_PROXY=1 is")
        assert [count(p) for p in (vain, unused, folded)] == [2, 2, 1], b.log()
        # the same, told by the tools
        out = b.inside("facteur", "check")
        for text in ("qmqpd_timeout", "nosuchname", "cleanup", "IMAP_PROXY"):
            assert text in out, out
        out = b.inside("sh", "-c", "postconf -n 2>&1 >/dev/null")
        assert "without effect in Facteur: qmqpd_timeout=5s" in out, out
        assert "unused parameter: nosuchname=1" in out, out


main("--users", "2", "--master", PICKUP)
