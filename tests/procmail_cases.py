#!/usr/bin/env python3
"""Run the procmail compatibility cases against a delivery agent.

usage: run_cases.py BINARY [--cases DIR] [--formail BINARY] [--lockfile BINARY]
                    [--mailstat BINARY] [--jobs N] [--only TEXT] [--group NAME]
                    [--skip-missing] [--keep] [--quiet] [--except FILE]

BINARY is called exactly as procmail would be.  Every case gets a private
HOME; what BINARY leaves there is compared with the recorded result.  The
format of a case is described in README.md beside this file.
Last line printed: 'N passed, N failed' (with ', N skipped' when not zero).
Exit status 0 only when nothing failed and something passed.
"""
import argparse, calendar, collections, concurrent.futures, hashlib, json, os, re
import resource, shutil, socket, stat, subprocess, sys, tempfile, threading, time

BIG = 16384
RUN_TIMEOUT = 60
CTIME = re.compile(r'(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
                   r' [ \d]\d \d\d:\d\d:\d\d \d{4}')
PROG = re.compile(r'^(?:procmail|deliver|formail|lockfile|facteur[-\w]*)(?:\[\d+\])?: ', re.M)
STAMP = re.compile(r'^@P@: \[\d+\] @NOW@\n', re.M)
MDNAME = re.compile(r'(?<=/)(new|tmp|cur)/\d{9,}\.[^\s/"]+')
CUT = re.compile(r'^(  Folder: [^\t\n]*?@(?:MSG|ID)@)[^\t\n]*', re.M)     # later names may be cut anywhere
FOLDER = re.compile(r'^(  Folder: [^\t\n]*)\t+ *(\d+)$', re.M)


def enc(s):
    return s.encode('utf-8', 'surrogateescape')


def dec(b):
    return b.decode('utf-8', 'surrogateescape')


def text_of(spec):
    """a string, or a list of strings and {"text":..., "times":n} pieces"""
    if isinstance(spec, str):
        return spec
    if isinstance(spec, dict):
        return spec['text'] * spec.get('times', 1)
    return ''.join(text_of(p) for p in spec)


# A child that was forked and has not begun its program yet holds what others
# have open: a script that is being written meanwhile cannot be run ("text file
# busy").
BETWEEN = threading.Lock()


