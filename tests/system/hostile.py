#!/usr/bin/env python3
"""Servers that lie, stall, flood and hang up, and what becomes of the mail.

Each case is a server at an address of its own that behaves badly to the first
client and well to the others. Mail to all of them is sent at once: each session
must end by itself, nothing may be returned, and when the queue is flushed each
letter must be with its server, once (or twice, where the first client had sent
its final dot and got no answer).
"""

import os
import re
import socket
import ssl
import tempfile
import threading
import time

from certs import Authority
from lib import main, wait
from peers import Dns

LIMIT = 2  # seconds that smtp waits for anything
BIG = 6 << 20  # more than the kernel takes for somebody who does not read
FOLDER = tempfile.mkdtemp(dir=os.environ.get("TEST_DIR"))
os.chmod(FOLDER, 0o755)
TLS = Authority(FOLDER).context("mx.other.test")


class Peer:
    """One connection, on the server's side."""

    def __init__(self, connection, letters):
        self.socket, self.letters = connection, letters
        self.lines, self.recipients, self.greeted = [], [], False
        self.pending = b""

    def say(self, data):
        self.socket.sendall(data)

    def line(self):
        while b"\n" not in self.pending:
            got = self.socket.recv(65536)
            if not got:
                raise EOFError
            self.pending += got
        line, _, self.pending = self.pending.partition(b"\n")
        self.lines.append(line.rstrip(b"\r"))
        return self.lines[-1]

    def tls(self):
        self.socket = TLS.wrap_socket(self.socket, server_side=True)
        self.pending = b""

    def body(self, stop):
        text = []
        while not text or text[-1] != b".":
            text.append(self.line())
            if stop == "BODY":
                return False
        return stop != "."

    def serve(self, stop=None, offers=()):
        """Behave well, up to the verb (or CONNECT, BODY, ".")."""
        if not self.greeted:
            if stop == "CONNECT":
                return
            self.say(b"220 mx ESMTP\r\n")
            self.greeted = True
        while True:
            verb = self.line()[:4].decode("latin-1").upper()
            if verb == (stop or "")[:4]:
                return
            if verb == "EHLO":
                names = ["mx"] + list(offers)
                for i, name in enumerate(names):
                    self.say(b"250%s%s\r\n" % (
                        b" " if i + 1 == len(names) else b"-", name.encode()))
            elif verb == "DATA":
                self.say(b"354 go on\r\n")
                if not self.body(stop):
                    return
                self.letters.append(list(self.recipients))
                self.recipients.clear()
                self.say(b"250 2.0.0 taken\r\n")
            elif verb == "QUIT":
                self.say(b"221 2.0.0 bye\r\n")
                raise EOFError
            else:
                if verb == "RCPT":
                    self.recipients.append(self.lines[-1][8:])
                self.say(b"250 2.0.0 ok\r\n")


def hang_up(verb, **options):
    return lambda p: p.serve(verb, **options)


def answer(verb, reply, more=False, **options):
    def run(p):
        p.serve(verb, **options)
        p.say(reply)
        if more:
            p.greeted = True
            p.serve(**options)
        else:
            p.line()
    return run


def flood(verb, piece):
    def run(p):
        p.serve(verb)
        for _ in range(1 << 14):
            p.say(piece)
    return run


def drip(verb, text):
    def run(p):
        p.serve(verb)
        for i in range(10 * LIMIT):
            p.say(text[i % len(text):][:1])
            time.sleep(0.5)
    return run


def stall(verb):
    def run(p):
        p.serve(verb)
        if verb == "BODY":
            time.sleep(LIMIT)
        else:
            p.line()
    return run


def injected(p):
    """What comes in plain behind the reply to STARTTLS is never a reply."""
    p.serve("STARTTLS", offers=("STARTTLS",))
    p.say(b"220 go\r\n250 injected\r\n")
    p.tls()
    p.greeted = True
    p.serve()


def other_offers(p):
    """PIPELINING and the like were offered in plain alone."""
    p.serve("STARTTLS", offers=("STARTTLS", "PIPELINING", "CHUNKING",
                                "SIZE 1", "DSN", "8BITMIME"))
    p.say(b"220 go\r\n")
    p.tls()
    p.lines.clear()
    p.serve(offers=("8BITMIME",))


def tls_garbage(p):
    p.serve("STARTTLS", offers=("STARTTLS",))
    p.say(b"220 go\r\n\x16\x03\x03\xff\xffgarbage\r\n")
    p.line()


def tls_close(p):
    p.serve("STARTTLS", offers=("STARTTLS",))
    p.say(b"220 go\r\n")


def any_certificate(p):
    p.serve("STARTTLS", offers=("STARTTLS",))
    p.say(b"220 go\r\n")
    p.tls()
    p.greeted = True
    p.serve()


