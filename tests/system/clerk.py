"""Somebody who files mail by IMAP, one command at a time, and keeps account.

What was answered OK is in the account; of the command that was under way when
the server or the machine went, both states are known. check() looks whether the
mailbox is as one of both.
"""

import copy
import imaplib
import random
import re
import threading

imaplib.Commands.update(SETMETADATA=("AUTH", "SELECTED"),
                        GETMETADATA=("AUTH", "SELECTED"))
FLAGS = ("\\Seen", "\\Flagged", "\\Draft", "work", "later")
SUBJECT = re.compile(rb"Subject: ([^\r\n]*)")


class State:
    def __init__(self):
        self.folders = {}  # name: {subject: flags}
        self.subscribed = set()
        self.notes = {}

    def __eq__(self, other):
        return vars(self) == vars(other)

    def __str__(self):
        return "%s subscribed %s, noted %s" % (
            self.folders, sorted(self.subscribed), self.notes)


class Clerk:
    def __init__(self, box, user, seed):
        self.box = box
        self.user = user
        self.top = "INBOX.Filed%d" % seed
        self.random = random.Random(seed)
        self.state = State()
        self.maybe = None  # if the last command was done after all
        self.uids = {}  # (UIDVALIDITY, UID): subject
        self.done = self.number = 0
        self.ended = None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def run(self):
        try:
            c = self.box.imap(self.user)
            self.command(lambda s: s.folders.update({self.top: {}}),
                         c.create, self.top)
            while not self.stop.is_set():
                self.random.choice((
                    self.add, self.add, self.mark, self.mark, self.move,
                    self.copy, self.remove, self.make, self.rename,
                    self.subscribe, self.note))(c)
        except (imaplib.IMAP4.error, OSError) as e:
            self.ended = repr(e)  # self.maybe says what was under way

    def command(self, change, call, *words):
        """One command, and what it changes; anything but OK is the end."""
        self.maybe = copy.deepcopy(self.state)
        change(self.maybe)
        status, got = call(*words)
        if status != "OK":
            raise imaplib.IMAP4.error(str(got))
        self.state, self.maybe = self.maybe, None
        self.done += 1

    def folder(self):
        return self.random.choice(sorted(self.state.folders))

    def message(self, c):
        """A folder that has messages, selected; one of them and its UID."""
        full = [f for f, held in sorted(self.state.folders.items()) if held]
        if not full:
            return None
        folder = self.random.choice(full)
        subject = self.random.choice(sorted(self.state.folders[folder]))
        c.select(folder)
        got = c.uid("SEARCH", "SUBJECT", '"%s"' % subject)[1][0]
        return folder, subject, got.decode()

    def told(self, c, subject):
        for code in ("APPENDUID", "COPYUID"):
            for got in c.response(code)[1] or [None]:
                if got:
                    words = got.decode().split()
                    self.uids[words[0], int(words[-1])] = subject

    def add(self, c):
        folder = self.folder()
        self.number += 1
        subject = "%s-%d." % (self.top, self.number)
        flags = frozenset(f for f in FLAGS if self.random.random() < 0.3)
        self.command(
            lambda s: s.folders[folder].update({subject: flags}),
            c.append, folder, "(%s)" % " ".join(sorted(flags)), None,
            b"Subject: %s\r\n\r\n%s\r\n" % (
                subject.encode(), b"x" * self.random.randrange(3000)))
        self.told(c, subject)

    def mark(self, c):
        found = self.message(c)
        if found is None:
            return
        folder, subject, uid = found
        flag = self.random.choice(FLAGS)
        sign = self.random.choice("+-")

        def change(s):
            had = s.folders[folder][subject]
            s.folders[folder][subject] = (
                had | {flag} if sign == "+" else had - {flag})
        self.command(change, c.uid, "STORE", uid, sign + "FLAGS", flag)

    def transfer(self, c, verb):
        found = self.message(c)
        to = self.folder()
        if found is None or found[1] in self.state.folders[to]:
            return
        folder, subject, uid = found

        def change(s):
            s.folders[to][subject] = s.folders[folder][subject]
            if verb == "MOVE":
                del s.folders[folder][subject]
        self.command(change, c.uid, verb, uid, to)
        self.told(c, subject)

    def move(self, c):
        self.transfer(c, "MOVE")

    def copy(self, c):
        self.transfer(c, "COPY")

    def remove(self, c):
        found = self.message(c)
        if found is None:
            return
        folder, subject, uid = found

        def mark(s):
            s.folders[folder][subject] |= {"\\Deleted"}

        def gone(s):
            del s.folders[folder][subject]
        self.command(mark, c.uid, "STORE", uid, "+FLAGS", "\\Deleted")
        self.command(gone, c.uid, "EXPUNGE", uid)

    def fresh_name(self):
        self.number += 1
        return "%s.f%d" % (self.top, self.number)

    def make(self, c):
        if len(self.state.folders) < 6:
            name = self.fresh_name()
            self.command(lambda s: s.folders.update({name: {}}),
                         c.create, name)
            return
        empty = [f for f, held in self.state.folders.items()
                 if not held and f != self.top]

        def change(s):
            del s.folders[empty[0]]
            s.notes.pop(empty[0], None)
        if empty:
            c.select(self.top)
            self.command(change, c.delete, empty[0])

    def rename(self, c):
        old, new = self.folder(), self.fresh_name()
        if old == self.top:
            return

        def change(s):
            s.folders[new] = s.folders.pop(old)
            if old in s.notes:
                s.notes[new] = s.notes.pop(old)
        c.select(self.top)
        self.command(change, c.rename, old, new)

    def subscribe(self, c):
        name = self.folder()
        if name in self.state.subscribed:
            self.command(lambda s: s.subscribed.discard(name),
                         c.unsubscribe, name)
        else:
            self.command(lambda s: s.subscribed.add(name), c.subscribe, name)

    def note(self, c):
        name, text = self.folder(), "n%d" % self.number
        self.command(lambda s: s.notes.update({name: text}), c._simple_command,
                     "SETMETADATA", name, '(/private/comment "%s")' % text)

    # -- afterwards

    def names(self, c, call):
        lines = call('""', self.top + "*")[1]
        return {line.decode().split('"."')[1].strip(' "')
                for line in lines if line and b"\\No" not in line}

    def look(self):
        """The mailbox as it is now, and whether UIDs are what they were."""
        s = State()
        with self.box.imap(self.user) as c:
            s.subscribed = self.names(c, c.lsub)
            for name in self.names(c, c.list):
                s.folders[name] = self.look_into(c, name)
                c._simple_command("GETMETADATA", name, "/private/comment")
                got = c.response("METADATA")[1]
                text = re.search(rb'comment "([^"]*)"', got[0] or b"")
                if text:
                    s.notes[name] = text.group(1).decode()
        return s

    def look_into(self, c, name):
        found = {}
        status, _ = c.select(name)
        assert status == "OK", name
        validity = c.response("UIDVALIDITY")[1][0].decode()
        following = int(c.response("UIDNEXT")[1][0])
        _, got = c.uid("FETCH", "1:*",
                       "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        for part in got:
            if not isinstance(part, tuple):
                continue
            uid = int(re.search(rb"UID (\d+)", part[0]).group(1))
            flags = re.search(rb"FLAGS \(([^)]*)\)", part[0]).group(1)
            subject = SUBJECT.search(part[1]).group(1).decode()
            assert subject not in found, "%s twice in %s" % (subject, name)
            found[subject] = frozenset(flags.decode().split()) - {"\\Recent"}
            was = self.uids.get((validity, uid), subject)
            assert was == subject, "UID %d of %s is %s, was %s" % (
                uid, name, subject, was)
        most = [u for v, u in self.uids if v == validity]
        assert following > max(most, default=0), (name, following)
        return found

    def check(self):
        s = self.look()
        assert s in (self.state, self.maybe), \
            "%s: is\n%s\nwas\n%s\nor\n%s" % (
                self.user, s, self.state, self.maybe)
        # and stays so
        assert self.look() == s
