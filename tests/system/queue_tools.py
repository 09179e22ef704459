#!/usr/bin/env python3
"""mailq, postqueue, postsuper, postcat and qshape on a queue that waits."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
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
    pipe = box.path("spool", "hold", "ABCDEF3")
    os.mkfifo(pipe)  # nobody waits for who never writes
    try:
        assert box.inside("postcat", "-q", "ABCDEF3", check=False)[0] == 65
        text = box.inside("sh", "-c", "postqueue -j 2>/dev/null")
        got = [json.loads(line) for line in text.splitlines()]
        assert sorted(got, key=str) == sorted(running, key=str), (got, running)
        assert "accessing queue directly" in box.inside("mailq")
        assert box.inside("sh", "-c",
                          "qshape deferred 2>/dev/null") == table
        status, text = box.inside("mailq", user="fb01", check=False)
        assert status == 69 and "mail system is down" in text, text
    finally:
        os.unlink(pipe)
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


def is_free(folder):
    """Has nobody the lock that qmgr has while it lives?"""
    fd = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


@contextlib.contextmanager
def qmgr_killed(box):
    """Killed, and master kept from starting another."""
    socket = box.path("spool", "public", "showq")
    master, = box.pids("master")
    os.kill(master, signal.SIGSTOP)
    try:
        for pid in box.pids("qmgr"):
            os.kill(pid, signal.SIGKILL)
        os.rename(socket, socket + ".away")
        wait(lambda: is_free(box.path("spool", "active")), "the end of qmgr")
        yield
    finally:
        os.rename(socket + ".away", socket)
        os.kill(master, signal.SIGCONT)


def test_postsuper_after_a_crash(box):
    """What only the accept log has is there before anything is deleted."""
    before = set(ids(box))
    for to in "ab":
        box.send("fb00@bench.test", [to + "@three.defer.test"],
                 "Subject: w\n\nbody\n")
    wait(lambda: len(ids(box)) == 4 and all(
        m["queue_name"] == "deferred" for m in box.queue()), "two more")
    kept, deleted = sorted(set(ids(box)) - before)
    log = box.path("spool", "accept", "log")
    with qmgr_killed(box):
        assert os.path.getsize(log) > 0
        os.unlink(box.path("spool", "deferred", kept))
        os.truncate(box.path("spool", "deferred", deleted), 10)
        out = box.inside("postsuper", "-d", deleted)
        assert kept + ": written anew" in box.log(), box.log()[-2000:]
        assert "Deleted: 1 message\n" in out, out
        assert os.path.getsize(log) == 0
        assert os.stat(box.path("spool", "active", kept)).st_size > 10
        for f in ("active", "deferred"):
            assert not os.path.exists(box.path("spool", f, deleted))
    wait(lambda: set(ids(box)) == before | {kept}, "what was not deleted")
    assert re.search(r"postfix/postsuper\[\d+\]: %s: removed$" % deleted,
                     box.log(), re.M)
    assert re.search(r"postfix/postsuper\[\d+\]: Deleted: 1 message$",
                     box.log(), re.M)
    box.inside("postsuper", "-d", kept)
    wait(lambda: not os.path.exists(box.path("spool", "deferred", kept)) and
         set(ids(box)) == before, "its end")


def test_postsuper_on_a_full_disk(box):
    """What it cannot write stays in the accept log, but for what is deleted."""
    before = set(ids(box))
    for to in "ab":
        box.send("fb00@bench.test", [to + "@four.defer.test"],
                 "Subject: w\n\nbody\n")
    wait(lambda: len(ids(box)) == 4 and all(
        m["queue_name"] == "deferred" for m in box.queue()), "two more")
    new = sorted(set(ids(box)) - before)
    config, spool = box.path("full"), box.path("full", "spool")
    os.makedirs(spool)
    with open(os.path.join(config, "main.cf"), "w", encoding="utf-8") as f:
        f.write("queue_directory = %s\n" % spool)
    os.chmod(config, 0o755)

    def inside(script, check=True):
        return box.inside("sh", "-c", "cd %s && %s" % (spool, script),
                          check=check)

    def postsuper(*options):
        return box.inside("postsuper", "-c", config, *options, check=False)

    box.inside("mount", "-t", "tmpfs", "-o", "size=16m,mode=755", "full",
               spool)
    try:
        with qmgr_killed(box):
            inside("cp -a --sparse=never ../../spool/accept . && for f in "
                   "maildrop incoming active deferred hold corrupt; do "
                   "mkdir $f && chown --reference=../../spool/$f $f; done")
        inside("head -c 20m /dev/zero >fill", check=False)
        status, out = postsuper("-h", "ALL")
        assert status == 75 and "wait in the accept log for room" in out, out
        assert inside("stat -c %s accept/log") != "0\n"
        assert inside("ls active hold incoming") == \
            "active:\n\nhold:\n\nincoming:\n"
        inside("rm fill")
        status, out = postsuper("-d", new[0])
        assert status == 0 and "Deleted: 1 message\n" in out, out
        assert inside("stat -c %s accept/log") == "0\n"
        assert new[1] in inside("ls active")
        assert new[0] not in inside("ls active")
    finally:
        box.inside("umount", spool)
    shutil.rmtree(config)
    box.inside("postsuper", "-d", new[0], "-d", new[1])
    wait(lambda: set(ids(box)) == before, "the end of both")


def test_structure(box):
    """postsuper -s and -p while the system is down; qmgr does the same."""
    one, two = ids(box)
    deferred = box.path("spool", "deferred")

    def disorder():
        os.makedirs(os.path.join(deferred, "A", "B"))
        os.chown(os.path.join(deferred, "A"), *owner)
        os.chown(os.path.join(deferred, "A", "B"), *owner)
        os.rename(os.path.join(deferred, one),
                  os.path.join(deferred, "A", "B", one))
        os.chmod(os.path.join(deferred, two), 0o044)
        for f, name in (("deferred", "notes.txt"), ("incoming", "ABCDEF1")):
            with open(box.path("spool", f, name), "wb"):
                os.chown(box.path("spool", f, name), *owner)

    def order():
        return sorted(os.listdir(deferred)) == sorted(
            [one, two, "notes.txt"]) and os.stat(os.path.join(
                deferred, two)).st_mode & 0o777 == 0o600 and \
            not os.listdir(box.path("spool", "incoming"))

    owner = os.stat(deferred)[4:6]
    with qmgr_killed(box):
        disorder()
        out = box.inside("postsuper")
        assert one + ": moved from deferred/A/B/ to deferred/" in out, out
        assert "bogus file name: deferred/notes.txt" in out, out
        assert order()
        disorder()
    wait(lambda: ids(box) == sorted([one, two]), "the queue")
    assert order()
    os.unlink(os.path.join(deferred, "notes.txt"))
    assert "qmgr did that" in box.inside("postsuper", "-s")


def test_queue_names(box):
    one, two = ids(box)
    out = box.inside("postsuper", "-h", one, "hold")
    assert "no such message" in out and "Placed" not in out, out
    out = box.inside("postsuper", "-h", one)
    assert "Placed on hold: 1 message\n" in out, out
    assert "Deleted" not in box.inside("postsuper", "-d", two, "hold")
    assert "no such message" in box.inside("postsuper", "-d", 7 * "ABC")
    status, out = box.inside("postsuper", "-d", "ALL", "here", check=False)
    assert status == 1 and "invalid directory name: here" in out, out
    out = box.inside("postsuper", "-h", "ALL", "-h", two)
    assert 'option "-h ALL" will ignore other' in out, out
    out = box.inside("postsuper", "-H", "ALL", "deferred")
    assert "Released" not in out, out
    out = box.inside("postsuper", "-H", "ALL")
    assert "Released from hold: 2 messages\n" in out, out
    # set aside, and taken up again
    corrupt = box.path("spool", "corrupt")
    with qmgr_killed(box):
        folder = [f for f in ("active", "deferred") if os.path.exists(
            box.path("spool", f, one))][0]
        os.rename(box.path("spool", folder, one), os.path.join(corrupt, one))
        with open(os.path.join(corrupt, "ABCDEF2"), "wb"):
            pass
    wait(lambda: ids(box) == [two], "one that is left")
    assert "Requeued: 1 message\n" in box.inside("postsuper", "-r", "ALL",
                                                 "corrupt")
    wait(lambda: ids(box) == sorted([one, two]), "both")
    assert os.listdir(corrupt) == ["ABCDEF2"]
    status, out = box.inside("postfix", "check", check=False)
    assert "corrupt: 1 damaged messages" in out, out
    assert status == 1 and "corrupt: 1 files are not owned by" in out, out
    assert "Deleted: 1 message\n" in box.inside("postsuper", "-d", "ALL",
                                                "corrupt")
    assert not os.listdir(corrupt)


def test_postsuper_without_qmgr(box):
    """A queue that no qmgr works on: the files themselves change."""
    def folders():
        return {f: sorted(os.listdir(os.path.join(spool, f)))
                for f in ("active", "deferred", "hold")}

    def postsuper(*options, check=True):
        return box.inside("postsuper", "-c", config, *options, check=check)

    def find(qid):
        for f in ("active", "deferred"):
            path = box.path("spool", f, qid)
            if os.path.exists(path):
                return path
        raise AssertionError(qid)

    one, two = sorted(ids(box))
    config, spool = box.path("other"), box.path("other", "spool")
    for f in ("maildrop", "incoming", "active", "deferred", "hold", "corrupt",
              "accept"):
        os.makedirs(os.path.join(spool, f))
    with open(os.path.join(config, "main.cf"), "w", encoding="utf-8") as f:
        f.write("queue_directory = %s\n" % spool)
    for qid in (one, two):
        shutil.copy(find(qid), os.path.join(spool, "deferred"))
    owner = os.stat(box.path("spool", "deferred"))
    os.chmod(config, 0o755)
    for top, _, files in os.walk(spool):
        for name in [top] + [os.path.join(top, f) for f in files]:
            os.chown(name, owner.st_uid, owner.st_gid)
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
    drop = os.path.join(spool, "maildrop", "0123456789ABCDEF01234")
    with open(drop, "wb"):
        assert "no such message" in postsuper("-d", os.path.basename(drop))
    out = postsuper("-d", os.path.basename(drop), "maildrop")
    assert "Deleted: 1 message\n" in out and not os.path.exists(drop), out
    with open(drop, "wb"):
        pass
    os.utime(drop, (0, 0))
    postsuper("-p", "incoming")
    assert os.path.exists(drop)
    postsuper("-p")
    assert not os.path.exists(drop)
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
    assert "invalid mail queue id: xyz" in box.inside("postsuper", "-d", "xyz")
    assert box.inside("postsuper", "-d", one, user="fb01", check=False)[0] \
        == 1
    out = box.inside("postsuper", "-d", "-", stdin=one + "!\n")
    assert "Deleted: 1 message\n" in out, out
    assert "Mail queue is empty" in box.inside("mailq")


main("--users", "2", "--set", "relayhost = [127.0.0.1]:1")
