#!/usr/bin/env python3
# timeout: 120
"""Users share folders: ACL, LIST-MYRIGHTS, and what a visitor may and may not."""

import os
import re
import socket

from lib import SLOW, main, wait
from packets import reload


class Client:
    """Says words of IMAP; answers are whole, literals inside."""

    def __init__(self, box, user, tls=False):
        self.s = socket.create_connection(
            ("127.0.0.1", box.port("imaps" if tls else "imap")),
            timeout=30 * SLOW)
        if tls:
            self.s = box.tls().wrap_socket(self.s, server_hostname="localhost")
        self.f = self.s.makefile("rb")
        self.line()
        self.ok("LOGIN %s bench" % user)

    def line(self):
        """A response, with the literals in it."""
        whole = b""
        while True:
            line = self.f.readline()
            assert line.endswith(b"\r\n"), "closed behind %r" % whole
            whole += line
            literal = re.search(rb"\{(\d+)\}\r\n$", line)
            if not literal:
                return whole[:-2].decode()
            whole += self.f.read(int(literal[1]))

    def raw(self, data):
        self.s.sendall(data.encode())

    def do(self, command):
        self.raw("t %s\r\n" % command)
        lines = [self.line()]
        while not lines[-1].startswith("t "):
            lines.append(self.line())
        return lines

    def ok(self, command):
        lines = self.do(command)
        assert lines[-1].startswith("t OK"), (command, lines)
        return lines

    def no(self, command, code):
        lines = self.do(command)
        assert lines[-1].startswith("t NO [%s]" % code), (command, lines)
        return lines

    def append(self, folder, text, flags=""):
        text = text.replace("\n", "\r\n")
        return self.do("APPEND %s (%s) {%d+}\r\n%s" % (
            folder, flags, len(text), text))

    def close(self):
        self.f.close()
        self.s.close()


def fresh(box, *users):
    return [Client(box, u) for u in users]


def text(subject):
    return "From: a@bench.test\nSubject: %s\n\nbody of %s\n" % (
        subject, subject)


def has(lines, *wants):
    whole = "\n".join(lines)
    for want in wants:
        assert want in whole, (want, lines)


def lacks(lines, *wants):
    whole = "\n".join(lines)
    for want in wants:
        assert want not in whole, (want, lines)


def test_lists(box):
    """Who is named sees a folder, and nobody else does."""
    ann, bob, eve = fresh(box, "fb00", "fb01", "fb02")
    has(ann.ok("CAPABILITY"), " ACL ", " RIGHTS=", " LIST-MYRIGHTS ")
    has(ann.ok("NAMESPACE"), '(("INBOX." ".")) (("#shared." ".")) NIL')
    ann.ok("CREATE INBOX.Work")
    ann.ok("CREATE INBOX.Private")
    lacks(bob.ok('LIST "" "#shared.*"'), "LIST (")
    bob.no("SELECT #shared.fb00.Work", "NONEXISTENT")
    ann.ok("SETACL INBOX.Work fb01 lr")
    has(bob.ok('LIST "" "#shared.*"'), '"." #shared.fb00.Work')
    lacks(bob.ok('LIST "" "#shared.*"'), "Private", "INBOX")
    lacks(bob.ok('LIST "" "*"'), "#shared")
    lacks(eve.ok('LIST "" "#shared.*"'), "LIST (")
    lines = bob.ok('LIST "" "#shared.%"')
    has(lines, "* LIST (\\Noselect \\HasChildren) \".\" #shared.fb00")
    lines = bob.ok('LIST "" "#shared.fb00.%" RETURN (MYRIGHTS STATUS (MESSAGES))')
    has(lines, "* MYRIGHTS #shared.fb00.Work lr",
        "* STATUS #shared.fb00.Work (MESSAGES 0)")
    bob.ok("SUBSCRIBE #shared.fb00.Work")
    has(bob.ok('LSUB "" "*"'), "#shared.fb00.Work")
    lines = bob.ok('LIST (SUBSCRIBED) "" "*"')
    has(lines, '* LIST (\\Subscribed) "." #shared.fb00.Work')
    # what may not be looked up is not there
    for command in ("SELECT %s", "STATUS %s (MESSAGES)", "MYRIGHTS %s",
                    "GETACL %s", "GETMETADATA %s /shared/comment",
                    "DELETE %s", "RENAME %s #shared.fb00.x"):
        hidden = bob.no(command % "#shared.fb00.Private", "NONEXISTENT")
        none = bob.no(command % "#shared.fb00.None", "NONEXISTENT")
        assert hidden == none, (hidden, none)
        assert eve.no(command % "#shared.fb00.Work", "NONEXISTENT")
        assert bob.no(command % "#shared.nobody.Work", "NONEXISTENT")
    ann.ok("DELETEACL INBOX.Work fb01")
    lacks(bob.ok('LIST "" "#shared.*"'), "LIST (")
    bob.no("SELECT #shared.fb00.Work", "NONEXISTENT")


