/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/env/transaction.h"
#include "store/fs/fs.h"
#include "tests/lib/fake_object.h"

/*
 * A warm install of 30 libraries as one transaction, against `cp -al` of the same files, and with
 * and without syncing; then taking them out again. 30 objects with the shape of real ones: 5,600
 * files, 400 folders, 210 links, 42 files that hold the prefix. Goals: 0.7 and 1.15.
 *
 *     bench-transaction [FOLDER]     works in FOLDER, by default the current one
 */

enum { OBJECTS = 30, ROUNDS = 7, FILES = 200 };

static struct cenv_err err;
static struct cenv_object *objects[OBJECTS];

static void must(int ret)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "bench-transaction: %s\n", err.msg ? err.msg : "failed");
	exit(1);
}

static struct cenv_object *make_object(const char *base, int number)
{
	struct fake_file files[FILES] = {{0}};
	struct cenv_object *o;
	char *name = cenv_strf("lib%d", number);
	int n = 0;

	for (int i = 0; i < 186; i++, n++)
		files[n].text = files[n].path =
			cenv_strf("%s/%s/part%d/file%d", i % 11 < 6 ? "include" : "share/doc", name,
				  i % 11, i);
	for (int i = 0; i < 7; i++, n++)
		files[n] = (struct fake_file){cenv_strf("lib/%s.so.%d", name, i), NULL, "x"};
	if (number % 2) {
		files[n++] = (struct fake_file){cenv_strf("etc/%s.conf", name), "@P@", NULL};
		files[n++] = (struct fake_file){cenv_strf("share/%s.txt", name), "@P@", NULL};
		files[n++] = (struct fake_file){cenv_strf("bin/%s-config", name), "@P@", NULL};
	}
	o = fake_object(base, name, "1", files);
	while (n > 0)
		free((char *)(uintptr_t)files[--n].path);
	free(name);
	return o;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double apply(struct cenv_env *env, bool puts_in)
{
	struct cenv_record records[OBJECTS];
	struct cenv_addition add[OBJECTS];
	const char *remove[OBJECTS];
	struct cenv_change change = {.add = add, .remove = remove, .command = "bench"};
	double start = now();

	for (int i = 0; i < OBJECTS; i++) {
		records[i] = (struct cenv_record){.name = objects[i]->name,
						  .key = objects[i]->name,
						  .version = objects[i]->version};
		add[i] = (struct cenv_addition){&records[i], objects[i]};
		remove[i] = objects[i]->name;
	}
	*(puts_in ? &change.nadd : &change.nremove) = OBJECTS;
	must(cenv_transaction_apply(env, &change, &err));
	return now() - start;
}

static double copy_links(void)
{
	double start = now();
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execlp("cp", "cp", "-al", "env", "copy", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		must(-1);
	return now() - start;
}

static double min(double a, double b)
{
	return a < b ? a : b;
}

static void open_env(struct cenv_env *env)
{
	must(cenv_fs_mkdirs(AT_FDCWD, "env/lib/cenv", 0755, &err));
	env->path = cenv_fs_absolute("env", &err);
	env->fd = cenv_fs_open_dir(AT_FDCWD, "env", &err);
	must(env->fd);
}

int main(int argc, char **argv)
{
	double synced = 1e9, plain = 1e9, copied = 1e9, removed = 1e9;
	char dir[] = "bench-transaction-XXXXXX";

	if ((argc > 1 && chdir(argv[1]) < 0) || !mkdtemp(dir) || chdir(dir) < 0)
		must(-1);
	for (int i = 0; i < OBJECTS; i++)
		objects[i] = make_object("objects", i);
	for (int i = 0; i < ROUNDS; i++) {
		struct cenv_env env = {0};

		open_env(&env);
		setenv("CENV_NO_FSYNC", "1", 1);
		plain = min(plain, apply(&env, true));
		must(cenv_fs_remove_tree(AT_FDCWD, "env", &err));
		close(env.fd);
		free(env.path);
		unsetenv("CENV_NO_FSYNC");
		open_env(&env);
		synced = min(synced, apply(&env, true));
		copied = min(copied, copy_links());
		removed = min(removed, apply(&env, false));
		must(cenv_fs_remove_tree(AT_FDCWD, "env", &err));
		must(cenv_fs_remove_tree(AT_FDCWD, "copy", &err));
		close(env.fd);
		free(env.path);
	}
	printf("install %.0f ms, cp -al %.0f ms: ratio %.2f (goal 0.70)\n", synced * 1e3, copied * 1e3,
	       synced / copied);
	printf("the same without syncing %.0f ms: ratio %.2f (goal 1.15)\n", plain * 1e3,
	       synced / plain);
	printf("uninstall %.0f ms\n", removed * 1e3);
	for (int i = 0; i < OBJECTS; i++)
		cenv_object_free(objects[i]);
	must(chdir(".."));
	must(cenv_fs_remove_tree(AT_FDCWD, dir, &err));
	return 0;
}
