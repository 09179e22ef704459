"""Peers of our servers: an SMTP server that takes mail, and a DNS server."""

import socket
import socketserver
import struct
import threading


class Letter:
    def __init__(self, helo, sender, recipients, data):
        self.helo = helo
        self.sender = sender
        self.recipients = recipients
        self.data = data


class Sink:
    """Takes mail on HOST:PORT (0: any) and keeps it in .letters.

    replies: {b"RCPT": b"450 4.2.1 later"} answers a verb so, as long as it
    stands there; a function gets the line and returns a reply or None. The
    verb b"." is the end of the data, b"CONNECT" the greeting. With tls (an
    ssl.SSLContext) it offers STARTTLS.
    """

    def __init__(self, host="127.0.0.1", port=0, extensions=(), replies=None,
                 tls=None):
        self.tls = tls
        self.letters = []
        self.open = []
        self.lines = []
        self.extensions = list(extensions)
        self.replies = dict(replies or {})
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                sink.open.append(self.request)
                try:
                    Talk(sink, self.request, self.rfile, self.wfile).run()
                except (OSError, EOFError):
                    pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 100
        self.server = Server((host, port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.1,),
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        for connection in self.open:  # clients may keep them for later
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Talk:
    """One session of the sink."""

    def __init__(self, sink, request, rfile, wfile):
        self.sink, self.request = sink, request
        self.rfile, self.wfile = rfile, wfile
        self.secured = False
        self.helo, self.sender, self.recipients = b"", None, []

    def say(self, line):
        self.wfile.write(line + b"\r\n")
        self.wfile.flush()

    def reply(self, verb, line, default):
        got = self.sink.replies.get(verb)
        if callable(got):
            got = got(line)
        if got == b"":
            raise EOFError
        return got or default

    def answer(self, verb, line, default):
        got = self.reply(verb, line, default)
        self.say(got)
        return got[:1] in b"23"

    def run(self):
        if not self.answer(b"CONNECT", b"", b"220 sink.test ESMTP"):
            return
        for line in iter(lambda: self.rfile.readline(), b""):  # may change
            line = line.rstrip(b"\r\n")
            self.sink.lines.append(line)
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.answer(verb, line, b"221 2.0.0 bye")
                return
            method = getattr(self, "do_" + verb.decode("latin-1").lower(),
                             None)
            if method:
                method(line)
            else:
                self.answer(verb, line, b"250 2.0.0 ok")

    def do_ehlo(self, line):
        self.helo = line[5:]
        names = [b"sink.test"] + [e.encode() for e in self.sink.extensions]
        if self.sink.tls and not self.secured:
            names.append(b"STARTTLS")
        text = b"\r\n".join(
            b"250" + (b" " if i == len(names) - 1 else b"-") + n
            for i, n in enumerate(names))
        self.answer(b"EHLO", line, text)

    do_lhlo = do_ehlo

    def do_star(self, line):
        if not self.answer(b"STARTTLS", line, b"220 2.0.0 go on"):
            return
        self.secured = True
        self.request = self.sink.tls.wrap_socket(self.request,
                                                 server_side=True)
        self.sink.open.append(self.request)
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb")

    def do_mail(self, line):
        if self.answer(b"MAIL", line, b"250 2.1.0 ok"):
            self.sender, self.recipients = line[10:], []

    def do_rcpt(self, line):
        if self.answer(b"RCPT", line, b"250 2.1.5 ok"):
            self.recipients.append(line[8:])

    def do_rset(self, line):
        self.sender, self.recipients = None, []
        self.answer(b"RSET", line, b"250 2.0.0 ok")

    def do_data(self, line):
        if not self.recipients:
            self.say(b"503 5.5.1 RCPT first")
            return
        if not self.answer(b"DATA", line, b"354 go on"):
            return
        data = []
        for text in iter(self.rfile.readline, b""):
            if text == b".\r\n":
                break
            data.append(text[1:] if text.startswith(b".") else text)
        else:
            return
        got = self.reply(b".", b"".join(data), b"250 2.0.0 taken")
        # it is there for who sees what the reply leads to
        if got[:1] in b"23":
            self.sink.letters.append(Letter(
                self.helo, self.sender, self.recipients, b"".join(data)))
        self.sender, self.recipients = None, []
        self.say(got)


TYPES = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16,
         "AAAA": 28}


class Full:
    """A host that cannot be reached: it listens, and its queue is full."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(0)
        self.port = self.socket.getsockname()[1]
        self.waiting = [socket.socket() for _ in range(4)]
        for s in self.waiting:
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", self.port))


def wire_name(name):
    out = b""
    for label in name.rstrip(".").split("."):
        if label:
            raw = label.encode()
            out += bytes([len(raw)]) + raw
    return out + b"\0"


def wire_data(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "MX":
        preference, host = value.split()
        return struct.pack("!H", int(preference)) + wire_name(host)
    if kind == "TXT":
        raw = value.encode()
        parts = [raw[i:i + 255] for i in range(0, len(raw), 255)] or [b""]
        return b"".join(bytes([len(p)]) + p for p in parts)
    return wire_name(value)


class Dns:
    """Answers from records {("name", "MX"): ["10 mx.name"], ...} over UDP.

    A name that has records of no type is NXDOMAIN; a value of None is
    SERVFAIL. For resolver_nameservers=127.0.0.1@PORT.
    """

    def __init__(self, records, host="127.0.0.1", port=0):
        self.records = {(n.rstrip(".").lower(), t): v
                        for (n, t), v in records.items()}
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def serve(self):
        while True:
            try:
                question, peer = self.socket.recvfrom(4096)
                self.socket.sendto(self.answer(question), peer)
            except OSError:
                return
            except (struct.error, IndexError, UnicodeDecodeError):
                continue

    def answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        number, = struct.unpack("!H", question[at + 1:at + 3])
        name = ".".join(labels).lower()
        kind = next((k for k, v in TYPES.items() if v == number), str(number))
        self.asked.append((name, kind))
        values = self.records.get((name, kind), [])
        code = 0
        if values is None:
            code, values = 2, []
        elif not any(n == name for n, _ in self.records):
            code = 3
        body = question[12:at + 5]
        for value in values:
            data = wire_data(kind, value)
            body += b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 60,
                                              len(data)) + data
        return question[:2] + struct.pack(
            "!HHHHH", 0x8580 | code, 1, len(values), 0, 0) + body