def test_rights(box):
    """Each right does what it is for, and no more."""
    ann, bob = fresh(box, "fb00", "fb01")
    ann.ok("CREATE INBOX.r")
    ann.append("INBOX.r", text("one"))
    ann.append("INBOX.r", text("two"))
    ann.ok("SETACL INBOX.r fb01 lr")
    there = "#shared.fb00.r"
    lines = bob.ok("SELECT " + there)
    has(lines, "* 2 EXISTS", "[PERMANENTFLAGS ()]", "t OK [READ-ONLY]")
    has(bob.ok("FETCH 1 BODY[TEXT]"), "body of one")
    lacks(bob.ok("FETCH 1 FLAGS"), "\\Seen")
    bob.do("STORE 1 +FLAGS (\\Seen)")
    lacks(bob.ok("FETCH 1 FLAGS"), "\\Seen")
    assert bob.append(there, text("no"))[-1].startswith("t NO [NOPERM]")
    for command in ("CREATE %s.x", "DELETE %s", "RENAME %s #shared.fb00.x",
                    "GETACL %s", "SETACL %s fb01 lra", "SETACL %s anyone lr",
                    "DELETEACL %s fb00", "LISTRIGHTS %s fb01"):
        bob.no(command % there, "NOPERM")
    has(bob.ok("MYRIGHTS " + there), "* MYRIGHTS %s lr" % there)
    bob.ok("UNSELECT")
    ann.ok("SETACL INBOX.r fb01 lrsi")
    has(bob.ok("SELECT " + there), "[PERMANENTFLAGS (\\Seen)]",
        "t OK [READ-WRITE]")
    bob.ok("FETCH 1 BODY[TEXT]")
    has(bob.ok("FETCH 1 FLAGS"), "\\Seen")
    assert bob.append(there, text("three"), "\\Seen \\Deleted \\Flagged")[
        -1].startswith("t OK [APPENDUID ")
    lines = bob.ok("FETCH 3 FLAGS")
    has(lines, "\\Seen")
    lacks(lines, "\\Deleted", "\\Flagged")
    bob.no("STORE 3 +FLAGS (\\Deleted)", "NOPERM")
    bob.no("EXPUNGE", "NOPERM")
    ann.ok("SETACL INBOX.r fb01 lrswite")
    bob.ok("SELECT " + there)
    bob.ok("STORE 3 +FLAGS (\\Deleted $mark)")
    has(bob.ok("EXPUNGE"), "* 3 EXPUNGE")
    has(bob.ok("SEARCH SUBJECT two"), "* SEARCH 2")
    has(bob.ok("UID SORT (SUBJECT) UTF-8 ALL"), "* SORT 1 2")
    bob.ok("COPY 1 " + there)
    has(bob.ok("NOOP"), "t OK")
    has(ann.ok("STATUS INBOX.r (MESSAGES)"), "MESSAGES 3")
    # with k and x below, with a over the list itself
    ann.ok("SETACL INBOX.r fb01 lrkxa")
    bob.ok("CREATE %s.sub" % there)
    has(ann.ok("GETACL INBOX.r.sub"), "fb01 lrkxac")
    bob.ok("SETACL %s.sub fb02 lr" % there)
    bob.ok("RENAME %s.sub %s.new" % (there, there))
    eve, = fresh(box, "fb02")
    has(eve.ok('LIST "" "#shared.*"'), "#shared.fb00.r.new")
    bob.ok("DELETE %s.new" % there)
    bob.no("RENAME %s #shared.fb01.mine" % there, "CANNOT")


