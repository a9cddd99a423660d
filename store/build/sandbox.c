/* SPDX-License-Identifier: MIT */
#include "store/build/sandbox.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/build/shadow.h"
#include "store/build/tools.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"

/* ---- does it work here? ---- */

static struct {
	pthread_once_t once;
	bool works;
	char why[200];
} probe = {.once = PTHREAD_ONCE_INIT};

static void probe_once(void)
{
	static const char *const argv[] = {
		"bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--ro-bind", "/",
		"/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--", "/bin/sh", "-c",
		":", NULL,
	};
	struct cenv_buf out = CENV_BUF_INIT;
	struct cenv_proc proc = {.argv = argv, .stdin_fd = -1, .out_fd = -1, .out = &out, .timeout_s = 20};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_proc_status status;

	if (cenv_proc_run(&proc, &status, &err) < 0)
		snprintf(probe.why, sizeof(probe.why), "%s", err.sys ? "bubblewrap is not installed" : err.msg);
	else if (status.exited != 0)
		snprintf(probe.why, sizeof(probe.why), "bubblewrap does not work here: %.*s",
			 (int)strcspn(out.buf, "\n"), out.buf);
	else
		probe.works = true;
	cenv_err_release(&err);
	cenv_buf_release(&out);
}

bool cenv_sandbox_works(const char **why)
{
	pthread_once(&probe.once, probe_once);
	*why = probe.why;
	return probe.works;
}

/* ---- the room ---- */

static void add(struct cenv_strv *argv, const char *option, const char *from, const char *to)
{
	cenv_strv_add(argv, option);
	cenv_strv_add(argv, from);
	cenv_strv_add(argv, to);
}

/* /bin and its like: links into /usr on most machines, folders on others. */
static int add_top_folders(struct cenv_strv *argv, struct cenv_err *err)
{
	static const char *const tops[] = {"/bin",   "/sbin",  "/lib",
					   "/lib32", "/lib64", "/libx32"};

	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++) {
		struct cenv_buf target = CENV_BUF_INIT;
		struct stat st;

		if (lstat(tops[i], &st) < 0)
			continue;
		if (!S_ISLNK(st.st_mode)) {
			add(argv, "--ro-bind", tops[i], tops[i]);
			continue;
		}
		if (cenv_fs_readlink(AT_FDCWD, tops[i], &target, err) < 0) {
			cenv_buf_release(&target);
			return -1;
		}
		add(argv, "--symlink", target.buf, tops[i]);
		cenv_buf_release(&target);
	}
	return 0;
}

static void add_etc(struct cenv_strv *argv)
{
	static const char *const files[] = {
		"/etc/alternatives",  "/etc/group",   "/etc/ld.so.cache",    "/etc/ld.so.conf",
		"/etc/ld.so.conf.d",  "/etc/passwd",  "/etc/nsswitch.conf",  "/etc/perl",
		"/etc/protocols",     "/etc/services",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		add(argv, "--ro-bind-try", files[i], files[i]);
}

static bool is_shown(const char *path)
{
	static const char *const shown[] = {"/usr/", "/bin/", "/sbin/", "/lib"};

	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		if (cenv_str_starts(path, shown[i]))
			return true;
	return !strcmp(path, "/");
}

static bool is_home_part(const char *dir, const char *home)
{
	size_t dirlen = strlen(dir), len = strlen(home);

	if (cenv_str_starts(home, dir) && (!home[dirlen] || home[dirlen] == '/'))
		return true;
	return cenv_str_starts(dir, home) && !strcmp(dir + len, "/.local");
}

/* The user's home, a folder above it, or ~/.local, where keys and the like lie beside programs. */
static bool is_private(const char *dir)
{
	const char *home = getenv("HOME");
	char *real = home && *home == '/' ? realpath(home, NULL) : NULL;
	bool is = real && (is_home_part(dir, home) || is_home_part(dir, real));

	free(real);
	return is;
}

/* A compiler's own folders in a private one. */
static void add_parts(struct cenv_strv *argv, const char *top, const char *target)
{
	const char *const parts[] = {"bin", "lib", "lib32", "lib64", "libexec", "include", target};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		char *part = cenv_path_join(top, parts[i]);

		add(argv, "--ro-bind-try", part, part);
		free(part);
	}
}

/* A compiler of the user's own, in /opt or elsewhere, comes with the folder it lives in. */
static void add_compiler(struct cenv_strv *argv, const struct cenv_toolchain *tc)
{
	char *dir = cenv_path_dir(tc->cc), *real = realpath(tc->cc, NULL), *bin, *top;
	const char *place = is_private(dir) ? tc->cc : dir;

	if (!is_shown(tc->cc))
		add(argv, "--ro-bind", place, place);
	free(dir);
	if (!real)
		return;
	bin = cenv_path_dir(real);
	top = cenv_path_dir(bin);
	if (!is_shown(real) && is_private(top))
		add_parts(argv, top, tc->target);
	else if (!is_shown(real) && strcmp(top, "/") != 0)
		add(argv, "--ro-bind", top, top);
	if (!is_shown(real) && is_private(bin))
		add(argv, "--ro-bind", real, real);
	free(real);
	free(bin);
	free(top);
}

int cenv_sandbox_argv(struct cenv_strv *argv, const struct cenv_store *store,
		      const struct cenv_toolchain *tc, const char *work, const char *prefix,
		      const char *at, bool terminal, struct cenv_err *err)
{
	/* root keeps its capabilities unless told otherwise, and could mount what is read-only anew */
	static const char *const head[] = {"bwrap", "--unshare-all", "--die-with-parent",
					   "--cap-drop", "ALL", "--hostname", "cenv"};
	static const char *const tail[] = {"--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"};

	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
		cenv_strv_add(argv, head[i]);
	if (!terminal) /* a shell needs its terminal for job control */
		cenv_strv_add(argv, "--new-session");
	add(argv, "--ro-bind", "/usr", "/usr");
	if (cenv_shadow_mount(store, argv, err) < 0 || add_top_folders(argv, err) < 0)
		return -1;
	add_etc(argv);
	for (size_t i = 0; i < sizeof(tail) / sizeof(*tail); i++)
		cenv_strv_add(argv, tail[i]);
	add_compiler(argv, tc);
	add(argv, "--bind", work, CENV_SANDBOX_ROOT);
	add(argv, "--ro-bind", prefix, at);
	cenv_strv_add(argv, "--chdir");
	cenv_strv_add(argv, CENV_SANDBOX_ROOT);
	cenv_strv_add(argv, "--remount-ro");
	cenv_strv_add(argv, "/");
	cenv_strv_add(argv, "--");
	return 0;
}
