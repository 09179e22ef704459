/*
 * html_clean.c - HTML mail made safe for a sandboxed frame
 *
 * Three whitelists: elements, attributes with the kind of their values, and
 * schemes of addresses. The open elements are a stack of fixed depth, so that
 * whatever comes in, what goes out is balanced. Elements that are not known are
 * left out and their content stays.
 */

#include "message/html_clean.h"

#include <string.h>

#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"
#include "message/html_style.h"
#include "message/html_token.h"

enum { OUTPUT_DEFAULT = 16 << 20 };

/* What a start tag does about those before it. */
enum {
	VOID = 1, /* has no content and no end tag */
	BLOCK = 2, /* ends an open p */
	SCOPE = 4, /* nothing inside ends what is outside */
	LIST = 8, /* a scope for li, dt and dd only */
	ITEM = 16, /* ends another li, dt or dd */
	CELL = 32, /* ends another td or th */
	ROW = 64, /* ends a cell and a row */
	GROUP = 128, /* ends a cell, a row and a group of rows */
	ANCHOR = 256, /* ends another a */
	PARA = 512,
	TABLE = 1024
};

static const struct element {
	const char *name;
	unsigned how;
	const char *as; /* written under another name */
} elements[] = {
	{ "a", ANCHOR, NULL },
	{ "abbr", 0, NULL },
	{ "acronym", 0, NULL },
	{ "address", BLOCK, NULL },
	{ "article", BLOCK, NULL },
	{ "aside", BLOCK, NULL },
	{ "b", 0, NULL },
	{ "bdi", 0, NULL },
	{ "bdo", 0, NULL },
	{ "big", 0, NULL },
	{ "blockquote", BLOCK, NULL },
	{ "body", BLOCK, "div" },
	{ "br", VOID, NULL },
	{ "caption", SCOPE, NULL },
	{ "center", BLOCK, NULL },
	{ "cite", 0, NULL },
	{ "code", 0, NULL },
	{ "col", VOID, NULL },
	{ "colgroup", 0, NULL },
	{ "dd", ITEM | BLOCK, NULL },
	{ "del", 0, NULL },
	{ "dfn", 0, NULL },
	{ "dir", BLOCK | LIST, NULL },
	{ "div", BLOCK, NULL },
	{ "dl", BLOCK | LIST, NULL },
	{ "dt", ITEM | BLOCK, NULL },
	{ "em", 0, NULL },
	{ "figcaption", BLOCK, NULL },
	{ "figure", BLOCK, NULL },
	{ "font", 0, NULL },
	{ "footer", BLOCK, NULL },
	{ "h1", BLOCK, NULL },
	{ "h2", BLOCK, NULL },
	{ "h3", BLOCK, NULL },
	{ "h4", BLOCK, NULL },
	{ "h5", BLOCK, NULL },
	{ "h6", BLOCK, NULL },
	{ "header", BLOCK, NULL },
	{ "hr", VOID | BLOCK, NULL },
	{ "i", 0, NULL },
	{ "img", VOID, NULL },
	{ "ins", 0, NULL },
	{ "kbd", 0, NULL },
	{ "li", ITEM | BLOCK, NULL },
	{ "main", BLOCK, NULL },
	{ "mark", 0, NULL },
	{ "menu", BLOCK | LIST, NULL },
	{ "nav", BLOCK, NULL },
	{ "ol", BLOCK | LIST, NULL },
	{ "p", BLOCK | PARA, NULL },
	{ "pre", BLOCK, NULL },
	{ "q", 0, NULL },
	{ "s", 0, NULL },
	{ "samp", 0, NULL },
	{ "section", BLOCK, NULL },
	{ "small", 0, NULL },
	{ "span", 0, NULL },
	{ "strike", 0, NULL },
	{ "strong", 0, NULL },
	{ "sub", 0, NULL },
	{ "sup", 0, NULL },
	{ "table", BLOCK | SCOPE | TABLE, NULL },
	{ "tbody", GROUP, NULL },
	{ "td", CELL | SCOPE, NULL },
	{ "tfoot", GROUP, NULL },
	{ "th", CELL | SCOPE, NULL },
	{ "thead", GROUP, NULL },
	{ "time", 0, NULL },
	{ "tr", ROW, NULL },
	{ "tt", 0, NULL },
	{ "u", 0, NULL },
	{ "ul", BLOCK | LIST, NULL },
	{ "var", 0, NULL },
	{ "wbr", VOID, NULL },
};

