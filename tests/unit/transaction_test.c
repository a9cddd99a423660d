/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "store/env/history.h"
#include "store/env/journal.h"
#include "store/env/lock.h"
#include "store/env/transaction.h"
#include "store/fs/fs.h"
#include "tests/lib/fake_object.h"

static char top[] = "/tmp/cenv-transaction-XXXXXX";
static char *objects;
static struct cenv_env env;
static struct cenv_buf told; /* events, one line each */
static int lock = -1;

static void hear(void *payload, const struct cenv_event *event)
{
	(void)payload;
	cenv_buf_addf(&told, "%d %s %s %zu %s\n", (int)event->kind, event->name ? event->name : "-",
		      event->version ? event->version : "-", event->count,
		      event->text ? event->text : "-");
}

static const struct cenv_events events = {hear, NULL};

static int make_top(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	objects = cenv_path_join(top, "objects");
	return 0;
}

static int drop_top(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	free(objects);
	return cenv_fs_remove_tree(AT_FDCWD, top, &err);
}

static void lock_env(void)
{
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_env_lock(&env, true, &events, &lock, &err) < 0)
		fail_msg("%s", err.msg);
}

static int make_env(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *lib;

	(void)state;
	env.path = cenv_path_join(top, "env");
	lib = cenv_path_join(env.path, "lib/cenv");
	assert_int_equal(cenv_fs_mkdirs(AT_FDCWD, lib, 0755, &err), 0);
	env.fd = cenv_fs_open_dir(AT_FDCWD, env.path, &err);
	cenv_buf_init(&told);
	free(lib);
	lock_env();
	return 0;
}

static int drop_env(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	close(lock);
	close(env.fd);
	cenv_buf_release(&told);
	assert_int_equal(cenv_fs_remove_tree(AT_FDCWD, env.path, &err), 0);
	assert_int_equal(cenv_fs_remove_tree(AT_FDCWD, objects, &err), 0);
	free(env.path);
	return 0;
}

/* ---- changing ---- */

static struct cenv_record record_of(const struct cenv_object *o)
{
	return (struct cenv_record){.name = o->name, .key = o->name, .version = o->version};
}

static int apply(struct cenv_object **add, size_t nadd, const char *remove, bool force,
		 struct cenv_err *err)
{
	struct cenv_addition additions[8];
	struct cenv_record records[8];
	struct cenv_change change = {.add = additions,
				     .nadd = nadd,
				     .remove = &remove,
				     .nremove = remove != NULL,
				     .command = "test",
				     .force = force,
				     .events = &events};

	for (size_t i = 0; i < nadd; i++) {
		records[i] = record_of(add[i]);
		additions[i] = (struct cenv_addition){&records[i], add[i]};
	}
	return cenv_transaction_apply(&env, &change, err);
}

static struct cenv_object *object(const char *name, const char *version,
				  const struct fake_file *files)
{
	return fake_object(objects, name, version, files);
}

static void install(const char *name, const char *version, const struct fake_file *files)
{
	struct cenv_object *o = object(name, version, files);
	struct cenv_err err = CENV_ERR_INIT;

	if (apply(&o, 1, NULL, false, &err) < 0)
		fail_msg("%s", err.msg);
	cenv_object_free(o);
}

static void uninstall(const char *name, bool force)
{
	struct cenv_err err = CENV_ERR_INIT;

	if (apply(NULL, 0, name, force, &err) < 0)
		fail_msg("%s", err.msg);
}

static void refused(struct cenv_object **add, size_t nadd, const char *first, const char *second)
{
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(apply(add, nadd, NULL, false, &err), -1);
	assert_int_equal(err.code, CENV_E_FAIL);
	if (!strstr(err.msg, first) || !strstr(err.msg, second))
		fail_msg("neither '%s' nor '%s' in: %s", first, second, err.msg);
	cenv_err_release(&err);
	for (size_t i = 0; i < nadd; i++)
		cenv_object_free(add[i]);
}

/* ---- looking ---- */

