#!/usr/bin/env python3
# timeout: 120
"""Clients that wait have no process, and see what they would have seen."""

import glob
import imaplib
import os
import re
import socket
import zlib

from lib import SLOW, main, wait


class Client:
    """One that believes what it is told: UIDs by number, flags by UID."""

    def __init__(self, box, user, tls=False):
        self.box, self.user = box, user
        self.s = socket.create_connection(
            ("127.0.0.1", box.port("imaps" if tls else "imap")),
            timeout=30 * SLOW)
        if tls:
            self.s = box.tls().wrap_socket(self.s, server_hostname="localhost")
        self.f = self.s.makefile("rb")
        self.told, self.exists, self.recent = [], 0, 0
        self.last = ""
        self.line()
        self.do("LOGIN %s bench" % user)

    def line(self):
        line = self.f.readline().decode()
        assert line, "closed behind %s" % self.last
        line = line.rstrip("\r\n")
        self.last = line
        got = re.match(r"\* (\d+) (\S+)", line)
        if got:
            n = int(got[1])
            if got[2] == "EXISTS":
                assert n >= self.exists, line
                self.exists = n
            elif got[2] == "RECENT":
                self.recent = n
            elif got[2] == "EXPUNGE":
                assert 0 < n <= self.exists, line
                self.exists -= 1
            self.told.append(" ".join(line.split()[1:3]))
        return line

    def send(self, text):
        self.s.sendall(text.encode() + b"\r\n")

    def until(self, *starts):
        lines = [self.line()]
        while not lines[-1].startswith(starts):
            lines.append(self.line())
        return lines

    def do(self, command):
        self.send("t " + command)
        lines = self.until("t ")
        assert lines[-1].startswith("t OK"), lines
        return lines

    def idle(self):
        self.told = []
        self.send("i IDLE")
        self.until("+ ")

    def done(self):
        self.send("DONE")
        return self.until("i OK")

    def uids(self):
        return [int(re.search(r"UID (\d+)", line)[1])
                for line in self.do("FETCH 1:* UID")
                if " FETCH " in line] if self.exists else []

    def close(self):
        self.f.close()
        self.s.close()


def nobody_serves(box, user):
    """No imapd runs as this user."""
    uid = os.stat(os.path.dirname(box.maildir(user))).st_uid
    for pid in box.pids("imapd"):
        try:
            if os.stat("/proc/%s" % pid).st_uid == uid:
                return False
        except FileNotFoundError:
            pass
    return True


def parked(box, user):
    wait(lambda: nobody_serves(box, user), "an imapd that ends", 30)


def append(client, text="Subject: x\r\n\r\nbody\r\n", flags=""):
    client.send("t APPEND INBOX %s{%d+}\r\n%s" % (
        flags and "(%s) " % flags, len(text), text))
    assert client.until("t ")[-1].startswith("t OK")


def all_that_happens(box, user, tls):
    """Everything at once, while one waits; twice."""
    a, b = Client(box, user, tls), Client(box, user, tls)
    for _ in range(6):
        append(b)
    a.do("SELECT INBOX")
    assert a.exists == 6, a.exists
    recent = a.recent
    a.idle()
    parked_uid = a.exists
    b.close()
    parked(box, user)
    assert parked_uid == a.exists
    b = Client(box, user, tls)
    b.do("SELECT INBOX")
    b.do(r"STORE 1 +FLAGS (\Answered)")
    got = a.until("* 1 FETCH")
    assert "Answered" in got[-1] and len(got) == 1, got
    b.do("LOGOUT")
    b.close()
    parked(box, user)

    # a foreign program removes, flags and adds
    cur = os.path.join(box.maildir(user), "cur")
    names = sorted(os.listdir(cur))
    a.told = []
    os.unlink(os.path.join(cur, names[2]))
    a.until("* 3 EXPUNGE")
    a.done()
    assert a.exists == 5
    assert len(a.uids()) == 5
    a.idle()
    parked(box, user)

    # mail comes; the same again while it is parked once more
    box.send("x@example.com", [user], "Subject: m\n\nmail\n")
    a.until("* 6 EXISTS")
    a.until("* %d RECENT" % recent)  # one of them is gone
    parked(box, user)
    a.done()
    assert a.exists == 6, a.told
    assert a.told.count("6 EXISTS") == 1, a.told
    assert len(a.uids()) == 6
    lines = a.do("FETCH 6 FLAGS")
    assert r"\Recent" in lines[0], lines
    a.do(r"STORE 1:* +FLAGS.SILENT (\Deleted)")
    a.do("EXPUNGE")
    a.do("LOGOUT")
    a.close()


