#!/usr/bin/env python3
"""OAUTHBEARER and XOAUTH2, with a service that knows tokens."""

import base64
import http.server
import imaplib
import json
import os
import signal
import threading
import time
import urllib.parse

from lib import SLOW, main, wait

CONFIGURATION = "https://id.test/%s/openid" % ("x" * 300)
SEEN = []
STATE = {"status": 200}
ASKED, GO = threading.Event(), threading.Event()
SERVERS = []


def claims(token):
    name, _, more = token.partition(".")
    if not name.startswith("fb"):
        return {"active": False}
    return {"active": True, "username": name + "@bench.test", "sub": "fb01",
            "exp": int(time.time()) + 3600,
            "scope": "x" if more == "noscope" else "mail x",
            "aud": ["other"] if more == "aud" else ["other", "mx"]}


class Service(http.server.BaseHTTPRequestHandler):
    """RFC 7662; the token says itself whose it is."""

    def do_POST(self):  # pylint: disable=invalid-name
        form = urllib.parse.parse_qs(self.rfile.read(
            int(self.headers["Content-Length"])).decode())
        token = form["token"][0]
        SEEN.append((self.path, self.headers["Authorization"], token))
        if STATE["status"] == "waits":
            ASKED.set()
            GO.wait(30)
        body = json.dumps(claims(token)).encode()
        if STATE["status"] == "lies":
            body = b'{"active":true,"active":true'
        status = STATE["status"] if isinstance(STATE["status"], int) else 200
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except BrokenPipeError:
            pass  # who asked was killed

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


def b64(text):
    return base64.b64encode(text.encode()).decode()


def bearer(token, user=""):
    return "n,%s,\1host=x\1port=1\1auth=Bearer %s\1\1" % (
        user and "a=" + user, token)


def xoauth2(token, user):
    return "user=%s\1auth=Bearer %s\1\1" % (user, token)


def test_off(box):
    c = box.smtp("submission", starttls=True)
    assert "OAUTH" not in c.esmtp_features["auth"]
    assert c.docmd("AUTH", "OAUTHBEARER " + b64(bearer("fb00")))[0] == 504
    c.quit()


