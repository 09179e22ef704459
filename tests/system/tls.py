#!/usr/bin/env python3
"""Certificates by name (SNI) and of clients (EXTERNAL), and TLS's settings."""

import base64
import hashlib
import imaplib
import poplib
import smtplib
import ssl

from lib import SLOW, main, run, wait


def certificate(box, name, subject, kind="ec"):
    """A self-signed one; the file has key and certificate."""
    how = {"ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
           "rsa": ["-newkey", "rsa:2048"]}[kind]
    path = box.path("etc", name)
    run("openssl", "req", "-x509", *how, "-nodes", "-days", "2", "-subj",
        "/CN=" + subject, "-keyout", path, "-out", path + ".crt")
    with open(path + ".crt", encoding="ascii") as f:
        crt = f.read()
    with open(path, "a", encoding="ascii") as f:
        f.write(crt)
    return path


def der(path):
    with open(path + ".crt", encoding="ascii") as f:
        return ssl.PEM_cert_to_DER_cert(f.read())


def fingerprint(path):
    text = hashlib.sha256(der(path)).hexdigest().upper()
    return ":".join(text[i:i + 2] for i in range(0, len(text), 2))


def configure(box, text, table=None, rows=""):
    if table:
        with open(box.path("etc", table), "w", encoding="ascii") as f:
            f.write(rows)
    with open(box.path("etc", "main.cf"), "a", encoding="ascii") as f:
        f.write(text)
    box.reload("smtpd", "login")


def context(client=None, rsa=False):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    if client:
        c.load_cert_chain(client)
    if rsa:
        c.maximum_version = ssl.TLSVersion.TLSv1_2
        c.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    return c


def smtp(box, client=None, name="localhost", rsa=False):
    c = smtplib.SMTP("127.0.0.1", box.port("submission"), timeout=30 * SLOW)
    c._host = name  # pylint: disable=protected-access
    c.ehlo("client.test")
    c.starttls(context=context(client, rsa))
    c.ehlo("client.test")
    return c


def shown(box, name, rsa=False):
    c = smtp(box, name=name, rsa=rsa)
    try:
        return c.sock.getpeercert(True)
    finally:
        c.close()


def imap(box, client=None, name="localhost"):
    c = imaplib.IMAP4("127.0.0.1", box.port("imap"), timeout=30 * SLOW)
    c.host = name
    c.starttls(context(client))
    return c


def test_sni(box):
    ec = certificate(box, "one-ec.pem", "one.test")
    rsa = certificate(box, "one-rsa.pem", "one.test", "rsa")
    below = certificate(box, "below.pem", "below.test")
    own = shown(box, "localhost")
    configure(box, "tls_server_sni_maps = texthash:%s\n"
              % box.path("etc", "sni"), "sni",
              "one.test %s, %s\n.below.test %s\n"
              "lost.test /nonexistent/key.pem\n" % (rsa, ec, below))
    wait(lambda: shown(box, "one.test") == der(ec), "the certificate of a name")
    assert shown(box, "ONE.test") == der(ec)
    assert shown(box, "one.test", rsa=True) == der(rsa)
    assert shown(box, "a.b.below.test") == der(below)
    for name in ("below.test", "lost.test", "two.test", "localhost"):
        assert shown(box, name) == own, name
    box.wait_log("warning: tls_server_sni_maps: lost.test: ")
    wait(lambda: imap(box, name="one.test").sock.getpeercert(True) == der(ec),
         "the certificate of IMAP")


def external(box, client, user=None):
    """The code of SMTP, and whether IMAP and POP3 let him in."""
    authzid = base64.b64encode((user or "").encode()).decode() or "="
    c = smtp(box, client)
    code = c.docmd("AUTH", "EXTERNAL " + authzid)[0]
    c.close()
    c = imap(box, client)
    try:
        status = c.authenticate("EXTERNAL", lambda _: (user or "").encode())[0]
        assert c.select()[0] == "OK"
        c.logout()
    except imaplib.IMAP4.error as e:
        status = str(e)
    c = poplib.POP3("127.0.0.1", box.port("pop3"), timeout=30 * SLOW)
    c.stls(context(client))
    try:
        c._shortcmd(  # pylint: disable=protected-access
            "AUTH EXTERNAL " + authzid)
        c.stat()
        pop3 = "OK"
        c.quit()
    except poplib.error_proto as e:
        pop3 = str(e)
    return code, status, pop3


def test_external(box):
    known = certificate(box, "known.pem", "anything")
    vouched = certificate(box, "vouched.pem", "Bearer Two")
    forged = certificate(box, "forged.pem", "Bearer Two")
    configure(box, "login_clientcerts = texthash:%s\n"
              "smtpd_tls_ask_ccert = yes\nsmtpd_tls_CAfile = %s\n"
              "smtpd_sasl_mechanism_filter = static:rest\n" % (
                  box.path("etc", "clients"), vouched + ".crt"), "clients",
              "%s fb00\nbearer_two fb01\n" % fingerprint(known))
    # a subject with a blank cannot stand at the left of a text
    with open(box.path("etc", "main.cf"), "a", encoding="ascii") as f:
        f.write("login_clientcerts = texthash:%s, inline:{ {Bearer Two=fb01} }\n"
                % box.path("etc", "clients"))
    box.reload("auth", "smtpd", "login")
    wait(lambda: "EXTERNAL" in smtp(box, known).esmtp_features["auth"],
         "EXTERNAL")
    assert "EXTERNAL" not in smtp(box).esmtp_features["auth"]
    wait(lambda: "AUTH=EXTERNAL" in imap(box, known).capability()[1][0].decode(),
         "EXTERNAL in IMAP")
    for client, user in ((known, None), (known, "fb00"), (vouched, None),
                         (vouched, "fb01")):
        got = external(box, client, user)
        assert got == (235, "OK", "OK"), (client, user, got)
    for client, user in ((known, "fb01"), (forged, None), (vouched, "fb00")):
        code, status, pop3 = external(box, client, user)
        assert code == 535 and "AUTHENTICATIONFAILED" in status and \
            "[AUTH]" in pop3, (client, user, code, status, pop3)
    box.wait_log("SASL EXTERNAL authentication failed: "
                 "the certificate is nobody's")
    box.wait_log(r"imapd\[\d+\]: LOGIN FAILED, user=fb01, ip=")


def test_ciphers(box):
    """tls_high_cipherlist and tls_ssl_options reach the handshake."""
    configure(box, "smtpd_tls_ciphers = high\n"
              "smtpd_tls_mandatory_ciphers = high\n"
              "tls_high_cipherlist = ECDHE+AES256\n"
              "tls_ssl_options = NO_TICKET\n")

    def cipher(port, *more):
        return run("openssl", "s_client", "-connect", "127.0.0.1:%d" % port,
                   "-tls1_2", *more, check=False, stdin="")[1]
    strong = ("-cipher", "ECDHE+AES256")
    weak = ("-cipher", "ECDHE+AES128")
    for service in ("submissions", "imaps"):
        port = box.port(service)
        wait(lambda p=port: "Cipher is (NONE)" in cipher(p, *weak),
             "no AES128 at " + service)
        said = cipher(port, *strong)
        assert "AES256" in said and "session ticket" not in said, said


main("--users", "2", "--set", "auth_failure_delay = 0s")