static void list(struct cenv_buf *out, int dirfd, const char *prefix)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_strv names = {0};

	assert_int_equal(cenv_fs_list(dirfd, ".", &names, &err), 0);
	for (size_t i = 0; i < names.n; i++) {
		char *path = cenv_strf("%s%s", prefix, names.v[i]), *below = cenv_strf("%s/", path);
		struct stat st;
		int fd;

		assert_int_equal(fstatat(dirfd, names.v[i], &st, AT_SYMLINK_NOFOLLOW), 0);
		if (!S_ISDIR(st.st_mode)) {
			cenv_buf_addf(out, "%s ", path);
		} else if (strcmp(path, "lib/cenv")) {
			cenv_buf_addf(out, "%s ", below);
			fd = cenv_fs_open_dir(dirfd, names.v[i], &err);
			list(out, fd, below);
			close(fd);
		}
		free(path);
		free(below);
	}
	cenv_strv_release(&names);
}

/* Everything but cenv's own files, folders with a slash. */
static void assert_tree(const char *want)
{
	struct cenv_buf have = CENV_BUF_INIT;

	list(&have, env.fd, "");
	assert_string_equal(have.buf, want);
	cenv_buf_release(&have);
}

static void assert_text(const char *path, const char *want)
{
	struct cenv_buf have = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_fs_read(env.fd, path, 1 << 20, &have, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(have.buf, want);
	cenv_buf_release(&have);
}

static void write_text(const char *path, const char *text)
{
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(cenv_fs_write(env.fd, path, text, strlen(text), 0644, 0, &err), 0);
}

/* What every change leaves in lib/cenv: no journal, nothing saved, no neighbour. */
static void assert_own_files(const char *want)
{
	struct cenv_buf have = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	int fd = cenv_fs_open_dir(env.fd, "lib/cenv", &err);

	list(&have, fd, "");
	assert_string_equal(have.buf, want);
	cenv_buf_release(&have);
	close(fd);
}

static const struct fake_file foo1[] = {
	{"include/foo.h", "foo 1", NULL},      {"include/foo/sub/a.h", "a", NULL},
	{"lib/libfoo.so.1", "library 1", NULL}, {"lib/libfoo.so", NULL, "libfoo.so.1"},
	{"share/foo/path", "at @P@!", NULL},    {NULL, NULL, NULL},
};
static const struct fake_file foo2[] = {
	{"include/foo.h", "foo 2", NULL},      {"lib/libfoo.so.2", "library 2", NULL},
	{"lib/libfoo.so", NULL, "libfoo.so.2"}, {"share/foo/path", "now at @P@!", NULL},
	{NULL, NULL, NULL},
};

static const char foo1_tree[] =
	"include/ include/foo/ include/foo/sub/ include/foo/sub/a.h include/foo.h "
	"lib/ lib/libfoo.so lib/libfoo.so.1 share/ share/foo/ share/foo/path ";

/* ---- tests ---- */

static void installs_and_removes_without_a_trace(void **state)
{
	char *text = cenv_strf("at %s!", env.path);
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_records records;

	(void)state;
	install("foo", "1", foo1);
	assert_tree(foo1_tree);
	assert_text("share/foo/path", text);
	assert_own_files("changing foo.files foo.json history lock prefix ");
	assert_int_equal(cenv_records_read(&records, &env, &err), 0);
	assert_int_equal(records.n, 1);
	assert_string_equal(records.v[0].prefix, env.path);
	cenv_records_release(&records);
	uninstall("foo", false);
	assert_tree("include/ lib/ share/ ");
	assert_own_files("changing history lock prefix ");
	assert_non_null(strstr(told.buf, "foo 1 5 -\n"));
	free(text);
}

static void the_list_of_files_has_the_hash_of_patched_ones(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_manifest files;
	char sha256[CENV_SHA256_HEX];
	const struct cenv_manifest_entry *e;
	struct stat st;

	(void)state;
	install("foo", "1", foo1);
	assert_int_equal(cenv_record_files(&files, &env, "foo", &err), 0);
	e = cenv_manifest_find(&files, "share/foo/path");
	assert_int_equal(cenv_sha256_file(env.fd, "share/foo/path", sha256, &err), 0);
	assert_int_equal(fstatat(env.fd, "share/foo/path", &st, 0), 0);
	assert_string_equal(e->sha256, sha256);
	assert_int_equal(e->size, st.st_size);
	cenv_manifest_release(&files);
}

static void a_package_without_patches_shares_its_list_with_the_store(void **state)
{
	static const struct fake_file files[] = {{"lib/x", "x", NULL}, {NULL, NULL, NULL}};
	struct stat st;

	(void)state;
	install("plain", "1", files);
	assert_int_equal(fstatat(env.fd, "lib/cenv/plain.files", &st, 0), 0);
	assert_int_equal(st.st_nlink, 2);
	assert_int_equal(fstatat(env.fd, "lib/x", &st, 0), 0);
	assert_int_equal(st.st_nlink, 2);
}

static void upgrades_replace_add_and_remove(void **state)
{
	(void)state;
	install("foo", "1", foo1);
	install("foo", "2", foo2);
	assert_tree("include/ include/foo.h lib/ lib/libfoo.so lib/libfoo.so.2 "
		    "share/ share/foo/ share/foo/path ");
	assert_text("include/foo.h", "foo 2");
	assert_text("lib/libfoo.so", "library 2");
	assert_own_files("changing foo.files foo.json history lock prefix ");
}

static void installing_the_same_again_changes_nothing(void **state)
{
	(void)state;
	install("foo", "1", foo1);
	install("foo", "1", foo1);
	assert_tree(foo1_tree);
	assert_own_files("changing foo.files foo.json history lock prefix ");
}

static void what_the_user_added_stays(void **state)
{
	(void)state;
	install("foo", "1", foo1);
	write_text("include/foo/sub/mine.h", "mine");
	write_text("lib/mine", "mine");
	uninstall("foo", false);
	assert_tree("include/ include/foo/ include/foo/sub/ include/foo/sub/mine.h "
		    "lib/ lib/mine share/ ");
}

static void what_the_user_changed_stays_with_a_warning(void **state)
{
	(void)state;
	install("foo", "1", foo1);
	write_text("include/foo.h", "foo X"); /* same size */
	unlinkat(env.fd, "lib/libfoo.so", 0);
	assert_int_equal(symlinkat("elsewhere", env.fd, "lib/libfoo.so"), 0);
	uninstall("foo", false);
	assert_tree("include/ include/foo.h lib/ lib/libfoo.so share/ ");
	assert_text("include/foo.h", "foo X");
	assert_non_null(strstr(told.buf, "include/foo.h' was changed since it was installed: it stays"));
}

static void force_removes_changed_files(void **state)
{
	(void)state;
	install("foo", "1", foo1);
	write_text("include/foo.h", "changed");
	uninstall("foo", true);
	assert_tree("include/ lib/ share/ ");
}

static void files_that_the_user_removed_are_no_obstacle(void **state)
{
	(void)state;
	install("foo", "1", foo1);
	assert_int_equal(unlinkat(env.fd, "include/foo.h", 0), 0);
	assert_int_equal(unlinkat(env.fd, "share/foo/path", 0), 0);
	assert_int_equal(unlinkat(env.fd, "share/foo", AT_REMOVEDIR), 0);
	uninstall("foo", false);
	assert_tree("include/ lib/ share/ ");
}

static void an_upgrade_keeps_the_users_version_beside_the_new_one(void **state)
{
	(void)state;
	install("foo", "1", foo1);
	write_text("include/foo.h", "changed");
	write_text("include/foo.h.cenv-saved", "older");
	install("foo", "2", foo2);
	assert_text("include/foo.h", "foo 2");
	assert_text("include/foo.h.cenv-saved", "older");
	assert_text("include/foo.h.cenv-saved-2", "changed");
	assert_non_null(strstr(told.buf, "your version is kept as 'foo.h.cenv-saved-2'"));
}

static void refuses_a_path_of_another_package(void **state)
{
	static const struct fake_file bar[] = {
		{"include/bar.h", "x", NULL}, {"lib/libfoo.so", NULL, "x"}, {NULL, NULL, NULL}};
	struct cenv_object *o;

	(void)state;
	install("foo", "1", foo1);
	o = object("bar", "3", bar);
	refused(&o, 1, "'lib/libfoo.so' of 'bar 3'", "'foo 1'");
	assert_tree(foo1_tree);
	assert_own_files("changing foo.files foo.json history lock prefix ");
}

static void refuses_a_path_of_another_package_even_when_the_file_is_gone(void **state)
{
	static const struct fake_file bar[] = {{"include/foo.h", "x", NULL}, {NULL, NULL, NULL}};
	struct cenv_object *o;

	(void)state;
	install("foo", "1", foo1);
	unlinkat(env.fd, "include/foo.h", 0);
	o = object("bar", "3", bar);
	refused(&o, 1, "'bar 3'", "'foo 1'");
}

static void refuses_two_new_packages_with_one_path(void **state)
{
	static const struct fake_file ev[] = {{"include/event.h", "1", NULL}, {NULL, NULL, NULL}};
	struct cenv_object *both[2] = {object("libev", "4", ev), object("libevent", "2", ev)};

	(void)state;
	refused(both, 2, "'libev 4'", "'libevent 2'");
	assert_tree("lib/ ");
}

static void refuses_a_file_of_the_user(void **state)
{
	struct cenv_object *o = object("foo", "1", foo1);

	(void)state;
	mkdirat(env.fd, "include", 0755);
	write_text("include/foo.h", "mine");
	refused(&o, 1, "'foo 1'", "/env/include/foo.h' exists and belongs to no package");
	assert_text("include/foo.h", "mine");
	assert_tree("include/ include/foo.h lib/ ");
}

static void refuses_when_a_file_of_the_user_has_a_name_that_replacing_needs(void **state)
{
	static const char *const neighbours[] = {"include/.cenv-new-1", "include/.cenv-new-2",
						 "include/.cenv-new-3", "include/.cenv-new-4"};
	struct cenv_object *o;

	(void)state;
	install("foo", "1", foo1);
	for (size_t i = 0; i < sizeof(neighbours) / sizeof(*neighbours); i++)
		write_text(neighbours[i], "mine");
	o = object("foo", "2", foo2);
	refused(&o, 1, "/env/include/.cenv-new-", "' belongs to no package");
	for (size_t i = 0; i < sizeof(neighbours) / sizeof(*neighbours); i++)
		assert_text(neighbours[i], "mine");
	assert_text("include/foo.h", "foo 1");
}

static void refuses_a_folder_of_the_user_in_a_files_place(void **state)
{
	struct cenv_object *o;

	(void)state;
	install("foo", "1", foo1);
	o = object("foo", "2", foo2);
	unlinkat(env.fd, "include/foo.h", 0);
	mkdirat(env.fd, "include/foo.h", 0755);
	write_text("include/foo.h/mine", "mine");
	refused(&o, 1, "'foo 2'", "/env/include/foo.h' exists and belongs to no package");
	assert_text("include/foo.h/mine", "mine");
}

static void refuses_a_file_where_a_folder_has_to_be(void **state)
{
	struct cenv_object *o = object("foo", "1", foo1);

	(void)state;
	write_text("include", "mine");
	refused(&o, 1, "'include' of 'foo 1'", "belongs to no package");
}

static void refuses_to_go_through_a_link_of_the_user(void **state)
{
	struct cenv_object *o = object("foo", "1", foo1);

	(void)state;
	assert_int_equal(symlinkat(objects, env.fd, "include"), 0);
	refused(&o, 1, "'include' of 'foo 1'", "belongs to no package");
}

static void refuses_a_folder_where_a_file_has_to_be(void **state)
{
	struct cenv_object *o = object("foo", "1", foo1);

	(void)state;
	mkdirat(env.fd, "include", 0755);
	mkdirat(env.fd, "include/foo.h", 0755);
	refused(&o, 1, "'include/foo.h' of 'foo 1'", "belongs to no package");
}

static void refuses_cenvs_own_names(void **state)
{
	static const struct fake_file rows[][2] = {{{"lib/cenv/zlib.json", "{}", NULL}},
						   {{"cenv.cfg", "x", NULL}},
						   {{".gitignore", "x", NULL}}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_object *o = object("evil", "1", rows[i]);

		refused(&o, 1, "'evil'", "cenv keeps for itself");
	}
}

static void all_conflicts_are_told_at_once(void **state)
{
	struct cenv_object *o = object("foo", "1", foo1);
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	mkdirat(env.fd, "include", 0755);
	write_text("include/foo.h", "mine");
	write_text("lib/libfoo.so.1", "mine");
	assert_int_equal(apply(&o, 1, NULL, false, &err), -1);
	assert_non_null(strstr(err.msg, "include/foo.h"));
	assert_non_null(strstr(err.detail, "lib/libfoo.so.1"));
	cenv_err_release(&err);
	cenv_object_free(o);
}

static void a_path_may_move_from_one_package_to_another_in_one_change(void **state)
{
	static const struct fake_file bar[] = {{"include/foo.h", "of bar", NULL}, {NULL, NULL, NULL}};
	struct cenv_object *o;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	install("foo", "1", foo1);
	o = object("bar", "3", bar);
	if (apply(&o, 1, "foo", false, &err) < 0)
		fail_msg("%s", err.msg);
	cenv_object_free(o);
	assert_tree("include/ include/foo.h lib/ share/ ");
	assert_text("include/foo.h", "of bar");
	assert_own_files("bar.files bar.json changing history lock prefix ");
}

static const struct fake_file as_folder[] = {{"lib/x/deep/a", "a", NULL},
					     {"lib/x/b", "b", NULL},
					     {NULL, NULL, NULL}};
static const struct fake_file as_file[] = {{"lib/x", "file", NULL}, {NULL, NULL, NULL}};

static void a_folder_becomes_a_file_and_a_folder_again(void **state)
{
	(void)state;
	install("x", "1", as_folder);
	install("x", "2", as_file);
	assert_tree("lib/ lib/x ");
	assert_text("lib/x", "file");
	install("x", "1", as_folder);
	assert_tree("lib/ lib/x/ lib/x/b lib/x/deep/ lib/x/deep/a ");
	assert_own_files("changing history lock x.files x.json ");
}

static void a_folder_with_a_users_file_does_not_become_a_file(void **state)
{
	struct cenv_object *o;

	(void)state;
	install("x", "1", as_folder);
	write_text("lib/x/deep/mine", "mine");
	o = object("x", "2", as_file);
	refused(&o, 1, "lib/x/deep/mine' belongs to no package", "folder has to go");
	assert_tree("lib/ lib/x/ lib/x/b lib/x/deep/ lib/x/deep/a lib/x/deep/mine ");
}

static void folders_that_another_package_has_stay(void **state)
{
	static const struct fake_file bar[] = {{"include/foo/sub/b.h", "b", NULL}, {NULL, NULL, NULL}};

	(void)state;
	install("foo", "1", foo1);
	install("bar", "1", bar);
	uninstall("foo", false);
	assert_tree("include/ include/foo/ include/foo/sub/ include/foo/sub/b.h lib/ share/ ");
	uninstall("bar", false);
	assert_tree("include/ lib/ share/ ");
}

static void a_record_can_change_alone(void **state)
{
	struct cenv_record record = {.name = (char *)(uintptr_t)"foo",
				     .key = (char *)(uintptr_t)"foo",
				     .version = (char *)(uintptr_t)"1",
				     .direct = true};
	struct cenv_addition add = {&record, NULL};
	struct cenv_change change = {.add = &add, .nadd = 1, .command = "test", .events = &events};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_records records;

	(void)state;
	install("foo", "1", foo1);
	assert_int_equal(cenv_transaction_apply(&env, &change, &err), 0);
	assert_int_equal(cenv_records_read(&records, &env, &err), 0);
	assert_true(records.v[0].direct);
	assert_string_equal(records.v[0].prefix, env.path);
	cenv_records_release(&records);
	assert_tree(foo1_tree);
}

static void the_history_has_a_line_for_each_change(void **state)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	size_t lines = 0;

	(void)state;
	install("foo", "1", foo1);
	install("foo", "2", foo2);
	uninstall("foo", false);
	assert_int_equal(cenv_fs_read(env.fd, "lib/cenv/history", 1 << 20, &text, &err), 0);
	for (size_t i = 0; i < text.len; i++)
		lines += text.buf[i] == '\n';
	assert_int_equal(lines, 3);
	assert_non_null(strstr(text.buf, "\"command\":\"test\",\"added\":[{\"name\":\"foo\","
					 "\"version\":\"1\"}],\"removed\":[]}\n"));
	cenv_buf_release(&text);
}

