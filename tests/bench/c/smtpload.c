/* smtpload - SMTP load generator: N concurrent sessions, plain, STARTTLS or
 * implicit TLS. Prints one JSON line. With -i it opens N connections, greets,
 * prints "READY k" and holds them until stdin ends. */
#include "lg.h"

enum phase {
	P_BANNER,
	P_EHLO,
	P_STARTTLS,
	P_EHLO2,
	P_AUTH,
	P_MAIL,
	P_RCPT,
	P_DATA,
	P_DOT,
	P_QUIT,
	P_IDLE
};

struct s {
	enum phase ph;
	int rcpt, rcpt_ok, msgs;
	unsigned serial;
	double tm, tc;
};

static const char *host = "127.0.0.1", *from = "sender@client.test",
		  *rpat = "fb%02d@bench.test", *auth;
static int port = 25, conns = 1, nrcpt = 1, users = 10, permsg = 0, tls = 0,
	   pipelining = 0, idle = 0, first = 0;
static long total = 100, started, sent, errs, tempfail, opened, ready,
	    handshakes;
static size_t size = 4096;
static double limit = 120;
static struct samples lat, clat;
static char *body;
static size_t bodylen;

static void
rcpt_addr(char *b, size_t n, unsigned k)
{
	snprintf(b, n, rpat, first + (int)(k % users));
}

static void
mail_from(struct conn *c)
{
	struct s *s = c->user;
	char a[256];
	s->serial = started++;
	s->rcpt = s->rcpt_ok = 0;
	s->tm = now_s();
	s->ph = P_MAIL;
	c_put(c, "MAIL FROM:<%s>\r\n", from);
	if (pipelining) {
		for (int i = 0; i < nrcpt; i++) {
			rcpt_addr(a, sizeof a, s->serial * nrcpt + i);
			c_put(c, "RCPT TO:<%s>\r\n", a);
		}
		c_put(c, "DATA\r\n");
	}
}

static void
next(struct conn *c)
{
	struct s *s = c->user;
	if (idle) {
		s->ph = P_IDLE;
		ready++;
	} else if (started < total && (!permsg || s->msgs < permsg))
		mail_from(c);
	else {
		s->ph = P_QUIT;
		c_put(c, "QUIT\r\n");
	}
}

static void
send_rcpt(struct conn *c)
{
	struct s *s = c->user;
	char a[256];
	rcpt_addr(a, sizeof a, s->serial * nrcpt + s->rcpt);
	c_put(c, "RCPT TO:<%s>\r\n", a);
}

static void
send_body(struct conn *c)
{
	struct s *s = c->user;
	char h[128];
	int n = snprintf(h, sizeof h, "X-Bench-Serial: %u\r\n", s->serial);
	buf_put(&c->out, h, n);
	buf_put(&c->out, body, bodylen);
	buf_put(&c->out, ".\r\n", 3);
	s->ph = P_DOT;
}

/* One whole reply line (last of a multi-line reply). -1: drop the connection.
 */
static int
reply(struct conn *c, int code, const char *line)
{
	struct s *s = c->user;
	(void)line;
	if (code == 421)
		return -1;
	switch (s->ph) {
	case P_BANNER:
		if (code != 220)
			return -1;
		smp_add(&clat, now_s() - s->tc);
		c_put(c, "EHLO bench.client.test\r\n");
		s->ph = P_EHLO;
		break;
	case P_EHLO:
		if (code != 250)
			return -1;
		if (tls == 1 && !c->ssl) {
			c_put(c, "STARTTLS\r\n");
			s->ph = P_STARTTLS;
			break;
		}
		/* fall through */
	case P_EHLO2:
		if (auth) {
			c_put(c, "AUTH PLAIN %s\r\n", auth);
			s->ph = P_AUTH;
		} else
			next(c);
		break;
	case P_STARTTLS:
		if (code != 220)
			return -1;
		c_tls(c);
		break;
	case P_AUTH:
		if (code != 235)
			return -1;
		next(c);
		break;
	case P_MAIL:
		if (code != 250)
			return -1;
		s->ph = P_RCPT;
		if (!pipelining)
			send_rcpt(c);
		break;
	case P_RCPT:
		if (code == 250)
			s->rcpt_ok++;
		else
			errs++;
		if (++s->rcpt < nrcpt) {
			if (!pipelining)
				send_rcpt(c);
		} else {
			s->ph = P_DATA;
			if (!pipelining)
				c_put(c, "DATA\r\n");
		}
		break;
	case P_DATA:
		if (code != 354)
			return -1;
		send_body(c);
		break;
	case P_DOT:
		s->msgs++;
		if (code == 250) {
			sent++;
			smp_add(&lat, now_s() - s->tm);
		} else if (code / 100 == 4)
			tempfail++;
		else
			errs++;
		next(c);
		break;
	case P_QUIT:
	case P_IDLE:
		return -1;
	}
	return 0;
}

