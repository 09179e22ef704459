"""Options of formail made at random, and its input."""

import re

import rcfiles

FIELDS = ["Subject:", "From:", "X-Fold:", "X-New:", "to:", "Message-ID:", "X-",
          "Received:", "Reply-To:", "Cc:", "Date:"]


def with_field(r):
    name = r.choice(FIELDS[:-4] + ["X-Num:", "Precedence:"])
    return [r.choice(["-a", "-A", "-i", "-I"]),
            name + r.choice(["", " new", " two words", "  spaced ", " a\n\tb"])]


def option(r):
    x = r.random()
    if x < .3:
        return with_field(r)
    if x < .5:
        return [r.choice(["-x", "-X"]), r.choice(FIELDS)]
    if x < .6:
        return [r.choice(["-u", "-U"]), r.choice(FIELDS)]
    if x < .67:
        return ["-R", r.choice(FIELDS[:6]), r.choice(["Old-Subject:", "X-Was:"])]
    return [r.choice(["-z", "-c", "-f", "-b", "-Y", "-zc", "-rt",
                      "-r", "-rk", "-t"])]


def message(r):
    text = rcfiles.message(r)
    if r.random() < .3:
        text = text.replace("Subject:", "Reply-To: r@x (Re)\nSubject:", 1)
    if r.random() < .3:
        text = text.replace("To:", "Message-ID: <1@x>\nTo:", 1)
    if r.random() < .2:
        text = text.replace("To:", "Received: by x\nReceived: by y\n\tz\nTo:", 1)
    if r.random() < .1:
        text = "Sender: s@x\n" + text
    return re.sub(r"(?m)^Content-Length:.*\n", "", text)


def behind_envelope(text):
    """Without its first line, and without envelope lines in the header: what
    procmail's makes of a second one depends on what lay in its memory."""
    head, blank, body = text.partition("\n")[2].partition("\n\n")
    return re.sub(r"(?m)^>?From .*(?:\n|$)", "", head) + blank + body


def mailbox(r):
    """What stands in a file for -s: some messages."""
    return "".join("From a@b Mon Nov 24 10:00:00 2025\n" +
                   behind_envelope(message(r)).rstrip("\n") + "\n\n"
                   for _ in range(r.randint(1, 4)))


def more(r):
    """Options that are seldom given."""
    return r.choice([["-l", "folder"], ["-l", "a\tb" * 9], ["-p", "| "], ["-p", ""], ["-q"], ["-q-"], ["-b"], ["-e"],
                     ["-d"], ["-m", "3"], ["-m", "1"], ["-a", "Message-ID:"],
                     ["-x", "From"], ["-x", "X-"], ["-X", ""], ["-X", "From "], ["-I", "X-"],
                     ["-I", "From "], ["-A", "From y z"], ["-a", "From "], ["-I", "Subject"],
                     ["-U", "Received:"], ["-u", "X-Num"], ["-R", "X-", "Y-"], 
                     ["-R", "Subject:", "To:"], ["-R", "To:", ""], ["-R", "X-Num", "Num"], ["-A", "X-Two: a\n b"],
                     ["-I", "Subject: new"], ["-i", "Subject: new"], ["-a", "Subject: new"], ["-A", "Subject:"],
                     ["-zf"], ["-cz"], ["-rtk"], ["-rtz"], ["-rkb"], ["-rkp", "> "], ["-xTo:"], ["-ISubject:"],
                     ["-XSubject:"], ["-zxSubject:"], ["-czxX-Fold:"], ["-kX", "To:"], ["-tx", "To:"]])


def odd_message(r):
    """What is not quite a message."""
    text = message(r)
    return r.choice([
        "", "\n", "\n\n\n", "x", "x\n", ":\n", " x\n", "From \n", "From a\n", "From a b\n\n", "a: b", "a : b\n\nc\n",
        "a b: c\n\nd\n", "Subject:\n", "Subject:\n\n", "Subject:\tx\n \n\ty\n\nb", text.rstrip("\n"),
        "\n\n" + text, text + "\n\n\n", text.replace(": ", ":"),
        text.replace("To:", "To"), text.replace("To:", "TO :"), text.replace("\nSubject", "\n\nSubject"),
        text.replace("To:", "Received: a\nReceived:\n b\nReceived: c\nTo:"),
        text.replace("To:", "Reply-To: (c) r@x, s@y\nTo:"), text.replace("To:", "Return-Path: <p@q>\nTo:"),
        text.replace("To:", "Errors-To: e@x\nSender: s@x\nResent-From: f@x\nTo:"),
        text.replace("To:", "Resent-Reply-To: g@x\nResent-Sender: h@x\nTo:"),
        text.replace("To:", "References: <a@b>\n\t<c@d>\nMessage-ID: <m@x>\nIn-Reply-To: <c@d>\nTo:"),
        text.replace("To:", "Path: a!b!c\nNewsgroups: x\nTo:"), text.replace("Subject:", "Subject: Re:", 1),
        text.replace("From: ", "From: <> ", 1), text.replace("From: ", "From: \"A, B\" <a@b>, ", 1),
        "Content-Length: %d\n" % r.choice([0, 3, 30, 300]) + text, "From a@b Mon Nov 24 10:00:00 2025\n" + text])


def digest(r):
    """Messages without envelope lines, for -d."""
    return "".join(behind_envelope("From x\n" + message(r)).rstrip("\n") + "\n\n"
                   for _ in range(r.randint(1, 3)))


def corner(r):
    """Tool, arguments, files, input: the same of what is seldom."""
    options = [o for _ in range(r.choice([1, 1, 2, 2, 3]))
               for o in (more(r) if r.random() < .7 else option(r))]
    text = odd_message(r) if r.random() < .4 else message(r)
    if r.random() < .35:
        text = r.choice([mailbox, digest, mailbox])(r)
        options += r.choice([["-s"], ["+1", "-s"], ["-2", "-s"], ["+1", "-1", "-s"], ["-ds"], ["-es"], ["-des"], ["-m3", "-s"],
                             ["-m1", "-ds"], ["-9s"], ["+9s"]]) + r.choice(
                                 [[], ["cat"], ["sh", "-c", "echo $FILENO; cat"], ["sh", "-c", "head -1; exit 3"],
                                  ["formail", "-zxSubject:"]])
    elif r.random() < .15:
        options = [o for o in options if o != "-R"] if "-R" not in options else []
        options += ["-D", str(r.choice([1, 30, 8000])), "ids"]
    return "formail", options, {"ids": r.choice(["", "<1@x>\0", "<2@x>\0<1@x>\0\0", "x"])}, text


def sample(r):
    """Tool, arguments, files, input."""
    options = [o for _ in range(r.choice([0, 1, 1, 1, 2, 2, 3])) for o in option(r)]
    if set(options) & {"-r", "-rt", "-rk"}:
        # procmail's ends in a double free, or in an empty line, with these two
        options = [o if o not in ("-x", "-X", "-u", "-U") else "-a" for o in options]
    if r.random() < .25:
        split = r.choice([["-s"], ["+1", "-s"], ["-1", "-s"], ["-ds"], ["-es"],
                          ["-s"]])
        command = r.choice([[], ["cat"], ["sh", "-c", "echo $FILENO; cat"],
                            ["formail", "-x", "Subject:"]])
        return "formail", options + split + command, {}, mailbox(r)
    if r.random() < .1:
        return "formail", ["-D", str(r.choice([100, 8000])), "ids"], {"ids": ""}, message(r)
    return "formail", options, {}, message(r)
