/*
 * srs.c - senders of forwarded mail, rewritten so that SPF lets them through
 *
 * The letters of the hash and of the day are those that survive a change of
 * case on the way (base32). Days are counted modulo 1024.
 */

#include "route/srs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/why.h"
#include "os/file.h"

enum {
	HASH_LETTERS = 6,
	DAY_LETTERS = 2,
	DAYS = 1024,
	DAYS_VALID = 21,
	DAY_SECONDS = 86400,
	ADDRESS_BYTES_MAX = 254,
	SECRET_BYTES = 32
};

struct srs {
	char *domain;
	struct secret *secret;
};

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

struct srs *
srs_new(struct span domain, struct span secret)
{
	struct srs *s = mem_new(sizeof(*s));

	s->domain = mem_span(domain);
	s->secret = secret_new(secret);
	return s;
}

void
srs_free(struct srs **s)
{
	if (*s == NULL)
		return;
	secret_free(&(*s)->secret);
	free((*s)->domain);
	mem_free(s);
}

/* ---- the secret */

/* Somebody else may make it at the same time: the first stays. */
static int
secret_make(const char *path)
{
	unsigned char bytes[SECRET_BYTES];
	char *fresh = mem_printf("%s.%d", path, (int)getpid());
	struct buf text = BUF_EMPTY;
	int got = -1;

	if (getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes)) {
		hex_encode(&text, span_of((const char *)bytes, sizeof(bytes)));
		buf_add_byte(&text, '\n');
		got = file_replace(AT_FDCWD, fresh, buf_span(&text), 0600);
	}
	if (got == 0) {
		if (link(fresh, path) == -1 && errno != EEXIST)
			got = -1;
		(void)unlink(fresh);
	}
	explicit_bzero(bytes, sizeof(bytes));
	buf_free(&text);
	free(fresh);
	return got;
}

static bool
secret_read(const char *path, struct buf *out)
{
	int fd = file_open(AT_FDCWD, path, O_RDONLY, 0);
	bool good;

	if (fd == -1 && errno == ENOENT) {
		if (secret_make(path) == -1)
			return false;
		fd = file_open(AT_FDCWD, path, O_RDONLY, 0);
	}
	good = fd != -1 && file_read_all(fd, SECRET_MAX, out) == 0;
	file_close(&fd);
	return good;
}

struct srs *
srs_open(const char *domain, const char *path, struct why *why)
{
	struct buf text = BUF_EMPTY;
	struct srs *s = NULL;

	if (!secret_read(path, &text))
		why_set(why, "4.3.5", "srs_secret_file = %s: %s", path,
		    strerror(errno));
	else if (span_trim(buf_span(&text)).n < 8)
		why_set(why, "4.3.5", "srs_secret_file = %s: it is too short",
		    path);
	else
		s = srs_new(span_str(domain), span_trim(buf_span(&text)));
	buf_free(&text);
	return s;
}

/* ---- addresses */

/* Of the text in lower case: local parts lose their case on the way. */
static void
hash_put(const struct srs *s, struct span text, char out[HASH_LETTERS + 1])
{
	unsigned char digest[SHA256_BYTES];
	char *lower = mem_span(text);

	for (size_t i = 0; i < text.n; i++)
		lower[i] = (char)ascii_lower((unsigned char)lower[i]);
	digest_hmac_sha256(
	    secret_span(s->secret), span_of(lower, text.n), digest);
	for (int i = 0; i < HASH_LETTERS; i++)
		out[i] = letters[digest[i] & 31];
	out[HASH_LETTERS] = '\0';
	free(lower);
}

static bool
hash_fits(const struct srs *s, struct span hash, struct span text)
{
	char want[HASH_LETTERS + 1];

	hash_put(s, text, want);
	return span_ieq(hash, span_str(want));
}

static void
day_put(int64_t now, char out[DAY_LETTERS + 1])
{
	unsigned day = (unsigned)(now / DAY_SECONDS % DAYS);

	out[0] = letters[day >> 5];
	out[1] = letters[day & 31];
	out[2] = '\0';
}

