/* dot.h - the dot transparency of SMTP and POP3 (RFC 5321, 4.5.2) */

#ifndef WIRE_DOT_H
#define WIRE_DOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;

enum dot_result { DOT_MORE, DOT_END, DOT_BAD };

/* What is done about CR and LF that do not stand together. */
enum dot_mode {
	DOT_STRICT, /* DOT_BAD (smtpd_forbid_bare_newline = reject) */
	DOT_NORMALISE, /* a bare LF ends a line, but only CRLF "." CRLF ends
			* the content (= normalize) */
	DOT_ANY /* LF "." LF and its mixtures end the content too (= no) */
};

struct dot_reader;

/* The caller owns the reader until dot_free(), which sets *r to NULL. */
struct dot_reader *dot_new(enum dot_mode mode);
void dot_free(struct dot_reader **r);
/* Ready for the next message. */
void dot_reset(struct dot_reader *r);

/* Decode n bytes into out, line ends as LF, the dots undone; *used says how
 * many were taken. DOT_MORE: all were taken. DOT_END: the content is over, what
 * stands behind *used is the next command. DOT_BAD: a bare CR or LF; the
 * session must end after its reply, since what follows cannot be trusted. In
 * the other modes a bare CR becomes a space. At most n + 3 bytes are appended.
 * Never blocks. */
enum dot_result dot_feed(struct dot_reader *r, const char *p, size_t n,
    size_t *used, struct buf *out);
/* A bare CR or LF was seen since the last reset. */
bool dot_seen_bare(const struct dot_reader *r);

/* The writer: a value. */
struct dot_writer {
	bool stuff; /* double the dots at the front of lines */
	bool line_start, cr;
};

/* stuff false: for BDAT (RFC 3030) and IMAP, line ends only. */
void dot_writer_init(struct dot_writer *w, bool stuff);
/* Append content (line ends LF or CRLF) as CRLF lines; a bare CR becomes a
 * space, so that nothing can be smuggled to the next host. At most 2 * n + 2
 * bytes are appended. */
void dot_write(struct dot_writer *w, struct span content, struct buf *out);
/* End the last line if it has no end; with stuff append the final dot. */
void dot_write_finish(struct dot_writer *w, struct buf *out);

#endif
