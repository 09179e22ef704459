/* imapload - IMAP load generator (epoll, one thread).
 *   -M login    each connection loops: connect, LOGIN, SELECT INBOX, LOGOUT
 * (I1) -M append   each connection logs in once and APPENDs messages (I4) -M
 * mixed    each connection logs in once and runs a mix of commands (I5) -M idle
 * log in, SELECT, IDLE; print READY; then drop messages into the Maildirs and
 * time the untagged EXISTS on every connection; hold until stdin ends (I6)
 * Prints one JSON line (idle: READY line first). */
#include "lg.h"

enum op {
	X_GREET,
	X_STARTTLS,
	X_LOGIN,
	X_SELECT,
	X_LOGOUT,
	X_APPEND,
	X_HDR,
	X_BODY,
	X_STORE,
	X_SEARCH,
	X_NOOP,
	X_STATUS,
	X_ENV,
	X_IDLE,
	X_N
};
static const char *opname[] = { "greet", "starttls", "login", "select",
	"logout", "append", "fetch_headers", "fetch_body", "store", "search",
	"noop", "status", "fetch_envelope", "idle" };
enum mode { M_LOGIN, M_APPEND, M_MIXED, M_IDLE };

struct s {
	enum op op;
	unsigned tag, exists, user;
	size_t lit; /* bytes of a literal still to be skipped */
	double t, tcyc;
	int stopping, idling, gotexists;
};

static const char *host = "127.0.0.1", *upat = "fb%02d", *pass = "bench",
		  *mbox = "INBOX", *drop;
static int port = 143, conns = 1, users = 10, tls = 0, first = 0, probes = 0,
	   gap_ms = 500, dropu = -1;
static enum mode mode = M_LOGIN;
static long total = 1000, started, done_ops, errs, ready;
static double limit = 60, settle = 0;
static size_t size = 4096;
static struct samples lat[X_N], cyc, exlat;
static char *body;
static size_t bodylen;
static int verbose, barrier, parked;