static bool
day_fits(struct span text, int64_t now)
{
	unsigned day = 0, today = (unsigned)(now / DAY_SECONDS % DAYS);

	if (text.n != DAY_LETTERS)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		const char *at =
		    strchr(letters, ascii_upper((unsigned char)text.p[i]));

		if (text.p[i] == '\0' || at == NULL)
			return false;
		day = day * 32 + (unsigned)(at - letters);
	}
	return (today + DAYS - day) % DAYS <= DAYS_VALID;
}

/* "SRS0" and what ends it: '=', '+' or '-'. */
static bool
has_tag(struct span local, const char *tag)
{
	return span_istarts(local, tag) && local.n > 5 &&
	    strchr("=+-", local.p[4]) != NULL;
}

bool
srs_is_ours(const struct srs *s, struct span local, struct span domain)
{
	return span_ieq(domain, span_str(s->domain)) &&
	    (has_tag(local, "SRS0") || has_tag(local, "SRS1"));
}

/* HASH=DAY=DOMAIN=USER */
static bool
decode_first(
    const struct srs *s, struct span rest, int64_t now, struct buf *out)
{
	struct span hash, day, domain, all;

	if (!span_cut(&rest, '=', &hash) || rest.p == NULL)
		return false;
	all = rest;
	if (!span_cut(&rest, '=', &day) || !span_cut(&rest, '=', &domain) ||
	    rest.n == 0 || domain.n == 0 || !hash_fits(s, hash, all) ||
	    !day_fits(day, now))
		return false;
	buf_add_span(out, rest);
	buf_add_byte(out, '@');
	buf_add_span(out, domain);
	return true;
}

/* HASH=THEIRS==HASH=DAY=DOMAIN=USER: back to them, who wrote the rest. */
static bool
decode_second(const struct srs *s, struct span rest, struct buf *out)
{
	struct span hash, theirs, all;

	if (!span_cut(&rest, '=', &hash) || rest.p == NULL)
		return false;
	all = rest;
	if (!span_cut(&rest, '=', &theirs) || theirs.n == 0 || rest.n < 2 ||
	    !hash_fits(s, hash, all))
		return false;
	buf_add_str(out, "SRS0");
	buf_add_span(out, rest);
	buf_add_byte(out, '@');
	buf_add_span(out, theirs);
	return true;
}

bool
srs_decode(const struct srs *s, struct span local, int64_t now, struct buf *out)
{
	if (has_tag(local, "SRS0"))
		return decode_first(s, span_skip(local, 5), now, out);
	return has_tag(local, "SRS1") &&
	    decode_second(s, span_skip(local, 5), out);
}

/* What stands behind the hash. */
static void
body_put(struct span local, struct span domain, int64_t now, struct buf *out)
{
	char day[DAY_LETTERS + 1];

	day_put(now, day);
	if (has_tag(local, "SRS0")) { /* with what ends their tag */
		buf_add_span(out, domain);
		buf_add_byte(out, '=');
		buf_add_span(out, span_skip(local, 4));
	} else if (has_tag(local, "SRS1")) { /* theirs goes, the rest stays */
		size_t at = 5 + span_find(span_skip(local, 5), '=');

		buf_add_span(out, span_skip(local, at + 1));
	} else {
		buf_printf(out, "%s=", day);
		buf_add_span(out, domain);
		buf_add_byte(out, '=');
		buf_add_span(out, local);
	}
}

bool
srs_encode(
    const struct srs *s, struct span sender, int64_t now, struct buf *out)
{
	size_t at = span_rfind(sender, '@'), before = out->n;
	struct span local = span_head(sender, at),
		    domain = span_skip(sender, at + 1);
	bool again = has_tag(local, "SRS0") || has_tag(local, "SRS1");
	struct buf body = BUF_EMPTY;
	char hash[HASH_LETTERS + 1];

	body_put(local, domain, now, &body);
	hash_put(s, buf_span(&body), hash);
	buf_printf(out, "SRS%d=%s=", again ? 1 : 0, hash);
	buf_add_span(out, buf_span(&body));
	buf_printf(out, "@%s", s->domain);
	buf_free(&body);
	if (out->n - before <= ADDRESS_BYTES_MAX && local.n > 0 && domain.n > 0)
		return true;
	buf_cut(out, before);
	return false;
}
