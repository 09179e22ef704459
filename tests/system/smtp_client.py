#!/usr/bin/env python3
"""Parameters of the SMTP and LMTP client, each with a server that shows what it
changes. All letters are sent at once; each has a row of master.cf, a domain and
a server of its own.
"""

import base64
import os
import re
import socket
import ssl
import subprocess
import tempfile
import threading

from certs import Authority
from lib import main, wait
from peers import Full, Sink

FOLDER = tempfile.mkdtemp(dir=os.environ.get("TEST_DIR"))
os.chmod(FOLDER, 0o755)
CA = Authority(FOLDER)
TEXT = b"Subject: x\r\n\r\nhello\r\n"
OVER = threading.Event()


class Names(list):
    """What clients ask for."""

    def __call__(self, _, name, __):
        self.append(name)


def tls(version=None, ciphers=None):
    context = CA.context("localhost")
    context.names = context.sni_callback = Names()
    if version:
        context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    return context


def digest(name):
    """SHA-512 of the certificate of that server."""
    out = subprocess.run(
        ["openssl", "x509", "-noout", "-fingerprint", "-sha512", "-in",
         os.path.join(FOLDER, name + ".pem")], check=True,
        capture_output=True, text=True).stdout
    return out.strip().split("=")[1]


def silent(_):
    """No answer, until the tests are over."""
    OVER.wait(60)
    return b""


def hashed_folder():
    """A folder of authorities, as c_rehash makes them."""
    folder = os.path.join(FOLDER, "authorities")
    os.mkdir(folder)
    name = subprocess.run(
        ["openssl", "x509", "-noout", "-hash", "-in", CA.file], check=True,
        capture_output=True, text=True).stdout.strip()
    os.symlink(CA.file, os.path.join(folder, name + ".0"))
    os.chmod(folder, 0o755)
    return folder


def sent(pattern=rb""):
    """The server has it, and was told that."""
    def check(_, sink, line):
        assert "status=sent" in line, line
        said = b"\n".join(sink.lines)
        assert re.search(pattern, said), said
    return check


def waits(text):
    def check(_, __, line):
        assert "status=deferred" in line and text in line, line
    return check


def returned(text):
    def check(_, __, line):
        assert "status=bounced" in line and text in line, line
    return check


def broken_lines(_, sink, __):
    lines = sink.letters[0].data.split(b"\r\n")
    assert max(map(len, lines)) <= 102, lines
    assert b"".join(lines).replace(b" ", b"").count(b"q") == 300, lines


def from_there(_, sink, __):
    assert sink.open[0].getpeername()[0] == "127.0.0.5", sink.open


def asked_for(name):
    def check(_, sink, line):
        assert "status=sent" in line, line
        assert sink.tls.names == [name], sink.tls.names
    return check


def by_tls(text):
    def check(box, _, line):
        assert "status=sent" in line, line
        port = re.search(r"\]:(\d+),", line)[1]
        assert re.search(r"established to \S*:%s: .*%s" % (port, text),
                         box.log()), text
    return check


def b64(data):
    return re.escape(base64.b64encode(data))


CA.context("client")
ONE = CA.context("one.test")
CLIENT = os.path.join(FOLDER, "client")
SASL = ["smtp_sasl_auth_enable=yes", "smtp_tls_security_level=encrypt",
        "smtp_sasl_tls_security_options="]
# of smtp_tls_policy_maps
POLICIES = {
    "policy-version": "encrypt protocols=<=TLSv1.2",
    "policy-exclude": "may exclude=AES256 protocols=TLSv1.2",
    "policy-grade": "may ciphers=high protocols=!TLSv1.3",
    "policy-odd": "may nonsense=/x",
    "policy-anchor": "secure match=localhost tafile=" + CA.file,
    "policy-sni": "encrypt servername=policy.test match=a.test",
}
V12 = ssl.TLSVersion.TLSv1_2
HELD = {b"CONNECT": b"220 sink.test hello"}
STATES = "timed out while "

