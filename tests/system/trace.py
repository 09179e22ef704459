#!/usr/bin/env python3
"""facteur trace says what then happens, to root and to others, up and down."""

import json
import os
import shutil

from lib import main
from peers import Dns

DNS = Dns({("else.test", "MX"): ["20 mx2.else.test", "10 mx1.else.test"],
           ("mx1.else.test", "A"): ["192.0.2.11"],
           ("mx2.else.test", "A"): ["192.0.2.12"],
           ("none.test", "MX"): ["0 ."],
           ("from.test", "A"): ["192.0.2.1"],
           ("7.2.0.192.in-addr.arpa", "PTR"): ["client.test"],
           ("client.test", "A"): ["192.0.2.7"]})


def trace(box, *words, user=None):
    """The whole, and its steps by kind: the last of each."""
    got = json.loads(box.inside("facteur", "trace", "--json", *words,
                                user=user))
    return got, {s["step"]: s for s in got["steps"]}


def texts(got, step, about=None):
    return [s["text"] for s in got["steps"] if s["step"] == step and
            about in (None, s["about"])]


def write(path, text, user=None):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    if user is not None:
        os.chown(path, user, -1)
    return path


def test_local(box):
    uid = box.t["users"]["uid0"] + 1
    write(os.path.join(box.t["homes"], "fb01", ".forward"),
          "fb01, \\fb02, x@else.test, \"|/bin/true\"\n", uid)
    got, _ = trace(box, "team")
    becomes = [s for s in got["steps"] if s["step"] == "becomes"]
    assert [(b["target"], b["kind"], b["user"]) for b in becomes[:3]] == [
        ("fb00@bench.test", "final address", ""),
        ("fb01@bench.test", "final address", ""),
        (":include:" + box.path("list"), "include", "nobody")], becomes
    assert texts(got, "owner") == [
        "failures of what follows go to owner-team@bench.test"], got
    # the members of the include, and those of a .forward
    assert "fb02 (address)" in texts(got, "becomes"), got
    assert "/bin/true (command, as fb01)" in texts(got, "becomes"), got
    about = [s["about"] for s in got["steps"] if s["step"] == "mailbox"]
    assert sorted(set(about)) == [
        "fb00@bench.test", "fb01@bench.test", "fb02"], about
    assert set(s["agrees"] for s in got["steps"]
               if s["step"] == "running") == {"yes"}, got


def test_not_trusted(box):
    path = write(os.path.join(box.t["homes"], "fb03", ".forward"), "x@y.test",
                 box.t["users"]["uid0"] + 3)
    os.chmod(path, 0o666)
    got, last = trace(box, "fb03@bench.test")
    assert "not used: it may be written by everybody" in \
        last["forward"]["text"], got
    assert last["mailbox"]["user"] == "fb03", got


def test_tables(box):
    got, last = trace(box, "virt@alias.test")
    assert last["table"]["value"] == "fb00@bench.test", got
    assert last["table"]["parameter"] == "virtual_alias_maps", got
    assert last["mailbox"]["where"].endswith("fb00/Maildir/"), got
    got, last = trace(box, "nouser@bench.test")
    assert last["recipient"]["status"] == "5.1.1", got
    assert last["refused"]["outcome"] == "bounced", got
    got, last = trace(box, "a@sub.routed.test")
    assert last["transport"]["decided"].startswith("transport_maps, "), got
    assert last["table"]["key"] == ".routed.test", got
    assert last["transport"]["nexthop"] == "[127.0.0.1]:7", got
    assert last["server"]["port"] == "7", got
    assert last["tls"]["level"] == "encrypt", got
    assert "smtp_tls_policy_maps" in last["tls"]["decided"], got


def test_virtual(box):
    got, last = trace(box, "box@virtual.test")
    assert last["class"]["class"] == "virtual mailbox", got
    assert (last["mailbox"]["where"], last["mailbox"]["uid"]) == (
        "virtual.test/box/", "61000"), got


def test_sender(box):
    got, last = trace(box, "--sender", "old@bench.test", "fb00@bench.test")
    assert last["sender"]["text"] == "becomes <new@bench.test>", got
    assert "fb03@bench.test (copy)" in texts(got, "becomes"), got
    assert [s["user"] for s in got["steps"] if s["step"] == "mailbox"] == [
        "fb00", "fb03"], got
    got, last = trace(box, "fb00@bench.test")
    assert last["sender"]["text"] == "stays <>", got


def test_servers(box):
    got, last = trace(box, "a@else.test")
    assert [(s["preference"], s["host"], s["address"]) for s in got["steps"]
            if s["step"] == "server"] == [
                ("10", "mx1.else.test", "192.0.2.11"),
                ("20", "mx2.else.test", "192.0.2.12")], got
    assert last["transport"]["decided"] == "default_transport = smtp", got
    got, last = trace(box, "a@none.test")
    assert "null MX" in last["mx"]["text"], got


