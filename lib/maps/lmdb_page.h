/* lmdb_page.h - how the pages of an LMDB file look; for lib/maps only */

#ifndef MAPS_LMDB_PAGE_H
#define MAPS_LMDB_PAGE_H

/* Numbers have their least byte first. Offsets of a page's head: */
enum {
	PAGE_NUMBER = 0, /* 8 bytes */
	PAGE_FLAGS = 10, /* 2 */
	PAGE_LOWER = 12, /* 2: end of the nodes' offsets */
	PAGE_UPPER = 14, /* 2: begin of the nodes */
	PAGE_PAGES = 12, /* 4, of a P_OVERFLOW: how many */
	PAGE_HEAD = 16
};

enum { P_BRANCH = 1, P_LEAF = 2, P_OVERFLOW = 4, P_META = 8 };

/* Of a node: 4 bytes of size (of a branch: page number, with the 2 of flags),
 * 2 of flags, 2 of the key's size, key, value. */
enum { NODE_FLAGS = 4, NODE_KEY_SIZE = 6, NODE_HEAD = 8 };
enum { F_BIGDATA = 1, F_SUBDATA = 2, F_DUPDATA = 4 };

/* Of pages 0 and 1, behind the page's head. */
enum {
	META_MAGIC = 16, /* 4 */
	META_VERSION = 20, /* 4 */
	META_MAPSIZE = 32, /* 8 */
	META_FREE = 40, /* the tree of free pages, 48; its pad: page size */
	META_MAIN = 88, /* the tree itself */
	META_LAST = 136, /* 8: the last page in use */
	META_TXNID = 144, /* 8 */
	META_END = 152
};

/* Of a tree. */
enum {
	TREE_PAD = 0, /* 4 */
	TREE_FLAGS = 4, /* 2 */
	TREE_DEPTH = 6, /* 2 */
	TREE_BRANCHES = 8,
	TREE_LEAVES = 16,
	TREE_OVERFLOWS = 24,
	TREE_ENTRIES = 32,
	TREE_ROOT = 40
};

#define LMDB_MAGIC 0xBEEFC0DEU
#define LMDB_NONE  0xffffffffffffffffULL /* no page */

enum { LMDB_VERSION = 1, LMDB_DEPTH_MAX = 32, LMDB_INTEGER_KEYS = 8 };

#endif
