#!/usr/bin/env python3
"""Parameters of the queue manager, each by what changes with it."""

import os
import re
import socket

from lib import main, wait
from packets import Agent, as_smtpd, reload

TEXT = b"From: a@client.test\nSubject: %s\n\nhello\n"
LATER = ("DEFER", "4.2.0", "busy")


def put(box, *to, **more):
    with as_smtpd(box) as link:
        return link.put(TEXT % b"params", list(to), **more)


def one(box, qid):
    return next((m for m in box.queue() if m["queue_id"] == qid), None)


def wait_reason(box, qid, says):
    wait(lambda: one(box, qid) and any(
        says in r.get("delay_reason", "") for r in one(box, qid)["recipients"]),
        "the reason " + says)


def test_defer_transports(box):
    """They wait for a flush; others do not."""
    reload(box, "-e", "defer_transports=smtp lmtp")
    with Agent(box, "smtp") as smtp:
        qid = put(box, "u@sink.test")
        wait_reason(box, qid, "deferred transport")
        before = len(box.messages("fb00"))
        put(box, "fb00@bench.test")
        box.wait_messages("fb00", before + 1)
        assert smtp.next(0.2) is None
        box.inside("postqueue", "-f")
        smtp.next().answer([LATER])
        wait_reason(box, qid, "busy")
        box.inside("postqueue", "-i", qid)
        smtp.next().done()
    box.wait_empty()
    reload(box, "-X", "defer_transports")


def test_broken_transport(box):
    """An agent that ends before it answers, again and again, is left alone for
    transport_retry_time; what comes waits, and is not deferred."""
    reload(box, "-e", "transport_retry_time=1s")
    with Agent(box, "smtp") as smtp:
        lost = []
        for i in range(3):
            lost.append(put(box, "u%d@sink%d.test" % (i, i)))
            smtp.next().connection.shutdown(socket.SHUT_RDWR)
            wait_reason(box, lost[-1], "mail transport failed")
        box.wait_log(r"transport smtp: the agent ended 3 times before it "
                     r"answered; next try in 1 seconds")
        qid = put(box, "late@sink.test")
        assert smtp.next(0.3) is None
        assert one(box, qid)["queue_name"] == "active", box.queue()
        smtp.next().done()
        wait(lambda: not one(box, qid), "the delivery after the rest")
    box.inside("postsuper", "-d", "ALL")
    reload(box, "-X", "transport_retry_time")


def test_transport_rate_delay(box):
    reload(box, "-e", "smtp_transport_rate_delay=1s")
    with Agent(box, "smtp") as smtp:
        put(box, "a@one.test", "b@two.test")
        first = smtp.next()
        assert smtp.next(0.3) is None  # another site, and yet not now
        smtp.next().done()
        first.done()
    box.wait_empty()
    reload(box, "-X", "smtp_transport_rate_delay")


def test_recipient_limit_in_memory(box):
    """Another message is begun only when the recipients at work are few."""
    reload(box, "-e", "qmgr_message_recipient_limit=3")
    with Agent(box, "smtp") as smtp:
        big = put(box, *["u%d@sink.test" % i for i in range(5)])
        job = smtp.next()
        put(box, "other@other.test")
        assert smtp.next(0.3) is None
        job.done()
        wait(lambda: not one(box, big), "the end of the big one")
        smtp.next().done()
    box.wait_empty()
    reload(box, "-X", "qmgr_message_recipient_limit")


def test_soft_bounce(box):
    """Nothing is final: neither what an agent says nor what lookup does."""
    reload(box, "-e", "soft_bounce=yes")
    qids = [put(box, "nobody.here@bench.test"),
            put(box, "u@error.test")]
    for qid in qids:
        wait(lambda q=qid: one(box, q) and
             one(box, q)["queue_name"] == "deferred", "deferral")
        box.wait_log(qid + r": .*dsn=4\.\d\.\d, status=deferred")
    box.inside("postsuper", "-d", "ALL")
    reload(box, "-X", "soft_bounce")


def test_long_queue_ids(box):
    reload(box, "-e", "enable_long_queue_ids=yes")
    with Agent(box, "smtp") as smtp:
        qids = []
        for _ in range(2):
            qids.append(put(box, "u@sink.test"))
            smtp.next().answer([LATER])
            wait_reason(box, qids[-1], "busy")
        for qid in qids:
            assert re.fullmatch(r"[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10}z0",
                                qid), qid
        assert qids == sorted(qids)
        assert qids[0] in box.inside("mailq")
        assert "hello" in box.inside("postcat", "-q", qids[0])
        # they are read again, and by a qmgr that makes others
        reload(box, "-X", "enable_long_queue_ids")
        assert one(box, qids[0]) and one(box, qids[1])
        box.inside("postsuper", "-d", qids[0])
        box.inside("postqueue", "-i", qids[1])
        smtp.next().done()
    box.wait_empty()