/* ---- failures ---- */

static void a_failure_half_way_leaves_the_old_state(void **state)
{
	struct cenv_object *o;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	install("foo", "1", foo1);
	o = object("foo", "2", foo2);
	/* the store was damaged: the last file to be placed is missing */
	assert_int_equal(unlinkat(o->treefd, "lib/libfoo.so.2", 0), 0);
	assert_int_equal(apply(&o, 1, NULL, false, &err), -1);
	assert_int_equal(err.code, CENV_E_IO);
	cenv_err_release(&err);
	cenv_object_free(o);
	assert_tree(foo1_tree);
	assert_text("include/foo.h", "foo 1");
	assert_own_files("changing foo.files foo.json history lock prefix ");
}

/* The journal of a change from foo 1 to foo 2, as far as `upto` of its states. */
static void stop_half_way(bool final)
{
	struct cenv_journal j = {.command = cenv_xstrdup("install foo==2")};
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(cenv_history_size(&env, &j.history_size, &err), 0);
	cenv_journal_add(&j, CENV_STEP_REPLACE, "include/foo.h")->number = 1;
	cenv_journal_add(&j, CENV_STEP_MAKE, "share/new");
	cenv_journal_add(&j, CENV_STEP_ADD, "share/new/file");
	cenv_journal_add(&j, CENV_STEP_ADD, "share/new/never");
	cenv_journal_add(&j, CENV_STEP_RMDIR, "include/foo");
	cenv_journal_add(&j, CENV_STEP_RMDIR, "include/foo/sub");
	cenv_journal_add(&j, CENV_STEP_DELETE, "include/foo/sub/a.h");
	assert_int_equal(cenv_journal_write(&j, &env, &err), 0);
	assert_int_equal(cenv_journal_save(&j, &env, &err), 0);
	write_text("include/.cenv-new-1", "foo 2");
	renameat(env.fd, "include/.cenv-new-1", env.fd, "include/foo.h");
	mkdirat(env.fd, "share/new", 0755);
	write_text("share/new/file", "new");
	if (final)
		assert_int_equal(cenv_journal_commit(&env, &err), 0);
	cenv_journal_release(&j);
	cenv_buf_reset(&told);
	close(lock);
}

