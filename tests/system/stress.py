#!/usr/bin/env python3
# timeout: 240
"""Sessions that do anything at random on the same mailboxes, while mail is
delivered, fetched by POP3 and moved about by a foreign program; each holds what
it is told against its own picture of the mailbox (imap_model.py), and whenever
all are quiet, all pictures must be the same.

STRESS_SEED and STRESS_SECONDS choose the run; a failure prints its seed.
"""

import os
import poplib
import random
import re
import sys
import threading
import time

from crowd import leave_new
from imap_model import (Session, World, Wrong, is_rising, must, numbers_of,
                        set_of)
from lib import main

USER = "fb00"
BOXES = ["INBOX", "INBOX.a", "INBOX.b"]
KEYWORDS = ["$one", "two", "Three", "$four"]
FLAGS = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft"]
ITEMS = ["FLAGS", "RFC822.SIZE", "INTERNALDATE", "ENVELOPE", "BODYSTRUCTURE",
         "BODY", "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]",
         "BODY.PEEK[1]", "BODY.PEEK[TEXT]<2.5>", "EMAILID", "THREADID",
         "BINARY.PEEK[1]", "BINARY.SIZE[1]", "SAVEDATE", "MODSEQ",
         "BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)]", "PREVIEW"]
GONE = ("NO", "EXPUNGEISSUED")


