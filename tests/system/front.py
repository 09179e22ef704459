#!/usr/bin/env python3
# timeout: 120
"""IMAP and POP3 before the login, byte by byte: what is pipelined, what is
sent in clear before TLS, what cannot stand in a name or password."""

import base64
import socket
import zlib

from lib import SLOW, main


class Raw:
    """A client that sends what it is told."""

    def __init__(self, box, service):
        self.box = box
        self.s = socket.create_connection(
            ("127.0.0.1", box.port(service)), timeout=30 * SLOW)
        self.input = b""
        self.pack = self.unpack = None
        self.greeting = self.line()

    def line(self):
        while b"\n" not in self.input:
            got = self.s.recv(65536)
            assert got, "the server has closed behind %r" % self.input
            self.input += self.unpack.decompress(got) if self.unpack else got
        line, self.input = self.input.split(b"\n", 1)
        return line + b"\n"

    def send(self, data):
        if self.pack:
            data = self.pack.compress(data) + self.pack.flush(
                zlib.Z_SYNC_FLUSH)
        self.s.sendall(data)

    def compress(self):
        self.pack = zlib.compressobj(wbits=-15)
        self.unpack = zlib.decompressobj(wbits=-15)

    def until(self, *starts):
        """All lines up to one that begins with one of starts."""
        lines = []
        while not lines or not lines[-1].startswith(starts):
            lines.append(self.line())
        return lines

    def imap(self, command):
        self.send(b"t " + command + b"\r\n")
        return self.until(b"t ")

    def pop3(self, command, many=False):
        self.send(command + b"\r\n")
        first = self.line()
        if not many or not first.startswith(b"+OK"):
            return first
        return [first] + self.until(b".\r\n")

    def tls(self):
        assert not self.input, self.input
        self.s = self.box.tls().wrap_socket(self.s,
                                            server_hostname="localhost")

    def closed(self):
        return not self.input and self.s.recv(1) == b""


def test_imap_login_and_more_in_one_packet(box):
    c = Raw(box, "imap")
    c.send(b"a LOGIN fb00 bench\r\nb SELECT INBOX\r\n"
           b"c APPEND INBOX {6+}\r\nA: b\r\n\r\nd FETCH 1 FLAGS\r\n"
           b"e IDLE\r\nDONE\r\nf LOGOUT\r\n")
    for tag in (b"a", b"b", b"c", b"d", b"e", b"f"):
        got = c.until(tag + b" ")
        assert got[-1].startswith(tag + b" OK"), got
    assert c.closed()


def test_imap_compressed(box):
    c = Raw(box, "imap")
    assert c.imap(b"LOGIN fb00 bench")[-1].startswith(b"t OK")
    assert b"COMPRESS=DEFLATE" in c.imap(b"CAPABILITY")[0]
    assert c.imap(b"COMPRESS LZW")[-1].startswith(b"t BAD")
    assert c.imap(b"COMPRESS DEFLATE")[-1].startswith(b"t OK")
    c.compress()
    assert c.imap(b"COMPRESS DEFLATE")[-1].startswith(
        b"t NO [COMPRESSIONACTIVE]")
    assert b"COMPRESS" not in c.imap(b"CAPABILITY")[0]
    letter = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 60000
    c.send(b"a APPEND INBOX {%d}\r\n" % len(letter))
    assert c.line().startswith(b"+")
    c.send(letter + b"\r\n")
    assert c.until(b"a ")[-1].startswith(b"a OK")
    c.imap(b"SELECT INBOX")
    got = b"".join(c.imap(b"FETCH * BODY.PEEK[]"))
    assert letter in got
    c.send(b"i IDLE\r\nDONE\r\n")
    assert c.until(b"i ")[-1].startswith(b"i OK")
    assert c.imap(b"LOGOUT")[-1].startswith(b"t OK")


