#!/usr/bin/env python3
# timeout: 180
"""Indexes of mailboxes on a disk of their own (index_directory): who has what
there, and the same answers when that disk is full, empty, gone, or not used."""

import glob
import os
import shutil

from lib import Skip, main, wait

INDEXES = os.path.join(os.environ.get("TEST_DIR", os.getcwd()), "indexes")
HERE = ("facteur.index", "facteur.cache", "facteur.words")


def place(box, user, folder="INBOX"):
    uid = os.stat(box.maildir(user)).st_uid
    found = glob.glob("%s/%d/*/%s" % (INDEXES, uid, folder))
    assert len(found) <= 1, found
    return found[0] if found else None


def is_elsewhere(box, user):
    """What a session that begins now has made of the folder."""
    c = box.imap(user)
    c.select()
    with open(os.path.join(box.maildir(user), "facteur.log"), "rb") as f:
        got = f.read(100).startswith(b"facteur.log is elsewhere 1 ")
    c.logout()
    return got


def write(box, user, value):
    cf = box.path("etc", "main.cf")
    with open(cf, encoding="utf-8") as f:
        lines = [line for line in f if not line.startswith("index_directory")]
    with open(cf, "w", encoding="utf-8") as f:
        f.writelines(lines + ["index_directory = %s\n" % value])
    box.reload()
    wait(lambda: is_elsewhere(box, user) == (value != ""),
         "the new configuration")


def fill(box, user, count=5):
    c = box.imap(user)
    for n in range(count):
        c.append("INBOX", None, None,
                 b"Subject: %d\r\n\r\nword%d\r\n" % (n, n))
    c.select()
    c.store("1", "+FLAGS", "(\\Flagged blue)")
    c.store("2", "+FLAGS", "(\\Deleted)")
    c.expunge()
    return c


def answers(c):
    """All that must not depend on an index."""
    status, _ = c.select()
    assert status == "OK"
    validity = c.response("UIDVALIDITY")[1]
    return (validity, c.fetch("1:*", "(UID FLAGS RFC822.SIZE ENVELOPE "
                              "BODYSTRUCTURE INTERNALDATE)")[1],
            c.search(None, "BODY", "word3")[1], c.sort(
                "(REVERSE SUBJECT)", "UTF-8", "ALL")[1],
            c.status("INBOX", "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)")[1])


def test_where_it_lies(box):
    c = fill(box, "fb00")
    before = answers(c)
    c.logout()
    at = wait(lambda: place(box, "fb00"), "a place for the index")
    for name in HERE:
        wait(lambda n=name: os.path.exists(os.path.join(at, n)), name)
        assert not os.path.exists(os.path.join(box.maildir("fb00"), name))
    own = os.stat(os.path.join(INDEXES,
                               str(os.stat(box.maildir("fb00")).st_uid)))
    assert own.st_uid == os.stat(box.maildir("fb00")).st_uid
    assert own.st_mode & 0o7777 == 0o700
    assert is_elsewhere(box, "fb00")
    c = box.imap("fb00")
    assert answers(c) == before
    # POP3 and a change by it
    uidl = box.pop3("fb00").uidl()[1]
    p = box.pop3("fb00")
    p.dele(4)
    p.quit()
    c.noop()
    assert c.search(None, "ALL")[1] == [b"1 2 3"]
    c.logout()
    assert box.pop3("fb00").uidl()[1] == uidl[:3]


