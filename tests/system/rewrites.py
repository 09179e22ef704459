#!/usr/bin/env python3
"""Addresses in envelopes and headers: what becomes of them on the way in."""

import os
import re

from lib import main, wait
from peers import Sink

SECRET = os.path.join(os.environ.get("TEST_DIR", os.getcwd()), "secret")
TEXT = ("From: %s\nTo: \"Doe, Joe\" <joe@bench.test>,\n\tfb01\n"
        "Subject: %s\n\nbody\n")


def fields(text):
    head = text.split(b"\n\n", 1)[0]
    head = re.sub(rb"\n[ \t]+", b" ", head)
    return dict((k.strip().lower(), v.strip()) for k, v in (
        line.split(b":", 1) for line in head.split(b"\n")))


def newest(box, user, before):
    return box.wait_messages(user, before + 1)[-1]


def send(box, sender, rcpts, text, user):
    before = len(box.messages(user))
    box.send(sender, rcpts, text)
    got = newest(box, user, before)
    return fields(got)


def test_canonical(box):
    got = send(box, "sam", ["joe@bench.test"], TEXT % ("Sam <sam>", "one"),
               "fb00")
    assert got[b"return-path"] == b"<sam.one@far.test>", got
    assert got[b"from"] == b"Sam <sam.one@far.test>", got
    assert got[b"to"] == (b"\"Doe, Joe\" <joe.doe@bench.test>, "
                          b"fb01@bench.test"), got
    box.wait_log(r"qmgr\[\d+\]: \w+: from=<sam\.one@far\.test>")
    box.wait_log(r"to=<fb00@bench\.test>, orig_to=<joe@bench\.test>")


def test_masquerade(box):
    got = send(box, "x@host.bench.test", ["fb00@bench.test"],
               TEXT % ("x@host.bench.test", "two"), "fb00")
    assert got[b"from"] == b"x@bench.test", got
    assert got[b"return-path"] == b"<x@bench.test>", got
    got = send(box, "root@host.bench.test", ["fb00@bench.test"],
               TEXT % ("root@host.bench.test", "three"), "fb00")
    assert got[b"from"] == b"root@host.bench.test", got


def test_copies(box):
    before = len(box.messages("fb02"))
    got = send(box, "watched@far.test", ["fb01@bench.test"],
               TEXT % ("a@far.test", "four"), "fb01")
    assert got[b"from"] == b"a@far.test"
    # one by sender, one by recipient; the same address gets it once
    box.wait_messages("fb02", before + 1)
    box.wait_log(r"to=<fb02@bench\.test>, orig_to=<fb02\+rcpt@bench\.test>|"
                 r"to=<fb02\+rcpt@bench\.test>")
    box.wait_empty()


def test_sendmail(box):
    before = len(box.messages("fb00"))
    box.inside("sendmail", "-i", "-f", "sam", "fb00",
               stdin="From: sam\nTo: joe\nSubject: five\n\nbody\n")
    got = fields(newest(box, "fb00", before))
    assert got[b"from"] == b"sam.one@far.test", got
    assert got[b"to"] == b"joe.doe@bench.test", got
    assert got[b"return-path"] == b"<sam.one@far.test>", got


def test_strangers_keep_their_header(box):
    before = len(box.messages("fb00"))
    text = (TEXT % ("Sam <sam>", "six")).replace("\n", "\r\n")
    with box.smtp(source="127.0.0.2") as c:
        c.sendmail("a@far.test", ["fb00@bench.test"], text)
    got = fields(newest(box, "fb00", before))
    assert got[b"from"] == b"Sam <sam>", got


def test_relocated(box):
    with box.smtp() as c:
        c.mail("a@client.test")
        code, text = c.rcpt("gone@bench.test")
        assert code == 550 and b"5.1.6" in text and b"moved to new@" in text


def test_generic(box):
    """The world sees other addresses; the log tells of ours."""
    with Sink(port=box.port("sink")) as sink:
        box.send("inside@bench.test", ["peer@sink.test", "inside@sink.test"],
                 "From: In <inside@bench.test>\nTo: peer@sink.test\n"
                 "X-Inside: 10.0.0.1\nSubject: seven\n\nbody\n")
        wait(lambda: sink.letters, "a letter")
        got = sink.letters[0]
        assert got.sender.startswith(b"<in.side@isp.test>"), got.sender
        assert sorted(r.split()[0] for r in got.recipients) == [
            b"<else@sink.test>", b"<peer@sink.test>"], got.recipients
        head = fields(got.data.replace(b"\r\n", b"\n"))
        assert head[b"from"] == b"In <in.side@isp.test>", head
        assert head[b"to"] == b"peer@sink.test", head
        # smtp_header_checks
        assert b"x-inside" not in head, head
        assert head[b"subject"] == b"7", head
        assert b"\r\nX-Out: yes\r\nTo: peer@sink.test\r\n" in got.data, got.data
        box.wait_log(r"smtp\[\d+\]: \w+: replace: header Subject: seven; "
                     r"rule: REPLACE Subject: 7")
        assert got.data.endswith(b"\r\n\r\nbody\r\n"), got.data
        box.wait_log(r"to=<inside@sink\.test>, .*status=sent")
        box.wait_empty()


PARTS = (
    "From: inside@bench.test\nTo: peer@sink.test\nMIME-Version: 1.0\n"
    "Content-Type: multipart/mixed;\n boundary=cut\n\nsecret before\n"
    "--cut\nContent-Type: text/plain;\n name=secret.txt\n"
    "X-Secret: part\n\n%s.dot\nkeep\nsecret word\nlast secret\n"
    "--cut\nContent-Type: message/rfc822\n\n"
    "Subject: seven\nX-Secret: nested\n folded\n\nsecret inside\n"
    "--cut--\nsecret end")


