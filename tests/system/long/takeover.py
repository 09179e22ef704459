#!/usr/bin/env python3
"""Mailboxes of Dovecot and Courier, made by them, taken over and given back.

The peer and Facteur work on the same homes, in turn. What a client keeps of a
message (UIDVALIDITY, UID, flags, keywords, INTERNALDATE, size) is compared by
its Message-ID each time, and the subscriptions.
"""

import imaplib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir))
from lib import Instance, Skip, case, no_crash, ports, wait  # noqa: E402
from tap import Getmail, Tap  # noqa: E402

BENCH = os.path.join(HERE, os.pardir, os.pardir, "bench")
USER = "fb00"
FOLDERS = ("Sent", "Archiv.2024", "Entw&APw-rfe", "A &- B", "deep.er.still")
FLAGS = (r"\Seen", r"\Seen \Answered", r"\Flagged", r"\Deleted \Draft",
         r"\Seen $Work", r"$Work $Later", "")
FETCH = ("(UID FLAGS INTERNALDATE RFC822.SIZE "
         "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")


class Peer:
    """One of tests/bench/peer-*.sh, in a folder whose homes are shared."""

    def __init__(self, name, work, base, *options):
        self.script = os.path.join(BENCH, "peer-%s.sh" % name)
        self.name, self.work, self.base = name, work, base
        self.options = options

    def __enter__(self):
        got = subprocess.run(
            ["sh", self.script, "start", "--work", self.work, "--base",
             str(self.base), *self.options], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False, timeout=300)
        if "cannot download" in got.stdout:
            raise Skip("%s cannot be had" % self.name)
        assert got.returncode == 0, got.stdout
        with open(os.path.join(self.work, self.name + ".json"),
                  encoding="utf-8") as f:
            target = json.load(f)
        self.port, self.pop3_port = target["imap_port"], target["pop3_port"]
        wait(self.answers, "%s to answer" % self.name)
        return self

    def __exit__(self, *_):
        subprocess.run(["sh", self.script, "stop", "--work", self.work],
                       check=False, timeout=120)
        wait(lambda: not self.answers(), "%s to end" % self.name)

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
        except OSError:
            return False
        return True

    def imap(self):
        c = imaplib.IMAP4("127.0.0.1", self.port, timeout=60)
        c.login(USER, "bench")
        return c


def quoted(name):
    return '"%s"' % name


def good(answer):
    assert answer[0] == "OK", answer
    return answer[1]


def message(n, folder):
    return ("From: a@client.test\r\nTo: %s@bench.test\r\nSubject: %s %d\r\n"
            "Message-ID: <%d.%s@client.test>\r\n\r\nText %s\r\n"
            % (USER, folder, n, n, re.sub(r"\W", "_", folder),
               "x" * 17 * n)).encode()


def fill(c, prefix):
    """Folders, messages with flags, keywords and dates, some expunged."""
    for name in FOLDERS:
        good(c.create(quoted(prefix + name)))
        good(c.subscribe(quoted(prefix + name)))
    good(c.create(quoted(prefix + "quiet")))
    for name in ("INBOX",) + tuple(prefix + f for f in FOLDERS):
        for i in range(14):
            good(c.append(quoted(name), "(%s)" % FLAGS[i % 7],
                          '"%02d-Mar-2019 10:11:%02d +0200"' % (i + 1, i),
                          message(i, name[len(prefix):])))
        good(c.select(quoted(name)))
        good(c.store("3,7:8", "+FLAGS.SILENT", r"(\Deleted)"))
        good(c.expunge())
        good(c.store("1", "+FLAGS", "(Custom)"))
        c.close()


def folders(c, prefix):
    out = set()
    for line in good(c.list()):
        attributes, name = re.match(
            rb'\(([^)]*)\) "." "?(.*?)"?$', line).groups()
        if b"\\Noselect" not in attributes and \
                b"\\NonExistent" not in attributes:
            name = name.decode()
            out.add(name[len(prefix):] if name.startswith(prefix) else name)
    return out


def subscriptions(c, prefix):
    out = set()
    for line in good(c.lsub()):
        if line is None:
            continue
        attributes, name = re.match(
            rb'\(([^)]*)\) "." "?(.*?)"?$', line).groups()
        name = name.decode()
        if b"\\Noselect" not in attributes and name != "INBOX":
            out.add(name[len(prefix):] if name.startswith(prefix) else name)
    return out


