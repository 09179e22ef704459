#!/usr/bin/env python3
"""The queue manager: odd answers, lists, sites, what is kept and for whom."""

from lib import main, wait
from packets import Agent, Link

TEXT = b"From: a@client.test\nSubject: %s\n\nhello\n"


def as_smtpd(box):
    return Link(box.path("spool", "jail", "smtpd", "qmgr"))


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
            lambda j: j.packet("delivery_done", ("count", 0)),
            lambda j: j.packet("delivery_done", ("nonsense", 0)),
            lambda j: j.packet("something", ("count", 1)),
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


def test_replaced_by_nobody(box):
    box.reload()
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
                assert got[0] in ("delivery_done", "bounce_done"), got
                assert got[1].get("count", b"0") == b"0", got
                assert got[1].get("outcome", b"1") == b"1", got


main("--users", "3", "--set", "transport_maps =")
