#!/usr/bin/env python3
"""Sieve scripts, by mail that is really delivered."""

import os
import subprocess

from lib import TREE, main, wait

ALL = ('require ["fileinto", "mailbox", "copy", "imap4flags", "envelope", '
       '"subaddress", "reject", "vacation", "variables"];\n')


def put(box, user, name, text):
    home = os.path.join(box.t["homes"], user)
    path = os.path.join(home, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    st = os.stat(home)
    os.chown(path, st.st_uid, st.st_gid)


def send(box, subject, to="fb00@bench.test", sender="fb01@bench.test"):
    box.send(sender, [to],
             "From: %s\nTo: %s\nSubject: %s\n\ntext\n" % (sender, to, subject))


def test_fileinto(box):
    put(box, "fb00", ".sieve", ALL + """
if header :matches "Subject" "[*] *" {
    set :lower "list" "${1}";
    fileinto :create :flags ["\\\\Seen", "$Label1"] "Lists/${list}";
} elsif envelope :detail "to" "work" { fileinto "INBOX.None"; }
elsif header :is "Subject" "away" { discard; }
""")
    send(box, "[ONE] hello")
    cur = os.path.join(box.t["homes"], "fb00", "Maildir", ".Lists.one", "cur")
    wait(lambda: os.path.isdir(cur) and os.listdir(cur), "a file in cur")
    with open(os.path.join(cur, os.listdir(cur)[0]), "rb") as f:
        got = f.read()
    assert b"Subject: [ONE] hello\n" in got, got
    assert got.startswith(b"Return-Path: <fb01@bench.test>\n"), got
    # its record is written by the delivery: a head, and one
    log = os.path.join(cur, "..", "facteur.log")
    wait(lambda: os.path.getsize(log) == 80, "the record in facteur.log")
    send(box, "away")
    box.wait_log(r"status=sent \(discarded by .*/\.sieve\)")
    send(box, "no such folder", "fb00+work@bench.test")
    got = box.wait_messages("fb00", 1)
    assert b"no such folder" in got[0], got
    box.wait_log(r"warning: .*/\.sieve:6: no such folder")
    imap = box.imap("fb00")
    imap.select('"INBOX.Lists.one"')
    flags = imap.fetch("1", "(FLAGS)")[1][0]
    assert b"\\Seen" in flags and b"$Label1" in flags, flags
    imap.logout()
    box.wait_empty()


def test_quota(box):
    """What goes into a folder counts for the whole, and finds its room there."""
    size = "Maildir/maildirsize"
    put(box, "fb07", ".sieve", ALL + 'fileinto :create "Kept";\n')
    put(box, "fb07", size, "5000S\n0 0\n")
    send(box, "one", "fb07@bench.test")
    box.wait_messages("fb07", 1, "Kept")
    path = os.path.join(box.t["homes"], "fb07", size)

    def lines():
        with open(path, encoding="utf-8") as f:
            return [line.split() for line in f]

    wait(lambda: len(lines()) == 3, lambda: "a line for it: %s" % lines())
    assert int(lines()[2][0]) > 100 and lines()[2][1] == "1", lines()
    put(box, "fb07", size, "100S\n99 1\n")
    send(box, "two", "fb07@bench.test", "")
    box.wait_log(r"to=<fb07@bench\.test>, .*dsn=5\.2\.2, status=bounced")
    box.wait_empty()
    assert len(box.messages("fb07", "Kept")) == 1
    os.unlink(path)


def test_redirect_and_reject(box):
    put(box, "fb02", ".dovecot.sieve", ALL + """
if header :contains "Subject" "no" { reject "I do not
want it"; stop; }
redirect :copy "fb03@bench.test";
""")
    send(box, "yes", "fb02@bench.test")
    box.wait_messages("fb02", 1)
    box.wait_messages("fb03", 1)
    send(box, "no", "fb02@bench.test")
    bounce = box.wait_messages("fb01", 1)[0]
    assert b"recipient: I do not want it" in bounce.replace(
        b"\n    ", b" "), bounce
    # a script that runs twice redirects once
    put(box, "fb02", ".forward", "\\\\fb02, fb02, \\\\fb02\n")
    send(box, "twice", "fb02@bench.test")
    box.wait_messages("fb03", 2)
    box.wait_empty()
    assert len(box.messages("fb03")) == 2
    # two that send to each other: it goes round once
    put(box, "fb03", ".sieve", 'redirect "fb02@bench.test";')
    send(box, "yes", "fb03@bench.test")
    wait(lambda: not box.queue(), "an empty queue")
    assert len(box.messages("fb02")) <= 7, box.messages("fb02")


def test_vacation(box):
    put(box, "fb04", ".sieve", ALL + """
require ["fcc", "special-use", "fileinto"];
vacation :subject "en vacances \u00e9t\u00e9" :fcc "Answers" :create
    :flags "\\\\Seen" "Je suis parti.";
if specialuse_exists "\\\\Junk" { keep; }
elsif specialuse_exists "Spam" "\\\\Junk" { keep; }
if header :is "Subject" "where are you? 1" {
    fileinto :specialuse "\\\\Junk" :create "Spam";
}
""")
    before = len(box.messages("fb05"))
    for i in range(2):
        send(box, "where are you? %d" % i, "fb04@bench.test",
             "fb05@bench.test")
    box.wait_messages("fb04", 1)
    got = box.wait_messages("fb05", before + 1)
    assert b"Auto-Submitted: auto-replied\n" in got[-1], got
    assert b"From: fb04@bench.test\n" in got[-1], got
    box.wait_empty()
    maildir = os.path.join(box.t["homes"], "fb04", "Maildir")
    kept = os.listdir(os.path.join(maildir, ".Answers", "cur"))
    assert len(kept) == 1 and kept[0].endswith(":2,S"), kept
    assert len(os.listdir(os.path.join(maildir, ".Spam", "new"))) == 1
    send(box, "where are you? 1", "fb04@bench.test", "fb05@bench.test")
    box.wait_empty()
    assert len(os.listdir(os.path.join(maildir, ".Spam", "new"))) == 2
    box.wait_messages("fb04", 2)
    assert len(box.messages("fb05")) == before + 1


def test_errors_keep(box):
    """A script that is wrong, and one that fails, lose nothing."""
    put(box, "fb06", ".sieve", "keep;\nfoo;\n")
    send(box, "wrong", "fb06@bench.test")
    box.wait_messages("fb06", 1)
    box.wait_log(r"warning: .*/\.sieve:2:1: unknown command foo")
    put(box, "fb06", ".sieve",
        "".join('redirect "a%d@bench.test";' % i for i in range(6)))
    send(box, "fails", "fb06@bench.test")
    box.wait_messages("fb06", 2)
    box.wait_log(r"the script failed, the message is kept: too many red")
    # a procmailrc goes before
    put(box, "fb06", ".procmailrc", "")
    put(box, "fb06", ".sieve", "discard;")
    send(box, "third", "fb06@bench.test")
    box.wait_messages("fb06", 3)
    box.wait_empty()


def text_of(box, user, folder=""):
    new = os.path.join(box.t["homes"], user, "Maildir", folder, "new")
    wait(lambda: os.path.isdir(new) and os.listdir(new), "mail in " + new)
    with open(os.path.join(new, os.listdir(new)[0]), "rb") as f:
        return f.read()


def test_extensions(box):
    """Included scripts, changed headers, expressions, duplicates."""
    home = os.path.join(box.t["homes"], "fb07")
    st = os.stat(home)
    os.mkdir(os.path.join(home, "sieve"))
    os.chown(os.path.join(home, "sieve"), st.st_uid, st.st_gid)
    subscribed = os.path.join(home, "Maildir", "courierimapsubscribed")
    with open(subscribed, "w", encoding="utf-8") as f:
        f.write("INBOX\n")
    os.chown(subscribed, st.st_uid, st.st_gid)
    glob = os.path.join(box.t["homes"], "sieve-global")
    os.mkdir(glob)
    with open(os.path.join(glob, "tag.sieve"), "w", encoding="utf-8") as f:
        f.write('require "editheader"; addheader "X-Site" "\u00e9t\u00e9";')
    put(box, "fb07", "sieve/lists.sieve", """
require ["regex", "variables", "fileinto", "mailbox", "editheader"];
if header :regex "Subject" "^\\\\[([a-z]+)\\\\] *(.*)$" {
    set "rest" "${2}";
    deleteheader "Subject";
    addheader "Subject" "${rest}";
    fileinto :create "L.${1}";
}
""")
    put(box, "fb07", ".sieve", """
require ["include", "duplicate", "editheader"];
if duplicate :header "Subject" { discard; stop; }
include :global "tag";
include "lists";
include :optional "none";
if header :is "Subject" "on" { redirect "fb08@bench.test"; }
""")
    put(box, "fb07", "t.sieve", 'require "include"; include "lists";')
    got = subprocess.run(
        [os.path.join(os.environ.get("BUILD", os.path.join(TREE, "build")),
                      "bin", "facteur"), "sieve", "trace",
         os.path.join(home, "t.sieve")], input="Subject: [dev] x\n\n",
        stdout=subprocess.PIPE, text=True, check=True).stdout
    assert ", included lists:6: addheader\n" in got, got
    assert 'would file into "L.dev", the header changed\n' in got, got
    for _ in range(2):
        send(box, "[dev] news", "fb07@bench.test")
        box.wait_empty()
    got = text_of(box, "fb07", ".L.dev")
    assert got.startswith(b"Subject: news\n") and b"[dev]" not in got, got
    assert b"X-Site: =?" in got and got.endswith(b"\n\ntext\n"), got
    assert len(os.listdir(os.path.join(home, "Maildir/.L.dev/new"))) == 1
    assert box.messages("fb07") == []
    with open(subscribed, encoding="utf-8") as subs:
        assert "INBOX.L.dev" in subs.read().split("\n")
    send(box, "on", "fb07@bench.test")
    got = box.wait_messages("fb08", 1)[0]
    assert b"X-Site: =?" in got and b"Delivered-To: fb07@" in got, got
    assert got.count(b"Return-Path:") == 1, got
    # the included script changes, and is read anew
    put(box, "fb07", "sieve/lists.sieve", "discard;")
    send(box, "again", "fb07@bench.test")
    box.wait_log(r"to=<fb07@bench.test>.*status=sent \(discarded by")
    put(box, "fb07", "sieve/lists.sieve", "foo;")
    send(box, "wrong", "fb07@bench.test")
    box.wait_messages("fb07", 1)
    box.wait_log(r"warning: .*/lists\.sieve:1:1: unknown command foo")
    box.wait_empty()


def test_off(box):
    os.unlink(os.path.join(box.t["homes"], "fb06", ".procmailrc"))
    with open(box.path("etc", "main.cf"), "a", encoding="utf-8") as f:
        f.write("sieve = no\n")
    box.reload()
    send(box, "fourth", "fb06@bench.test")
    box.wait_messages("fb06", 4)
    box.wait_empty()


main("--users", "9", "--set", "mailbox_command =",
     "--set", "sieve_global_dir = $home/../sieve-global")