static void
cmd(struct conn *c, enum op op, const char *fmt, ...)
{
	struct s *s = c->user;
	char b[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(b, sizeof b, fmt, ap);
	va_end(ap);
	s->op = op;
	s->t = now_s();
	c_put(c, "a%u %s\r\n", ++s->tag, b);
}

static void
login(struct conn *c)
{
	struct s *s = c->user;
	char u[128];
	snprintf(u, sizeof u, upat, first + (int)(s->user % users));
	cmd(c, X_LOGIN, "LOGIN %s %s", u, pass);
}

static void
next_op(struct conn *c)
{
	struct s *s = c->user;
	unsigned e = s->exists, k = e ? rng() % e + 1 : 0, r = rng() % 100;
	if (started >= total) {
		s->stopping = 1;
		cmd(c, X_LOGOUT, "LOGOUT");
		return;
	}
	started++;
	if (mode == M_APPEND) {
		cmd(c, X_APPEND, "APPEND %s (\\Seen) {%zu}", mbox, bodylen);
		return;
	}
	if (!e && r < 85)
		r = 85;
	if (r < 35)
		cmd(c, X_HDR,
		    "FETCH %u:%u (FLAGS UID BODY.PEEK[HEADER.FIELDS (SUBJECT "
		    "FROM DATE)])",
		    k, k + 9 < e ? k + 9 : e);
	else if (r < 45)
		cmd(c, X_ENV, "FETCH %u (ENVELOPE RFC822.SIZE INTERNALDATE)",
		    k);
	else if (r < 65)
		cmd(c, X_BODY, "FETCH %u BODY.PEEK[]", k);
	else if (r < 80)
		cmd(c, X_STORE, "STORE %u %cFLAGS.SILENT (\\Flagged)", k,
		    rng() & 1 ? '+' : '-');
	else if (r < 85)
		cmd(c, X_SEARCH, "SEARCH UNSEEN");
	else if (r < 90)
		cmd(c, X_NOOP, "NOOP");
	else if (r < 95)
		cmd(c, X_STATUS, "STATUS %s (MESSAGES UNSEEN UIDNEXT)",
		    "Trash");
	else
		cmd(c, X_APPEND, "APPEND %s (\\Seen) {%zu}", mbox, bodylen);
}

static int
tagged(struct conn *c, const char *l) /* l: after "aN " */
{
	struct s *s = c->user;
	int ok = !strncmp(l, "OK", 2);
	enum op op = s->op;
	if (op != X_STATUS && !ok) {
		errs++;
		if (verbose)
			fprintf(stderr, "%s: %.120s\n", opname[op], l);
	}
	smp_add(&lat[op], now_s() - s->t);
	switch (op) {
	case X_STARTTLS:
		if (!ok)
			return -1;
		c_tls(c);
		break;
	case X_LOGIN:
		if (!ok)
			return -1;
		cmd(c, X_SELECT, "SELECT %s", mbox);
		break;
	case X_SELECT:
		if (!ok)
			return -1;
		if (mode == M_LOGIN)
			cmd(c, X_LOGOUT, "LOGOUT");
		else if (mode == M_IDLE)
			cmd(c, X_IDLE, "IDLE");
		else if (barrier) {
			s->op = X_N; /* logged in and selected: wait for the
					others */
			parked++;
		} else
			next_op(c);
		break;
	case X_LOGOUT:
		if (mode == M_LOGIN) {
			done_ops++;
			smp_add(&cyc, now_s() - s->tcyc);
		}
		return -1;
	case X_IDLE:
		return -1;
	default:
		done_ops++;
		next_op(c);
	}
	return 0;
}

static int
line(struct conn *c, char *l, size_t n)
{
	struct s *s = c->user;
	char tag[16];
	if (s->op == X_GREET) {
		if (strncmp(l, "* OK", 4))
			return -1;
		smp_add(&lat[X_GREET], now_s() - s->t);
		if (tls == 1 && !c->ssl)
			cmd(c, X_STARTTLS, "STARTTLS");
		else
			login(c);
		return 0;
	}
	if (n && l[0] == '+') {
		if (s->op == X_APPEND) {
			buf_put(&c->out, body, bodylen);
			buf_put(&c->out, "\r\n", 2);
		} else if (s->op == X_IDLE && !s->idling) {
			s->idling = 1;
			ready++;
		}
		return 0;
	}
	if (n > 2 && l[0] == '*') {
		char *e;
		unsigned long k = strtoul(l + 2, &e, 10);
		if (e > l + 2 && !strncmp(e, " EXISTS", 7)) {
			s->exists = k;
			s->gotexists = 1;
		} else if (e > l + 2 && !strncmp(e, " EXPUNGE", 8) && s->exists)
			s->exists--;
		else if (!strncmp(l, "* BYE", 5) && s->op != X_LOGOUT)
			return -1;
		return 0;
	}
	int t = snprintf(tag, sizeof tag, "a%u ", s->tag);
	if (n > (size_t)t && !memcmp(l, tag, t))
		return tagged(c, l + t);
	return 0;
}

static int
lines(struct conn *c)
{
	struct s *s = c->user;
	for (;;) {
		if (s->lit) {
			size_t k = s->lit < c->in.len ? s->lit : c->in.len;
			buf_eat(&c->in, k);
			s->lit -= k;
			if (s->lit)
				return 0;
		}
		char *b = c->in.p + c->in.off,
		     *e = c->in.len ? memchr(b, '\n', c->in.len) : NULL;
		if (!e)
			return 0;
		size_t n = e - b + 1, m = n;
		while (m && (b[m - 1] == '\n' || b[m - 1] == '\r'))
			m--;
		if (m > 2 && b[m - 1] == '}') {
			char *p = b + m - 2;
			while (p > b && *p >= '0' && *p <= '9')
				p--;
			if (*p == '{')
				s->lit = strtoul(p + 1, NULL, 10);
		}
		b[n - 1] = 0;
		int r = line(c, b, m);
		if (c->in.len >= n)
			buf_eat(&c->in, n);
		if (r < 0)
			return -1;
		if (c->st == ST_HANDSHAKE)
			return 0;
	}
}

static void
begin(struct conn *c)
{
	struct s *s = c->user;
	unsigned u = s->user;
	memset(s, 0, sizeof *s);
	s->user = u;
	s->t = s->tcyc = now_s();
	if (mode == M_LOGIN)
		started++;
	if (c_open(c) < 0)
		errs++;
}

/* ---- idle mode: drop a message into the Maildir of one user and wait for
 * every listener ---- */
static int
drop_one(unsigned u, int serial)
{
	char dir[512], a[700], b[700];
	snprintf(dir, sizeof dir, drop, first + (int)u);
	snprintf(a, sizeof a, "%s/tmp/%ld.P%dQ%d.idle", dir, (long)time(NULL),
	    (int)getpid(), serial);
	snprintf(b, sizeof b, "%s/new/%ld.P%dQ%d.idle", dir, (long)time(NULL),
	    (int)getpid(), serial);
	int fd = open(a, O_CREAT | O_EXCL | O_WRONLY, 0600);
	struct stat st;
	if (fd < 0 || write(fd, body, bodylen) < 0 ||
	    (!stat(dir, &st) && fchown(fd, st.st_uid, st.st_gid) < 0))
		die("%s: %s", a, strerror(errno));
	close(fd);
	return rename(a, b);
}

int
main(int argc, char **argv)
{
	int o;
	while ((o = getopt(
		    argc, argv, "H:p:c:n:s:M:t:u:U:P:F:w:B:D:k:g:S:vb")) != -1)
		switch (o) {
		case 'H':
			host = optarg;
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 'c':
			conns = atoi(optarg);
			break;
		case 'n':
			total = atol(optarg);
			break;
		case 's':
			size = atol(optarg);
			break;
		case 'M':
			mode = !strcmp(optarg, "append") ? M_APPEND
			    : !strcmp(optarg, "mixed")   ? M_MIXED
			    : !strcmp(optarg, "idle")    ? M_IDLE
							 : M_LOGIN;
			break;
		case 't':
			tls = !strcmp(optarg, "starttls") ? 1
			    : !strcmp(optarg, "tls")      ? 2
							  : 0;
			break;
		case 'u':
			users = atoi(optarg);
			break;
		case 'U':
			upat = optarg;
			break;
		case 'P':
			pass = optarg;
			break;
		case 'F':
			first = atoi(optarg);
			break;
		case 'w':
			limit = atof(optarg);
			break;
		case 'B':
			mbox = optarg;
			break;
		case 'D':
			drop = optarg;
			break; /* idle: Maildir pattern, with one integer */
		case 'k':
			probes = atoi(optarg);
			break; /* idle: number of deliveries */
		case 'g':
			gap_ms = atoi(optarg);
			break; /* idle: longest wait for the listeners of one
				  delivery */
		case 'S':
			settle = atof(optarg);
			break; /* idle: seconds between READY and the first
				  delivery */
		case 'v':
			verbose = 1;
			break;
		case 'b':
			barrier = 1;
			break; /* append, mixed: print READY when all are logged
				  in, go on after a line on stdin */
		default:
			die("usage: imapload -H host -p port -M "
			    "login|append|mixed|idle -c conns -n ops -u users "
			    "-U user-pattern -P password [-t starttls|tls] [-B "
			    "mailbox] [-D maildir-pattern -k probes -g ms -S "
			    "s] [-w limit]");
		}
	lg_init(host, port);
	body = make_message(
	    size, &bodylen, "sender@client.test", "box@bench.test", 7);
	struct conn *cs = calloc(conns, sizeof *cs);
	struct s *ss = calloc(conns, sizeof *ss);
	double t0 = now_s(), tp = 0, tready = 0;
	int nopen = 0, told = 0, fin = 0, probe = 0, waiting = 0, missed = 0;
	for (int i = 0; i < conns; i++) {
		cs[i].fd = -1;
		cs[i].id = i;
		cs[i].user = &ss[i];
		ss[i].user = i;
	}
	if (mode == M_IDLE) {
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };
		fcntl(0, F_SETFL, O_NONBLOCK);
		epoll_ctl(ep, EPOLL_CTL_ADD, 0, &e);
	}
	while (nopen < conns && (mode != M_IDLE || nopen < 32) &&
	    (mode != M_LOGIN || started < total))
		begin(&cs[nopen++]);
	while (!fin) {
		struct epoll_event ev[256];
		int n = epoll_wait(ep, ev, 256,
		    mode == M_IDLE && told && probe < probes ? 20 : 200);
		for (int i = 0; i < n; i++) {
			struct conn *c = ev[i].data.ptr;
			if (!c) {
				char b[64];
				if (read(0, b, sizeof b) == 0)
					fin = 1;
				continue;
			}
			struct s *s = c->user;
			int bad = 0;
			if (c->st == ST_CONNECTING || c->st == ST_HANDSHAKE) {
				int hs = c->st == ST_HANDSHAKE, r = c_step(c);
				if (r < 0)
					bad = 1;
				else if (r == 1 && hs && tls == 1)
					login(c);
				else if (r == 1 && !hs && tls == 2)
					c_tls(c);
			}
			if (!bad && c->st == ST_OPEN &&
			    ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
				int r = c_fill(c);
				if (c->in.len && lines(c) < 0)
					bad = 1;
				else if (r < 0)
					bad = 1;
			}
			if (!bad && c->st == ST_OPEN && c_flush(c) < 0)
				bad = 1;
			if (s->gotexists && s->idling && waiting &&
			    (int)(s->user % users) == dropu) {
				s->gotexists = 0;
				smp_add(&exlat, now_s() - tp);
				waiting--;
			}
			if (bad) {
				int clean = s->op == X_LOGOUT;
				if (!clean)
					errs++;
				c_close(c);
				if (mode == M_LOGIN && started < total &&
				    now_s() - t0 < limit)
					begin(c);
			}
		}
		if (mode == M_IDLE) {
			while (nopen < conns && nopen - ready - errs < 32)
				begin(&cs[nopen++]);
			if (!told &&
			    (ready + errs >= conns || now_s() - t0 > limit)) {
				printf("READY %ld ERR %ld SEC %.2f\n", ready,
				    errs, now_s() - t0);
				fflush(stdout);
				told = 1;
				tready = now_s();
			}
			if (told && probe < probes &&
			    now_s() - tready > settle &&
			    (!waiting || now_s() - tp > gap_ms / 1e3)) {
				if (waiting)
					missed += waiting;
				if (!waiting && probe)
					usleep(20000);
				waiting = 0;
				dropu = probe % users;
				for (int i = 0; i < conns; i++)
					if (ss[i].idling &&
					    (int)(ss[i].user % users) ==
						dropu) {
						ss[i].gotexists = 0;
						waiting++;
					}
				tp = now_s();
				if (drop_one(dropu, probe++) < 0)
					die("rename: %s", strerror(errno));
			} else if (told && probe == probes && probes &&
			    (!waiting || now_s() - tp > gap_ms / 1e3)) {
				missed += waiting;
				waiting = 0;
				probes = 0;
				printf("PROBED\n");
				fflush(stdout);
			}
			continue;
		}
		int live = 0;
		for (int i = 0; i < conns; i++)
			live += cs[i].st != ST_CLOSED;
		if (barrier && parked && parked >= live) {
			char b[64];
			printf("READY %d ERR %ld SEC %.2f\n", parked, errs,
			    now_s() - t0);
			fflush(stdout);
			if (read(0, b, sizeof b) < 0)
				die("stdin");
			barrier = 0;
			t0 = now_s();
			for (int i = 0; i < conns; i++)
				if (cs[i].st == ST_OPEN) {
					next_op(&cs[i]);
					if (c_flush(&cs[i]) < 0)
						errs++;
				}
		}
		if (!live || now_s() - t0 > limit)
			break;
	}
	double sec = now_s() - t0;
	printf("{\"ops\":%ld,\"errors\":%ld,\"seconds\":%.4f,\"ops_per_s\":%."
	       "1f,\"missed\":%d",
	    done_ops, errs, sec, done_ops / sec, missed);
	for (int i = 0; i < X_N; i++)
		if (lat[i].n) {
			putchar(',');
			smp_print(opname[i], &lat[i]);
		}
	if (cyc.n) {
		putchar(',');
		smp_print("cycle", &cyc);
	}
	if (exlat.n) {
		putchar(',');
		smp_print("exists", &exlat);
	}
	puts("}");
	return 0;
}