static void the_next_command_undoes_what_was_not_final(void **state)
{
	(void)state;
	install("foo", "1", foo1);
	stop_half_way(false);
	write_text("include/.cenv-new-1", "left by a kill");
	lock_env();
	assert_non_null(strstr(told.buf, "undid 'install foo==2', which was stopped half way"));
	assert_tree(foo1_tree);
	assert_text("include/foo.h", "foo 1");
	assert_own_files("changing foo.files foo.json history lock prefix ");
}

static void the_next_command_finishes_what_was_final(void **state)
{
	(void)state;
	install("foo", "1", foo1);
	stop_half_way(true);
	lock_env();
	assert_non_null(strstr(told.buf, "finished 'install foo==2', which was stopped half way"));
	assert_tree("include/ include/foo.h lib/ lib/libfoo.so lib/libfoo.so.1 "
		    "share/ share/foo/ share/foo/path share/new/ share/new/file ");
	assert_text("include/foo.h", "foo 2");
	assert_own_files("changing foo.files foo.json history lock prefix ");
}

static void a_command_that_looks_recovers_too(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	install("foo", "1", foo1);
	stop_half_way(false);
	assert_int_equal(cenv_env_lock(&env, false, &events, &lock, &err), 0);
	assert_true(lock >= 0);
	assert_tree(foo1_tree);
}

