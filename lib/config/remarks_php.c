/*
 * remarks_php.c - what config.php asks for in vain
 *
 * A file of SquirrelMail sets a hundred variables. Only those are named that
 * would change something and do not.
 */

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "config/networks.h"
#include "config/notes.h"
#include "config/param.h"
#include "config/php_conf.h"
#include "config/remarks.h"

enum { ADDRESSES_MOST = 256 };

struct listener {
	remark_fn *say;
	void *arg;
};

__attribute__((format(printf, 2, 3))) static void
tell(const struct listener *to, const char *format, ...)
{
	struct buf text = BUF_EMPTY, line = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	log_quote(&line, buf_span(&text), 500);
	to->say(to->arg, true, buf_str(&line));
	buf_free(&text);
	buf_free(&line);
}

static bool
value_is(const struct main_cf *m, const char *parameter, struct span name)
{
	struct buf value = BUF_EMPTY;
	struct span rest, item;
	struct why why;
	bool is = false;

	why_init(&why);
	if (main_cf_value(m, parameter, &value, &why)) {
		rest = buf_span(&value);
		while (!is && param_list_next(&rest, &item))
			is = span_ieq(item, name);
	}
	buf_free(&value);
	why_free(&why);
	return is;
}

static bool
is_our_address(const char *name)
{
	struct network rows[ADDRESSES_MOST];
	size_t n = networks_of_machine(rows, ADDRESSES_MOST);
	unsigned char address[16];
	int family = strchr(name, ':') == NULL ? AF_INET : AF_INET6;

	if (inet_pton(family, name, address) != 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (rows[i].family == family &&
		    memcmp(rows[i].address, address,
			family == AF_INET ? 4 : 16) == 0)
			return true;
	return false;
}

bool
php_server_here(const struct main_cf *m, const char *server)
{
	struct span name = span_str(server);

	return name.n == 0 || name.p[0] == '/' || span_iis(name, "localhost") ||
	    span_starts(name, "127.") || span_is(name, "::1") ||
	    value_is(m, "myhostname", name) ||
	    value_is(m, "mydestination", name) || is_our_address(server);
}

static void
server_check(const struct main_cf *m, const struct php_conf *c,
    const char *name, const char *loss, const struct listener *to)
{
	const struct php_value *v = php_conf_get(c, name);

	if (v != NULL && v->type == PHP_STRING &&
	    !php_server_here(m, v->text.p))
		tell(to, "%s: $%s = '%s' is not this host: %s",
		    php_conf_where(c, name), name, v->text.p, loss);
}

static void
names_check(const struct php_conf *c, const struct listener *to)
{
	const struct php_value *value;
	const char *name;
	size_t at = 0;

	while (php_conf_next(c, &at, &name, &value)) {
		enum php_use use = php_conf_use(name, value);

		if (use == PHP_MISSING || use == PHP_UNKNOWN)
			tell(to, "%s: $%s is %s", php_conf_where(c, name), name,
			    use == PHP_MISSING
				? "not supported by the webmail"
				: "no name that SquirrelMail knows");
	}
}

bool
remarks_config_php(const struct main_cf *m, const char *folder, remark_fn *say,
    void *arg, struct why *why)
{
	struct listener to = { say, arg };
	struct buf path = BUF_EMPTY;
	struct php_conf *c;
	bool good;

	(void)places_find(folder, PLACE_CONFIG_PHP, &path);
	c = php_conf_load(buf_str(&path), PHP_SM_PATH, why);
	good = c != NULL;
	if (good) {
		for (size_t i = 0; i < php_conf_notes(c)->n; i++)
			say(arg, true, php_conf_notes(c)->rows[i].text);
		names_check(c, &to);
		server_check(m, c, "imapServerAddress",
		    "the webmail shows the mail of its own system only", &to);
		server_check(m, c, "smtpServerAddress",
		    "the webmail gives mail to this system, whose relayhost "
		    "decides",
		    &to);
		php_conf_free(&c);
	}
	buf_free(&path);
	return good;
}
