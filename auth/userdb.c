/* userdb.c - users with a password of their own */

#include "auth/userdb.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/secret.h"
#include "base/why.h"
#include "maps/map.h"
#include "sasl/scram.h"

enum { QUOTA_BYTES = 100 };

static const struct {
	const char *service, *field;
} service_fields[] = {
	{ "imap", "imappw" },
	{ "webmail", "imappw" },
	{ "pop3", "pop3pw" },
	{ "smtp", "esmtppw" },
};

static bool
number_field(struct span text, uint32_t *out, bool *has)
{
	uint64_t value;

	if (!number_parse(text, 1, UINT32_MAX - 1, &value))
		return false;
	*out = (uint32_t)value;
	*has = true;
	return true;
}

static bool
is_own_password(struct span name, struct span service)
{
	for (size_t i = 0;
	     i < sizeof(service_fields) / sizeof(service_fields[0]); i++)
		if (span_is(service, service_fields[i].service) &&
		    span_is(name, service_fields[i].field))
			return true;
	return false;
}

/* A hash, or a verifier. */
static bool
is_bare(struct span value)
{
	return span_find(value, '|') == value.n &&
	    (span_starts(value, "$") || span_starts(value, "SCRAM-SHA-256$"));
}

static void
password_take(struct userdb_entry *out, struct span text)
{
	if (span_starts(text, "SCRAM-SHA-256$")) {
		out->password = span_of(NULL, 0);
		out->verifier = text;
	} else {
		out->password = text;
	}
}

bool
userdb_parse(struct span value, struct span service, struct userdb_entry *out)
{
	struct span field, name;
	bool own = false;

	*out = (struct userdb_entry){ .has_uid = false };
	if (is_bare(value)) {
		password_take(out, value);
		return true;
	}
	while (span_cut(&value, '|', &field)) {
		struct span text = field;

		if (!span_cut(&text, '=', &name) || text.p == NULL)
			continue; /* a mark without a value */
		if (span_is(name, "uid")) {
			if (!number_field(text, &out->uid, &out->has_uid))
				return false;
		} else if (span_is(name, "gid")) {
			if (!number_field(text, &out->gid, &out->has_gid))
				return false;
		} else if (span_is(name, "home")) {
			out->home = text;
		} else if (span_is(name, "mail")) {
			out->mail = text;
		} else if (span_is(name, "quota")) {
			out->quota = text;
		} else if (span_is(name, "scrampw")) {
			out->verifier = text;
		} else if (is_own_password(name, service)) {
			password_take(out, text);
			own = true;
		} else if (span_is(name, "systempw") && !own) {
			password_take(out, text);
		}
	}
	return !span_has_break(out->home) && !span_has_break(out->mail) &&
	    !span_has_break(out->quota) && out->quota.n <= QUOTA_BYTES &&
	    (out->home.n == 0 || out->home.p[0] == '/');
}

static bool
hash_fits(struct span hash, struct span password)
{
	static const char nobody[] = "$6$rounds=5000$facteurnobody$";
	struct crypt_data *data = mem_new(sizeof(*data));
	char *setting = hash.n > 0 ? mem_span(hash) : mem_str(nobody);
	char *phrase = mem_span(password);
	const char *got = crypt_r(phrase, setting, data);
	bool fits = hash.n > 0 && got != NULL && got[0] != '*' &&
	    secret_equal(span_str(got), hash);

	explicit_bzero(phrase, password.n);
	explicit_bzero(data, sizeof(*data));
	free(phrase);
	free(setting);
	free(data);
	return fits;
}

/* One hash is always computed. Where there is none, the verifier says. */
static bool
password_fits(const struct userdb_entry *e, struct span password)
{
	struct scram_verifier v;

	if (e->password.n == 0 && scram_verifier_parse(e->verifier, &v))
		return scram_verifier_fits(&v, password);
	return hash_fits(e->password, password);
}

enum auth_verdict
userdb_judge(const struct userdb_question *q, bool found, struct span value,
    struct userdb_entry *out)
{
	*out = (struct userdb_entry){ .has_uid = false };
	if (found && !userdb_parse(value, q->service, out)) {
		log_error("%s: the entry of a user is ill-formed", q->table);
		return AUTH_TROUBLE;
	}
	if (q->password.p == NULL)
		return found ? AUTH_OK : AUTH_DENIED;
	if (span_find(q->password, '\0') < q->password.n)
		return AUTH_DENIED;
	return password_fits(out, q->password) ? AUTH_OK : AUTH_DENIED;
}

enum auth_verdict
userdb_ask(
    const struct userdb_question *q, struct arena *a, struct userdb_entry *out)
{
	struct buf value = BUF_EMPTY;
	struct span text;
	enum map_result got;
	struct map *map;
	struct why why;

	why_init(&why);
	*out = (struct userdb_entry){ .has_uid = false };
	map = map_open(span_str(q->table), "hash", 0, &why);
	got = map == NULL ? MAP_ERROR : map_get(map, q->user, &value, &why);
	map_close(&map);
	if (got == MAP_ERROR)
		log_error("auth_user_database: %s", why_text(&why));
	why_free(&why);
	text = got == MAP_FOUND ? arena_span(a, buf_span(&value)) : SPAN("");
	buf_free(&value);
	return got == MAP_ERROR ? AUTH_TROUBLE
				: userdb_judge(q, got == MAP_FOUND, text, out);
}

static void
look_for_verifier(void *arg, struct span key, struct span value)
{
	struct userdb_entry e;
	struct scram_verifier v;
	bool *found = arg;

	(void)key;
	*found = *found ||
	    (userdb_parse(value, SPAN(""), &e) &&
		scram_verifier_parse(e.verifier, &v));
}

bool
userdb_has_verifier(const char *table)
{
	bool found = false;
	struct map *map;
	struct why why;

	why_init(&why);
	map = map_open(span_str(table), "hash", 0, &why);
	if (map != NULL &&
	    map_each(map, look_for_verifier, &found, &why) == MAP_ERROR)
		log_warning("auth_scram = auto: auth_user_database: %s",
		    why_text(&why));
	map_close(&map);
	why_free(&why);
	return found;
}
