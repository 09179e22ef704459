#!/usr/bin/env python3
"""~/.forward and Maildirs: what deliver does without procmail."""

import os
import re
import shutil
import time

from lib import main, wait

TEXT = "From: a@client.test\nSubject: %s\n\nFrom the body\n"


def home(box, user, *parts):
    return os.path.join(box.t["homes"], user, *parts)


def put(box, user, name, text, mode=0o644, owner=None):
    path = home(box, user, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    st = os.stat(home(box, user))
    os.chown(path, *(owner or (st.st_uid, st.st_gid)))
    return path


def read(path):
    with open(path, "rb") as f:
        return f.read()


def send(box, user, subject, sender="a@client.test"):
    box.send(sender, [user + "@bench.test"], TEXT % subject)


def test_owner_and_mode(box):
    send(box, "fb00", "plain")
    box.wait_messages("fb00", 1)
    top = box.maildir("fb00", "")
    for d in (top, os.path.join(top, "new"), os.path.join(top, "tmp")):
        st = os.stat(d)
        assert st.st_uid == os.stat(home(box, "fb00")).st_uid, d
        assert st.st_mode & 0o777 == 0o700, d
    name = os.listdir(os.path.join(top, "new"))[0]
    st = os.stat(os.path.join(top, "new", name))
    assert st.st_mode & 0o777 == 0o600
    assert not os.listdir(os.path.join(top, "tmp"))


def test_forward_to_another(box):
    path = put(box, "fb00", ".forward", "# note\n\nfb01@bench.test\n")
    send(box, "fb00", "passed on")
    text = box.wait_messages("fb01", 1)[-1]
    assert b"Subject: passed on" in text
    box.wait_log(r"to=<fb00@bench\.test>, relay=local, .*status=sent "
                 r"\(forwarded to fb01@bench\.test\)")
    box.wait_empty()
    assert len(box.messages("fb00")) == 1
    os.unlink(path)


def test_forward_and_keep(box):
    path = put(box, "fb00", ".forward", "\\fb00, fb01\n")
    before = len(box.messages("fb01"))
    send(box, "fb00", "both")
    box.wait_messages("fb00", 2)
    box.wait_messages("fb01", before + 1)
    box.wait_empty()
    assert len(box.messages("fb00")) == 2
    os.unlink(path)


def test_forward_to_command(box):
    put(box, "fb00", "take", "#!/bin/sh\nid -un >who\npwd >>who\n"
        "echo \"$SENDER $RECIPIENT $EXTENSION $USER\" >>who\ncat >got\n",
        0o755)
    path = put(box, "fb00", ".forward", '"|$HOME/take"\n')
    send(box, "fb00+x`y|z$q", "piped")
    box.wait_log(r"status=sent \(delivered to command: \$HOME/take\)")
    assert read(home(box, "fb00", "who")).decode().split("\n")[:3] == [
        "fb00", home(box, "fb00"),
        "a@client.test fb00+x_y_z_q@bench.test x_y_z_q fb00"]
    got = read(home(box, "fb00", "got"))
    assert re.match(rb"From a@client\.test  \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d"
                    rb" \d{4}\nReturn-Path: <a@client\.test>\n", got), got
    assert b"\nDelivered-To: fb00+x`y|z$q@bench.test\n" in got, got
    assert b"Subject: piped" in got
    os.unlink(path)


def test_commands_end_as_they_say(box):
    for code, status, words in ((67, "bounced", r"5\.1\.1"),
                                (75, "deferred", r"4\.3\.0"),
                                (9, "bounced", r"5\.3\.0")):
        path = put(box, "fb02", ".forward",
                   '"|sh -c \'echo sorry; exit %d\'"\n' % code)
        send(box, "fb02", "code %d" % code, "")
        box.wait_log(r"to=<fb02@bench\.test>, .*dsn=%s, status=%s \(.*"
                     r"Command output: sorry" % (words, status))
        os.unlink(path)
    wait(box.queue, "the deferred message")
    box.inside("postqueue", "-f")
    box.wait_messages("fb02", 1)
    box.wait_empty()


def test_forward_to_file(box):
    path = put(box, "fb00", ".forward", home(box, "fb00", "file") + "\n")
    for n in range(2):
        send(box, "fb00", "file %d" % n)
    box.wait_log(r"status=sent \(delivered to file: ")
    box.wait_empty()
    got = read(home(box, "fb00", "file"))
    assert got.count(b"\n\nFrom a@client.test  ") == 1, got
    assert got.count(b"\n>From the body\n\n") == 2, got
    assert os.stat(home(box, "fb00", "file")).st_mode & 0o777 == 0o600
    os.unlink(path)


def test_extension_has_its_own(box):
    path = put(box, "fb00", ".forward+list", "fb01\n")
    before = len(box.messages("fb01"))
    send(box, "fb00+list", "to the list")
    box.wait_messages("fb01", before + 1)
    kept = len(box.messages("fb00"))
    send(box, "fb00+other", "to the other")
    box.wait_messages("fb00", kept + 1)
    os.unlink(path)


def test_what_others_write_is_not_heard(box):
    kept = len(box.messages("fb00"))
    path = put(box, "fb00", ".forward", "fb01\n", 0o666)
    send(box, "fb00", "writable")
    box.wait_messages("fb00", kept + 1)
    box.wait_log(r"warning: \S+/\.forward may be written by everybody")
    put(box, "fb00", ".forward", "fb01\n", 0o644, (61002, 61002))
    send(box, "fb00", "foreign")
    box.wait_messages("fb00", kept + 2)
    box.wait_log(r"warning: \S+/\.forward belongs to somebody else")
    os.unlink(path)


def test_include_and_loops(box):
    path = put(box, "fb00", ".forward", ":include:/etc/passwd\n")
    send(box, "fb00", "include", "")
    box.wait_log(r"dsn=5\.7\.1, status=bounced \(:include: is not allowed")
    os.unlink(path)
    box.send("", ["fb00@bench.test"],
             "Delivered-To: fb00@bench.test\n" + TEXT % "again")
    box.wait_log(r"dsn=5\.4\.6, status=bounced \(mail forwarding loop for "
                 r"fb00@bench\.test\)")
    # behind more than is read of a header at once
    box.send("", ["fb00@bench.test"],
             "".join("X-%d: %s\n" % (i, "x" * 900) for i in range(50)) +
             "Delivered-To: fb00@bench.test\n" + TEXT % "far")
    wait(lambda: box.log().count("mail forwarding loop for fb00@") >= 2,
         "the second loop")


def test_circle_of_forwards_ends(box):
    a = put(box, "fb00", ".forward", "fb01\n")
    b = put(box, "fb01", ".forward", "fb00\n")
    before = len(box.messages("fb02"))
    box.send("fb02@bench.test", ["fb00@bench.test"], TEXT % "circle")
    box.wait_log(r"to=<fb01@bench\.test>, .*forwarded to fb00")
    # nobody would ever get it: the sender is told
    text = box.wait_messages("fb02", before + 1)[-1]
    assert b"mail forwarding loop" in text, text
    box.wait_empty()
    os.unlink(a)
    os.unlink(b)


def test_trouble_defers(box):
    """A Maildir that is no folder is our trouble, not the sender's."""
    top = home(box, "fb02", "Maildir")
    os.rename(top, top + ".away")
    put(box, "fb02", "Maildir", "in the way\n")
    send(box, "fb02", "blocked")
    box.wait_log(r"to=<fb02@bench\.test>, .*dsn=4\.\d\.\d, status=deferred "
                 r"\(cannot open the Maildir")
    os.unlink(top)
    os.rename(top + ".away", top)
    before = len(box.messages("fb02"))
    box.inside("postqueue", "-f")
    box.wait_messages("fb02", before + 1)
    box.wait_empty()


def test_slow_command_delays_nobody_else(box):
    go = home(box, "fb00", "go")
    os.mkfifo(go, 0o666)
    os.chmod(go, 0o666)
    path = put(box, "fb00", ".forward", '"|read x < %s"\n' % go)
    for _ in range(4):
        send(box, "fb00", "slow")
    before = len(box.messages("fb01"))
    send(box, "fb01", "quick")
    box.wait_messages("fb01", before + 1)
    # it did not wait for the slow ones, which are still there
    assert len(box.queue()) >= 4
    fd = os.open(go, os.O_RDWR)
    os.write(fd, b"\n" * 4)
    box.wait_empty()
    os.close(fd)
    os.unlink(path)
    os.unlink(go)


def test_what_comes_later_is_heard(box):
    """A process that knows what a user does not have sees it come."""
    send(box, "fb02", "first")
    box.wait_empty()
    mine, others = len(box.messages("fb02")), len(box.messages("fb01"))
    wait(lambda: max(os.stat(home(box, "fb02", d)).st_ctime
                     for d in (".", "Maildir")) < time.time() - 4, "folders at rest")
    for n in (1, 2):
        send(box, "fb02", "known to lack all")
        box.wait_messages("fb02", mine + n)
    path = put(box, "fb02", ".forward", "fb01@bench.test\n")
    send(box, "fb02", "forwarded")
    box.wait_messages("fb01", others + 1)
    os.unlink(path)
    path = put(box, "fb02", ".sieve", 'redirect "fb01@bench.test";\n')
    send(box, "fb02", "by a script")
    box.wait_messages("fb01", others + 2)
    os.unlink(path)
    path = put(box, "fb02", "Maildir/maildirsize", "100S\n99 1\n")
    send(box, "fb02", "too much", "")
    box.wait_log(r"to=<fb02@bench\.test>, relay=local, .*dsn=5\.2\.2, status=bounced")
    box.wait_empty()
    assert len(box.messages("fb02")) == mine + 2
    os.unlink(path)


def test_maildir_is_exchanged(box):
    """The child that delivered the last message has it open still."""
    home = os.path.join(box.t["homes"], "fb00")

    def one(subject):
        box.send("a@client.test", ["fb00@bench.test"],
                 "Subject: %s\n\nx\n" % subject)
        box.wait_empty()

    def holds(folder, subject):
        texts = [open(os.path.join(folder, n), "rb").read()
                 for n in os.listdir(folder)]
        return any(b"Subject: %s\n" % subject.encode() in t for t in texts)

    one("first")
    os.rename(home + "/Maildir", home + "/Away")
    one("second")
    assert holds(home + "/Away/new", "first")
    assert holds(home + "/Maildir/new", "second")
    os.rename(home + "/Maildir/new", home + "/Maildir/aside")
    one("third")
    assert holds(home + "/Maildir/new", "third")
    assert not holds(home + "/Maildir/aside", "third")
    shutil.rmtree(home + "/Maildir/tmp")
    one("fourth")
    assert holds(home + "/Maildir/new", "fourth")
    shutil.rmtree(home + "/Maildir")
    os.rename(home + "/Away", home + "/Maildir")


main("--users", "3")