def test_imap_nothing_of_before_tls_is_left(box):
    c = Raw(box, "imap")
    c.send(b"a STARTTLS\r\nb LOGIN fb00 bench\r\nc NOOP\r\n")
    assert c.line().startswith(b"a OK")
    c.tls()
    assert c.imap(b"NOOP") == [b"t OK NOOP completed\r\n"]
    assert c.imap(b"STARTTLS")[0].startswith(b"t BAD")
    assert b"STARTTLS" not in c.imap(b"CAPABILITY")[0]
    assert c.imap(b"LOGIN fb00 bench")[-1].startswith(b"t OK")


def test_imap_names_are_not_cut(box):
    c = Raw(box, "imap")
    for command in (b'LOGIN "fb00\0x" bench', b'LOGIN fb00 "bench\0x"',
                    b"LOGIN {6+}\r\nfb00\0x bench",
                    b"LOGIN fb00 {7+}\r\nbench\0x"):
        assert c.imap(command)[-1].startswith(b"t BAD"), command
    plain = base64.b64encode(b"\0fb00\0bench\0x")
    got = c.imap(b"AUTHENTICATE PLAIN " + plain)[-1]
    assert not got.startswith(b"t OK"), got
    c.send(b"\r\n")  # left over by some clients behind a literal
    assert c.imap(b"LOGIN fb00 bench")[-1].startswith(b"t OK")


def test_pop3_capa(box):
    c = Raw(box, "pop3")
    before = c.pop3(b"CAPA", True)
    assert b"STLS\r\n" in before and b"EXPIRE NEVER\r\n" in before
    assert c.pop3(b"AUTH", True)[1:] == [b"PLAIN\r\n", b"LOGIN\r\n", b".\r\n"]
    assert c.pop3(b"UTF8").startswith(b"+OK")
    assert c.pop3(b"LANG", True)[1:] == [b"en English\r\n", b".\r\n"]
    assert c.pop3(b"LANG *").startswith(b"+OK en ")
    assert c.pop3(b"LANG x").startswith(b"-ERR")
    assert c.pop3(b"USER fb00").startswith(b"+OK")
    assert c.pop3(b"PASS bench").startswith(b"+OK")
    after = c.pop3(b"CAPA", True)
    assert set(before) - set(after) == {b"STLS\r\n"}, (before, after)
    assert set(after) <= set(before)


def test_pop3_in_one_packet(box):
    c = Raw(box, "pop3")
    c.send(b"USER fb00\r\nPASS bench\r\nSTAT\r\nNOOP\r\nQUIT\r\n")
    assert all(c.line().startswith(b"+OK") for _ in range(5))
    assert c.closed()


def test_pop3_nothing_of_before_tls_is_left(box):
    c = Raw(box, "pop3")
    assert c.pop3(b"STLS now").startswith(b"-ERR")
    c.send(b"STLS\r\nUSER fb00\r\n")
    assert c.line().startswith(b"+OK")
    c.tls()
    assert c.pop3(b"PASS bench").startswith(b"-ERR")
    assert b"STLS\r\n" not in c.pop3(b"CAPA", True)
    assert c.pop3(b"STLS").startswith(b"-ERR")
    assert c.pop3(b"USER fb00").startswith(b"+OK")
    assert c.pop3(b"PASS bench").startswith(b"+OK")


def test_pop3_names_are_not_cut(box):
    c = Raw(box, "pop3")
    assert c.pop3(b"USER fb00\0x").startswith(b"-ERR")
    assert c.pop3(b"USER fb00").startswith(b"+OK")
    assert c.pop3(b"PASS bench\0x").startswith(b"-ERR")
    assert c.pop3(b"PASS wrong").startswith(b"-ERR [AUTH]")
    # PASS only behind a USER of its own
    assert c.pop3(b"PASS bench").startswith(b"-ERR USER first")
    plain = base64.b64encode(b"\0fb00\0bench")
    assert c.pop3(b"AUTH PLAIN " + plain).startswith(b"+OK")


main("--users", "1")
