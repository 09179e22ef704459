"""Our packets, spoken by a test: it asks a daemon, or stands in for one.

    link = Link(box.path("spool", "jail", "smtpd", "qmgr"))
    call, answer, fds = link.ask("queue_new")

    with Agent(box, "smtp") as smtp:   # what qmgr would have smtp deliver
        job = smtp.next()
        job.answer([("DONE", "2.0.0", "taken")] * len(job.rcpts))
"""

import array
import base64
import os
import queue
import socket
import threading
import zlib

from lib import wait

MAX = 65536
OUTCOMES = {"DONE": 0, "DEFER": 1, "BOUNCE": 2}


def pack(call, attributes, number):
    text = b"F1\0" + call.encode() + b"\0"
    for name, value in attributes:
        if not isinstance(value, bytes):
            value = str(value).encode()
        text += name.encode() + b"=" + value + b"\0"
    return text + str(number).encode()


def unpack(raw):
    parts = raw.split(b"\0")
    assert parts[0] == b"F1", raw[:80]
    attributes = [tuple(p.split(b"=", 1)) for p in parts[2:-1]]
    return parts[1].decode(), [(n.decode(), v) for n, v in attributes], \
        int(parts[-1])


def receive(s):
    """(call, attributes, id, descriptors), or None at the end."""
    fds = array.array("i")
    try:
        raw, ancillary, _, _ = s.recvmsg(MAX, socket.CMSG_SPACE(16))
    except OSError:
        return None
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(data[:len(data) // 4 * 4])
    return (*unpack(raw), list(fds)) if raw else None


def outcome(result):
    what, status, text = result
    return [("outcome", OUTCOMES[what]), ("status", status), ("text", text)]


def result(what, told=0, unreachable=0):
    return [("item", "result"), *outcome(what), ("told", told),
            ("unreachable", unreachable)]


class Link:
    """One connection to a daemon."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.last = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def tell(self, call, *attributes):
        self.socket.sendall(pack(call, attributes, 0))

    def ask(self, call, *attributes):
        """(call, attributes as a dict, descriptors) of the answer."""
        self.last += 1
        self.socket.sendall(pack(call, attributes, self.last))
        got = receive(self.socket)
        assert got, "the connection ended after " + call
        assert got[2] == self.last, got
        return got[0], dict(got[1]), got[3]

    # -- as smtpd asks qmgr

    def new(self, content):
        """A message with this content: its queue id."""
        call, answer, fds = self.ask("queue_new")
        assert call == "queue_file" and len(fds) == 1, answer
        os.write(fds[0], content)
        os.close(fds[0])
        return answer["qid"].decode()

    def rcpts(self, qid, addresses):
        self.tell("queue_rcpts", ("qid", qid), *rcpt_attributes(addresses))

    def commit(self, qid, content, addresses, sender="a@client.test",
               **more):
        """(outcome, status, text) as numbers and bytes."""
        call, answer, _ = self.ask("queue_commit", *commit_attributes(
            qid, content, addresses, sender, **more))
        assert call == "queue_done", call
        return int(answer["outcome"]), answer["status"], answer["text"]

    def put(self, content, addresses, sender="a@client.test", **more):
        """A whole message: its queue id."""
        qid = self.new(content)
        while len(addresses) > 100:
            self.rcpts(qid, addresses[:100])
            addresses = addresses[100:]
        got = self.commit(qid, content, addresses, sender, **more)
        assert got[0] == 0, got
        return qid


def rcpt_attributes(addresses):
    """Each an address, or (address, orcpt, notify)."""
    out = [("count", len(addresses))]
    for a in addresses:
        address, orcpt, notify = a if isinstance(a, tuple) else (a, "", 0)
        out += [("rcpt", address), ("orcpt", orcpt), ("notify", notify)]
    return out


def commit_attributes(qid, content, addresses, sender, envid="", ret=0,
                      flags=0):
    return [("qid", qid), ("sender", sender), ("size", len(content)),
            ("crc", zlib.crc32(content)), ("message_id", ""),
            ("edits", base64.b64encode(b"")), ("client_name", "client.test"),
            ("client_addr", "127.0.0.1"), ("helo", "client.test"),
            ("proto", "ESMTP"), ("sasl_method", ""), ("sasl_username", ""),
            ("envid", envid), ("filter", ""), ("verp", ""), ("ret", ret),
            ("flags", flags),
            ("release", 0), ("hold", ""), *rcpt_attributes(addresses)]


class Job:
    """A delivery that was asked for."""

    def __init__(self, agent, connection, attributes, number, fds):
        self.agent, self.connection = agent, connection
        self.number, self.fds = number, fds
        at = [n for n, _ in attributes].index("count")
        self.head = {n: v.decode() for n, v in attributes[:at]}
        self.rcpts = []
        for name, value in attributes[at + 1:]:
            if name == "kind":
                self.rcpts.append({})
            self.rcpts[-1][name] = value.decode()
        self.addresses = [r["address"] for r in self.rcpts]

    def packet(self, call, *attributes):
        for fd in self.fds:
            os.close(fd)
        self.fds = []
        self.connection.sendall(pack(call, attributes, self.number))

    def answer(self, results, fresh=(), host=None, **more):
        """A result for each recipient; fresh: addresses instead of the last.
        host: what was reached.
        """
        out = []
        for r in results:
            out += result(r, **more)
        for address in fresh:
            out += [("item", "fresh"), ("address", address)]
        if host:
            out += [("item", "host"), ("name", host)]
        self.packet("delivery_part", *out, ("item", "last"))

    def done(self, **more):
        self.answer([("DONE", "2.0.0", "taken")] * len(self.rcpts), **more)

    def unreachable(self, **more):
        self.answer([("DEFER", "4.4.1", "connect to x: refused")] *
                    len(self.rcpts), unreachable=1, **more)


class Agent:
    """Stands where qmgr looks for "smtp", "lmtp" or "deliver"."""

    def __init__(self, box, name):
        self.path = box.path("spool", "jail", "qmgr", name)
        self.jobs = queue.Queue()
        self.open = []

    def __enter__(self):
        os.rename(self.path, self.path + ".real")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self.socket.listen(10)
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()
        for c in self.open:
            try:  # a thread still reads from it
                c.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            c.close()
        os.rename(self.path + ".real", self.path)

    def accept(self):
        while True:
            try:
                c, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(c)
            threading.Thread(target=self.serve, args=(c,),
                             daemon=True).start()

    def serve(self, c):
        while True:
            got = receive(c)
            if got is None:
                return
            self.jobs.put(Job(self, c, got[1], got[2], got[3]))

    def next(self, seconds=20):
        """The next delivery; None when none comes."""
        try:
            return self.jobs.get(timeout=seconds)
        except queue.Empty:
            return None


def as_smtpd(box):
    return Link(box.path("spool", "jail", "smtpd", "qmgr"))


def qmgrs(box):
    """The queue managers of this instance."""
    mine = os.readlink("/proc/%d/ns/mnt" % box.t["pid"])
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.path.basename(os.readlink("/proc/%s/exe" % pid)) == \
                    "qmgr" and os.readlink("/proc/%s/ns/mnt" % pid) == mine:
                found.add(pid)
        except OSError:
            continue
    return found


def reload(box, *settings):
    """A new queue manager, with these settings; the old one is gone."""
    before = qmgrs(box)
    if settings:
        box.inside("postconf", *settings)
    box.reload()
    wait(lambda: qmgrs(box) and not qmgrs(box) & before, "another qmgr")