def one_each(p):
    """Only one recipient at a time."""
    while True:
        p.serve("RCPT", offers=("PIPELINING",))
        p.recipients.append(p.lines[-1][8:])
        p.say(b"250 2.1.5 ok\r\n")
        while p.line().startswith(b"RCPT"):
            p.say(b"452 4.5.3 too many\r\n")
        p.say(b"354 go on\r\n")
        p.body(None)
        p.letters.append(list(p.recipients))
        p.recipients.clear()
        p.say(b"250 2.0.0 taken\r\n")


def second_refused(p):
    """Takes a letter, and is gone when another comes the same way."""
    p.serve(".")
    p.letters.append(list(p.recipients))
    p.say(b"250 2.0.0 taken\r\n")
    p.line()


# name: (behaviour, the log's word for the first try or "sent", copies)
DEFERRED = {
    "ssh": (answer("CONNECT", b"SSH-2.0-OpenSSH_9\r\n"), "malformed reply"),
    "short": (answer("EHLO", b"25\r\n"), "malformed reply"),
    "six": (answer("MAIL", b"650 what\r\n"), "malformed reply"),
    "lines": (flood("EHLO", b"250-more\r\n"), "too many lines"),
    "line": (flood("CONNECT", b"x" * 100), "reply too long"),
    "nuls": (flood("RCPT", b"\0" * 100), "reply too long"),
    "drip": (drip("CONNECT", b"220-x\r\n"), "timed out while receiving the "
                                             "initial server greeting"),
    "drip2": (drip("MAIL", b"250-x\r\n"), "timed out while sending MAIL"),
    "stall": (stall("CONNECT"), "timed out"),
    "stall2": (stall("EHLO"), "timed out"),
    "stall3": (stall("RCPT"), "timed out"),
    "stall4": (stall("DATA"), "timed out"),
    "close0": (hang_up("CONNECT"), "lost connection"),
    "close1": (hang_up("EHLO"), "lost connection"),
    "close2": (hang_up("MAIL"), "lost connection"),
    "close3": (hang_up("RCPT"), "lost connection"),
    "close4": (hang_up("DATA"), "lost connection"),
    "close5": (hang_up("BODY"), "lost connection"),
    "half": (answer("RCPT", b"250-half\r\n25"), "timed out|lost connection"),
    "busy0": (answer("CONNECT", b"421 4.3.2 busy\r\n"), "421 4.3.2 busy"),
    "busy1": (answer("EHLO", b"421 4.3.2 busy\r\n"), "421 4.3.2 busy"),
    "busy2": (answer("MAIL", b"421 4.3.2 busy\r\n"), "421 4.3.2 busy"),
    "busy3": (answer("RCPT", b"421 4.3.2 busy\r\n"), "421 4.3.2 busy"),
    "busy4": (answer("DATA", b"421 4.3.2 busy\r\n"), "421 4.3.2 busy"),
    "busy5": (answer(".", b"421 4.3.2 busy\r\n"), "421 4.3.2 busy"),
    "door": (answer("CONNECT", b"554 5.7.1 go away\r\n"), "go away"),
    "full": (answer("MAIL", b"452 4.3.1 full\r\n"), "452 4.3.1 full"),
    "early": (answer("DATA", b"250 2.0.0 have it\r\n"), "have it"),
    "eager": (answer("RCPT", b"354 go on\r\n"), "354 go on"),
    "unread": (stall("BODY"), "while sending message body"),
    # TLS is wanted here, by smtp_tls_policy_maps
    "strict0": (answer("STARTTLS", b"454 4.7.0 not now\r\n",
                       offers=("STARTTLS",)), "454 4.7.0 not now"),
    "strict1": (answer("STARTTLS", b"502 5.5.1 what\r\n",
                       offers=("STARTTLS",)), "TLS is required"),
    "strict2": (tls_garbage, "Cannot start TLS"),
    "strict3": (tls_close, "Cannot start TLS|lost connection"),
    "strict4": (hang_up("STARTTLS", offers=("STARTTLS",)), "lost connection"),
    "strict5": (answer("RSET", b""), "TLS is required"),
    "strict6": (any_certificate, "Server certificate not verified"),
}
UNSURE = {  # the dot was sent: it may come twice
    "dot": (hang_up("."), "may be sent more than once"),
    "dot2": (stall("."), "may be sent more than once"),
    "dot3": (flood(".", b"250-x\r\n"), "too many lines"),
}
SENT = {
    "bytes": answer("MAIL", b"250 \0\xff\x1b[2J ok\r\n", more=True),
    "bare": answer("EHLO", b"250\r\n", more=True),
    "lf": answer("EHLO", b"250-mx\n250 ok\n", more=True),
    "may0": answer("STARTTLS", b"454 4.7.0 not now\r\n", more=True,
                   offers=("STARTTLS",)),
    "may1": tls_garbage,
    "may2": tls_close,
    "may3": any_certificate,
    "offers": other_offers,
    "inject": injected,
}
NAMES = list(DEFERRED) + list(UNSURE) + list(SENT) + ["many", "reuse"]
LETTERS = {name: [] for name in NAMES}
SEEN = {name: [] for name in NAMES}  # peers
LOCK = threading.Lock()


