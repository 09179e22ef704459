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
    """procmail's forgets the '>' of a second envelope line that is not the begin of
    a message, and what reads that takes it for one."""
    return re.sub(r"\A(From .*\n)>From .*\n", r"\1", text.partition("\n")[2])


def mailbox(r):
    """What stands in a file for -s: some messages."""
    return "".join("From a@b Mon Nov 24 10:00:00 2025\n" +
                   behind_envelope(message(r)).rstrip("\n") + "\n\n"
                   for _ in range(r.randint(1, 4)))


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
