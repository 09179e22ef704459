#!/usr/bin/env python3
"""MTA-STS: policies are fetched, kept, and followed.

The name server, the HTTPS server and the mail servers are the test's own; each
domain has a mail server at an address of its own.
"""

import email
import gzip
import http.server
import json
import os
import struct
import tempfile
import threading
import time
import zlib

from certs import Authority
from lib import main, wait
from peers import Dns, Sink

FOLDER = tempfile.mkdtemp(dir=os.environ.get("TEST_DIR"))
os.chmod(FOLDER, 0o755)
TRUSTED = Authority(FOLDER)
STRANGER = Authority(FOLDER, "stranger")
GOOD = "version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: 604800\r\n"
TEXT = "Subject: %s\n\nhello\n"

# domain: (policy or None, HTTP status, name in the certificate or None)
DOMAINS = {
    "good.test": (GOOD % ("enforce", "mx.good.test"), 200, "mx.good.test"),
    "wild.test": (GOOD % ("enforce", "*.wild.test"), 200, "mx.wild.test"),
    "liar.test": (GOOD % ("enforce", "mx.liar.test"), 200, "mx.other.test"),
    "plain.test": (GOOD % ("enforce", "mx.plain.test"), 200, None),
    "unlisted.test": (GOOD % ("enforce", "mx.else.test"), 200,
                      "mx.unlisted.test"),
    "trial.test": (GOOD % ("testing", "mx.trial.test"), 200, "mx.other.test"),
    "none.test": (GOOD % ("none", "mx.none.test"), 200, None),
    "absent.test": (None, 404, None),
    "odd.test": ("version: STSv1\nmode: strict\nmax_age: 1\n", 200, None),
    "moved.test": (GOOD % ("enforce", "mx.moved.test"), 301, None),
    "slow.test": (GOOD % ("enforce", "mx.slow.test"), 0, None),
    "untrusted.test": (GOOD % ("enforce", "mx.untrusted.test"), 200, None),
}
PAGES = {}
ASKED = []
TOLD = threading.Event()
POSTED = []


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # pylint: disable=invalid-name
        domain = self.headers["Host"].removeprefix("mta-sts.")
        ASKED.append(domain)
        text, status, _ = PAGES[domain]
        if status == 0:
            TOLD.wait(60)
            self.close_connection = True
            return
        body = (text or "").encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        if status == 301:
            self.send_header("Location", "https://mta-sts.good.test"
                             "/.well-known/mta-sts.txt")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (body[:7], body[7:]):
            if part:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        POSTED.append((self.path, self.headers, body))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


def pages_start():
    PAGES.update(DOMAINS)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    context = TRUSTED.context(*["mta-sts." + d for d in DOMAINS
                                if d != "untrusted.test"])
    stranger = STRANGER.context("mta-sts.untrusted.test")

    def choose(connection, name, _):
        if name == "mta-sts.untrusted.test":
            connection.context = stranger
    context.sni_callback = choose
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def sinks_start():
    sinks, port = {}, 0
    for i, (domain, (_, _, name)) in enumerate(DOMAINS.items()):
        sinks[domain] = Sink(host="127.0.1.%d" % (i + 1), port=port,
                             tls=name and TRUSTED.context(name))
        port = sinks[domain].port
    return sinks


def records():
    out = {}
    for i, domain in enumerate(DOMAINS):
        out["_mta-sts." + domain, "TXT"] = ["v=STSv1; id=1%d;" % i]
        out["mta-sts." + domain, "A"] = ["127.0.0.1"]
        out[domain, "MX"] = ["10 mx." + domain]
        out["mx." + domain, "A"] = ["127.0.1.%d" % (i + 1)]
        if domain not in ("none.test", "slow.test"):
            out["_smtp._tls." + domain, "TXT"] = [
                "v=TLSRPTv1; rua=https://x.test/,mailto:fb00@bench.test!9k"]
        if domain == "good.test":
            out["_smtp._tls." + domain, "TXT"] = [
                "v=TLSRPTv1; rua=https://mta-sts.good.test/v1/tlsrpt?x=1"]
    return out