def seen(c, name):
    """{Message-ID: (UID, flags, date, size)}, UIDVALIDITY and UIDNEXT."""
    count = int(good(c.select(quoted(name), readonly=True))[0])
    validity = int(c.response("UIDVALIDITY")[1][0])
    following = int(re.search(rb"UIDNEXT (\d+)", good(
        c.status(quoted(name), "(UIDNEXT)"))[0]).group(1))
    out = {}
    for part in good(c.fetch("1:*", FETCH)) if count > 0 else ():
        if not isinstance(part, tuple):
            continue
        head = part[0].decode()
        ident = re.search(rb"<.*?>", part[1]).group().decode()
        flags = set(re.search(r"FLAGS \((.*?)\)", head).group(1).split())
        out[ident] = (int(re.search(r"UID (\d+)", head).group(1)),
                      frozenset(flags - {r"\Recent"}),
                      re.search(r'INTERNALDATE "(.*?)"', head).group(1),
                      int(re.search(r"SIZE (\d+)", head).group(1)))
    return validity, following, out


def everything(c, prefix):
    return {name: seen(c, name if name == "INBOX" else prefix + name)
            for name in folders(c, prefix)}


def same(was, now, what, dates=True):
    assert set(was) <= set(now), (what, set(was) - set(now))
    for name, (validity, following, messages) in was.items():
        now_validity, now_following, now_messages = now[name]
        assert validity == now_validity, (what, name, validity, now_validity)
        assert following <= now_following, (what, name)
        for ident, known in messages.items():
            got = now_messages.get(ident)
            assert got is not None, (what, name, ident)
            assert got[:2] + got[3:] == known[:2] + known[3:], (
                what, name, ident, known, got)
            # the same moment, in whatever zone
            assert not dates or imaplib.Internaldate2tuple(
                b'INTERNALDATE "%s"' % got[2].encode()) == \
                imaplib.Internaldate2tuple(
                    b'INTERNALDATE "%s"' % known[2].encode()), (
                what, name, ident, known, got)


def use(c, prefix):
    """What a day does to it: new mail, flags, expunges, a folder."""
    good(c.create(quoted(prefix + "later")))
    good(c.subscribe(quoted(prefix + "later")))
    for name in ("INBOX", prefix + "Sent", prefix + "later"):
        for i in range(100, 106):
            good(c.append(quoted(name), r"($Work \Seen)" if i % 2 else "()",
                          None, message(i, name)))
        good(c.select(quoted(name)))
        good(c.store("2", "+FLAGS", r"(\Flagged $Later)"))
        good(c.store("*", "+FLAGS", r"(\Deleted)"))
        good(c.expunge())
        c.close()


class Both:
    def __init__(self, peer, prefix, *options):
        top = os.environ.get("TEST_DIR")
        if top:
            os.makedirs(top, exist_ok=True)
        self.top = tempfile.mkdtemp(dir=top)
        os.chmod(self.top, 0o755)
        self.work = os.path.join(self.top, "w")
        base, self.held = ports.reserve()
        self.peer = Peer(peer, self.work, base - 43, *options)
        self.prefix = prefix
        self.facteur = Instance(
            "--homes", os.path.join(self.work, "home"), "--users", "50",
            "--set", "imap_prefix = " + prefix, name=peer)

    def command(self, *words):
        """facteur WORDS, where the instance is."""
        return self.facteur.inside(
            "facteur", "-c", self.facteur.path("etc"), *words)

    def close(self):
        shutil.rmtree(self.top, ignore_errors=True)


def there_and_back(peer, prefix, *options):
    both = Both(peer, prefix, *options)
    path = os.path.join(both.work, "home", USER, "Maildir")
    try:
        with both.peer as p:
            c = p.imap()
            fill(c, prefix)
            was, subscribed = everything(c, prefix), subscriptions(c, prefix)
            c.logout()
        with both.facteur as box:
            text = both.command("import", "-n", path)
            assert not os.path.exists(os.path.join(path, "facteur.uids"))
            n = len(was["INBOX"][2])
            assert "%s, UIDVALIDITY %d, %d messages, %d UIDs kept, 0 new" % (
                peer.capitalize(), was["INBOX"][0], n, n) in text, text
            text = both.command("import", path)
            assert "0 new" in text.splitlines()[-1], text
            c = box.imap(USER)
            same(was, everything(c, prefix), "taken over")
            assert subscriptions(c, prefix) >= subscribed
            use(c, prefix)
            changed = everything(c, prefix)
            subscribed = subscriptions(c, prefix)
            c.logout()
            both.command("export", peer, path)
        no_crash(box)
        with both.peer as p:
            c = p.imap()
            now = everything(c, prefix)
            same(changed, now, "given back")
            assert subscriptions(c, prefix) >= subscribed
            use_again(c, prefix)
            changed = everything(c, prefix)
            c.logout()
        with both.facteur as box:
            both.command("import", "-r", path)
            c = box.imap(USER)
            same(changed, everything(c, prefix), "taken over again")
            c.logout()
        no_crash(box)
    finally:
        both.close()


