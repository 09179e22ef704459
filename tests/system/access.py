#!/usr/bin/env python3
"""Who may send what: policy servers, lists in the DNS, header and body checks,
with all daemons."""

import re
import smtplib
import socket
import socketserver
import threading

from lib import main, ports, wait
from peers import Dns


class Policy:
    """A policy server; the action is looked up by the recipient."""

    def __init__(self, actions):
        self.requests, self.connections = [], 0
        policy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                policy.connections += 1
                request = {}
                for line in self.rfile:
                    name, _, value = line.decode().rstrip("\n").partition("=")
                    if name:
                        request[name] = value
                        continue
                    policy.requests.append(request)
                    action = actions.get(request["recipient"], "DUNNO")
                    self.wfile.write(b"action=%s\n\n" % action.encode())
                    request = {}

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.1,),
                         daemon=True).start()


POLICY = Policy({"fb01@bench.test": "DEFER_IF_PERMIT 4.2.0 Greylisted",
                 "fb02@bench.test": "REDIRECT fb03@bench.test"})
PROXIED, HELD = ports.reserve()
DNS = Dns({("1.0.0.127.bl.test", "A"): ["127.0.0.2"],
           ("1.0.0.127.bl.test", "TXT"): ["you are listed"],
           ("a.waits.test", "A"): ["127.0.0.99"],
           ("wl.test", "A"): ["127.0.0.1"]})
CHECKS = "regexp:{{/^Subject: spam/ REJECT 5.7.9 no spam here}," \
    "{/^X-Trace:/ IGNORE}, {/^Content-Type:.*name=.*\\.exe/ REJECT}}"


def refused(send, *arguments):
    try:
        send(*arguments)
    except smtplib.SMTPRecipientsRefused as e:
        code, text = list(e.recipients.values())[0]
    except smtplib.SMTPResponseException as e:
        code, text = e.smtp_code, e.smtp_error
    else:
        raise AssertionError("accepted")
    return "%d %s" % (code, text.decode())


def test_policy_server(box):
    text = "Subject: x\n\nhello\n"
    got = refused(box.send, "a@client.test", ["fb01@bench.test"], text)
    assert got == "450 4.2.0 <fb01@bench.test>: Recipient address rejected: " \
        "Greylisted", got
    box.send("a@client.test", ["fb02@bench.test"], text)
    box.wait_messages("fb03", 1)
    asked = POLICY.requests[0]
    assert asked["request"] == "smtpd_access_policy", asked
    assert asked["client_address"] == "127.0.0.1", asked
    assert asked["server_port"] == str(box.port()), asked
    assert asked["sender"] == "a@client.test", asked
    box.wait_log(r"NOQUEUE: redirect: RCPT from localhost\[127\.0\.0\.1\]: "
                 r"<fb02@bench\.test>: Recipient address triggers REDIRECT "
                 r"fb03@bench\.test; from=<a@client\.test>")
    assert POLICY.connections <= 2, POLICY.connections


def test_dns_list(box):
    got = refused(box.send, "listed@client.test", ["fb00@bench.test"],
                  "Subject: x\n\nhello\n")
    assert got == "554 5.7.1 Service unavailable; Client host [127.0.0.1] " \
        "blocked using bl.test; you are listed", got


def test_checks(box):
    got = refused(box.send, "a@client.test", ["fb00@bench.test"],
                  "Subject: spam\n\nhello\n")
    assert got == "550 5.7.9 no spam here", got
    box.wait_log(r"postfix/cleanup\[\d+\]: [0-9A-F]+: reject: header Subject: "
                 r"spam from localhost\[127\.0\.0\.1\]; from=<a@client\.test> "
                 r"to=<fb00@bench\.test> proto=ESMTP helo=<client\.test>: "
                 r"5\.7\.9 no spam here")
    got = refused(
        box.send, "a@client.test", ["fb00@bench.test"],
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        "Content-Type: application/x;\n name=virus.exe\n\nMZ\n--b--\n")
    assert got == "550 5.7.1 message content rejected", got
    before = len(box.messages("fb00"))
    box.send("a@client.test", ["fb00@bench.test"],
             "X-Trace: inside\nSubject: good\n\nhello\nsecret line\nend\n")
    text = box.wait_messages("fb00", before + 1)[-1]
    assert b"X-Trace" not in text, text
    assert text.endswith(b"\n\nhello\n(removed)\nend\n"), text