def test_account(box):
    """A visitor learns and changes nothing of the account itself."""
    ann, bob = fresh(box, "fb00", "fb01")
    ann.ok("CREATE INBOX.a")
    ann.ok('SETMETADATA INBOX.a (/private/comment "secret")')
    ann.ok('SETMETADATA INBOX.a (/shared/comment "told")')
    ann.ok("SETACL INBOX.a fb01 lrswipkxtea")
    there = "#shared.fb00.a"
    lines = bob.ok("GETMETADATA (DEPTH infinity) %s (/private /shared)" % there)
    has(lines, "told")
    lacks(lines, "secret")
    bob.no('SETMETADATA %s (/private/comment "x")' % there,
           "METADATA NOPRIVATE")
    bob.no("GETQUOTAROOT " + there, "NOPERM")
    # names of his are not the owner's
    bob.ok("SELECT " + there)
    has(bob.ok('GETMETADATA "" /private/comment'), "NIL")
    has(bob.ok("STATUS INBOX (MESSAGES)"), "* STATUS INBOX (MESSAGES 0)")
    has(bob.ok('LIST "" "INBOX"'), "* LIST", " INBOX")
    bob.no("NOTIFY NONE", "CANNOT")
    lacks(bob.ok("ESEARCH IN (personal inboxes) ALL"), "#shared")
    bob.ok("CLOSE")
    bob.no("SELECT #shared.fb00.a.#shared.fb00.a", "NONEXISTENT")
    bob.no("SELECT #shared.fb01", "NONEXISTENT")
    bob.no("SELECT #shared.fb00", "NONEXISTENT")
    # CATENATE reads no folder that may not be read
    ann.append("INBOX", text("hidden"))
    bob.append(there, text("seen"))
    for url, good in (("/INBOX/;UID=1", False),
                      ("/%23shared.fb00/;UID=1", False),
                      ("/%23shared.fb00.a/;UID=1", True)):
        lines = bob.do('APPEND %s CATENATE (URL "%s")' % (there, url))
        assert lines[-1].startswith("t OK" if good else "t NO [BADURL"), lines


def test_session(box):
    """One selected folder, IDLE, literals, TLS, and what is enabled."""
    ann, = fresh(box, "fb00")
    bob = Client(box, "fb01", tls=True)
    ann.ok("CREATE INBOX.s")
    ann.ok("SETACL INBOX.s fb01 lrswite")
    there = "#shared.fb00.s"
    bob.ok("ENABLE CONDSTORE")
    bob.ok("SELECT INBOX")
    has(bob.ok("SELECT " + there), "* OK [CLOSED]")
    bob.raw("t IDLE\r\n")
    assert bob.line() == "+ idling"
    ann.append("INBOX.s", text("new"))
    assert bob.line() == "* 1 EXISTS"
    bob.raw("DONE\r\n")
    while not bob.line().startswith("t OK"):
        pass
    # a literal that waits to be asked for
    bob.raw("t APPEND %s {8}\r\n" % there)
    assert bob.line().startswith("+ ")
    bob.raw("A: b\r\n\r\n\r\n")
    lines = [bob.line()]
    while not lines[-1].startswith("t "):
        lines.append(bob.line())
    has(lines, "* 2 EXISTS", "t OK [APPENDUID")
    has(bob.ok("FETCH 2 (UID FLAGS)"), "UID 2")
    has(bob.ok("STORE 2 +FLAGS (\\Seen)"), "MODSEQ (")
    has(bob.ok("UID SEARCH SUBJECT {3+}\r\nnew"), "* SEARCH 1")
    big = text("big") + "x" * 70 + "\n"
    big += ("y" * 70 + "\n") * 30000
    assert bob.append(there, big)[-1].startswith("t OK")
    has(bob.ok("FETCH 3 RFC822.SIZE"), str(len(big.replace("\n", "\r\n"))))
    assert "y" * 70 in bob.ok("FETCH 3 BODY[]")[0]
    has(bob.ok("SELECT INBOX"), "* OK [CLOSED]", "t OK [READ-WRITE]")
    assert not bob.do("FETCH 1 FLAGS")[-1].startswith("t OK")
    # deleted under its visitor
    bob.ok("SELECT " + there)
    ann.ok("DELETE INBOX.s")
    bob.do("NOOP")
    bob.no("SELECT " + there, "NONEXISTENT")
    bob.ok("SELECT INBOX")


