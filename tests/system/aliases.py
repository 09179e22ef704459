#!/usr/bin/env python3
"""Tables that change, vanish and come back while the suite runs."""

import itertools
import os
import re

from lib import main, wait
from packets import reload
from peers import Sink

TEXT = "From: a@client.test\r\nSubject: %s\r\n\r\nhello\r\n"


def reply(box, recipient):
    with box.smtp() as c:
        c.mail("a@client.test")
        return c.rcpt(recipient)[0]


def wait_reply(box, recipient, code):
    got = []

    def same():
        got[:] = [reply(box, recipient)]
        return got[0] == code

    wait(same, lambda: "%d for %s; it is %s" % (code, recipient, got))


def table(box, text, mode=0o644):
    """Say what the aliases are, and make the table."""
    path = box.path("etc", "aliases")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    if os.path.exists(path + ".db"):
        os.chmod(path + ".db", mode)
    os.chmod(path, mode)
    box.inside("newaliases")


def test_new_alias_needs_no_reload(box):
    assert reply(box, "fresh@bench.test") == 550
    table(box, "fresh: fb00, fb01\nloop: fb00, loop\nfb01: fb01, fb00\n")
    # not "soon": whoever made the table may send at once
    for _ in range(10):
        assert reply(box, "fresh@bench.test") == 250
    box.wait_log(r"postfix/lookup\[\d+\]: table hash:\S+ has changed")


def test_members_get_it(box):
    box.send("a@client.test", ["fresh@bench.test"], TEXT % "fresh")
    assert b"Subject: fresh" in box.wait_messages("fb00", 1)[0]
    # fb01 is an alias of itself and of fb00, who is served already
    assert b"Subject: fresh" in box.wait_messages("fb01", 1)[0]
    box.wait_empty()
    assert len(box.messages("fb00")) == 1
    assert len(box.messages("fb01")) == 1


def test_alias_of_itself(box):
    before = len(box.messages("fb00"))
    box.send("a@client.test", ["fb01@bench.test"], TEXT % "itself")
    box.wait_messages("fb01", 2)
    box.wait_messages("fb00", before + 1)
    box.wait_empty()


def test_table_of_root_alone(box):
    table(box, "secret: fb00\n", 0o600)
    assert os.stat(box.path("etc", "aliases.db")).st_mode & 0o777 == 0o600
    wait_reply(box, "secret@bench.test", 250)
    table(box, "other: fb00\n", 0o600)
    # it takes another process, and until then nobody says "unknown"
    got = []

    def known():
        got.append(reply(box, "other@bench.test"))
        assert got[-1] in (250, 451), got
        return got[-1] == 250

    wait(known, lambda: "250; it was %s" % got)
    wait_reply(box, "secret@bench.test", 550)


def test_missing_table_is_no_missing_user(box):
    os.unlink(box.path("etc", "aliases.db"))
    wait_reply(box, "other@bench.test", 451)
    assert reply(box, "nobody-at-all@bench.test") == 451

    def said():
        # the process that saw the change only says so and ends; the next one
        # opens the table when it is asked
        assert reply(box, "nobody-at-all@bench.test") == 451
        return re.search(r"postfix/lookup\[\d+\]: error: table hash:\S+: open "
                         r"database \S+: No such file or directory", box.log())

    wait(said, "the reason in the log")
    box.inside("newaliases")
    wait_reply(box, "other@bench.test", 250)
    # 451 while a process without root's rights waits for its end
    wait_reply(box, "nobody-at-all@bench.test", 550)


def put(box, user, name, text):
    home = os.path.join(box.t["homes"], user)
    path = os.path.join(home, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chown(path, os.stat(home).st_uid, os.stat(home).st_gid)
    return path


def hands(text):
    """The Delivered-To fields at the top, behind what delivery adds."""
    lines = text.decode().replace("\r\n", "\n").split("\n")
    while lines[0].startswith(("Return-Path: ", "X-Original-To: ")):
        del lines[0]
    return [v[14:] for v in itertools.takewhile(
        lambda v: v.startswith("Delivered-To: "), lines)]


def test_sent_on(box):
    """Who has sent it on says so, once for each step, and not to himself."""
    table(box, "other: fb00\nlist: near@sink.test, fb00, fb01\n"
          "owned: far@sink.test\nowner-owned: fb01\n")
    path = put(box, "fb00", ".forward", "\\fb00, next@sink.test\n")
    reload(box, "-e",
           "virtual_alias_maps=inline:{virtual@bench.test=v@sink.test}")
    wait_reply(box, "list@bench.test", 250)
    before = len(box.messages("fb00")), len(box.messages("fb01"))
    with Sink(port=box.t["sink_port"]) as sink:
        box.send("a@client.test", ["list@bench.test"], TEXT % "on")
        box.send("a@client.test", ["direct@sink.test", "owned@bench.test",
                                   "virtual@bench.test"], TEXT % "apart")
        box.wait_empty()
        got = {r.split(b"@")[0].lstrip(b"<").decode(): letter.data
               for letter in sink.letters for r in letter.recipients}
        assert {k: hands(v) for k, v in got.items()} == {
            "near": ["list@bench.test"],
            "next": ["fb00@bench.test", "list@bench.test"],
            "direct": [], "v": [], "far": ["owned@bench.test"]}, got
        mine = box.messages("fb00")[before[0]:]
        assert [hands(m) for m in mine] == [
            ["fb00@bench.test", "list@bench.test"]], mine
        # it comes back: to whom it was sent on first, and to him who did
        for number, to in ((1, "list"), (2, "fb00")):
            box.send("", ["%s@bench.test" % to], got["next"])
            wait(lambda n=number: len(re.findall(
                r"to=<(?:near|next)@sink\.test>.*dsn=5\.4\.6, status=bounced "
                r"\(mail forwarding loop for list@bench\.test\)|to=<fb00@"
                r"bench\.test>, relay=local.*mail forwarding loop for "
                r"fb00@bench\.test", box.log())) > n - 1, to)
        box.wait_empty()
        assert len(sink.letters) == 4, [x.recipients for x in sink.letters]
        # and nothing of that where it is not wanted
        reload(box, "-e", "prepend_delivered_header=command, file")
        box.send("a@client.test", ["list@bench.test"], TEXT % "unsaid")
        box.wait_empty()
        assert sink.letters[4:]
        assert not any(hands(x.data) for x in sink.letters[4:])
    reload(box, "-X", "prepend_delivered_header", "virtual_alias_maps")
    os.unlink(path)


def test_damaged_table(box):
    path = box.path("etc", "aliases.db")
    with open(path, "r+b") as f:
        f.seek(100)
        f.write(b"damage" * 600)
    wait_reply(box, "other@bench.test", 451)
    box.inside("newaliases")
    wait_reply(box, "other@bench.test", 250)


main("--users", "2")
