/* mem.h - allocation that cannot fail
 *
 * Out of memory logs and ends the process with 75 (EX_TEMPFAIL); master starts
 * another. So nobody tests for NULL. Lengths from outside meet a limit of the
 * configuration before they come here. Release with free().
 */

#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

struct span;

#define MEM_GIVEN __attribute__((returns_nonnull))

/* size bytes set to zero. */
void *mem_new(size_t size) MEM_GIVEN;
/* n things of size bytes, set to zero; a product that overflows is fatal. */
void *mem_array(size_t n, size_t size) MEM_GIVEN;
/* Grow or shrink; new bytes are not set. p may be NULL. */
void *mem_resize(void *p, size_t n, size_t size) MEM_GIVEN;
char *mem_str(const char *s) MEM_GIVEN;
/* A NUL-ended copy; a NUL inside stays where it is. */
char *mem_span(struct span s) MEM_GIVEN;
char *mem_printf(const char *format, ...) MEM_GIVEN
    __attribute__((format(printf, 1, 2)));

/* Give pages that hold nothing back to the kernel, for a process that is about
 * to wait: takes a walk through the heap. */
void mem_trim(void);

/* Free and clear: mem_free(&p). */
#define mem_free(pp) \
	do { \
		free(*(pp)); \
		*(pp) = NULL; \
	} while (0)

#endif
