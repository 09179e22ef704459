#!/usr/bin/env python3
"""smtpd as an LMTP server, on a port and on a socket in the file system."""

import os
import smtplib

from lib import main, wait
from instance import ports

BASE, HELD = ports.reserve()
PORT = BASE + ports.PORTS["smtp"]
TEXT = b"Subject: %s\r\n\r\nhello\r\n"


def talk(client, name):
    """One letter to two people and to nobody, by hand: a word for each."""
    assert client.ehlo()[0] == 250  # LHLO, of this class
    assert client.has_extn("pipelining") and client.has_extn("8bitmime")
    assert client.docmd("EHLO", "client.test")[0] == 500
    assert client.mail("a@client.test")[0] == 250
    assert client.docmd("DATA")[0] == 503
    assert client.rcpt("fb00@bench.test")[0] == 250
    assert client.rcpt("nosuchuser@bench.test")[0] == 550
    assert client.rcpt("fb01@bench.test")[0] == 250
    assert client.docmd("DATA")[0] == 354
    client.send(TEXT % name + b".\r\n")
    words = [client.getreply() for _ in range(2)]
    assert [w[0] for w in words] == [250, 250], words
    assert b"queued as" in words[0][1], words
    assert client.noop()[0] == 250  # and no word more
    client.quit()


def arrived(box, name, protocol):
    for user in ("fb00", "fb01"):
        text = wait(lambda: [m for m in box.messages(user)  # pylint: disable=cell-var-from-loop
                             if b"Subject: " + name in m], name)[0]
        assert b" with " + protocol + b" id " in text, text


def test_by_tcp(box):
    talk(smtplib.LMTP("127.0.0.1", PORT), b"tcp")
    arrived(box, b"tcp", b"LMTP")


def test_by_a_socket(box):
    path = os.path.join(box.path("spool"), "public", "lmtp-in")
    talk(smtplib.LMTP(path), b"unix")
    arrived(box, b"unix", b"LMTP")


def test_under_tls(box):
    client = smtplib.LMTP("127.0.0.1", PORT)
    client.ehlo()
    client.starttls(context=box.tls())
    talk(client, b"secure")
    arrived(box, b"secure", b"LMTPS")


def test_from_our_own_client(box):
    box.send("a@client.test", ["fb00@far.test", "fb01@far.test"],
             TEXT % b"ours")
    arrived(box, b"ours", b"LMTP")
    box.wait_log(r"postfix/lmtp\[\d+\]: .*to=<fb00@far\.test>, .*"
                 r"status=sent \(250 2\.0\.0 Ok: queued as ")
    box.wait_empty()


def test_smtp_is_smtp(box):
    with box.smtp() as client:
        assert client.docmd("LHLO", "client.test")[0] == 502


main("--users", "2",
     "--set", "mydestination = bench.test, mx.bench.test, localhost",
     "--set", "relay_domains = far.test",
     "--set", "transport_maps = inline:{far.test=lmtp:[127.0.0.1]:%d}" % PORT,
     "--set", "lmtp_generic_maps = inline:{"
     "fb00@far.test=fb00@bench.test,fb01@far.test=fb01@bench.test}",
     "--master", "127.0.0.1:%d inet n - y - 1 smtpd "
     "-o smtpd_protocol=lmtp" % PORT,
     "--master", "over unix - - y - 1 lmtp",
     "--master", "lmtp-in unix n - y - 1 smtpd -o smtpd_protocol=lmtp")
