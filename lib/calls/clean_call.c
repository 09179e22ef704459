/* clean_call.c - asking lookup for the final form of addresses, both ends */

#include "calls/clean_call.h"

#include "base/arena.h"
#include "calls/why_call.h"
#include "ipc/packet.h"

enum {
	ADDRESS_MAX = 4096,
	TABLES_MAX = 16384, /* the text of a parameter */
	NAME_BYTES_MAX = 200,
	RCPTS_PACKET = 200,
	RCPT_BYTES = 12000
};

static void
fields_put(struct packet_out *o, const struct clean_request *r, bool first)
{
	size_t n = first ? r->field_count : 0;

	packet_num(o, "fields", n);
	for (size_t i = 0; i < n; i++) {
		const struct clean_field *f = &r->fields[i];

		packet_num(o, "number", f->number);
		packet_num(o, "of_sender", f->of_sender);
		packet_str(o, "name", f->name);
		packet_bytes(o, "value", f->value);
	}
}

void
clean_put(struct packet_out *o, const struct clean_request *r, size_t *at)
{
	size_t n = 0, bytes = 0;
	bool first = *at == 0;

	while (
	    *at + n < r->rcpt_count && n < RCPTS_PACKET && bytes < RCPT_BYTES)
		bytes += r->rcpts[*at + n++].n + 16;
	packet_begin(o, "lookup_clean", 0);
	packet_num(o, "first", first);
	packet_num(o, "header", r->header);
	packet_num(o, "no_mappings", r->no_mappings);
	packet_num(o, "forwarded", r->forwarded);
	packet_str(o, "tables", r->tables);
	packet_str(o, "sender", r->sender);
	fields_put(o, r, first);
	packet_num(o, "rcpts", n);
	for (size_t i = 0; i < n; i++)
		packet_str(o, "rcpt", r->rcpts[*at + i]);
	*at += n;
}

/* Spans of packet_in_bytes() are good until the next one. */
static void
fields_get(struct packet_in *in, struct arena *a, struct clean_request *out)
{
	struct clean_field *fields;

	out->field_count =
	    (size_t)packet_in_num(in, "fields", CLEAN_FIELDS_MAX);
	fields = arena_array(a, out->field_count, sizeof(*fields));
	for (size_t i = 0; i < out->field_count; i++) {
		fields[i].number =
		    (uint32_t)packet_in_num(in, "number", UINT32_MAX);
		fields[i].of_sender = packet_in_bool(in, "of_sender");
		fields[i].name = packet_in_str(in, "name", NAME_BYTES_MAX);
		fields[i].value = arena_span(
		    a, packet_in_bytes(in, "value", CLEAN_FIELD_BYTES));
	}
	out->fields = fields;
}

bool
clean_get(struct packet_in *in, struct arena *a, struct clean_request *out)
{
	struct span *rcpts;

	if (in->bad || !span_is(in->call, "lookup_clean"))
		return false;
	out->first = packet_in_bool(in, "first");
	out->header =
	    (enum clean_header)packet_in_num(in, "header", CLEAN_GENERIC_LMTP);
	out->no_mappings = packet_in_bool(in, "no_mappings");
	out->forwarded = packet_in_bool(in, "forwarded");
	out->tables = packet_in_str(in, "tables", TABLES_MAX);
	out->sender = packet_in_str(in, "sender", ADDRESS_MAX);
	fields_get(in, a, out);
	out->rcpt_count = (size_t)packet_in_num(in, "rcpts", RCPTS_PACKET);
	rcpts = arena_array(a, out->rcpt_count, sizeof(*rcpts));
	for (size_t i = 0; i < out->rcpt_count; i++)
		rcpts[i] = packet_in_str(in, "rcpt", ADDRESS_MAX);
	out->rcpts = rcpts;
	return packet_in_end(in);
}

void
cleaned_put(
    struct packet_out *o, uint32_t id, const struct clean_answer *answer)
{
	packet_begin(o, "lookup_cleaned", id);
	why_put(o, &answer->why);
	packet_str(o, "sender", answer->sender);
	packet_num(o, "edits", answer->edit_count);
	for (size_t i = 0; i < answer->edit_count; i++) {
		packet_num(o, "number", answer->edits[i].number);
		packet_bytes(o, "text", answer->edits[i].text);
	}
	packet_num(o, "copies", answer->copy_count);
	for (size_t i = 0; i < answer->copy_count; i++)
		packet_str(o, "copy", answer->copies[i]);
}

bool
cleaned_get(struct packet_in *in, struct arena *a, struct clean_answer *out)
{
	struct clean_edit *edits;
	struct span *copies;

	if (in->bad || !span_is(in->call, "lookup_cleaned"))
		return false;
	why_get(in, &out->why);
	out->sender = arena_span(a, packet_in_str(in, "sender", ADDRESS_MAX));
	out->edit_count = (size_t)packet_in_num(in, "edits", CLEAN_FIELDS_MAX);
	edits = arena_array(a, out->edit_count, sizeof(*edits));
	for (size_t i = 0; i < out->edit_count; i++) {
		edits[i].number =
		    (uint32_t)packet_in_num(in, "number", UINT32_MAX);
		edits[i].text = arena_span(
		    a, packet_in_bytes(in, "text", CLEAN_FIELD_BYTES));
	}
	out->edits = edits;
	out->copy_count = (size_t)packet_in_num(in, "copies", CLEAN_COPIES_MAX);
	copies = arena_array(a, out->copy_count, sizeof(*copies));
	for (size_t i = 0; i < out->copy_count; i++)
		copies[i] =
		    arena_span(a, packet_in_str(in, "copy", ADDRESS_MAX));
	out->copies = copies;
	return packet_in_end(in);
}
