/* must.h - what cannot be wrong */

#ifndef BASE_MUST_H
#define BASE_MUST_H

/* Logs file and line and aborts when x does not hold; in release builds too.
 * Only for what no input can make false. */
#define must(x) ((x) ? (void)0 : must_failed(__FILE__, __LINE__, #x))

void must_failed(const char *file, int line, const char *what)
    __attribute__((noreturn));

#endif
