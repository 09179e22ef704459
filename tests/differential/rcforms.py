"""rc files of the rarer forms of the language, made at random.

rcfiles.py has what most rc files are made of; here are the corners: old-style
recipes, chains over nested blocks, weights with exponents, loops of included
files, expansions inside expansions, comments and joined lines at odd places,
messages without a header, a body or an end.
"""

import rcfiles
from rcfiles import NAMES, WORDS

TAIL = ["", "", "", " ", "\t", " # note", " # it's", " # two \\"]


def some(r, most, make, *arguments):
    return [make(r, *arguments) for _ in range(r.randint(1, most))]


def number(r):
    return r.choice(["1", "-1", "+2", ".5", "-.5", "1.5", "1e2", "1e-2", "-3.25", "0", "100",
                     "2147483647", "1e9", "-1e9", "5.", "1.0e1", "007", "1e", "-0", "3000000000"])


def word(r):
    return r.choice(WORDS + ["t", "e", "o", "[a-z]+", "(one|two)", ".*", "x", "^From", "a"])


def operand(r, depth):
    """What may stand behind ${NAME:-."""
    # what is nothing at all would leave open whether a word has begun
    if depth > 0 and r.random() < .5:
        return "x" + expansion(r, depth - 1)
    return r.choice(["d", "'q q'", '"q q"', "a\\}b", "$V", "${W}", "y",
                     "`echo x}y`", "`echo b`", "a$", "\\$V", "'$V'", ":", "-", "$1"])


def expansion(r, depth=1):
    name = r.choice(NAMES + ["MATCH", "1", "2", "3", "NONE", "EMPTY", "LASTFOLDER", "EMPTY"])
    x = r.random()
    if x < .12:
        return "$" + name
    if x < .24:
        return "${%s}" % name
    if x < .62:
        return "${%s%s%s}" % (name, r.choice(["-", ":-", "+", ":+"]), operand(r, depth))
    if x < .72:
        return "$%s%s" % (name, r.choice([":-x", ":+x", "-x", "+x", ".", "[1]", "}", "{", "_"]))
    if x < .78:
        return "$\\" + name
    return r.choice(["$#", "$?", "$=", "$-", "$_", "$", "$%", "$ ", "$'", "${#}", "${?}",
                     "${1}", "${-}", "${}", "${", "${V", "${V:}", "${V#x}", "${V%x}", "${V:=x}",
                     "${V:?x}", "$(V)", "$[1]", "$V$W", "$V_", "${V}_", "$10", "${10}", "$@", "$*",
                     "$!", "${@}", "$\"V\"", "${ V }", "$1x", "$V\\", "$\\", "${\\V}",
                     "${=}", "$.", "$,", "$:"]) if r.random() < .8 else "${%s:-${%s:-${%s-x}y}z}" % (
                         r.choice(NAMES), r.choice(NAMES), r.choice(NAMES))


def backtick(r):
    inner = r.choice(["echo hi", "echo $V", "echo \"$V\"", "echo '$V'", "echo \\$V", "echo \\`echo x\\`",
                      "echo \"a  b\"", "cat | wc -c", "cat | tail -1", "sed -e 1q", "echo a\\\nb",
                      "exit 3;", "false", "true", "echo a;echo b", "printf 'x\\n\\n'",
                      "echo *", "echo \\\"x\\\"", "nosuchcommand 2>/dev/null;", "echo # x",
                      "script 2", "echo $# $1", "echo \"$@\"", "echo $?", "expr 1 + 2",
                      "test -n \"$W\"", "echo \\\\", "echo 'it'", "printf %s x", "sed -n '/^$/,$p'"])
    return "`%s`" % inner


def value(r):
    x = r.random()
    if x < .35:
        return expansion(r)
    if x < .5:
        return '"%s"' % "".join(some(r, 3, piece))
    if x < .65:
        return "".join(some(r, 3, piece))
    if x < .8:
        return backtick(r)
    if x < .87:
        return '"%s %s"' % (r.choice(WORDS), backtick(r).replace('"', "'"))
    return r.choice(["a\\\nb", "\"a\\\nb\"", "'a\\\nb'", "'a\nb'", "a\\", "\"a\\\\b\"", "\\", "a#b", "a\\#b",
                     "\\#b", "'#b'", "#b", "\"\"x", "''", "a''b", "\\ ", "\\\t", "\\\"", "\\'", "\\$V",
                     "\\`echo`", "=", "==x", "a = b", "(a)", "{", "}", "!", "*", "?", "a?b", "<x>",
                     "a&b", "\xe9", "\"\\a\\n\\t\"", "yes", "on", "off", "-1", "3x", "all", "no",
                     "\"unclosed", "'unclosed", "a b", "a  b c"])


