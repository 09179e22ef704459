#!/usr/bin/env python3
"""Where addresses lead: virtual mailboxes, pipes, other transports."""

import contextlib
import os
import re
import select
import socket
import threading

from lib import main, wait

TOP = os.path.join(os.environ.get("TEST_DIR", os.getcwd()), "box")
BOXES = os.path.join(TOP, "boxes")
TEXT = "From: a@client.test\nSubject: %s\n\nFrom the body\n.dot\n"
UID, GID = 61700, 61701


def send(box, to, subject, sender="a@client.test"):
    box.send(sender, [to], TEXT % subject)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def line(box, subject_id, pattern):
    return box.wait_log(r"postfix/%s: \w+: %s" % (subject_id, pattern))


def folder(path, mode=0o755, owner=None):
    os.makedirs(path, exist_ok=True)
    os.chmod(path, mode)
    if owner:
        os.chown(path, *owner)
    return path


# -- virtual mailboxes

def test_virtual_maildir(box):
    folder(BOXES, 0o755, (UID, GID))
    send(box, "Joe+x@v.test", "to a maildir")
    line(box, r"virtual\[\d+\]",
         r"to=<Joe\+x@v\.test>, relay=virtual, .*dsn=2\.0\.0, status=sent "
         r"\(delivered to maildir\)")
    new = os.path.join(BOXES, "v.test/joe/new")
    name = os.listdir(new)[0]
    text = read(os.path.join(new, name))
    assert text.startswith(b"Return-Path: <a@client.test>\n"), text
    assert b"\nDelivered-To: Joe+x@v.test\n" in text, text
    st = os.stat(os.path.join(new, name))
    assert (st.st_uid, st.st_gid) == (UID, GID)
    assert st.st_mode & 0o777 == 0o600


def test_virtual_mbox(box):
    send(box, "ann@v.test", "to a file")
    box.wait_empty()
    # virtual_mailbox_lock wants no lock file
    with open(os.path.join(BOXES, "ann.lock"), "w", encoding="ascii") as f:
        f.write("0")
    send(box, "ann@v.test", "to a file again")
    box.wait_empty()
    os.unlink(os.path.join(BOXES, "ann.lock"))
    got = read(os.path.join(BOXES, "ann"))
    assert got.startswith(b"From a@client.test  "), got
    assert got.count(b"\n>From the body\n") == 2
    assert os.stat(os.path.join(BOXES, "ann")).st_uid == UID


def test_virtual_mailbox_limit(box):
    text = TEXT % "large" + "x" * 70 + "\n"
    box.send("", ["ann@v.test"], text + ("y" * 70 + "\n") * 600)
    line(box, r"virtual\[\d+\]", r"to=<ann@v\.test>, .*dsn=5\.2\.2, "
         r"status=bounced \(mailbox full")
    box.wait_empty()


def test_virtual_unknown(box):
    with box.smtp() as c:
        c.mail("a@client.test")
        code, text = c.rcpt("nobody@v.test")
        assert code == 550 and b"virtual mailbox table" in text, text


def test_virtual_numbers(box):
    """A uid below the least, or none at all, is the administrator's fault."""
    for user, why in (("low", r"virtual_uid_maps: bad value"),
                      ("none", r"not found in virtual_gid_maps"),
                      ("up", r"virtual_mailbox_maps: .* is no path")):
        send(box, user + "@v.test", "numbers")
        line(box, r"virtual\[\d+\]", r"to=<%s@v\.test>, relay=virtual, .*"
             r"dsn=4\.3\.5, status=deferred \(.*%s" % (user, why))
    box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


def test_virtual_loop(box):
    box.send("", ["joe@v.test"], "Delivered-To: joe@v.test\n" + TEXT % "loop")
    line(box, r"virtual\[\d+\]", r"to=<joe@v\.test>, .*dsn=5\.4\.6, "
         r"status=bounced \(mail forwarding loop")
    box.wait_empty()


# -- pipes

