#!/usr/bin/env python3
# timeout: 180
"""IMAP and POP3 through the whole suite: taking over, many at once, damage."""

import os
import random
import re
import select
import signal
import threading
import time

from lib import SLOW, main, wait

SECONDS = 15


def give(box, user, path, text):
    """Write a file of the user's Maildir, with its folders, as the user."""
    path = os.path.join(box.maildir(user), path)
    top = box.maildir(user)
    owner = os.stat(os.path.dirname(top))
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    while True:
        os.chown(folder, owner.st_uid, owner.st_gid)
        if os.path.samefile(folder, top):
            break
        folder = os.path.dirname(folder)
    os.chown(path, owner.st_uid, owner.st_gid)
    return path


def found(answer):
    return answer[1][0].split()


def uids(c):
    return [int(u) for u in found(c.uid("SEARCH", "ALL"))]


def test_courier_mailbox_is_taken_over(box):
    for name, text in (
            ("cur/1.a,S=21:2,S", "Subject: one\n\nbody.\n"),
            ("cur/2.b:2,", "Subject: two\n\nbody.\n"),
            ("new/3.c", "Subject: three\n\nbody.\n"),
            ("courierimapuiddb", "1 700000001 40\n7 2.b\n9 1.a,S=21\n"),
            ("courierimapkeywords/:list", "$Label1\nwork\n\n2.b:1\n"),
            ("courierimapsubscribed", "INBOX\nINBOX.Old\n"),
            ("courierpop3dsizelist", "/3 8 9\n2.b 19 5:9:0\n"),
            (".Old/cur/4.d:2,RS", "Subject: four\n\nbody.\n"),
            (".Old/courierimapuiddb", "1 700000002 3\n2 4.d\n")):
        give(box, "fb00", name, text)
    c = box.imap("fb00")
    c.select()
    assert c.response("UIDVALIDITY")[1] == [b"700000001"]
    assert uids(c) == [7, 9, 40], uids(c)
    flags = c.uid("FETCH", "7", "(FLAGS)")[1][0]
    assert b"work" in flags and b"Label1" not in flags, flags
    assert b"INBOX.Old" in b"".join(c.lsub()[1])
    c.select("INBOX.Old")
    assert c.response("UIDVALIDITY")[1] == [b"700000002"]
    assert b"\\Answered \\Seen" in c.uid("FETCH", "2", "(FLAGS)")[1][0]
    c.logout()
    p = box.pop3("fb00")
    names = dict(line.split() for line in p.uidl()[1])
    assert names[b"1"] == b"UID5-9", names
    p.quit()


def idle(c):
    tag = c._new_tag()  # pylint: disable=protected-access
    c.send(tag + b" IDLE\r\n")
    assert c.readline().startswith(b"+")
    return tag


def test_idle_tells_of_a_delivery(box):
    c = box.imap("fb01")
    c.select()
    tag = idle(c)
    box.send("a@client.test", ["fb01@bench.test"], "Subject: x\n\nhello\n")
    assert select.select([c.socket()], [], [], 20 * SLOW)[0]
    assert c.readline() == b"* 1 EXISTS\r\n"
    c.send(b"DONE\r\n")
    wait(lambda: c.readline().startswith(tag + b" OK"), "the end of IDLE")
    c.logout()