def test_between(box):
    """COPY and MOVE from one user's folders to another's, both ways."""
    ann, bob = fresh(box, "fb06", "fb07")
    there = "#shared.fb06.b"
    ann.ok("CREATE INBOX.b")
    ann.ok("SETACL INBOX.b fb07 lri")
    bob.append("INBOX", text("one"), "\\Seen \\Flagged $mark")
    bob.append("INBOX", text("two"))
    bob.append("INBOX", text("three"))
    bob.ok("SELECT INBOX")
    bob.no("COPY 1 #shared.fb06.none", "TRYCREATE")
    lines = bob.ok("COPY 1:2 " + there)
    assert re.match(r"t OK \[COPYUID \d+ 1:2 1:2\]", lines[-1]), lines
    lines = bob.ok("UID MOVE 3 " + there)
    has(lines, "[COPYUID ", "* 3 EXPUNGE")
    ann.ok("SELECT INBOX.b")
    has(ann.ok("FETCH 1:3 (FLAGS BODY.PEEK[TEXT])"), "body of one", "body of two",
        "body of three")
    lacks(ann.ok("FETCH 1 FLAGS"), "\\Seen", "\\Flagged", "$mark")
    # and back
    lines = bob.ok("SELECT " + there)
    has(lines, "* 3 EXISTS")
    ann.ok("STORE 2 +FLAGS (\\Answered $later)")
    has(bob.ok("NOOP"), "$later")
    bob.no("COPY 1 INBOX.none", "TRYCREATE")
    log = os.path.join(box.maildir("fb07"), "facteur.log")
    had = os.path.getsize(log)
    lines = bob.ok("COPY 2:3 INBOX")
    assert re.search(r"t OK \[COPYUID \d+ 2:3 4:5\]", lines[-1]), lines
    # the records are written by who copied, not by who looks next
    assert os.path.getsize(log) == had + 80, os.path.getsize(log) - had
    bob.no("MOVE 1 INBOX", "NOPERM")
    has(ann.ok("NOOP"), "t OK")
    ann.ok("SETACL INBOX.b fb07 lrie")
    bob.ok("SELECT " + there)
    bob.no("MOVE 1 INBOX", "NOPERM")
    ann.ok("SETACL INBOX.b fb07 lrte")
    bob.ok("SELECT " + there)
    lines = bob.ok("MOVE 1 INBOX")
    has(lines, "[COPYUID ", "* 1 EXPUNGE")
    bob.ok("SELECT INBOX")
    lines = bob.ok("FETCH 1:* (UID FLAGS BODY.PEEK[TEXT])")
    has(lines, "UID 6", "body of one")
    has([x for x in lines if "UID 4 " in x], "\\Answered", "$later",
        "body of two")
    bob.no("COPY 1 " + there, "NOPERM")
    # more than are done at once
    many = " () {6+}\r\nA: b\r\n" * 100
    bob.ok("CREATE INBOX.many")
    bob.ok("APPEND INBOX.many%s" % many)
    bob.ok("APPEND INBOX.many () {6+}\r\nA: b\r\n")
    ann.ok("SETACL INBOX.b fb07 lrite")
    bob.ok("SELECT INBOX.many")
    bob.no("COPY 1:* " + there, "LIMIT")
    bob.ok("COPY 1:100 " + there)
    has(ann.ok("NOOP"), "* 102 EXISTS")
    bob.ok("SELECT " + there)
    bob.no("COPY 1:* INBOX", "LIMIT")
    bob.ok("UID COPY 3:102 INBOX.many")
    has(bob.ok("STATUS INBOX.many (MESSAGES)"), "MESSAGES 201")