def send(box, domain, name):
    box.send("fb00@bench.test", ["%s@%s" % (name, domain)], TEXT % name)


def sent(box, domain, name):
    send(box, domain, name)
    wait(lambda: any(("%s@%s" % (name, domain)).encode() in r
                     for letter in SINKS[domain].letters
                     for r in letter.recipients), "mail for " + domain)


def deferred(box, domain, name, text):
    send(box, domain, name)
    box.wait_log(r"to=<%s@%s>.*status=deferred \(.*%s" % (
        name, domain, text))
    assert not SINKS[domain].letters, domain


def test_enforced_and_fine(box):
    sent(box, "good.test", "a")
    box.wait_log(r"postfix/sts\[\d+\]: domain=good\.test, id=10, "
                 r"mode=enforce, max_age=604800, mx=mx\.good\.test")
    box.wait_log(r"Verified TLS connection established to mx\.good\.test")
    sent(box, "wild.test", "a")
    box.wait_log(r"Verified TLS connection established to mx\.wild\.test")
    text = box.inside("facteur", "trace", "a@good.test")
    assert "policy of good.test: enforce, servers mx.good.test\n" in text, text


def test_fetched_once(box):
    sent(box, "good.test", "b")
    assert ASKED.count("good.test") == 1, ASKED


def test_enforced_and_not_fine(box):
    deferred(box, "liar.test", "a", r"Server certificate not verified")
    deferred(box, "plain.test", "a", r"TLS is required, but was not offered")
    deferred(box, "unlisted.test", "a", r"MTA-STS policy has no word")
    box.wait_log(r"MTA-STS policy of unlisted\.test, enforce: no word of "
                 r"host mx\.unlisted\.test")


def test_only_tested(box):
    sent(box, "trial.test", "a")
    box.wait_log(r"warning: MTA-STS policy of trial\.test, testing: "
                 r"certificate of mx\.trial\.test\[127\.0\.1\.6\]:\d+: ")


def test_no_policy(box):
    for domain, text in (("none.test", "mode=none"),
                         ("absent.test", "HTTP status: 404"),
                         ("odd.test", "a mode that is not known"),
                         ("moved.test", "HTTP status: 301"),
                         ("untrusted.test", "certificate: ")):
        sent(box, domain, "a")
        box.wait_log(r"domain=%s[,:].*%s" % (domain, text))


def test_fetch_timeout(box):
    send(box, "slow.test", "a")
    box.wait_log("domain=slow.test[,:].*(time|late)", 10)
    box.wait_log("to=<a@slow.test>.*status=sent", 10)
    TOLD.set()


def guarded(box, domain, user, header="", options=" REQUIRETLS"):
    """Mail that must not go in plain text; its queue id."""
    with box.smtp(starttls=True) as c:
        c.docmd("MAIL FROM:<fb00@bench.test>" + options)
        c.docmd("RCPT TO:<%s@%s>" % (user, domain))
        text = header + TEXT % user
        code, said = c.data(text.replace("\n", "\r\n").encode())
        assert code == 250, said
        return said.split()[-1].decode()


def test_requiretls(box):
    """RFC 8689: the policy vouches for the host's name."""
    sink = SINKS["good.test"]
    guarded(box, "good.test", "first")
    box.wait_log(r"to=<first@good\.test>, .*dsn=5\.7\.30, status=bounced "
                 r"\(REQUIRETLS is required, but was not offered by host ")
    sink.extensions.append("REQUIRETLS")
    guarded(box, "good.test", "second")
    box.wait_log(r"to=<second@good\.test>, .*status=sent")
    assert [x for x in sink.lines if x.endswith(b" REQUIRETLS")], sink.lines
    sink.extensions.remove("REQUIRETLS")
    guarded(box, "absent.test", "third")
    box.wait_log(r"to=<third@absent\.test>, .*dsn=5\.7\.10, status=bounced "
                 r"\(REQUIRETLS: the MX record is not authenticated\)")
    guarded(box, "liar.test", "fourth")
    box.wait_log(r"to=<fourth@liar\.test>, .*dsn=5\.7\.10, status=bounced "
                 r"\(REQUIRETLS: Server certificate not verified of host ")


