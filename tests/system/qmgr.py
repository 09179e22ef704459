#!/usr/bin/env python3
"""The queue manager: odd answers, lists, sites, what is kept and for whom."""

import os
import signal

from lib import main, wait
from packets import Agent, as_smtpd, Link, qmgrs, reload

TEXT = b"From: a@client.test\nSubject: %s\n\nhello\n"


def states(box):
    return {m["queue_id"]: m for m in box.queue()}


def test_question_about_an_unknown_message(box):
    text = TEXT % b"unknown"
    with as_smtpd(box) as link:
        good = link.new(text)
        link.rcpts("ABCDEF0123", ["fb00@bench.test"])
        got = link.commit("ABCDEF0123", text, ["fb00@bench.test"])
        assert got[0] == 1 and got[1] == b"4.3.0", got
        # the other message on this connection is as it was
        assert link.commit(good, text, ["fb00@bench.test"])[0] == 0
    assert b"Subject: unknown" in box.wait_messages("fb00", 1)[-1]


def test_bad_message_among_good_ones(box):
    text = TEXT % b"among"
    with as_smtpd(box) as link:
        good, long, none, twice = [link.new(text) for _ in range(4)]
        link.rcpts(long, ["x" * 2000 + "@bench.test"])
        assert link.commit(long, text, ["fb00@bench.test"])[0] == 1
        assert link.commit(none, text, [])[0] == 1
        assert link.commit(twice, text, ["y" * 2000])[0] == 1
        assert link.commit(twice, text, ["fb00@bench.test"])[0] == 1
        assert link.commit(good, text, ["fb01@bench.test"])[0] == 0
    assert b"Subject: among" in box.wait_messages("fb01", 1)[-1]
    box.wait_empty()
    assert len(box.messages("fb00")) == 1


def test_recipients_of_nobody_end_the_connection(box):
    with as_smtpd(box) as link:
        qid = link.new(TEXT % b"lost")
        link.tell("queue_rcpts", ("count", 1), ("rcpt", "fb00@bench.test"))
        try:
            got = link.commit(qid, TEXT % b"lost", ["fb00@bench.test"])
        except (AssertionError, OSError):
            got = None
        assert got is None, got


def test_odd_answers_of_an_agent(box):
    """Each costs its own delivery and no other; none loses mail."""
    text = TEXT % b"odd"
    with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
        link.put(text, ["other@sink.test"])
        other = smtp.next()
        odd = [
            lambda j: j.packet("delivery_part", ("item", "last")),
            lambda j: j.packet("delivery_part", ("item", "end")),
            lambda j: j.packet("delivery_part", ("nonsense", 0)),
            lambda j: j.packet("something", ("item", "last")),
            lambda j: j.packet("delivery_part", ("item", "fresh"),
                               ("address", "evil@bench.test"),
                               ("item", "last")),
            lambda j: j.answer([("DONE", "2.0.0", "x")] * 2),
            lambda j: j.answer([("DONE", "5.1.1", "x")]),
            lambda j: j.answer([("DONE", "2.0\n0", "x")]),
            lambda j: j.answer([("DONE", "2.0.0", "x")],
                               fresh=["evil@bench.test"]),
        ]
        kept = []
        for i, answer in enumerate(odd):
            kept.append(link.put(text, ["u%d@sink%d.test" % (i, i)]))
            job = smtp.next()
            assert job.addresses == ["u%d@sink%d.test" % (i, i)]
            answer(job)
            # a late or doubled result is nobody's
            job.done()
        wait(lambda: all(states(box).get(q, {}).get("queue_name") ==
                         "deferred" for q in kept), "all odd ones deferred")
        other.done()
        wait(lambda: len(box.queue()) == len(kept), "the end of the good one")
        box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


def test_who_goes_together(box):
    """One delivery for all of a message that go the same way and came the
    same way, which is told of in the header; a recipient that is named twice
    is one."""
    reload(box)
    with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
        link.put(TEXT % b"together", [
            "a@sink.test", "team@bench.test", "b@sink.test", "x@other.test",
            "pair@bench.test", "A@sink.test"])
        jobs = []
        while sum(len(j.addresses) for j in jobs) < 5:
            jobs.append(smtp.next())
        assert sorted(sorted(j.addresses) for j in jobs) == [
            ["a@sink.test", "b@sink.test"], ["c@sink.test"], ["d@sink.test"],
            ["x@other.test"]], [j.addresses for j in jobs]
        for j in jobs:
            j.done()
        box.wait_empty()
        # 120 go as 50, 50 and 20
        link.put(TEXT % b"many", ["u%d@sink.test" % i for i in range(120)])
        sizes = []
        for _ in range(3):
            job = smtp.next()
            sizes.append(len(job.rcpts))
            job.done()
        assert sizes == [50, 50, 20], sizes
        box.wait_empty()