static void a_damaged_journal_stops_everything_and_is_named(void **state)
{
	static const char *const rows[] = {
		"cenv-journal 2\nend\n",
		"cenv-journal 1\nend\n",
		"cenv-journal 1\nc\t-1\tx\nend\n",
		"cenv-journal 1\nc\t  \n12\tx\nend\n",
		"cenv-journal 1\nc\t99999999999999999999\tx\nend\n",
		"cenv-journal 1\nc\t0\tx\na\t+0\t0\tlib/x\nend\n",
		"cenv-journal 1\nc\t0\tx\na\t0\t1000\tlib/x\nend\n",
		"cenv-journal 1\nc\t0\tx\na\t0\t0\t../outside\nend\n",
		"cenv-journal 1\nc\t0\tx\na\t0\t0\t/etc/passwd\nend\n",
		"cenv-journal 1\nc\t0\tx\nz\t0\t0\tlib/x\nend\n",
		"cenv-journal 1\nc\t0\tx\nr\t0\t0\tlib/x\nend\n",
		"cenv-journal 1\nc\t0\tx\na\t0\t0\tlib/x\nend\nmore\nend\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_err err = CENV_ERR_INIT;
		int fd;

		close(lock);
		write_text("lib/cenv/journal", rows[i]);
		assert_int_equal(cenv_env_lock(&env, true, &events, &fd, &err), -1);
		assert_int_equal(err.code, CENV_E_INTEGRITY);
		assert_non_null(strstr(err.msg, "lib/cenv/journal' is damaged"));
		assert_non_null(err.hint);
		cenv_err_release(&err);
		unlinkat(env.fd, "lib/cenv/journal", 0);
		lock_env();
	}
}