def test_pipe(box):
    out = folder(os.path.join(TOP, "out"), 0o777)
    send(box, "First.Last+ext@pipe.test", "to a pipe")
    line(box, r"pipe\[\d+\]",
         r"to=<First\.Last\+ext@pipe\.test>, relay=taker, .*dsn=2\.0\.0, "
         r"status=sent \(delivered via taker service \(taken well\)\)")
    words = read(os.path.join(out, "words")).decode().split("\n")
    assert words[0] == "a@client.test", words
    assert words[1] == "first.last+ext@pipe.test", words
    assert words[2] == "first.last/ext/hop.test", words
    assert words[3] == "1" and words[4] == os.path.realpath(out), words
    got = read(os.path.join(out, "got"))
    assert re.match(rb"From a@client\.test  [^\n]*\r\nReturn-Path: <a@client"
                    rb"\.test>\r\nX-Original-To: [^\n]*\r\nDelivered-To: ",
                    got), got
    assert b"\r\n>From the body\r\n..dot\r\n\r\n" in got, got
    assert os.stat(os.path.join(out, "got")).st_uid == os.stat(
        os.path.join(box.t["homes"], "fb01")).st_uid


def test_pipe_null_sender(box):
    out = os.path.join(TOP, "out")
    box.send("", ["x@pipe.test"], TEXT % "null")
    box.wait_empty()
    assert read(os.path.join(out, "words")).startswith(b"nobody-at-all\n")


def test_pipe_refuses(box):
    box.send("", ["no@pipe.test"], TEXT % "refused")
    line(box, r"pipe\[\d+\]", r"to=<no@pipe\.test>, relay=taker, .*"
         r"dsn=5\.7\.1, status=bounced \(.*Command output: 5\.7\.1 not you")
    box.send("", ["later@pipe.test"], TEXT % "later")
    line(box, r"pipe\[\d+\]", r"to=<later@pipe\.test>, relay=taker, .*"
         r"dsn=4\.3\.0, status=deferred \(temporary failure")
    box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


def test_pipe_size(box):
    box.send("", ["x@pipe.test"], TEXT % "big" + ("y" * 70 + "\n") * 600)
    line(box, r"pipe\[\d+\]", r"to=<x@pipe\.test>, relay=taker, .*"
         r"dsn=5\.2\.3, status=bounced \(message size \d+ exceeds size limit")
    box.wait_empty()


# -- LMTP on a Unix socket

class Listener:
    """Serves a Unix socket: talk() for each peer, in a thread of its own."""

    def __init__(self, path):
        self.path, self.peers = path, []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        os.chmod(path, 0o777)
        self.socket.listen(8)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                peer = self.socket.accept()[0]
            except OSError:
                return
            self.peers.append(peer)
            threading.Thread(target=self.run, args=(peer,),
                             daemon=True).start()

    def run(self, peer):
        with contextlib.suppress(OSError), peer:
            self.talk(peer)

    def talk(self, peer):
        raise NotImplementedError

    def stop(self):
        # close() would leave accept() to take one more
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()
        os.unlink(self.path)
        for peer in self.peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)


class Lmtp(Listener):
    """Takes mail on a Unix socket; a word for each recipient."""

    def __init__(self, path):
        self.letters = []
        super().__init__(path)

    def talk(self, peer):
        with peer.makefile("rwb") as f:
            self.converse(f)

    def converse(self, f):
        def say(text):
            f.write(text + b"\r\n")
            f.flush()

        rcpts = []
        say(b"220 lmtp.test LMTP")
        for row in iter(f.readline, b""):
            verb = row[:4].upper()
            if verb == b"RCPT":
                rcpts.append(row)
            elif verb == b"DATA":
                say(b"354 go on")
                text = b"".join(iter(f.readline, b".\r\n"))
                self.letters.append((rcpts, text))
                for r in rcpts:
                    say(b"452 4.2.2 full" if b"full" in r else
                        b"250 2.1.5 taken")
                rcpts = []
                continue
            say(b"221 bye" if verb == b"QUIT" else b"250 ok")


def test_lmtp_unix(box):
    server = Lmtp(os.path.join(TOP, "lmtp"))
    box.send("a@client.test", ["x@lmtp.test", "full@lmtp.test"],
             TEXT % "by lmtp")
    box.wait_log(r"postfix/lmtp\[\d+\]: \w+: to=<x@lmtp\.test>, relay=[^[]+"
                 r"\[%s\], .*dsn=2\.1\.5, status=sent" % re.escape(
                     os.path.join(TOP, "lmtp")))
    box.wait_log(r"postfix/lmtp\[\d+\]: \w+: to=<full@lmtp\.test>, .*"
                 r"dsn=4\.2\.2, status=deferred")
    assert len(server.letters) == 1 and len(server.letters[0][0]) == 2
    assert b"Subject: by lmtp\r\n" in server.letters[0][1]
    server.stop()
    box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