def piece(r):
    return r.choice(["a", "b c", " ", "\\$", "\\\\", "'", "#", "\\a", "\\}", "}", "{", "\\`", "x\\\ny", "=",
                     "~", "*", "|", ";"]) if r.random() < .45 else expansion(r)


def assignment(r):
    name = r.choice(NAMES)
    x = r.random()
    if x < .08:
        return name + r.choice(TAIL)
    if x < .16:
        return "%s = %s" % (name, value(r))
    if x < .24:
        return "%s=%s %s=%s" % (name, value(r), r.choice(NAMES), value(r))
    if x < .28:
        return r.choice(["%s %s=x" % (name, r.choice(NAMES)), "%s =" % name, "%s=" % name, "%s\t=\tx" % name,
                         "%s-x" % name, "%s:x" % name, "1%s=x" % name, "%s=x }" % name, "  %s=x" % name,
                         "%s=x :0 c" % name, "%s=x;W=y" % name, "%s= # x" % name, "%s\\\n=x" % name,
                         "export %s=x" % name, "%s+=x" % name, "$%s=x" % name, "%s==x" % name])
    return "%s=%s" % (name, value(r)) + r.choice(TAIL)


def simple(r):
    """A condition without prefixes."""
    x = r.random()
    if x < .3:
        return rcfiles.regex(r)
    if x < .45:
        return r.choice(["^Subject:.*\\/" + word(r), "^Subject:\\/.*", "\\/^To:.*$", "^(From|To):.*\\/[^@]+@",
                         "()\\/" + word(r), word(r) + "\\/.*$.*", word(r) + "()\\/", "^\\/$",
                         "^^\\/.", "^Subject: *\\/[^ ].*[^ ]", "^X-Fold:\\/.*", "\\/(one|two)+",
                         "\\/t.*\\/o", "(\\/two)", "o\\/n|c\\/a", "^From:.*\\<\\/[a-z]+"])
    if x < .55:
        return r.choice("<>") + r.choice(["", " ", "  "]) + r.choice(
            ["0", "200", "1000", "$N", "$NONE", "+20", "0x10", "1e3", "${N}0", "'100'", "\"100\"",
             "100 # x", "99999999999", " 100", "$N$N", "$V", "`echo 100`", "100\\\n0", "(5)"])
    if x < .68:
        return "?" + r.choice(["", " "]) + r.choice(
            ["exit 3;", "true;exit 2", "grep -c two >/dev/null", "test $N -gt 10", "test \"$V\"",
             "script 4", "script", "false", "`echo true`", "sh -c false",
             "cat | grep -q '^$'", "echo out", "script 0 \\\n two", "test -f box", "script $N",
             "[ \"$V\" = one ]", "echo err >&2", "script 0 \"$@\"", "expr $N \\> 10 >/dev/null",
             "grep -q one # x", "script 1 'a  b' \"c  d\"", "kill -9 $$", "exec false;"])
    if x < .8:
        return r.choice(NAMES + ["B", "H", "HB", "BH", "MATCH", "LASTFOLDER", "EMPTY", "BB", "HH", "b"]) + \
            r.choice([" ?? ", "??", " ??", "?? ", "  ??  "]) + r.choice(
                [word(r), "^^" + word(r), word(r) + "^^", "", "^^^^", ".", "^$", "\\/.+", "> 3", "< 3", "! " + word(r),
                 "$ $V", "? cat >/dev/null", "? script", "1^1 " + word(r), "V ?? " + word(r), "B ?? o",
                 "[^a]", "(.|$)+", "\\<" + word(r), "$", "\\\\$V", "\\ x"])
    return word(r)