enum value_kind {
	AS_TEXT,
	AS_NUMBER,
	AS_COLOR,
	AS_WORDS,
	AS_LINK,
	AS_IMAGE,
	AS_STYLE
};

/* On which elements: names between blanks, NULL for all. */
static const struct attribute {
	const char *name;
	enum value_kind kind;
	const char *on;
} attributes[] = {
	{ "abbr", AS_TEXT, " td th " },
	{ "align", AS_WORDS, NULL },
	{ "alt", AS_TEXT, " img " },
	{ "bgcolor", AS_COLOR, " body table tr td th " },
	{ "border", AS_NUMBER, " table img " },
	{ "cellpadding", AS_NUMBER, " table " },
	{ "cellspacing", AS_NUMBER, " table " },
	{ "clear", AS_WORDS, " br " },
	{ "color", AS_COLOR, " font hr " },
	{ "colspan", AS_NUMBER, " td th " },
	{ "dir", AS_WORDS, NULL },
	{ "face", AS_WORDS, " font " },
	{ "height", AS_NUMBER, " img table td th tr " },
	{ "href", AS_LINK, " a " },
	{ "hspace", AS_NUMBER, " img " },
	{ "lang", AS_WORDS, NULL },
	{ "noshade", AS_WORDS, " hr " },
	{ "nowrap", AS_WORDS, " td th " },
	{ "reversed", AS_WORDS, " ol " },
	{ "rowspan", AS_NUMBER, " td th " },
	{ "scope", AS_WORDS, " td th " },
	{ "size", AS_WORDS, " font hr " },
	{ "span", AS_NUMBER, " col colgroup " },
	{ "src", AS_IMAGE, " img " },
	{ "start", AS_NUMBER, " ol " },
	{ "style", AS_STYLE, NULL },
	{ "summary", AS_TEXT, " table " },
	{ "text", AS_COLOR, " body " },
	{ "title", AS_TEXT, NULL },
	{ "type", AS_WORDS, " ol ul li " },
	{ "valign", AS_WORDS, " td th tr tbody thead tfoot " },
	{ "value", AS_NUMBER, " li " },
	{ "vspace", AS_NUMBER, " img " },
	{ "width", AS_NUMBER, " img table td th col colgroup hr " },
};

struct cleaner {
	struct buf *out;
	size_t before, max;
	const struct html_policy *policy;
	struct html_report *report;
	const struct element *open[HTML_DEPTH_MAX];
	size_t open_n;
	/* of the tag in progress */
	struct buf style;
	bool in_body;
};

