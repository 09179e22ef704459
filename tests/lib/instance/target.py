"""DIR/target.json: where everything is, for tests and for tests/bench."""

import json
import os

from .plan import TREE, UID0, write


def target(plan, state):
    program = os.path.join(TREE, "tests", "instance")
    inside = ["nsenter", "-m", "-t", str(state["keeper"])]
    settings = dict(plan.sets)
    procmail = plan.tutorial or "procmail" in settings.get("mailbox_command", "")
    password = plan.users[0][1] if plan.users else ""
    out = {
        "name": "facteur", "host": "127.0.0.1", "domain": plan.domain,
        "users": {"pattern": plan.pattern, "first": 0,
                  "count": len(plan.users), "password": password,
                  "uid0": UID0},
        "accounts": [{"name": n, "password": p} for n, p in plan.users],
        "homes": plan.homes, "maildir": "Maildir",
        "pid": state["master"], "more_pids": [], "cgroup": state["cgroup"],
        "keeper_pid": state["keeper"], "web_pid": state["web"],
        "myhostname": plan.host,
        "cafile": plan.path("cert.pem"),
        "enter": inside,
        "agent": "procmail" if procmail else "deliver",
        "agent_cmd": [os.path.join(plan.build, "bin", "procmail"), "{rc}"],
        "procmailrc": ".procmailrc",
        "mailq": inside + ["/usr/bin/mailq"],
        "flush": inside + ["/usr/sbin/postqueue", "-f"],
        "wipe_queue": inside + ["/usr/sbin/postsuper", "-d", "ALL"],
        "build": plan.build,
        "config_dir": plan.path("etc"), "log_file": plan.path("log"),
        "start_cmd": [program, "start", "--dir", plan.dir],
        "stop_cmd": [program, "stop", "--dir", plan.dir],
        "reload_cmd": [program, "reload", "--dir", plan.dir],
    }
    for name in ("smtp", "submission", "submissions", "imap", "imaps", "pop3",
                 "pop3s", "sink"):
        out[name + "_port"] = plan.port(name)
    if plan.web:
        out["web_url"] = "http://127.0.0.1:%d/messagerie" % plan.port("web")
    write(plan.path("target.json"), json.dumps(out, indent=1) + "\n")