def condition(r):
    text = simple(r)
    x = r.random()
    edges = any(e in text for e in ("^", "$", "\\<", "\\>", "\\/"))
    if x < .3 and edges:    # counts at the edges of a text are our own
        return text
    if x < .25:
        text = "%s^%s%s%s" % (number(r), number(r), r.choice([" ", "", "  "]), text)
    elif x < .3:
        text = r.choice(["%s ^ %s %s", "%s^ %s %s", "%s,5^%s %s", "! %s^%s %s", "$ %s^%s %s",
                         "V ?? %s^%s %s", "%s^%s^%s"]) % (number(r), number(r), text)
    elif x < .42:
        text = "$ " + r.choice([text, expansion(r) + text, text + expansion(r), '"%s"' % text, "'%s'" % text,
                                backtick(r).replace('"', "'"), "^Subject:.*" + expansion(r), "$ $V", "! " + expansion(r),
                                "V ?? " + expansion(r), "$\\V", "^$\\V", "? test \"$V\"", "$V ?? x", "a\\$b",
                                "\"a\" b", "\\$V", "$$V", "($V|$W)"])
    if r.random() < .2:
        text = r.choice(["!", "! ", "!!", "! ! ", "!\t"]) + text
    if r.random() < .1 and len(text) > 3 and "?" not in text:
        at = r.randint(1, len(text) - 1)
        text = text[:at] + "\\\n" + r.choice(["", " ", "\t  "]) + text[at:]
    return text


def starred(r):
    return r.choice(["* ", "* ", "*", "*\t", " * ", "\t*"]) + condition(r) + r.choice(
        ["", "", "", " ", "\t", "\\", " # x"])


def target(r):
    """A folder, or some."""
    return r.choice(["box", "box", "md/", "mh/.", "plain", "$V", "${U:-box2}", "md/ mh/. plain/", "plain/.",
                     "plain/", "`echo box`", "\"box\" # x", "box # x", "nowhere/x", "./box", "new1", "new2/",
                     "sub/new3/.", "\"a b\"", "a\\ b/", "$EMPTY", "\"$EMPTY\"", "$NONE", "/dev/null",
                     "/dev/null box", "box box2", "md/ box", "${N}x", "$MATCH", "'$V'", "box\\\n2", "~/box",
                     "*", "new/$V/", "$1", "\"$@\"", "\"$@\"x", "md/new/x", "mh", "md//", "sub/../box",
                     "bin/script", "<box>", "(box)", "box;box2", "{x", "}", "box}", "-x", "a=b", "rc/x",
                     "./mh/.", "mh/..", "box/", "box/."])


def program(r):
    return r.choice(["cat >>got", "cat >> got", "cat >>$V.x", "cat >>got$N # x", "cat >> \"a b\"", "cat>>'q q'",
                     "script", "script 1", "script 0 $V \"$V\" '$V' \\$V", "script 0 a\\ b",
                     "script 0 \"$@\" $#", "script 0 $1 \"x$@y\"", "script 0 $EMPTY x",
                     "script 0 \"$EMPTY\" x", "script 0 `echo a b`", "script 0 \"`echo a b`\"",
                     "script 0 ${U:-a b}", "script 0 \"${U:-a b}\"", "script 0 a#b #c",
                     "script 0 \\\n  joined \\\n more", "cat >/dev/null; exit 5",
                     "script `echo 3`", "true", "false", "cat >>got;false",
                     "tee -a got >/dev/null", "sh -c 'cat >>got'", "cat - >>got", "(cat >>got)",
                     "{ cat >>got; }", "cat >>got \\\n&& echo x >>got", "head -1 >>got", "exec cat >>got",
                     "cat >>got >>got2", "script 0 $? $= $-", "script 0 \"a\\\"b\" 'c\\d'",
                     "script 0 $\\V", "VAR=x script", "cd sub;cat >>got", "script 0 * x"])


def locked(r):
    return r.choice([":", ": ", ":x.lock", ": x.lock", ":$V.lock", ":\"a b.lock\"", ": `echo l`", ":sub/x",
                     ":nowhere/x", ":$EMPTY", ":x y", ":x # z", " : ", ":$HOME/h.lock", ":x:y", ":${V}"])


