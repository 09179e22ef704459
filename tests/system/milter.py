#!/usr/bin/env python3
"""smtpd_milters and non_smtpd_milters against a milter of the test's own."""

import os
import re
import smtplib
import tempfile

from lib import main, wait
from milter_peer import MUTE, Milter, string

def by_sender(stage):
    """The answer of that stage that the sender asks for: "reject-M"."""
    words = {"reject": [("r", b"")], "tempfail": [("t", b"")],
             "discard": [("d", b"")], "accept": [("a", b"")],
             "shutdown": [("4", b"")], "skip": [("s", b"")],
             "hangup": "hang up", "nonsense": [("z", b"?")],
             "code": [("y", string("553 5.7.9 because\r\n553 5.7.9 of %%"))],
             "soft": [("y", string("452 4.2.2 later"))]}

    def answer(text):
        word, _, where = text.split("@")[0].partition("-")
        return words.get(word) if where == stage else None
    return answer


TOP = os.environ.get("TEST_DIR")
if TOP:
    os.makedirs(TOP, exist_ok=True)
FOLDER = tempfile.mkdtemp(dir=TOP)
os.chmod(FOLDER, 0o755)
FIRST = Milter(("127.0.0.1", 0), answers={
    "C": lambda d: [("r", b"")] if b"127.0.0.66" in d else None,
    "H": lambda d: [("y", string("550 5.7.1 bad helo"))]
    if b"bad" in d else None,
    "M": by_sender("M"), "T": by_sender("T"), "E": by_sender("E"),
    "R": lambda r: [("y", string("551 5.1.1 not here"))]
    if r.startswith("refused") else None,
    "U": lambda t: [("r", b"")] if "EVIL" in t else None,
    "macros": (3, "{rcpt_addr} {rcpt_host} {rcpt_mailer} j {mine} {none}")})
SECOND = Milter(os.path.join(FOLDER, "second"), protocol=0x100000 | MUTE,
                acts=False)
LOCAL = Milter(("127.0.0.1", 0), protocol=0, answers={
    "E": lambda s: [("h", string("X-Local", "yes")), ("c", b"")]
    if s.startswith("fb00") else [("h", string("X-Report", "seen")),
                                  ("c", b"")] if not s else [("r", b"")]})
TEXT = ("From: <a@bench.test>\nSubject: one\nX-Twice: 1\nX-Twice: 2\n"
        "X-Gone: x\nTo: b@bench.test\n\nfirst\n\n.dot\nlast\n")


def newest(box, user, word):
    word = word.encode()
    return wait(lambda: [m for m in box.messages(user) if word in m],
                "a message with " + word.decode())[-1]


def send(box, sender, text=TEXT, to=("fb00@bench.test",), **options):
    FIRST.forget()
    SECOND.forget()
    return box.send(sender + "@milter.test", list(to), text, **options)


def refused(box, sender, **options):
    try:
        send(box, sender, **options)
    except smtplib.SMTPRecipientsRefused as e:
        return list(e.recipients.values())[0]
    except smtplib.SMTPSenderRefused as e:
        return e.smtp_code, e.smtp_error
    except smtplib.SMTPResponseException as e:
        return e.smtp_code, e.smtp_error
    raise AssertionError("was taken")


def test_told_of_everything(box):
    send(box, "plain")
    newest(box, "fb00", "Subject: one")
    assert re.match(r"\S+ 4..127\.0\.0\.1 $", FIRST.events("C")[0]), FIRST.heard
    order = "".join(e for e, _ in FIRST.heard)
    assert order.startswith("CHMRTLE"), order
    assert FIRST.events("H") == ["client.test"]
    assert FIRST.events("M")[0].startswith("<plain@milter.test> SIZE="), \
        FIRST.events("M")
    assert FIRST.events("R") == ["<fb00@bench.test>"]
    headers = eval(FIRST.events("L")[0])  # pylint: disable=eval-used
    assert headers[:2] == [("From", " <a@bench.test>"),
                           ("Subject", " one")], headers
    assert not [n for n, _ in headers if n == "Received"], headers
    for m in FIRST, SECOND:
        assert m.bodies == [b"first\r\n\r\n.dot\r\nlast\r\n"], m.bodies
    # both are told, the second does not answer until the end
    assert "".join(e for e, _ in SECOND.heard).startswith("CHMRTLE")


HOST = []  # this machine's name


