#!/usr/bin/env python3
"""Mail authentication: our users' mail is signed, strangers' mail is judged.

127.0.0.1 is one of ours, 127.0.0.2 a stranger. What we signed is sent again by
the stranger, so that one instance is both ends; the keys come from facteur
dkim-key, the records from a name server of the test's own.
"""

import os
import re
import smtplib
import tempfile

from lib import TREE, main, run, wait
from peers import Dns

BUILD = os.environ.get("BUILD", os.path.join(TREE, "build"))
STRANGER = "127.0.0.2"


def make_key(folder, selector, kind):
    """A key of ours: its record, and the row of the table."""
    text = run(os.path.join(BUILD, "bin", "facteur"), "-c", folder,
               "dkim-key", "bench.test", selector, kind)
    row = re.search(r"^; (bench\.test .*)$", text, re.M).group(1)
    return "".join(re.findall(r'"([^"]*)"', text)), row


FOLDER = tempfile.mkdtemp(dir=os.environ.get("TEST_DIR"))
with open(os.path.join(FOLDER, "main.cf"), "w", encoding="utf-8") as conf:
    conf.write("myhostname = mail.bench.test\n")
RSA = make_key(FOLDER, "s1", "rsa")
ED25519 = make_key(FOLDER, "s2", "ed25519")
TABLE = os.path.join(FOLDER, "keys")
with open(TABLE, "w", encoding="utf-8") as table:
    table.write("# keys of the test\n%s\n%s\n" % (RSA[1], ED25519[1]))

DNS = Dns({
    ("s1._domainkey.bench.test", "TXT"): [RSA[0]],
    ("s2._domainkey.bench.test", "TXT"): [ED25519[0]],
    ("bench.test", "TXT"): ["v=spf1 a:out.bench.test -all"],
    ("out.bench.test", "A"): ["127.0.0.3"],
    ("_dmarc.bench.test", "TXT"): ["v=DMARC1; p=reject"],
    ("friend.test", "TXT"): ["other text", "v=spf1 ip4:127.0.0.2 -all"],
    ("_dmarc.friend.test", "TXT"): ["v=DMARC1; p=reject; sp=quarantine"],
    ("slow.test", "TXT"): None,
})
TEXT = ("From: Fb00 <fb00@bench.test>\nTo: fb01@bench.test\n"
        "Subject: signed  twice\n\nHello \t there\n\n.\n\n")


def newest(box, user, subject):
    def there():
        return [m for m in box.messages(user) if subject in m]
    return wait(there, "a message of %s" % subject.decode())[-1]


def unfolded(message, name):
    head = message.split(b"\n\n")[0].decode("latin-1")
    head = re.sub(r"\n[ \t]+", " ", head)
    return re.findall("^%s: (.*)$" % name, head, re.M | re.I)


def results(message):
    got = unfolded(message, "Authentication-Results")
    assert len(got) == 1, got
    return got[0]


def as_sent(message):
    """The message without what the last hop put above it."""
    return message[message.index(b"DKIM-Signature:"):]


def signed(box):
    """A message of ours as it leaves, with its two signatures."""
    if "signed" not in vars(box):
        box.send("fb00@bench.test", ["fb00@bench.test"], TEXT)
        box.signed = as_sent(newest(box, "fb00", b"signed  twice"))
    return box.signed


def test_signed(box):
    fields = unfolded(signed(box), "DKIM-Signature")
    assert len(fields) == 2, fields
    assert sorted(re.search("a=([^;]*)", f).group(1) for f in fields) == [
        "ed25519-sha256", "rsa-sha256"], fields
    assert not unfolded(signed(box), "Authentication-Results")


def test_own_signature_passes(box):
    box.send("fb00@bench.test", ["fb01@bench.test"], signed(box),
             source=STRANGER)
    got = results(newest(box, "fb01", b"signed  twice"))
    assert got.count("dkim=pass") == 2, got
    assert "header.d=bench.test header.s=s2" in got, got
    assert "spf=fail" in got and "smtp.mailfrom=fb00@bench.test" in got, got
    assert "dmarc=pass (p=reject dis=none) header.from=bench.test" in got, got
    assert "arc=none" in got, got
    box.wait_log(r"authentication: spf=fail .* dmarc=pass")


def test_pickup_signs(box):
    box.inside("sendmail", "-i", "fb02@bench.test", user="fb00",
               stdin="Subject: by pickup\n\nwords of mine\n")
    message = newest(box, "fb02", b"by pickup")
    assert len(unfolded(message, "DKIM-Signature")) == 2, message
    assert "From" in unfolded(message, "DKIM-Signature")[0]
    box.send("x@friend.test", ["fb03@bench.test"], as_sent(message),
             source=STRANGER)
    got = results(newest(box, "fb03", b"by pickup"))
    assert got.count("dkim=pass") == 2, got


def refused(box, sender, text, source=STRANGER):
    try:
        box.send(sender, ["fb04@bench.test"], text, source=source)
    except smtplib.SMTPDataError as e:
        return e.smtp_code, e.smtp_error.decode()
    raise AssertionError("was taken")


def test_changed_is_rejected(box):
    text = signed(box).replace(b"there", b"where")
    code, words = refused(box, "fb00@bench.test", text)
    assert code == 550 and "5.7.26" in words and "bench.test" in words, words
    box.wait_log(r"reject: END-OF-MESSAGE from .*policy of bench.test")


