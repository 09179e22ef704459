/* html_clean.h - HTML mail made safe for a sandboxed frame
 *
 * A whitelist: what is not known to be harmless is not written. The output is
 * built anew from tokens, so it is balanced and every text and value is
 * escaped; no byte of the input is copied as markup.
 */

#ifndef MESSAGE_HTML_CLEAN_H
#define MESSAGE_HTML_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

enum {
	HTML_DEPTH_MAX = 200, /* open elements; deeper ones are left out */
	HTML_ATTRIBUTES_MAX = 50, /* of one tag */
	HTML_VALUE_MAX = 8192, /* bytes of one value; longer ones are dropped */
};

/* Append the address at which the inline part with that Content-ID (without
 * <>) can be fetched; false when there is none. What is appended is escaped by
 * the caller, and its scheme is not looked at. */
typedef bool html_cid_fn(void *arg, struct span id, struct buf *url);

struct html_policy {
	bool remote_images; /* http and https images may be shown */
	bool styles; /* style attributes, filtered by property */
	html_cid_fn *cid; /* NULL: no inline images */
	void *cid_arg;
	size_t max_output; /* stop there; 0 means 16 MiB */
};

struct html_report {
	unsigned remote_images; /* blocked ones: offer a button */
	unsigned dropped; /* tags and attributes that were left out */
	bool cut; /* a limit was met */
	uint64_t work; /* steps taken, for tests of linear time */
};

/* Append the clean fragment of html, which is UTF-8 (other bytes become
 * U+FFFD). Links get target=_blank and rel="noopener noreferrer nofollow".
 * report may be NULL. */
void html_clean(struct buf *out, struct span html,
    const struct html_policy *policy, struct html_report *report);

/* Append text with & < > " ' escaped, control bytes but TAB and LF and bytes
 * that are no UTF-8 made U+FFFD. */
void html_escape(struct buf *out, struct span text);
/* Append the text of html without its tags, for previews and replies: blocks
 * end lines, at most max bytes. */
void html_to_text(struct buf *out, struct span html, size_t max);

#endif
