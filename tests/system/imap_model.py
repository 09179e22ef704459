"""An IMAP client that believes nothing: it keeps its own picture of the mailbox
and holds each answer of the server against it (RFC 3501, 9051, 7162).

Facts are what all sessions know together of a mailbox: what can never change of
a message, which flags it had at which mod-sequence, and who removed what. A View
is what one session was told since its SELECT.
"""

import os
import re
import select
import socket
import threading
import time

from lib import SLOW

TRACE = "STRESS_TRACE" in os.environ and open(  # all that is said
    os.environ["STRESS_TRACE"], "ab", buffering=0)
NUMBERED = ("FETCH", "STORE", "SEARCH", "SORT", "THREAD")
SYSTEM = {"\\seen", "\\answered", "\\flagged", "\\deleted", "\\draft"}
NEVER_CHANGES = ("RFC822.SIZE", "INTERNALDATE", "ENVELOPE", "BODYSTRUCTURE",
                 "BODY", "EMAILID", "THREADID", "SAVEDATE", "PREVIEW")


class Wrong(AssertionError):
    """The server broke a promise."""


def must(condition, *what):
    if not condition:
        raise Wrong(*what)


# --- reading what the server says

TOKEN = re.compile(rb' |\(|\)|"((?:[^"\\]|\\.)*)"|~?\{(\d+)\}\r\n'
                   rb'|((?:[^\s()"\[{]|\[[^\]]*\])+)', re.S)


def tokens(line):
    """Lists, str for atoms and numbers, bytes for strings, None for NIL."""
    stack, at = [[]], 0
    while at < len(line):
        got = TOKEN.match(line, at)
        must(got, "cannot be read", line, at)
        at = got.end()
        if got[0] == b"(":
            stack.append([])
        elif got[0] == b")":
            must(len(stack) > 1, "parenthesis", line)
            done = stack.pop()
            stack[-1].append(done)
        elif got[1] is not None:
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", got[1]))
        elif got[2] is not None:
            stack[-1].append(line[at:at + int(got[2])])
            at += int(got[2])
        elif got[3] is not None:
            word = got[3].decode("latin-1")
            stack[-1].append(None if word == "NIL" else word)
    must(len(stack) == 1, "parenthesis", line)
    return stack[0]


def numbers_of(text):
    """A sequence set without '*', in its order."""
    out = []
    for part in text.split(",") if text else []:
        a, _, b = part.partition(":")
        a, b = int(a), int(b or a)
        out += range(a, b + 1) if a <= b else range(a, b - 1, -1)
    return out


def set_of(numbers):
    return ",".join(str(n) for n in numbers)


def is_rising(numbers):
    return all(a < b for a, b in zip(numbers, numbers[1:]))


# --- what is known

class Facts:
    """Of one mailbox and UIDVALIDITY, of all sessions."""

    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()
        self.same = {}  # (uid, item): value
        self.flags = {}  # (uid, modseq): flags
        self.doomed = set()  # UIDs that somebody may have removed
        self.gone = {}  # uid: when its removal was answered
        self.next = 1  # highest UIDNEXT that was told
        self.removed = set()  # what somebody was told is gone

    def hold(self, uid, item, value):
        """The first to be told sets it; nobody may be told otherwise."""
        with self.lock:
            had = self.same.setdefault((uid, item), value)
        must(had == value, "%s of UID %d in %s changed" % (
            item, uid, self.name), had, value)

    def known(self, uid, item):
        return self.same.get((uid, item))

    def flags_at(self, uid, modseq, flags):
        with self.lock:
            had = self.flags.setdefault((uid, modseq), flags)
        must(had == flags, "two sets of flags at one mod-sequence",
             self.name, uid, modseq, had, flags)

    def doom(self, uids):
        with self.lock:
            self.doomed.update(uids)