def test_plain(box):
    all_that_happens(box, "fb01", False)


def test_tls(box):
    all_that_happens(box, "fb02", True)


def test_what_is_enabled_and_saved_stays(box):
    a = Client(box, "fb03")
    for _ in range(4):
        append(a)
    a.do("ENABLE QRESYNC")
    a.do("SELECT INBOX")
    a.do("SEARCH RETURN (SAVE) 2:3")
    parked(box, "fb03")
    lines = a.do("FETCH $ UID")
    assert len([x for x in lines if " FETCH " in x]) == 2, lines
    parked(box, "fb03")
    b = Client(box, "fb03")
    b.do("SELECT INBOX")
    b.do(r"STORE 2 +FLAGS (\Deleted)")
    b.do("EXPUNGE")
    b.do(r"STORE 1 +FLAGS (\Seen)")
    b.do("LOGOUT")
    b.close()
    lines = a.do("NOOP")
    assert any(x.startswith("* VANISHED ") for x in lines), lines
    assert any("MODSEQ" in x and "Seen" in x for x in lines), lines
    assert len(lines) == 3, lines
    lines = a.do("FETCH $ UID")
    assert len([x for x in lines if " FETCH " in x]) == 1, lines
    a.do("LOGOUT")
    a.close()


def test_a_command_in_pieces_and_two_at_once(box):
    a = Client(box, "fb04", tls=True)
    parked(box, "fb04")
    a.s.sendall(b"x NO")
    wait(lambda: not nobody_serves(box, "fb04"), "an imapd")
    a.s.sendall(b"OP\r\ny CAPABILITY\r\nz SELECT INBOX\r\n")
    for tag in ("x OK", "y OK", "z OK"):
        a.until(tag)
    a.do("EXAMINE INBOX")
    parked(box, "fb04")
    a.send(r"t STORE 1 +FLAGS (\Seen)")
    assert a.until("t ")[-1].startswith(("t NO", "t BAD"))
    a.close()


def test_last_words_of_a_parked_client(box):
    """It says what is to be done and closes at once."""
    a = Client(box, "fb04")
    append(a)
    a.do("SELECT INBOX")
    a.idle()
    parked(box, "fb04")
    a.s.sendall(b"DONE\r\nx STORE 1 +FLAGS (\\Flagged)\r\n")
    a.s.shutdown(socket.SHUT_WR)
    cur = os.path.join(box.maildir("fb04"), "cur")
    wait(lambda: any("F" in x.split(":2,")[-1] for x in os.listdir(cur)),
         "the flag")
    a.close()


def test_one_login_and_one_logout_in_the_log(box):
    a = Client(box, "fb05", tls=True)
    a.do("SELECT INBOX")
    a.idle()
    parked(box, "fb05")
    a.done()
    parked(box, "fb05")
    a.close()
    box.wait_log(r"LOGOUT, user=fb05, ip=\[[^]]*\], headers=0, body=0, "
                 r"rcvd=\d\d, sent=\d+, time=\d+")
    log = box.log()
    assert log.count("LOGIN, user=fb05") == 1
    assert log.count("LOGOUT, user=fb05") == 1


