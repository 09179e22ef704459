/* number.h - numbers from outside, checked; and printed back */

#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* All of s must be decimal digits (for the signed one, after an optional
 * '-') and the value within [min, max]; else false and *out is unchanged.
 * No blanks, no '+'. Leading zeros are taken. */
bool number_parse(struct span s, uint64_t min, uint64_t max, uint64_t *out);
bool number_parse_signed(struct span s, int64_t min, int64_t max, int64_t *out);
/* Hexadecimal, either case, at most 16 digits. */
bool number_parse_hex(struct span s, uint64_t max, uint64_t *out);
/* The same as int; for ports, counts, modes. */
bool number_parse_int(struct span s, int min, int max, int *out);
/* Octal, as in modes. */
bool number_parse_octal(struct span s, unsigned max, unsigned *out);
/* Value of a hex digit, or -1. */
int number_hex_digit(int c);

#endif