def served(box, user):
    """An imapd runs as this user."""
    return box.inside("pgrep", "-u", user, "-f", "imapd", check=False)[0] == 0


def test_waits(box):
    """A client that waits is parked without its visits, and comes back."""
    ann, bob = fresh(box, "fb08", "fb09")
    ann.ok("CREATE INBOX.p")
    ann.ok("SETACL INBOX.p fb09 lr")
    has(bob.ok('LIST "" "#shared.fb08.*"'), "#shared.fb08.p")
    ann.close()
    wait(lambda: not served(box, "fb08") and not served(box, "fb09"),
         "processes that end", 30)
    has(bob.ok("SELECT #shared.fb08.p"), "t OK [READ-ONLY]")
    # what is enabled later holds there as well
    bob.ok("ENABLE CONDSTORE")
    has(bob.ok("STATUS #shared.fb08.p (HIGHESTMODSEQ)"), "HIGHESTMODSEQ")
    assert served(box, "fb08")
    bob.close()
    wait(lambda: not served(box, "fb08"), "the end of a visit", 30)


def test_found_later(box):
    """Lists of other programs are found when their owner logs in."""
    ann, bob = fresh(box, "fb03", "fb04")
    ann.ok("CREATE INBOX.c")
    folder = box.maildir("fb03", "c")
    uid = os.stat(folder).st_uid
    path = os.path.join(folder, "courierimapacl")
    with open(path, "w") as f:
        f.write("owner aceilrstwx\nanyone lr\n")
    os.chown(path, uid, uid)
    lacks(bob.ok('LIST "" "#shared.*"'), "fb03")
    told = os.path.join(box.maildir("fb03"), "facteur.shared")
    os.utime(told, (0, 0))
    ann.close()
    ann, = fresh(box, "fb03")
    wait(lambda: "#shared.fb03.c" in str(bob.ok('LIST "" "#shared.*"')),
         "the list of Courier")
    has(bob.ok("SELECT #shared.fb03.c"), "t OK [READ-ONLY]")
    has(ann.ok("GETACL INBOX.c"), "anyone lr")


def test_told_daily(box):
    """Who shares nothing costs no more than a look a day."""
    ann, = fresh(box, "fb02")
    told = os.path.join(box.maildir("fb02"), "facteur.shared")
    wait(lambda: os.path.exists(told), "the note of what was told")
    inode = os.stat(told).st_ino
    assert os.stat(told).st_size == 0
    os.utime(told, (0, 0))
    ann.close()
    ann, = fresh(box, "fb02")
    wait(lambda: os.stat(told).st_mtime > 0, "another look")
    assert os.stat(told).st_ino == inode
    ann.ok("NOOP")


def test_way_back(box):
    """Lists go back to Courier and Dovecot, and their changes come again."""
    ann, = fresh(box, "fb03")
    ann.ok("CREATE INBOX.w")
    ann.ok("SETACL INBOX.w fb04 lrk")
    ann.ok("SELECT INBOX.w")
    ann.ok("UNSELECT")
    folder = box.maildir("fb03", "w")
    for program, name, want in (
            ("courier", "courierimapacl", "user=fb04 clr\n"),
            ("dovecot", "dovecot-acl", "user=fb04 lrk\n")):
        box.inside("facteur", "-c", box.path("etc"), "export", program,
                   "fb03")
        with open(os.path.join(folder, name)) as f:
            assert want in f.read(), name
    # what was changed there counts once they are taken over again
    with open(os.path.join(folder, "courierimapacl"), "w") as f:
        f.write("owner aceilrstwx\nuser=fb05 lr\n")
    ann.close()
    box.inside("facteur", "-c", box.path("etc"), "import", "-r", "fb03")
    ann, = fresh(box, "fb03")
    lines = ann.ok("GETACL INBOX.w")
    has(lines, "fb05 lr")
    lacks(lines, "fb04")