def test_tls_not_required(box):
    """Who writes to tell of a broken certificate gets through."""
    guarded(box, "liar.test", "fifth", "TLS-Required: No\n", options="")
    box.wait_log(r"to=<fifth@liar\.test>, .*status=sent")


def test_kept_when_all_is_gone(box):
    DNS.records["_mta-sts.good.test", "TXT"] = None
    PAGES["good.test"] = (None, 500, None)
    SINKS["good.test"].tls = None
    SINKS["good.test"].letters.clear()
    box.stop()
    box.start()
    deferred(box, "good.test", "c", "TLS is required, but was not offered")


def test_new_policy(box):
    PAGES["good.test"] = (GOOD % ("none", "mx.good.test"), 200, None)
    DNS.records["_mta-sts.good.test", "TXT"] = ["v=STSv1; id=new2;"]
    box.stop()  # or five minutes pass
    box.start()
    sent(box, "good.test", "d")
    box.wait_log(r"domain=good\.test, id=new2, mode=none")


def test_service_down(box):
    """What might forbid it is not known: the mail waits."""
    folder = os.path.join(box.path("spool"), "jail", "smtp")
    os.rename(os.path.join(folder, "sts"), os.path.join(folder, "gone"))
    try:
        box.reload()
        deferred(box, "plain.test", "b", "MTA-STS policy cannot be had")
    finally:
        os.rename(os.path.join(folder, "gone"), os.path.join(folder, "sts"))


def reports(box, *words):
    text = box.inside("facteur", "tlsrpt", *words)
    return {r["policies"][0]["policy"]["policy-domain"]: r
            for r in map(json.loads, text.splitlines())}


def outcome(report):
    """(successes, failures, {result: count}) of the first policy."""
    first = report["policies"][0]
    return (first["summary"]["total-successful-session-count"],
            first["summary"]["total-failure-session-count"],
            {d["result-type"]: d["failed-session-count"]
             for d in first.get("failure-details", [])})


def test_reports(box):
    today = time.strftime("%Y-%m-%d", time.gmtime())
    box.reload()  # what is counted goes to disk
    all_of_them = wait(lambda: reports(box, today), "reports")
    assert "none.test" not in all_of_them, all_of_them
    good = all_of_them["good.test"]
    assert good["organization-name"] == "bench.test", good
    assert good["contact-info"] == "reports@bench.test", good
    assert good["date-range"]["start-datetime"] == today + "T00:00:00Z"
    policy = good["policies"][0]["policy"]
    assert policy["policy-type"] == "sts", policy
    assert policy["mx-host"] == ["mx.good.test"], policy
    assert policy["policy-string"] == [
        "version: STSv1", "mode: enforce", "mx: mx.good.test",
        "max_age: 604800"], policy
    successes, _, kinds = outcome(good)
    assert successes >= 1 and set(kinds) <= {"starttls-not-supported"}, good
    for domain, kind in (("liar.test", "certificate-host-mismatch"),
                         ("trial.test", "certificate-host-mismatch"),
                         ("plain.test", "starttls-not-supported"),
                         ("unlisted.test", "validation-failure"),
                         ("odd.test", "sts-policy-invalid"),
                         ("untrusted.test", "sts-webpki-invalid"),
                         ("absent.test", "sts-policy-invalid")):
        successes, failures, kinds = outcome(all_of_them[domain])
        assert successes == 0 and failures >= 1 and kinds[kind] >= 1, (
            all_of_them[domain])
    detail = all_of_them["liar.test"]["policies"][0]["failure-details"][0]
    assert detail["receiving-mx-hostname"] == "mx.liar.test", detail
    assert detail["receiving-ip"] == "127.0.1.3", detail
    assert detail["sending-mta-ip"].startswith("127."), detail
    assert not reports(box, "2020-01-01")