def test_smtpd(box):
    got, last = trace(box, "--client", "192.0.2.7", "--sender", "a@from.test",
                      "a@else.test")
    assert last["client"]["name"] == "client.test", got
    assert last["verdict"]["reply"] == \
        "554 5.7.1 <a@else.test>: Relay access denied", got
    assert last["verdict"]["decided"] == \
        "smtpd_relay_restrictions: reject_unauth_destination: reject", got
    got, last = trace(box, "--client=192.0.2.7", "--user=fb00",
                      "--sender=a@from.test", "a@else.test")
    assert last["verdict"]["reply"].startswith("250 "), got
    got, last = trace(box, "--client=192.0.2.7", "--helo=bad",
                      "--sender=a@from.test", "fb00@bench.test")
    assert "check_helo_access" in last["verdict"]["decided"], got
    assert last["verdict"]["reply"].startswith("554 "), got
    # warn_if_reject decides nothing
    got, last = trace(box, "--client=192.0.2.7", "--helo=warned",
                      "--sender=a@from.test", "fb00@bench.test")
    assert any(t.endswith("warning only") for t in texts(got, "rule")), got
    assert last["verdict"]["reply"].startswith("250 "), got
    # nothing was sent, nothing stays
    box.wait_empty()
    box.wait_log(r"postfix/smtpd")
    assert "client.test[192.0.2.7]" not in box.log()


def test_reload_is_due(box):
    box.inside("postconf", "default_transport=error:5.0.0 closed")
    got, last = trace(box, "a@else.test")
    assert last["running"]["agrees"] == "no", got
    box.reload()
    got, last = trace(box, "a@else.test")
    assert last["running"]["agrees"] == "yes", got
    assert last["refused"]["reason"] == "closed", got
    box.inside("postconf", "-X", "default_transport")
    box.reload()


def test_queue(box):
    box.send("a@from.test", ["a@sub.routed.test"], "Subject: x\n\nx\n")
    box.wait_log(r"to=<a@sub.routed.test>.*status=deferred")
    got, last = trace(box, "a@sub.routed.test")
    assert "waits in 1 messages, last reason: " in last["queue"]["text"], got
    box.inside("postsuper", "-d", "ALL")


def test_others(box):
    # no rights, no questions to daemons, but the tables that may be read
    got, last = trace(box, "--client=192.0.2.7", "a@else.test", user="fb00")
    assert "that is for root" in last["verdict"]["text"], got
    assert last["transport"]["transport"] == "smtp", got
    assert "that is for root" in last["dns"]["text"], got
    got, last = trace(box, "fb03@bench.test", user="fb00")
    assert "Permission denied" in last["forward"]["reason"] or \
        "not used" in last["forward"]["state"], got


def test_words(box):
    for words in ([], ["a", "b"], ["--nothing", "a"], ["--client", "x", "a"],
                  ["--client"], ["a\nb"]):
        status, text = box.inside("facteur", "trace", *words, check=False)
        assert status == 64 and "usage" in text, (words, text)
    text = box.inside("facteur", "trace", "fb00@bench.test")
    assert "\n  transport  local, next hop " in text, text


def test_stopped(box):
    # the same configuration, of a system that was never started
    folder = shutil.copytree(box.path("etc"), box.path("etc2"))
    box.inside("postconf", "-c", folder, "process_id_directory=/nonexistent")
    got = json.loads(box.inside("facteur", "-c", folder, "trace", "--json",
                                "--client=192.0.2.7", "virt@alias.test"))
    assert got["running"] == "no", got
    assert "does not run" in texts(got, "verdict")[0], got
    assert texts(got, "mailbox")[0].endswith("as fb00"), got
    assert texts(got, "running") == [], got


HERE = os.environ.get("TEST_DIR", os.getcwd())
ALIASES = write(os.path.join(HERE, "aliases"), """\
team: fb00, fb01, :include:%s
owner-team: fb02
""" % os.path.join(HERE, "box", "list"))
os.makedirs(os.path.join(HERE, "box"), exist_ok=True)
write(os.path.join(HERE, "box", "list"), "fb02\n")
os.chmod(os.path.join(HERE, "box", "list"), 0o644)
main("--users", "4", "--aliases", ALIASES,
     "--set", "resolver_nameservers = 127.0.0.1@%d" % DNS.port,
     "--set", "virtual_alias_maps = inline:{virt@alias.test=fb00@bench.test}",
     "--set", "sender_canonical_maps = "
     "inline:{old@bench.test=new@bench.test}",
     "--set", "sender_bcc_maps = inline:{new@bench.test=fb03@bench.test}",
     "--set", "virtual_mailbox_domains = virtual.test",
     "--set", "virtual_mailbox_base = /nonexistent",
     "--set", "virtual_mailbox_maps = "
     "inline:{box@virtual.test=virtual.test/box/}",
     "--set", "virtual_uid_maps = static:61000",
     "--set", "virtual_gid_maps = static:61000",
     "--set", "transport_maps = inline:{.routed.test=smtp:[127.0.0.1]:7}",
     "--set", "smtp_tls_policy_maps = inline:{[127.0.0.1]:7=encrypt}",
     "--set", "smtpd_helo_restrictions = check_helo_access inline:{bad=REJECT}"
     ", warn_if_reject, check_helo_access inline:{warned=REJECT}")