def test_over(box):
    """COPY and MOVE from one other user to another: all or none, each by his
    rights."""
    ann, bob, eve = fresh(box, "fb03", "fb04", "fb05")
    ann.ok("CREATE INBOX.o")
    eve.ok("CREATE INBOX.o")
    eve.ok("CREATE INBOX.secret")
    here, there = "#shared.fb03.o", "#shared.fb05.o"
    ann.append("INBOX.o", text("one"), "\\Seen \\Flagged $mark")
    for n in ("two", "three", "four"):
        ann.append("INBOX.o", text(n))
    ann.ok("SETACL INBOX.o fb04 lr")
    bob.ok("SELECT " + here)
    for name in (there, "#shared.fb05.secret", "#shared.fb05.none",
                 "#shared.fb08.o"):
        bob.no("COPY 1 " + name, "TRYCREATE")
    eve.ok("SETACL INBOX.o fb04 l")
    bob.no("COPY 1 " + there, "NOPERM")
    eve.ok("SETACL INBOX.o fb04 lri")
    lines = bob.ok("COPY 1:2 " + there)
    assert re.match(r"t OK \[COPYUID \d+ 1:2 1:2\]", lines[-1]), lines
    eve.ok("SETACL INBOX.o fb04 lriws")
    bob.ok("UID COPY 1 " + there)
    bob.ok("UID COPY 99 " + there)
    eve.ok("SELECT INBOX.o")
    lines = eve.ok("FETCH 1:* (FLAGS BODY.PEEK[TEXT])")
    has(lines, "* 3 FETCH", "body of one", "body of two")
    lacks(lines[:1], "\\Seen", "$mark")
    has(lines[2:], "\\Seen", "\\Flagged", "$mark")
    # a move wants the rights on both sides before anything is done
    assert bob.do("MOVE 3 " + there)[-1].startswith("t NO The mailbox is ")
    ann.ok("SETACL INBOX.o fb04 lre")
    bob.ok("SELECT " + here)
    bob.no("MOVE 3 " + there, "NOPERM")
    ann.ok("SETACL INBOX.o fb04 lrte")
    bob.ok("SELECT " + here)
    bob.no("MOVE 3 #shared.fb05.none", "TRYCREATE")
    has(eve.ok("NOOP"), "t OK")
    ann.ok("SELECT INBOX.o")
    lacks(ann.ok("FETCH 1:* FLAGS"), "\\Deleted")
    lines = bob.ok("MOVE 3:4 " + there)
    has(lines, "[COPYUID ", "* 3 EXPUNGE")
    has(eve.ok("NOOP"), "* 5 EXISTS")
    lines = eve.ok("FETCH 4:5 (FLAGS BODY.PEEK[TEXT])")
    has(lines, "body of three", "body of four")
    lacks(lines, "\\Deleted")
    has(ann.ok("STATUS INBOX.o (MESSAGES)"), "MESSAGES 2")
    assert not os.listdir(os.path.join(box.maildir("fb04"), "tmp"))