static void a_journal_without_its_end_means_that_nothing_had_begun(void **state)
{
	static const char *const rows[] = {"", "cenv-jour", "cenv-journal 1\nc\t0\tx\na\t0\t0\tlib/x\nen",
					   "cenv-journal 1\nc\t0\tx\na\t0\t0\tinclude/foo.h\n"};

	(void)state;
	install("foo", "1", foo1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		close(lock);
		write_text("lib/cenv/journal", rows[i]);
		lock_env();
		assert_tree(foo1_tree);
		assert_own_files("changing foo.files foo.json history lock prefix ");
	}
}

static void a_moved_environment_is_adapted(void **state)
{
	char *moved = cenv_path_join(top, "a much longer name than it had"), *text;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_records records;

	(void)state;
	install("foo", "1", foo1);
	close(lock);
	assert_int_equal(rename(env.path, moved), 0);
	free(env.path);
	env.path = moved;
	assert_int_equal(cenv_env_lock(&env, false, &events, &lock, &err), 0);
	assert_non_null(strstr(told.buf, "the environment was moved"));
	text = cenv_strf("at %s!", moved);
	assert_text("share/foo/path", text);
	assert_int_equal(cenv_records_read(&records, &env, &err), 0);
	assert_string_equal(records.v[0].prefix, moved);
	cenv_records_release(&records);
	assert_own_files("changing foo.files foo.json history lock prefix ");
	cenv_buf_reset(&told);
	close(lock);
	lock_env();
	assert_string_equal(told.buf, "");
	uninstall("foo", false); /* the list of files knows the new contents */
	assert_tree("include/ lib/ share/ ");
	free(text);
}