static const struct element *
element_of(struct cleaner *c, struct span name)
{
	size_t low = 0, high = sizeof(elements) / sizeof(elements[0]);

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = span_icmp(name, span_str(elements[mid].name));

		c->report->work++;
		if (order == 0)
			return &elements[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static const struct attribute *
attribute_of(const struct element *e, struct span name)
{
	const size_t n = sizeof(attributes) / sizeof(attributes[0]);

	for (size_t i = 0; i < n; i++) {
		const struct attribute *a = &attributes[i];
		struct span on = span_str(a->on), one;

		if (!span_iis(name, a->name))
			continue;
		if (a->on == NULL)
			return a;
		while (span_word(&on, " ", &one))
			if (span_is(one, e->name))
				return a;
		return NULL;
	}
	return NULL;
}

static bool
full(struct cleaner *c)
{
	if (c->out->n - c->before < c->max)
		return false;
	c->report->cut = true;
	return true;
}

static const char *
written_name(const struct element *e)
{
	return e->as == NULL ? e->name : e->as;
}

static void
close_top(struct cleaner *c)
{
	buf_add_str(c->out, "</");
	buf_add_str(c->out, written_name(c->open[--c->open_n]));
	buf_add_byte(c->out, '>');
}

/* Close down to the innermost that is of any kind in how, but nothing when one
 * of stop lies over it. */
static void
close_like(struct cleaner *c, unsigned how, unsigned stop)
{
	for (size_t i = c->open_n; i-- > 0;) {
		c->report->work++;
		if ((c->open[i]->how & how) != 0) {
			while (c->open_n > i)
				close_top(c);
			return;
		}
		if ((c->open[i]->how & stop) != 0)
			return;
	}
}

/* What a start tag ends by being there. */
static void
close_implied(struct cleaner *c, const struct element *e)
{
	if ((e->how & ITEM) != 0)
		close_like(c, ITEM, LIST | SCOPE);
	if ((e->how & CELL) != 0)
		close_like(c, CELL, ROW | GROUP | SCOPE);
	if ((e->how & (ROW | GROUP)) != 0)
		close_like(c, ROW, TABLE);
	if ((e->how & GROUP) != 0)
		close_like(c, GROUP, TABLE);
	if ((e->how & ANCHOR) != 0)
		close_like(c, ANCHOR, SCOPE);
	if ((e->how & BLOCK) != 0)
		close_like(c, PARA, SCOPE | LIST);
}

/* A cell is a scope, but for its own row's and table's ends. */
static bool
is_table_part(const struct element *e)
{
	return (e->how & (CELL | ROW | GROUP | SCOPE)) != 0;
}

static void
close_named(struct cleaner *c, const struct element *e)
{
	for (size_t i = c->open_n; i-- > 0;) {
		c->report->work++;
		if (c->open[i] == e) {
			while (c->open_n > i)
				close_top(c);
			return;
		}
		if ((c->open[i]->how & (is_table_part(e) ? TABLE : SCOPE)) != 0)
			return;
	}
}

/* An address as a browser sees it: no controls and blanks at its ends, no
 * line ends and tabs anywhere. False when other controls are in it. */
static bool
address_clean(struct buf *out, struct span s)
{
	while (s.n > 0 && span_at(s, 0) <= ' ')
		s = span_skip(s, 1);
	while (s.n > 0 && span_at(s, s.n - 1) <= ' ')
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		char b = s.p[i];

		if (b == '\t' || b == '\r' || b == '\n')
			continue;
		if (ascii_control((unsigned char)b))
			return false;
		buf_add_byte(out, b);
	}
	return true;
}

static bool
is_web(struct span address)
{
	return span_istarts(address, "http://") ||
	    span_istarts(address, "https://");
}

static void
add_attribute(struct cleaner *c, const char *name, struct span value)
{
	buf_add_byte(c->out, ' ');
	buf_add_str(c->out, name);
	buf_add_str(c->out, "=\"");
	html_escape(c->out, value);
	buf_add_byte(c->out, '"');
}

static bool
add_link(struct cleaner *c, struct span value)
{
	struct buf b = BUF_EMPTY;
	bool fine = address_clean(&b, value) &&
	    (is_web(buf_span(&b)) || span_istarts(buf_span(&b), "mailto:"));

	if (fine) {
		add_attribute(c, "href", buf_span(&b));
		buf_add_str(c->out,
		    " target=\"_blank\" rel=\"noopener "
		    "noreferrer nofollow\"");
	}
	buf_free(&b);
	return fine;
}

static void
percent_decode(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = -1, low = -1;

		if (s.p[i] == '%') {
			high = number_hex_digit(span_at(s, i + 1));
			low = number_hex_digit(span_at(s, i + 2));
		}
		if (high >= 0 && low >= 0) {
			buf_add_byte(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_add_byte(out, s.p[i]);
		}
	}
}

/* "cid:" of an inline part (RFC 2392). */
static bool
add_inline(struct cleaner *c, struct span address)
{
	struct buf id = BUF_EMPTY, url = BUF_EMPTY;
	bool fine = false;

	percent_decode(&id, span_skip(address, 4));
	if (c->policy->cid != NULL)
		fine = c->policy->cid(c->policy->cid_arg, buf_span(&id), &url);
	if (fine)
		add_attribute(c, "src", buf_span(&url));
	buf_free(&id);
	buf_free(&url);
	return fine;
}

static bool
add_image(struct cleaner *c, struct span value)
{
	struct buf b = BUF_EMPTY;
	struct span address;
	bool fine = address_clean(&b, value);

	address = buf_span(&b);
	if (fine && span_istarts(address, "cid:")) {
		fine = add_inline(c, address);
	} else if (fine && is_web(address)) {
		fine = c->policy->remote_images;
		c->report->remote_images += !fine;
		if (fine) {
			add_attribute(c, "src", address);
			buf_add_str(c->out, " referrerpolicy=\"no-referrer\"");
		}
	} else {
		fine = false;
	}
	buf_free(&b);
	return fine;
}

/* Styles are gathered and written as one attribute. */
static bool
add_style(struct cleaner *c, struct span value)
{
	if (!c->policy->styles)
		return false;
	c->report->dropped += html_style_filter(&c->style, value);
	return true;
}

/* The colours of body, which is written as a div that knows no such thing. */
static bool
add_body_color(struct cleaner *c, const struct attribute *a, struct span value)
{
	bool back = span_is(span_str(a->name), "bgcolor");

	if (!c->policy->styles || !html_is_color(value))
		return false;
	buf_add_str(&c->style, back ? "background-color:" : "color:");
	buf_add_span(&c->style, span_trim(value));
	buf_add_byte(&c->style, ';');
	return true;
}

/* value: entities decoded. */
static bool
add_value(struct cleaner *c, const struct attribute *a, struct span value)
{
	bool fine = false;

	switch (a->kind) {
	case AS_TEXT:
		fine = true;
		break;
	case AS_NUMBER:
		fine = html_is_number(value);
		break;
	case AS_COLOR:
		if (c->in_body)
			return add_body_color(c, a, value);
		fine = html_is_color(value);
		break;
	case AS_WORDS:
		fine = html_is_words(value);
		break;
	case AS_LINK:
		return add_link(c, value);
	case AS_IMAGE:
		return add_image(c, value);
	case AS_STYLE:
		return add_style(c, value);
	}
	if (fine)
		add_attribute(c, a->name, value);
	return fine;
}

static void
add_attributes(
    struct cleaner *c, const struct element *e, const struct html_token *t)
{
	struct buf value = BUF_EMPTY;

	c->in_body = e->as != NULL;
	buf_clear(&c->style);
	for (size_t i = 0; i < t->count; i++) {
		const struct html_attribute *got = &t->attributes[i];
		const struct attribute *a = attribute_of(e, got->name);

		c->report->work++;
		buf_clear(&value);
		if (a != NULL && got->value.n <= HTML_VALUE_MAX)
			html_decode(&value, got->value, true);
		if (a == NULL || got->value.n > HTML_VALUE_MAX ||
		    !add_value(c, a, buf_span(&value)))
			c->report->dropped++;
	}
	if (c->style.n > 0)
		add_attribute(c, "style", buf_span(&c->style));
	c->report->dropped += t->cut;
	buf_free(&value);
}

static void
open_element(struct cleaner *c, const struct html_token *t)
{
	const struct element *e = element_of(c, t->name);

	if (e == NULL) {
		c->report->dropped++;
		return;
	}
	close_implied(c, e);
	if ((e->how & VOID) == 0 && c->open_n == HTML_DEPTH_MAX) {
		c->report->cut = true;
		return;
	}
	buf_add_byte(c->out, '<');
	buf_add_str(c->out, written_name(e));
	add_attributes(c, e, t);
	buf_add_byte(c->out, '>');
	if ((e->how & VOID) == 0)
		c->open[c->open_n++] = e;
}

static void
close_element(struct cleaner *c, const struct html_token *t)
{
	const struct element *e = element_of(c, t->name);

	if (e == NULL)
		return;
	if (span_iis(t->name, "br"))
		buf_add_str(c->out, "<br>"); /* as browsers have it */
	else if ((e->how & VOID) == 0)
		close_named(c, e);
}

static void
add_text(struct cleaner *c, struct span text)
{
	struct buf b = BUF_EMPTY;

	c->report->cut |= text.n > c->max;
	html_decode(&b, span_head(text, c->max), false);
	html_escape(c->out, buf_span(&b));
	buf_free(&b);
}

void
html_clean(struct buf *out, struct span html, const struct html_policy *policy,
    struct html_report *report)
{
	struct html_report own = { 0 };
	struct cleaner c = { .out = out, .policy = policy };
	struct html_reader r = { .rest = html };
	struct html_token t;

	c.report = report != NULL ? report : &own;
	*c.report = (struct html_report){ 0 };
	c.before = out->n;
	c.max = policy->max_output != 0 ? policy->max_output : OUTPUT_DEFAULT;
	do {
		html_next(&r, &t);
		if (t.kind == HTML_TEXT)
			add_text(&c, t.text);
		else if (t.kind == HTML_OPEN)
			open_element(&c, &t);
		else if (t.kind == HTML_CLOSE)
			close_element(&c, &t);
	} while (t.kind != HTML_OVER && !full(&c));
	while (c.open_n > 0)
		close_top(&c);
	buf_free(&c.style);
	c.report->work += r.work;
}