def test_recipient_limits(box):
    def jobs_of(agent, link, recipients, count):
        link.put(TEXT % b"limit", recipients)
        jobs = [agent.next() for _ in range(count)]
        for j in jobs:
            j.done()
        box.wait_empty()
        return sorted(sorted(j.addresses) for j in jobs)

    reload(box, "-e", "smtp_destination_recipient_limit=1",
               "local_destination_recipient_limit=50")
    with Agent(box, "smtp") as smtp, Agent(box, "deliver") as deliver, \
            as_smtpd(box) as link:
        got = jobs_of(smtp, link, ["a@sink.test", "b@sink.test"], 2)
        assert got == [["a@sink.test"], ["b@sink.test"]], got
        got = jobs_of(deliver, link, ["fb00@bench.test", "fb01@bench.test"],
                      1)
        assert got == [["fb00@bench.test", "fb01@bench.test"]], got
    reload(box)
    before = [len(box.messages("fb0%d" % i)) for i in range(3)]
    with as_smtpd(box) as link:  # and the real one
        link.put(TEXT % b"three", ["fb0%d@bench.test" % i for i in range(3)])
    box.wait_empty()
    assert [len(box.messages("fb0%d" % i)) for i in range(3)] == \
        [n + 1 for n in before]
    reload(box, "-X", "smtp_destination_recipient_limit",
               "local_destination_recipient_limit")


def test_concurrency(box):
    """Slow start: as many at once as initial_destination_concurrency, then one
    more with each success; dead when none can reach the site."""
    with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
        for i in range(12):
            link.put(TEXT % b"slow", ["s%d@sink.test" % i])
        first = [smtp.next() for _ in range(5)]
        assert None not in first
        assert smtp.next(0.3) is None
        first.pop().done()
        more = [smtp.next(), smtp.next()]
        assert None not in more
        assert smtp.next(0.3) is None
        # another site is not held up
        link.put(TEXT % b"slow", ["o@other.test"])
        other = smtp.next()
        assert other.addresses == ["o@other.test"]
        other.done()
        for j in first + more:
            j.unreachable()
        wait(lambda: len([m for m in box.queue()
                          if m["queue_name"] == "deferred"]) == 11,
             "the dead site's mail deferred")
        assert any("delivery temporarily suspended: connect to x: refused" in
                   r["delay_reason"] for m in box.queue()
                   for r in m["recipients"])
        # what comes now is not even tried, until somebody flushes
        link.put(TEXT % b"slow", ["late@sink.test"])
        box.wait_log(r"to=<late@sink\.test>.*status=deferred \(delivery "
                     r"temporarily suspended")
        assert smtp.next(0.3) is None
        box.inside("postqueue", "-f")
        for _ in range(12):
            smtp.next().done()
    box.wait_empty()


def test_sites_on_one_host(box):
    """Two domains on one MX share its places, and find it dead together."""
    reload(box, "-e", "smtp_host_concurrency_limit=2")
    with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
        for site in "ab":
            link.put(TEXT % b"known", ["k@%s.test" % site])
            smtp.next().done(host="mx.test:25")
        for i in range(4):
            for site in "ab":
                link.put(TEXT % b"many", ["m%d@%s.test" % (i, site)])
        pair = [smtp.next(), smtp.next()]
        assert smtp.next(0.3) is None
        # another host has places of its own
        link.put(TEXT % b"other", ["o@c.test"])
        other = smtp.next()
        assert other.addresses == ["o@c.test"]
        other.done(host="mx.else.test:25")
        pair.pop(0).done(host="mx.test:25")
        pair.append(smtp.next())
        assert sorted(j.addresses[0][-6:] for j in pair) == \
            ["a.test", "b.test"]
        for j in pair:
            j.unreachable(host="mx.test:25")
        # one more for the window that was two wide and is narrow now
        for m in range(2):
            job = smtp.next(1)
            if job is not None:
                job.unreachable(host="mx.test:25")
        wait(lambda: len([m for m in box.queue()
                          if m["queue_name"] == "deferred"]) == 7,
             "the mail of both domains deferred")
        assert {a["address"].split("@")[1] for m in box.queue()
                for a in m["recipients"]
                if "suspended" in a["delay_reason"]} == {"a.test", "b.test"}
        box.inside("postqueue", "-f")
        for _ in range(7):
            smtp.next().done()
    box.wait_empty()
    reload(box, "-X", "smtp_host_concurrency_limit")


