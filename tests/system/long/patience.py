#!/usr/bin/env python3
# timeout: 600
"""Times that cannot be set to a second: all are waited for at once."""

import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
from lib import main, wait  # noqa: E402

OVER = threading.Event()


class Deaf:
    """Says yes to all, and takes nothing of the message."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(1)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        connection = self.socket.accept()[0]
        connection.sendall(b"220 deaf.test\r\n")
        while b"DATA" not in connection.recv(1000):
            connection.sendall(b"250 2.0.0 ok\r\n")
        connection.sendall(b"354 go on\r\n")
        OVER.wait(600)
        connection.close()


DEAF = Deaf()
TEXT = "Subject: long\n\n" + ("x" * 70 + "\n") * 80000


def test_begins(box):
    box.send("", ["u@deaf.test"], TEXT)
    box.imap_client = box.imap("fb00")
    box.imap_client.select()


def test_imap_idle_timeout(box):
    """A minute, of half an hour."""
    c = box.imap_client
    c.sock.settimeout(90)
    assert c.readline().startswith(b"* BYE"), "no BYE"


def test_data_xfer_timeout(box):
    """A second, and what the least speed allows for a full buffer."""
    found = wait(lambda: [r for m in box.queue() for r in m["recipients"]
                          if "delay_reason" in r], "an end", 200)
    assert "timed out while sending message body" in \
        found[0]["delay_reason"], found
    OVER.set()
    box.inside("postsuper", "-d", "ALL")


main("--users", "1", "--set", "imap_idle_timeout = 60s",
     "--set", "imap_park_after = 0", "--set", "smtp_data_xfer_timeout = 1s",
     "--set", "transport_maps = inline:{deaf.test=smtp:[127.0.0.1]:%d}"
     % DEAF.port)
