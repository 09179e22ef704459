#!/usr/bin/env python3
# timeout: 300
"""A power cut at any time loses nothing that was answered 250, or OK by imapd.

Spool and mailboxes lie on an ext4 of their own, with a journal. Its shutdown
call stops all writing at once, the journal's too: what had not been flushed is
gone, as after a real one.
"""

import contextlib
import fcntl
import os
import struct
import sys
import time

from clerk import Clerk
from lib import Instance, case, no_crash, run, wait
from load import USERS, Load, all_there

EXT4_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2
SKIP = 77
CUTS = 3
CLERKS = 5


class Disk:
    def __init__(self, top):
        self.image = os.path.join(top, "disk.img")
        self.where = os.path.join(top, "disk")
        self.loop = None

    def make(self):
        os.mkdir(self.where)
        with open(self.image, "wb") as f:
            f.truncate(512 << 20)
        run("mkfs.ext4", "-q", "-F", self.image)
        status, text = run("losetup", "--show", "-f", "--direct-io=on",
                           self.image, check=False)
        if status != 0:
            print("skip: no loop device: " + text.strip())
            sys.exit(SKIP)
        self.loop = text.strip()
        self.mount()

    def mount(self):
        run("mount", self.loop, self.where)
        os.chmod(self.where, 0o755)

    def unmount(self):
        # the last process of the instance may still be ending
        wait(lambda: run("umount", self.where, check=False)[0] == 0,
             "the disk to be free")

    def cut(self):
        fd = os.open(self.where, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(fd)

    def remove(self):
        run("umount", self.where, check=False)
        if self.loop:
            run("losetup", "-d", self.loop, check=False)
        if os.path.exists(self.image):
            os.unlink(self.image)


def one_cut(box, disk, number):
    clerks = [Clerk(box, "fb%02d" % (i % USERS), number * 10 + i)
              for i in range(CLERKS)]
    with Load(box) as load, contextlib.ExitStack() as all_clerks:
        for clerk in clerks:
            all_clerks.enter_context(clerk)
        # the later ones find a log that has come some way
        wait(lambda: len(load.accepted) > 40 * (number + 1), "some letters")
        wait(lambda: min(k.done for k in clerks) > 20,
             lambda: "some commands: %s" % [k.ended for k in clerks])
        time.sleep(0.03 * number)
        disk.cut()
        load.stop.set()
    box.command("stop", check=False)
    disk.unmount()
    disk.mount()
    box.start()
    doubled = all_there(box, load)
    for clerk in clerks:
        clerk.check()
    print("accepted %d, doubled %d, commands %d, written anew %d" % (
        len(load.accepted), doubled, sum(k.done for k in clerks),
        box.log().count("written anew from the accept log")))


def waiting_letters(box, disk):
    """What waits for its next try, or for the administrator."""
    for i in range(6):
        box.send("a@client.test", ["u%d@defer.test" % i], "Subject: x\n\nx\n")
    wait(lambda: [m["queue_name"] for m in box.queue()] == ["deferred"] * 6,
         lambda: "deferred letters: %s" % box.queue())
    held = box.queue()[0]["queue_id"]
    gone = box.queue()[1]["queue_id"]
    box.inside("postsuper", "-h", held)
    box.inside("postsuper", "-d", gone)
    before = {m["queue_id"] for m in box.queue()}
    assert len(before) == 5 and gone not in before
    disk.cut()
    box.command("stop", check=False)
    disk.unmount()
    disk.mount()
    box.start()
    after = {m["queue_id"] for m in box.queue()}
    # a removal that was not on disk yet may be undone, nothing else
    assert before <= after and after - before <= {gone}, (before, after)


def main():
    if "OWN_MOUNTS" not in os.environ:
        # else an instance of another test, begun meanwhile, would keep the
        # disk mounted
        os.environ["OWN_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private",
                              sys.executable, *sys.argv])
    disk = Disk(os.environ.get("TEST_DIR", os.getcwd()))
    good = True
    try:
        disk.make()
        with Instance("--users", str(USERS), "--homes",
                      os.path.join(disk.where, "home"), "--set",
                      "queue_directory = " + os.path.join(disk.where, "spool"),
                      ) as box:
            for number in range(CUTS):
                good = case("cut_%d" % number, one_cut, box, disk,
                            number) and good
            good = case("waiting_letters", waiting_letters, box,
                        disk) and good
            box.command("stop", check=False)
            good = case("no_crash", no_crash, box) and good
    finally:
        disk.remove()
    sys.exit(0 if good else 1)


main()