def test_report_is_sent(box):
    today = time.strftime("%Y-%m-%d", time.gmtime())
    before = len(box.messages("fb00"))
    box.inside("facteur", "tlsrpt", "--send", today, "liar.test")
    text = box.wait_messages("fb00", before + 1)[-1]
    message = email.message_from_bytes(text)
    assert message.get_param("report-type") == "tlsrpt", text
    assert message["TLS-Report-Domain"] == "liar.test", text
    assert "reports@bench.test" in message["From"], text
    part = message.get_payload()[1]
    assert part.get_content_type() == "application/tlsrpt+gzip", text
    got = json.loads(gzip.decompress(part.get_payload(decode=True)))
    assert got == reports(box, today)["liar.test"], got


def yesterday_make(box, was, now):
    """What was counted today was counted yesterday."""
    for n in "01":
        path = box.path("lib", "tlsrpt." + n)
        with open(path, "rb") as f:
            data = f.read()
        if len(data) < 32:
            continue
        text = data[32:].replace(was.encode(), now.encode())
        crc = zlib.crc32(text, zlib.crc32(data[:24]))
        with open(path, "wb") as f:
            f.write(data[:24] + struct.pack("<Q", crc) + text)


def test_reports_of_a_day(box):
    today = time.strftime("%Y-%m-%d", time.gmtime())
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    box.stop()
    yesterday_make(box, today, day)
    before = len(box.messages("fb00"))
    box.start()
    box.inside("postconf", "-e", "tlsrpt_send=yes")
    box.reload()
    box.wait_log(r"domain=good\.test: the report of %s about TLS went by HTTPS"
                 % day)
    path, headers, body = POSTED[0]
    assert path == "/v1/tlsrpt?x=1", path
    assert headers["Content-Type"] == "application/tlsrpt+gzip", headers
    assert headers["Host"] == "mta-sts.good.test", headers
    got = json.loads(gzip.decompress(body))
    assert got == reports(box, day)["good.test"], got
    box.wait_log(r"domain=liar\.test: the report of %s about TLS went by mail"
                 % day)
    text = box.wait_messages("fb00", before + 1)
    assert any(b"TLS-Report-Domain: liar.test" in m for m in text), text
    # it is known that they went
    count = len(POSTED)
    box.reload()
    sent(box, "good.test", "after")
    box.reload()
    assert len(POSTED) == count, POSTED
    assert not [m for m in box.messages("fb00")[len(text):]
                if b"liar.test" in m]


SERVER = pages_start()
SINKS = sinks_start()
DNS = Dns(records())
main("--users", "1", "--master", "sts unix - - y 2 1 sts",
     "--set", "resolver_nameservers = 127.0.0.1@%d" % DNS.port,
     "--set", "smtp_tcp_port = %d" % SINKS["good.test"].port,
     "--set", "smtp_mta_sts_enable = yes",
     "--set", "smtp_tlsrpt_enable = yes",
     "--set", "tlsrpt_send = no",
     "--set", "tlsrpt_send_delay = 0s",
     "--set", "tlsrpt_sender = reports@bench.test",
     "--set", "mta_sts_fetch_timeout = 2s",
     "--set", "tlsrpt_private_addresses = yes",
     "--set", "mta_sts_CAfile = " + TRUSTED.file,
     "--set", "mta_sts_https_port = %d" % SERVER.server_address[1],
     "--set", "smtp_tls_security_level = may",
     "--set", "smtp_tls_loglevel = 1")
