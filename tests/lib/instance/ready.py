"""Ports: free before the start, answering after it."""

import socket
import ssl

from . import conf

GREETINGS = {"smtp": b"220", "submission": b"220", "submissions": b"220",
             "imap": b"* ", "imaps": b"* ", "pop3": b"+OK", "pop3s": b"+OK"}
TLS = ("submissions", "imaps", "pop3s")
QUIT = {"smtp": b"QUIT\r\n", "submission": b"QUIT\r\n",
        "submissions": b"QUIT\r\n", "imap": b"a LOGOUT\r\n",
        "imaps": b"a LOGOUT\r\n", "pop3": b"QUIT\r\n", "pop3s": b"QUIT\r\n"}


def taken(plan):
    """Names of the ports that another process listens on."""
    names = [n for n in conf.INET] + (["web"] if plan.web else [])
    out = []
    for name in names:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", plan.port(name)))
            except OSError:
                out.append("%d (%s)" % (plan.port(name), name))
    return out


def complaint(plan, name):
    """None when the service greets as its protocol says, or why it is not
    thought to."""
    try:
        with socket.create_connection(("127.0.0.1", plan.port(name)), 5) as s:
            if name == "web":
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return None if s.recv(5) == b"HTTP/" else "no HTTP"
            if name in TLS:
                context = ssl.create_default_context(
                    cafile=plan.path("cert.pem"))
                with context.wrap_socket(s, server_hostname=plan.host) as t:
                    return greets(t, name)
            return greets(s, name)
    except (OSError, ValueError) as e:
        return str(e)


def greets(s, name):
    line = s.makefile("rb").readline(1000)
    s.sendall(QUIT[name])
    return None if line.startswith(GREETINGS[name]) else \
        "greeted with %r" % line


def silent(plan):
    """The services that do not answer yet, each with a reason."""
    names = conf.listening(plan) + (["web"] if plan.web else [])
    told = [(n, complaint(plan, n)) for n in names]
    return ["%s (%s)" % row for row in told if row[1]]