def behaviour(name):
    if name == "many":
        return one_each
    if name == "reuse":
        return second_refused
    found = DEFERRED.get(name) or UNSURE.get(name) or (SENT[name],)
    return found[0]


def handle(connection, name):
    with LOCK:
        first = not SEEN[name]
        peer = Peer(connection, LETTERS[name])
        SEEN[name].append(peer)
    try:
        if first or name == "many":
            behaviour(name)(peer)
        elif name == "strict6":
            return  # once more would be the same
        elif name.startswith("strict"):
            any_certificate(peer)
        else:
            peer.serve()
    except (OSError, EOFError, ssl.SSLError):
        pass
    finally:
        peer.socket.close()


def serve():
    listener = socket.create_server(("", 0), backlog=200)

    def accept():
        while True:
            connection, _ = listener.accept()
            name = NAMES[int(connection.getsockname()[0].split(".")[3]) - 1]
            connection.settimeout(30)
            threading.Thread(target=handle, args=(connection, name),
                             daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def text(name):
    return "Subject: %s\n\nhello\n" % name + (
        "x" * 70 + "\n") * (BIG // 71 if name == "unread" else 1)


def records():
    out = {}
    for i, name in enumerate(NAMES):
        out[name + ".test", "MX"] = ["10 mx.%s.test" % name]
        out["mx.%s.test" % name, "A"] = ["127.0.2.%d" % (i + 1)]
    return out


def first_word(box, name):
    return wait(lambda: re.search(
        r"to=<a@%s\.test>.* (status=\w+ \(.*)" % name, box.log()),
        "a word on " + name, 60).group(1)


def test_each_by_itself(box):
    for name in NAMES:
        to = ["a@%s.test" % name]
        if name == "many":
            to += ["b@many.test", "c@many.test"]
        box.send("fb00@bench.test", to, text(name))
    box.send("fb00@bench.test", ["fb01@bench.test"], text("fine"))
    box.wait_messages("fb01", 1)
    for name, (_, word) in {**DEFERRED, **UNSURE}.items():
        got = first_word(box, name)
        assert got.startswith("status=deferred") and \
            re.search(word, got), (name, got)
    for name in list(SENT) + ["many", "reuse"]:
        got = first_word(box, name)
        assert got.startswith("status=sent"), (name, got)


def test_nothing_weaker(box):
    """No letter went in plain where TLS is wanted, and what was offered in
    plain alone was not used under TLS."""
    del box
    for name in NAMES:
        if name.startswith("strict"):
            for peer in SEEN[name]:
                plain = not isinstance(peer.socket, ssl.SSLSocket)
                assert not plain or not any(
                    line.startswith(b"MAIL") for line in peer.lines), name
    lines = SEEN["offers"][0].lines
    assert b"MAIL FROM:<fb00@bench.test>" in lines, lines
    assert not any(line.startswith((b"BDAT", b"RCPT TO:<a@offers.test> "))
                   for line in lines), lines


def test_a_connection_that_died(box):
    box.send("fb00@bench.test", ["b@reuse.test"], text("again"))
    wait(lambda: len(LETTERS["reuse"]) == 2, "the second letter")


def test_all_of_it_arrives(box):
    def flushed():
        box.inside("postqueue", "-f")
        left = [[r["address"] for r in m["recipients"]] for m in box.queue()]
        return left in ([], [["a@strict6.test"]])
    wait(flushed, lambda: "the queue: %s" % box.queue(), 60)
    for name in NAMES:
        got = sorted(r for rcpts in LETTERS[name] for r in rcpts)
        most = 2 if name in UNSURE or name == "busy5" else 1
        if name == "many":
            assert got == [b"<%c@many.test>" % c for c in b"abc"], got
            assert len(SEEN["many"]) == 1, SEEN["many"]
        elif name == "reuse":
            assert got == [b"<a@reuse.test>", b"<b@reuse.test>"], got
        elif name == "strict6":
            assert not got, got
        else:
            assert 1 <= len(got) <= most, (name, got)


def test_nothing_came_back(box):
    box.inside("postsuper", "-d", "ALL")
    assert not box.messages("fb00"), box.messages("fb00")[0]


PORT = serve()
DNS = Dns(records())
POLICY = os.path.join(FOLDER, "policy")
with open(POLICY, "w", encoding="ascii") as table:
    for n in NAMES:
        if n.startswith("strict"):
            table.write("%s.test %s\n" % (
                n, "verify" if n == "strict6" else "encrypt"))
OPTIONS = ["--users", "2", "--table", "policy", POLICY]
for setting in ["resolver_nameservers = 127.0.0.1@%d" % DNS.port,
                "smtp_tcp_port = %d" % PORT,
                "smtp_tls_security_level = may",
                "smtp_tls_policy_maps = hash:$config_directory/policy",
                "smtp_connection_cache_time_limit = 20s"] + [
                    "smtp_%s_timeout = %d" % (step, LIMIT)
                    for step in ("helo", "mail", "rcpt", "data_init",
                                 "data_xfer", "data_done", "starttls")]:
    OPTIONS += ["--set", setting]
main(*OPTIONS)