def test_etrn(box):
    with box.smtp() as c:
        code, text = c.docmd("ETRN", "waits.test")
        assert (code, text) == (250, b"2.0.0 Queuing started"), (code, text)
        code, text = c.docmd("ETRN", "other.test")
        assert code == 459, (code, text)


def test_etrn_below(box):
    """"@" takes the domains below, which nothing else does (RFC 1985)."""
    box.send("a@client.test", ["x@a.waits.test"], "Subject: x\n\nx\n")
    tried = r"to=<x@a\.waits\.test>.* status=deferred"
    box.wait_log(tried)
    with box.smtp() as c:
        assert c.docmd("ETRN", "waits.test")[0] == 250
        assert c.docmd("ETRN", "@waits.test")[0] == 250
    wait(lambda: len(re.findall(tried, box.log())) == 2, "a second try")
    box.inside("postsuper", "-d", "ALL")


def test_proxy(box):
    # header and TLS handshake in one breath, as a load balancer sends them
    raw = socket.create_connection(("127.0.0.1", PROXIED), timeout=30)
    raw.sendall(b"PROXY TCP4 192.0.2.77 198.51.100.1 1234 465\r\n")
    with box.tls().wrap_socket(raw, server_hostname="localhost") as c:
        c.settimeout(30)
        assert c.recv(1000).startswith(b"220 ")
        c.sendall(b"EHLO x\r\n")
        assert c.recv(1000).startswith(b"250-")
        c.sendall(b"MAIL FROM:<a@client.test>\r\n")
        assert c.recv(1000).startswith(b"250 ")
        c.sendall(b"RCPT TO:<x@elsewhere.test>\r\n")
        got = c.recv(1000)
        assert got.startswith(b"554 5.7.1 <x@elsewhere.test>: Relay"), got
    box.wait_log(r"connect from unknown\[192\.0\.2\.77\]")


def test_xclient(box):
    with box.smtp() as c:
        assert "xclient" in c.esmtp_features, c.esmtp_features
        code, text = c.docmd("XCLIENT", "NAME=spike.test ADDR=192.0.2.5")
        assert code == 220, (code, text)
        c.ehlo()
        c.mail("a@client.test")
        assert c.rcpt("x@elsewhere.test")[0] == 554
    box.wait_log(r"RCPT from spike\.test\[192\.0\.2\.5\]: 554 5\.7\.1")


main("--users", "4",
     "--set", "smtpd_authorized_xclient_hosts = 127.0.0.1",
     "--master", "127.0.0.1:%d inet n - y - - smtpd "
     "-o smtpd_tls_wrappermode=yes "
     "-o smtpd_upstream_proxy_protocol=haproxy" % PROXIED,
     "--set", "smtpd_recipient_restrictions = check_policy_service "
     "inet:127.0.0.1:%d" % POLICY.port,
     "--set", "smtpd_sender_restrictions = check_sender_access "
     "inline:{{listed@client.test = reject_rbl_client "
     "bl.test=127.0.0.[2..4]}}",
     "--set", "resolver_nameservers = 127.0.0.1@%d" % DNS.port,
     "--set", "resolver_trust_anchor =",
     "--set", "fast_flush_domains = waits.test",
     "--set", "header_checks = " + CHECKS,
     "--set", "body_checks = regexp:{{/^secret/ REPLACE (removed)}}")