def test_notify(box):
    """NOTIFY about others' folders, as far as they may be seen now."""
    ann, bob = fresh(box, "fb00", "fb01")
    for name in ("w", "w.deep", "w.blind", "w.hidden", "v"):
        ann.ok("CREATE INBOX." + name)
        ann.ok("SETACL INBOX.%s fb01 %s" % (name, {
            "w.blind": "l", "w.hidden": "r"}.get(name, "lr")))
    ann.append("INBOX.w", text("old"))
    lines = bob.ok("NOTIFY SET STATUS (personal (MessageNew MessageExpunge)) "
                   "(subtree #shared.fb00.w (MessageNew MessageExpunge "
                   "MailboxName MailboxMetadataChange))")
    has(lines, '* LIST (\\NoAccess) "." #shared.fb00.w.blind',
        "* STATUS #shared.fb00.w (MESSAGES 1", "* STATUS INBOX (",
        "* STATUS #shared.fb00.w.deep (")
    lacks(lines, "hidden", "#shared.fb00.v", "blind (")

    def told(want):
        line = bob.line()
        assert re.match(want, line), (want, line)

    def until(want):
        """What is said up to and with that."""
        lines = [bob.line()]
        while not re.match(want, lines[-1]):
            assert lines[-1].startswith(("* STATUS", "* LIST")), lines
            lines.append(bob.line())
        return lines
    # while nothing is asked, and while IDLE is
    ann.append("INBOX.w.hidden", text("one"))
    ann.append("INBOX.w.blind", text("one"))
    ann.append("INBOX.v", text("one"))
    ann.append("INBOX.w", text("two"))
    told(r"\* STATUS #shared\.fb00\.w \(.*MESSAGES 2")
    bob.raw("i IDLE\r\n")
    told(r"\+ ")
    ann.append("INBOX.w.deep", text("three"))
    told(r"\* STATUS #shared\.fb00\.w\.deep \(.*MESSAGES 1")
    bob.raw("DONE\r\n")
    told("i OK")
    bob.append("INBOX", text("own"))
    ann.ok('SETMETADATA INBOX.w (/private/comment "mine")')
    ann.ok('SETMETADATA INBOX.w (/shared/comment "ours")')
    told(r"\* METADATA #shared\.fb00\.w /shared/comment$")
    # folders come, go, and change their names
    ann.ok("CREATE INBOX.w.new")
    until(r'\* LIST \(\) "\." #shared\.fb00\.w\.new$')
    ann.ok("RENAME INBOX.w.new INBOX.w.newer")
    until(r'.*newer \("OLDNAME" \(#shared\.fb00\.w\.new\)\)$')
    # rights that come are a folder's, and so are those that go
    ann.ok("SETACL INBOX.w.hidden fb01 lr")
    until(r'\* LIST \(\) "\." #shared\.fb00\.w\.hidden$')
    until(r"\* STATUS #shared\.fb00\.w\.hidden")
    ann.ok("SETACL INBOX.w.deep fb01 r")
    until(r".*NonExistent.* #shared\.fb00\.w\.deep$")
    ann.append("INBOX.w.deep", text("four"))
    ann.append("INBOX.w", text("five"))
    lacks(until(r"\* STATUS #shared\.fb00\.w \(.*MESSAGES 3"), "deep")
    # another's folder that is selected ends it; what is not shared is none
    bob.ok("NOTIFY SET (mailboxes (#shared.fb00.w #shared.fb02.none) "
           "(MessageNew MessageExpunge))")
    ann.append("INBOX.w", text("six"))
    until(r"\* STATUS #shared\.fb00\.w \(.*MESSAGES 4")
    has(bob.ok("SELECT #shared.fb00.w"), "NOTIFICATIONOVERFLOW")
    bob.no("NOTIFY NONE", "CANNOT")
    bob.ok("UNSELECT")
    bob.ok("SUBSCRIBE #shared.fb00.w")
    bob.ok("NOTIFY SET (subscribed (MessageNew MessageExpunge))")
    ann.append("INBOX.w", text("seven"))
    until(r"\* STATUS #shared\.fb00\.w \(.*MESSAGES 5")
    # the owner's process is gone
    ann.close()
    box.inside("pkill", "-KILL", "-u", "fb00", "imapd", check=False)
    until(r"\* OK \[NOTIFICATIONOVERFLOW\]")
    bob.ok("NOOP")


