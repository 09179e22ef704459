#!/usr/bin/env python3
"""facteur metrics: what was sent is counted, in Prometheus's text format."""

import base64
import imaplib
import os
import re
import shutil
import signal

from lib import Skip, main, run, wait

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(r"^(%s)(?:\{(%s(?:,%s)*)\})? (\d+(?:\.\d+)?)$" % (
    NAME, LABEL, LABEL))


def parse(text):
    """{name: {labels: value}}; every rule of the text format is asserted."""
    samples, types, helped, name = {}, {}, set(), None
    assert text.endswith("\n"), text
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, words = line[7:].split(" ", 1)
            assert name not in helped and words, line
            helped.add(name)
        elif line.startswith("# TYPE "):
            got, kind = line[7:].split(" ")
            assert got == name and got not in types, line
            assert kind in ("counter", "gauge", "histogram"), line
            assert (kind == "counter") == got.endswith("_total"), line
            types[got] = kind
        else:
            m = SAMPLE.match(line)
            assert m, line
            base = m.group(1)
            if types[name] == "histogram":
                base = re.sub("_(bucket|sum|count)$", "", base)
            assert base == name, (line, name)  # samples follow their TYPE
            labels = frozenset(re.findall(r'([a-z_]+)="([^"]*)"',
                                          m.group(2) or ""))
            group = samples.setdefault(m.group(1), {})
            assert labels not in group, line
            group[labels] = float(m.group(3))
    for name, kind in types.items():
        if kind == "histogram":
            check_histogram(samples, name)
    return samples


def check_histogram(samples, name):
    rows = {}
    for labels, value in samples.get(name + "_bucket", {}).items():
        le = dict(labels)["le"]
        rest = frozenset(p for p in labels if p[0] != "le")
        rows.setdefault(rest, []).append((float(le), value))
    for rest, buckets in rows.items():
        buckets.sort()
        values = [v for _, v in buckets]
        assert values == sorted(values), (name, values)
        assert buckets[-1][0] == float("inf"), buckets
        assert values[-1] == samples[name + "_count"][rest], name
        assert rest in samples[name + "_sum"], name


class Metrics:
    def __init__(self, box, user="fb01"):
        self.all = parse(box.inside("facteur", "metrics", user=user))

    def get(self, name, **labels):
        """The sum of the samples that have these labels."""
        return sum(v for k, v in self.all.get(name, {}).items()
                   if set(labels.items()) <= k)


def test_counts(box):
    before = Metrics(box)
    for _ in range(3):
        box.send("a@client.test", ["fb00@bench.test"], "Subject: x\n\nx\n")
    box.send("fb01@bench.test", ["x@defer.test"], "Subject: x\n\nx\n")
    box.inside("sendmail", "fb00@bench.test", stdin="Subject: y\n\ny\n")
    box.inside("sendmail", "-f", "fb01@bench.test", "nouser@bench.test",
               stdin="Subject: z\n\nz\n")
    box.wait_messages("fb01", 1)  # the report
    with box.smtp() as c:
        c.mail("a@client.test")
        assert c.rcpt("nouser@bench.test")[0] == 550
    with box.smtp(source="127.0.0.2") as c:
        c.mail("a@client.test")
        assert c.rcpt("x@else.test")[0] == 554
    box.wait_messages("fb00", 4)
    box.wait_log(r"to=<x@defer.test>.*status=deferred")
    wait(lambda: Metrics(box).get("facteur_queue_messages",
                                  queue="deferred") == 1, "one deferred")
    got = Metrics(box)

    def more(name, **labels):
        return got.get(name, **labels) - before.get(name, **labels)

    accepted = "facteur_messages_accepted_total"
    assert more(accepted, **{"from": "smtpd"}) == 4, got.all
    assert more(accepted, **{"from": "pickup"}) == 2, got.all
    assert more(accepted, **{"from": "bounce"}) == 1, got.all
    sent = "facteur_deliveries_total"
    assert more(sent, status="sent") == 5, got.all[sent]
    assert more(sent, status="bounced") == 1, got.all[sent]
    assert more(sent, status="deferred") >= 1, got.all[sent]
    assert more("facteur_messages_removed_total") == 6, got.all
    assert more("facteur_rejects_total", **{"class": "relay"}) == 1
    assert more("facteur_rejects_total", **{"class": "recipient"}) == 1
    assert more("facteur_delivery_delay_seconds_count") == 5
    assert more("facteur_flush_seconds_count", program="qmgr") >= 5
    assert got.get("facteur_queue_bytes", queue="deferred") > 0
    assert got.get("facteur_up") == 1
    assert more("facteur_connections_total", program="smtpd") == 6


