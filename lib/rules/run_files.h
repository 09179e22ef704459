/* run_files.h - the rc files a run has open */

#ifndef RULES_RUN_FILES_H
#define RULES_RUN_FILES_H

#include <stdbool.h>

struct agent;

/* INCLUDERC=path: run next, then go on here. */
void files_include(struct agent *a, const char *path);
/* SWITCHRC=path: in place of the one being run; "": that one ends. */
void files_switch(struct agent *a, const char *path);
/* Open path on top; false with errno, nothing said. */
bool files_push(struct agent *a, const char *path);
/* End those above number. */
void files_pop_to(struct agent *a, size_t number);
/* Run until no more than number are open, or the message was delivered, or HOST
 * ended all. */
void files_run(struct agent *a, size_t number);

#endif