def test_taken_away_at_any_time(box):
    c = fill(box, "fb01")
    before = answers(c)
    other = box.imap("fb01")
    other.select()
    for n in range(6):
        uid = str(os.stat(box.maildir("fb01")).st_uid)
        own = os.path.join(INDEXES, uid)
        if n % 3 == 0:
            shutil.rmtree(own, ignore_errors=True)
        for path in glob.glob(own + "/*/*/*"):
            try:
                if n % 3 == 1:
                    os.unlink(path)
                else:
                    os.truncate(path, os.path.getsize(path) * 2 // 3)
            except FileNotFoundError:
                continue  # a session that ends writes there
        c.store("2", "+FLAGS" if n % 2 == 0 else "-FLAGS", "(\\Answered red)")
        other.noop()
        got = other.fetch("2", "(FLAGS)")[1]
        assert (b"red" in got[0]) == (n % 2 == 0), (n, got)
        if n % 2 == 1:
            fresh = box.imap("fb01")
            got = answers(fresh)
            assert got == before, (n, got, before)
            fresh.logout()
    c.logout()
    other.logout()


def test_disk(box):
    """Full, then away, then back as it was."""
    if os.geteuid() != 0:
        raise Skip("mounting needs root")
    old = box.imap("fb02")
    old.select()
    box.inside("mount", "-t", "tmpfs", "-o", "size=64k,mode=0755", "none",
               INDEXES)
    mounted = True
    try:
        c = fill(box, "fb02", 8)
        before = answers(c)
        uid = str(os.stat(box.maildir("fb02")).st_uid)
        box.inside("sh", "-c", "cat /dev/zero >%s/full; true" % INDEXES,
                   check=False)
        for _ in range(2):
            again = box.imap("fb02")
            assert answers(again) == before
            again.store("3", "+FLAGS", "(\\Answered)")
            c.noop()
            assert b"Answered" in c.fetch("3", "(FLAGS)")[1][0]
            c.store("3", "-FLAGS", "(\\Answered)")
            again.noop()
            assert answers(again) == before
            again.logout()
        c.logout()
        box.inside("rm", "%s/full" % INDEXES)
        assert answers(box.imap("fb02")) == before
        assert uid in box.inside("ls", INDEXES)
        # a log that cannot be written to is not believed again
        wait(lambda: box.inside("mount", "-o", "remount,ro", "none", INDEXES,
                                check=False)[0] == 0,
             "the end of sessions that write there")
        c = box.imap("fb02")
        assert answers(c) == before
        c.store("1", "-FLAGS", "(blue)")
        c.logout()
        box.inside("umount", "-l", INDEXES)
        mounted = False
        os.rename(INDEXES, INDEXES + ".away")
        c = box.imap("fb02")
        after = answers(c)
        assert after[1][0] == before[1][0].replace(b" blue", b"")
        assert after[1][1:] == before[1][1:]
        c.logout()
        os.rename(INDEXES + ".away", INDEXES)
        assert answers(box.imap("fb02")) == after
        old.noop()
        assert answers(old) == after
    finally:
        if mounted:
            box.inside("umount", "-l", INDEXES)
        if os.path.exists(INDEXES + ".away"):
            os.rename(INDEXES + ".away", INDEXES)


def test_switched(box):
    c = fill(box, "fb03")
    before = answers(c)
    for n in range(4):
        write(box, "fb03", "" if n % 2 == 0 else INDEXES)
        d = box.imap("fb03")
        assert answers(d) == before, n
        # the session of the old configuration is there still
        d.store("2", "+FLAGS", "(\\Answered w%d)" % n)
        c.noop()
        assert b"w%d" % n in c.fetch("2", "(FLAGS)")[1][0]
        c.store("2", "-FLAGS", "(\\Answered w%d)" % n)
        d.noop()
        assert answers(d) == before, n
        d.logout()
        index = os.path.join(box.maildir("fb03"), "facteur.index")
        wait(lambda path=index, here=n % 2 == 0: os.path.exists(path) == here,
             "the index")
    c.logout()


def test_sieve_keywords(box):
    """Who delivers makes a folder's list where none is."""
    home = os.path.dirname(box.maildir("fb04").rstrip("/"))
    script = os.path.join(home, ".sieve")
    with open(script, "w", encoding="ascii") as f:
        f.write('require "imap4flags";\naddflag "$Label1"; keep;\n')
    owner = os.stat(home)
    os.chown(script, owner.st_uid, owner.st_gid)
    for n in (1, 2):
        box.send("a@example.com", ["fb04@bench.test"],
                 "Subject: x\n\nword\n")
        box.wait_messages("fb04", n)
        c = box.imap("fb04")
        c.select()
        assert b"$Label1" in c.fetch(str(n), "(FLAGS)")[1][0]
        c.logout()
        assert not os.path.exists(os.path.join(box.maildir("fb04"),
                                               "facteur.index"))


def test_folders(box):
    c = box.imap("fb05")
    for name in ("INBOX.a", "INBOX.a.b"):
        c.create(name)
        c.append(name, None, None, b"Subject: x\r\n\r\nx\r\n")
        c.select(name)
        c.close()
    assert place(box, "fb05", ".a") and place(box, "fb05", ".a.b")
    c.rename("INBOX.a", "INBOX.z")
    assert not place(box, "fb05", ".a") and not place(box, "fb05", ".a.b")
    assert place(box, "fb05", ".z") and place(box, "fb05", ".z.b")
    c.delete("INBOX.z")
    assert not place(box, "fb05", ".z")
    c.select("INBOX.z.b")
    assert c.search(None, "ALL")[1] == [b"1"]
    c.logout()


def test_tools(box):
    """facteur export and import see the same, and leave the index alone."""
    c = fill(box, "fb06")
    before = answers(c)
    uids = c.uid("SEARCH", "ALL")[1][0].split()
    c.logout()
    note = os.path.join(box.maildir("fb06"), "facteur.log")
    with open(note, encoding="ascii") as f:
        text = f.read()
    box.inside("facteur", "export", "courier", "fb06")
    with open(os.path.join(box.maildir("fb06"), "courierimapuiddb"),
              encoding="ascii") as f:
        rows = f.read().splitlines()
    assert [r.split()[0].encode() for r in rows[1:]] == uids
    with open(note, encoding="ascii") as f:
        assert f.read() == text
    box.inside("facteur", "import", "-r", "fb06")
    c = box.imap("fb06")
    assert answers(c) == before
    c.logout()


if __name__ == "__main__":
    os.makedirs(INDEXES, 0o755, exist_ok=True)
    main("--set", "index_directory = " + INDEXES,
         "--set", "mailbox_command =")