class World:
    """All mailboxes of a user, and what others do to them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.boxes = {}
        self.outside = set()  # subjects that a foreign program removed

    def facts(self, name, validity):
        with self.lock:
            return self.boxes.setdefault((name, validity), Facts(name))


class Slot:
    __slots__ = ("uid", "flags", "modseq", "recent")

    def __init__(self):
        self.uid = self.flags = None
        self.modseq, self.recent = 0, False


class View:
    def __init__(self, name):
        self.name, self.slots = name, []
        self.keywords, self.permanent = set(), set()
        self.validity = self.next = self.highest = 0
        self.facts, self.read_only = None, False
        self.recent = 0

    def at(self, n):
        must(0 < n <= len(self.slots), "number out of range", n,
             len(self.slots))
        return self.slots[n - 1]

    def by_uid(self):
        return {s.uid: s for s in self.slots if s.uid}

    def number_of(self, uid):
        for n, s in enumerate(self.slots):
            if s.uid == uid:
                return n + 1
        return 0

    def is_known(self, slot):
        """By its UID, and which message it is."""
        return slot.uid and self.facts.known(slot.uid, "MARK")

    def exists(self, n):
        must(n >= len(self.slots), "EXISTS shrank", n, len(self.slots))
        self.slots += [Slot() for _ in range(n - len(self.slots))]

    def name_it(self, n, uid):
        """Slot n has that UID: between its neighbours, and always."""
        s = self.at(n)
        must(s.uid in (None, uid), "number %d is UID %s and %s" % (
            n, s.uid, uid))
        if s.uid is None:
            below, above = n - 2, n
            while below >= 0 and self.slots[below].uid is None:
                below -= 1
            while above < len(self.slots) and self.slots[above].uid is None:
                above += 1
            must(below < 0 or self.slots[below].uid < uid, "UIDs do not rise",
                 n, uid, below)
            must(above == len(self.slots) or uid < self.slots[above].uid,
                 "UIDs do not rise", n, uid, above)
            s.uid = uid
        return s

    def room_of(self, uid):
        """A place whose UID is not known and can be this one."""
        low = 0
        for i, s in enumerate(self.slots):
            if s.uid and s.uid > uid:
                break
            low = i if s.uid is None else low
        must(self.slots and self.slots[low].uid is None,
             "VANISHED of what was not there", uid)
        return low

    def remove(self, n):
        s = self.at(n)
        if s.uid:
            self.facts.removed.add(s.uid)
        del self.slots[n - 1]


# --- one session

class Session:
    """Sends commands, in groups, and checks all that comes back."""

    def __init__(self, box, world, user, tls=False):
        self.box, self.world, self.user = box, world, user
        self.view = self.coming = None  # what SELECT brings, until CLOSED
        self.enabled = set()
        self.count, self.open, self.log = 0, [], []
        self.data, self.earlier, self.floors = [], [], {}
        self.notify = self.idling = False
        self.kept = None  # tag and UIDs of a search with UPDATE
        self.socket = socket.create_connection(
            ("127.0.0.1", box.port("imaps" if tls else "imap")),
            timeout=60 * SLOW)
        if tls:
            self.socket = box.tls().wrap_socket(
                self.socket, server_hostname="localhost")
        self.file = self.socket.makefile("rb")
        must(self.line().startswith(b"* OK "), "greeting")
        self.do("LOGIN %s bench" % user)

    def close(self):
        self.file.close()
        self.socket.close()

    # -- lines

    def note(self, text):
        self.log = self.log[-40:] + [text]
        if TRACE:
            TRACE.write(b"%.6f %x %s\n" % (time.time(), id(self), text))

    def line(self):
        whole = b""
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError("closed behind %s" % self.log[-3:])
            must(line.endswith(b"\r\n"), "no CRLF", line)
            whole += line
            size = re.search(rb"~?\{(\d+)\}\r\n$", line)
            if not size:
                break
            whole += self.file.read(int(size[1]))
        self.note(b"S: " + whole[:300])
        return whole[:-2]

    def send(self, *commands):
        """Commands as text or bytes; all in one packet. Returns their tags."""
        tags, out = [], b""
        self.floors = {k: f.next for k, f in list(self.world.boxes.items())}
        for c in commands:
            if isinstance(c, str):
                c = c.encode("latin-1")
            self.count += 1
            tag = "t%d" % self.count
            words = c.split(None, 2)
            verb = words[0].upper().decode()
            if verb == "UID":
                verb += " " + words[1].upper().decode()
            self.open.append((tag, verb))
            tags.append(tag)
            out += tag.encode() + b" " + c + b"\r\n"
        self.note(b"C: " + out[:500])
        self.socket.sendall(out)
        return tags

    def group(self, *commands):
        """Send them together; (word, code, data) of each, in their order."""
        tags = self.send(*commands)
        got = {}
        self.data = []
        while len(got) < len(tags):
            done = self.handle(self.line())
            if done:
                must(done[0] in tags and done[0] not in got,
                     "a tag that is not open", done)
                got[done[0]] = done[1:] + (self.data,)
                self.data = []
        return [got[t] for t in tags]

    def drain(self):
        """What comes without a command: no EXPUNGE, for one (RFC 3501, 7.4.1).
        """
        while select.select([self.socket], [], [], 0)[0]:
            self.handle(self.line())

    def ask(self, command):
        return self.group(command)[0]

    def do(self, command):
        word, code, data = self.ask(command)
        must(word == "OK", command, word, code)
        return data

    # -- answers

    def handle(self, line):
        """A tagged answer as (tag, word, code), or None."""
        if line.startswith(b"+"):
            must(self.idling or self.open, "continuation", line)
            return None
        if not line.startswith(b"* "):
            return self.tagged(line)
        got = re.match(rb"\* (OK|NO|BAD|BYE|PREAUTH) (?:\[([^\]]*)\] )?",
                       line)
        if got:
            self.condition(got[1].decode(), (got[2] or b"").decode("latin-1"))
            return None
        words = tokens(line[2:])
        self.data.append(words)
        if words[0].isdigit():
            self.numbered(int(words[0]), words[1], words[2:])
        elif words[0] == "VANISHED":
            self.vanished(words[1:])
        elif words[0] == "FLAGS" and self.view:
            self.view.keywords = {f.lower() for f in words[1]}
        elif words[0] == "ENABLED":
            self.enabled |= set(words[1:])
            if "QRESYNC" in self.enabled:
                self.enabled.add("CONDSTORE")
        elif words[0] == "STATUS":
            self.status(words)
        elif words[0] == "ESEARCH":
            self.updated(words)
        return None

    def updated(self, words):
        """RFC 5267: what the search that is kept up has more, or less."""
        if self.kept is None or words[1] != ["TAG", self.kept[0].encode()]:
            return
        for what, value in zip(words[3::2], words[4::2]):
            if what == "ALL":
                self.kept[1].update(numbers_of(value))
            if what not in ("ADDTO", "REMOVEFROM"):
                continue
            for uid in (u for s in value[1::2] for u in numbers_of(s)):
                must((uid in self.kept[1]) == (what == "REMOVEFROM"),
                     "updated for nothing", what, uid)
                self.kept[1].symmetric_difference_update({uid})

    def tagged(self, line):
        got = re.fullmatch(rb"(\S+) (OK|NO|BAD) (?:\[(.*?)\] )?\S.*", line,
                           re.S)
        must(got and self.open, "an answer to nothing", line)
        tag, verb = self.open.pop(0)
        must(got[1].decode() == tag, "not the tag whose turn it is", line,
             tag)
        must(got[2] != b"BAD", "BAD to what is well-formed", verb, line)
        code = (got[3] or b"").decode("latin-1")
        if code.startswith("HIGHESTMODSEQ "):
            self.highest(int(code.split()[1]))
        return tag, got[2].decode(), code

    def condition(self, word, code):
        self.data.append([word, code])
        if word == "BYE":
            self.data.append(["BYE"])
        if code == "CLOSED":
            must(self.coming and self.view, "CLOSED", self.open)
            self.kept = None
            self.view, self.coming = self.coming, None
        v = self.view
        if v is None or " " not in code:
            return
        name, value = code.split(" ", 1)
        if name == "UIDVALIDITY":
            v.validity = int(value)
            v.facts = self.world.facts(v.name, v.validity)
        elif name == "UIDNEXT":
            v.next = int(value)
        elif name == "HIGHESTMODSEQ":
            self.highest(int(value))
            if self.open[0][1] not in ("SELECT", "EXAMINE"):
                self.enabled.add("CONDSTORE")
        elif name == "PERMANENTFLAGS":
            v.permanent = {f.lower() for f in value.strip("()").split()}

    def highest(self, n):
        must(n >= self.view.highest, "HIGHESTMODSEQ fell", n,
             self.view.highest)
        self.view.highest = n

    def may_shift(self, what):
        """Numbers may not change now (RFC 3501, 5.5 and 7.4.1)."""
        must(self.idling or (self.open and self.open[0][1] not in NUMBERED),
             "numbers change during", self.open[:1], what)

    def numbered(self, n, what, rest):
        v = self.view
        must(v, "no mailbox is selected", n, what)
        if what == "EXISTS":
            v.exists(n)
        elif what == "RECENT":
            must(n <= len(v.slots), "more recent than there are", n)
            v.recent = n
        elif what == "EXPUNGE":
            must("QRESYNC" not in self.enabled, "EXPUNGE and not VANISHED")
            self.may_shift(n)
            v.remove(n)
        elif what == "FETCH":
            self.fetched(n, rest[0])
        else:
            must(False, "an answer that there is not", n, what)

    def vanished(self, rest):
        v = self.view
        must("QRESYNC" in self.enabled, "VANISHED without QRESYNC")
        earlier = rest[0] == ["EARLIER"]
        uids = numbers_of(rest[-1])
        if earlier:
            self.earlier += uids
        else:
            self.may_shift(uids)
        for uid in uids:
            n = v.number_of(uid)
            if n:
                v.remove(n)
            elif not earlier:
                del v.slots[v.room_of(uid)]

    def fetched(self, n, items):
        v = self.view
        item = dict(zip((i.upper() for i in items[::2]), items[1::2]))
        s = v.at(n)
        if "UID" in item:
            s = v.name_it(n, int(item["UID"]))
        asked = self.open and self.open[0][1] in ("FETCH", "UID FETCH")
        if "MODSEQ" in item:
            modseq = int(item["MODSEQ"][0])
            must(modseq >= s.modseq, "MODSEQ fell", n, modseq, s.modseq)
            s.modseq = modseq
        elif "CONDSTORE" in self.enabled and "FLAGS" in item:
            must(asked, "a change without MODSEQ", n, items)
        if "FLAGS" in item:
            self.flagged(s, item)
        for name, value in item.items():
            if s.uid and (name in NEVER_CHANGES or (
                    name.startswith(("BODY[", "BINARY[")) and value)):
                v.facts.hold(s.uid, name, repr(value))

    def flagged(self, s, item):
        v = self.view
        flags = frozenset(f.lower() for f in item["FLAGS"])
        new = {f for f in flags if not f.startswith("\\")} - v.keywords
        must(not new, "keywords that FLAGS has not named", new)
        s.recent = "\\recent" in flags
        s.flags = flags - {"\\recent"}
        if "MODSEQ" in item and s.uid:
            v.facts.flags_at(s.uid, s.modseq, s.flags)

    def status(self, words):
        """UIDNEXT never falls. What NOTIFY tells may be on its way already."""
        item = dict(zip(words[2][::2], words[2][1::2]))
        if "UIDNEXT" not in item or "UIDVALIDITY" not in item or self.notify:
            return
        name = words[1]
        name = name.decode() if isinstance(name, bytes) else name
        self.at_least(name, int(item["UIDVALIDITY"]), int(item["UIDNEXT"]))

    def at_least(self, name, validity, number):
        """No UIDNEXT is lower than what was told before it was asked for."""
        facts = self.world.facts(name, validity)
        floor = self.floors.get((name, validity), 0)
        must(number >= floor, "UIDNEXT fell", name, number, floor)
        with facts.lock:
            facts.next = max(facts.next, number)

    # -- selecting

    def select(self, name, read_only=False, parameters=""):
        """True, or False when there is no such mailbox."""
        began = time.monotonic()
        fresh = View(name)
        fresh.read_only, self.earlier = read_only, []
        self.coming = fresh if self.view else None
        self.view = self.view or fresh
        word, code, data = self.ask("%s %s%s" % (
            "EXAMINE" if read_only else "SELECT", name, parameters))
        if word != "OK":
            self.view = None
            return False
        must(self.view is fresh, "no CLOSED", data)
        v = fresh
        must(v.validity and v.next, "SELECT without its codes", data)
        self.at_least(name, v.validity, v.next)
        must(code == ("READ-ONLY" if read_only else "READ-WRITE"), code)
        there = len(v.slots)
        self.learn()
        for n, s in enumerate(v.slots):
            must(s.uid is None or (s.uid < v.next) == (n < there),
                 "UIDNEXT does not part old from new", s.uid, v.next)
            gone = v.facts.gone.get(s.uid)
            must(gone is None or gone > began, "is there again", s.uid)
        return True

    def found(self, key):
        """The UIDs that a search finds, in either form of its answer."""
        out = set()
        for w in self.do("UID SEARCH " + key):
            if w[0] == "SEARCH":
                out.update(int(x) for x in w[1:] if isinstance(x, str))
            elif w[0] == "ESEARCH" and w[1] == ["TAG", b"t%d" % self.count]:
                out.update(numbers_of(dict(zip(w[3::2], w[4::2])).get(
                    "ALL", "")))
        return out

    def keep(self, key):
        """Have the results of a search kept up."""
        self.kept = ("t%d" % (self.count + 1), set())
        self.do("UID SEARCH RETURN (UPDATE ALL) " + key)

    def learn(self):
        """Have the UID, flags and facts of all that is new."""
        v = self.view
        new = [n + 1 for n, s in enumerate(v.slots) if not v.is_known(s)]
        if not new:
            return
        word, _, data = self.ask(
            "FETCH %d:%d (UID FLAGS RFC822.SIZE INTERNALDATE "
            "BODY.PEEK[HEADER.FIELDS (SUBJECT)])" % (new[0], new[-1]))
        must(word in ("OK", "NO"), word)
        for words in data:
            if words[1:2] != ["FETCH"]:
                continue
            uid, mark = None, None
            for k, x in zip(words[2][::2], words[2][1::2]):
                if k == "UID":
                    uid = int(x)
                elif k.startswith("BODY[") and x:
                    mark = re.search(rb"m\d+m", x)
            if uid and mark:
                v.facts.hold(uid, "MARK", mark[0].decode())
