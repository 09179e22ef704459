"""Logs of procmail made at random, for mailstat."""

FOLDERS = ["box", "/dev/null", "md/new/12345678901.1_0.h", "mh/3", "cat >> x",
           "**Bounced**", "sub/msg.aB", "a b c", ""]
NOTES = ['procmail: Lock failure on "x"', "junk", 'procmail: Skipped "y"',
         "procmail: [123] Mon Nov 24 10:00:00 2003"]


def abstract(r):
    text = ""
    if r.random() < .8:
        text += "From a@b  Mon Nov 24 10:0%d:00 2003\n" % r.randint(0, 9)
    if r.random() < .8:
        text += " Subject: x%d\n" % r.randint(0, 9)
    if r.random() < .95:
        text += "  Folder: %s\t\t%7d\n" % (r.choice(FOLDERS),
                                           r.choice([0, 1, 100, 99999, 12345678]))
    return text + (r.choice(NOTES) + "\n" if r.random() < .2 else "")


def sample(r):
    """Arguments, files."""
    log = "".join(abstract(r) for _ in range(r.randint(1, 8)))
    options = r.sample(["-k", "-l", "-m", "-t", "-s"], r.choice([0, 1, 1, 2, 2, 3]))
    return options + ["log"], {"log": log or "junk\n"}