class Actor:
    """One session and its dice."""

    def __init__(self, crowd, number):
        self.crowd, self.number = crowd, number
        self.dice = random.Random("%s/%d" % (crowd.seed, number))
        self.session = self.owed = None
        self.many, self.count = False, 0
        self.connect()

    # -- what it does

    def connect(self):
        self.session = Session(self.crowd.box, self.crowd.world, USER,
                               self.dice.random() < 0.3)
        self.owed = set()
        what = self.dice.choice(["", "CONDSTORE", "QRESYNC", "QRESYNC",
                                 "IMAP4rev2", "QRESYNC IMAP4rev2"])
        if what:
            self.session.do("ENABLE " + what)
        if self.dice.random() < 0.2:
            self.session.do(
                "NOTIFY SET (selected-delayed (MessageNew (UID FLAGS) "
                "MessageExpunge FlagChange)) (personal (MessageNew "
                "MessageExpunge FlagChange))")
            self.session.notify = True
        self.select()

    def select(self):
        name = self.dice.choice(BOXES)
        s, old = self.session, self.session.view
        extra = ""
        if "QRESYNC" in s.enabled and old and old.name == name and \
                old.highest:
            extra = " (QRESYNC (%d %d))" % (old.validity, old.highest)
        elif self.dice.random() < 0.2:
            extra = " (CONDSTORE)"
        self.owed = set()
        must(s.select(name, self.dice.random() < 0.15, extra), "SELECT", name)
        if extra == " (CONDSTORE)":
            s.enabled.add("CONDSTORE")
        s.kept = None
        if extra.startswith(" (Q") and old.validity == s.view.validity:
            self.resynced(old)
        if self.dice.random() < 0.4:
            s.keep("FLAGGED")

    def resynced(self, old):
        """What was told by QRESYNC made the old picture the new one."""
        s, v = self.session, self.session.view
        now = v.by_uid()
        must(not set(s.earlier) & set(now), "VANISHED and there",
             s.earlier, list(now))
        must(is_rising(sorted(set(s.earlier))), s.earlier)
        missed = set(old.by_uid()) - set(now) - set(s.earlier)
        # of some the UID could not be asked for: they are gone by now
        unknown = sum(x.uid is None for x in v.slots)
        must(len(missed) <= unknown, "QRESYNC did not tell that it is gone",
             missed, old.highest, v.highest)
        s.do("FETCH 1:* (UID FLAGS MODSEQ)" if v.slots else "NOOP")
        for uid, was in old.by_uid().items():
            is_now = now.get(uid)
            if is_now and was.flags is not None and \
                    is_now.modseq <= old.highest:
                must(was.flags == is_now.flags, "flags changed without MODSEQ",
                     uid, was.flags, is_now.flags)

    def step(self):
        s = self.session
        try:
            if s.view is None:
                self.select()
            s.learn()
            kinds = [self.numbered] * 8 + [self.shifting] * 6 + [
                self.append] * 3 + [self.noop] * 3 + [self.idle] * 2 + [
                self.copy] * 3 + [self.folders] * 2 + [self.select] * 2 + [
                self.expunge] * 2 + [self.purge] * 2 + [
                self.saved, self.replace] + [self.leave]
            self.dice.choice(kinds)()
        except Wrong as e:
            raise Wrong("session %d (%s): %s\n%s" % (
                self.number, " ".join(sorted(s.enabled)), e.args,
                "\n".join(str(x)[:400] for x in s.log))) from e

    def leave(self):
        how = self.dice.random()
        s = self.session
        if how < 0.3:
            s.send("LOGOUT")
            while s.handle(s.line()) is None:
                pass
        elif how < 0.6:
            s.send("FETCH 1:* BODY.PEEK[]" if s.view.slots else "NOOP")
        elif how < 0.8:
            s.send(b"APPEND INBOX.a {10000+}\r\nSubject: half")
        s.close()
        self.count += s.count
        self.connect()

    def noop(self):
        time.sleep(1.6 if self.dice.random() < 0.05
                   else self.dice.random() / 50)
        self.session.drain()
        self.session.do(self.dice.choice(["NOOP", "CHECK", "NOOP"]))
        left = self.owed & set(self.session.view.by_uid())
        must(not left, "left out as if it were gone, and is there", left)
        self.owed = set()

    def idle(self):
        s = self.session
        tag, = s.send("IDLE")
        s.idling = True
        while not s.log[-1].startswith(b"S: +"):
            s.handle(s.line())
        # now and then so long that it is parked
        time.sleep(1.6 if self.dice.random() < 0.15
                   else self.dice.random() / 5)
        s.socket.sendall(b"DONE\r\n")
        while True:
            done = s.handle(s.line())
            if done:
                must(done[:2] == (tag, "OK"), done)
                break
        s.idling = False

    # -- by numbers

    def some(self):
        """Numbers of messages that are known."""
        v = self.session.view
        known = [n + 1 for n, x in enumerate(v.slots) if v.is_known(x)]
        count = min(len(known), self.dice.choice([1, 1, 2, 3, 8]))
        return sorted(self.dice.sample(known, count))

    def numbered(self):
        if not self.some():
            return
        todo = []
        for _ in range(self.dice.choice([1, 1, 2, 4])):
            todo.append(self.dice.choice(
                [self.fetch, self.fetch, self.store, self.search,
                 self.search, self.sort])())
        self.many = len(todo) > 1
        got = self.session.group(*[t[0] for t in todo])
        for (command, check), answer in zip(todo, got):
            try:
                check(*answer)
            except Wrong as e:
                raise Wrong(command, *e.args) from e

    def owe(self, numbers):
        """They were passed over, so they must be gone."""
        self.owed |= {self.session.view.at(n).uid for n in numbers}

    def fetch(self):
        numbers = self.some()
        items = self.dice.sample(ITEMS, self.dice.randint(1, 4))
        if self.dice.random() < 0.1:
            items.append("BODY[TEXT]")
        changed = ""
        if self.dice.random() < 0.1:
            changed = " (CHANGEDSINCE %d)" % self.dice.choice(
                [self.session.view.highest or 1, 1])

        def check(word, code, data):
            told = {int(w[0]) for w in data if w[1:2] == ["FETCH"] and
                    "UID" in w[2]}
            missing = set(numbers) - told
            if not changed:
                must(not missing or (word, code) == GONE, "not told of",
                     missing, word, code)
                self.owe(missing)
        return "FETCH %s (UID %s)%s" % (
            set_of(numbers), " ".join(items), changed), check

    def store(self):
        v = self.session.view
        numbers = self.some()
        flags = self.dice.sample(FLAGS + KEYWORDS, self.dice.randint(1, 3))
        if self.dice.random() < 0.25:
            flags.append("\\Deleted")
            v.facts.doom(v.at(n).uid for n in numbers)
        op = self.dice.choice(["+", "+", "-", ""])
        since = ""
        if self.dice.random() < 0.2 and "CONDSTORE" in self.session.enabled:
            since = " (UNCHANGEDSINCE %d)" % max(
                1, v.at(numbers[0]).modseq - self.dice.randint(0, 1))
        silent = self.dice.choice(["", "", ".SILENT"])
        want = {f.lower() for f in flags}

        def check(word, code, data):
            if v.read_only:
                must(word == "NO", word, code)
                return
            # RFC 2180, 4.2: numbers of what others removed
            gone = word == "NO" and not silent and (
                code == "EXPUNGEISSUED" or code.startswith("MODIFIED "))
            must(word == "OK" or gone, word, code)
            left = set()
            if code.startswith("MODIFIED "):
                must(since, code)
                left = set(numbers_of(code.split()[1]))
                must(left <= set(numbers), code, numbers)
            told = {}
            for w in data:
                if w[1:2] == ["FETCH"] and "FLAGS" in w[2]:
                    at = w[2].index("FLAGS")
                    told.setdefault(int(w[0]), []).append({
                        f.lower() for f in w[2][at + 1]} - {"\\recent"})
            if silent:
                self.assume(set(numbers) - left - set(told), op, want)
                return
            for n in set(numbers) - left - set(told):
                self.owe([n])
            for n in set(numbers) & set(told) - left:
                # others may have been at it before and behind
                must(any(want <= x if op == "+" else not want & x
                         if op == "-" else want == x for x in told[n]),
                     "STORE was not done", n, told[n])
        return "STORE %s%s %sFLAGS%s (%s)" % (
            set_of(numbers), since, op, silent, " ".join(flags)), check

    def assume(self, numbers, op, want):
        """What .SILENT leaves to the client; with more commands behind it, it
        is not known what came later."""
        for n in numbers:
            s = self.session.view.at(n)
            if self.many:
                s.flags = None
            elif s.flags is not None:
                s.flags = frozenset(s.flags | want if op == "+" else
                                    s.flags - want if op == "-" else want)

    def key(self, depth=0):
        """A search key and what decides it: True, False, None: not known."""
        v, dice = self.session.view, self.dice
        kind = dice.choice(["SUBJECT", "SIZE", "UID", "SET", "DATE", "NOT",
                            "OR", "ALL"][:8 if depth < 2 else 5])
        some = self.some()
        uid = v.at(some[0]).uid
        if kind == "SUBJECT":
            mark = v.facts.known(uid, "MARK") or "m1m"
            return "SUBJECT " + mark, self.fact("MARK", lambda x: x == mark)
        if kind == "SIZE":
            size = int((v.facts.known(uid, "RFC822.SIZE") or "'50'")[1:-1])
            if dice.random() < 0.5:
                return "LARGER %d" % size, self.fact(
                    "RFC822.SIZE", lambda x: int(x[1:-1]) > size)
            return "SMALLER %d" % size, self.fact(
                "RFC822.SIZE", lambda x: int(x[1:-1]) < size)
        if kind == "UID":
            uids = {v.at(n).uid for n in some}
            return "UID " + set_of(sorted(uids)), lambda n, s: s.uid in uids
        if kind == "SET":
            return set_of(some), lambda n, s: n in some
        if kind == "DATE":
            date = re.search(r"[^b'\" ]+", v.facts.known(
                uid, "INTERNALDATE") or "01-Jan-2020")[0]
            return "ON " + date, self.fact(
                "INTERNALDATE", lambda x: date in x)
        if kind == "ALL":
            return "ALL", lambda n, s: True
        a, is_a = self.key(depth + 1)
        if kind == "NOT":
            return "NOT " + a, lambda n, s: (
                None if is_a(n, s) is None else not is_a(n, s))
        b, is_b = self.key(depth + 1)

        def either(n, s):
            both = [is_a(n, s), is_b(n, s)]
            return True if True in both else None if None in both else False
        return "OR %s %s" % (a, b), either

    def fact(self, item, good):
        facts = self.session.view.facts

        def decide(_, s):
            value = s.uid and facts.known(s.uid, item)
            return good(value) if value else None
        return decide

    def found(self, there, numbers, decide):
        """What is not found although it matches is gone. More may have come
        since."""
        slots = self.session.view.slots[:there]
        must(len(set(numbers)) == len(numbers), "found twice", numbers)
        for n, s in enumerate(slots, 1):
            got = decide(n, s)
            if got and n not in numbers:
                self.owe([n])
            if got is False and n in numbers:
                self.owe([n])  # it can be found by NOT alone, being gone
        must(all(0 < n <= len(self.session.view.slots) for n in numbers),
             "out of range",
             numbers, there)

    def search(self):
        key, decide = self.key()
        there = len(self.session.view.slots)
        extended = self.dice.random() < 0.4

        def check(word, code, data):
            must(word == "OK", word, code)
            if not extended and "IMAP4rev2" not in self.session.enabled:
                line, = [w for w in data if w[0] == "SEARCH"]
                numbers = [int(x) for x in line[1:]]
                must(is_rising(numbers), numbers)
                self.found(there, numbers, decide)
                return
            line, = [w for w in data if w[0] == "ESEARCH" and
                     not {"ADDTO", "REMOVEFROM"} & set(map(str, w))]
            item = dict(zip(line[2::2], line[3::2]))
            numbers = numbers_of(item.get("ALL", ""))
            self.found(there, numbers, decide)
            must(int(item.get("COUNT", len(numbers))) == len(numbers), line)
            if numbers and extended:
                must(int(item["MIN"]) == min(numbers) and
                     int(item["MAX"]) == max(numbers), line)
        return ("SEARCH %s%s" % ("RETURN (MIN MAX COUNT ALL) " if extended
                                 else "", key), check)

    def sort(self):
        key, decide = self.key()
        there = len(self.session.view.slots)
        what = self.dice.choice(["SIZE", "ARRIVAL", "SUBJECT", "DATE", "FROM",
                                 "REFERENCES", "ORDEREDSUBJECT"])

        def flat(x):
            return [int(x)] if isinstance(x, str) else [
                n for y in x for n in flat(y)]

        def check(word, code, data):
            must(word == "OK", word, code)
            line, = [w for w in data if w[0] in ("SORT", "THREAD")]
            numbers = flat(line[1:])
            self.found(there, numbers, decide)
            if what == "SIZE":
                v = self.session.view
                sizes = [v.facts.known(v.at(n).uid, "RFC822.SIZE")
                         for n in numbers]
                sizes = [int(x[1:-1]) for x in sizes if x]
                must(sizes == sorted(sizes), "not sorted", sizes)
        if what.startswith(("REF", "ORD")):
            return "THREAD %s UTF-8 %s" % (what, key), check
        return "SORT (%s) UTF-8 %s" % (what, key), check

    # -- what may shift the numbers

    def uids(self):
        v = self.session.view
        return [v.at(n).uid for n in self.some()]

    def shifting(self):
        v, dice, uids = self.session.view, self.dice, self.uids()
        if not uids:
            return
        kind = dice.choice(["FETCH", "STORE", "SEARCH", "STATUS", "LIST"])
        if kind == "FETCH":
            word, code, data = self.session.ask(
                "UID FETCH %s (FLAGS RFC822.SIZE ENVELOPE)" % set_of(uids))
            must(word == "OK" or (word, code) == GONE, word, code)
            for w in data:
                must(w[1:2] != ["FETCH"] or "UID" in w[2],
                     "UID FETCH without UID", w)
        elif kind == "STORE":
            word, code, _ = self.session.ask(
                "UID STORE %s %sFLAGS (%s)" % (
                    set_of(uids), dice.choice("+-"), dice.choice(
                        FLAGS + KEYWORDS)))
            must(word == "OK" or v.read_only, word, code)
        elif kind == "SEARCH":
            found = self.session.found("UID " + set_of(uids))
            must(found <= set(uids), found, uids)
            self.owed |= set(uids) - found
        elif kind == "STATUS":
            name = dice.choice(BOXES)
            data = self.session.do(
                "STATUS %s (MESSAGES UIDNEXT UIDVALIDITY UNSEEN SIZE "
                "HIGHESTMODSEQ)" % name)
            must(any(w[0] == "STATUS" for w in data), data)
        else:
            lists = [w for w in self.session.do(
                'LIST "" "*" RETURN (STATUS (UIDNEXT UIDVALIDITY))')
                     if w[0] == "LIST"]
            must({"INBOX"} <= {x[3] if isinstance(x[3], str)
                               else x[3].decode() for x in lists}, lists)

    def saved(self):
        """RFC 5182: what was found, by its short name."""
        uids = self.uids()
        if not uids:
            return
        answers = self.session.group(
            "UID SEARCH RETURN (SAVE) UID " + set_of(uids),
            "UID FETCH $ (UID FLAGS)")
        must(answers[0][0] == "OK" and answers[1][:2] in (
            ("OK", ""), GONE), answers)
        told = {int(w[2][w[2].index("UID") + 1]) for w in answers[1][2]
                if w[1:2] == ["FETCH"] and len(w[2]) < 6}
        self.owed |= set(uids) - told

    def replace(self):
        """RFC 8508: a message in the place of another."""
        s, v = self.session, self.session.view
        uids = self.uids()[:1]
        if not uids or v.read_only:
            return
        mark, text = self.crowd.message(self.dice)
        v.facts.doom(uids)
        word, code, data = s.ask(b"UID REPLACE %d %s (\\Seen) {%d+}\r\n%s" % (
            uids[0], v.name.encode(), len(text), text))
        if word != "OK":
            # what was removed by others cannot be replaced
            must(word == "NO", word, code)
            return
        self.crowd.put.add(mark)
        codes = [code] + [w[1] for w in data if w[0] == "OK"]
        code, = [c for c in codes if c.startswith("APPENDUID")]
        v.facts.hold(int(code.split()[2]), "MARK", mark)
        must(uids[0] not in v.by_uid(), "replaced and there", uids)

    def expunge(self):
        s, v = self.session, self.session.view
        if v.read_only:
            return
        began = {u for u in v.by_uid() if "\\deleted" in (
            v.by_uid()[u].flags or ())}
        if self.dice.random() < 0.5 and self.uids():
            uids = self.uids()
            word, code, _ = s.ask("UID EXPUNGE " + set_of(uids))
            began &= set(uids)
        else:
            word, code, _ = s.ask("EXPUNGE")
        must(word == "OK", word, code)
        # flags may have been taken away by others: only what it told is gone
        now = time.monotonic()
        for uid in began - set(v.by_uid()):
            v.facts.gone.setdefault(uid, now)

    def purge(self):
        """So that there are never very many."""
        s, v = self.session, self.session.view
        if len(v.slots) < 60 or v.read_only:
            return
        uids = [x.uid for x in v.slots[10:40] if v.is_known(x)]
        v.facts.doom(uids)
        if not uids:
            return
        s.group("UID STORE %s +FLAGS.SILENT (\\Deleted)" % set_of(uids),
                "UID EXPUNGE %s" % set_of(uids))
        for x in v.slots:
            x.flags = None if x.uid in uids else x.flags

    def copy(self):
        s, v = self.session, self.session.view
        numbers, name = self.some(), self.dice.choice(BOXES)
        move = self.dice.random() < 0.3 and not v.read_only
        if not numbers or (move and name == v.name):
            return
        uids = [v.at(n).uid for n in numbers]
        doomed = v.facts.doomed & set(uids)
        if move:
            v.facts.doom(uids)
        by_uid = self.dice.random() < 0.5
        word, code, data = s.ask("%s%s %s %s" % (
            "UID " if by_uid else "", "MOVE" if move else "COPY",
            set_of(uids if by_uid else numbers), name))
        if word != "OK":
            must((word, code) == GONE, word, code)
            return
        codes = [code] + [w[1] for w in data if w[0] == "OK"]
        codes = [c for c in codes if c.startswith("COPYUID")]
        if not codes:
            must(by_uid, "no COPYUID", numbers)
            return
        _, validity, sources, targets = codes[0].split()
        sources, targets = numbers_of(sources), numbers_of(targets)
        must(len(sources) == len(set(targets)) == len(targets) and
             set(sources) <= set(uids), "COPYUID", codes)
        facts = self.crowd.world.facts(name, int(validity))
        facts.doom(t for x, t in zip(sources, targets) if x in doomed or
                   x in v.facts.doomed and not move)
        for x, t in zip(sources, targets):
            must(t >= s.floors.get((name, int(validity)), 0),
                 "a copy below UIDNEXT", codes)
            for item in ("MARK", "RFC822.SIZE", "INTERNALDATE", "EMAILID"):
                if v.facts.known(x, item):
                    facts.hold(t, item, v.facts.known(x, item))

    def append(self):
        s, name = self.session, self.dice.choice(BOXES)
        messages = [self.crowd.message(self.dice) for _ in range(
            self.dice.choice([1, 1, 1, 3]))]
        command, marks = b"APPEND " + name.encode(), []
        for mark, text in messages:
            flags = self.dice.sample(FLAGS + KEYWORDS,
                                     self.dice.randint(0, 2))
            command += b" (%s) {%d+}\r\n%s" % (
                " ".join(flags).encode(), len(text), text)
            marks.append(mark)
        word, code, _ = s.ask(command)
        must(word == "OK" and code.startswith("APPENDUID "), word, code)
        _, validity, uids = code.split()
        facts = self.crowd.world.facts(name, int(validity))
        uids = numbers_of(uids)
        must(len(set(uids)) == len(marks) == len(uids), code)
        for uid, (mark, text) in zip(uids, messages):
            facts.hold(uid, "MARK", mark)
            facts.hold(uid, "RFC822.SIZE", repr(str(len(text))))
            facts.hold(uid, "BODY[]", repr(text))
            must(uid >= s.floors.get((name, int(validity)), 0),
                 "APPENDUID below UIDNEXT", code)
        self.crowd.put.update(marks)

    def folders(self):
        """Of its own: others may look on."""
        s, name = self.session, "INBOX.churn%d" % self.number
        other = name + ".sub"
        for command in ("CREATE " + name, "SUBSCRIBE " + name,
                        "RENAME %s %s" % (name, other)):
            s.do(command)
        names = {x[3] for x in s.do('LIST "" "%s*"' % name)
                 if x[0] == "LIST" and "\\NonExistent" not in x[1] and
                 "\\Noselect" not in x[1]}
        must({n if isinstance(n, str) else n.decode() for n in names} ==
             {other}, names)
        numbers = self.some()
        if numbers:
            word, code, _ = s.ask("COPY %s %s" % (set_of(numbers), other))
            must(word == "OK" or (word, code) == GONE, word, code)
        s.do("DELETE " + other)
        s.do("UNSUBSCRIBE " + name)
        must(s.ask("DELETE " + name)[0] in ("OK", "NO"))

    # -- when all is quiet

    def settle(self):
        s = self.session
        if s.view is None:
            self.select()
        self.noop()
        while any(w[0] not in ("OK", "STATUS") for w in s.do("NOOP")):
            pass
        s.learn()
        told = {x.uid: x.flags for x in s.view.slots}
        recent = {x.uid for x in s.view.slots if x.recent}
        if s.view.slots:
            s.do("FETCH 1:* (UID FLAGS MODSEQ)")
        now = [(x.uid, x.flags) for x in s.view.slots]
        for uid, flags in now:
            must(told[uid] in (None, flags), "told and asked for differ", uid,
                 told[uid], flags)
        must(s.view.read_only or recent == {
            x.uid for x in s.view.slots if x.recent}, "RECENT", recent)
        for flag in ("SEEN", "DELETED", "KEYWORD two"):
            word = flag.split()[-1].lower()
            found = s.found(flag)
            want = {u for u, f in now if word in f or "\\" + word in f}
            must(found == want, "SEARCH " + flag, found, want)
        if s.kept:
            found = s.found("FLAGGED")
            must(found == s.kept[1], "UPDATE", found ^ s.kept[1])
        return s.view

    def check_status(self):
        v = self.session.view
        if v.slots:
            self.session.do("FETCH 1:* (UID RFC822.SIZE)")
        line, = [w for w in self.session.do(
            "STATUS %s (MESSAGES UNSEEN UIDNEXT HIGHESTMODSEQ SIZE)" % v.name)
            if w[0] == "STATUS"]
        item = {k: int(x) for k, x in zip(line[2][::2], line[2][1::2])}
        sizes = [v.facts.known(x.uid, "RFC822.SIZE") for x in v.slots]
        must(item["MESSAGES"] == len(v.slots) and item["UNSEEN"] == sum(
            "\\seen" not in x.flags for x in v.slots), "STATUS", item)
        must(all(sizes) and item["SIZE"] == sum(
            int(x[1:-1]) for x in sizes), "STATUS SIZE", item)
        if v.slots:
            must(item["UIDNEXT"] > v.slots[-1].uid and item[
                "HIGHESTMODSEQ"] >= max(x.modseq for x in v.slots),
                 "STATUS", item)