def action(r, depth):
    """Flags, and the lines of the action."""
    x = r.random()
    if x < .3:
        return r.choice(["c", "c", "c", "ch", "cb", "cr", "chb", "", "w", "cf"]), [target(r)]
    if x < .5:
        return r.choice(["cw", "cW", "cwi", "cwh", "cbw", "cwr", "w", "cwhb", "fcw"]), ["| " + program(r)]
    if x < .6:
        return r.choice(["fw", "fW", "fhw", "fbw", "fwi", "fhbw", "fwr", "hfw"]), \
            ["|" + r.choice(["", " "]) + r.choice([rcfiles.a_filter(r), "sed -e '/^X-/d'", "cat; exit 2",
                                                   "tail -2", "sed '$d'", "echo new; cat", "cat; printf 'no end'",
                                                   "formail -I 'Subject: $V'", "formail -f", "tr -d '\\n'"])]
    if x < .68:
        return r.choice(["w", "W", "hw", "bw", "", "cw", "hW"]), \
            [r.choice(NAMES) + r.choice(["=|", "=| ", "= |", "= | "]) +
             r.choice(["sed -n 's/^Subject: //p'", "wc -l", "cat", "script", "false", "echo x; exit 2",
                       "tail -1", "printf 'a\\n\\n'", "tr a-z A-Z", "head -1", "true", "echo `echo y`"])]
    if x < .75:
        return r.choice(["cw", "cw", "cwh", "cwb", "cwi"]), \
            [r.choice(["!", "! ", " ! "]) + r.choice(
                ["joe@x", "a@b, c@d", "$V", "\"$V x\"", "`echo a@b`", "$EMPTY", "\"$@\"", "-fx a@b", "a@b # x",
                 "a@b \\\n c@d", "${U:-u@v w@x}", "'a b'@c", ""])]
    if depth <= 0:
        return "c", ["box"]
    inside = []
    for _ in range(r.randint(0, 3)):
        inside += statement(r, depth - 1)
    y = r.random()
    if y < .1:
        return "", ["{ V=in W=$V }"]
    if y < .15:
        return "", ["{ V=in", "}" + r.choice(["", " W=x", " }", "  # x"])]
    return r.choice(["", "", "", "", "cw", "cw", "cW", "h", "w", "f", "W", "cwi"]), \
        [r.choice(["{", "{", " {", "{ # x", "{ W=y", "{\t"])] + inside + [r.choice(["}", "}", " }", "} # x"])]


def head(r, flags, plain):
    chain = r.choice(["", "", "", "A", "a", "E", "e", "E", "A", "AE", "aE", "Ee", "Ae", "ae", "AA"])
    letters = list(chain + r.choice(rcfiles.FLAGS) + flags)
    if r.random() < .3:
        r.shuffle(letters)
    text = r.choice(["", "", " ", "\t"]) + r.choice(["", "", "", " "]).join(letters)
    count = "0" if plain == 0 else str(plain)
    if plain == 0 and r.random() < .04:
        count = r.choice(["", "00", "0 "])
    return r.choice([":", ":", ":", " :", ": "]) + count + text


def recipe(r, depth):
    flags, lines = action(r, depth)
    plain = r.choice([0] * 12 + [1, 2])
    text = head(r, flags, plain)
    if r.random() < .25 and not lines[0].strip().startswith("{"):
        text += locked(r)
    elif r.random() < .15:
        text += r.choice(["Z", " # note", " x y", "#x", " # \\", "$V", "${EMPTY}", "q", " 1"])
    out = [text]
    for _ in range(plain):
        out.append(r.choice(["", " "]) + condition(r))
    for _ in range(r.choice([0, 0, 1, 1, 1, 1, 2, 3])):
        out.append(starred(r))
        if r.random() < .08:
            out.append(r.choice(["# note", "", "   # more", "# joined \\", "\t", "*"]))
    if lines[0][:1] not in " " and r.random() < .1:
        lines = [r.choice([" ", "\t"]) + lines[0]] + lines[1:]
    return out + lines


def chain(r, depth):
    """Recipes that ask for what became of the one before."""
    out = []
    for letter in [""] + [r.choice(["A", "a", "E", "e"]) for _ in range(r.randint(1, 4))]:
        out.append(":0 " + letter + r.choice(["cw", "wc", "cW"]))
        for _ in range(r.choice([0, 1, 1])):
            out.append(r.choice(["* V ?? one", "* ! V ?? one", "* ? true", "* ? false", "* .", "* ^Subject:.*two"]))
        if r.random() < .25 and depth > 0:
            last = -1 if out[-1][0] == ":" else -2
            out[last] = out[last].replace("c", "")
            out += ["{"] + chain(r, depth - 1) + ["}"]
        else:
            out.append(r.choice(["| script 0 %s" % (letter or "first"), "| script 1 %s" % (letter or "first"),
                                 "nowhere/x", "box"]))
    return out


def loop(r):
    """A file that includes itself, or begins anew, some times."""
    return r.choice([["C", "INCLUDERC=loop"], ["C=x", "INCLUDERC=loop"], ["INCLUDERC=$HOME/loop"],
                     ["INCLUDERC=./loop"], ["INCLUDERC=loop2"], ["INCLUDERC=\"loop2\" V=behind"]])