def test_large_message_comes_back_whole(box):
    line = b"0123456789" * 7 + b"\r\n"
    text = b"Subject: large\r\n\r\n" + line * (20 * 1024 * 1024 // len(line))
    c = box.imap("fb01")
    c.create("INBOX.Large")
    assert c.append("INBOX.Large", None, None, text)[0] == "OK"
    c.select("INBOX.Large")
    got = c.fetch("1", "(BODY.PEEK[])")[1][0][1]
    assert got == text
    part = c.fetch("1", "(BODY.PEEK[]<10000001.70000>)")[1][0][1]
    assert part == text[10000001:10070001]
    c.logout()


def settled(line):
    return re.sub(rb" ?\\Recent", b"", line)


def test_side_files_damaged_in_use(box):
    c = box.imap("fb02")
    for n in range(30):
        c.append("INBOX", None, None, b"Subject: %d\r\n\r\nx\r\n" % n)
    c.select()
    c.store("3", "+FLAGS", "(\\Flagged blue)")
    before = c.fetch("1:*", "(UID FLAGS ENVELOPE)")[1]
    validity = c.response("UIDVALIDITY")[1]
    for name in ("facteur.index", "facteur.cache", "facteur.log",
                 "facteur.uids"):
        for harm in ("remove", "cut", "flip"):
            c.logout()
            c = box.imap("fb02")
            path = os.path.join(box.maildir("fb02"), name)
            if not os.path.exists(path):
                continue
            if harm == "remove":
                os.unlink(path)
            elif harm == "cut":
                os.truncate(path, os.path.getsize(path) * 2 // 3)
            else:
                with open(path, "r+b") as f:
                    f.seek(os.path.getsize(path) // 2)
                    f.write(b"\x55" * 3)
            c.select()
            got = c.fetch("1:*", "(UID FLAGS ENVELOPE)")[1]
            same = c.response("UIDVALIDITY")[1] == validity
            # UIDs may be lost with facteur.uids, but then they are new ones
            assert len(got) == len(before), (name, harm)
            if name != "facteur.uids":
                assert same and list(map(settled, got)) == list(
                    map(settled, before)), (name, harm)
            elif same:
                known = {b.split()[2]: b for b in before}
                for g in got:
                    uid = g.split()[2]
                    assert uid not in known or g.split(b"ENVELOPE")[1] == \
                        known[uid].split(b"ENVELOPE")[1], (harm, g)
            c.select()
            before, validity = got, c.response("UIDVALIDITY")[1]
    c.logout()


class Shared:
    """What the sessions of one test know together."""

    def __init__(self, box, user, least=0):
        self.box, self.user, self.least = box, user, least
        self.end = time.monotonic() + SECONDS
        self.lock = threading.Lock()
        self.names = {}  # UID: Message-ID
        self.expunged, self.sent, self.trouble = set(), set(), []
        self.killed = 0

    def going(self):
        """For a while; longer where the machine is too slow for its work."""
        now = time.monotonic()
        return now < self.end or (now < self.end + 30 * SLOW and
                                  len(self.sent) < self.least)

    def note(self, uid, name):
        with self.lock:
            if self.names.setdefault(uid, name) != name:
                self.trouble.append("UID %d was %s, is %s" % (
                    uid, self.names[uid], name))

    def sent_one(self, name):
        with self.lock:
            self.sent.add(name)


def look(shared, c):
    got = c.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
    names = {}
    for part in got:
        if not isinstance(part, tuple):
            continue
        uid = re.search(rb"UID (\d+)", part[0])
        name = re.search(rb"<(.*?)>", part[1])
        if uid and name:
            names[int(uid.group(1))] = name.group(1)
            shared.note(int(uid.group(1)), name.group(1))
    return names


def act(shared, c, r, number, count):
    what = r.random()
    if what < 0.3:
        name = b"s%d.%d" % (number, count)
        got = c.append("INBOX", r.choice((None, "(\\Seen)", "($k%d)" % number)),
                       None, b"Message-ID: <" + name + b">\r\n\r\nx\r\n")
        shared.note(int(re.search(rb"APPENDUID \d+ (\d+)",
                                  got[1][0]).group(1)), name)
        shared.sent_one(name)
    elif what < 0.5:
        look(shared, c)
    elif what < 0.8:
        there = uids(c)
        if there:
            c.uid("STORE", str(r.choice(there)), r.choice("+-") + "FLAGS",
                  r.choice(("(\\Flagged)", "($k%d)" % number, "($Junk)")))
    else:
        there = uids(c)
        if len(there) > 20:
            some = r.sample(there, 4)
            with shared.lock:
                shared.expunged.update(some)
            chosen = ",".join(map(str, some))
            c.uid("STORE", chosen, "+FLAGS.SILENT", "(\\Deleted)")
            c.uid("EXPUNGE", chosen)


def session(shared, number):
    r = random.Random(number)
    count = 0
    while shared.going():
        try:
            c = shared.box.imap(shared.user)
            c.select()
            while shared.going():
                count += 1
                act(shared, c, r, number, count)
            c.logout()
        except (c.abort, OSError):
            continue  # the server was killed
        except Exception as e:  # pylint: disable=broad-except
            shared.trouble.append(repr(e))
            return


def deliverer(shared):
    r = random.Random(99)
    cur = os.path.join(shared.box.maildir(shared.user), "cur")
    count = 0
    while shared.going():
        count += 1
        name = "w%d" % count
        path = give(shared.box, shared.user, "tmp/%d.M%dP1.w" % (
            time.time(), count), "Message-ID: <%s>\n\nx\n" % name)
        os.rename(path, path.replace("/Maildir/tmp/", "/Maildir/new/"))
        shared.sent_one(name.encode())
        for old in r.sample(os.listdir(cur), min(2, len(os.listdir(cur)))):
            base, _, flags = old.partition(":2,")
            fresh = base + ":2," + "".join(sorted(set(flags) ^ {"R"}))
            try:
                os.rename(os.path.join(cur, old), os.path.join(cur, fresh))
            except FileNotFoundError:
                pass
        time.sleep(0.03)


def imapds(box, user):
    """Those of this user, in this instance: others have the same numbers."""
    uid = os.stat(box.maildir(user)).st_uid
    for pid in box.pids("imapd"):
        try:
            if os.stat("/proc/%d" % pid).st_uid == uid:
                yield pid
        except OSError:
            continue


def killer(shared):
    """kill -9 for imapd's of this user, again and again."""
    while shared.going():
        time.sleep(0.4)
        for pid in imapds(shared.box, shared.user):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            shared.killed += 1
            break


def test_many_at_once_and_killed(box):
    c = box.imap("fb03")
    c.select()
    c.logout()
    shared = Shared(box, "fb03", 50)
    threads = [threading.Thread(target=session, args=(shared, n))
               for n in range(3)]
    threads += [threading.Thread(target=f, args=(shared,))
                for f in (deliverer, killer)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not shared.trouble, shared.trouble[:5]
    c = box.imap("fb03")
    c.select()
    there = look(shared, c)
    c.logout()
    names = list(there.values())
    assert len(set(names)) == len(names), "a message is there twice"
    # what is neither there nor was seen and expunged went unseen: it must be
    # among the UIDs that were expunged without a name
    unseen = len(shared.expunged - set(shared.names))
    gone = {shared.names[u] for u in shared.expunged if u in shared.names}
    lost = shared.sent - set(names) - gone
    assert len(lost) <= unseen, sorted(lost)[:5]
    assert shared.killed > 0 and len(shared.sent) >= 50


def own_kib(pid):
    """Pages that only this process has."""
    with open("/proc/%d/smaps" % pid, encoding="ascii") as f:
        return sum(int(line.split()[1]) for line in f
                   if line.startswith("Private_Dirty:"))


def test_one_that_waits_keeps_little(box):
    if SLOW > 1:
        return  # sanitizers have memory of their own
    for n in range(500):
        give(box, "fb00", "cur/%d.M1P1.m:2,S" % n,
             "From: a@example.org\nSubject: %d\n\n%s" % (n, "word\n" * 200))
    before = set(imapds(box, "fb00"))
    c = box.imap("fb00")
    c.select()
    pid, = set(imapds(box, "fb00")) - before
    c.fetch("1:*", "(ENVELOPE BODYSTRUCTURE)")
    c.search(None, "BODY", "nothing")
    wait(lambda: own_kib(pid) <= 250,
         lambda: "memory to be given back: %d KiB" % own_kib(pid))
    assert len(c.search(None, "SUBJECT", "499")[1][0].split()) == 1
    c.logout()


main("--users", "4")
