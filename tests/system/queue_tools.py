#!/usr/bin/env python3
"""mailq, postqueue, postsuper, postcat and qshape on a queue that waits."""

import json
import os
import shutil
import re

from lib import main, wait

FIRST = "T  5 10 20 40 80 160 320 640 1280 1280+"


def ids(box):
    return sorted(m["queue_id"] for m in box.queue())


def test_a_queue(box):
    for to in ("a@one.defer.test", "b@two.defer.test"):
        box.send("fb00@bench.test", [to], "Subject: w\n\nbody\n")
    wait(lambda: len(ids(box)) == 2 and all(
        m["queue_name"] == "deferred" for m in box.queue()), "two that wait")
    for m in box.queue():
        assert list(m) == ["queue_name", "queue_id", "arrival_time",
                           "message_size", "forced_expire", "next_try",
                           "attempts", "sender", "recipients"], m
        assert m["attempts"] == 1 and m["next_try"] > m["arrival_time"], m
        assert m["recipients"][0]["delay_reason"], m


def test_mailq(box):
    lines = box.inside("mailq", user="fb01").splitlines()
    assert lines[0] == ("-Queue ID-  --Size-- ----Arrival Time---- "
                        "-Sender/Recipient-------"), lines
    assert re.fullmatch(r"[0-9A-F]+ +\d+ [A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d "
                        r"\d\d:\d\d:\d\d  fb00@bench\.test", lines[1]), lines
    assert re.fullmatch(r" *\(.+\)", lines[2]), lines
    assert re.fullmatch(r" {41}[ab]@(one|two)\.defer\.test", lines[3]), lines
    assert lines[4] == "" and re.fullmatch(
        r"-- \d+ Kbytes in 2 Requests\.", lines[-1]), lines


def test_postcat(box):
    one = ids(box)[0]
    all_of_it = box.inside("postcat", "-q", one)
    assert all_of_it.startswith("*** ENVELOPE RECORDS "), all_of_it
    assert "*** MESSAGE CONTENTS " in all_of_it
    assert all_of_it.rstrip().endswith("***"), all_of_it
    text = box.inside("postcat", "-qbh", one)
    assert text.startswith("Received: ") and text.endswith("\n\nbody\n"), text
    assert box.inside("postcat", "-qb", one) in ("body\n", "\nbody\n")
    path = box.path("spool", "deferred", one)
    with open(path, encoding="ascii", errors="replace") as f:
        assert box.inside("postcat", "-h", path) in text
        del f
    assert box.inside("sh", "-c", "postcat -bh <" + path) == text
    assert box.inside("postcat", "-q", "123456", check=False)[0] == 1


def test_qshape(box):
    head, total, *rows = box.inside("qshape", "deferred").splitlines()
    assert head == FIRST.rjust(80), head
    assert total == ("TOTAL  2  2" + "  0" * 4 + "   0" * 3 + "    0     0"
                     ).rjust(80), total
    assert [r.split()[:3] for r in rows] == [["one.defer.test", "1", "1"],
                                             ["two.defer.test", "1", "1"]]
    rows = box.inside("qshape", "-p", "-m", "2", "-b", "3", "-t", "1", "-l",
                      "deferred").splitlines()
    assert rows[0].split() == ["T", "1", "2", "2+"], rows
    assert [".defer.test", "2"] in [r.split()[:2] for r in rows], rows
    rows = box.inside("qshape", "-s", "-w", "20", "deferred").splitlines()
    assert rows[2].split()[:2] == ["bench.test", "2"], rows
    assert box.inside("qshape").splitlines()[1].split()[:2] == ["TOTAL", "0"]
    assert box.inside("qshape", "-z", check=False)[0] == 64