def test_body_checks_as_mail_leaves(box):
    """Lines and headers behind the first, over the seams of what is read."""
    filler = "".join("line %06d %s\n" % (i, "x" * 60) for i in range(1000))
    filler += "secret" + "y" * 70000 + "\n" + "z" * 700000 + "\n"
    with Sink(port=box.port("sink"),
              extensions=("8BITMIME",)) as sink:
        box.send("inside@bench.test", ["peer@sink.test"], PARTS % filler)
        wait(lambda: sink.letters, "a letter")
        got = sink.letters[0].data.replace(b"\r\n", b"\n")
    body = got.split(b"\n\n", 1)[1]
    lines = body.split(b"\n")
    assert b"secret" not in body.replace(b"secret.txt", b""), body[-600:]
    assert lines[0] == b"no more before", lines[0]
    assert b"\nX-Seen: part\nContent-Type: text/plain;\n name=secret.txt\n\n" \
        in body, body[:300]
    assert b"\n.dot\nkeep\nno more word\nlast\n--cut\n" in body, body[-600:]
    assert b"\n\nSubject: seven\n\nno more inside\n--cut--\nno more end\n" \
        in body, body[-300:]
    long = [line for line in lines if b"yyyy" in line]
    assert not long, "the long line is there"
    assert body.count(b"line 000") == 1000 and body.count(b"z") == 700000
    box.wait_log(r"smtp\[\d+\]: \w+: replace: body secret before; rule: "
                 r"REPLACE no more before")
    box.wait_log(r"smtp\[\d+\]: \w+: prepend: header Content-Type: text")
    box.wait_empty()


def test_srs(box):
    """A stranger's mail goes on with a sender of ours, and reports go back."""
    with Sink(port=box.port("sink")) as sink:
        box.send("far@sink.test", ["fwd@bench.test"], TEXT % ("x@y.z", "on"))
        wait(lambda: sink.letters, "the forwarded letter")
        sender = sink.letters[0].sender.split(b">")[0].lstrip(b"<").decode()
        assert re.fullmatch(r"SRS0=\w{6}=\w\w=sink\.test=far@srs\.test",
                            sender), sender
        box.send("", [sender.lower()], "Subject: report\n\nfailed\n")
        wait(lambda: len(sink.letters) > 1, "the report")
        assert sink.letters[1].recipients[0].startswith(b"<far@sink.test>")
        assert sink.letters[1].sender.startswith(b"<>")
        with box.smtp() as c:
            c.mail("")
            assert c.rcpt(sender.replace("far", "near"))[0] == 550
        box.send("far@sink.test", ["peer@sink.test"], TEXT % ("x@y.z", "not"))
        wait(lambda: len(sink.letters) > 2, "mail that is not forwarded")
        assert sink.letters[2].sender.startswith(b"<far@sink.test>")
        box.send("fb00@bench.test", ["fwd@bench.test"],
                 TEXT % ("x@y.z", "ours"))
        wait(lambda: len(sink.letters) > 3, "our own forwarded mail")
        assert sink.letters[3].sender.startswith(b"<fb00@bench.test>")
        box.wait_empty()
    assert os.stat(SECRET).st_mode & 0o777 == 0o600
    assert not os.path.exists(box.path("lib", "srs.secret"))


def test_table_down(box):
    """A table that fails is never an answer."""
    path = box.path("etc", "main.cf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "a", encoding="utf-8") as f:
        f.write("sender_bcc_maps = fail:down\n")
    box.reload()

    def refused():
        with box.smtp() as c:
            c.mail("a@client.test")
            c.rcpt("fb00@bench.test")
            return c.data("Subject: x\r\n\r\nx\r\n")[0] == 451

    wait(refused, "451 while a table is down")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    box.reload()
    wait(lambda: not refused(), "another answer")


if __name__ == "__main__":
    main("--users", "3", *[
        word for setting in (
            "inet_interfaces = 127.0.0.1",
            "sender_canonical_maps = inline:{sam=sam.one@far.test}",
            "canonical_maps = inline:{joe@bench.test=joe.doe}",
            "virtual_alias_maps = inline:{joe.doe@bench.test=fb00,"
            "fwd@bench.test=peer@sink.test}",
            "srs_domain = srs.test", "srs_secret_file = " + SECRET,
            "local_recipient_maps =",
            "masquerade_domains = bench.test",
            "masquerade_exceptions = root",
            "sender_bcc_maps = inline:{watched@far.test=fb02+sender}",
            "smtp_header_checks = pcre:{{/^X-Inside:/ IGNORE},"
            "{/^Subject: seven/ REPLACE Subject: 7},"
            "{/^To: peer/ PREPEND X-Out: yes}}",
            "smtp_body_checks = pcre:{{/^secret(yyy)/ IGNORE},"
            "{/^secret (.*)/ REPLACE no more $$1},"
            "{/^last secret/ REPLACE last}}",
            "smtp_mime_header_checks = pcre:{{/^X-Secret/ IGNORE},"
            "{/^Content-Type:.*name=secret/ PREPEND X-Seen: part}}",
            "smtp_nested_header_checks = pcre:{{/^X-Secret:.* folded/ STRIP}}",
            "body_checks_size_limit = 2000000",
            "smtp_generic_maps = inline:{inside@bench.test=in.side@isp.test,"
            "inside@sink.test=else@sink.test}",
            "recipient_bcc_maps = inline:{fb01@bench.test=fb02+rcpt}",
            "relocated_maps = inline:{{gone@bench.test=new@far.test}}",
        ) for word in ("--set", setting)])