def test_turns(box):
    """A sender's heap and another's long list hold nobody up."""
    reload(box, "-e", "smtp_destination_concurrency_limit=1",
               "default_process_limit=1")
    with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
        link.put(TEXT % b"list", ["l%d@sink.test" % i for i in range(300)],
                 sender="list@client.test")
        job = smtp.next()
        for i in range(5):
            link.put(TEXT % b"heap", ["h%d@sink.test" % i],
                     sender="heap@client.test")
        link.put(TEXT % b"one", ["one@sink.test"])
        wait(lambda: len(box.queue()) == 7, "all of it in the queue")
        order = []
        while job:
            order.append(job.head["sender"].split("@")[0])
            job.done()
            job = smtp.next(0.5)
        assert order.count("list") == 6 and order.count("heap") == 5, order
        assert order.index("a") <= 3, order
    box.wait_empty()
    reload(box, "-X", "smtp_destination_concurrency_limit",
               "default_process_limit")


def test_delete_what_waits(box):
    reload(box, "-e", "smtp_destination_rate_delay=1h")
    with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
        link.put(TEXT % b"first", ["first@sink.test"])
        smtp.next().done()
        box.wait_empty()
        qids = [link.put(TEXT % b"w", ["w%d@sink.test" % i])
                for i in range(3)]
        wait(lambda: len(box.queue()) == 3, "three that wait")
        assert smtp.next(0.3) is None
        box.inside("postsuper", "-d", qids[0])
        box.inside("postsuper", "-h", qids[1])
        box.inside("postsuper", "-d", qids[2])
        wait(lambda: [m["queue_name"] for m in box.queue()] == ["hold"],
             "one on hold")
        box.inside("postsuper", "-d", "ALL")
    box.wait_empty()
    reload(box, "-X", "smtp_destination_rate_delay")


LIST = ["m%d@sink.test" % i for i in range(5000)]


def lists(box):
    """An alias, an :include:, and a virtual alias with 5,000 members each."""
    path = box.path("etc", "list")
    with open(path, "w", encoding="ascii") as f:
        f.write("\n".join(LIST) + "\n")
    with open(box.path("etc", "aliases"), "w", encoding="ascii") as f:
        f.write("postmaster: fb00\nbig: %s\nincluded: :include:%s\n" % (
            ", ".join(LIST), path))
    with open(box.path("etc", "virtual"), "w", encoding="ascii") as f:
        f.write("v@bench.test %s\n" % ", ".join(LIST))
    box.inside("newaliases")
    reload(box, "-e", "virtual_alias_expansion_limit=5000",
           "virtual_alias_maps=texthash:" + box.path("etc", "virtual"))


def serve(smtp, got, count):
    """Take deliveries until so many recipients have been seen."""
    while len(got) < count:
        job = smtp.next()
        assert job, "%d of %d" % (len(got), count)
        got += job.addresses
        job.done()


def test_long_lists(box):
    lists(box)
    for name in ("big", "included", "v"):
        with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
            got = []
            link.put(TEXT % b"list", [name + "@bench.test"])
            serve(smtp, got, len(LIST))
            box.wait_empty()
            assert sorted(got) == sorted(LIST), name
        reload(box)


def test_list_and_kill(box):
    """kill -9 before, while and after a list is expanded and delivered: nobody
    is left out, and only what was under way comes twice."""
    for name, taken in (("big", 0), ("included", 0), ("big", 1), ("big", 40),
                        ("included", 40)):
        with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
            got = []
            link.put(TEXT % b"kill", [name + "@bench.test"])
            serve(smtp, got, taken * 50)
            old = list(smtp.open)
            for pid in qmgrs(box):
                os.kill(int(pid), signal.SIGKILL)
            job = smtp.next(0.5)
            while job or box.queue():
                # the old one's questions are answered to nobody
                if job and job.connection not in old:
                    got += job.addresses
                    job.done()
                job = smtp.next(0.3)
        assert set(got) == set(LIST), (name, taken)
        # twenty deliveries of fifty may be under way, answered or not
        assert len(got) - len(LIST) <= 1000, (name, taken, len(got))
        reload(box)