def test_forged_results_go(box):
    forged = ("Authentication-Results: MAIL.bench.test;\n\tspf=pass\n"
              "Authentication-Results: other.test; spf=fail\n"
              "Authentication-Results: (x) mail.bench.test 1; dkim=pass\n"
              "From: f@friend.test\nSubject: forged\n\nx\n")
    box.send("f@friend.test", ["fb05@bench.test"], forged, source=STRANGER)
    got = unfolded(newest(box, "fb05", b"Subject: forged"),
                   "Authentication-Results")
    assert len(got) == 2, got
    assert got[0].startswith("mail.bench.test; spf=pass "
                             "smtp.mailfrom=f@friend.test; dkim=none; "
                             "dmarc=pass"), got
    assert got[1] == "other.test; spf=fail", got


def test_quarantine_is_held(box):
    box.send("f@slow.test", ["fb05@bench.test"],
             "From: f@sub.friend.test\nSubject: held\n\nx\n", source=STRANGER)
    box.wait_log(r"authentication: spf=temperror .*dmarc=fail "
                 r"\(p=quarantine dis=quarantine\)")
    held = [m for m in box.queue() if m["queue_name"] == "hold"]
    assert len(held) == 1, held
    box.inside("postsuper", "-d", held[0]["queue_id"])


def test_two_authors(box):
    code, words = refused(box, "f@friend.test",
                          "From: f@friend.test\nFrom: f@friend.test\n\nx\n")
    assert code == 550 and "author" in words, words


def test_null_sender(box):
    box.send("", ["fb05@bench.test"], "From: m@other.test\nSubject: null\n\n",
             source=STRANGER)
    got = results(newest(box, "fb05", b"Subject: null"))
    assert "spf=none" in got and "smtp.helo=client.test" in got, got
    assert "dmarc=none" in got, got


def test_no_answer(box):
    box.send("f@slow.test", ["fb05@bench.test"],
             "From: m@other.test\nSubject: slow\n\n", source=STRANGER)
    got = results(newest(box, "fb05", b"Subject: slow"))
    assert "spf=temperror reason=" in got, got


def test_sealed_and_sealed_again(box):
    """What was sealed here comes back, and its chain is good."""
    first = newest(box, "fb01", b"signed  twice")
    assert "i=1;" in unfolded(first, "ARC-Seal")[0], first
    assert "cv=none" in unfolded(first, "ARC-Seal")[0], first
    assert unfolded(first, "ARC-Authentication-Results")[0].startswith(
        "i=1; mail.bench.test; spf=fail"), first
    back = first[first.index(b"ARC-Seal:"):]
    box.send("x@friend.test", ["fb06@bench.test"], back, source=STRANGER)
    second = newest(box, "fb06", b"signed  twice")
    seals = unfolded(second, "ARC-Seal")
    assert len(seals) == 2 and "i=2;" in seals[0] and "cv=pass" in seals[0]
    assert "arc=pass (i=1)" in unfolded(
        second, "Authentication-Results")[0], second
    broken = back.replace(b"spf=fail", b"spf=pass")
    box.send("x@friend.test", ["fb07@bench.test"], broken, source=STRANGER)
    third = newest(box, "fb07", b"signed  twice")
    assert "arc=fail" in unfolded(third, "Authentication-Results")[0], third
    assert "cv=fail" in unfolded(third, "ARC-Seal")[0], third


def test_chunks_and_size(box):
    """A message of a megabyte, by BDAT, is signed and verified whole."""
    with box.smtp() as c:
        c.docmd("MAIL", "FROM:<fb00@bench.test>")
        c.docmd("RCPT", "TO:<fb08@bench.test>")
        parts = [b"From: fb00@bench.test\r\nSubject: large\r\n\r",
                 b"\nx", b"0123456789abcde\r\n" * 60000, b"\r\n\r\nend \r\n"]
        for i, p in enumerate(parts):
            c.send(b"BDAT %d%s\r\n" % (
                len(p), b" LAST" if i == 3 else b"") + p)
            assert c.getreply()[0] == 250
    large = as_sent(newest(box, "fb08", b"Subject: large"))
    box.send("x@friend.test", ["fb09@bench.test"], large, source=STRANGER)
    got = results(newest(box, "fb09", b"Subject: large"))
    assert got.count("dkim=pass") == 2, got


def test_without_keys(box):
    """Mail goes on unsigned when keys does not answer."""
    moved = os.path.join(FOLDER, "dkim", "bench.test")
    os.rename(moved, moved + "-")
    box.reload()
    try:
        box.send("fb00@bench.test", ["fb02@bench.test"],
                 "From: fb00@bench.test\nSubject: unsigned\n\nx\n")
        message = newest(box, "fb02", b"Subject: unsigned")
        assert not unfolded(message, "DKIM-Signature"), message
        box.wait_log(r"warning: \w+: not signed")
    finally:
        os.rename(moved + "-", moved)
        box.reload()


if __name__ == "__main__":
    main("--users", "10",
         "--set", "resolver_nameservers = 127.0.0.1@%d" % DNS.port,
         "--set", "myhostname = mail.bench.test",
         "--set", "dkim_key_table = " + TABLE,
         "--set", "dmarc_check = yes", "--set", "arc_check = yes",
         "--set", "dmarc_policy = reject",
         "--set", "arc_seal_domain = bench.test")
