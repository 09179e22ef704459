#!/usr/bin/env python3
"""instance.py - tests/instance itself: real accounts, a machine left as it was"""

import os
import pwd
import socket

from lib import Instance, main, run


def test_accounts_are_real_inside_only(box):
    assert "uid=61001(fb01)" in box.inside("id", "fb01")
    for name in ("_facteur", "_facteur-net", "_facteur-login", "_facteur-map",
                 "_facteur-dns", "_facteur-key", "_facteur-dial"):
        box.inside("getent", "passwd", name)
    box.inside("getent", "group", "_facteurdrop")
    try:
        pwd.getpwnam("fb01")
    except KeyError:
        pass
    else:
        raise AssertionError("fb01 is known outside")


def test_programs_are_in_their_places(box):
    for name in ("sendmail", "mailq", "newaliases", "postconf", "postqueue"):
        box.inside("sh", "-c", "command -v " + name)
    assert box.inside("readlink", "-f", "/usr/lib/sendmail").startswith(
        box.dir)
    assert box.inside("postconf", "-h", "queue_directory").strip() == \
        box.path("spool")


def test_listens_on_loopback_only(box):
    ours = {box.base + n for n in range(100)}
    with open("/proc/net/tcp", encoding="ascii") as f:
        rows = [line.split() for line in f.readlines()[1:]]
    heard = {}
    for row in rows:
        address, port = row[1].split(":")
        if row[3] == "0A" and int(port, 16) in ours:
            heard[int(port, 16)] = address
    assert len(heard) >= 7, heard
    assert set(heard.values()) == {"0100007F"}, heard


def test_reload_keeps_the_ports(box):
    with socket.create_connection(("127.0.0.1", box.port("smtp"))) as s:
        f = s.makefile("rb")
        assert f.readline().startswith(b"220")
        box.reload()
        box.wait_log(r"master\[\d+\]: .*reload")
        # the session of before goes on, and a new one is served
        s.sendall(b"NOOP\r\n")
        assert f.readline().startswith(b"250")
    box.smtp().quit()
    assert box.command("status").startswith("running")


def test_two_at_once(box):
    with Instance("--users", "1", name="other") as other:
        assert other.base != box.base
        other.smtp().quit()
        box.smtp().quit()
        other.stop()
        assert other.command("status", check=False)[0] == 3
        assert not os.path.exists(other.path("target.json"))
    box.smtp().quit()


def test_mounts_are_its_own(box):
    assert "facteur-etc" in box.inside("cat", "/proc/self/mounts")
    assert box.dir not in run("cat", "/proc/self/mounts")


main("--users", "2")
