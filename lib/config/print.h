/* print.h - parameters and services as postconf prints them */

#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct master_row;

/* What is left out or folded: postconf -h, -H, -f. */
struct print_style {
	bool no_names, no_values, fold;
};

/* Append "name = value" and a line end; runs of blanks in the value become
 * one. fold: lines of 80 bytes at most, continued by four blanks. */
void print_param(const struct print_style *style, const char *name,
    struct span value, struct buf *out);
/* Append the row in Postfix's columns, each option behind the command; fold:
 * one option a line. Ends with a line end. */
void print_master_row(bool fold, const struct master_row *row, struct buf *out);

#endif
