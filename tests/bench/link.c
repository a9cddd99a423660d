/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "store/fs/fs.h"
#include "store/object/object.h"

/*
 * How fast objects are put into an environment, against `cp -al` of the same
 * files. 30 objects with the shape of 30 real libraries: 5,600 files, 400
 * folders, 210 links, 42 files that hold the prefix. Prints one line; the goal is a ratio of 0.7.
 *
 *     bench-link [FOLDER]     works in FOLDER, by default the current one
 */

#define OBJECTS 30
#define ROUNDS 7

static struct cenv_err err;

static void die(const char *what)
{
	fprintf(stderr, "bench-link: %s: %s\n", what, err.msg ? err.msg : "failed");
	exit(1);
}

static void write_file(int dirfd, const char *path, const char *text)
{
	if (cenv_fs_mkdirs_for(dirfd, path, &err) < 0 ||
	    cenv_fs_write(dirfd, path, text, strlen(text), 0644, 0, &err) < 0)
		die(path);
}

static void stage(int dirfd, int object)
{
	char path[256];

	for (int i = 0; i < 186; i++) {
		snprintf(path, sizeof(path), "staged/%s/lib%d/part%d/file%d",
			 i % 11 < 6 ? "include" : "share/doc", object, i % 11, i);
		write_file(dirfd, path, path);
	}
	for (int i = 0; i < 7; i++) {
		snprintf(path, sizeof(path), "staged/lib/lib%d.so.%d", object, i);
		if (cenv_fs_mkdirs_for(dirfd, path, &err) < 0 || symlinkat("x", dirfd, path) < 0)
			die(path);
	}
	if (object % 2) {
		snprintf(path, sizeof(path), "staged/etc/lib%d.conf", object);
		write_file(dirfd, path, cenv_placeholder);
		snprintf(path, sizeof(path), "staged/share/lib%d.txt", object);
		write_file(dirfd, path, cenv_placeholder);
	}
}

static struct cenv_object *make_object(const struct cenv_store *store, int number)
{
	char key[CENV_SHA256_HEX];
	struct cenv_object_info info = {.key = key, .name = "bench", .version = "1",
					.system = "make", .built_prefix = cenv_placeholder};
	struct cenv_object *object;

	snprintf(key, sizeof(key), "%064d", number);
	stage(store->fd, number);
	if (cenv_object_store(&object, store, "staged", &info, &err) < 0)
		die("cannot make an object");
	return object;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double time_place(const struct cenv_store *store, const char *top)
{
	double start = now_ms();
	char *env = cenv_path_join(top, "env");
	struct cenv_object *object;
	char key[CENV_SHA256_HEX];
	int fd;

	if (mkdir(env, 0755) < 0 || (fd = open(env, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		die(env);
	for (int i = 0; i < OBJECTS; i++) {
		snprintf(key, sizeof(key), "%064d", i);
		if (cenv_object_open(&object, store, key, &err) < 0 ||
		    cenv_object_place_all(object, fd, env, CENV_LINK_HARD, &err) < 0)
			die("cannot place");
		cenv_object_free(object);
	}
	close(fd);
	free(env);
	return now_ms() - start;
}

static double time_cp(const char *from, const char *to)
{
	double start = now_ms();
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execlp("cp", "cp", "-al", from, to, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		die("cp -al");
	return now_ms() - start;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *times)
{
	qsort(times, ROUNDS, sizeof(*times), compare);
	return times[ROUNDS / 2];
}

static void measure(const struct cenv_store *store, const char *top)
{
	double place[ROUNDS], cp[ROUNDS];
	char *env = cenv_path_join(top, "env"), *model = cenv_path_join(top, "model");
	char *copy = cenv_path_join(top, "copy");

	time_place(store, top);
	if (rename(env, model) < 0)
		die(model);
	for (int i = 0; i < ROUNDS; i++) { /* in turns: other programs slow both */
		cp[i] = time_cp(model, copy);
		place[i] = time_place(store, top);
		if (cenv_fs_remove_tree(AT_FDCWD, copy, &err) < 0 ||
		    cenv_fs_remove_tree(AT_FDCWD, env, &err) < 0)
			die("cannot clean up");
	}
	printf("place %d objects: %.1f ms, cp -al: %.1f ms, ratio %.2f (goal 0.70)\n", OBJECTS,
	       median(place), median(cp), median(place) / median(cp));
	free(env);
	free(model);
	free(copy);
}

int main(int argc, char **argv)
{
	char *top = cenv_strf("%s/bench-link-XXXXXX", argc > 1 ? argv[1] : "."), *real, *path;
	struct cenv_store store;

	if (!mkdtemp(top) || !(real = cenv_fs_realpath(top, &err)))
		die(top);
	path = cenv_path_join(real, "store");
	if (cenv_store_open(&store, path, &err) < 0)
		die(path);
	for (int i = 0; i < OBJECTS; i++)
		cenv_object_free(make_object(&store, i));
	measure(&store, real);
	cenv_store_release(&store);
	if (cenv_fs_remove_tree(AT_FDCWD, real, &err) < 0)
		die(real);
	free(path);
	free(real);
	free(top);
	return 0;
}