def test_promtool(box):
    if not shutil.which("promtool"):
        raise Skip("promtool (package prometheus) is not installed")
    text = run("promtool", "check", "metrics",
               stdin=box.inside("facteur", "metrics"))
    assert text == "", text


def test_logins(box):
    before = Metrics(box)
    box.imap("fb00").logout()
    box.pop3("fb00").quit()
    try:
        box.imap("fb00", "wrong")
    except imaplib.IMAP4.error:
        pass
    with box.smtp("submission", starttls=True) as c:
        assert c.docmd("AUTH PLAIN", base64.b64encode(
            b"\0fb00\0wrong").decode())[0] == 535
    box.smtp("submission", user="fb00", starttls=True).quit()
    got = Metrics(box)
    for program, result, want in (
            ("imapd", "ok", 1), ("pop3d", "ok", 1), ("login", "failed", 1),
            ("smtpd", "ok", 1), ("smtpd", "failed", 1)):
        labels = {"program": program, "result": result}
        more = got.get("facteur_logins_total", **labels) - \
            before.get("facteur_logins_total", **labels)
        assert more == want, (labels, more)


def child(box, program):
    """The process of that program which the instance's master started."""
    with open(box.path("run", "master.pid"), encoding="ascii") as f:
        master = f.read().strip()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name, encoding="ascii") as f:
                stat = f.read()
        except OSError:
            continue
        if "(%s)" % program in stat and stat.split(") ")[1].split()[1] == master:
            return int(name)
    raise AssertionError("no " + program)


def test_sessions(box):
    smtp, imap = box.smtp(), box.imap("fb00")
    got = Metrics(box)
    assert got.get("facteur_sessions", program="smtpd") == 1, got.all
    assert got.get("facteur_sessions", program="imapd") == 1, got.all
    smtp.quit()
    imap.logout()
    wait(lambda: Metrics(box).get("facteur_sessions", program="imapd") == 0 and
         Metrics(box).get("facteur_sessions", program="smtpd") == 0,
         "no sessions")
    box.smtp("submissions")  # left open
    wait(lambda: Metrics(box).get("facteur_sessions",
                                  program="smtpd") == 0, "one that has gone")


def test_restart(box):
    """A process that is killed, and a reload, take no count with them."""
    before = Metrics(box)
    assert before.get("facteur_processes", program="pickup") == 1
    os.kill(child(box, "pickup"), signal.SIGKILL)
    wait(lambda: Metrics(box).get("facteur_process_failures_total",
                                  program="pickup") ==
         before.get("facteur_process_failures_total", program="pickup") + 1,
         "a failure counted")
    smtpd = before.get("facteur_connections_total", program="smtpd")
    box.reload()
    box.smtp().quit()
    wait(lambda: Metrics(box).get("facteur_connections_total",
                                  program="smtpd") == smtpd + 1,
         "counters that a reload keeps")


def test_spoilt(box):
    """What lies there is not trusted."""
    folder = box.path("run", "metrics")
    for name, text in (("short", b"facteur-metrics 1\n"),
                       ("label", (b"facteur-metrics 1\na\"\nb\n" +
                                  bytes(10000))[:4096 + 8 * 64])):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(text)
    Metrics(box)
    for name in ("short", "label"):
        os.unlink(os.path.join(folder, name))


main("--users", "2", "--set",
     "transport_maps = inline:{defer.test=smtp:[127.0.0.1]:1}",
     "--set", "auth_failure_delay = 0s")