class Crowd:
    def __init__(self, box, seed):
        self.box, self.seed = box, seed
        self.world = World()
        self.put, self.failed = set(), []
        self.lock, self.number = threading.Lock(), 0
        self.dice = random.Random(seed)
        self.end = 0

    def fresh(self):
        with self.lock:
            self.number += 1
            return "m%dm" % self.number

    def message(self, dice):
        mark = self.fresh()
        text = "From: a%d@one.test\r\nSubject: %s\r\nMessage-ID: <%s@x>\r\n" % (
            dice.randint(1, 5), mark, mark)
        if dice.random() < 0.5:
            text += "References: <m%dm@x>\r\n" % dice.randint(1, self.number)
        text += "\r\n" + "line %d\r\n" % dice.randint(1, 99) * dice.randint(
            0, 20)
        return mark, text.encode()

    def going(self):
        return time.monotonic() < self.end and not self.failed

    def run(self, work):
        try:
            while self.going():
                work()
        except Exception as e:  # pylint: disable=broad-except
            self.failed.append("%s: %s: %s" % (
                work.__qualname__, type(e).__name__, e))

    # -- those outside

    def deliver(self):
        mark = self.fresh()
        self.box.send("a@example.com", [USER], "Subject: %s\n\nx\n" % mark)
        self.put.add(mark)
        time.sleep(0.2)

    def pop3(self):
        c = self.box.pop3(USER)
        n = c.stat()[0] // 2
        try:
            if n > 15:
                text = b"\n".join(c.top(n, 0)[1]).decode()
                mark = re.search(r"m\d+m", text)[0]
                self.world.outside.add(mark)
                c.dele(n)
        except poplib.error_proto as e:
            assert "removed" in str(e), e  # by somebody else
        c.quit()
        time.sleep(0.2)

    def foreign(self):
        mark = self.fresh()
        leave_new(self.box, USER, mark)
        self.put.add(mark)
        cur = os.path.join(self.box.maildir(USER), "cur")
        there = sorted(os.listdir(cur))
        try:
            if there:
                old = self.dice.choice(there)
                base, flags = old.split(":2,")
                flags = set(flags) ^ {self.dice.choice("RFS")}
                os.rename(os.path.join(cur, old), os.path.join(
                    cur, base + ":2," + "".join(sorted(flags))))
            if len(there) > 40:
                old = os.path.join(cur, self.dice.choice(there))
                with open(old, encoding="utf-8") as f:
                    self.world.outside.add(re.search(
                        r"Subject: (m\d+m)", f.read())[1])
                os.unlink(old)
        except (FileNotFoundError, ValueError):
            pass  # somebody was quicker
        time.sleep(0.1)

    # -- rounds

    def round(self, actors, seconds):
        self.end = time.monotonic() + seconds
        works = [a.step for a in actors] + [self.deliver, self.pop3,
                                            self.foreign]
        threads = [threading.Thread(target=self.run, args=(w,))
                   for w in works]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert not self.failed, "seed %s\n%s" % (
            self.seed, "\n".join(self.failed))
        self.box.wait_empty()
        self.quiet(actors)

    def quiet(self, actors):
        """All are asked twice: the first time may move mail from new/."""
        for a in actors:
            a.settle()
        views = {}
        for a in actors:
            v = a.settle()
            views.setdefault(v.name, []).append(v)
            a.check_status()
        for name, same in views.items():
            rows = [[(s.uid, s.flags, s.modseq) for s in v.slots]
                    for v in same]
            must(all(r == rows[0] for r in rows), "pictures differ", name,
                 [set(r) ^ set(rows[0]) for r in rows])
            recent = [s.uid for v in same for s in v.slots
                      if s.recent and not v.read_only]
            must(len(set(recent)) == len(recent), "recent for two", recent)
        for facts in self.world.boxes.values():
            for uid in facts.removed - facts.doomed:
                must(facts.known(uid, "MARK") in self.world.outside | {None},
                     "removed by nobody", facts.name, uid)

    def conserved(self):
        """What was put is there, or somebody removed it."""
        there, dead = set(), set(self.world.outside)
        for name in BOXES:
            for text in self.box.messages(USER, name[6:]):
                there.add(re.search(rb"Subject: (m\d+m)", text)[1].decode())
        for facts in self.world.boxes.values():
            dead |= {facts.known(u, "MARK") for u in facts.doomed}
        lost = self.put - there - dead
        must(not lost, "lost", lost)


def test_all_at_random(box):
    seed = os.environ.get("STRESS_SEED", "1")
    seconds = float(os.environ.get("STRESS_SECONDS", "4"))
    rounds = max(2, int(seconds / 8))
    print("seed %s" % seed, flush=True)
    crowd = Crowd(box, seed)
    first = Session(box, crowd.world, USER)
    for name in BOXES[1:]:
        first.do("CREATE " + name)
    first.close()
    actors = [Actor(crowd, i) for i in range(5)]
    for _ in range(rounds):
        crowd.round(actors, seconds / rounds)
    for a in actors:
        a.session.do("CLOSE" if a.number else "NOOP")
        a.session.close()
    crowd.conserved()
    print("%d messages, %d commands" % (
        crowd.number, sum(a.count + a.session.count for a in actors)))


if __name__ == "__main__":
    main("--users", "1", "--set", "imap_park_after=1s")
