"""A hundred ports for an instance, shared with nobody else on the machine."""

import fcntl
import os
import socket

from .plan import PORTS, Trouble

FOLDER = "/tmp/facteur-ports"
FIRST, LAST = 22000, 32000  # below the kernel's own choice for clients


def free(base):
    for offset in PORTS.values():
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", base + offset))
            except OSError:
                return False
    return True


def reserve():
    """(base, file): the ports are ours until the file is closed, or this
    process and its children have ended."""
    os.makedirs(FOLDER, mode=0o1777, exist_ok=True)
    for base in range(FIRST, LAST, 100):
        # pylint: disable-next=consider-using-with
        f = open(os.path.join(FOLDER, str(base)), "a", encoding="ascii")
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            f.close()
            continue
        if free(base):
            return base, f
        f.close()
    raise Trouble("no free ports between %d and %d" % (FIRST, LAST))
