/* list.h - doubly linked lists whose links lie in their members */

#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A head, or the link inside a member. Both need list_init() before use; a
 * link that was initialised may be removed whether it is in a list or not. */
struct list {
	struct list *next, *prev;
};

/* The struct of type that holds link p as its field. */
#define LIST_OF(p, type, field) \
	((type *)(void *)((char *)(p)-offsetof(type, field)))
/* Walk; the current member must not be removed in the body. */
#define LIST_EACH(at, head) \
	for (struct list *at = (head)->next; at != (head); at = at->next)

static inline void
list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool
list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void
list_add_after(struct list *where, struct list *l)
{
	l->prev = where;
	l->next = where->next;
	where->next->prev = l;
	where->next = l;
}

static inline void
list_add_head(struct list *head, struct list *l)
{
	list_add_after(head, l);
}

static inline void
list_add_tail(struct list *head, struct list *l)
{
	list_add_after(head->prev, l);
}

static inline void
list_remove(struct list *l)
{
	l->next->prev = l->prev;
	l->prev->next = l->next;
	list_init(l);
}

/* All members of from to the end of to. */
static inline void
list_move(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* Take the first off, or NULL. */
static inline struct list *
list_pop(struct list *head)
{
	struct list *l = head->next;

	if (l == head)
		return NULL;
	list_remove(l);
	return l;
}

#endif
