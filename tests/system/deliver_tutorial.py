#!/usr/bin/env python3
"""The tutorial's procmailrc and main.cf, as they stand."""

import os

from lib import main, wait

TEXT = "From: %s\nTo: awa@sigui.ci\nSubject: %s\n\nBonjour\n"


def home(box, *parts):
    return os.path.join(box.t["homes"], "awa", *parts)


def read(*parts):
    try:
        with open(os.path.join(*parts), "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def send(box, sender, subject):
    box.send(sender, ["awa@sigui.ci"], TEXT % (sender, subject))


def test_default_is_the_maildir(box):
    send(box, "ami@client.test", "salut")
    text = box.wait_messages("awa", 1)[0]
    assert b"Subject: salut" in text and not text.startswith(b"From ")
    assert not [n for n in os.listdir(home(box, "Maildir"))
                if n.startswith("msg.")]
    wait(lambda: b" Subject: salut\n" in read(home(box, "Maildir"), "logfile"),
         "the log file inside the Maildir")


def test_journal_goes_to_its_box(box):
    send(box, "journal@mon-jounal.com", "du jour")
    wait(lambda: b"Subject: du jour" in read(
        home(box, "Maildir"), "journaux"), "the box journaux")
    box.wait_empty()
    got = read(home(box, "Maildir"), "journaux")
    assert got.startswith(b"From journal@mon-jounal.com  "), got
    assert not os.path.exists(home(box, "Maildir", "journaux.lock"))
    assert len(box.messages("awa")) == 1


def test_robot_is_thrown_away(box):
    send(box, "le-robot@je-suis-ennui.com", "achetez")
    wait(lambda: b"  Folder: /dev/null" in read(
        home(box, "Maildir"), "logfile"), "/dev/null in the log file")
    box.wait_empty()
    assert len(box.messages("awa")) == 1


def test_missing_folder_loses_nothing(box):
    assert not os.path.exists("/home/mailsSpeciaux")
    send(box, "direction-informatique@mon-service.ci", "note")
    assert any(b"Subject: note" in t for t in box.wait_messages("awa", 2))
    send(box, "ami@client.test", "une expression ici")
    box.wait_messages("awa", 3)
    box.wait_empty()
    assert b'Error while writing to "/home/mailsSpeciaux/' in read(
        home(box, "Maildir"), "logfile")


main("--tutorial", "--account", "awa:bench")