def special(r):
    return r.choice([
        "LOG=\"$V\n\"", "LOG='x\n'", "LOG=\"$?/$=/$-\n\"", "LOG", "LOGABSTRACT=yes", "LOGABSTRACT",
        "LOGFILE", "LOGFILE=nowhere/log", "LOGFILE=sub/log", "LOGFILE=\"\"", "VERBOSE=on", "VERBOSE", "VERBOSE=1",
        "INCLUDERC=inc", "INCLUDERC", "INCLUDERC=/dev/null", "INCLUDERC=sub", "INCLUDERC=\"inc\"", "INCLUDERC=i${V:+nc}",
        "SHIFT=1", "SHIFT=2", "SHIFT=-1", "SHIFT=x", "SHIFT", "SHIFT=99", "SHIFT=$#",
        "UMASK=0", "UMASK=077", "UMASK=x", "UMASK", "LINEBUF=1000", "LINEBUF=200",
        "DEFAULT", "DEFAULT=nowhere/x", "DEFAULT=md/", "DEFAULT=mh/.", "DEFAULT=plain", "DEFAULT=\"\"",
        "DEFAULT=$ORGMAIL", "DEFAULT=/dev/null", "DEFAULT='a b'", "ORGMAIL", "ORGMAIL=nowhere/y",
        "ORGMAIL=md/", "MSGPREFIX=msg.x", "SHELLMETAS=%",
        "SHELLFLAGS=-ec", "SHELL=/bin/sh", "MAILDIR=nowhere", "MAILDIR=$HOME/sub", "MAILDIR=.", "MAILDIR",
        "MAILDIR=sub/", "MAILDIR=\"\"",
        "TRAP='echo $EXITCODE >> trapped'", "TRAP='exit 3;'", "TRAP='cat >>trapped; exit 3'", "TRAP=\"echo $V\"",
        "TRAP='echo said'", "TRAP=", "TRAP", "TRAP='script 2 $V'", "TRAP='echo err >&2'",
        "TRAP='echo $LASTFOLDER $MAILDIR >> $HOME/trapped'",
        "EXITCODE=75", "EXITCODE=-2", "EXITCODE=-1", "EXITCODE=300", "EXITCODE=x", "EXITCODE", "EXITCODE=$?", "EXITCODE=off",
        "LOCKFILE=g.lock", "LOCKFILE=$V.lock", "LOCKFILE=x.lock", "LOCKFILE=", "LOCKFILE=nowhere/l", 
        "LOCKEXT=.k", "LASTFOLDER", "LASTFOLDER='a b'", "SENDMAIL=bin/sendmail", "SENDMAIL", "SENDMAILFLAGS=",
        "SENDMAILFLAGS", "SENDMAILFLAGS='-a -b'", "EMPTY", "EMPTY=", "MATCH", "MATCH=m", "MATCH=\"m n\"", "HOME=sub",
        "V=$LONG$LONG$LONG", "LONG=" + "a" * 60, "LONG=$LONG$LONG", "TIMEOUT=30", "NORESRETRY=1", "SUSPEND=1",
        "DROPPRIVS=yes", "PROCMAIL_VERSION", "PROCMAIL_OVERFLOW", "TZ=UTC0", "LOGNAME=x",
        "%%%", "= x", "junk", "junk here", "}", "{", "} V=x", "* ^Subject", "! joe@x", "| cat", "#", "# \\", "\\", "\"", "'x'",
        "`echo V=x`", "$V", "0", "&", "-", ":0 # only\n\nV=x", ";", "V=x\r", ".", "/x", "~", "@", "(", "[x]"])


def statement(r, depth):
    x = r.random()
    if x < .25:
        return [assignment(r)]
    if x < .4:
        return [special(r)]
    if x < .45:
        return loop(r)
    if x < .53:
        return chain(r, depth)
    if x < .58:
        return rcfiles.statement(r, depth)
    return recipe(r, depth)


def show(r):
    """What the variables are by now, to the log."""
    return 'LOG="%s\n"' % "|".join("$" + n for n in r.sample(
        ["V", "W", "X", "N", "U", "MATCH", "?", "=", "-", "#", "LASTFOLDER", "MAILDIR", "PROCMAIL_OVERFLOW",
         "EXITCODE", "1"], 6))


def ending(r):
    return r.choice([[]] * 8 + [["SWITCHRC=sw"], ["HOST=other"], ["HOST"], ["HOST=`hostname`"], ["HOST=$HOST"],
                                ["SWITCHRC"], ["SWITCHRC="], ["SWITCHRC=/dev/null"], ["SWITCHRC=nonesuch"],
                                ["SWITCHRC=sub"], [":0", "* ! C ?? xx", "{ C=x$C SWITCHRC=rc }"],
                                [":0", "$DEFAULT"], [":0:", "${V:-box}"], [":0", "*"], [":0"], [":0", "{"],
                                [":0 E", "box"], ["V=\"unclosed"], [":0 w", "| cat >>got"]])