def test_while_the_system_is_down(box):
    """qmgr's socket is away: root sees the same, others a clear word."""
    running = box.queue()
    table = box.inside("qshape", "deferred")
    socket = box.path("spool", "public", "showq")
    os.rename(socket, socket + ".away")
    try:
        text = box.inside("sh", "-c", "postqueue -j 2>/dev/null")
        got = [json.loads(line) for line in text.splitlines()]
        assert sorted(got, key=str) == sorted(running, key=str), (got, running)
        assert "accessing queue directly" in box.inside("mailq")
        assert box.inside("sh", "-c",
                          "qshape deferred 2>/dev/null") == table
        status, text = box.inside("mailq", user="fb01", check=False)
        assert status == 69 and "mail system is down" in text, text
    finally:
        os.rename(socket + ".away", socket)


def test_postsuper_beside_qmgr(box):
    """qmgr lives, but its socket is away: no file is touched."""
    one, two = ids(box)
    socket = box.path("spool", "public", "showq")
    os.rename(socket, socket + ".away")
    try:
        status, text = box.inside("postsuper", "-d", one, check=False)
        assert status == 75 and "in use" in text, (status, text)
    finally:
        os.rename(socket + ".away", socket)
    assert sorted(ids(box)) == sorted([one, two])


def test_postsuper_without_qmgr(box):
    """A queue that no qmgr works on: the files themselves change."""
    def folders():
        return {f: sorted(os.listdir(os.path.join(spool, f)))
                for f in ("active", "deferred", "hold")}

    def postsuper(*options, check=True):
        return box.inside("postsuper", "-c", config, *options, check=check)

    one, two = sorted(ids(box))
    config, spool = box.path("other"), box.path("other", "spool")
    for f in ("active", "deferred", "hold", "accept"):
        os.makedirs(os.path.join(spool, f))
    with open(os.path.join(config, "main.cf"), "w", encoding="utf-8") as f:
        f.write("queue_directory = %s\n" % spool)
    for qid in (one, two):
        shutil.copy(box.path("spool", "deferred", qid),
                    os.path.join(spool, "deferred"))
    assert "Placed on hold: 1 message\n" in postsuper("-h", one)
    assert folders() == {"active": [], "deferred": [two], "hold": [one]}
    assert "Expired: 2 messages\n" in postsuper("-e", "ALL")
    assert folders() == {"active": [two], "deferred": [], "hold": [one]}
    for f, qid in (("active", two), ("hold", one)):
        assert os.stat(os.path.join(spool, f, qid)).st_mode & 0o777 == 0o700
    assert "Released from hold: 1 message\n" in postsuper("-H", "ALL")
    assert "Requeued: 1 message\n" in postsuper("-r", two)
    assert folders() == {"active": sorted([one, two]), "deferred": [],
                         "hold": []}
    assert "no such message" in postsuper("-d", "ABCDEF0")
    # what the accept log has would come back
    log = os.path.join(spool, "accept", "log")
    with open(log, "wb") as f:
        f.write(bytes(4096))
    status, text = postsuper("-d", "ALL", check=False)
    assert status == 69 and "accept log" in text, (status, text)
    os.truncate(log, 0)
    assert "Deleted: 2 messages\n" in postsuper("-d", "ALL")
    assert folders() == {"active": [], "deferred": [], "hold": []}
    shutil.rmtree(config)


def test_postsuper(box):
    one, two = ids(box)
    out = box.inside("postsuper", "-h", one, "-d", two)
    assert "Placed on hold: 1 message\n" in out, out
    assert "Deleted: 1 message\n" in out, out
    assert one + "!" in box.inside("mailq")
    assert box.inside("postsuper", "-d", two, check=False)[1].count(two)
    assert box.inside("postsuper", "-d", "xyz", check=False)[0] == 1
    assert box.inside("postsuper", "-d", one, user="fb01", check=False)[0] \
        == 1
    out = box.inside("postsuper", "-d", "-", stdin=one + "!\n")
    assert "Deleted: 1 message\n" in out, out
    assert "Mail queue is empty" in box.inside("mailq")


main("--users", "2", "--set", "relayhost = [127.0.0.1]:1")
