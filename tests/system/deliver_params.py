#!/usr/bin/env python3
"""Parameters of deliver: locks of boxes, commands, rules and scripts, and the
status of each kind of delivery."""

import os
import re
import time

from lib import main, wait
from packets import reload

SPOOL = os.path.join(os.environ.get("TEST_DIR", os.getcwd()), "mail")
TEXT = "From: a@client.test\nSubject: %s\n\ntext\n"
USER = 61000


def put(box, user, name, text, mode=0o644):
    home = os.path.join(box.t["homes"], user)
    path = os.path.join(home, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    st = os.stat(home)
    os.chown(path, st.st_uid, st.st_gid)
    return path


def read(*parts):
    try:
        with open(os.path.join(*parts), "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def settings(box, *values):
    """These of main.cf until the next ones."""
    box.inside("postsuper", "-d", "ALL")
    if getattr(box, "set", None):
        box.inside("postconf", "-X", *box.set)
    box.set = [v.split("=")[0].strip() for v in values]
    reload(box, "-e", *values)


def send(box, to, subject, sender=""):
    box.send(sender, [to + "@bench.test"], TEXT % subject)


# -- boxes


def locked(age=0):
    path = os.path.join(SPOOL, "fb00.lock")
    with open(path, "w", encoding="ascii") as f:
        f.write("0")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_lock_is_waited_for_so_long(box):
    """By default that is 20 seconds."""
    lock = locked()
    for i, values in enumerate((
            ("deliver_lock_attempts = 1", "deliver_lock_delay = 1s"),
            ("deliver_lock_attempts = 7", "deliver_lock_delay = 0s"))):
        settings(box, *values)
        send(box, "fb00", "late %d" % i)
        wait(lambda: len(re.findall(  # pylint: disable=cell-var-from-loop
            r"to=<fb00@bench\.test>.*status=deferred .*lock",
            box.log())) > i, "no wait: " + values[0], 8)
    os.unlink(lock)


def test_stale_lock(box):
    lock = locked(age=60)
    settings(box, "stale_lock_time = 30s")
    send(box, "fb00", "stale")
    wait(lambda: b"stale" in read(SPOOL, "fb00"), "the message", 8)
    assert not os.path.exists(lock)
    # younger than that it counts
    lock = locked(age=60)
    settings(box, "stale_lock_time = 120s", "deliver_lock_attempts = 1")
    send(box, "fb00", "younger")
    wait(lambda: box.queue() and "delay_reason" in
         box.queue()[0]["recipients"][0], "a deferral", 8)
    os.unlink(lock)


def test_other_lock(box):
    lock = locked()
    settings(box, "mailbox_delivery_lock = fcntl")
    send(box, "fb00", "unlocked")
    wait(lambda: b"unlocked" in read(SPOOL, "fb00"), "the message", 8)
    os.unlink(lock)


def test_delivered_header(box):
    send(box, "fb01", "with")
    wait(lambda: b"Subject: with" in read(SPOOL, "fb01"), "the message")
    assert b"\nDelivered-To: fb01@bench.test\n" in read(SPOOL, "fb01")
    settings(box, "prepend_delivered_header = command, forward")
    send(box, "fb02", "without")
    wait(lambda: b"Subject: without" in read(SPOOL, "fb02"), "the message")
    assert b"Delivered-To" not in read(SPOOL, "fb02")


# -- commands


def test_shell(box):
    """Even where no shell is needed."""
    shell = put(box, "fb03", "shell", '#!/bin/sh\necho "$@" >>$HOME/said\n',
                0o755)
    put(box, "fb03", ".forward", "|/bin/true one\n")
    settings(box, "local_command_shell = %s -x -c" % shell)
    send(box, "fb03", "shell")
    said = os.path.join(box.t["homes"], "fb03", "said")
    wait(lambda: read(said) == b"-x -c /bin/true one\n", lambda: read(said))
    os.unlink(os.path.join(box.t["homes"], "fb03", ".forward"))


def test_expansion_filter(box):
    settings(box, "command_expansion_filter = abcdefghij",
             'mailbox_command = echo "$EXTENSION" >>$HOME/words',
             "recipient_delimiter = +")
    send(box, '"fb04+abc;de*/"', "filter")
    words = os.path.join(box.t["homes"], "fb04", "words")
    wait(lambda: read(words) == b"abc_de__\n", lambda: read(words))


# -- the last word about a delivery


def test_status_filters(box):
    """Each kind of delivery has its own table."""
    names = ("local_delivery_status_filter", "virtual_delivery_status_filter",
             "pipe_delivery_status_filter")
    agents = [name.split("_")[0] for name in names]
    filters = []
    for name, agent in zip(names, agents):
        path = box.path("etc", agent + ".pcre")
        with open(path, "w", encoding="utf-8") as f:
            f.write("/^2/ 2.1.5 in the place of %s\n" % agent)
        os.chmod(path, 0o644)
        filters.append("%s = pcre:%s" % (name, path))
    settings(box, "virtual_mailbox_domains = virtual.test",
             "virtual_mailbox_base = " + box.t["homes"],
             "virtual_mailbox_maps = inline:{u@virtual.test=fb05/v/}",
             "virtual_uid_maps = static:61005",
             "virtual_gid_maps = static:61005",
             "transport_maps = inline:{pipe.test=pipe:}", *filters)
    box.send("", ["fb01@bench.test", "u@virtual.test", "u@pipe.test"],
             TEXT % "status")
    for agent in agents:
        box.wait_log(r"postfix/%s\[\d+\]: .*dsn=2\.1\.5, status=sent "
                     r"\(in the place of %s\)$" % (agent, agent))


# -- procmail's rules


def rules(box, text):
    put(box, "fb06", ".procmailrc", "DEFAULT=$HOME/Maildir/\n" + text)
    before = len(box.messages("fb06"))
    send(box, "fb06", "rules")
    return box.wait_messages("fb06", before + 1)[-1]


LONG = "LONG=%s\n:0 fhw\n* LONG ?? x\n| formail -A 'X-Long: yes'\n" % (
    "x" * 1500)
LARGE = (":0 fhw\n| dd bs=200M count=1 if=/dev/zero of=/dev/null && "
         "formail -A 'X-Large: yes'\n")
SLOW = ":0 fhw\n| sleep 60\n"


def test_rules(box):
    settings(box, "mailbox_command = /usr/bin/procmail")
    assert b"X-Long" in rules(box, LONG)
    assert b"X-Large" in rules(box, LARGE)
    settings(box, "mailbox_command = /usr/bin/procmail",
             "rules_variable_limit = 1000", "rules_memory_limit = 100000000",
             "rules_time_limit = 1s")
    assert b"X-Long" not in rules(box, LONG)
    assert b"X-Large" not in rules(box, LARGE)
    rules(box, SLOW)


def test_maildir_detected(box):
    for name, detect in (("seen", "yes"), ("unseen", "no")):
        for sub in ("new", "cur", "tmp"):
            path = os.path.dirname(put(
                box, "fb07", "%s/%s/keep" % (name, sub), ""))
            os.chown(path, USER + 7, USER + 7)
        top = os.path.dirname(path)
        os.chown(top, USER + 7, USER + 7)
        put(box, "fb07", ".procmailrc", ":0\n$HOME/%s\n" % name)
        settings(box, "mailbox_command = /usr/bin/procmail",
                 "maildirdetect = " + detect)
        send(box, "fb07", name)
        wait(lambda: len(os.listdir(  # pylint: disable=cell-var-from-loop
            top + "/new" if detect == "yes" else top)) > (
                1 if detect == "yes" else 3), name)


# -- Sieve


def test_sieve_limits(box):
    three = 'require ["fileinto", "mailbox"];' + "".join(
        ' fileinto :create "INBOX.%s";' % folder for folder in "abc")
    two = 'redirect "fb01@bench.test"; redirect "fb02@bench.test";'
    cases = {"too many actions": three, "too many redirects": two,
             "larger than 200 bytes": "discard;" + "#" * 200}
    settings(box, "home_mailbox = Maildir/", "sieve_max_actions = 2",
             "sieve_max_redirects = 1", "sieve_max_script_size = 200")
    for count, (says, text) in enumerate(cases.items()):
        put(box, "fb08", ".sieve", text)
        send(box, "fb08", "kept")
        box.wait_messages("fb08", count + 1)
        box.wait_log(r"fb08/\.sieve.*" + says)
    settings(box, "home_mailbox = Maildir/", "sieve_max_actions = 3")
    put(box, "fb08", ".sieve", three)
    send(box, "fb08", "enough")
    for folder in "abc":
        box.wait_messages("fb08", 1, folder)


def test_vacation_periods(box):
    """What the script does not say, and what it may say: a second."""
    settings(box, "home_mailbox = Maildir/",
             "sieve_vacation_default_period = 1s",
             "sieve_vacation_min_period = 1s")
    users = {"fb05": "", "fb09": ":seconds 1"}
    for user, period in users.items():
        put(box, user, ".sieve",
            'require ["vacation", "vacation-seconds"]; '
            'vacation %s :subject "%s" "away";' % (period, user))

    def again():
        for user in users:
            box.send("fb00@bench.test", [user + "@bench.test"],
                     "From: fb00@bench.test\nTo: %s@bench.test\n"
                     "Subject: x\n\nx\n" % user)
        box.wait_empty()
        got = b"".join(box.messages("fb00"))
        return all(got.count(b"Subject: " + user.encode()) >= 2
                   for user in users)
    again()
    wait(again, "second answers")


if not os.path.isdir(SPOOL):
    os.makedirs(SPOOL)
    os.chown(SPOOL, 0, 8)
    os.chmod(SPOOL, 0o2775)
main("--users", "10", "--set", "home_mailbox =",
     "--master", "pipe unix - n n - 1 pipe flags= user=fb00 argv=/bin/true",
     "--set", "mail_spool_directory = " + SPOOL)
