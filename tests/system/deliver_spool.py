#!/usr/bin/env python3
"""The mail spool: boxes that deliver makes and locks with its parent's help."""

import fcntl
import grp
import os
import re
import struct

from lib import main, wait

SPOOL = os.path.join(os.environ.get("TEST_DIR", os.getcwd()), "mail")
F_OFD_SETLK = 37
MAIL = grp.getgrnam("mail").gr_gid
TEXT = "From: a@client.test\nSubject: %s\n\nFrom the body\n"


def path(user):
    return os.path.join(SPOOL, user)


def read(user):
    try:
        with open(path(user), "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def send(box, user, subject, sender="a@client.test"):
    box.send(sender, [user + "@bench.test"], TEXT % subject)


def test_made_and_appended(box):
    send(box, "fb00", "one")
    box.wait_log(r"status=sent \(delivered to mailbox\)")
    st = os.stat(path("fb00"))
    assert (st.st_uid, st.st_gid, st.st_mode & 0o7777) == (
        61000, MAIL, 0o660), st
    send(box, "fb00", "two", "")
    wait(lambda: b"two" in read("fb00"), "the second message")
    box.wait_empty()
    got = read("fb00")
    assert re.match(rb"From a@client\.test  \w+ \w+ [ \d]\d [\d:]+ \d{4}\n"
                    rb"Return-Path: <a@client\.test>\n", got), got
    assert b"\n\n>From the body\n\nFrom MAILER-DAEMON  " in got, got
    assert got.endswith(b"\n>From the body\n\n")
    assert os.listdir(SPOOL) == ["fb00"], os.listdir(SPOOL)


def test_waits_for_a_lock_file(box):
    lock = path("fb00") + ".lock"
    with open(lock, "w", encoding="ascii") as f:
        f.write("0")
    send(box, "fb00", "locked out")
    box.wait_log(r"queue active")
    size = os.stat(path("fb00")).st_size
    try:
        wait(lambda: b"locked out" in read("fb00"), "nothing", 2)
        raise RuntimeError("delivered in spite of the lock file")
    except AssertionError:
        assert os.stat(path("fb00")).st_size == size
    os.unlink(lock)
    wait(lambda: b"locked out" in read("fb00"), "the message", 40)
    box.wait_empty()
    assert not os.path.exists(lock)


def test_waits_for_the_kernels_lock(box):
    with open(path("fb00"), "r+b") as f:
        # of the open file, so that reading it meanwhile keeps the lock
        fcntl.fcntl(f, F_OFD_SETLK, struct.pack(
            "hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        send(box, "fb00", "kernel")
        try:
            wait(lambda: b"kernel" in read("fb00"), "nothing", 2)
            raise RuntimeError("delivered in spite of the lock")
        except AssertionError:
            pass
    wait(lambda: b"kernel" in read("fb00"), "the message", 40)


def test_no_link_is_followed(box):
    target = os.path.join(SPOOL, "..", "victim")
    with open(target, "w", encoding="ascii") as f:
        f.write("precious\n")
    os.chown(target, 61001, 61001)
    os.symlink(target, path("fb01"))
    send(box, "fb01", "linked")
    box.wait_log(r"to=<fb01@bench\.test>, .*status=deferred")
    os.unlink(path("fb01"))
    os.link(target, path("fb01"))
    box.inside("postqueue", "-f")
    box.wait_log(r"has more than one name")
    os.unlink(path("fb01"))
    box.inside("postqueue", "-f")
    wait(lambda: b"linked" in read("fb01"), "the message")
    with open(target, encoding="ascii") as f:
        assert f.read() == "precious\n"


def test_a_box_of_somebody_else(box):
    with open(path("fb02"), "w", encoding="ascii"):
        pass
    os.chown(path("fb02"), 61001, MAIL)
    os.chmod(path("fb02"), 0o666)
    send(box, "fb02", "mine")
    box.wait_log(r"to=<fb02@bench\.test>, .*status=deferred \(.*belongs to "
                 r"somebody else")
    with open(box.path("etc", "main.cf"), "a", encoding="utf-8") as f:
        f.write("strict_mailbox_ownership = no\n")
    box.reload()

    def came():
        box.inside("postqueue", "-f")
        return b"mine" in read("fb02")
    wait(came, "the message")
    box.wait_empty()
    os.chown(path("fb02"), 61002, MAIL)
    os.chmod(path("fb02"), 0o660)


def test_full_box_bounces(box):
    with open(path("fb02"), "ab") as f:
        f.truncate(299000)
    box.send("", ["fb02@bench.test"],
             TEXT % "big" + "x" * 60 + "\n" * 2000)
    box.wait_log(r"to=<fb02@bench\.test>, .*dsn=5\.2\.2, status=bounced "
                 r"\(mailbox full")
    os.truncate(path("fb02"), 0)


def test_many_at_once(box):
    before = read("fb01").count(b"Subject: many")
    for n in range(20):
        send(box, "fb01", "many %d" % n)
    wait(lambda: read("fb01").count(b"Subject: many") == before + 20,
         "twenty messages", 40)
    box.wait_empty()
    assert read("fb01").count(b"\nFrom a@client.test  ") >= 19


if not os.path.isdir(SPOOL):
    os.makedirs(SPOOL)
    os.chown(SPOOL, 0, MAIL)
    os.chmod(SPOOL, 0o2775)
main("--users", "3", "--set", "home_mailbox =", "--set",
     "mail_spool_directory = " + SPOOL, "--set", "mailbox_size_limit = 300000",
     "--set", "message_size_limit = 200000")