def test_macros(box):
    send(box, "plain")
    m = FIRST.macros
    host = m["C"]["j"]
    assert "." in host and m["C"]["{daemon_name}"] == host, m
    assert m["C"]["_"] == "localhost [127.0.0.1]", m
    HOST.append(host)
    assert m["M"]["{mail_addr}"] == "plain@milter.test", m
    assert (m["M"]["{mail_mailer}"], m["M"]["{mail_host}"]) == (
        "smtp", "milter.test"), m
    assert m["R"] == {"{rcpt_addr}": "fb00@bench.test", "j": host,
                      "{rcpt_host}": host, "{rcpt_mailer}": "local",
                      "{mine}": "my own"}, m
    assert re.match("[A-Za-z0-9]+$", m["E"]["i"]), m
    FIRST.forget()
    box.send("plain@milter.test", ["fb00@bench.test"], TEXT, user="fb00",
             service="submission", starttls=True)
    m = FIRST.macros
    assert m["H"]["{tls_version}"].startswith("TLSv1"), m
    assert int(m["H"]["{cipher_bits}"]) >= 128, m
    assert m["M"]["{auth_authen}"] == "fb00", m
    assert m["M"]["{auth_type}"] in ("PLAIN", "LOGIN", "SCRAM-SHA-256"), m


def test_headers_change(box):
    send(box, "headers")
    message = newest(box, "fb00", "X-First")
    head = message.split(b"\n\n")[0].decode()
    own = head[head.index("X-First"):]
    own = re.sub("(Message-ID|Date): .*\n", "", own)
    assert own == ("X-First: first\nFrom: <a@bench.test>\nX-Third: third\n"
                   "Subject: changed\nX-Twice: 1\nX-Twice: second\n"
                   "To: b@bench.test\nX-Added: at the end\n\tin two lines\n"
                   "X-New: new\nX-Evil: a\n\tBcc: all@bench.test"), own
    assert head.index("Received:") < head.index("X-First"), head
    seen = eval(SECOND.events("L")[0])  # pylint: disable=eval-used
    assert seen[0] == ("X-First", " first"), seen


def test_body_changes(box):
    send(box, "body")
    message = newest(box, "fb00", "another body")
    assert message.endswith(b"\n\nanother body\nof two lines\n"), message
    assert SECOND.bodies == [b"another body\r\nof two lines\r\n"]
    send(box, "longer")
    message = newest(box, "fb00", "01234567890123")
    assert message.endswith(b"0123456789\n") and \
        len(message.split(b"\n\n", 1)[1]) == 100 * 10001, len(message)
    assert len(SECOND.bodies[0]) == 100 * 10002


def test_large_body(box):
    send(box, "plain", "Subject: large\n\n" + "0123456789abcde\n" * 50000)
    assert FIRST.bodies[0] == SECOND.bodies[0] == \
        b"0123456789abcde\r\n" * 50000
    newest(box, "fb00", "Subject: large")


def test_people_change(box):
    send(box, "people", TEXT.replace("one", "people"))
    for user in "fb01", "fb02":
        assert b"Return-Path: <other@bench.test>" in newest(
            box, user, "Subject: people")
    assert not [m for m in box.messages("fb00") if b"people" in m]
    send(box, "nobody", TEXT.replace("one", "for nobody"))
    box.wait_empty()


def test_quarantine(box):
    send(box, "hold", TEXT.replace("one", "held"))
    held = box.wait_held()
    box.wait_log(r"cleanup\[\d+\]: [0-9A-F]+: milter-hold: "
                 r"END-OF-MESSAGE from \S+: milter triggers HOLD action: "
                 r"it smells; from=<hold@milter.test> to=<fb00@bench.test> ")
    box.inside("postsuper", "-d", held[0]["queue_id"])


def test_refusals(box):
    for stage, where in ("M", "MAIL"), ("T", "DATA"), (
            "E", "END-OF-MESSAGE"):
        assert refused(box, "reject-" + stage) == (
            550, b"5.7.1 Command rejected"), stage
        assert refused(box, "tempfail-" + stage)[0] == 451
        assert refused(box, "code-" + stage) == (
            553, b"5.7.9 because\n5.7.9 of %"), stage
        assert refused(box, "soft-" + stage) == (452, b"4.2.2 later")
        box.wait_log(r"milter-reject: %s from .*\]: %s5\.7\.9 because of %%;"
                     r" from=<code-%s@milter.test> " % (
                         where, "553 " if stage != "E" else "", stage))
    assert refused(box, "x", to=["refused@bench.test"])[0] in (550, 551)
    got = send(box, "x", to=["refused.user@milter.test", "fb00@bench.test"],
               user="fb00", service="submission", starttls=True)
    assert list(got.values())[0][0] == 551, got
    box.wait_empty()


def test_connect_and_helo(box):
    try:
        box.smtp(source="127.0.0.66").quit()
        raise AssertionError("was greeted")
    except smtplib.SMTPConnectError as e:
        assert e.smtp_code == 550, e
    with box.smtp() as c:
        code, text = c.ehlo("bad.test")
        assert code == 550 and b"bad helo" in text, text
        c.esmtp_features = {}
        assert c.docmd("MAIL", "FROM:<a@milter.test>")[0] == 550


def test_discard(box):
    for stage in "M", "T", "E":
        send(box, "discard-" + stage, TEXT.replace("one", "dropped"))
    box.wait_empty()
    assert not [m for m in box.messages("fb00") if b"dropped" in m]


