#!/usr/bin/env python3
"""vacation from .forward and from a recipe, by mail that is really sent."""

import os

from lib import main, wait


def home(box, user, *parts):
    return os.path.join(box.t["homes"], user, *parts)


def put(box, user, name, text):
    path = home(box, user, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    st = os.stat(home(box, user))
    os.chown(path, st.st_uid, st.st_gid)


def to_maildir(box, user, more=""):
    put(box, user, ".procmailrc", "DEFAULT=$HOME/Maildir/\n" + more)


def send(box, subject, sender="fb01@bench.test", more="",
         to="fb00@bench.test"):
    box.send(sender, [to],
             "From: %s\nTo: %s\nSubject: %s\nMessage-ID: <%s@client.test>\n"
             "%s\ntext\n" % (sender, to, subject, subject.replace(" ", "."),
                             more))


def test_forward(box):
    for user in ("fb00", "fb01", "fb02", "fb04", "fb05"):
        to_maildir(box, user)
    put(box, "fb00", ".vacation.msg",
        "Subject: away: $SUBJECT\n\nJe suis \u00e0 la mer.\n")
    put(box, "fb00", ".forward", '\\fb00, "|/usr/bin/vacation fb00"\n')
    send(box, "one")
    box.wait_messages("fb00", 1)
    got = box.wait_messages("fb01", 1)[0].decode()
    for line in ("Return-Path: <>", "Subject: away: one",
                 "Auto-Submitted: auto-replied", "To: fb01@bench.test",
                 "From: fb00 <fb00@bench.test>",
                 "In-Reply-To: <one@client.test>",
                 "References: <one@client.test>",
                 "Je suis =C3=A0 la mer."):
        assert "\n" + line + "\n" in "\n" + got, (line, got)
    box.wait_empty()


def test_none(box):
    """Each reason against one by itself; then a new sender, whose answer
    says that all before it was seen to."""
    send(box, "two")  # was answered
    send(box, "three", "owner-x@bench.test")
    send(box, "four", "fb02@bench.test", "List-Id: <x.client.test>\n")
    send(box, "five", "fb02@bench.test", "Precedence: bulk\n")
    send(box, "six", "fb02@bench.test", "Auto-Submitted: auto-generated\n")
    send(box, "seven", "")
    box.wait_messages("fb00", 7)
    send(box, "eight", "fb02@bench.test")
    got = box.wait_messages("fb02", 1)
    assert b"away: eight" in got[0], got
    box.wait_empty()
    assert len(box.messages("fb02")) == 1
    assert len(box.messages("fb01")) == 1


def test_both_away(box):
    """Two that are both away do not answer each other's answers."""
    put(box, "fb03", ".vacation.msg", "away too\n")
    to_maildir(box, "fb03", ":0 c\n| vacation -r 0 fb03\n")
    put(box, "fb04", ".vacation.msg", "away as well\n")
    put(box, "fb04", ".forward", '\\fb04, "|vacation -t 0s -j fb04"\n')
    send(box, "nine", "fb04@bench.test", to="fb03@bench.test")
    box.wait_messages("fb04", 1)
    wait(lambda: not box.queue(), "an empty queue")
    assert len(box.messages("fb03")) == 1
    assert len(box.messages("fb04")) == 1


def test_trouble_holds_nothing_up(box):
    put(box, "fb05", ".forward", '\\fb05, "|vacation fb05"\n')
    send(box, "ten", to="fb05@bench.test")
    box.wait_messages("fb05", 1)
    box.wait_empty()


main("--users", "6", "--set",
     "mailbox_command = /usr/bin/procmail -a \"$EXTENSION\"")