def test_configured(box):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    SERVERS.append(server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(box.path("etc", "oauth"), "w", encoding="ascii") as f:
        f.write("Basic Zm9vOmJhcg==\n")
    os.chmod(box.path("etc", "oauth"), 0o600)
    with open(box.path("etc", "main.cf"), "a", encoding="ascii") as f:
        f.write("auth_oauth_server = inet:127.0.0.1:%d\n"
                "auth_oauth_path = /check\n"
                "auth_oauth_scope = mail\n"
                "auth_oauth_audience = mx\n"
                "auth_oauth_openid_configuration = %s\n"
                "auth_oauth_authorization_file = %s\n"
                % (server.server_port, CONFIGURATION,
                   box.path("etc", "oauth")))
    box.reload("auth", "smtpd", "login")
    c = box.smtp("submission", starttls=True)
    assert "OAUTHBEARER" in c.esmtp_features["auth"].split()
    c.quit()
    assert "AUTH=XOAUTH2" in box.imap(
        service="imaps").capability()[1][0].decode()
    assert "OAUTHBEARER" in box.pop3(service="pop3s").capa()["SASL"]


def test_smtp(box):
    for text in ("OAUTHBEARER " + b64(bearer("fb00", "fb00@bench.test")),
                 "OAUTHBEARER " + b64(bearer("fb00." + "x" * 3000)),
                 "XOAUTH2 " + b64(xoauth2("fb00", "fb00"))):
        c = box.smtp("submission", starttls=True)
        code, said = c.docmd("AUTH", text)
        assert code == 235, (text[:20], code, said)
        assert c.mail("fb00@bench.test")[0] == 250
        assert c.rcpt("x@elsewhere.test")[0] == 250
        c.rset()
        c.quit()
    box.wait_log("sasl_method=OAUTHBEARER, sasl_username=fb00")
    assert SEEN[0][:2] == ("/check", "Basic Zm9vOmJhcg=="), SEEN
    # the third was the first's token
    assert [t for _, _, t in SEEN].count("fb00") == 1, SEEN


def test_errors(box):
    for token, user, status in (
            ("bad", "", "invalid_token"), ("fb01.aud", "", "invalid_token"),
            ("fb01.noscope", "", "insufficient_scope"),
            ("", "", "invalid_token"),
            ("fb01", "fb00@bench.test", "invalid_token")):
        c = box.smtp("submission", starttls=True)
        text = bearer(token, user)
        if not token:
            text = text.replace("Bearer ", "")
        code, said = c.docmd("AUTH", "OAUTHBEARER " + b64(text))
        assert code == 334, (token, code, said)
        got = json.loads(base64.b64decode(said))
        assert got == {"status": status, "scope": "mail",
                       "openid-configuration": CONFIGURATION}, got
        assert c.docmd("AQ==")[0] == 535
        c.quit()
    c = box.smtp("submission", starttls=True)
    code, said = c.docmd("AUTH", "XOAUTH2 " + b64(xoauth2("bad", "fb00")))
    assert json.loads(base64.b64decode(said))["status"] == "401", said
    assert c.docmd("")[0] == 535
    c.quit()
    box.wait_log("SASL OAUTHBEARER authentication failed: "
                 "the token is not valid")


def test_imap(box):
    c = box.imap(service="imaps")
    assert c.authenticate(
        "OAUTHBEARER", lambda _: bearer("fb01").encode())[0] == "OK"
    assert c.select()[0] == "OK"
    c.logout()
    said = []
    c = box.imap(service="imaps")
    try:
        c.authenticate("XOAUTH2", lambda text: said.append(text) or (
            b"" if text else xoauth2("bad", "fb01").encode()))
        raise AssertionError("a bad token")
    except imaplib.IMAP4.error as e:
        assert "AUTHENTICATIONFAILED" in str(e), e
    assert json.loads(said[1])["schemes"] == "bearer", said
    assert c.login("fb01", "bench")[0] == "OK"
    c.logout()
    box.wait_log(r"LOGIN FAILED, user=fb01, ip=")


def test_pop3(box):
    # pylint: disable=protected-access
    c = box.pop3(service="pop3s")
    assert c._shortcmd("AUTH OAUTHBEARER") == b"+ "
    assert c._shortcmd(b64(bearer("fb01"))).startswith(b"+OK")
    assert c.stat() == (0, 0)
    c.quit()
    c = box.pop3(service="pop3s")
    c._putcmd("AUTH XOAUTH2 " + b64(xoauth2("bad", "fb01")))
    assert json.loads(base64.b64decode(c._getline()[0][2:]))
    c._putcmd("AQ==")
    assert c._getline()[0].startswith(b"-ERR [AUTH]")
    c.close()


def begin(box, token):
    """A login whose token is being asked about."""
    STATE["status"] = "waits"
    ASKED.clear()
    GO.clear()
    c = box.smtp("submission", starttls=True)
    c.send("AUTH OAUTHBEARER %s\r\n" % b64(bearer(token)))
    assert ASKED.wait(20)
    return c


def end():
    STATE["status"] = 200
    GO.set()


def parent(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as f:
        return int(f.read().rpartition(")")[2].split()[1])


def askers(box):
    """The processes of auth that ask about a token: nobody's."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/comm" % name, encoding="ascii") as f:
                comm = f.read().strip()
            if comm == "auth" and os.stat("/proc/" + name).st_uid != 0 and \
                    parent(parent(int(name))) == box.t["pid"]:
                found.append(int(name))
        except OSError:
            pass
    return found


def test_killed(box):
    """A process that asks has no rights, and its death is our trouble."""
    c = begin(box, "fb00.killed")
    found = wait(lambda: askers(box), "a process that asks")
    assert len(found) == 1, found
    with open("/proc/%d/status" % found[0], encoding="ascii") as f:
        status = dict(line.rstrip().split(":\t", 1) for line in f
                      if ":\t" in line)
    assert set(status["Uid"].split()) == {"65534"}, status["Uid"]
    assert int(status["CapPrm"], 16) == int(status["CapEff"], 16) == 0
    assert status["Seccomp"] == "2" and status["NoNewPrivs"] == "1"
    os.kill(found[0], signal.SIGKILL)
    assert c.getreply()[0] == 454
    c.close()
    end()
    box.wait_log("Connection lost to authentication server")


def test_reload_meanwhile(box):
    """Who has asked is answered by the auth he asked."""
    c = begin(box, "fb00.reload")
    box.reload()
    end()
    assert c.getreply()[0] == 235
    c.quit()


def settings(box, *values):
    """These of main.cf, and an auth that has read them."""
    for value in values:
        box.inside("postconf", *value.split(" ", 1))
    box.reload("auth")


def asked(box, *tokens):
    """How often the service is asked about the first of them."""
    before = len(SEEN)
    for token in tokens:
        c = box.smtp("submission", starttls=True)
        assert c.docmd("AUTH", "XOAUTH2 " + b64(xoauth2(
            token, token.split(".")[0])))[0] == 235
        c.quit()
    return [t for _, _, t in SEEN[before:]].count(tokens[0])


def test_cache(box):
    """For how long, and how many."""
    tokens = ["fb00.one", "fb00.two", "fb00.one"]
    assert asked(box, *tokens) == 1
    settings(box, "-e auth_oauth_cache_limit=1")
    assert asked(box, *tokens) == 2
    settings(box, "-X auth_oauth_cache_limit", "-e auth_oauth_cache_time=0s")
    assert asked(box, *tokens) == 2
    settings(box, "-X auth_oauth_cache_time")


def test_claim(box):
    """Whose token it is stands where the parameter says."""
    for setting, user in (("-e auth_oauth_username_claim=sub", "fb01"),
                          ("-X auth_oauth_username_claim", "fb00")):
        settings(box, setting)
        before = len(box.log())
        with box.smtp("submission", starttls=True) as c:
            c.docmd("AUTH", "OAUTHBEARER " + b64(bearer("fb00.sub")))
            c.sendmail("a@client.test", ["fb00@bench.test"], "Subject: x")
        assert "sasl_method=OAUTHBEARER, sasl_username=%s\n" % user in \
            box.log()[before:]


def test_timeout(box):
    """The service does not answer; by default that takes ten seconds."""
    settings(box, "-e auth_oauth_timeout=1s")
    c = begin(box, "fb00.timeout")
    c.sock.settimeout(8 * SLOW)
    assert c.getreply()[0] == 454
    c.close()
    end()
    settings(box, "-X auth_oauth_timeout")


def test_worker_limit(box):
    """So many are looked at at once; the others wait their turn."""
    for i, most in enumerate((1, 2)):
        settings(box, "-e auth_worker_limit=%d" % most)
        STATE["status"] = "waits"
        GO.clear()
        clients, before = [], len(SEEN)
        for n in (2, 3, 4):
            c = box.smtp("submission", starttls=True,
                         source="127.0.0.%d" % n)
            c.send("AUTH OAUTHBEARER %s\r\n" % b64(bearer(
                "fb00.w%d%d" % (i, n))))
            clients.append(c)
        wait(lambda: len(SEEN) == before + most,  # pylint: disable=W0640
             "that many at once")
        assert len(askers(box)) == most
        end()
        for c in clients:
            assert c.getreply()[0] == 235
            c.quit()
        assert len(SEEN) == before + 3, SEEN[before:]
    settings(box, "-X auth_worker_limit")


def test_trouble(box):
    """Whatever the service does wrong is nobody's wrong password."""
    c = box.smtp("submission", starttls=True)
    assert c.docmd("AUTH", "OAUTHBEARER " + b64(bearer("fb00")))[0] == 235
    c.quit()
    for i, status in enumerate((500, 401, 302, "lies")):
        STATE["status"] = status
        c = box.smtp("submission", starttls=True)
        code, said = c.docmd(
            "AUTH", "OAUTHBEARER " + b64(bearer("fb01.%d" % i)))
        assert code == 454, (status, code, said)
        c.quit()
    SERVERS[0].shutdown()
    SERVERS[0].server_close()
    c = box.smtp("submission", starttls=True)
    assert c.docmd("AUTH", "OAUTHBEARER " + b64(bearer("fb01.down")))[0] == 454
    # and what was found good still is
    assert c.docmd("AUTH", "OAUTHBEARER " + b64(bearer("fb00")))[0] == 235
    c.quit()
    c = box.imap(service="imaps")
    try:
        c.authenticate("OAUTHBEARER", lambda _: bearer("fb01.down").encode())
        raise AssertionError("nobody knows the token")
    except imaplib.IMAP4.error as e:
        assert "UNAVAILABLE" in str(e), e
    c.logout()


main("--users", "2", "--set", "auth_failure_delay = 0s")