def test_accept_ends_it(box):
    send(box, "accept-M")
    assert "E" not in [e for e, _ in FIRST.heard], FIRST.heard
    assert "E" in [e for e, _ in SECOND.heard]


def test_shutdown(box):
    assert refused(box, "shutdown-E")[0] == 421


def test_trouble_is_temporary(box):
    """A milter that goes away, or talks nonsense: the default action."""
    for word in "hangup-M", "hangup-E", "nonsense-T", "nonsense-E", "half", \
            "skip-M":
        assert refused(box, word)[0] == 451, word
    box.wait_empty()
    box.wait_log(r"warning: milter inet:.*: it closed the connection")


def test_rset_and_unknown(box):
    wait(lambda: not FIRST.open, "the end of those before")
    FIRST.forget()
    with box.smtp() as c:
        assert c.docmd("MAIL", "FROM:<a@milter.test>")[0] == 250
        assert c.docmd("RSET")[0] == 250
        assert c.docmd("FOO", "bar")[0] in (500, 502)
        assert c.docmd("EVIL", "x")[0] == 550
        assert c.docmd("MAIL", "FROM:<b@milter.test>")[0] == 250
    wait(lambda: FIRST.events("Q"), "the milter's leave")
    assert "".join(e for e, _ in FIRST.heard).endswith("MAUUMAQ"), \
        FIRST.heard
    assert FIRST.events("U") == ["FOO bar", "EVIL x"]


def test_local_mail(box):
    LOCAL.forget()
    box.inside("sendmail", "-i", "fb03@bench.test", user="fb00",
               stdin="Subject: local\n\nwords\n")
    message = newest(box, "fb03", "Subject: local")
    assert b"\nX-Local: yes\n" in message, message
    order = "".join(e for e, _ in LOCAL.heard)
    assert order.startswith("CHMRTLE"), order
    assert LOCAL.events("C")[0].startswith("localhost "), LOCAL.heard
    assert LOCAL.macros["E"]["i"], LOCAL.macros
    status, text = box.inside("sendmail", "-i", "fb04@bench.test",
                              user="fb01", stdin="Subject: no\n\n",
                              check=False)
    assert status != 0 and "Command rejected" in text, text
    box.wait_empty()


def test_macros_of_the_route(box):
    """Where it goes, not what stands behind the @; an alias is local."""
    for address, want in (
            ("who@far.test", ("relay", "[127.0.0.1]:1")),
            ("alias@bench.test", ("local", HOST[0]))):
        FIRST.forget()
        try:
            box.send("reject-T@milter.test", [address], TEXT)
        except smtplib.SMTPDataError:
            pass
        m = FIRST.macros["R"]
        assert (m.get("{rcpt_mailer}"), m["{rcpt_host}"]) == want, m


def test_reports(box):
    """internal_mail_filter_classes: a report is seen, and may be refused."""
    LOCAL.forget()
    box.inside("sendmail", "-i", "-f", "fb00@bench.test", "nosuch@bench.test",
               user="fb00", stdin="Subject: lost\n\nwords\n")
    report = newest(box, "fb00", "Undelivered Mail")
    assert b"\nX-Report: seen\n" in report, report
    assert LOCAL.events("M") == ["<fb00@bench.test>", "<>"], LOCAL.heard
    assert LOCAL.events("R")[1] == "<fb00@bench.test>", LOCAL.heard
    LOCAL.answers["M"] = lambda s: None if s else [("r", b"")]
    box.inside("sendmail", "-i", "-f", "fb00@bench.test", "nosuch@bench.test",
               user="fb00", stdin="Subject: lost again\n\nwords\n")
    box.wait_log(r"cleanup\[\d+\]: [0-9A-F]+: milter-reject: MAIL from "
                 r"localhost\[127\.0\.0\.1\]: 5\.7\.1 Command rejected; "
                 "from=<> to=<fb00@bench.test>")
    box.wait_log("bounce.*, a notification about it, is refused by milters")
    box.wait_empty()


def test_absent_milter(box):
    """Nobody listens: mail is taken where accept is the default."""
    LOCAL.stop()
    box.inside("sendmail", "-i", "fb05@bench.test", user="fb00",
               stdin="Subject: alone\n\nwords\n")
    newest(box, "fb05", "Subject: alone")


if __name__ == "__main__":
    main("--users", "6",
         "--set", "smtpd_milters = %s, { %s, default_action=accept }" % (
             FIRST.text, SECOND.text),
         "--set", "non_smtpd_milters = { %s, default_action=accept, "
         "connect_timeout=5s }" % LOCAL.text,
         "--set", "internal_mail_filter_classes = bounce",
         "--set", "relay_domains = far.test",
         "--set", "transport_maps = inline:{far.test=relay:[127.0.0.1]:1}",
         "--set", "virtual_alias_maps = inline:{alias@bench.test=fb00}",
         "--set", "milter_macro_defaults = {{mine}=my own}")