class Box:
    """One case's private tree: ROOT/h is HOME, ROOT/spool stands for /var/mail,
    ROOT/etc for /etc (the last two only in 'ns' cases)."""

    def __init__(self, case, tools):
        self.case, self.tools = case, tools
        self.root = tempfile.mkdtemp(prefix='pmcase.', dir='/tmp')
        os.chmod(self.root, 0o755)
        self.home = self.root + '/h'
        os.mkdir(self.home, 0o755)
        self.ns = case.get('ns')
        self.given = {}
        for d in case.get('dirs', []):
            os.makedirs(os.path.join(self.home, d), exist_ok=True)
        for name, spec in case.get('files', {}).items():
            self.put(self.home, name, spec)
        for t in ('formail', 'lockfile', 'mailstat'):
            if tools.get(t):
                os.makedirs(self.home + '/bin', exist_ok=True)
                if not os.path.lexists(self.home + '/bin/' + t):
                    os.symlink(tools[t], self.home + '/bin/' + t)
        if self.ns is not None:
            self.make_ns()
        self.before = self.walk()

    def put(self, base, name, spec):
        path = os.path.join(base, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(spec, dict) and 'symlink' in spec:
            os.symlink(self.fill(spec['symlink']), path)
            return
        opts = spec if isinstance(spec, dict) and 'body' in spec else {}
        body = text_of(opts.get('body', spec))
        with BETWEEN:
            with open(path, 'wb') as f:
                f.write(enc(self.fill(body)))
        os.chmod(path, int(opts.get('mode', '644'), 8))
        if 'age' in opts:
            t = time.time() - opts['age']
            os.utime(path, (t, t))

    def fill(self, s):
        return s.replace('@HOME@', self.home).replace('@ROOT@', self.root)

    def make_ns(self):
        ns = self.ns
        etc, spool = self.root + '/etc', self.root + '/spool'
        os.mkdir(etc, 0o755)
        os.mkdir(spool)
        os.chown(spool, 0, 8)
        os.chmod(spool, int(ns.get('spool_mode', '2775'), 8))
        pw = 'root:x:0:0:root:/root:/bin/sh\nmail:x:8:8:mail:/var/mail:/usr/sbin/nologin\n'
        gr = 'root:x:0:\nmail:x:8:\n'
        for u in ns.get('users', []):
            home = self.fill(u.get('home', '@HOME@'))
            pw += '%s:x:%d:%d::%s:%s\n' % (u['name'], u['uid'], u['uid'], home, u.get('shell', '/bin/sh'))
            gr += '%s:x:%d:\n' % (u['name'], u['uid'])
        for name, body in (('passwd', pw), ('group', gr), ('nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files\n'),
                           ('hosts', '127.0.0.1 localhost\n')):
            self.put(etc, name, body)
        for name, spec in ns.get('etc', {}).items():
            self.put(etc, name, spec)
        for f in ('ld.so.cache', 'ld.so.conf', 'localtime'):
            if os.path.exists('/etc/' + f):
                shutil.copy('/etc/' + f, etc + '/' + f)
        for name, spec in ns.get('spool', {}).items():
            self.put(spool, name, spec)
            if isinstance(spec, dict) and 'owner' in spec:
                os.lchown(spool + '/' + name, *spec['owner'])
        for u in ns.get('users', []):
            h = self.fill(u.get('home', '@HOME@'))
            os.makedirs(h, exist_ok=True)
            for d, _, fs in os.walk(h):
                os.lchown(d, u['uid'], u['uid'])
                for f in fs:
                    os.lchown(os.path.join(d, f), u['uid'], u['uid'])
        for name, mode in ns.get('chmod', {}).items():
            os.chmod(os.path.join(self.home, name), int(mode, 8))
        for name, own in ns.get('chown', {}).items():
            os.lchown(os.path.join(self.home, name), *own)

    def walk(self):
        seen = {}
        tops = [('', self.home)]
        if self.ns is not None:
            tops.append(('@SPOOL@/', self.root + '/spool'))
            for u in self.ns.get('users', []):
                h = self.fill(u.get('home', '@HOME@'))
                if h != self.home and h.startswith(self.root):
                    tops.append(('@ROOT@' + h[len(self.root):] + '/', h))
        for pre, top in tops:
            for d, ds, fs in os.walk(top):
                rel = os.path.relpath(d, top)
                rel = '' if rel == '.' else rel + '/'
                for n in ds:
                    p = os.path.join(d, n)
                    seen[pre + rel + n + '/'] = ('dir', os.lstat(p))
                for n in fs:
                    p = os.path.join(d, n)
                    st = os.lstat(p)
                    if stat.S_ISREG(st.st_mode):
                        with open(p, 'rb') as f:
                            seen[pre + rel + n] = (f.read(), st)
                    elif stat.S_ISLNK(st.st_mode):
                        seen[pre + rel + n] = (b'-> ' + os.readlink(p).encode(), st)
                    else:
                        seen[pre + rel + n] = (b'special', st)
        return seen

    # ---- making output comparable
    def norm(self, data, log):
        s = dec(data)
        s = s.replace(self.home, '@HOME@').replace(self.root, '@ROOT@')
        now = time.time()

        def when(m):
            try:
                t = calendar.timegm(time.strptime(m.group(0), '%a %b %d %H:%M:%S %Y'))
            except ValueError:
                return m.group(0)
            return '@NOW@' if abs(t - now) < 86400 else m.group(0)
        s = CTIME.sub(when, s)
        if 'host' in self.case.get('norm', []):
            s = s.replace(socket.gethostname(), '@HOST@')
        for pat, rep in self.case.get('subst', []):
            s = re.sub(pat, rep, s, flags=re.M)
        if log:
            s = PROG.sub('@P@: ', s)
            s = STAMP.sub('', s)
            s = MDNAME.sub(r'\1/@MSG@', s)
            for pre in self.case.get('msgprefix', ['msg.']):
                s = re.sub(r'(?<=/)' + re.escape(pre) + r'[-\w]+', pre + '@ID@', s)
            s = CUT.sub(r'\1', s)
            s = FOLDER.sub(r'\1\t\2', s)
            if not self.case.get('diagnostics'):
                s = ''.join(l for l in s.splitlines(True) if not l.startswith('@P@: '))
        return s

    def pack(self, s):
        if len(s) > BIG:
            b = enc(s)
            return {'sha256': hashlib.sha256(b).hexdigest(), 'size': len(b)}
        return s

    def result(self, exits, outs, errs):
        after = self.walk()
        files, bags, dirs, modes, links = {}, collections.defaultdict(list), [], {}, {}
        logs = self.case.get('logs', ['log'])
        prefixes = self.case.get('msgprefix', ['msg.'])
        ignore = self.case.get('ignore', [])
        for name, (data, st) in sorted(after.items()):
            if name in ignore or any(i.endswith('*') and name.startswith(i[:-1]) for i in ignore):
                continue
            if name.startswith('@SPOOL@/') and data == b'' and name not in self.before:
                continue                        # procmail makes the system mailbox beforehand; nobody has to
            if self.case.get('modes') and data != b'special':
                key = name
                if not (name in self.before and self.before[name][1].st_mode == st.st_mode):
                    if re.search(r'/(new|cur|tmp)/[^/]+$', '/' + name):
                        key = re.sub(r'[^/]+$', '*', name)
                    else:
                        for pre in prefixes:
                            if os.path.basename(name).startswith(pre):
                                key = os.path.dirname(name) + '/' + pre + '*'
                    bits = stat.S_IMODE(st.st_mode)
                    if stat.S_ISREG(st.st_mode):
                        bits &= ~1              # procmail's 'new mail' mark, not asked of others
                    modes[key] = '%04o' % bits
                    if self.ns is not None:
                        modes[key] += ' %d:%d' % (st.st_uid, st.st_gid)
            if data == 'dir':
                if name not in self.before:
                    dirs.append(name)
                continue
            if name in self.before and self.before[name][0] == data:
                continue
            log = name in logs
            val = self.norm(data, log)
            base, top = os.path.basename(name), os.path.dirname(name)
            if name not in self.before and re.search(r'(^|/)(new|cur|tmp)$', top):
                bags[top + '/*'].append(val)
            elif name not in self.before and any(base.startswith(p) for p in prefixes):
                p = [p for p in prefixes if base.startswith(p)][0]
                bags[top + '/' + p + '*'].append(val)
            elif name not in self.before and re.match(r'_[-\w]+[.,+%]', base):
                bags[top + '/_temporary'].append(val)
            else:
                files[name] = self.pack(val)
            if self.case.get('links') and st.st_nlink > 1:
                links[re.sub(r'(new|cur|tmp)/[^/]+$', r'\1/*', name) if '/new/' in '/' + name else
                      (top + '/msg.*' if base.startswith('msg.') else name)] = st.st_nlink
        gone = sorted(n for n in self.before if n not in after and n not in ignore)
        res = {'exit': exits, 'files': files}
        if any(outs):
            res['stdout'] = [self.pack(self.norm(o, False)) for o in outs]
        if self.case.get('stderr'):
            errs = [self.norm(e, True) for e in errs]
            res['stderr'] = [''.join(l for l in e.splitlines(True)
                                     if not re.match(r'@P@: Couldn\'t create "/var/(spool/)?mail/', l)) for e in errs]
        if bags:
            res['bags'] = {k: [self.pack(x) for x in sorted(v)] for k, v in sorted(bags.items())}
        if dirs:
            res['dirs'] = sorted(dirs)
        if gone:
            res['gone'] = gone
        if modes:
            res['modes'] = modes
        if links:
            res['links'] = links
        return res

    # ---- running
    def limits(self):
        os.umask(0o022)
        lim = self.case.get('limits', {})
        if 'fsize' in lim:
            resource.setrlimit(resource.RLIMIT_FSIZE, (lim['fsize'], lim['fsize']))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def command(self, run):
        tool = run.get('tool', self.case.get('tool', 'procmail'))
        args = [self.fill(a) for a in run['args']]
        if tool == 'sh':
            return ['/bin/sh', '-c', args[0]]
        cmd = [self.tools[tool]] + args
        if self.ns is None:
            return cmd
        who = run.get('as', self.ns.get('as', 'root'))
        uid = 0 if who == 'root' else [u['uid'] for u in self.ns['users'] if u['name'] == who][0]
        pre = []
        if uid:
            pre = ['setpriv', '--reuid', str(uid), '--regid', str(uid), '--clear-groups']
        script = 'mount --make-rprivate / && mount --bind "$0/etc" /etc && mount --bind "$0/spool" /var/mail && '
        for d, size in self.ns.get('tmpfs', {}).items():
            script += 'mount -t tmpfs -o size=%s,mode=1777 none "%s" && ' % (size, self.fill(d))
        return ['unshare', '-m', '/bin/sh', '-c', script + 'exec "$@"', self.root] + pre + cmd

    def go(self):
        env = {'PATH': self.home + '/bin:/usr/local/bin:/usr/bin:/bin', 'TZ': 'UTC0', 'HOME': self.home}
        # a sanitizer's own options, where the programs were built with one
        env.update({k: os.environ[k] for k in ('ASAN_OPTIONS', 'UBSAN_OPTIONS') if k in os.environ})
        env.update({k: self.fill(v) for k, v in self.case.get('env', {}).items()})
        exits, outs, errs = [], [], []
        for run in self.case['runs']:
            inp = enc(self.fill(text_of(run.get('stdin', ''))))
            with BETWEEN:
                p = subprocess.Popen(self.command(run), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, cwd=self.home, env=env, preexec_fn=self.limits,
                                     start_new_session=True)
            try:
                o, e = p.communicate(inp, timeout=RUN_TIMEOUT)
                code = p.returncode
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, 9)
                o, e = p.communicate()
                code = 'timeout'
            exits.append(code)
            outs.append(o)
            errs.append(e)
            settle(p.pid)
        return self.result(exits, outs, errs)

    def close(self):
        shutil.rmtree(self.root, ignore_errors=True)


