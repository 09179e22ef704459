/*
 * objectid.c - identifiers of mailboxes, messages and threads (RFC 8474)
 *
 * EMAILID is a digest of the message as it lies on disk, so a copy has the same
 * one, and no loss of side files changes it. THREADID is a digest of the
 * Message-ID that began the thread: what References names first, else
 * In-Reply-To, else the message's own. Both are the message's alone, so they
 * never change; MAILBOXID lies in facteur.uids and goes where the folder goes.
 */

#include "imapd/objectid.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/why.h"
#include "imapd/body.h"
#include "imapd/recall.h"
#include "imapd/session.h"
#include "message/header.h"

enum { ID_BYTES = 20 }; /* of a digest */

void
objectid_put_mailbox(struct buf *out, const char *guid)
{
	buf_printf(out, "MAILBOXID (F%s)", guid);
}

static void
put(struct buf *out, char kind, const unsigned char *digest)
{
	buf_add_byte(out, '(');
	buf_add_byte(out, kind);
	hex_encode(out, span_of((const char *)digest, ID_BYTES));
	buf_add_byte(out, ')');
}

int
objectid_of_body(struct body *b, struct buf *out, struct why *why)
{
	unsigned char digest[SHA256_BYTES];

	if (body_digest(b, digest, why) == -1)
		return -1;
	put(out, 'M', digest);
	return 0;
}

int
objectid_put_email(
    struct session *s, size_t i, struct buf *out, struct why *why)
{
	return recall_value(s, i, RECALL_EMAILID, out, why);
}

/* The first "<...>" of a field, appended to out. */
static bool
first_id(struct span header, const char *field, struct buf *out)
{
	struct buf value = BUF_EMPTY;
	struct header_field f;
	struct span id;
	size_t end;

	if (!header_find(header, field, &f))
		return false;
	header_unfold(&value, f.value);
	id = span_skip(buf_span(&value), span_find(buf_span(&value), '<'));
	end = span_find(id, '>');
	if (end < id.n)
		buf_add_span(out, span_head(id, end + 1));
	buf_free(&value);
	return out->n > 0;
}

int
objectid_put_thread(
    struct session *s, size_t i, struct buf *out, struct why *why)
{
	unsigned char digest[SHA256_BYTES];
	struct buf root = BUF_EMPTY;
	struct span header;
	int got = recall_fields(s, i, &header, why);

	if (got == 0 && !first_id(header, "References", &root) &&
	    !first_id(header, "In-Reply-To", &root) &&
	    !first_id(header, "Message-ID", &root))
		got = objectid_put_email(s, i, &root, why);
	if (got == 0) {
		digest_sha256(buf_span(&root), digest);
		put(out, 'T', digest);
	}
	buf_free(&root);
	return got;
}

bool
objectid_matches(struct session *s, size_t i, bool thread, struct span id)
{
	struct buf own = BUF_EMPTY;
	struct why why;
	bool same;

	why_init(&why);
	same = (thread ? objectid_put_thread(s, i, &own, &why)
		       : objectid_put_email(s, i, &own, &why)) == 0 &&
	    own.n == id.n + 2 && span_eq(span_of(own.p + 1, id.n), id);
	buf_free(&own);
	why_free(&why);
	return same;
}
