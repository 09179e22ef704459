/* users.c - accounts of the system */

#include "os/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"

enum { ROOM_FIRST = 2048, ROOM_MOST = 1024 * 1024 };
/* the kernel has no more than 65536 of a process */
enum { GROUPS_FIRST = 256, GROUPS_MOST = 65536, GROUP_NAME_MOST = 256 };

static bool
name_fits(struct span name)
{
	if (name.n == 0 || name.n > 255)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '/' || name.p[i] == ':' ||
		    ascii_control((unsigned char)name.p[i]))
			return false;
	return true;
}

static void
keep(struct arena *a, const struct passwd *pw, struct account *out)
{
	out->name = arena_str(a, pw->pw_name);
	out->uid = pw->pw_uid;
	out->gid = pw->pw_gid;
	out->home = arena_str(a, pw->pw_dir == NULL ? "" : pw->pw_dir);
	out->shell = arena_str(a, pw->pw_shell == NULL ? "" : pw->pw_shell);
	out->gecos = arena_str(a, pw->pw_gecos == NULL ? "" : pw->pw_gecos);
}

/* By name, or by uid when name is NULL. */
static enum users_result
find(struct arena *a, const char *name, uid_t uid, struct account *out)
{
	enum users_result got = USERS_TROUBLE;
	size_t room = ROOM_FIRST;
	char *space = NULL;

	for (;;) {
		struct passwd pw, *hit = NULL;
		int error;

		space = mem_resize(space, room, 1);
		error = name != NULL ? getpwnam_r(name, &pw, space, room, &hit)
				     : getpwuid_r(uid, &pw, space, room, &hit);
		if (error == ERANGE && room < ROOM_MOST) {
			room *= 2;
			continue;
		}
		if (error == 0 && hit != NULL) {
			keep(a, hit, out);
			got = USERS_FOUND;
		} else if (error == 0 || error == ENOENT || error == ESRCH) {
			got = USERS_UNKNOWN;
		}
		break;
	}
	free(space);
	return got;
}

enum users_result
users_find(struct arena *a, struct span name, struct account *out)
{
	if (!name_fits(name))
		return USERS_UNKNOWN;
	return find(a, arena_span_str(a, name), 0, out);
}

enum users_result
users_find_uid(struct arena *a, uid_t uid, struct account *out)
{
	return find(a, NULL, uid, out);
}

/* What is wanted of a group. */
typedef void group_fn(const struct group *gr, void *out);

/* By name, or by gid when name is NULL. USERS_TROUBLE: errno. */
static enum users_result
find_group(const char *name, gid_t gid, group_fn *take, void *out)
{
	enum users_result got = USERS_TROUBLE;
	size_t room = ROOM_FIRST;
	char *space = NULL;
	int error;

	for (;;) {
		struct group gr, *hit = NULL;

		space = mem_resize(space, room, 1);
		error = name != NULL ? getgrnam_r(name, &gr, space, room, &hit)
				     : getgrgid_r(gid, &gr, space, room, &hit);
		if (error == ERANGE && room < ROOM_MOST) {
			room *= 2;
			continue;
		}
		if (error == 0 && hit != NULL) {
			take(&gr, out);
			got = USERS_FOUND;
		} else if (error == 0 || error == ENOENT || error == ESRCH) {
			got = USERS_UNKNOWN;
		}
		break;
	}
	free(space);
	errno = error;
	return got;
}

static void
take_gid(const struct group *gr, void *out)
{
	*(gid_t *)out = gr->gr_gid;
}

static void
take_line(const struct group *gr, void *out)
{
	buf_printf(out, "%s:x:%u:", gr->gr_name, (unsigned)gr->gr_gid);
	for (char **member = gr->gr_mem; *member != NULL; member++)
		buf_printf(
		    out, "%s%s", member == gr->gr_mem ? "" : ",", *member);
}

enum users_result
users_group_line(struct span name, struct buf *out)
{
	enum users_result got;
	char *copy;

	if (!name_fits(name))
		return USERS_UNKNOWN;
	copy = mem_span(name);
	got = find_group(copy, 0, take_line, out);
	free(copy);
	return got;
}

enum users_result
users_group(struct span name, gid_t *out)
{
	enum users_result got;
	uint64_t number;
	char *copy;

	if (number_parse(name, 0, UINT32_MAX - 1, &number)) {
		*out = (gid_t)number;
		return USERS_FOUND;
	}
	if (!name_fits(name))
		return USERS_UNKNOWN;
	copy = mem_span(name);
	got = find_group(copy, 0, take_gid, out);
	free(copy);
	return got;
}

static void
take_name(const struct group *gr, void *out)
{
	struct span name = span_str(gr->gr_name);
	struct buf *b = out;

	if (name.n == 0 || name.n >= GROUP_NAME_MOST ||
	    span_find(name, ' ') < name.n || span_has_break(name))
		return;
	if (b->n > 0)
		buf_add_byte(b, ' ');
	buf_add_span(b, name);
}

/* All groups of an account, to be freed; NULL: errno. */
static gid_t *
groups_of(const struct account *account, size_t *count)
{
	gid_t *gids = NULL;
	int room = GROUPS_FIRST, n = 0;

	while (room <= GROUPS_MOST) {
		gids = mem_resize(gids, (size_t)room, sizeof(*gids));
		n = room;
		if (getgrouplist(account->name, account->gid, gids, &n) != -1) {
			*count = (size_t)n;
			return gids;
		}
		/* n is now how many there are */
		room = n > room ? n : room * 2;
	}
	free(gids);
	errno = E2BIG;
	return NULL;
}

enum users_result
users_groups(const struct account *account, size_t max, struct buf *out)
{
	enum users_result got = USERS_FOUND;
	struct buf names = BUF_EMPTY;
	size_t n = 0;
	gid_t *gids = groups_of(account, &n);
	int error = errno;

	if (gids == NULL)
		got = USERS_TROUBLE;
	for (size_t i = 0; i < n && got != USERS_TROUBLE; i++) {
		got = find_group(NULL, gids[i], take_name, &names);
		error = errno;
		if (got != USERS_TROUBLE && names.n > max) {
			got = USERS_TROUBLE;
			error = E2BIG;
		}
	}
	if (got != USERS_TROUBLE) {
		buf_add_span(out, buf_span(&names));
		got = USERS_FOUND;
	}
	free(gids);
	buf_free(&names);
	errno = error;
	return got;
}

void
users_warm(void)
{
	struct arena *a = arena_new();
	struct account account;
	gid_t group;
	int n = 1;

	(void)users_find(a, SPAN("daemon"), &account);
	/* not root, of whom modules know without looking that they have
	 * nothing to say */
	(void)getgrouplist("daemon", 1, &group, &n);
	arena_free(&a);
}

int
users_become(const char *name, uid_t uid, gid_t gid)
{
	uid_t r, e, s;

	if (name != NULL ? initgroups(name, gid) == -1
			 : setgroups(1, &gid) == -1)
		return -1;
	if (setresgid(gid, gid, gid) == -1 || setresuid(uid, uid, uid) == -1)
		return -1;
	if (getresuid(&r, &e, &s) == -1 || r != uid || e != uid || s != uid ||
	    (uid != 0 && setuid(0) == 0)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}