def settle(pgid, limit=10.0):
    """an action without w is not waited for: let what it started end"""
    end = time.time() + limit
    while time.time() < end:
        try:
            os.killpg(pgid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        alive = False
        for d in os.listdir('/proc'):
            if d.isdigit():
                try:
                    with open('/proc/%s/stat' % d) as f:
                        st = f.read().rsplit(')', 1)[1].split()
                except OSError:
                    continue
                if st[0] not in 'ZX' and int(st[2]) == pgid:
                    alive = True
                    break
        if not alive:
            return
        time.sleep(0.02)


def need_missing(case, tools):
    want = set(case.get('needs', []))
    want.add(case.get('tool', 'procmail'))
    for w in sorted(want - {'sh'}):
        if w == 'ns':
            if os.geteuid() != 0:
                return 'needs root (mount namespace)'
            if not shutil.which('unshare') or not shutil.which('setpriv'):
                return 'needs unshare and setpriv'
            if subprocess.call(['unshare', '-m', 'true'], stderr=subprocess.DEVNULL):
                return 'mount namespaces not allowed here'
        elif w != 'procmail' and not tools.get(w):
            return 'no %s binary' % w
    return None


def differences(want, got):
    out = []
    for k in sorted(set(want) | set(got)):
        w, g = want.get(k), got.get(k)
        if w == g:
            continue
        if isinstance(w, dict) and isinstance(g, dict) or k in ('files', 'bags', 'modes'):
            w, g = w or {}, g or {}
            for n in sorted(set(w) | set(g)):
                if w.get(n) != g.get(n):
                    out.append('%s[%s]:\n      want %s\n      got  %s' % (k, n, show(w.get(n)), show(g.get(n))))
        else:
            out.append('%s:\n      want %s\n      got  %s' % (k, show(w), show(g)))
    return out


def show(x):
    s = json.dumps(x, ensure_ascii=True)
    return s if len(s) < 1500 else s[:1500] + '...'


def run_case(path, tools, keep=False):
    with open(path, encoding='utf-8') as f:
        case = json.load(f)
    miss = need_missing(case, tools)
    if miss:
        return case, 'missing', [miss]
    box = Box(case, tools)
    try:
        got = box.go()
    except Exception as e:                      # a runner or system trouble is a failure too
        return case, 'fail', ['could not run: %r' % e]
    finally:
        if keep:
            print('kept', case['name'], box.root)
        else:
            box.close()
    d = differences(case['expect'], got)
    return case, ('fail' if d else 'pass'), d


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('binary')
    ap.add_argument('--cases', default=here + '/data/procmail-cases')
    for t in ('formail', 'lockfile', 'mailstat'):
        ap.add_argument('--' + t)
    ap.add_argument('--jobs', type=int, default=12, help='most cases sleep, so more than the cores is right')
    ap.add_argument('--only', help='cases whose name contains this')
    ap.add_argument('--group')
    ap.add_argument('--skip-missing', action='store_true', help='missing tools or rights: skip instead of fail')
    ap.add_argument('--keep', action='store_true', help='keep the private trees')
    ap.add_argument('--quiet', action='store_true', help='no details of failures')
    ap.add_argument('--except', dest='excepted', metavar='FILE',
                    help='names of cases that are to differ, one a line')
    a = ap.parse_args()
    excepted = set()
    if a.excepted:
        with open(a.excepted) as f:
            excepted = {l.split()[0] for l in f if l.strip() and not l.startswith('#')}
    tools = {'procmail': shutil.which(a.binary) or os.path.abspath(a.binary)}
    tools['procmail'] = os.path.abspath(tools['procmail'])
    for t in ('formail', 'lockfile', 'mailstat'):
        v = getattr(a, t)
        if v:
            tools[t] = os.path.abspath(shutil.which(v) or v)
        else:
            near = os.path.join(os.path.dirname(tools['procmail']), t)
            tools[t] = near if os.access(near, os.X_OK) else None
    paths = sorted(os.path.join(a.cases, n) for n in os.listdir(a.cases) if n.endswith('.json'))
    if a.only:
        paths = [p for p in paths if a.only in os.path.basename(p)]
    if a.group:
        paths = [p for p in paths if json.load(open(p, encoding='utf-8')).get('group') == a.group]
    paths = [p for p in paths if os.path.basename(p)[:-5] not in excepted]
    n = collections.Counter()
    groups = collections.defaultdict(collections.Counter)
    with concurrent.futures.ThreadPoolExecutor(a.jobs) as ex:
        for case, verdict, why in ex.map(lambda p: run_case(p, tools, a.keep), paths):
            if verdict == 'missing':
                verdict = 'skip' if a.skip_missing else 'fail'
            n[verdict] += 1
            groups[case['group']][verdict] += 1
            if verdict != 'pass':
                print('%s %s (%s): %s' % (verdict.upper(), case['name'], case['group'], case.get('about', '')))
                if not a.quiet:
                    for w in why:
                        print('    ' + w)
    for g in sorted(groups):
        c = groups[g]
        print('  %-12s %3d passed, %3d failed%s' % (g, c['pass'], c['fail'], ', %d skipped' % c['skip'] if c['skip'] else ''))
    print('%d passed, %d failed%s' % (n['pass'], n['fail'], ', %d skipped' % n['skip'] if n['skip'] else ''))
    return 0 if n['pass'] and not n['fail'] else 1


if __name__ == '__main__':
    sys.exit(main())