/* Start `body` in a process of its own; it waits if `fd`, its end of a pipe, stays silent. */
static pid_t start(void (*body)(int fd), int *fd)
{
	int pipe_fds[2];
	pid_t child;

	assert_int_equal(pipe(pipe_fds), 0);
	child = fork();
	if (child == 0) {
		close(lock); /* a lock is held by every copy of its descriptor */
		body(pipe_fds[1]);
		_exit(0);
	}
	close(pipe_fds[1]);
	assert_int_equal(fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK), 0);
	*fd = pipe_fds[0];
	return child;
}

static void assert_waits(int fd)
{
	char byte;

	usleep(100000);
	assert_int_equal(read(fd, &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
}

static void assert_ends(pid_t child, int fd)
{
	int status;
	char byte;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(read(fd, &byte, 1), 1);
	close(fd);
}

static void take_turn(int fd)
{
	struct cenv_err err = CENV_ERR_INIT;
	int mine;

	if (cenv_env_lock(&env, true, NULL, &mine, &err) == 0)
		(void)!write(fd, "x", 1);
}

static void two_commands_take_turns(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	int other, fd;
	pid_t child;

	(void)state;
	child = start(take_turn, &fd);
	assert_waits(fd);
	close(lock);
	assert_ends(child, fd);
	/* those that look do not wait for each other */
	assert_int_equal(cenv_env_lock(&env, false, NULL, &lock, &err), 0);
	assert_int_equal(cenv_env_lock(&env, false, NULL, &other, &err), 0);
	close(other);
}

static void look(int fd)
{
	struct cenv_err err = CENV_ERR_INIT;
	int mine;

	if (cenv_env_lock(&env, false, NULL, &mine, &err) == 0)
		(void)!write(fd, "x", 1);
}

static void remove_foo(int fd)
{
	struct cenv_err err = CENV_ERR_INIT;

	lock_env();
	if (apply(NULL, 0, "foo", false, &err) == 0)
		(void)!write(fd, "x", 1);
}

static void a_command_that_looks_does_not_wait_for_one_that_prepares(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	int reader;

	(void)state;
	install("foo", "1", foo1);
	assert_int_equal(cenv_env_lock(&env, false, &events, &reader, &err), 0); /* `lock` is held */
	assert_null(strstr(told.buf, env.path));
	close(reader);
}

static void a_command_that_looks_waits_while_files_change(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	int fd;
	pid_t child;

	(void)state;
	close(lock);
	assert_int_equal(cenv_env_lock_files(&env, true, NULL, &lock, &err), 0);
	child = start(look, &fd);
	assert_waits(fd);
	close(lock);
	assert_ends(child, fd);
	lock_env();
}

static void a_change_waits_for_those_that_look(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	int reader, fd;
	pid_t child;

	(void)state;
	install("foo", "1", foo1);
	close(lock);
	assert_int_equal(cenv_env_lock(&env, false, NULL, &reader, &err), 0);
	lock = reader;
	child = start(remove_foo, &fd);
	assert_waits(fd);
	assert_tree(foo1_tree);
	close(reader);
	assert_ends(child, fd);
	assert_tree("include/ lib/ share/ ");
	lock_env();
}

static void a_command_that_looks_recovers_while_another_waits_for_its_build(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	int reader;

	(void)state;
	install("foo", "1", foo1);
	stop_half_way(false);
	assert_int_equal(cenv_env_lock_turn(&env, NULL, &lock, &err), 0);
	assert_int_equal(cenv_env_lock(&env, false, &events, &reader, &err), 0);
	assert_tree(foo1_tree);
	close(reader);
}

static void note_nothing(int number)
{
	(void)number;
}

static void a_signal_ends_waiting_for_the_turn(void **state)
{
	struct sigaction action = {.sa_handler = note_nothing};
	int status;
	pid_t child;

	(void)state;
	child = fork();
	if (child == 0) {
		struct cenv_err err = CENV_ERR_INIT;
		int fd;

		sigaction(SIGALRM, &action, NULL);
		close(lock);
		ualarm(100000, 0);
		_exit(cenv_env_lock(&env, true, NULL, &fd, &err) < 0 &&
				      err.code == CENV_E_INTERRUPT
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_env, drop_env)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(installs_and_removes_without_a_trace),
		TEST(the_list_of_files_has_the_hash_of_patched_ones),
		TEST(a_package_without_patches_shares_its_list_with_the_store),
		TEST(upgrades_replace_add_and_remove),
		TEST(installing_the_same_again_changes_nothing),
		TEST(what_the_user_added_stays),
		TEST(what_the_user_changed_stays_with_a_warning),
		TEST(force_removes_changed_files),
		TEST(files_that_the_user_removed_are_no_obstacle),
		TEST(an_upgrade_keeps_the_users_version_beside_the_new_one),
		TEST(refuses_a_path_of_another_package),
		TEST(refuses_a_path_of_another_package_even_when_the_file_is_gone),
		TEST(refuses_two_new_packages_with_one_path),
		TEST(refuses_a_file_of_the_user),
		TEST(refuses_when_a_file_of_the_user_has_a_name_that_replacing_needs),
		TEST(refuses_a_folder_of_the_user_in_a_files_place),
		TEST(refuses_a_file_where_a_folder_has_to_be),
		TEST(refuses_to_go_through_a_link_of_the_user),
		TEST(refuses_a_folder_where_a_file_has_to_be),
		TEST(refuses_cenvs_own_names),
		TEST(all_conflicts_are_told_at_once),
		TEST(a_path_may_move_from_one_package_to_another_in_one_change),
		TEST(a_folder_becomes_a_file_and_a_folder_again),
		TEST(a_folder_with_a_users_file_does_not_become_a_file),
		TEST(folders_that_another_package_has_stay),
		TEST(a_record_can_change_alone),
		TEST(the_history_has_a_line_for_each_change),
		TEST(a_failure_half_way_leaves_the_old_state),
		TEST(the_next_command_undoes_what_was_not_final),
		TEST(the_next_command_finishes_what_was_final),
		TEST(a_command_that_looks_recovers_too),
		TEST(a_damaged_journal_stops_everything_and_is_named),
		TEST(a_journal_without_its_end_means_that_nothing_had_begun),
		TEST(a_moved_environment_is_adapted),
		TEST(two_commands_take_turns),
		TEST(a_command_that_looks_does_not_wait_for_one_that_prepares),
		TEST(a_command_that_looks_waits_while_files_change),
		TEST(a_change_waits_for_those_that_look),
		TEST(a_command_that_looks_recovers_while_another_waits_for_its_build),
		TEST(a_signal_ends_waiting_for_the_turn),
	};

	return cmocka_run_group_tests(tests, make_top, drop_top);
}
