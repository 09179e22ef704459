#!/usr/bin/env python3
"""What happens to a queue: no room, no inodes, damaged files; nothing is lost."""

import os
import re

from lib import Instance, Skip, main, no_crash, run, wait
from packets import Agent, as_smtpd, Link, reload

TEXT = b"From: a@client.test\nSubject: harm\n\nthe body of it\n"
LATER = ("DEFER", "4.2.0", "busy")


def deferred(box, smtp, to):
    """A message that waits: its queue id."""
    with as_smtpd(box) as link:
        qid = link.put(TEXT, [to])
    smtp.next().answer([LATER])
    wait(lambda: any(m["queue_id"] == qid and m["queue_name"] == "deferred"
                     for m in box.queue()), qid + " deferred")
    return qid


def test_damaged_files(box):
    """Set aside whole, told of, never delivered; the others go on."""
    with Agent(box, "smtp") as smtp:
        qids = [deferred(box, smtp, "u%d@sink.test" % i) for i in range(6)]
        cut, flipped, empty, link, body, good = qids
        folder = box.path("spool", "deferred")

        def damage(qid, change):
            path = os.path.join(folder, qid)
            with open(path, "rb") as f:
                data = bytearray(f.read())
            st = os.stat(path)
            data = change(data)
            with open(path, "wb") as f:
                f.write(data)
            os.chown(path, st.st_uid, st.st_gid)
            return bytes(data)

        def flip(data):
            data[len(TEXT) + 20] ^= 4
            return data

        def rot(data):
            data[data.index(b"body")] ^= 4
            return data

        kept = {cut: damage(cut, lambda d: d[:len(TEXT) + 10]),
                flipped: damage(flipped, flip),
                empty: damage(empty, lambda d: b"")}
        os.rename(os.path.join(folder, link), box.path("elsewhere"))
        os.symlink(box.path("elsewhere"), os.path.join(folder, link))
        damage(body, rot)
        with open(os.path.join(folder, "not-an-id"), "w",
                  encoding="ascii") as f:
            f.write("x")
        reload(box)
        wait(lambda: sorted(m["queue_id"] for m in box.queue()) ==
             sorted([body, good]), lambda: "two that are whole, of %r: %r" % (
                 qids, box.queue()))
        for qid, data in kept.items():
            box.wait_log(r"warning: %s: damaged queue file in deferred/, saved "
                         r"in corrupt/" % qid)
            with open(box.path("spool", "corrupt", qid), "rb") as f:
                assert f.read() == data
        # a link, which somebody with rights in the spool made, is not followed
        assert os.path.exists(box.path("elsewhere"))
        assert os.path.exists(os.path.join(folder, "not-an-id"))
        box.inside("postqueue", "-f")
        for _ in range(2):
            smtp.next().done()
    box.wait_empty()
    for name in ("not-an-id", link):
        os.unlink(os.path.join(folder, name))


def test_damaged_body(box):
    """The agent sees that the content is not what was taken: no delivery."""
    before = len(box.messages("fb00"))
    reload(box, "-e", "defer_transports=local")
    with as_smtpd(box) as link:
        qid = link.put(TEXT, ["fb00@bench.test"])
    path = box.path("spool", "deferred", qid)
    wait(lambda: os.path.exists(path), "the deferral")
    with open(path, "r+b") as f:
        f.seek(TEXT.index(b"body"))
        f.write(b"BODY")
    box.inside("postqueue", "-f")
    box.wait_log(qid + r": to=<fb00@bench\.test>.*status=deferred")
    reload(box, "-X", "defer_transports")
    box.inside("postqueue", "-f")
    box.wait_log(qid + r": to=<fb00@.*relay=local.*status=deferred "
                 r"\(.*the queue file is damaged")
    assert len(box.messages("fb00")) == before
    box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


def test_mailbox_without_room(box):
    """Nothing of it is seen, and it comes when there is room."""
    place = os.path.join(box.t["homes"], "fb01", "Maildir")
    box.inside("mkdir", "-p", place)
    box.inside("mount", "-t", "tmpfs", "-o", "size=64k,mode=0777", "none",
               place)
    try:
        reload(box)  # who delivers opens the folder anew
        big = TEXT + b"x" * 70 * 1000 + b"\n"
        with as_smtpd(box) as link:
            qid = link.put(big, ["fb01@bench.test"])
        box.wait_log(qid + r": to=<fb01@bench\.test>.*dsn=4\.\d\.\d, "
                     r"status=deferred")
        listed = box.inside("find", place, "-type", "f", "-path", "*/new/*")
        assert listed == "", listed
        box.inside("mount", "-o", "remount,size=1m", "none", place)
        box.inside("postqueue", "-f")
        box.wait_log(qid + r": to=<fb01@bench\.test>.*status=sent")
    finally:
        box.inside("umount", "-l", place)
    box.wait_empty()


def full(box):
    """On a small file system: refused before it is full, at no bytes free what
    is in the queue drains, and with room again all is well."""
    spool = box.path("spool")
    filler = os.path.join(spool, "filler")
    os.makedirs(spool)
    run("mount", "-t", "tmpfs", "-o", "size=8m,nr_inodes=1000", "none", spool)
    try:
        box.start()
        with Agent(box, "smtp") as smtp:
            waiting = deferred(box, smtp, "u@sink.test")
            with Link(box.path("spool", "jail", "smtpd", "qmgr")) as link:
                half = link.new(TEXT)
                with open(filler, "wb") as f:
                    try:
                        while True:
                            f.write(b"\0" * 65536)
                            f.flush()
                    except OSError:
                        pass
                # what was begun cannot be finished, and nobody was told 250
                got = link.commit(half, TEXT, ["u@sink.test"])
                assert got[0] in (0, 1) and (
                    got[0] == 0 or got[1][:2] == b"4."), got
            wait(lambda: refused(box), "a refusal for want of room")
            box.inside("postqueue", "-i", waiting)
            smtp.next().done()
            if got[0] == 0:
                smtp.next().done()
            box.wait_empty()
            os.unlink(filler)
            wait(lambda: not refused(box), "room again")
            inodes(box, spool)
        box.stop()
        no_crash(box)
    finally:
        box.command("stop", check=False)
        run("umount", "-l", spool)


def refused(box):
    with box.smtp() as c:
        c.mail("a@client.test")
        code, text = c.rcpt("fb00@bench.test")
    assert code == 250 or text.startswith(b"4.3."), text
    return code == 452


def inodes(box, spool):
    """The same for files that cannot be made."""
    place = os.path.join(spool, "many")
    os.mkdir(place)
    made = 0
    try:
        while True:
            with open(os.path.join(place, str(made)), "wb"):
                made += 1
    except OSError:
        pass
    wait(lambda: refused(box), "a refusal for want of inodes")
    for i in range(made):
        os.unlink(os.path.join(place, str(i)))
    wait(lambda: not refused(box), "inodes again")
    assert re.search(r"warning: not enough free space in mail queue",
                     box.log())


def test_no_room(_):
    if os.geteuid() != 0:
        raise Skip("mounting needs root")
    box = Instance("--users", "1", "--set", "queue_minfree = 1000000",
                   "--set", "message_size_limit = 500000", "--set",
                   "transport_maps =", "--set", "accept_log_size = 0",
                   name="small")
    full(box)


# without the log that would write new files anew
main("--users", "2", "--set", "transport_maps =", "--set",
     "minimal_backoff_time = 3600s", "--set", "accept_log_size = 0")