static int
lines(struct conn *c)
{
	for (;;) {
		char *b = c->in.p + c->in.off,
		     *e = c->in.len ? memchr(b, '\n', c->in.len) : NULL;
		if (!e)
			return 0;
		size_t n = e - b + 1;
		int last = n >= 4 && b[3] != '-';
		int code = n >= 3 ? atoi(b) : 0;
		buf_eat(&c->in, n);
		if (last && reply(c, code, b) < 0)
			return -1;
		if (c->st == ST_HANDSHAKE)
			return 0;
	}
}

static void
begin(struct conn *c)
{
	struct s *s = c->user;
	s->ph = P_BANNER;
	s->msgs = 0;
	s->tc = now_s();
	opened++;
	if (c_open(c) < 0)
		errs++;
}

static void
lost(struct conn *c)
{
	struct s *s = c->user;
	if (s->ph != P_QUIT) {
		errs++;
		if (s->ph >= P_MAIL && s->ph <= P_DOT)
			started--; /* that message has to be sent again */
	}
	c_close(c);
}

int
main(int argc, char **argv)
{
	int o;
	while ((o = getopt(argc, argv, "H:p:c:n:s:r:m:t:f:R:u:F:A:w:Pi")) != -1)
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
		case 'r':
			nrcpt = atoi(optarg);
			break;
		case 'm':
			permsg = atoi(optarg);
			break;
		case 't':
			tls = !strcmp(optarg, "starttls") ? 1
			    : !strcmp(optarg, "tls")      ? 2
							  : 0;
			break;
		case 'f':
			from = optarg;
			break;
		case 'R':
			rpat = optarg;
			break; /* printf pattern with one integer, or a fixed
				  address */
		case 'u':
			users = atoi(optarg);
			break;
		case 'F':
			first = atoi(optarg);
			break;
		case 'A':
			auth = optarg;
			break; /* base64 of NUL user NUL password */
		case 'w':
			limit = atof(optarg);
			break;
		case 'P':
			pipelining = 1;
			break;
		case 'i':
			idle = 1;
			break;
		default:
			die("usage: smtpload -H host -p port -c conns -n "
			    "messages -s size -r rcpts [-m per-conn] [-t "
			    "starttls|tls] [-R rcpt-pattern -u users] [-A "
			    "auth] [-w limit] [-P] [-i]");
		}
	lg_init(host, port);
	body = make_message(size, &bodylen, from, "list@bench.test", 1);
	struct conn *cs = calloc(conns, sizeof *cs);
	struct s *ss = calloc(conns, sizeof *ss);
	double t0 = now_s(), tend = 0;
	int opened_n = 0, inflight = 0, told = 0;
	for (int i = 0; i < conns; i++) {
		cs[i].fd = -1;
		cs[i].id = i;
		cs[i].user = &ss[i];
	}
	if (idle) {
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };
		fcntl(0, F_SETFL, O_NONBLOCK);
		epoll_ctl(ep, EPOLL_CTL_ADD, 0, &e);
	}
	while (opened_n < conns && (!idle || opened_n < 64))
		begin(&cs[opened_n++]);
	for (;;) {
		struct epoll_event ev[256];
		int n = epoll_wait(ep, ev, 256, 200);
		for (int i = 0; i < n; i++) {
			struct conn *c = ev[i].data.ptr;
			if (!c) { /* stdin, idle mode */
				char b[64];
				if (read(0, b, sizeof b) == 0)
					goto done;
				continue;
			}
			int bad = 0;
			if (c->st == ST_CONNECTING || c->st == ST_HANDSHAKE) {
				int hs = c->st == ST_HANDSHAKE;
				int r = c_step(c);
				if (r < 0)
					bad = 1;
				else if (r == 1) {
					if (hs) {
						handshakes++;
						if (tls == 1) {
							c_put(c,
							    "EHLO "
							    "bench.client."
							    "test\r\n");
							((struct s *)c->user)
							    ->ph = P_EHLO2;
						}
					} else if (tls == 2)
						c_tls(c);
				}
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
			if (bad) {
				lost(c);
				if (!idle && started < total &&
				    now_s() - t0 < limit)
					begin(c);
			}
		}
		if (idle) {
			while (opened_n < conns && opened_n - ready - errs < 64)
				begin(&cs[opened_n++]);
			if (!told &&
			    (ready + errs >= conns || now_s() - t0 > limit)) {
				printf("READY %ld ERR %ld SEC %.2f\n", ready,
				    errs, now_s() - t0);
				fflush(stdout);
				told = 1;
			}
			continue;
		}
		inflight = 0;
		for (int i = 0; i < conns; i++)
			inflight += cs[i].st != ST_CLOSED;
		if (!inflight || now_s() - t0 > limit)
			break;
		if (sent + errs + tempfail >= total && !tend)
			tend = now_s();
	}
done:
	if (!tend)
		tend = now_s();
	printf("{\"sent\":%ld,\"errors\":%ld,\"tempfail\":%ld,\"conns\":%ld,"
	       "\"handshakes\":%ld,\"seconds\":%.4f,",
	    sent, errs, tempfail, opened, handshakes, tend - t0);
	smp_print("msg", &lat);
	putchar(',');
	smp_print("banner", &clat);
	puts("}");
	return 0;
}
