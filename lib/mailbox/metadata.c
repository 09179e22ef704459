/*
 * metadata.c - facteur.metadata: what clients note beside a folder
 *
 * A line "facteur-metadata 1", then for each entry a line with the lengths of
 * its name and value and a checksum of both, then both, each with a line's end
 * behind it. An entry that does not match its checksum is left out.
 */

#include "mailbox/metadata.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crc.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "mailbox/maildir.h"
#include "mailbox/side_file.h"
#include "os/file.h"

#define FIRST_LINE "facteur-metadata 1"

/* --- the text of a file --- */

/* n bytes and a line's end off the front. */
static bool
take(struct span *rest, uint64_t n, struct span *out)
{
	if (n >= rest->n || rest->p[n] != '\n')
		return false;
	*out = span_head(*rest, (size_t)n);
	*rest = span_skip(*rest, (size_t)n + 1);
	return true;
}

/* "name-bytes value-bytes checksum" and what they speak of; *good is false when
 * only the checksum is wrong. */
static bool
read_entry(struct span *rest, struct metadata_entry *e, bool *good)
{
	struct span line, field;
	uint64_t name, value, crc;

	if (!span_line(rest, &line) || !span_cut(&line, ' ', &field) ||
	    !number_parse(field, 1, METADATA_NAME_MAX, &name) ||
	    !span_cut(&line, ' ', &field) ||
	    !number_parse(field, 0, METADATA_FILE_MAX, &value) ||
	    !number_parse_hex(line, UINT32_MAX, &crc) ||
	    !take(rest, name, &e->name) || !take(rest, value, &e->value))
		return false;
	*good = crc == crc_add(crc_add(0, e->name), e->value);
	return true;
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct metadata_entry *x = a, *y = b;

	return span_icmp(x->name, y->name);
}

void
metadata_parse(
    struct arena *a, struct span text, struct metadata *out, bool *whole)
{
	size_t room = 0;
	struct metadata_entry e;
	struct span rest = text, line;
	bool good;

	*out = (struct metadata){ .count = 0 };
	*whole = true;
	for (size_t i = 0; i < text.n; i++)
		room += text.p[i] == '\n';
	out->list = arena_array(a, room / 3 + 1, sizeof(*out->list));
	if (!span_line(&rest, &line) || !span_is(line, FIRST_LINE)) {
		*whole = text.n == 0;
		return;
	}
	while (rest.n > 0) {
		if (!read_entry(&rest, &e, &good)) {
			*whole = false;
			break;
		}
		*whole = *whole && good;
		if (good)
			out->list[out->count++] =
			    (struct metadata_entry){ arena_span(a, e.name),
				    arena_span(a, e.value) };
	}
	if (out->count > 1)
		qsort(out->list, out->count, sizeof(*out->list), entry_cmp);
}

static void
put_entry(struct buf *out, const struct metadata_entry *e)
{
	buf_printf(out, "%zu %zu %08" PRIx32 "\n", e->name.n, e->value.n,
	    crc_add(crc_add(0, e->name), e->value));
	buf_add_span(out, e->name);
	buf_add_byte(out, '\n');
	buf_add_span(out, e->value);
	buf_add_byte(out, '\n');
}

/* --- files --- */

int
metadata_read(const struct maildir *m, const char *file, struct arena *a,
    struct metadata *out, struct why *why)
{
	struct buf text = BUF_EMPTY;
	int got = side_read(maildir_dir(m), file, METADATA_FILE_MAX, &text);
	bool whole;

	if (got != -1) {
		metadata_parse(a, buf_span(&text), out, &whole);
		if (!whole)
			log_warning("%s/%s: damaged; entries that are not "
				    "whole are left out",
			    maildir_path(m), file);
	} else {
		(void)side_trouble(m, "read", file, why);
	}
	buf_free(&text);
	return got == -1 ? -1 : 0;
}

const struct metadata_entry *
metadata_find(const struct metadata *md, struct span name)
{
	size_t low = 0, high = md->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (span_icmp(md->list[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < md->count && span_ieq(md->list[low].name, name)
	    ? &md->list[low]
	    : NULL;
}

/* The last word for name, or NULL. */
static const struct metadata_entry *
change_of(const struct metadata_change *c, struct span name)
{
	for (size_t i = c->count; i-- > 0;)
		if (span_ieq(c->list[i].name, name))
			return &c->list[i];
	return NULL;
}

/* The whole new text; how many entries it has, and how many are new. */
static void
make_text(const struct metadata *old, const struct metadata_change *c,
    struct buf *out, size_t *count, size_t *fresh)
{
	*count = *fresh = 0;
	buf_add_str(out, FIRST_LINE "\n");
	for (size_t i = 0; i < old->count; i++)
		if (change_of(c, old->list[i].name) == NULL) {
			put_entry(out, &old->list[i]);
			++*count;
		}
	for (size_t i = 0; i < c->count; i++)
		if (change_of(c, c->list[i].name) == &c->list[i] &&
		    c->list[i].value.p != NULL) {
			put_entry(out, &c->list[i]);
			++*count;
			*fresh += metadata_find(old, c->list[i].name) == NULL;
		}
}

static int
write_text(const struct maildir *m, const char *file, const struct buf *text,
    size_t count)
{
	if (count > 0)
		return file_replace(
		    maildir_dir(m), file, buf_span(text), maildir_file_mode(m));
	if (file_unlink(maildir_dir(m), file) == -1 && errno != ENOENT)
		return -1;
	return file_sync(maildir_dir(m));
}

static enum metadata_result
change_locked(const struct maildir *m, const char *file,
    const struct metadata_change *c, struct why *why)
{
	struct arena *a = arena_new();
	struct buf text = BUF_EMPTY;
	enum metadata_result got = METADATA_TROUBLE;
	struct metadata old;
	size_t count, fresh;

	if (metadata_read(m, file, a, &old, why) == 0) {
		make_text(&old, c, &text, &count, &fresh);
		if ((fresh > 0 && count > c->most) ||
		    text.n > METADATA_FILE_MAX)
			got = METADATA_TOO_MANY;
		else if (write_text(m, file, &text, count) == -1)
			(void)side_trouble(m, "write", file, why);
		else
			got = METADATA_DONE;
	}
	buf_free(&text);
	arena_free(&a);
	return got;
}

enum metadata_result
metadata_set(const struct maildir *m, const char *file,
    const struct metadata_change *c, struct why *why)
{
	int lock = side_lock(m, file, c->wait_ms, why), error;
	enum metadata_result got = METADATA_TROUBLE;

	if (lock != -1)
		got = change_locked(m, file, c, why);
	error = errno;
	file_close(&lock);
	errno = error;
	return got;
}

int
metadata_copy(
    const struct maildir *from, const struct maildir *to, struct why *why)
{
	struct buf text = BUF_EMPTY;
	int got = side_read(
	    maildir_dir(from), METADATA_FILE, METADATA_FILE_MAX, &text);

	if (got == -1)
		(void)side_trouble(from, "read", METADATA_FILE, why);
	else if (got == 1) {
		got = file_replace(maildir_dir(to), METADATA_FILE,
		    buf_span(&text), maildir_file_mode(to));
		if (got == -1)
			(void)side_trouble(to, "write", METADATA_FILE, why);
	}
	buf_free(&text);
	return got;
}
