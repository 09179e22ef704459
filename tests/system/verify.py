#!/usr/bin/env python3
"""Probes of addresses: reject_unverified_recipient and _sender, their cache."""

import os
import re

from lib import main, wait
from packets import Agent, reload
from peers import Sink


def rcpt(box, address, sender="a@client.test"):
    """What MAIL and RCPT are answered."""
    with box.smtp() as c:
        c.mail(sender)
        code, text = c.rcpt(address)
        return "%d %s" % (code, text.decode())


def settings(box, *more):
    reload(box, "-e", "smtpd_recipient_restrictions=permit_auth_destination, "
           "reject_unverified_recipient", *more)


def test_local_and_far(box):
    box.inside("postconf", "-e", "smtpd_reject_unlisted_recipient=no")
    reload(box, "-e", "smtpd_recipient_restrictions="
           "reject_unverified_recipient")
    before = len(box.messages("fb00"))
    assert rcpt(box, "fb00@bench.test").startswith("250 ")
    got = rcpt(box, "nobody.here@bench.test")
    assert got.startswith("450 4.1.1 <nobody.here@bench.test>: Recipient "
                          "address rejected: unverified address: "), got
    with Sink(port=box.t["sink_port"]) as sink:
        assert rcpt(box, "u@sink.test").startswith("250 ")
        assert b"RCPT TO:<u@sink.test>" in sink.lines
        assert b"MAIL FROM:<double-bounce@bench.test>" in [
            line.split(b" SIZE")[0] for line in sink.lines], sink.lines
        sink.replies[b"RCPT"] = b"550 5.1.1 not here"
        got = rcpt(box, "v@sink.test")
        assert "unverified address: host" in got and "not here" in got, got
        # both are remembered: no server is asked again, however written
        count = len(sink.lines)
        assert rcpt(box, "u@SINK.test").startswith("250 ")
        assert "not here" in rcpt(box, "v@sink.test")
        assert not [x for x in sink.lines[count:] if x.startswith(b"RCPT")]
        assert not sink.letters
    box.wait_log(r"to=<u@sink\.test>.*status=deliverable ")
    box.wait_log(r"to=<v@sink\.test>.*status=undeliverable ")
    box.wait_empty()
    assert len(box.messages("fb00")) == before


def test_codes_and_words(box):
    settings(box, "unverified_recipient_reject_code=550",
             "unverified_recipient_reject_reason=no such box there",
             "unverified_recipient_defer_code=451",
             "unverified_recipient_tempfail_action=defer")
    with Sink(port=box.t["sink_port"]) as sink:
        sink.replies[b"RCPT"] = b"550 5.1.1 not here"
        got = rcpt(box, "w@sink.test")
        assert got == ("550 5.1.1 <w@sink.test>: Recipient address rejected: "
                       "unverified address: no such box there"), got
        sink.replies[b"RCPT"] = b"450 4.2.0 later"
        got = rcpt(box, "x@sink.test")
        assert got.startswith("451 4.1.1 <x@sink.test>") and \
            "450 4.2.0 later" in got, got
    reload(box, "-X", "unverified_recipient_reject_code",
           "unverified_recipient_reject_reason",
           "unverified_recipient_defer_code",
           "unverified_recipient_tempfail_action")


def test_sender(box):
    reload(box, "-e", "smtpd_recipient_restrictions=reject_unverified_sender")
    assert rcpt(box, "fb00@bench.test", sender="").startswith("250 ")
    with Sink(port=box.t["sink_port"]) as sink:
        sink.replies[b"RCPT"] = b"550 5.1.1 not here"
        got = rcpt(box, "fb00@bench.test", sender="s@sink.test")
        assert got.startswith("450 4.1.1 <s@sink.test>: Sender address "
                              "rejected: unverified address"), got


def test_sender_codes_and_words(box):
    reload(box, "-e", "smtpd_recipient_restrictions=reject_unverified_sender",
           "unverified_sender_reject_code=550",
           "unverified_sender_reject_reason=nobody writes from there",
           "unverified_sender_defer_code=451",
           "unverified_sender_tempfail_action=defer")
    with Sink(port=box.t["sink_port"]) as sink:
        sink.replies[b"RCPT"] = b"550 5.1.1 not here"
        got = rcpt(box, "fb00@bench.test", sender="code1@sink.test")
        assert got == ("550 5.1.1 <code1@sink.test>: Sender address rejected: "
                       "unverified address: nobody writes from there"), got
        sink.replies[b"RCPT"] = b"450 4.2.0 later"
        got = rcpt(box, "fb00@bench.test", sender="code2@sink.test")
        assert got.startswith("451 4.1.7 <code2@sink.test>") and \
            "450 4.2.0 later" in got, got
        reload(box, "-e", "unverified_sender_tempfail_action=permit")
        assert rcpt(box, "fb00@bench.test",
                    sender="code3@sink.test").startswith("250 ")
    reload(box, "-X", "unverified_sender_reject_code",
           "unverified_sender_reject_reason", "unverified_sender_defer_code",
           "unverified_sender_tempfail_action")


def test_slow_probe(box):
    """Who waits is told to come back; what comes later is for the next."""
    settings(box, "address_verify_poll_count=1", "address_verify_poll_delay=1s")
    with Agent(box, "smtp") as smtp:
        got = rcpt(box, "slow@sink.test")
        assert got.startswith("450 ") and "in progress" in got, got
        job = smtp.next()
        assert job.addresses == ["slow@sink.test"], job.addresses
        assert int(job.head["flags"]) & 128
        # it is not asked twice
        assert "in progress" in rcpt(box, "slow@sink.test")
        assert smtp.next(0.2) is None
        job.done()
        box.wait_empty()
        assert rcpt(box, "slow@sink.test").startswith("250 ")
    reload(box, "-X", "address_verify_poll_count", "address_verify_poll_delay")


