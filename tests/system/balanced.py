#!/usr/bin/env python3
"""IMAP, POP3 and ManageSieve clients behind a load balancer."""

import base64
import re
import socket
import struct

from lib import SLOW, main, ports, wait

BASE, HELD = ports.reserve()
HAPROXY = "-o login_upstream_proxy_protocol=haproxy "
ROWS = {
    "imap": HAPROXY + "-o login_protocol=imap -o login_client_limit=2 "
            "-o login_plaintext=always",
    "imaps": HAPROXY + "-o login_protocol=imap -o tls_wrappermode=yes",
    "pop3": HAPROXY + "-o login_protocol=pop3 -o login_plaintext=always",
    "pop3s": HAPROXY + "-o login_protocol=pop3 -o tls_wrappermode=yes",
    "sieve": HAPROXY + "-o login_protocol=sieve -o login_plaintext=always",
    "some": HAPROXY + "-o login_protocol=imap -o { "
            "login_upstream_proxy_networks = !127.0.0.9, 127.0.0.8/31 }",
    "soon": HAPROXY + "-o login_protocol=imap "
            "-o login_upstream_proxy_timeout=1s",
}
PORTS = {name: BASE + i for i, name in enumerate(ROWS)}


def version_1(ip, port=1234):
    return b"PROXY TCP4 %s 198.51.100.1 %d 143\r\n" % (ip.encode(), port)


def version_2(ip, port=1234):
    body = socket.inet_aton(ip) + socket.inet_aton("198.51.100.1") + \
        struct.pack("!HH", port, 993) + b"\x04\x00\x03xyz"
    return b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack("!H", len(body)) + body


def connect(row, header=b"", tls=None, source="127.0.0.1"):
    """A client as a file of lines."""
    s = socket.create_connection(("127.0.0.1", PORTS[row]), 30 * SLOW,
                                 (source, 0))
    s.sendall(header)
    if tls is not None:
        s = tls.wrap_socket(s, server_hostname="localhost")
    with s:
        return s.makefile("rwb", buffering=0)


def ask(f, line, end):
    f.write(line + b"\r\n")
    while True:
        got = f.readline()
        assert got, "closed behind %r" % line
        if re.match(end, got):
            return got


def ends(f):
    try:
        return f.read() == b""
    except ConnectionResetError:
        return True


def test_imap(box):
    with connect("imap", version_1("192.0.2.1")) as f:
        assert f.readline().startswith(b"* OK")
        assert b"a OK" in ask(f, b"a LOGIN fb00 bench", b"a ")
        box.wait_log(r" imapd\[\d+\]: LOGIN, user=fb00, ip=\[192\.0\.2\.1\], "
                     r"port=\[1234\], protocol=IMAP")
        # back before the login it is still the one behind the balancer
        assert b"b OK" in ask(f, b"b UNAUTHENTICATE", b"b ")
        assert b"c NO" in ask(f, b"c LOGIN fb00 wrong", b"c ")
        box.wait_log(r"LOGIN FAILED, user=fb00, ip=\[::ffff:192\.0\.2\.1\]")
        assert b"d OK" in ask(f, b"d LOGIN fb01 bench", b"d ")
    box.wait_log(r"LOGIN, user=fb01, ip=\[192\.0\.2\.1\], port=\[1234\]")


def test_tls(box):
    """The header and the handshake come in one breath."""
    with connect("imaps", version_2("192.0.2.2"), box.tls()) as f:
        assert f.readline().startswith(b"* OK")
        assert b"a OK" in ask(f, b"a LOGIN fb00 bench", b"a ")
        assert b"b OK" in ask(f, b"b UNAUTHENTICATE", b"b ")
        assert b"c OK" in ask(f, b"c LOGIN fb01 bench", b"c ")
    with connect("pop3s", version_2("192.0.2.3"), box.tls()) as f:
        assert f.readline().startswith(b"+OK")
        ask(f, b"USER fb00", rb"\+OK")
        ask(f, b"PASS bench", rb"\+OK")
    box.wait_log(r" imapd-ssl\[\d+\]: LOGIN, user=fb00, ip=\[192\.0\.2\.2\]")
    box.wait_log(r" imapd-ssl\[\d+\]: LOGIN, user=fb01, ip=\[192\.0\.2\.2\]")
    box.wait_log(r" pop3d-ssl\[\d+\]: LOGIN, user=fb00, ip=\[192\.0\.2\.3\]")


