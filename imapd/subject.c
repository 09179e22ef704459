/*
 * subject.c - what of a Subject counts when mail is sorted (RFC 5256, 2.1)
 *
 * The text is decoded and folded first, so that blanks are single and letters
 * small; then what the grammar calls leader, trailer and blob is taken off.
 */

#include "imapd/subject.h"

#include "base/buf.h"
#include "imapd/match.h"
#include "message/encode.h"

enum { SUBJECT_MOST = 2000 };

static struct span
skip_blank(struct span s)
{
	return span_at(s, 0) == ' ' ? span_skip(s, 1) : s;
}

/* subj-blob: "[", anything but brackets, "]", blanks. */
static bool
take_blob(struct span *s)
{
	size_t end;

	if (span_at(*s, 0) != '[')
		return false;
	end = 1 + span_find_any(span_skip(*s, 1), "[]");
	if (span_at(*s, end) != ']')
		return false;
	*s = skip_blank(span_skip(*s, end + 1));
	return true;
}

/* subj-refwd, with blobs before it. */
static bool
take_refwd(struct span *s)
{
	struct span at = *s;

	while (take_blob(&at))
		continue;
	if (span_starts(at, "FWD"))
		at = span_skip(at, 3);
	else if (span_starts(at, "RE") || span_starts(at, "FW"))
		at = span_skip(at, 2);
	else
		return false;
	at = skip_blank(at);
	(void)take_blob(&at);
	if (span_at(at, 0) != ':')
		return false;
	*s = span_skip(at, 1);
	return true;
}

/* Steps 2 to 5. */
static void
strip(struct span *s, bool *reply)
{
	bool more = true;

	for (;;) {
		*s = span_trim(*s);
		if (!span_ends(*s, "(FWD)"))
			break;
		s->n -= 5;
		*reply = true;
	}
	while (more) {
		struct span at = *s = span_trim_left(*s);

		more = take_refwd(s);
		if (more) {
			*reply = true;
		} else if (take_blob(&at) && at.n > 0) {
			*s = at;
			more = true;
		}
	}
}

bool
subject_base(struct buf *out, struct span value)
{
	struct buf decoded = BUF_EMPTY, folded = BUF_EMPTY;
	bool reply = false;
	struct span s;

	encode_words_decode(&decoded, span_head(value, SUBJECT_MOST));
	match_fold(&folded, buf_span(&decoded));
	s = buf_span(&folded);
	strip(&s, &reply);
	while (span_starts(s, "[FWD:") && span_ends(s, "]")) {
		s = span_head(span_skip(s, 5), s.n - 6);
		reply = true;
		strip(&s, &reply);
	}
	buf_add_span(out, s);
	buf_free(&decoded);
	buf_free(&folded);
	return reply;
}