def test_times(box):
    """What is old is probed anew, and counts until the answer comes; what has
    expired is not known any more; a failure may be kept or not."""
    settings(box, "address_verify_positive_refresh_time=0s",
             "address_verify_negative_cache=no")
    with Agent(box, "smtp") as smtp:
        assert rcpt(box, "slow@sink.test").startswith("250 ")

        def probed():
            assert rcpt(box, "slow@sink.test").startswith("250 ")
            return smtp.next(0.2)

        wait(probed, "another probe").answer([("BOUNCE", "5.1.1", "gone")])
        box.wait_empty()
        # one failure does not undo what was known
        assert rcpt(box, "slow@sink.test").startswith("250 ")
        while smtp.next(0.2):
            pass
    box.inside("postsuper", "-d", "ALL")
    reload(box, "-X", "address_verify_positive_refresh_time")
    with Sink(port=box.t["sink_port"]) as sink:
        sink.replies[b"RCPT"] = b"550 5.1.1 not here"
        for _ in range(2):
            assert "not here" in rcpt(box, "unkept@sink.test")
        asked = [x for x in sink.lines if x == b"RCPT TO:<unkept@sink.test>"]
        assert len(asked) == 2, sink.lines
    reload(box, "-X", "address_verify_negative_cache")


def test_expiry(box):
    """What has expired is asked for again, and a failure that is old."""
    cases = (  # the answer of the server, how long that counts, asked again
        (b"250 2.1.5 ok", "address_verify_positive_expire_time=0s", 2),
        (b"250 2.1.5 ok", "address_verify_positive_expire_time=1h", 1),
        (b"550 5.1.1 no", "address_verify_negative_expire_time=0s", 2),
        (b"550 5.1.1 no", "address_verify_negative_refresh_time=0s", 2),
        (b"550 5.1.1 no", "address_verify_negative_refresh_time=1h", 1))
    for i, (answer, setting, times) in enumerate(cases):
        settings(box, setting)
        address = b"expiry%d@sink.test" % i
        says = "250 " if answer.startswith(b"2") else "450 "
        with Sink(port=box.t["sink_port"]) as sink:
            sink.replies[b"RCPT"] = answer

            def probes():
                # pylint: disable=cell-var-from-loop
                assert rcpt(box, address.decode()).startswith(says)
                return sum(b"RCPT TO:<%s>" % address in x
                           for x in sink.lines)
            probes()
            wait(lambda: probes() >= times,  # pylint: disable=W0640
                 lambda: setting)
            assert times > 1 or probes() == 1, (setting, sink.lines)
            box.wait_empty()
        reload(box, "-X", setting.split("=")[0])


def test_another_way(box):
    """Probes may go elsewhere than mail, in the name of who changes."""
    with Sink() as other:
        settings(box, "address_verify_transport_maps=inline:"
                 "{sink.test=smtp:[127.0.0.1]:%d}" % other.port,
                 "address_verify_sender_ttl=1000s",
                 "address_verify_cache_cleanup_interval=1s")
        assert rcpt(box, "way@sink.test").startswith("250 ")
        sender = re.search(rb"MAIL FROM:<(double-bounce[0-9b-z]+@bench\.test)>",
                           b"\n".join(other.lines))
        assert sender, other.lines
    # mail to it is taken, and thrown away
    box.send("a@client.test", [sender[1].decode()], b"Subject: x\r\n\r\nx\r\n")
    box.wait_log(r"to=<%s>, relay=none, .*status=sent "
                 % re.escape(sender[1].decode()))
    reload(box, "-X", "address_verify_transport_maps",
           "address_verify_sender_ttl", "address_verify_cache_cleanup_interval")


def test_limits_and_trouble(box):
    settings(box, "address_verify_pending_request_limit=1",
             "address_verify_poll_count=0", "address_verify_sender=<>")
    with Agent(box, "smtp") as smtp:
        assert "in progress" in rcpt(box, "first@sink.test")
        job = smtp.next()
        assert job.head["sender"] == "", job.head
        assert "too many" in rcpt(box, "second@sink.test")
        job.done()
        box.wait_empty()
    reload(box, "-X", "address_verify_pending_request_limit",
           "address_verify_poll_count", "address_verify_sender")


def test_cache_outlives_the_process(box):
    path = box.inside("postconf", "-xh", "address_verify_map").strip()
    assert path.startswith("btree:") and path.endswith("/verify/cache")
    with Agent(box, "smtp") as smtp:
        assert rcpt(box, "slow@sink.test").startswith("250 ")
        assert smtp.next(0.2) is None
    name = path[len("btree:"):] + ".db"
    st = os.stat(name)
    assert st.st_mode & 0o777 == 0o600, oct(st.st_mode)
    # a damaged one is begun anew
    box.stop()
    with open(name, "r+b") as f:
        f.write(os.urandom(4096))
    box.start()
    with Sink(port=box.t["sink_port"]):
        assert rcpt(box, "slow@sink.test").startswith("250 ")
    assert not re.search("(fatal|panic): ", box.log()), box.log()


main("--users", "2", "--set", "notify_classes =")
