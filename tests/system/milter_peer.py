"""A milter of the tests' own, in threads of theirs.

It speaks the protocol from the other side, notes all it is told, and does what
the sender of a message asks for: MAIL FROM:<WORD@milter.test> makes it do WORD.
"""

import contextlib
import os
import select
import socket
import socketserver
import struct
import threading

ACTIONS, MUTE = 0x1ff, 0x80 | 0xff000  # all actions; no answers in between


def string(*words):
    return b"".join(w.encode("latin-1") + b"\0" for w in words)


class Milter:
    """Listens on address; notes (event, text) in .heard, macros in .macros."""

    def __init__(self, address, protocol=0x100400, answers=None, version=6,
                 acts=True):
        self.heard, self.macros, self.bodies = [], {}, []
        self.protocol, self.version = protocol, version
        self.answers, self.acts = answers or {}, acts
        self.open, self.server = [], None
        self.address = address
        if not isinstance(address, tuple):
            self.text = "unix:" + address
        self.start()

    def start(self):
        address, milter = self.address, self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                milter.open.append(self.request)
                try:
                    Session(milter, self.request).run()
                except (OSError, EOFError):
                    pass
                with contextlib.suppress(ValueError):  # stopped
                    milter.open.remove(self.request)

        kind = socketserver.ThreadingTCPServer if isinstance(
            address, tuple) else socketserver.ThreadingUnixStreamServer
        kind.allow_reuse_address = kind.daemon_threads = True
        kind.request_queue_size = 50
        self.server = kind(address, Handler)
        self.address = self.server.server_address
        if isinstance(address, tuple):
            self.text = "inet:127.0.0.1:%d" % self.address[1]
        else:
            os.chmod(address, 0o777)
        threading.Thread(target=self.server.serve_forever, args=(0.1,),
                         daemon=True).start()

    def stop(self):
        """Nobody listens, and what is connected ends."""
        self.server.shutdown()
        self.server.server_close()
        for c in list(self.open):
            try:
                c.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.open = []

    def events(self, of=None):
        return [t for e, t in self.heard if of is None or e == of]

    def forget(self):
        self.heard, self.macros, self.bodies = [], {}, []