def use_again(c, prefix):
    good(c.select())  # Courier appends nothing to what is only examined
    for name in ("INBOX", prefix + "later"):
        for i in range(200, 203):
            good(c.append(quoted(name), "(Third)", None, message(i, name)))


def test_dovecot(_):
    there_and_back("dovecot", "", "--set", "namespace inbox {\n inbox = yes\n"
                   " separator = .\n}")


def test_dovecot_as_courier(_):
    there_and_back("dovecot", "INBOX.", "--set", "namespace inbox {\n"
                   " inbox = yes\n separator = .\n prefix = INBOX.\n}")


def test_courier(_):
    there_and_back("courier", "INBOX.")


def deliver(home, uid, n):
    """As another program's delivery does."""
    path = os.path.join(home, "Maildir", "new", "%d.M%dP7.host" % (
        1700000000 + n, n))
    with open(path, "wb") as f:
        f.write(message(n, "INBOX").replace(b"\r", b""))
    os.chown(path, uid, uid)


def leaves_mail(peer, prefix, *options):
    """Who fetches by POP3 and leaves it there fetches nothing again."""
    if not shutil.which("getmail"):
        raise Skip("getmail is not installed")
    both = Both(peer, prefix, "--pop3", *options)
    users = [("fb%02d" % i, os.path.join(both.work, "home", "fb%02d" % i),
              61000 + i) for i in range(2)]
    tap = Tap(0)  # one server for the client, whoever it is
    clients = [Getmail(os.path.join(both.top, "near-" + user), "POP3",
                       tap.port, user) for user, _, _ in users]

    def all_fetch(number, what):
        got = [client.fetch() for client in clients]
        assert got == [number, number], "%s: %s fetched" % (what, got)

    def all_get(n):
        for _, home, uid in users:
            deliver(home, uid, n)

    try:
        with both.peer as p:
            tap.to = p.pop3_port
            for n in range(8):
                all_get(n)
            # one of both is also used by IMAP, before and behind
            c = p.imap()
            good(c.select("INBOX"))
            good(c.store("2", "+FLAGS", r"(\Seen $Work)"))
            good(c.store("3", "+FLAGS", r"(\Deleted)"))
            good(c.expunge())
            deliver(users[0][1], users[0][2], 8)
            all_fetch(8, "at first")
            all_fetch(0, "at once again")
            good(c.store("1:*", "+FLAGS", r"(\Seen)"))
            c.logout()
            all_get(20)
        with both.facteur as box:
            tap.to = box.port("pop3")
            all_fetch(1, "after the change")
            all_fetch(0, "after the change, again")
            c = box.imap(USER)
            good(c.select("INBOX"))
            good(c.store("1:3", "+FLAGS", r"(\Flagged $Later)"))
            c.logout()
            all_get(21)
            all_fetch(1, "a letter later")
            for _, home, _ in users:
                both.command("export", peer, os.path.join(home, "Maildir"))
        no_crash(box)
        with both.peer as p:
            tap.to = p.pop3_port
            all_get(22)
            # Courier names what it had not named itself anew
            all_fetch(3 if peer == "courier" else 1, "after the way back")
            all_fetch(0, "after the way back, again")
    finally:
        both.close()


def test_pop3_dovecot(_):
    leaves_mail("dovecot", "", "--set", "namespace inbox {\n inbox = yes\n"
                " separator = .\n}")


def test_pop3_courier(_):
    leaves_mail("courier", "INBOX.")


def main():
    ok = True
    for name, function in sorted(globals().items()):
        if name.startswith("test_") and (not sys.argv[1:] or
                                         name in sys.argv[1:]):
            ok = case(name, function, None) and ok
    sys.exit(0 if ok else 1)


main()