# name, parameters, how the server is, what comes of it
CASES = [
    ("helo", ["smtp_helo_name=other.test"], {}, sent(rb"^EHLO other\.test")),
    ("never", ["smtp_never_send_ehlo=yes"], {}, sent(rb"^HELO ")),
    ("always", [], {"replies": HELD}, sent(rb"^EHLO ")),
    ("always-not", ["smtp_always_send_ehlo=no"], {"replies": HELD},
     sent(rb"^HELO ")),
    ("discard", ["smtp_discard_ehlo_keywords=size, 8bitmime"],
     {"extensions": ["SIZE", "8BITMIME"]},
     sent(rb'\nMAIL FROM:<"a b"@client\.test>\n')),
    ("size", [], {"extensions": ["SIZE"]}, sent(rb"SIZE=\d+")),
    ("bare", ["smtp_quote_rfc821_envelope=no"], {},
     sent(rb"\nMAIL FROM:<a b@client\.test>\n")),
    ("bind", ["smtp_bind_address=127.0.0.5"], {}, from_there),
    ("width", ["smtp_line_length_limit=100"], {}, broken_lines),
    ("greeting", [], {"replies": {b"CONNECT": b"554 5.3.2 go away"}},
     waits("554 5.3.2 go away")),
    ("greeting-hard", ["smtp_skip_5xx_greeting=no"],
     {"replies": {b"CONNECT": b"554 5.3.2 go away"}},
     returned("554 5.3.2 go away")),
    ("soft", ["soft_bounce=yes"],
     {"replies": {b"RCPT": b"550 5.1.1 nobody"}}, waits("550 5.1.1 nobody")),
    ("t-greeting", ["smtp_helo_timeout=1s"], {"replies": {b"CONNECT": silent}},
     waits(STATES + "receiving the initial server greeting")),
    ("t-helo", ["smtp_helo_timeout=1s"], {"replies": {b"EHLO": silent}},
     waits(STATES + "performing the EHLO handshake")),
    ("t-mail", ["smtp_mail_timeout=1s"], {"replies": {b"MAIL": silent}},
     waits(STATES + "sending MAIL FROM")),
    ("t-rcpt", ["smtp_rcpt_timeout=1s"], {"replies": {b"RCPT": silent}},
     waits(STATES + "sending RCPT TO")),
    ("t-data", ["smtp_data_init_timeout=1s"], {"replies": {b"DATA": silent}},
     waits(STATES + "sending DATA command")),
    ("t-done", ["smtp_data_done_timeout=1s"], {"replies": {b".": silent}},
     waits(STATES + "sending end of data -- message may be sent more")),
    ("t-tls", ["smtp_tls_security_level=encrypt", "smtp_starttls_timeout=1s"],
     {"tls": tls(), "replies": {b"STARTTLS": silent}},
     waits(STATES + "performing the STARTTLS handshake")),
    ("t-connect", ["smtp_connect_timeout=1s"], Full(),
     waits("Connection timed out")),
    ("bind6", ["smtp_bind_address6=2001:db8::25", "inet_protocols=ipv6",
               "smtp_bind_address_enforce=yes"], {},
     waits("Cannot assign requested address")),
    ("use-tls", ["smtp_use_tls=yes"], {"tls": tls()}, by_tls("TLSv1.3")),
    ("use-tls-not", ["smtp_use_tls=yes"], {}, sent()),
    ("enforce", ["smtp_enforce_tls=yes"], {},
     waits("TLS is required, but was not offered")),
    ("protocols", ["smtp_tls_security_level=may",
                   "smtp_tls_protocols=<=TLSv1.2"], {"tls": tls()},
     by_tls("TLSv1.2")),
    ("must-protocols", ["smtp_tls_security_level=encrypt",
                        "smtp_tls_mandatory_protocols=>=TLSv1.3"],
     {"tls": tls(V12)}, waits("Cannot start TLS")),
    ("may-protocols", ["smtp_tls_security_level=may",
                       "smtp_tls_protocols=>=TLSv1.3"],
     {"tls": tls(V12)}, sent()),
    ("exclude", ["smtp_tls_security_level=may",
                 "smtp_tls_exclude_ciphers=AES256"], {"tls": tls(V12)},
     by_tls("(AES128|CHACHA20)")),
    ("must-exclude", ["smtp_tls_security_level=encrypt",
                      "smtp_tls_mandatory_exclude_ciphers=AES"],
     {"tls": tls(V12, "AESGCM")}, waits("Cannot start TLS")),
    ("grade", ["smtp_tls_security_level=encrypt",
               "smtp_tls_mandatory_ciphers=high",
               "tls_high_cipherlist=ECDHE+CHACHA20"],
     {"tls": tls(V12, "AESGCM")}, waits("Cannot start TLS")),
    ("grade-may", ["smtp_tls_security_level=may", "smtp_tls_ciphers=high",
                   "tls_high_cipherlist=ECDHE+AES128"],
     {"tls": tls(V12)}, by_tls("AES128")),
    ("CApath", ["smtp_tls_security_level=verify",
                "smtp_tls_verify_cert_match=localhost",
                "smtp_tls_CApath=" + hashed_folder()],
     {"tls": tls()}, by_tls("TLSv1.3")),
    ("CApath-not", ["smtp_tls_security_level=verify",
                    "smtp_tls_verify_cert_match=localhost"],
     {"tls": tls()}, waits("certificate not verified")),
    ("digest", ["smtp_tls_security_level=fingerprint",
                "smtp_tls_fingerprint_digest=sha512",
                "smtp_tls_fingerprint_cert_match=" + digest("one.test")],
     {"tls": ONE}, by_tls("TLSv1.3")),
    ("digest-not", ["smtp_tls_security_level=fingerprint",
                    "smtp_tls_fingerprint_cert_match=" + digest("one.test")],
     {"tls": tls()}, waits("not verified")),
    ("policy-version", [], {"tls": tls()}, by_tls("TLSv1.2")),
    ("policy-exclude", [], {"tls": tls()}, by_tls("(AES128|CHACHA20)")),
    ("policy-grade", ["tls_high_cipherlist=ECDHE+AES128"], {"tls": tls()},
     by_tls("AES128")),
    ("policy-odd", [], {"tls": tls()}, waits("\"nonsense=/x\" is not known")),
    ("policy-anchor", [], {"tls": tls()}, by_tls("")),
    ("anchor", ["smtp_tls_security_level=verify",
                "smtp_tls_verify_cert_match=localhost",
                "smtp_tls_trust_anchor_file=" + CA.file],
     {"tls": tls()}, by_tls("")),
    ("policy-sni", [], {"tls": tls()}, asked_for("policy.test")),
    ("sni", ["smtp_tls_security_level=may",
             "smtp_tls_servername=other.test"], {"tls": tls()},
     asked_for("other.test")),
    ("xoauth2", SASL + ["smtp_sasl_mechanism_filter=xoauth2"],
     {"tls": tls(), "extensions": ["AUTH PLAIN XOAUTH2"],
      "replies": {b"AUTH": b"235 2.7.0 in"}},
     sent(rb"\nAUTH XOAUTH2 " + b64(b"user=u\1auth=Bearer to:ken\1\1"))),
    ("bearer", SASL + ["smtp_sasl_mechanism_filter=oauthbearer, plain"],
     {"tls": tls(), "extensions": ["AUTH PLAIN OAUTHBEARER"],
      "replies": {b"AUTH": b"334 e30=", b"AQ==": b"535 5.7.8 no such token"}},
     waits("535 5.7.8 no such token")),
    ("external", SASL + ["smtp_sasl_mechanism_filter=external",
                         "smtp_tls_cert_file=" + CLIENT + ".pem",
                         "smtp_tls_key_file=" + CLIENT + ".key"],
     {"tls": tls(), "extensions": ["AUTH PLAIN EXTERNAL"],
      "replies": {b"AUTH": b"235 2.7.0 in"}},
     sent(rb"\nAUTH EXTERNAL " + b64(b"u"))),
    ("external-not", SASL + ["smtp_sasl_mechanism_filter=external"],
     {"tls": tls(), "extensions": ["AUTH PLAIN EXTERNAL"]},
     waits("no mechanism available")),
    ("plaintext", ["smtp_sasl_auth_enable=yes"],
     {"extensions": ["AUTH PLAIN"]}, waits("no mechanism available")),
    ("tls-options", ["smtp_sasl_auth_enable=yes",
                     "smtp_tls_security_level=encrypt",
                     "smtp_sasl_tls_security_options=noanonymous"],
     {"tls": tls(), "extensions": ["AUTH PLAIN"],
      "replies": {b"AUTH": b"235 2.7.0 in"}},
     sent(rb"\nAUTH PLAIN ")),
    ("verified-options",
     ["smtp_sasl_auth_enable=yes", "smtp_tls_security_level=verify",
      "smtp_tls_verify_cert_match=localhost", "smtp_tls_CAfile=" + CA.file,
      "smtp_sasl_tls_verified_security_options=noanonymous"],
     {"tls": tls(), "extensions": ["AUTH PLAIN"],
      "replies": {b"AUTH": b"235 2.7.0 in"}},
     sent(rb"\nAUTH PLAIN ")),
    # tables of one row of master.cf
    ("own-login", SASL + ["smtp_sasl_password_maps=static:{v:own}"],
     {"tls": tls(), "extensions": ["AUTH PLAIN"],
      "replies": {b"AUTH": b"235 2.7.0 in"}},
     sent(rb"\nAUTH PLAIN " + b64(b"\0v\0own"))),
    ("own-level", ["smtp_tls_policy_maps=static:encrypt"], {},
     waits("TLS is required, but was not offered")),
    ("by-address",
     ["smtp_discard_ehlo_keyword_address_maps=inline:{127.0.0.1=size}"],
     {"extensions": ["SIZE"]}, sent(rb'\nMAIL FROM:<"a b"@client\.test>\n')),
    ("generic", ["smtp_generic_maps=static:other@client.test"], {},
     sent(rb'\nMAIL FROM:<other@client\.test>')),
    ("reply", ["smtp_reply_filter=inline:{{550 5.1.1 nobody = "
               "450 4.1.1 later}}"],
     {"replies": {b"RCPT": b"550 5.1.1 nobody"}}, waits("450 4.1.1 later")),
    ("refused", SASL + ["smtp_sasl_auth_cache_name=memory"],
     {"tls": tls(), "extensions": ["AUTH PLAIN"],
      "replies": {b"AUTH": b"535 5.7.8 wrong"}}, waits("535 5.7.8 wrong")),
    ("refused-then", SASL + ["smtp_sasl_auth_cache_name=memory",
                             "smtp_sasl_auth_cache_time=1s"],
     {"tls": tls(), "extensions": ["AUTH PLAIN"],
      "replies": {b"AUTH": b"535 5.7.8 wrong"}}, waits("535 5.7.8 wrong")),
    ("refused-hard", SASL + ["smtp_sasl_auth_soft_bounce=no"],
     {"tls": tls(), "extensions": ["AUTH PLAIN"],
      "replies": {b"AUTH": b"535 5.7.8 wrong"}}, returned("535 5.7.8 wrong")),
    ("enforced", SASL + ["smtp_sasl_auth_enforce=yes"], {"tls": tls()},
     waits("AUTH is not offered")),
    ("lmtp", ["smtp_helo_name=not.test", "lmtp_lhlo_name=lhlo.test",
              "smtp_tls_security_level=encrypt"], {},
     sent(rb"^LHLO lhlo\.test")),
    ("lmtp-reply", ["lmtp_reply_filter=inline:{{550 5.1.1 nobody = "
                    "450 4.1.1 later}}"],
     {"replies": {b"RCPT": b"550 5.1.1 nobody"}}, waits("450 4.1.1 later")),
    ("lmtp-t", ["lmtp_data_done_timeout=1s"], {"replies": {b".": silent}},
     waits(STATES + "sending end of data")),
    ("lmtp-tls", ["lmtp_tls_security_level=encrypt"], {},
     waits("TLS is required, but was not offered")),
]
SINKS = {name: Sink(**how) if isinstance(how, dict) else how
         for name, _, how, _ in CASES}


