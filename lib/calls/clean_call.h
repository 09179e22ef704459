/* clean_call.h - asking lookup for the final form of a message's addresses
 *
 *   lookup_clean -> lookup_cleaned   smtpd and pickup before the commit,
 *                                    smtp before a delivery (CLEAN_GENERIC)
 *
 * The sender and the header's addresses as canonical_maps, masquerade_domains
 * and the completion of names make them, and who gets a copy. A message with
 * many recipients takes several questions.
 */

#ifndef CALLS_CLEAN_CALL_H
#define CALLS_CLEAN_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/why.h"

struct arena;
struct packet_in;
struct packet_out;

enum {
	CLEAN_FIELDS_MAX = 100,
	CLEAN_FIELD_BYTES = 20000, /* of all fields together */
	CLEAN_COPIES_MAX = 200
};

/* Whose header it is (local_header_rewrite_clients). */
enum clean_header {
	CLEAN_NONE, /* let it be */
	CLEAN_LOCAL,
	CLEAN_REMOTE, /* remote_header_rewrite_domain, where there is one */
	CLEAN_GENERIC, /* smtp's: all addresses by smtp_generic_maps alone */
	CLEAN_GENERIC_LMTP /* the same by lmtp_generic_maps */
};

/* A header field that holds addresses. */
struct clean_field {
	uint32_t number; /* in the header, from 0 */
	bool of_sender; /* From and the like; else To and the like */
	struct span name, value; /* value raw, without its last LF */
};

struct clean_request {
	bool first; /* sender and fields are asked for too */
	enum clean_header header;
	bool no_mappings; /* names are completed, and that is all */
	bool forwarded; /* CLEAN_GENERIC: not to whom the sender wrote */
	/* CLEAN_GENERIC: "smtp_generic_maps", or with the value that a row of
	 * master.cf gives it; empty: the name */
	struct span tables;
	struct span sender;
	size_t field_count;
	const struct clean_field *fields;
	size_t rcpt_count;
	const struct span *rcpts;
};

struct clean_edit {
	uint32_t number;
	struct span text; /* the whole field with LF */
};

struct clean_answer {
	struct why why; /* DONE, or a table failed */
	struct span sender; /* of a first question */
	size_t edit_count;
	const struct clean_edit *edits;
	size_t copy_count;
	/* Who gets the message too, unasked; for CLEAN_GENERIC the recipients
	 * asked for, each in its place. */
	const struct span *copies;
};

/* The question for recipients from *at on, as many as one packet holds; *at
 * goes behind them, and r->first is whether it was 0. Begin with 0; there is
 * always one question, even without recipients. */
void clean_put(struct packet_out *o, const struct clean_request *r, size_t *at);
bool
clean_get(struct packet_in *in, struct arena *a, struct clean_request *out);
void cleaned_put(
    struct packet_out *o, uint32_t id, const struct clean_answer *answer);
/* why_init() out->why before. All lives in a. */
bool
cleaned_get(struct packet_in *in, struct arena *a, struct clean_answer *out);

#endif
