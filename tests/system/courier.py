#!/usr/bin/env python3
"""Courier's settings that are honoured, and what is said of the others."""

import imaplib
import poplib
import socket

from lib import main, wait


def write(box, name, text):
    with open(box.path("etc", name), "w", encoding="ascii") as f:
        f.write(text)


def capability(box):
    c = box.imap()
    try:
        return c.capability()[1][0].decode()
    finally:
        c.logout()


def test_as_shipped(box):
    got = capability(box)
    assert "STARTTLS" in got and "LOGINDISABLED" not in got, got


def test_tls_required(box):
    write(box, "imapd-ssl", "IMAP_TLS_REQUIRED=1\n")
    write(box, "pop3d-ssl", "POP3_TLS_REQUIRED=1\n")
    box.reload()
    wait(lambda: "LOGINDISABLED" in capability(box), "LOGINDISABLED")
    try:
        box.imap("fb00")
        raise AssertionError("a login without TLS")
    except imaplib.IMAP4.error:
        pass
    try:
        box.pop3("fb00")
        raise AssertionError("a login without TLS")
    except poplib.error_proto as e:
        assert "TLS" in str(e), e
    box.imap("fb00", service="imaps").logout()


def test_no_starttls(box):
    write(box, "imapd-ssl", "IMAPDSTARTTLS=NO\n")
    write(box, "pop3d-ssl", "POP3_STARTTLS=NO\n")
    box.reload()
    wait(lambda: "STARTTLS" not in capability(box), "no STARTTLS")
    with socket.create_connection(("127.0.0.1", box.port("imap"))) as s:
        f = s.makefile("rb")
        f.readline()
        s.sendall(b"a STARTTLS\r\n")
        assert f.readline().startswith(b"a BAD"), "STARTTLS was taken"
    c = box.pop3()
    assert "STLS" not in c.capa(), c.capa()
    c.quit()


def test_a_certificate_that_is_not_there(box):
    """Courier's file names one that its package took away: main.cf's serves."""
    write(box, "imapd-ssl", "TLS_CERTFILE=/nonexistent/imapd.pem\n")
    box.reload()
    box.wait_log(r"warning: TLS_CERTFILE=/nonexistent/imapd.pem: No such file")
    box.imap("fb00", service="imaps").logout()


def test_sessions_at_once(box):
    """Above MAXDAEMONS a login waits for the end of another session."""
    write(box, "imapd", "MAXDAEMONS=1\nMAXPERIP=4\nPIDFILE=/x\n"
                        "IMAP_PROXY=0\n")
    box.reload()
    first = box.imap("fb00")
    box.wait_log(r"imapd: 1 clients at once, the most that maxproc")
    with socket.create_connection(("127.0.0.1", box.port("imap"))) as s:
        f = s.makefile("rb")
        f.readline()
        s.sendall(b"a LOGIN fb01 bench\r\n")
        s.settimeout(0.5)
        try:
            raise AssertionError(f.readline())
        except TimeoutError:
            pass
        first.logout()
        s.settimeout(20)
        f = s.makefile("rb")
        assert f.readline().startswith(b"a OK"), "no login"
    log = box.log()
    assert "MAXPERIP=4 is not supported here; see login_client_limit" in log
    assert "imapd: nothing to set here: PIDFILE\n" in log
    assert "IMAP_PROXY" not in log


main("--users", "2")