def test_expire(box):
    """postsuper -e and -f: given up at the next chance, after a restart too."""
    before = len(box.messages("fb00"))
    with Agent(box, "smtp") as smtp:
        held = put(box, "held@sink.test", sender="fb00@bench.test")
        smtp.next().answer([LATER])
        wait_reason(box, held, "busy")
        box.inside("postsuper", "-h", held)
        box.inside("postsuper", "-e", held)
        assert one(box, held)["forced_expire"] is True
        assert held + "!" in box.inside("mailq")
        reload(box)
        assert one(box, held)["forced_expire"] is True
        assert one(box, held)["queue_name"] == "hold"
        box.inside("postsuper", "-H", held)
        text = box.wait_messages("fb00", before + 1)[-1]
        assert b"held@sink.test" in text and b"busy" in text, text
        box.wait_log(held + r": from=<fb00@bench\.test>, status=force-expired, "
                     "returned to sender")
        # -f takes it out of hold; no server is asked any more
        held = put(box, "held@sink.test", sender="fb00@bench.test")
        smtp.next().answer([LATER])
        wait_reason(box, held, "busy")
        box.inside("postsuper", "-h", held)
        box.inside("postsuper", "-f", held)
        box.wait_messages("fb00", before + 2)
        assert smtp.next(0.2) is None
        # what was never tried says so
        reload(box, "-e", "defer_transports=smtp")
        qid = put(box, "never@sink.test", sender="fb00@bench.test")
        wait_reason(box, qid, "deferred transport")
        box.inside("postsuper", "-e", qid)
        box.wait_messages("fb00", before + 3)
        reload(box, "-X", "defer_transports")
    box.wait_empty()


def test_tried_once(box):
    """maximal_queue_lifetime = 0: returned after the first try."""
    reload(box, "-e", "maximal_queue_lifetime=0")
    with Agent(box, "smtp") as smtp:
        before = len(box.messages("fb00"))
        qid = put(box, "u@sink.test", sender="fb00@bench.test")
        smtp.next().answer([LATER])
        box.wait_log(qid + r": from=<fb00@bench\.test>, status=expired, "
                     r"returned to sender")
        box.wait_messages("fb00", before + 1)
        assert smtp.next(0.2) is None
    box.wait_empty()
    reload(box, "-X", "maximal_queue_lifetime")


def test_requeue(box):
    """postsuper -r: routed anew and tried at once."""
    with Agent(box, "smtp") as smtp:
        qid = put(box, "u@sink.test")
        smtp.next().answer([LATER])
        wait_reason(box, qid, "busy")
        out = box.inside("postsuper", "-r", qid)
        assert "Requeued: 1 message" in out, out
        smtp.next().done()
    box.wait_empty()


def test_postcat_offsets_and_raw(box):
    with Agent(box, "smtp") as smtp:
        qid = put(box, "u@sink.test")
        smtp.next().answer([LATER])
        wait_reason(box, qid, "busy")
        text = box.inside("postcat", "-oq", qid)
        place = re.search(r"^ *(\d+) recipient: u@sink\.test$", text, re.M)
        with open(box.path("spool", "deferred", qid), "rb") as f:
            f.seek(int(place.group(1)))
            assert f.read(1) == b"q"
        assert re.search(r"^ *0 message_content$", text, re.M), text
        raw = box.inside("postcat", "-rbhq", qid)
        assert raw == (TEXT % b"params").decode(), raw
        box.inside("postsuper", "-d", qid)
    box.wait_empty()


def test_delivery_status_filter(box):
    """Each agent's own table, and the default for the rest."""
    path = box.path("etc", "status.pcre")
    with open(path, "w", encoding="utf-8") as f:
        f.write("""/ no$/ 5.7.99 nobody there
/^2\\.\\d\\.\\d delivered to/ 2.1.5 in its box
/^4\\.4\\.1 connect to/ 4.7.42 a silent host
/^2\\.0\\.0 not asked/ 5.0.0 what failed
/^5\\.1\\.1/ 4.1.1 try again
/^5/ 5.0.0 another reason
""")
    os.chmod(path, 0o644)
    reload(box, "-e", "default_delivery_status_filter=pcre:" + path,
           "transport_maps=inline:{error.test=error:no, "
           "closed.test=smtp:[127.0.0.1]:1}")
    bounced = put(box, "u@error.test", sender="")
    taken = put(box, "fb00@bench.test")
    waits = put(box, "u@closed.test")
    for qid, agent, says in (
            (bounced, "error", "dsn=5.7.99, status=bounced (nobody there)"),
            (taken, "local", "dsn=2.1.5, status=sent (in its box)"),
            (waits, "smtp", "dsn=4.7.42, status=deferred (a silent host)")):
        box.wait_log(r"postfix/%s\[\d+\]: %s: to=<.*%s$" % (
            agent, qid, re.escape(says)))
    wait_reason(box, waits, "a silent host")
    # of another class: the log tells, and the mail still bounces
    none = put(box, "nosuch@bench.test", sender="")
    box.wait_log(r"default_delivery_status_filter: \"4\.1\.1 try again\" "
                 r"in place of a status 5\.1\.1: not taken")
    box.wait_log(none + r": to=<nosuch@bench\.test>.*dsn=5\.1\.1.*bounced")
    box.inside("postsuper", "-d", waits)
    # a table that is not there changes nothing
    reload(box, "-e", "smtp_delivery_status_filter=hash:" + path + ".none")
    waits = put(box, "u@closed.test")
    box.wait_log(r"smtp_delivery_status_filter: table lookup error")
    box.wait_log(waits + r": to=<u@closed.*dsn=4\.4\.1, status=deferred")
    box.inside("postsuper", "-d", waits)
    reload(box, "-X", "default_delivery_status_filter",
           "smtp_delivery_status_filter")
    reload(box, "-e", "transport_maps=inline:{error.test=error:no}")


