/* body.h - messages as FETCH shows them: structure, sections, bytes */

#ifndef IMAPD_BODY_H
#define IMAPD_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/span.h"
#include "message/encode.h"

struct body;
struct buf;
struct imap_fetch_item;
struct mime_part;
struct session;
struct why;

enum { BODY_HEADER_MOST = 1 << 20 };

/* The message at i, read only as far as is asked for below. The session keeps
 * the last one, so that the next piece of a large message costs no more than
 * its bytes. NULL: it cannot be opened, why says why, errno ENOENT when it is
 * gone. */
struct body *body_open(struct session *s, size_t i, struct why *why);
/* The session keeps none any more. */
void body_forget(struct session *s);

/* All below return -1 and why when the message cannot be read. */

/* Append ENVELOPE's value; BODY's or BODYSTRUCTURE's. */
int body_envelope(struct body *b, struct buf *out, struct why *why)
    __attribute__((warn_unused_result));
int body_structure(struct body *b, bool extended, struct buf *out,
    struct why *why) __attribute__((warn_unused_result));
/* Write a section to the client as an nstring. A part that is not there is
 * NIL. */
int body_section(struct body *b, const struct imap_fetch_item *item,
    struct why *why) __attribute__((warn_unused_result));
/* Give the section's octets to fn instead, as the client would see them;
 * missing says that there is no such part. */
typedef void body_piece_fn(void *arg, struct span piece);
struct body_sink {
	body_piece_fn *fn;
	void *arg;
	bool missing;
};
int body_octets(struct body *b, const struct imap_fetch_item *item,
    struct body_sink *sink, struct why *why)
    __attribute__((warn_unused_result));
/* Where the octets lie that BINARY[section] means, and their encoding; of the
 * whole message none. */
struct body_range {
	bool found;
	uint64_t from, end; /* in the file */
	enum encode_kind encoding;
};
int body_find(struct body *b, const struct imap_fetch_item *item,
    struct body_range *out, struct why *why)
    __attribute__((warn_unused_result));
/* They are fed to fn as they lie in the file. */
int body_pieces(struct body *b, const struct body_range *r, body_piece_fn *fn,
    void *arg, struct why *why) __attribute__((warn_unused_result));
/* Write HEADER.FIELDS or HEADER.FIELDS.NOT of a header to the client. */
void body_put_fields(
    struct session *s, const struct imap_fetch_item *item, struct span header);
/* The header section as it lies on disk, at most BODY_HEADER_MOST bytes. */
int body_header(struct body *b, struct span *out, struct why *why)
    __attribute__((warn_unused_result));
/* The digest of the file's bytes. */
int body_digest(struct body *b, unsigned char out[SHA256_BYTES],
    struct why *why) __attribute__((warn_unused_result));
/* The text part behind *p (NULL: the first) that is no attachment, its text
 * appended as UTF-8, at most max bytes; *p is NULL behind the last. */
int body_next_text(struct body *b, const struct mime_part **p, size_t max,
    struct buf *out, struct why *why) __attribute__((warn_unused_result));
/* Append the text of all text parts as UTF-8, decoded, at most max bytes. */
int body_text(struct body *b, size_t max, struct buf *out, struct why *why)
    __attribute__((warn_unused_result));

#endif