# -- tables on other servers

class Socketmap(Listener):
    """Answers of one table on a Unix socket."""

    def __init__(self, path, entries):
        self.entries = entries
        self.asked, self.hangs = None, False
        super().__init__(path)

    def talk(self, peer):
        for row in iter(lambda: peer.recv(4096), b""):
            name, key = re.fullmatch(
                rb"\d+:(\w+) (.*),", row, re.S).groups()
            assert name == b"aliases"
            self.asked = key.decode()
            if self.hangs:
                continue
            got = self.entries.get(key.decode())
            text = ("OK " + got if got else "NOTFOUND ").encode()
            peer.sendall(b"%d:%s," % (len(text), text))


def test_socketmap(box):
    def reply(address):
        with box.smtp() as c:
            c.mail("a@client.test")
            return c.rcpt(address)[0]

    path = os.path.join(TOP, "aliases.sock")
    server = Socketmap(path, {"sm-one@sm.test": "fb01@bench.test"})
    assert reply("sm-one@sm.test") == 250
    assert reply("sm-two@sm.test") == 550
    before = len(box.messages("fb01"))
    send(box, "sm-one@sm.test", "by socketmap")
    box.wait_messages("fb01", before + 1)
    # nobody is there: never "unknown user", and others have no trouble
    server.stop()
    for address in ("sm-one@sm.test", "sm-two@sm.test", "sm-one@sm.test"):
        assert reply(address) == 451
    assert reply("fb01@bench.test") == 250


def test_socketmap_hangs(box):
    """A server that says nothing is waited for by those who need it alone."""
    path = os.path.join(TOP, "aliases.sock")
    server = Socketmap(path, {"sm-one@sm.test": "fb01@bench.test"})

    def reply(address):
        with box.smtp() as c:
            c.mail("a@client.test")
            return c.rcpt(address)[0]
    wait(lambda: reply("sm-one@sm.test") == 250, "the table's answer")
    server.hangs = True

    def asked():
        """Both processes of lookup have to be over the rest; a client that is
        refused too often is sent away."""
        c = box.smtp()
        c.mail("a@client.test")
        c.send("RCPT TO:<sm-three@sm.test>\r\n")
        wait(lambda: select.select([c.sock], [], [], 0)[0] or
             server.asked == "sm-three@sm.test", "question or answer")
        if server.asked == "sm-three@sm.test":
            return c
        assert c.getreply()[0] == 451
        c.close()
        return None
    with wait(asked, "the question") as slow:
        before = len(box.messages("fb01"))
        send(box, "fb01@bench.test", "beside it")
        box.wait_messages("fb01", before + 1)
        assert not select.select([slow.sock], [], [], 0)[0]
        server.stop()
        assert slow.getreply()[0] == 451


# -- names in transport_maps

def test_error(box):
    with box.smtp() as c:
        c.mail("a@client.test")
        code, text = c.rcpt("x@closed.test")
        assert code == 550 and text == (
            b"5.7.1 <x@closed.test>: Recipient address rejected: closed"), text


def test_discard(box):
    send(box, "x@gone.test", "discarded")
    box.wait_log(r"to=<x@gone\.test>, relay=none, .*dsn=2\.0\.0, status=sent "
                 r"\(by the table\)")


def test_unknown_transport(box):
    send(box, "x@odd.test", "odd")
    box.wait_log(r"to=<x@odd\.test>, .*status=deferred \(mail transport "
                 r"unavailable\)")
    box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


# -- local delivery

def test_mailbox_command_maps(box):
    where = os.path.join(box.t["homes"], "fb00", "by-map")
    send(box, "fb00@bench.test", "by map")
    wait(lambda: os.path.exists(where) and b"by map" in read(where),
         "a command of mailbox_command_maps")
    box.wait_log(r"postfix/local\[\d+\]: \w+: to=<fb00@bench\.test>, "
                 r"relay=local, .*\(delivered to command: cat >")
    before = len(box.messages("fb01"))
    send(box, "fb01@bench.test", "not by map")
    box.wait_messages("fb01", before + 1)