def test_delays(box):
    """How fine the figures are."""
    for limit, figures in ((6, r"\d+(\.\d+)?"), (0, r"\d+")):
        reload(box, "-e", "delay_logging_resolution_limit=%d" % limit)
        qid = put(box, "fb00@bench.test")
        line = box.wait_log(qid + r": to=.*, delay=(\S+), delays=(\S+),")
        found = [line[1]] + line[2].split("/")
        assert all(re.fullmatch(figures, f) for f in found), line[0]
        assert limit == 0 or [f for f in found if len(f) > 4], line[0]
    reload(box, "-X", "delay_logging_resolution_limit")


def test_duplicates(box):
    """One that is named twice is one; of so many; 0: of all."""
    for limit, most in ((1000, 3), (1, 5), (0, 3)):
        reload(box, "-e", "duplicate_filter_limit=%d" % limit)
        with Agent(box, "smtp") as smtp:
            put(box, *["%s%d@sink.test" % (n, i) for n in "uU"
                       for i in range(3)], sender="")
            got = []
            while len(got) < most:
                job = smtp.next()
                got += [a for a in job.addresses if "@sink." in a]
                job.done()
            box.wait_empty()
            assert len(got) == most, (limit, got)
    reload(box, "-X", "duplicate_filter_limit")


def test_clog_warning(box):
    """Told again when so long has gone by; with 0 not at all."""
    for limit, times in (("0", 0), ("1s", 2)):
        reload(box, "-e", "qmgr_message_active_limit=1",
               "qmgr_clog_warn_time=" + limit)
        before = len(box.log())

        def told():
            # pylint: disable-next=cell-var-from-loop
            return box.log()[before:].count("mail for sink.test is using up")
        with Agent(box, "smtp") as smtp:
            put(box, "u@sink.test", sender="")
            job = smtp.next()
            waiting = 0
            while waiting < 1 or told() < times:
                put(box, "u@sink.test", sender="")
                waiting += 1
                assert smtp.next(0.3) is None and waiting < 200
            assert times or not told(), box.log()[before:]
            job.done()
            for _ in range(waiting):
                smtp.next().done()
        box.wait_empty()
    reload(box, "-X", "qmgr_message_active_limit", "qmgr_clog_warn_time")


def test_double_bounce_sender(box):
    """Who sends what nobody can be told."""
    reload(box, "-e", "double_bounce_sender=lost", "notify_classes=2bounce",
           "2bounce_notice_recipient=fb00")
    before = len(box.messages("fb00"))
    put(box, "nobody.one@bench.test", sender="nobody.two@bench.test")
    text = box.wait_messages("fb00", before + 1)[-1]
    assert text.startswith(b"Return-Path: <lost@mx.bench.test>\n"), text[:200]
    # and mail to it is thrown away
    qid = put(box, "lost@mx.bench.test")
    box.wait_log(qid + ": to=<lost@mx.bench.test>, relay=none, .*status=sent")
    reload(box, "-X", "double_bounce_sender", "notify_classes",
           "2bounce_notice_recipient")


def test_transports_by_name(box):
    reload(box, "-e", "relay_domains=far.test",
           "relay_transport=error:no way there")
    qid = put(box, "u@far.test", sender="")
    box.wait_log(qid + ": to=<u@far.test>.*status=bounced .no way there")
    reload(box, "-e", "content_filter=lmtp:",
           "default_filter_nexthop=filter.test")
    with Agent(box, "lmtp") as lmtp:
        box.send("a@client.test", ["fb00@bench.test"], "Subject: x\n\nx\n")
        job = lmtp.next()
        assert job.head["nexthop"] == "filter.test", job.head
        job.done()
    box.wait_empty()
    reload(box, "-X", "relay_domains", "relay_transport", "content_filter",
           "default_filter_nexthop")


main("--users", "2", "--set", "transport_maps = inline:{error.test=error:no}")
