"""A port that leads to a server, and the commands that go through it."""

import os
import re
import select
import socket
import threading

from lib import run, wait

VERBS = re.compile(
    rb"\S+ ((?:UID )?(?:SELECT|EXAMINE|STATUS|LIST|LSUB|FETCH|STORE|APPEND|"
    rb"SEARCH|SORT|THREAD|COPY|MOVE|EXPUNGE|CREATE|DELETE|RENAME|SUBSCRIBE|"
    rb"UNSUBSCRIBE|CLOSE|IDLE|NOOP)\b.*)|((?:RETR|TOP|DELE) \d+.*)")
CHANGES = re.compile(r"(UID )?(STORE|APPEND|COPY|MOVE|EXPUNGE|CREATE|DELETE|"
                     r"RENAME|SUBSCRIBE|UNSUBSCRIBE|RETR|TOP|DELE)\b")
CONTENT = re.compile(r"FETCH .*(BODY(\.PEEK)?\[|RFC822(?!\.SIZE)|ENVELOPE)")


class Tap:
    """A port that leads to imapd, and the commands that went through."""

    def __init__(self, port):
        self.to = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.commands = []
        self.busy = 0
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            with self.lock:
                self.busy += 1
            threading.Thread(target=self.relay, args=(client,),
                             daemon=True).start()

    def relay(self, client):
        begun = b""
        try:
            with client, socket.create_connection(
                    ("127.0.0.1", self.to)) as server:
                while True:
                    ready = select.select([client, server], [], [])[0]
                    for s in ready:
                        data = s.recv(65536)
                        if not data:
                            return
                        (server if s is client else client).sendall(data)
                        if s is client:
                            begun = self.read(begun + data)
        except OSError:
            pass
        finally:
            with self.lock:
                self.busy -= 1

    def read(self, data):
        *lines, rest = data.split(b"\r\n")
        for line in lines:
            got = VERBS.match(line)
            if got:
                self.commands.append(
                    (got.group(1) or got.group(2)).decode(errors="replace"))
        return rest

    def take(self):
        """What went through since the last time, when all have gone."""
        wait(lambda: not self.busy, "connections to end")
        got, self.commands = self.commands, []
        return got


def did(commands):
    """Those that changed something or fetched letters."""
    return [c for c in commands if CHANGES.match(c) or CONTENT.search(c)]


class Getmail:
    """getmail6, which fetches what is new and leaves it there."""

    def __init__(self, near, kind, port, user, more=""):
        self.near = near
        for part in ("", "new", "cur", "tmp"):
            os.makedirs(os.path.join(near, part))
        with open(os.path.join(near, "rc"), "w", encoding="ascii") as f:
            f.write("""\
[retriever]
type = Simple%sRetriever
server = 127.0.0.1
port = %d
username = %s
password = bench
%s
[destination]
type = Maildir
path = %s/

[options]
read_all = false
delete = false
""" % (kind, port, user, more, near))
        # it does not deliver as root
        run("chown", "-R", "nobody:nogroup", near)

    def count(self):
        return sum(len(os.listdir(os.path.join(self.near, part)))
                   for part in ("new", "cur"))

    def fetch(self):
        """How many came."""
        had = self.count()
        run("setpriv", "--reuid", "nobody", "--regid", "nogroup",
            "--clear-groups", "getmail", "--quiet", "--getmaildir", self.near,
            "--rcfile", "rc", env=dict(os.environ, HOME=self.near))
        return self.count() - had