def test_owner_of_a_list(box):
    """Members get the list's mail from owner-LIST, who hears of failures."""
    with open(box.path("etc", "aliases"), "w", encoding="ascii") as f:
        f.write("postmaster: fb00\nlist: m1@sink.test, inner\n"
                "inner: m2@sink.test, fb02\nowner-list: fb01\n"
                "other: m3@sink.test, list\n")
    box.inside("newaliases")
    reload(box)
    before = len(box.messages("fb01")), len(box.messages("fb02"))
    with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
        link.put(TEXT % b"owned", ["other@bench.test", "m1@sink.test"],
                 envid="E1", ret=2)
        jobs = {(j.head["sender"], j.head["via"]): j
                for j in (smtp.next() for _ in range(3))}
        direct = jobs["a@client.test", ""]
        mine = jobs["a@client.test", "other@bench.test\n"]
        theirs = jobs["owner-list@bench.test",
                      "list@bench.test\nother@bench.test\n"]
        assert direct.addresses == ["m1@sink.test"]
        assert mine.addresses == ["m3@sink.test"]
        assert sorted(theirs.addresses) == ["m1@sink.test", "m2@sink.test"]
        assert mine.head["envid"] == "E1" and theirs.head["envid"] == ""
        direct.done()
        mine.done()
        theirs.answer([("BOUNCE", "5.1.1", "no"), ("DONE", "2.0.0", "ok")])
        text = box.wait_messages("fb01", before[0] + 1)[-1]
        assert b"Final-Recipient: rfc822; " in text, text
        text = box.wait_messages("fb02", before[1] + 1)[-1]
        assert text.startswith(b"Return-Path: <owner-list@bench.test>"), text
    box.wait_empty()
    reload(box)


def dsn_mail(box, mail, rcpts):
    with box.smtp() as c:
        code, text = c.docmd("MAIL FROM:<fb00@bench.test> " + mail)
        assert code == 250, text
        for r in rcpts:
            code, text = c.docmd("RCPT TO:" + r)
            assert code == 250, text
        code, text = c.data((TEXT % b"dsn").replace(b"\n", b"\r\n"))
        assert code == 250, text


def fields(text):
    return [line for line in text.decode().splitlines()
            if line.split(":")[0] in (
                "Action", "Status", "Final-Recipient", "Original-Recipient",
                "Original-Envelope-Id", "Will-Retry-Until")]


def test_success_is_told_when_asked(box):
    before = len(box.messages("fb00"))
    with Agent(box, "smtp") as smtp:
        dsn_mail(box, "RET=HDRS ENVID=id+2B1", [
            "<fb01@bench.test> NOTIFY=SUCCESS "
            "ORCPT=rfc822;first+2Blast@bench.test",
            "<fb02@bench.test>", "<list@bench.test> NOTIFY=SUCCESS,FAILURE",
            "<near@sink.test> NOTIFY=SUCCESS",
            "<far@other.test> NOTIFY=SUCCESS ORCPT=rfc822;far@other.test"])
        jobs = {}
        for _ in range(3):
            j = smtp.next()
            jobs[j.head["sender"] + j.addresses[0]] = j
        near = jobs["fb00@bench.testnear@sink.test"]
        assert near.head["envid"] == "id+1" and near.head["ret"] == "2"
        assert near.rcpts[0]["notify"] == "2", near.rcpts
        near.done(told=1)
        far = jobs["fb00@bench.testfar@other.test"]
        assert far.rcpts[0]["orcpt"] == "rfc822;far@other.test"
        far.done(told=2)
        members = jobs["owner-list@bench.testm1@sink.test"]
        assert [r["notify"] for r in members.rcpts] == ["0", "0"]
        members.done()
        text = box.wait_messages("fb00", before + 1)[-1]
        got = fields(text)
        assert got[0] == "Original-Envelope-Id: id+1", got
        assert sorted(f for f in got if f.startswith("Action")) == [
            "Action: delivered", "Action: expanded", "Action: relayed"], got
        assert "Original-Recipient: rfc822;first+last@bench.test" in got, got
        assert "far@other.test" not in text.decode().split(
            "message/delivery-status")[1], text
        assert b"\nhello\n" not in text
        box.wait_empty()
        assert len(box.messages("fb00")) == before + 1
        box.wait_log(r"postfix/bounce\[\d+\]: [0-9A-F]+: sender delivery "
                     r"status notification: [0-9A-F]+")
    reload(box)