def test_the_folder_has_another_name(box):
    """RENAME of what is selected, or of a folder above it."""
    a = Client(box, "fb06")
    for command in ("CREATE INBOX.old.sub", "SELECT INBOX.old.sub",
                    "RENAME INBOX.old INBOX.new"):
        a.do(command)
    parked(box, "fb06")
    a.do("NOOP")
    a.do("UNSELECT")
    a.do("DELETE INBOX.new.sub")
    a.do("LOGOUT")
    a.close()


def test_the_folder_was_made_anew(box):
    """What a client knows cannot be found again: it is told to go."""
    a = Client(box, "fb06")
    append(a)
    a.do("SELECT INBOX")
    parked(box, "fb06")
    top = box.maildir("fb06")
    for name in os.listdir(top):
        if name.startswith("facteur."):
            os.unlink(os.path.join(top, name))
    a.send("t NOOP")
    assert a.until("* BYE", "t ")[-1].startswith("* BYE")
    a.close()


def test_reload(box):
    a, b = Client(box, "fb07"), Client(box, "fb08", tls=True)
    a.do("SELECT INBOX")
    b.do("SELECT INBOX")
    a.idle()
    b.idle()
    parked(box, "fb07")
    parked(box, "fb08")
    box.reload()
    box.send("x@example.com", ["fb07", "fb08"], "Subject: m\n\nmail\n")
    for c in (a, b):
        c.until("* 1 EXISTS")
        c.done()
        c.do("LOGOUT")
        c.close()


def user(box, *words):
    return box.inside("facteur", "-c", box.path("etc"), "user", *words,
                      stdin="bench\n")


def test_the_account_is_looked_at_again(box):
    """Nobody goes on who is gone, or whose mailbox is another now."""
    account = os.stat(os.path.dirname(box.maildir("fb01")))
    os.chmod(box.dir, 0o755)
    os.mkdir(box.path("virt"))
    with open(box.path("etc", "main.cf"), "a", encoding="ascii") as f:
        f.write("auth_user_database = hash:%s\n" % box.path("etc", "userdb"))
    with open(box.path("etc", "authdaemonrc"), "w", encoding="ascii") as f:
        f.write('authmodulelist="authuserdb authpam"\n')

    def add(name, home):
        path = box.path("virt", home)
        os.makedirs(path, exist_ok=True)
        os.chown(path, account.st_uid, account.st_gid)
        user(box, "add", "-u", str(account.st_uid), "-g",
             str(account.st_gid), "-d", path, name)

    for name in ("gone", "moved", "stays"):
        add(name, name)
    box.reload()
    clients = [Client(box, name) for name in ("gone", "moved", "stays")]
    wait(lambda: nobody_serves(box, "fb01"), "three imapd that end", 30)
    user(box, "del", "gone")
    user(box, "del", "moved")
    add("moved", "elsewhere")
    for c in clients:
        c.send("t NOOP")
        end = c.until("* BYE", "t ")[-1]
        assert end.startswith("t OK" if c.user == "stays" else
                              "* BYE Please log in again"), (c.user, end)
        c.close()


def refused(box, user):
    """LOGIN of one more: its answer, for the limit or not."""
    c = box.imap()
    try:
        c.login(user, "bench")
    except imaplib.IMAP4.error as e:
        assert "[LIMIT]" in str(e), e
        return True
    finally:
        c.shutdown()
    return False