def rc_file(r, count):
    lines = []
    for _ in range(count):
        lines += statement(r, 2)
        if r.random() < .4:
            lines.append(show(r))
    text = "\n".join(lines)
    return text + r.choice(["\n", "\n", "\n", "", "\\", "\n\n"])


def message(r):
    text = rcfiles.message(r)
    x = r.random()
    if x < .06:
        text = r.choice(["", "\n", "\n\n", "x", "x\n", "\n\nbody\n", "From a\n", "From a  Mon Nov 24 10:00:00 2025",
                         "From a\n\n", "X: y\nSubject: one", "X: y\nSubject: one\n\n\n", "\n" + text, "\n\n" + text, " x\n" + text])
    elif x < .1:
        line, end, rest = text.partition("\n")
        text = line + end + rest.replace("Content-", "X-").replace("\n", "\r\n")
    elif x < .14:
        text = text.rstrip("\n")
    elif x < .18:
        text += r.choice(["\n", "\n\n", "From x\n", "From x", ">From x\n", "\nFrom one\ntwo\n", "\0\n"])
    elif x < .22:
        text = text.replace("Subject:", r.choice(["subject:", "SUBJECT:", "Subject :", "X-Subject:"]))
    elif x < .25:
        text = text.replace("To:", "Subject: second\nTo:", 1)
    return text


LOOP = """C=x$C
:0
* ! C ?? xxxx
{
%s
INCLUDERC=loop
}
%s
"""


def sample(r):
    """Files of the folder, arguments, message."""
    files, arguments, _ = rcfiles.sample(r)
    top = ["HOME=@HOME@", "SHELL=/bin/sh", "PATH=$HOME/bin:/usr/bin:/bin", "DEFAULT=default",
           "ORGMAIL=org", "SENDMAIL=$HOME/bin/sendmail", "V=one", "N=20", "EMPTY=",
           "LOCKSLEEP=1", "MAILDIRDETECT=no"]
    if r.random() < .85:
        top.append("LOGFILE=log")
    if r.random() < .3:
        top.append("VERBOSE=yes")
    if r.random() < .15:
        r.shuffle(top[3:])
    files["rc"] = "\n".join(top) + "\n" + rc_file(r, r.randint(1, 7)) + "\n" + \
        "\n".join(ending(r)) + r.choice(["\n", "\n", ""])
    files["inc"] = rc_file(r, 2)
    files["sw"] = rc_file(r, 2) + "\n" + "\n".join(ending(r)) + "\n"
    files["loop"] = LOOP % ("\n".join(recipe(r, 0)), assignment(r))
    files["loop2"] = "D=x$D\n:0\n* D ?? ^^x?x?x^^\n{ V=$D SWITCHRC=loop2 }\n" + rc_file(r, 1)
    files["x.lock"] = (0o444, "0", 4000) if r.random() < .03 else None
    if files["x.lock"] is None:
        del files["x.lock"]
    else:
        files["rc"] = "SUSPEND=1\n" + files["rc"]
    arguments = r.choice([["./rc"]] * 4 + [
        ["-m", "./rc", "arg1", "arg two"], ["-m", "./rc", "", "x", "y"], ["-m", "V=two", "W=$V x", "./rc", "a=b"],
        ["-a", "ext", "./rc"], ["-a", "one", "-a", "", "./rc"], ["-aext", "./rc"], ["-t", "./rc"], ["-Y", "./rc"],
        ["-tY", "./rc"], ["-f", "env@x", "./rc"], ["-f", "-", "./rc"], ["-fenv", "-Y", "./rc"], ["V=two words", "./rc"],
        ["V=\"q q\"", "./rc", "W='x'"], ["nonesuch", "./rc"], ["./rc", "sw"], ["@HOME@/rc"], ["rc"],
        ["-t", "-a", "x", "DEFAULT=other", "./rc"], ["--", "./rc"], ["-p", "./rc"], ["-", "./rc"], ["-q", "./rc"],
        ["-m", "rc", "x"], ["VERBOSE=y", "./rc"], ["LOG=\"cmd\n\"", "./rc"], ["-m", "./rc", "a\nb", "c'd"], ["-o", "./rc"]])
    return files, arguments, message(r)
