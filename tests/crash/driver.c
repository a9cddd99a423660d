/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/env/check.h"
#include "store/env/transaction.h"
#include "store/fs/fs.h"
#include "tests/lib/fake_object.h"

/*
 * One change of an environment, for run.sh to stop.
 *
 *     crash-driver OBJECTS ENV make        objects, and an environment with foo 1 and bar 1
 *     crash-driver OBJECTS ENV install     baz 1
 *     crash-driver OBJECTS ENV upgrade     foo 2, which removes, adds, replaces and turns a folder
 *                                          into a file and a file into a folder
 *     crash-driver OBJECTS ENV uninstall   foo and bar
 *     crash-driver OBJECTS ENV recover     take the lock, then check that all is whole
 */

static const struct fake_file foo1[] = {
	{"bin/foo", "program 1", NULL},         {"include/foo/a.h", "a 1", NULL},
	{"include/foo/b.h", "the same", NULL},  {"lib/libfoo.so.1", "library 1", NULL},
	{"lib/libfoo.so", NULL, "libfoo.so.1"}, {"share/foo/path", "at @P@ 1", NULL},
	{"share/foo/turns", "file", NULL},      {"share/foo/too/x", "folder", NULL},
	{NULL, NULL, NULL},
};
static const struct fake_file foo2[] = {
	{"bin/foo", "program 2", NULL},         {"include/foo/a.h", "a 2", NULL},
	{"include/foo/b.h", "the same", NULL},  {"lib/libfoo.so.2", "library 2", NULL},
	{"lib/libfoo.so", NULL, "libfoo.so.2"}, {"share/foo/path", "at @P@ 2", NULL},
	{"share/foo/turns/x", "folder", NULL},  {"share/foo/too", "file", NULL},
	{NULL, NULL, NULL},
};
static const struct fake_file bar1[] = {
	{"include/bar.h", "bar", NULL}, {"share/foo/bar", "shared folder", NULL}, {NULL, NULL, NULL}};
static const struct fake_file baz1[] = {{"include/baz/one.h", "1", NULL},
					{"include/baz/two/two.h", "2", NULL},
					{"lib/libbaz.so", NULL, "libbaz.so.1"},
					{"lib/libbaz.so.1", "library", NULL},
					{"share/baz/path", "at @P@", NULL},
					{NULL, NULL, NULL}};

static struct cenv_env env;
static struct cenv_err err;

static void must(int ret)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "crash-driver: %s\n", err.msg);
	exit(1);
}

static void change(struct cenv_object *const *objects, size_t n, const char *const *remove,
		   size_t nremove)
{
	struct cenv_record records[2];
	struct cenv_addition add[2];
	struct cenv_change change = {
		.add = add, .nadd = n, .remove = remove, .nremove = nremove, .command = "test"};

	for (size_t i = 0; i < n; i++) {
		records[i] = (struct cenv_record){.name = objects[i]->name,
						  .key = objects[i]->name,
						  .version = objects[i]->version};
		add[i] = (struct cenv_addition){&records[i], objects[i]};
	}
	must(cenv_transaction_apply(&env, &change, &err));
}

static void make(const char *base)
{
	struct cenv_object *both[] = {fake_object(base, "foo", "1", foo1),
				      fake_object(base, "bar", "1", bar1)};

	cenv_object_free(fake_object(base, "foo", "2", foo2));
	cenv_object_free(fake_object(base, "baz", "1", baz1));
	change(both, 2, NULL, 0);
	cenv_object_free(both[0]);
	cenv_object_free(both[1]);
}

static void put_in(const char *base, const char *name, const char *version)
{
	struct cenv_object *o = fake_object_open(base, name, version);

	change(&o, 1, NULL, 0);
	cenv_object_free(o);
}

static void check(void)
{
	struct cenv_check_result result;
	struct cenv_records records;

	must(cenv_records_read(&records, &env, &err));
	must(cenv_env_check(&result, &env, &records, &err));
	for (size_t i = 0; i < result.problems.n; i++)
		fprintf(stderr, "crash-driver: %s\n", result.problems.v[i]);
	if (result.problems.n)
		exit(1);
	cenv_check_result_release(&result);
	cenv_records_release(&records);
}

int main(int argc, char **argv)
{
	static const char *const installed[] = {"foo", "bar"};
	int lock;

	if (argc != 4)
		return 2;
	env.path = argv[2];
	must(cenv_fs_mkdirs(AT_FDCWD, env.path, 0755, &err));
	must(env.fd = cenv_fs_open_dir(AT_FDCWD, env.path, &err));
	must(cenv_env_lock(&env, true, NULL, &lock, &err));
	if (!strcmp(argv[3], "make"))
		make(argv[1]);
	else if (!strcmp(argv[3], "install"))
		put_in(argv[1], "baz", "1");
	else if (!strcmp(argv[3], "upgrade"))
		put_in(argv[1], "foo", "2");
	else if (!strcmp(argv[3], "uninstall"))
		change(NULL, 0, installed, 2);
	else if (!strcmp(argv[3], "recover"))
		check();
	else
		return 2;
	close(lock);
	close(env.fd);
	return 0;
}