def test_who_is_parked_counts(box):
    path = box.path("etc", "main.cf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "a", encoding="utf-8") as f:
        f.write("login_user_limit = 2\n")
    box.reload()
    clients = [Client(box, "fb08"), Client(box, "fb08", tls=True)]
    for _ in range(2):
        parked(box, "fb08")
        # counted when login has read what imapd left for it
        wait(lambda: refused(box, "fb08"), "the limit of the parked")
        for c in clients:  # comes back, and goes again
            c.do("NOOP")
        wait(lambda: refused(box, "fb08"), "the limit")
    parked(box, "fb08")
    clients.pop().close()
    wait(lambda: not refused(box, "fb08"), "a place")
    clients.pop().close()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    box.reload()


def watches(box):
    """What login watches by descriptors of others, one list each."""
    found = []
    for pid in box.pids("login"):
        for path in glob.glob("/proc/%d/fdinfo/*" % pid):
            try:
                with open(path, encoding="ascii") as f:
                    lines = [line for line in f if line.startswith("inotify ")]
            except OSError:
                continue
            if lines:
                found.append(sorted(re.search("ino:([0-9a-f]+)", line)[1]
                                    for line in lines))
    return found


def test_one_watch_goes_from_process_to_process(box):
    a = Client(box, "fb03")
    folders = ["%x" % os.stat(os.path.join(
        box.maildir("fb03"), part)).st_ino for part in ("new", "cur")]
    a.do("CREATE INBOX.other")
    a.do("SELECT INBOX.other")
    a.do("SELECT INBOX")
    for n in range(3):
        a.idle()
        parked(box, "fb03")
        wait(lambda: watches(box) == [sorted(folders)], lambda: watches(box))
        exists = a.exists
        box.send("x@example.com", ["fb03"], "Subject: %d\n\nmail\n" % n)
        a.until("* %d EXISTS" % (exists + 1))
        parked(box, "fb03")
        wait(lambda: watches(box) == [sorted(folders)], lambda: watches(box))
        a.done()
    a.do("LOGOUT")
    a.close()


def unauthenticated(box, tls):
    """Nothing of the first user is left, and the second one is served."""
    c = Client(box, "fb00", tls)
    c.do("SELECT INBOX")
    c.do("ENABLE CONDSTORE UTF8=ACCEPT")
    assert "UNAUTHENTICATE" in " ".join(c.do("CAPABILITY"))
    c.do("UNAUTHENTICATE")
    wait(lambda: nobody_serves(box, "fb00"), "the end of its imapd")
    c.send("t CREATE INBOX.nobody")
    assert c.until("t ")[-1].startswith("t BAD")
    assert "AUTH=PLAIN" in " ".join(c.do("CAPABILITY"))
    c.do("LOGIN fb01 bench")
    folder = "INBOX.second%d" % tls
    c.do("CREATE " + folder)
    c.send("t CHECK")
    assert c.until("t ")[-1].startswith("t BAD"), "a mailbox is selected"
    # all at once, and back again
    c.send("u UNAUTHENTICATE\r\nv AUTHENTICATE PLAIN AGZiMDAAYmVuY2g=\r\n"
           "w LIST \"\" %s\r\nx NOOP" % folder)
    lines = c.until("x ")
    assert [line[:4] for line in lines] == ["u OK", "v OK", "w OK", "x OK"], \
        lines
    c.send("t LOGOUT")
    c.s.close()


def test_unauthenticate(box):
    for tls in (False, True):
        unauthenticated(box, tls)
    box.wait_log(r"LOGOUT, user=fb01, ")


def test_unauthenticate_compressed(box):
    """The layer ends behind the command and its answer."""
    c = Client(box, "fb00", True)
    c.do("COMPRESS DEFLATE")
    out = zlib.compressobj(wbits=-15)
    text = out.compress(b"t UNAUTHENTICATE\r\n")
    c.s.sendall(text + out.flush(zlib.Z_SYNC_FLUSH))
    packed = b""
    while not packed.endswith(b"\0\0\xff\xff"):
        packed += c.f.read(1)
    got = zlib.decompressobj(wbits=-15).decompress(packed)
    assert got.startswith(b"t OK") and got.endswith(b"\r\n"), got
    c.do("LOGIN fb01 bench")
    c.do("NOOP")


def test_stop_is_told(box):
    a = Client(box, "fb09", tls=True)
    a.idle()
    parked(box, "fb09")
    box.stop()
    assert a.until("* BYE")[-1].endswith("shutting down")
    a.close()
    box.start()


if __name__ == "__main__":
    main("--set", "imap_park_after=1s")