def test_all(box):
    for name, _, _, _ in CASES:
        body = b"q" * 300 if name == "width" else b"hello"
        box.send('"a b"@client.test', ["u@%s.test" % name.lower()],
                 b"Subject: x\r\n\r\n" + body + b"\r\n")
    try:
        for name, _, _, check in CASES:
            found = wait(lambda: re.search(  # pylint: disable=cell-var-from-loop
                r"to=<u@%s\.test>, .*" % name.lower(), box.log()), name)
            print("  ", name)
            check(box, SINKS[name], found[0])
        # a password that was refused is not shown again
        box.send("a@client.test", ["v@refused.test"], TEXT)
        box.wait_log(r"to=<v@refused\.test>, .*status=deferred \(SASL \[CACHED\]"
                     r" authentication failed; .*535 5\.7\.8 wrong")
        # but for long; more than a second has gone by
        asked = SINKS["refused-then"].lines
        before = len(asked)
        box.send("a@client.test", ["v@refused-then.test"], TEXT)
        box.wait_log(r"to=<v@refused-then\.test>, .*status=deferred \(SASL "
                     r"authentication failed; .*535 5\.7\.8 wrong")
        assert [x for x in asked[before:] if x.startswith(b"AUTH")], asked
    finally:
        OVER.set()
        box.inside("postsuper", "-d", "ALL")


def rows():
    for name, settings, _, _ in CASES:
        lmtp = name.startswith("lmtp")
        yield "--master"
        yield "%s unix - - y - 1 smtp %s %s" % (
            name if lmtp else "row-" + name,
            "-o smtp_protocol=lmtp" if lmtp else "", " ".join("-o " + "{ %s }" % s for s in settings))


main("--users", "1", *rows(),
     "--set", "smtp_tls_loglevel = 1",
     "--set", "lmtp_tls_loglevel = 1",
     "--set", "smtp_tls_policy_maps = inline:{%s}" % ", ".join(
         "{[127.0.0.1]:%d = %s}" % (SINKS[name].port, policy)
         for name, policy in POLICIES.items()),
     "--set", "smtp_sasl_password_maps = static:{u:to:ken}",
     "--set", "notify_classes =",
     "--set", "transport_maps = inline:{%s}" % ", ".join(
         "{%s.test = %s:[%s]:%d}" % (
             name.lower(), name if name.startswith("lmtp") else "row-" + name,
             "::1" if name == "bind6" else "127.0.0.1", SINKS[name].port)
         for name, _, _, _ in CASES))
