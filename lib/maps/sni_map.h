/* sni_map.h - tls_server_sni_maps: names that clients ask for, and the files
 * of the certificates that they get
 */

#ifndef MAPS_SNI_MAP_H
#define MAPS_SNI_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct why;

enum { SNI_ROWS_MAX = 2000 };

/* Of two rows with one name the first counts. */
struct sni_row {
	const char *name; /* "mail.example.com"; ".example.com": all below */
	const char *files; /* key and chain, parted by blanks and commas */
};

/* All entries of the tables ("hash:/a, texthash:/b"), in the arena. False, and
 * why: a table that cannot be read or listed, a value that is no list of files
 * (as from Postfix's postmap -F, which puts keys into the table), more than
 * SNI_ROWS_MAX. */
bool sni_map_read(const char *tables, struct arena *a, struct sni_row **rows,
    size_t *count, struct why *why);

#endif
