/* path.c - the paths of MAIL, RCPT and VRFY */

#include "smtpd/path.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "message/address.h"
#include "message/idn.h"
#include "smtpd/conf.h"

static bool
may_be_wide(const struct smtpd_conf *conf, const struct address_path *path)
{
	return conf->smtputf8_enable && !conf->strict_smtputf8 &&
	    !utf8_wide(path->domain);
}

static enum path_result
result_of(
    const struct smtpd_conf *conf, const struct address_path *path, bool asked)
{
	struct buf ascii = BUF_EMPTY;
	bool good;

	if (!path->utf8)
		return PATH_OK;
	if (!asked && !may_be_wide(conf, path))
		return PATH_NOT_ASCII;
	good = idn_to_ascii(&ascii, path->domain);
	buf_free(&ascii);
	return good ? PATH_OK : PATH_BAD;
}

/* A program that gets it as a word would take it for an option. */
static bool
is_option(const struct smtpd_conf *conf, struct span local)
{
	if (span_starts(local, "\""))
		local = span_skip(local, 1);
	return !conf->allow_min_user && span_starts(local, "-");
}

/* "user@": without its '@', where that may be (resolve_null_domain). */
static struct span
without_null_domain(const struct smtpd_conf *conf, struct span inside)
{
	return conf->resolve_null_domain && !conf->strict_rfc821_envelopes &&
		inside.n > 1 && span_ends(inside, "@")
	    ? span_head(inside, inside.n - 1)
	    : inside;
}

enum path_result
path_read(const struct smtpd_conf *conf, struct span inside, bool asked,
    struct span *address)
{
	unsigned flags = ADDRESS_BARE | ADDRESS_LONG_LOCAL | ADDRESS_UTF8;
	struct address_path path;
	enum address_result got;

	*address = span_of("", 0);
	if (!conf->strict_rfc821_envelopes)
		flags |= ADDRESS_LOOSE;
	got =
	    address_parse_path(without_null_domain(conf, inside), flags, &path);
	if (got == ADDRESS_NULL)
		return PATH_NULL;
	if (got != ADDRESS_OK || is_option(conf, path.local))
		return PATH_BAD;
	*address = path.route.n == 0
	    ? inside
	    : span_skip(inside, (size_t)(path.local.p - inside.p));
	return result_of(conf, &path, asked);
}