def test_exported_and_directory(box):
    send(box, "runs@bench.test", "environment")
    out = os.path.join(TOP, "out", "env")
    wait(lambda: os.path.exists(out) and b"done" in read(out), "the command")
    words = read(out).decode().split("\n")
    assert words[0] == os.path.realpath(os.path.join(TOP, "out")), words
    assert words[1] == "blue", words


def test_files_of_aliases(box):
    send(box, "filed@bench.test", "a file", "")
    box.wait_log(r"dsn=5\.7\.1, status=bounced \(mail to a file is not "
                 r"allowed in aliases\)")


def test_luser_relay_and_fallback(box):
    before = len(box.messages("fb01"))
    send(box, "who.knows@bench.test", "luser")
    box.wait_messages("fb01", before + 1)
    box.wait_log(r"to=<fb01@bench\.test>, orig_to=<who\.knows@bench\.test>")
    send(box, "fallen@bench.test", "fallback")
    box.wait_log(r"to=<fallen@bench\.test>, relay=none, .*status=sent "
                 r"\(fell back\)")


def aliases():
    path = os.path.join(os.path.dirname(TOP), "routes-aliases")
    with open(path, "w", encoding="utf-8") as f:
        f.write("postmaster: fb01\nroot: fb01\n"
                "runs: \"|(pwd; echo $COLOUR; echo done) >%s/out/env\"\n"
                "filed: %s/out/filed\n" % (TOP, TOP))
    return path


TAKER = """taker unix - n n - - pipe
  flags=BDFORhu.> user=fb01 null_sender=nobody-at-all size=20000 eol=\\r\\n
  directory=%s/out argv=%s/taker $sender $recipient
  $user/$extension/$nexthop""" % (TOP, os.path.dirname(TOP))

if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(TOP), "taker"), "w",
              encoding="utf-8") as script:
        script.write("""#!/bin/sh
case $2 in
no@*) echo 5.7.1 not you; exit 1;;
later@*) exit 75;;
esac
printf '%s\\n' "$1" "$2" "$3" $((1 + ${#HOME})) "$(pwd)" >words
cat >got
echo taken well
""")
        os.fchmod(script.fileno(), 0o755)
    main("--users", "2", "--aliases", aliases(), "--master", TAKER, *[
        word for setting in (
            "virtual_mailbox_domains = v.test",
            "virtual_mailbox_base = " + BOXES,
            "virtual_mailbox_maps = inline:{joe@v.test=v.test/joe/,"
            "ann@v.test=ann,low@v.test=low,none@v.test=none,up@v.test=../x}",
            "virtual_uid_maps = inline:{joe@v.test=%d,ann@v.test=%d,"
            "low@v.test=20,none@v.test=%d,up@v.test=%d}" % ((UID,) * 4),
            "virtual_gid_maps = inline:{joe@v.test=%d,ann@v.test=%d,"
            "low@v.test=%d,up@v.test=%d}" % ((GID,) * 4),
            "virtual_minimum_uid = 61000",
            "virtual_mailbox_lock = fcntl",
            "virtual_mailbox_limit = 30000",
            "relay_domains = pipe.test, closed.test, gone.test, odd.test, lmtp.test",
            "transport_maps = inline:{pipe.test=taker:hop.test,"
            "lmtp.test=lmtp:unix:" + os.path.join(TOP, "lmtp") + ","
            "{closed.test=error:5.7.1 closed},"
            "{gone.test=discard:by the table},odd.test=no-such-thing}",
            "virtual_alias_domains = sm.test",
            "virtual_alias_maps = pipemap:{pcre:{{/^(sm-.*)$$/ $$1}},"
            "socketmap:unix:%s/aliases.sock:aliases}" % TOP,
            "mailbox_command_maps = inline:{{fb00=cat >$$HOME/by-map}}",
            "command_execution_directory = %s/out" % TOP,
            "export_environment = COLOUR=blue",
            "allow_mail_to_files = forward",
            "local_recipient_maps =",
            "fallback_transport_maps = inline:{{fallen=discard:fell back}}",
            "luser_relay = fb01",
        ) for word in ("--set", setting)])