class Session:
    def __init__(self, milter, connection):
        self.milter, self.connection = milter, connection
        self.sender, self.body, self.headers = "", b"", []

    def take(self, n):
        out = b""
        while len(out) < n:
            got = self.connection.recv(n - len(out))
            if not got:
                raise EOFError
            out += got
        return out

    def say(self, code, data=b""):
        self.connection.sendall(
            struct.pack("!I", len(data) + 1) + code.encode() + data)

    def run(self):
        while True:
            n, = struct.unpack("!I", self.take(4))
            packet = self.take(n)
            code, data = chr(packet[0]), packet[1:]
            if code == "Q":
                self.milter.heard.append(("Q", ""))
                return
            getattr(self, "on_" + code)(data)

    def note(self, event, data):
        self.milter.heard.append((event, data.decode("latin-1")))

    def answer(self, event, text, mute=0):
        got = self.milter.answers.get(event)
        if callable(got):
            got = got(text)
        if got == "hang up":
            raise EOFError
        if isinstance(got, str):
            getattr(self, "be_" + got)()
        if self.milter.protocol & mute:
            return
        for code, data in got or [("c", b"")]:
            self.say(code, data)

    def on_O(self, data):
        version, actions, protocol = struct.unpack("!III", data)
        assert version == 6 and actions == ACTIONS, (version, actions)
        assert self.milter.protocol & ~protocol == 0, hex(protocol)
        more = b""
        if self.milter.answers.get("macros"):
            stage, words = self.milter.answers["macros"]
            more = struct.pack("!I", stage) + string(words)
        self.say("O", struct.pack("!III", self.milter.version, ACTIONS,
                                  self.milter.protocol) + more)

    def on_D(self, data):
        words = data[1:].decode("latin-1").split("\0")
        self.milter.macros.setdefault(chr(data[0]), {}).update(
            zip(words[::2], words[1::2]))

    def on_C(self, data):
        self.note("C", data.replace(b"\0", b" "))
        self.answer("C", data, 0x1000)

    def on_H(self, data):
        self.note("H", data[:-1])
        self.answer("H", data[:-1], 0x2000)

    def on_M(self, data):
        self.sender = data.split(b"\0")[0].decode("latin-1").strip("<>")
        self.body, self.headers = b"", []
        self.note("M", data[:-1].replace(b"\0", b" "))
        self.answer("M", self.sender, 0x4000)

    def on_R(self, data):
        self.note("R", data[:-1].replace(b"\0", b" "))
        self.answer("R", data.split(b"\0")[0].decode().strip("<>"), 0x8000)

    def on_T(self, data):
        self.note("T", data)
        self.answer("T", self.sender, 0x10000)

    def on_U(self, data):
        self.note("U", data[:-1])
        self.answer("U", data[:-1].decode("latin-1"), 0x20000)

    def on_A(self, data):
        self.note("A", data)

    def on_L(self, data):
        name, value = data.decode("latin-1").split("\0")[:2]
        self.headers.append((name, value))
        self.answer("L", name, 0x80)

    def on_N(self, data):
        self.note("L", repr(self.headers).encode())
        self.answer("N", data, 0x40000)

    def on_B(self, data):
        self.body += data
        self.answer("B", data, 0x80000)

    def on_E(self, data):
        self.body += data
        self.milter.bodies.append(self.body)
        self.note("E", self.sender.encode())
        changes = getattr(self, "do_" + self.sender.split("@")[0], None)
        if changes and self.milter.acts:
            changes()
        self.answer("E", self.sender)

    # how it is a nuisance; each ends when we have closed

    def be_silent(self):
        while self.connection.recv(65536):
            pass
        raise EOFError

    def be_deaf(self):
        """It takes nothing any more, and does not close."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while select.select([], [], [self.connection], 0.05) == ([], [], []):
            hup = select.poll()
            hup.register(self.connection, select.POLLRDHUP)
            if hup.poll(0):
                raise EOFError

    def be_slow(self):
        while True:
            self.connection.sendall(b"\0")  # of a length that is never whole
            if select.select([self.connection], [], [], 0.3)[0]:
                raise EOFError
            self.connection.sendall(b"\0\1\0h")
            while not select.select([self.connection], [], [], 0.1)[0]:
                self.connection.sendall(b"x")
            raise EOFError

    def be_boasting(self):
        self.connection.sendall(b"\x7f\xff\xff\xffc")
        self.be_silent()

    def be_empty(self):
        self.connection.sendall(b"\0\0\0\0" * 1000)
        self.be_silent()

    def be_flooding_headers(self):
        while True:
            self.header("h", "X-Flood", "x" * 100)

    def be_flooding_rcpts(self):
        n = 0
        while True:
            n += 1
            self.say("+", string("<flood%d@milter.test>" % n))

    # what it does to a message, by its sender

    def header(self, code, name, value, index=None):
        number = b"" if index is None else struct.pack("!I", index)
        self.say(code, number + string(name, value))

    def do_headers(self):
        self.header("h", "X-Added", " at the end\n\tin two lines")
        self.header("i", "X-First", " first", 0)
        self.header("i", "X-Third", " third", 2)
        self.header("m", "Subject", " changed", 1)
        self.header("m", "X-Twice", " second", 2)
        self.header("m", "X-Gone", "", 1)
        self.header("m", "X-New", " new", 1)
        self.header("h", "X-Evil", " a\nBcc: all@bench.test")
        self.header("h", "bad name", " x")

    def do_spam(self):
        self.header("h", "X-Spam-Flag", " YES")

    def do_drop(self):
        self.header("h", "X-Drop", " yes")

    def do_body(self):
        self.say("b", b"another body\r")
        self.say("p")
        self.say("b", b"\nof two lines")

    def do_longer(self):
        for _ in range(100):
            self.say("b", b"0123456789" * 1000 + b"\r\n")

    def do_bloated(self):
        for _ in range(300):
            self.say("b", b"0123456789" * 100 + b"\r\n")

    def do_people(self):
        self.say("-", string("<fb00@bench.test>"))
        self.say("+", string("<fb01@bench.test>"))
        self.say("2", string("<fb02@bench.test>", "NOTIFY=NEVER"))
        self.say("e", string("<other@bench.test>"))

    def do_nobody(self):
        self.say("-", string("<fb00@bench.test>"))

    def do_crowd(self):
        for n in range(100):
            self.say("+", string("<crowd%d@bench.test>" % n))
        self.do_hold()

    def do_hold(self):
        self.say("q", string("it smells"))

    def do_half(self):
        self.say("b", b"half a body")
        raise EOFError