def test_search(box):
    """ESEARCH over one's own folders and others'; who may not read a folder
    does not learn of it."""
    ann, bob, eve = fresh(box, "fb00", "fb01", "fb02")
    for c, folder in (ann, "s"), (ann, "s.deep"), (ann, "s.hidden"), (eve, "s"):
        c.ok("CREATE INBOX." + folder)
        c.append("INBOX." + folder, text("needle " + folder))
    bob.append("INBOX", text("needle own"))
    ann.ok("SETACL INBOX.s fb01 lr")
    ann.ok("SETACL INBOX.s.deep fb01 r") # not in lists
    ann.ok("DELETEACL INBOX.s.hidden fb01")
    eve.ok("SETACL INBOX.s fb01 lr")
    find = "ESEARCH IN (%s) RETURN (COUNT) SUBJECT needle"
    answer = '* ESEARCH (TAG "t" MAILBOX %s UIDVALIDITY '

    def found(sources):
        return sorted(line.split()[5] for line in bob.ok(find % sources)
                      if line.startswith("* ESEARCH "))
    assert found("subtree #shared") == ["#shared.fb00.s", "#shared.fb02.s"]
    assert found("subtree #shared.fb00") == ["#shared.fb00.s"]
    assert found("subtree-one #shared.fb00.s") == ["#shared.fb00.s"]
    assert found("subtree-one #shared") == []
    names = " ".join("#shared.fb0%d.%s" % n for n in (
        (0, "s"), (0, "s.deep"), (0, "s.hidden"), (0, "none"), (2, "s"),
        (5, "s")))
    assert found("mailboxes (INBOX %s)" % names) == [
        "#shared.fb00.s", "#shared.fb00.s.deep", "#shared.fb02.s", "INBOX"]
    assert found("personal") == ["INBOX"]
    bob.ok("SUBSCRIBE #shared.fb00.s")
    bob.ok("SUBSCRIBE INBOX")
    assert found("subscribed") == ["#shared.fb00.s", "INBOX"]
    # literals go over too; and while another's folder is selected
    bob.ok("SELECT #shared.fb00.s")
    has(bob.ok('ESEARCH IN (selected subtree {7+}\r\n#shared) RETURN (ALL) '
               "SUBJECT {6+}\r\nneedle"),
        answer % "#shared.fb00.s", answer % "#shared.fb02.s")
    lines = bob.ok("ESEARCH IN (selected mailboxes #shared.fb00.s) ALL")
    assert len(lines) == 2, lines
    has(bob.ok("ESEARCH RETURN (SAVE COUNT) ALL"), "COUNT 1")
    has(bob.ok("FETCH $ (UID)"), "* 1 FETCH")
    bob.ok("UNSELECT")
    ann.ok("SETACL INBOX.s fb01 l")
    assert found("subtree #shared") == ["#shared.fb02.s"]
    ann.ok("DELETEACL INBOX.s fb01")
    ann.ok("DELETEACL INBOX.s.deep fb01")
    assert found("mailboxes (%s)" % names) == ["#shared.fb02.s"]


def test_parameters(box):
    """By another name, by none, and without rights at all."""
    ann, bob = fresh(box, "fb00", "fb01")
    ann.ok("CREATE INBOX.n")
    ann.ok("SETACL INBOX.n fb01 lr")
    has(bob.ok("MYRIGHTS #shared.fb00.n"), " lr")
    reload(box, "-e", "imap_shared_namespace = Others")
    bob, = fresh(box, "fb01")
    has(bob.ok("NAMESPACE"), '(("Others." "."))')
    has(bob.ok("MYRIGHTS Others.fb00.n"), " lr")
    reload(box, "-e", "imap_shared_namespace =")
    bob, = fresh(box, "fb01")
    has(bob.ok("CAPABILITY"), " ACL ")
    has(bob.ok("NAMESPACE"), '(("INBOX." ".")) NIL NIL')
    bob.no("SELECT #shared.fb00.n", "NONEXISTENT")
    reload(box, "-e", "imap_acl = no")
    ann, = fresh(box, "fb00")
    lacks(ann.ok("CAPABILITY"), " ACL ", " RIGHTS=")
    ann.no("GETACL INBOX.n", "CANNOT")
    reload(box, "-X", "imap_acl", "imap_shared_namespace")


def test_lasts(box):
    """auth's index outlives it; who has moved to another host has nothing."""
    ann, moving = fresh(box, "fb00", "fb02")
    for c in ann, moving:
        c.ok("CREATE INBOX.l")
        c.ok("SETACL INBOX.l fb05 lr")
    eve, = fresh(box, "fb05")
    has(eve.ok('LIST "" "#shared.*"'), "#shared.fb00.l", "#shared.fb02.l")
    box.stop()
    box.start("--set", "imap_proxy_maps = inline:{ {fb02 = 127.0.0.1:1} }")
    eve, = fresh(box, "fb05")
    lines = eve.ok('LIST "" "#shared.*"')
    has(lines, "#shared.fb00.l")
    lacks(lines, "#shared.fb02.l")
    eve.no("SELECT #shared.fb02.l", "NONEXISTENT")


if __name__ == "__main__":
    main("--set", "imap_park_after = 1s", "--set", "login_user_limit = 9")