def test_never_is_never(box):
    before = len(box.messages("fb00"))
    with Agent(box, "smtp") as smtp:
        dsn_mail(box, "RET=FULL", ["<a@sink.test> NOTIFY=NEVER",
                                   "<b@sink.test> NOTIFY=DELAY",
                                   "<c@sink.test> NOTIFY=FAILURE"])
        job = smtp.next()
        assert len(job.rcpts) == 3
        job.answer([("BOUNCE", "5.1.1", "no")] * 3)
        text = box.wait_messages("fb00", before + 1)[-1]
        box.wait_empty()
    assert b"c@sink.test" in text and b"a@sink.test" not in text and \
        b"b@sink.test" not in text, text
    assert b"\nhello\n" in text
    assert len(box.messages("fb00")) == before + 1
    reload(box)


def test_delay_warning(box):
    reload(box, "-e", "delay_warning_time=1s", "minimal_backoff_time=1s",
           "maximal_backoff_time=1s")
    before = len(box.messages("fb00"))
    with Agent(box, "smtp") as smtp:
        dsn_mail(box, "", ["<slow@sink.test>",
                           "<quiet@sink.test> NOTIFY=FAILURE"])
        for _ in range(4):  # one warning, whatever the number of tries
            smtp.next().answer([("DEFER", "4.2.0", "busy")] * 2)
        text = box.wait_messages("fb00", before + 1)[-1]
        got = fields(text)
        assert "Action: delayed" in got and "Status: 4.2.0" in got, got
        assert any(f.startswith("Will-Retry-Until: ") for f in got), got
        assert b"quiet@sink.test" not in text
        job = smtp.next()
        assert sorted(job.addresses) == ["quiet@sink.test", "slow@sink.test"]
        job.done()
        box.wait_log(r"sender delay notification: [0-9A-F]+")
        box.wait_empty()
    assert len(box.messages("fb00")) == before + 1
    reload(box, "-X", "delay_warning_time", "minimal_backoff_time",
           "maximal_backoff_time")


def test_active_limit(box):
    """One message at a time is worked on; the rest is listed and waits."""
    reload(box, "-e", "qmgr_message_active_limit=1")
    with Agent(box, "smtp") as smtp, as_smtpd(box) as link:
        link.put(TEXT % b"limit", ["l0@sink.test"])
        job = smtp.next()  # so it is known where it goes
        for i in range(1, 3):
            link.put(TEXT % b"limit", ["l%d@sink.test" % i])
        assert smtp.next(0.3) is None
        box.wait_log("warning: mail for sink.test is using up 1 of 1 active "
                     "queue entries")
        got = sorted(r["address"] for m in box.queue()
                     for r in m["recipients"])
        assert got == ["l%d@sink.test" % i for i in range(3)], got
        job.answer([("DEFER", "4.2.0", "busy")])
        for _ in range(2):
            smtp.next().done()
        wait(lambda: len(box.queue()) == 1, "the one that waits")
        rcpt = box.queue()[0]["recipients"][0]
        assert rcpt["delay_reason"] == "busy", rcpt
        box.inside("postqueue", "-s", "other.test")
        assert smtp.next(0.3) is None
        box.inside("postqueue", "-s", "sink.test")
        smtp.next().done()
    box.wait_empty()
    reload(box, "-X", "qmgr_message_active_limit")


def test_replaced_by_nobody(box):
    reload(box)
    with Agent(box, "deliver") as deliver, as_smtpd(box) as link:
        qid = link.put(TEXT % b"nobody", ["fb00@bench.test"])
        deliver.next().answer([("DONE", "2.0.0", "forwarded")], fresh=[""])
        wait(lambda: states(box)[qid]["queue_name"] == "deferred", "deferral")
        box.inside("postsuper", "-d", "ALL")
    box.wait_empty()


def test_requests_that_agents_do_not_understand(box):
    for service in ("deliver", "smtp", "bounce"):
        with Link(box.path("spool", "jail", "qmgr", service)) as link:
            call = "bounce_make" if service == "bounce" else "delivery"
            for _ in range(2):  # the connection stays
                got = link.ask(call, ("qid", "1"))
                assert got[0] in ("delivery_part", "bounce_done"), got
                assert got[1].get("item", b"last") == b"last", got
                assert got[1].get("outcome", b"1") == b"1", got


main("--users", "3", "--set", "transport_maps =", "--aliases", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "data", "system",
    "qmgr-aliases"))
