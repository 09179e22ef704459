"""Numbered letters sent without a pause, and the count of what arrived."""

import smtplib
import threading

from lib import wait

USERS = 4
SENDERS = 4


class Load:
    """Sends letters with numbers until told to stop; keeps the accepted."""

    count = 0

    def __init__(self, box):
        Load.count += 1
        self.name = "n%d" % Load.count
        self.box = box
        self.stop = threading.Event()
        self.accepted = set()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(i,))
                        for i in range(SENDERS)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for t in self.threads:
            t.join()

    def one(self, c, name, user):
        text = "Subject: %s\n\n%s\n" % (name, "x" * 2000)
        c.sendmail("a@client.test", ["fb%02d@bench.test" % user], text)
        with self.lock:
            self.accepted.add(name)

    def run(self, worker):
        number = 0
        while not self.stop.is_set():
            try:
                with self.box.smtp() as c:
                    for _ in range(20):
                        if self.stop.is_set():
                            break
                        number += 1
                        self.one(c, "%s-%d-%d" % (self.name, worker, number),
                                 number % USERS)
            except (smtplib.SMTPException, OSError):
                self.stop.wait(0.05)  # 4xx or a lost connection: not accepted


def delivered(box):
    names = {}
    for user in range(USERS):
        for text in box.messages("fb%02d" % user):
            head = text.split(b"\n\n", 1)[0]
            for line in head.split(b"\n"):
                if line.startswith(b"Subject: n"):
                    name = line[9:].decode()
                    names[name] = names.get(name, 0) + 1
    return names


def all_there(box, load):
    box.inside("postqueue", "-f")
    wait(lambda: not [m for m in box.queue()], "an empty queue", 60)
    got = delivered(box)
    got = {n: c for n, c in got.items() if n.startswith(load.name + "-")}
    lost = sorted(load.accepted - set(got))
    assert not lost, "lost %d of %d: %s" % (len(lost), len(load.accepted),
                                            lost[:5])
    return sum(n - 1 for n in got.values())
