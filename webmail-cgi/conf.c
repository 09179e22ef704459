/*
 * conf.c - SquirrelMail's config.php, as far as it has a meaning here
 *
 * A server that is this host (its name, a name of mydestination, localhost) is
 * reached by the suite's own sockets, whatever port config.php says. Another
 * one is refused with a clear page: the pages speak to their own system only.
 */

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "config/php_conf.h"
#include "config/places.h"
#include "config/remarks.h"
#include "webmail-cgi/webmail.h"

static bool
text(struct webmail *w, const struct php_conf *c, const char *name,
    const char *otherwise, const char **out)
{
	struct why why;
	const char *value;
	bool good;

	why_init(&why);
	good = php_conf_string(c, name, otherwise, &value, &why);
	if (good)
		*out = arena_str(w->arena, value);
	else
		log_error("webmail: %s", why_text(&why));
	why_free(&why);
	return good;
}

static bool
yes(const struct php_conf *c, const char *name, bool otherwise, bool *out)
{
	struct why why;
	bool good;

	why_init(&why);
	good = php_conf_bool(c, name, otherwise, out, &why);
	if (!good)
		log_error("webmail: %s", why_text(&why));
	why_free(&why);
	return good;
}

static bool
fill(struct webmail *w, const struct php_conf *c)
{
	struct webmail_conf *conf = &w->conf;

	conf->show_num = 25;
	return text(w, c, "org_name", "Facteur", &conf->org_name) &&
	    text(w, c, "org_title", conf->org_name, &conf->org_title) &&
	    text(w, c, "motd", "", &conf->motd) &&
	    text(w, c, "domain", tool_value(&w->tool, "mydomain"),
		&conf->domain) &&
	    text(w, c, "imapServerAddress", "localhost", &conf->imap_server) &&
	    text(w, c, "trash_folder", "INBOX.Trash", &conf->trash_folder) &&
	    text(w, c, "sent_folder", "INBOX.Sent", &conf->sent_folder) &&
	    text(w, c, "draft_folder", "INBOX.Drafts", &conf->draft_folder) &&
	    text(w, c, "default_folder_prefix", "", &conf->folder_prefix) &&
	    text(w, c, "squirrelmail_default_language", "", &conf->language) &&
	    text(w, c, "session_name", "SQMSESSID", &conf->session_name) &&
	    text(w, c, "signout_page", "", &conf->signout_page) &&
	    text(w, c, "sendmail_path", "/usr/sbin/sendmail",
		&conf->sendmail_path) &&
	    text(w, c, "sendmail_args", "-i -t", &conf->sendmail_args) &&
	    yes(c, "useSendmail", false, &conf->use_sendmail) &&
	    yes(c, "auto_create_special", true, &conf->auto_create_special) &&
	    yes(c, "default_move_to_trash", true, &conf->move_to_trash) &&
	    yes(c, "default_move_to_sent", true, &conf->save_sent) &&
	    yes(c, "default_save_as_draft", true, &conf->save_draft) &&
	    yes(c, "list_special_folders_first", true, &conf->special_first) &&
	    yes(c, "force_username_lowercase", false, &conf->lowercase) &&
	    yes(c, "only_secure_cookies", true, &conf->only_secure_cookies);
}

/* A special folder's full name: with the prefix, and always below INBOX, where
 * all folders are ("Trash" of the preset for Courier is INBOX.Trash). */
static void
full_name(struct webmail *w, const char **name)
{
	const char *prefix = w->conf.folder_prefix;
	struct span s = span_str(*name);

	if (s.n == 0)
		*name = "none";
	else if (!span_is(s, "none") && !span_istarts(s, "INBOX."))
		*name = arena_printf(w->arena, "%s%s",
		    span_istarts(span_str(prefix), "INBOX.") ? prefix
							     : "INBOX.",
		    *name);
}

/* What goes into the head of an answer. */
static bool
names_ok(const struct webmail *w)
{
	struct span cookie = span_str(w->conf.session_name);
	struct span page = span_str(w->conf.signout_page);

	for (size_t i = 0; i < cookie.n; i++)
		if (!ascii_alnum(span_at(cookie, i)) && cookie.p[i] != '_' &&
		    cookie.p[i] != '-') {
			log_error("webmail: $session_name: letters, digits, _ "
				  "and - only");
			return false;
		}
	for (size_t i = 0; i < page.n; i++)
		if (ascii_control(span_at(page, i))) {
			log_error("webmail: $signout_page: control bytes");
			return false;
		}
	return cookie.n > 0;
}

static struct php_conf *
load(struct webmail *w, struct why *why)
{
	struct buf path = BUF_EMPTY;
	struct php_conf *c;

	(void)places_find(w->tool.folder, PLACE_CONFIG_PHP, &path);
	c = php_conf_load(buf_str(&path), PHP_SM_PATH, why);
	buf_free(&path);
	return c;
}

bool
conf_read(struct webmail *w)
{
	struct php_conf *c;
	struct why why;
	bool good;

	why_init(&why);
	c = load(w, &why);
	if (c == NULL) {
		log_error("webmail: %s", why_text(&why));
		page_error(w, 500, why_text(&why));
		why_free(&why);
		return false;
	}
	good = fill(w, c);
	if (good && !names_ok(w))
		good = false;
	if (good) {
		full_name(w, &w->conf.trash_folder);
		full_name(w, &w->conf.sent_folder);
		full_name(w, &w->conf.draft_folder);
	}
	php_conf_free(&c);
	why_free(&why);
	w->language = language_find(
	    span_str(w->conf.language == NULL ? "" : w->conf.language),
	    w->request.language);
	if (!good) {
		page_error(w, 500, "config.php is ill-formed: see the log");
		return false;
	}
	if (php_server_here(w->tool.cf, w->conf.imap_server))
		return true;
	log_error("webmail: $imapServerAddress = '%s' is not this host: only "
		  "the system's own mail can be shown",
	    w->conf.imap_server);
	page_error(w, 501,
	    arena_printf(w->arena,
		"config.php: $imapServerAddress = '%s' is not this host; this "
		"webmail shows the mail of its own system only.",
		w->conf.imap_server));
	return false;
}
