#!/usr/bin/env python3
"""Filters of other programs in procmail recipes: spamc, clamdscan; one that
hangs, one that dies. Programs of these names stand in for them in ~/bin."""

import os

from lib import main, wait

SPAMC = """#!/bin/sh
# marks what says so, passes all else on, as spamc does
text=$(cat; echo x)
case $text in *"buy now"*) v=Yes ;; *) v=No ;; esac
printf '%s' "${text%x}" | sed "1,/^$/s/^$/X-Spam-Status: $v, score=1.0\\n/"
"""

CLAMDSCAN = """#!/bin/sh
# 1 and a line with FOUND, as clamdscan says it of its standard input
if grep -q "EICAR" ; then echo "stream: Eicar-Test FOUND"; exit 1; fi
echo "stream: OK"
"""

RC = """MAILDIR=$HOME/Maildir
DEFAULT=$MAILDIR/
LOGFILE=$HOME/log
VIRUS=`clamdscan --no-summary -`
:0
* VIRUS ?? FOUND$
.Virus/

:0 fw: spamc.lock
* < 256000
| spamc

:0
* ^X-Spam-Status: Yes
.Junk/
"""


def home(box, user, *parts):
    return os.path.join(box.t["homes"], user, *parts)


def put(box, user, name, text, mode=0o644):
    path = home(box, user, name)
    st = os.stat(home(box, user))
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
        os.chown(os.path.dirname(path), st.st_uid, st.st_gid)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    os.chown(path, st.st_uid, st.st_gid)


def send(box, user, subject, body="Bonjour\n"):
    box.send("a@client.test", [user + "@bench.test"],
             "From: a@client.test\nSubject: %s\n\n%s" % (subject, body))


def test_spamc_and_clamdscan(box):
    put(box, "fb00", "bin/spamc", SPAMC, 0o755)
    put(box, "fb00", "bin/clamdscan", CLAMDSCAN, 0o755)
    put(box, "fb00", ".procmailrc", RC)
    send(box, "fb00", "good")
    text = box.wait_messages("fb00", 1)[0]
    assert b"\nX-Spam-Status: No, score=1.0\n" in text, text
    # the empty line that a pipe is given at the end comes back from it
    assert text.endswith(b"\n\nBonjour\n\n"), text
    send(box, "fb00", "bad", "buy now\n")
    text = box.wait_messages("fb00", 1, "Junk")[0]
    assert b"\nX-Spam-Status: Yes" in text, text
    send(box, "fb00", "worse", "EICAR\n")
    text = box.wait_messages("fb00", 1, "Virus")[0]
    assert b"X-Spam" not in text, text
    box.wait_empty()
    assert not os.path.exists(home(box, "fb00", "Maildir", "spamc.lock"))
    assert len(box.messages("fb00")) == 1


def test_filter_that_dies(box):
    have = len(box.messages("fb00"))
    put(box, "fb00", "bin/spamc", "#!/bin/sh\nhead -c 20\nkill -9 $$\n", 0o755)
    send(box, "fb00", "killed", "all of this\n")
    texts = box.wait_messages("fb00", have + 1)
    assert any(b"Subject: killed\n" in t and t.endswith(b"\n\nall of this\n")
               and b"X-Spam" not in t for t in texts), texts
    box.wait_empty()


def running(word):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                if word in f.read():
                    return True
        except OSError:
            pass
    return False


def test_filter_that_hangs(box):
    """It and what it started are gone, its lock too; the message is whole."""
    have = len(box.messages("fb00"))
    put(box, "fb00", "bin/spamc",
        "#!/bin/sh\ntrap '' TERM\nsleep 61003 &\nsleep 61004\n", 0o755)
    put(box, "fb00", ".procmailrc", "TIMEOUT=1\n" + RC)
    put(box, "fb01", ".procmailrc", "DEFAULT=$HOME/Maildir/\n")
    send(box, "fb00", "hangs", "nothing lost\n")
    wait(lambda: running(b"sleep\00061004"), "the filter")
    send(box, "fb01", "not held up")
    box.wait_messages("fb01", 1)
    texts = box.wait_messages("fb00", have + 1)
    assert any(t.endswith(b"\n\nnothing lost\n") for t in texts), texts
    box.wait_empty()
    wait(lambda: not running(b"sleep\0006100"), "the end of its group")
    assert not os.path.exists(home(box, "fb00", "Maildir", "spamc.lock"))


def test_scanner_that_is_not_there(box):
    have = len(box.messages("fb00"))
    os.unlink(home(box, "fb00", "bin/spamc"))
    os.unlink(home(box, "fb00", "bin/clamdscan"))
    put(box, "fb00", ".procmailrc", RC.replace("clamdscan", "no-clamdscan")
        .replace("| spamc", "| no-spamc"))
    send(box, "fb00", "unscanned")
    texts = box.wait_messages("fb00", have + 1)
    assert any(b"Subject: unscanned\n" in t for t in texts), texts
    box.wait_empty()


main("--users", "2", "--set", "mailbox_command = /usr/bin/procmail")
