/*
 * passage.c - a message as it streams by
 *
 * Where the header ends is message/header.h's to say. A line that is no field
 * ends it, and is known to be one only at its own end: so the bytes behind the
 * last whole field are kept until then, up to a limit.
 */

#include "mauth/passage.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "message/header.h"

struct passage {
	const struct passage_calls *calls;
	void *arg;
	struct header_scan *scan;
	struct arena *arena;
	struct field *list;
	size_t room;
	struct fields fields;
	struct buf tail; /* bytes fed that belong to no field so far */
	uint64_t tail_at; /* where it begins in the message */
	uint64_t known; /* end of the last whole field */
	uint32_t seen; /* fields, those not kept too */
	bool over; /* of the header */
};

const struct field *
fields_find(const struct fields *f, const char *name, size_t *at)
{
	while (*at < f->count) {
		const struct field *one = &f->list[(*at)++];

		if (span_iis(one->name, name))
			return one;
	}
	return NULL;
}

static struct field *
field_room(struct passage *l)
{
	if (l->fields.count == l->room) {
		l->room = l->room == 0 ? 32 : l->room * 2;
		l->list = mem_resize(l->list, l->room, sizeof(*l->list));
		l->fields.list = l->list;
	}
	return &l->list[l->fields.count++];
}

static void
seen(void *arg, const struct header_scanned *s)
{
	struct passage *l = arg;
	uint32_t number = l->seen++;
	struct span all;
	struct field *f;

	l->known = s->offset + s->length;
	if (l->fields.count == FIELDS_MAX || s->cut ||
	    arena_used(l->arena) + s->length > FIELDS_BYTES_MAX) {
		l->fields.cut = true;
		return;
	}
	all = arena_span(l->arena, s->field.all);
	f = field_room(l);
	f->number = number;
	f->all = all;
	f->name = span_head(all, s->field.name.n);
	f->value = span_skip(all, (size_t)(s->field.value.p - s->field.all.p));
	f->value = span_head(f->value, s->field.value.n);
}

struct passage *
passage_new(const struct passage_calls *calls, void *arg)
{
	struct passage *l = mem_new(sizeof(*l));

	l->calls = calls;
	l->arg = arg;
	l->arena = arena_new();
	l->scan = header_scan_new(FIELDS_BYTES_MAX, seen, l);
	return l;
}

void
passage_free(struct passage **l)
{
	if (*l == NULL)
		return;
	header_scan_free(&(*l)->scan);
	arena_free(&(*l)->arena);
	buf_free(&(*l)->tail);
	free((*l)->list);
	free(*l);
	*l = NULL;
}

/* The header is over: what is left behind it is body. */
static void
header_over(struct passage *l)
{
	uint64_t body_at = header_scan_facts(l->scan)->body_at;
	struct span body =
	    span_skip(buf_span(&l->tail), (size_t)(body_at - l->tail_at));

	l->over = true;
	l->calls->header(l->arg, &l->fields);
	if (body.n > 0)
		l->calls->body(l->arg, body);
	buf_free(&l->tail);
}

void
passage_feed(struct passage *l, struct span bytes)
{
	if (l->over) {
		if (bytes.n > 0)
			l->calls->body(l->arg, bytes);
		return;
	}
	/* a field that never ends: nothing of it can be body */
	if (l->tail.n > 2 * FIELDS_BYTES_MAX) {
		l->tail_at += l->tail.n;
		buf_clear(&l->tail);
		l->fields.cut = true;
	}
	buf_add_span(&l->tail, bytes);
	if (!header_scan_feed(l->scan, bytes.p, bytes.n)) {
		header_over(l);
	} else if (l->known > l->tail_at) {
		buf_drop(&l->tail, (size_t)(l->known - l->tail_at));
		l->tail_at = l->known;
	}
}

void
passage_end(struct passage *l)
{
	if (l->over)
		return;
	header_scan_finish(l->scan);
	header_over(l);
}

const struct fields *
passage_fields(const struct passage *l)
{
	return &l->fields;
}
