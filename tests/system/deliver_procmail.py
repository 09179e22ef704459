#!/usr/bin/env python3
"""procmail as mailbox_command: the agent inside deliver."""

import os
import re
import time

from lib import main, wait

SPOOL = os.path.join(os.environ.get("TEST_DIR", os.getcwd()), "mail")
TEXT = "From: a@client.test\nSubject: %s\n\nFrom the body\n"


def home(box, user, *parts):
    return os.path.join(box.t["homes"], user, *parts)


def put(box, user, name, text, mode=0o644):
    path = home(box, user, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    st = os.stat(home(box, user))
    os.chown(path, st.st_uid, st.st_gid)
    return path


def rc(box, user, text):
    put(box, user, ".procmailrc", text)


def read(*parts):
    try:
        with open(os.path.join(*parts), "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def send(box, user, subject, sender="a@client.test"):
    box.send(sender, [user + "@bench.test"], TEXT % subject)


def test_without_rc_to_the_spool(box):
    send(box, "fb00", "plain")
    box.wait_log(r"status=sent \(delivered to command: /usr/bin/procmail")
    got = read(SPOOL, "fb00")
    assert got.startswith(b"From a@client.test  "), got
    assert b"\nDelivered-To: fb00@bench.test\n" in got, got
    assert got.endswith(b"\n\n>From the body\n\n"), got
    assert os.listdir(SPOOL) == ["fb00"]


def test_sorts_into_maildir(box):
    rc(box, "fb00", """MAILDIR=$HOME/Maildir
DEFAULT=$MAILDIR/
LOGFILE=$HOME/log
:0
* ^Subject: liste
.Listes/
""")
    send(box, "fb00", "liste un")
    box.wait_messages("fb00", 1, "Listes")
    send(box, "fb00", "autre")
    text = box.wait_messages("fb00", 1)[0]
    assert text.startswith(b"Return-Path: <a@client.test>\n"), text
    box.wait_empty()
    log = read(home(box, "fb00", "log")).decode()
    assert re.match(r"From a@client\.test  .*\n Subject: liste un\n"
                    r"  Folder: \.Listes/new/\d+\.\S+\s+\d+\n", log), log


def test_argument_and_rights(box):
    rc(box, "fb01", """E="$1"
:0 w
| (id -u; id -g; pwd; echo "$E"; umask) > seen; cat >/dev/null
""")
    send(box, "fb01+some+thing", "who")
    wait(lambda: read(home(box, "fb01", "seen")).count(b"\n") >= 5, "seen")
    box.wait_empty()
    assert read(home(box, "fb01", "seen")).decode().split("\n")[:5] == [
        "61001", "61001", home(box, "fb01"), "some+thing", "0077"]


def test_filter_and_clone(box):
    rc(box, "fb01", """DEFAULT=$HOME/Maildir/
:0 fw
| sed 's/^Subject: /Subject: [seen] /'
:0 c
{
  :0
  copie
}
""")
    send(box, "fb01", "filtered")
    assert b"Subject: [seen] filtered" in box.wait_messages("fb01", 1)[0]
    wait(lambda: b"[seen] filtered" in read(home(box, "fb01", "copie")),
         "the copy")
    box.wait_empty()


def test_failing_filter_keeps_the_text(box):
    before = len(box.messages("fb01"))
    rc(box, "fb01", """DEFAULT=$HOME/Maildir/
:0 fw
| head -c 5; exit 1
""")
    send(box, "fb01", "kept whole")
    texts = box.wait_messages("fb01", before + 1)
    assert any(b"Subject: kept whole\n" in t and t.endswith(
        b"\n\nFrom the body\n") for t in texts), texts


def test_nowhere_to_go_defers(box):
    rc(box, "fb01", "DEFAULT=$HOME/missing/box\nORGMAIL=\nLOCKSLEEP=0\n")
    send(box, "fb01", "waits")
    box.wait_log(r"to=<fb01@bench\.test>, .*dsn=4\.2\.0, status=deferred "
                 r"\(no folder of fb01 takes mail")
    box.wait_log(r"local\[\d+\]: [0-9A-F]+: fb01: procmail: Error while "
                 r"writing to \"\S+/missing/box\"")
    before = len(box.messages("fb01"))
    rc(box, "fb01", "DEFAULT=$HOME/Maildir/\n")
    box.inside("postqueue", "-f")
    box.wait_messages("fb01", before + 1)
    box.wait_empty()


def test_exit_code_of_the_user(box):
    rc(box, "fb01", "EXITCODE=67\n:0\n/dev/null\n")
    send(box, "fb01", "unwanted", "")
    box.wait_log(r"to=<fb01@bench\.test>, .*dsn=5\.1\.1, status=bounced "
                 r"\(user unknown")
    rc(box, "fb01", "HOST=elsewhere\n")
    send(box, "fb01", "dropped")
    box.wait_empty()


def test_nonsense_does_no_harm(box):
    before = len(box.messages("fb01"))
    rc(box, "fb01", "DEFAULT=$HOME/Maildir/\n%%% what\n}\n:0\n* (((\n* z\n"
       "nowhere\n:0 Z\n* ^X-no\nelse\n")
    send(box, "fb01", "nonsense")
    box.wait_messages("fb01", before + 1)
    box.wait_log(r"fb01: procmail: Skipped \"%%% what\"")


def test_changed_rc_is_read_anew(box):
    for n in range(3):
        rc(box, "fb01", "DEFAULT=$HOME/box%d\n" % n)
        send(box, "fb01", "turn %d" % n)
        wait(lambda n=n: b"turn %d" % n in read(
            home(box, "fb01", "box%d" % n)), "box %d" % n)


def test_slow_rc_delays_nobody_else(box):
    rc(box, "fb01", "DEFAULT=$HOME/Maildir/\n:0 w\n| sleep 6; exit 1\n")
    before = len(box.messages("fb01"))
    for _ in range(3):
        send(box, "fb01", "slow")
    began = time.monotonic()
    have = len(box.messages("fb00"))
    send(box, "fb00", "quick")
    box.wait_messages("fb00", have + 1, seconds=4)
    assert time.monotonic() - began < 5
    box.wait_messages("fb01", before + 3, seconds=40)
    box.wait_empty()


def test_time_limit(box):
    before = len(box.messages("fb01"))
    rc(box, "fb01", "DEFAULT=$HOME/Maildir/\nTIMEOUT=1\n:0 w\n"
       "| sleep 61000 & sleep 61001\n")
    send(box, "fb01", "hangs")
    box.wait_messages("fb01", before + 1)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        assert b"sleep\0006100" not in read("/proc", pid, "cmdline")


def test_limits_of_rules(box):
    before = len(box.messages("fb01"))
    rc(box, "fb01", "DEFAULT=$HOME/Maildir/\nLOGFILE=$HOME/log2\nLINEBUF=0\n"
       "A=0123456789abcdef\nINCLUDERC=.twice\nB=`echo 1``echo 2`\n"
       "C=`echo 3``echo 4``echo 5`\nLOG=\"[$B$C]\"\n"
       ":0 w\n| ulimit -d >$HOME/memory; false\n")
    put(box, "fb01", ".twice", "A=$A$A\nINCLUDERC=.twice\n")
    send(box, "fb01", "much of all")
    box.wait_messages("fb01", before + 1)
    box.wait_empty()
    log = read(home(box, "fb01", "log2")).decode()
    assert "Too many rcfiles: 8 open" in log, log
    assert "Limit of 4 processes exceeded" in log and "[1234]" in log, log
    assert read(home(box, "fb01", "memory")) == b"", "no process was left"


def test_dead_child_gives_the_message_back(box):
    before = len(box.messages("fb01"))
    rc(box, "fb01", "DEFAULT=$HOME/Maildir/\n:0 w\n"
       "| cat >/dev/null; test -e go || kill -9 $PPID; exit 1\n")
    send(box, "fb01", "survivor")
    box.wait_log(r"status=deferred \(the delivering process ended before its "
                 r"time\)")
    put(box, "fb01", "go", "")
    box.inside("postqueue", "-f")
    box.wait_messages("fb01", before + 1)
    box.wait_empty()
    assert len(box.messages("fb01")) == before + 1


if not os.path.isdir(SPOOL):
    os.makedirs(SPOOL)
    os.chown(SPOOL, 0, 8)
    os.chmod(SPOOL, 0o2775)
main("--users", "2", "--set", "home_mailbox =", "--set",
     "rules_nesting_limit = 8", "--set", "rules_process_limit = 4", "--set",
     "mail_spool_directory = " + SPOOL, "--set",
     'mailbox_command = /usr/bin/procmail -t -a "$EXTENSION"')
