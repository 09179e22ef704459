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
enum { GROUPS_MOST = 256, GROUP_NAME_MOST = 256 };

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

static enum users_result
group_named(const char *name, group_fn *take, void *out)
{
	enum users_result got = USERS_TROUBLE;
	size_t room = ROOM_FIRST;
	char *space = NULL;

	for (;;) {
		struct group gr, *hit = NULL;
		int error;

		space = mem_resize(space, room, 1);
		error = getgrnam_r(name, &gr, space, room, &hit);
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
	got = group_named(copy, take_line, out);
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
	got = group_named(copy, take_gid, out);
	free(copy);
	return got;
}

static void
take_name(const struct group *gr, struct span *out, char *space, size_t max)
{
	struct span name = span_str(gr->gr_name);

	if (name.n == 0 || name.n >= max || span_find(name, ' ') < name.n ||
	    span_has_break(name))
		return;
	memcpy(space, name.p, name.n);
	*out = span_of(space, name.n);
}

/* The name of one group; empty: it has none that will do. */
static struct span
group_name(gid_t gid, char *name, size_t max)
{
	struct span got = SPAN("");
	size_t room = ROOM_FIRST;
	char *space = NULL;

	for (;;) {
		struct group gr, *hit = NULL;
		int error;

		space = mem_resize(space, room, 1);
		error = getgrgid_r(gid, &gr, space, room, &hit);
		if (error == ERANGE && room < ROOM_MOST) {
			room *= 2;
			continue;
		}
		if (error == 0 && hit != NULL)
			take_name(&gr, &got, name, max);
		break;
	}
	free(space);
	return got;
}

void
users_groups(const struct account *account, size_t max, struct buf *out)
{
	gid_t gids[GROUPS_MOST];
	size_t begun = out->n;
	int n = GROUPS_MOST;

	/* of more than there is room for, n is how many there are */
	if (getgrouplist(account->name, account->gid, gids, &n) == -1)
		n = GROUPS_MOST;
	for (int i = 0; i < n; i++) {
		char space[GROUP_NAME_MOST];
		struct span name = group_name(gids[i], space, sizeof(space));

		if (name.n == 0 || out->n - begun + name.n + 1 > max)
			continue;
		if (out->n > begun)
			buf_add_byte(out, ' ');
		buf_add_span(out, name);
	}
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