def test_pop3(box):
    """From there on its mail may come too: POP before SMTP."""
    with connect("pop3", version_1("192.0.2.4")) as f:
        assert f.readline().startswith(b"+OK")
        ask(f, b"USER fb00", rb"\+OK")
        ask(f, b"PASS bench", rb"\+OK")
    box.wait_log(r" pop3d\[\d+\]: LOGIN, user=fb00, ip=\[192\.0\.2\.4\], "
                 r"port=\[1234\], protocol=POP3")


def test_sieve(box):
    with connect("sieve", version_1("192.0.2.5")) as f:
        plain = base64.b64encode(b"\0fb00\0bench")
        ask(f, b'AUTHENTICATE "PLAIN" "%s"' % plain, b"OK.*in")
    box.wait_log(r" managesieve\[\d+\]: LOGIN, user=fb00, ip=\[192\.0\.2\.5\]")


def test_limit(_):
    """login_client_limit is that of one client, not of the balancer."""
    held = [connect("imap", version_1("192.0.2.%d" % i))
            for i in (10, 10, 11, 11)]
    assert all(f.readline().startswith(b"* OK") for f in held)
    with connect("imap", version_1("192.0.2.10")) as f:
        assert f.readline().startswith(b"* BYE")
    for f in held:
        f.close()


def test_plaintext(_):
    """A client is not of this machine because its balancer is."""
    with connect("soon", version_1("192.0.2.6")) as f:
        assert b"LOGINDISABLED" in f.readline()
    with connect("soon", b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0") as f:
        assert b"LOGINDISABLED" not in f.readline()


def test_networks(box):
    """Others are clients themselves, and cannot say they are somebody."""
    with connect("some", version_1("192.0.2.7"), source="127.0.0.8") as f:
        assert f.readline().startswith(b"* OK")
        assert b"PRIVACY" in ask(f, b"a LOGIN fb00 bench", b"a ")
    failed = len(re.findall("LOGIN FAILED", box.log()))
    for source in ("127.0.0.1", "127.0.0.9"):
        with connect("some", source=source) as f:
            assert f.readline().startswith(b"* OK")
            assert b"BAD" in ask(f, version_1("192.0.2.8").strip(), b"PROXY ")
            assert b"a NO" in ask(f, b"a LOGIN fb00 wrong", b"a ")
    wait(lambda: len(re.findall("LOGIN FAILED", box.log())) >= failed + 2,
         "failures")
    assert "192.0.2.8" not in box.log()


def test_bad(box):
    """Not a word to who does not say whom he is for."""
    with connect("imap", b"a NOOP\r\n") as f:
        assert ends(f)
    box.wait_log(r"haproxy read: bad header from \[127\.0\.0\.1\]")
    with connect("soon", b"PROXY TCP4 ") as f:
        assert ends(f)
    box.wait_log(r"haproxy read: timeout from \[127\.0\.0\.1\]")


def test_reload(box):
    """One that has not said it yet is waited for."""
    with connect("imap", b"PROXY TCP4 192.0") as f:
        old = set(box.pids("login"))
        box.reload()
        wait(lambda: set(box.pids("login")) - old, "new processes")
        f.write(b".2.9 198.51.100.1 1 143\r\n")
        assert f.readline().startswith(b"* OK")
        assert b"a OK" in ask(f, b"a LOGIN fb00 bench", b"a ")
    wait(lambda: not old & set(box.pids("login")), "the end of the old ones")


main("--users", "2", "--set", "auth_failure_delay = 0s",
     "--master", "managesieve unix - n n - - managesieve",
     *[word for name, settings in ROWS.items() for word in (
         "--master", "127.0.0.1:%d inet n - y - 1 login %s" % (
             PORTS[name], settings))])
