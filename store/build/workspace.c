/* SPDX-License-Identifier: MIT */
#include "store/build/jobserver.h"
#include "store/build/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/build/detect.h"
#include "store/build/sandbox.h"
#include "store/build/script.h"
#include "store/build/source.h"
#include "store/build/tools.h"
#include "store/build/wrapper.h"
#include "store/fetch/fetch.h"
#include "store/fs/fs.h"
#include "store/unpack/unpack.h"

/* ---- the folder ---- */

char *cenv_workspace_padded(const char *host)
{
	size_t len = strlen(host), missing;
	char *padded, *pad;

	if (len + strlen("/prefix") > CENV_PLACEHOLDER_LEN)
		return NULL;
	/* the placeholder's own end: what looks for its remains finds those of this one too */
	padded = cenv_strf("%s/prefix", host);
	missing = CENV_PLACEHOLDER_LEN - strlen(padded);
	pad = cenv_xstrdup(cenv_placeholder + CENV_PLACEHOLDER_LEN - missing);
	for (char *p = pad; *p; p++)
		if (*p == '/' && (p[1] == '/' || p[1] == '\0'))
			*p = '_';
	free(padded);
	padded = cenv_strf("%s/prefix%s", host, pad);
	free(pad);
	return padded;
}

static int place_names(struct cenv_workspace *ws, struct cenv_err *err)
{
	ws->work = cenv_path_join(ws->host, "work");
	if (ws->sandboxed) {
		ws->deps = cenv_path_join(ws->host, "prefix");
		ws->root = cenv_xstrdup(CENV_SANDBOX_ROOT);
		ws->prefix = cenv_xstrdup(cenv_placeholder);
	} else {
		ws->deps = cenv_workspace_padded(ws->host);
		if (!ws->deps) {
			cenv_err_set(err, CENV_E_BUILD,
				     "the store's path '%s' is too long to build without a sandbox",
				     ws->req->store->path);
			cenv_err_hint(err, "set CENV_HOME to a shorter path, or install bubblewrap");
			return -1;
		}
		ws->root = cenv_xstrdup(ws->work);
		ws->prefix = cenv_xstrdup(ws->deps);
	}
	ws->staged = cenv_strf("%s/work/stage%s", ws->folder, ws->prefix);
	return 0;
}

int cenv_workspace_open(struct cenv_workspace *ws, const struct cenv_build_request *req,
			const char *key, bool sandboxed, struct cenv_err *err)
{
	static const char *const folders[] = {"work/src", "work/bin", "work/home", "work/tmp",
					      "work/stage"};
	int fd = -1, ret = -1;

	*ws = (struct cenv_workspace){.req = req, .sandboxed = sandboxed, .system = req->section.system};
	ws->folder = cenv_strf("build/%s-%.8s", req->name, key);
	ws->host = cenv_path_join(req->store->path, ws->folder);
	if (place_names(ws, err) < 0 || cenv_fs_remove_tree(req->store->fd, ws->folder, err) < 0 ||
	    cenv_fs_mkdirs(req->store->fd, ws->folder, 0755, err) < 0)
		goto out;
	fd = cenv_fs_open_dir(req->store->fd, ws->folder, err);
	if (fd < 0)
		goto out;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (cenv_fs_mkdirs(fd, folders[i], 0755, err) < 0)
			goto out;
	ret = cenv_fs_mkdirs(AT_FDCWD, ws->deps, 0755, err);
out:
	if (fd >= 0)
		close(fd);
	return ret;
}

int cenv_workspace_remove(const struct cenv_workspace *ws, struct cenv_err *err)
{
	return cenv_fs_remove_tree(ws->req->store->fd, ws->folder, err);
}

void cenv_workspace_release(struct cenv_workspace *ws)
{
	free(ws->folder);
	free(ws->host);
	free(ws->work);
	free(ws->deps);
	free(ws->root);
	free(ws->prefix);
	free(ws->staged);
}

/* ---- its contents ---- */

static bool is_inside(const char *path)
{
	if (*path == '/')
		return false;
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && !memcmp(path, "..", 2))
			return false;
		path += len + (path[len] == '/');
	}
	return true;
}

static const char *source_label(const struct cenv_build_request *req)
{
	return req->source_label ? req->source_label : req->source_dir ? req->source_dir : req->name;
}

/* The key is that of the folder as it was; an editor may have written since. */
static int check_copy(const struct cenv_build_request *req, int fd, struct cenv_err *err)
{
	char hash[CENV_SHA256_HEX];

	if (cenv_tree_hash_dir(fd, ".", hash, err) < 0)
		return -1;
	if (!strcmp(hash, req->source_dir_hash))
		return 0;
	cenv_err_set(err, CENV_E_FAIL, "'%s' was changed while it was read", req->source_dir);
	cenv_err_hint(err, "run the command again");
	return -1;
}

static int unpack_source(const struct cenv_build_request *req, int fd, struct cenv_err *err)
{
	char *archive = cenv_source_path(req->source_sha256);
	int ret = cenv_unpack(req->store->fd, archive, source_label(req), fd, req->limits, err);

	free(archive);
	return ret < 0 ? cenv_source_blame(req->store, req->source_sha256, err) : 0;
}

static int put_source_at(const struct cenv_workspace *ws, int fd, struct cenv_err *err)
{
	const struct cenv_build_request *req = ws->req;
	int ret;

	if (!req->source_sha256) {
		ret = cenv_source_copy(req->source_dir, fd, err);
		if (ret == 0)
			ret = check_copy(req, fd, err);
	} else {
		ret = unpack_source(req, fd, err);
	}
	return ret < 0 ? -1 : cenv_source_settle(fd, source_label(req), err);
}

static int detect(struct cenv_workspace *ws, int fd, struct cenv_err *err)
{
	const char *subdir = ws->req->section.subdir;
	int subfd, ret;

	if (subdir && !is_inside(subdir))
		return cenv_err_set(err, CENV_E_SYNTAX, "subdir '%s' leads out of the sources", subdir);
	subfd = cenv_fs_open_dir(fd, subdir && *subdir ? subdir : ".", err);
	if (subfd < 0)
		return cenv_err_wrap(err, "'%s' has no such subdir", source_label(ws->req));
	if (ws->system == CENV_BUILD_DETECT)
		ret = cenv_build_detect(subfd, source_label(ws->req), &ws->system, err);
	else
		ret = cenv_build_verify(subfd, source_label(ws->req), ws->system, err);
	close(subfd);
	return ret;
}

static int put_source(struct cenv_workspace *ws, struct cenv_err *err)
{
	char *path = cenv_path_join(ws->work, "src");
	int fd = cenv_fs_open_dir(AT_FDCWD, path, err), ret = -1;

	if (fd >= 0) {
		ret = put_source_at(ws, fd, err);
		if (ret == 0)
			ret = detect(ws, fd, err);
		close(fd);
	}
	free(path);
	return ret;
}

static int put_dependencies(const struct cenv_workspace *ws, struct cenv_err *err)
{
	/* Without a sandbox nothing stops a build from writing into a file of the prefix, which
	 * as a hard link would be the object's: root gets copies, others are kept out by modes. */
	enum cenv_link_mode mode =
		!ws->sandboxed && geteuid() == 0 ? CENV_LINK_COPY : CENV_LINK_AUTO;
	int fd = cenv_fs_open_dir(AT_FDCWD, ws->deps, err), ret = 0;

	if (fd < 0)
		return -1;
	for (size_t i = 0; ret == 0 && i < ws->req->ndeps; i++) {
		ret = cenv_object_place_all(ws->req->deps[i], fd, ws->prefix, mode, err);
		if (ret < 0)
			cenv_err_wrap(err, "cannot put '%s %s' before the build",
				      ws->req->deps[i]->name, ws->req->deps[i]->version);
	}
	close(fd);
	return ret;
}

static int write_script(const struct cenv_workspace *ws, const char *name, const char *text,
			mode_t mode, struct cenv_err *err)
{
	char *path = cenv_path_join(ws->host, name);
	int ret = cenv_fs_write(AT_FDCWD, path, text, strlen(text), mode, 0, err);

	free(path);
	return ret;
}

/* Without a sandbox they keep the store's path out of what is compiled, too. */
static int write_wrappers(const struct cenv_workspace *ws, struct cenv_err *err)
{
	char *folder = cenv_path_join(ws->work, "bin");
	int ret = cenv_wrapper_write(folder, ws->req->toolchain, ws->sandboxed ? NULL : ws->root,
				     CENV_SANDBOX_ROOT, err);

	free(folder);
	return ret;
}

/* The command that runs in the build's environment: bubblewrap's words, or none. */
static int command_words(const struct cenv_workspace *ws, bool terminal, struct cenv_strv *argv,
			 struct cenv_err *err)
{
	if (ws->sandboxed)
		return cenv_sandbox_argv(argv, ws->req->store, ws->req->toolchain, ws->work, ws->deps,
					 ws->prefix, terminal, err);
	/* a clean environment, as the sandbox has it */
	cenv_strv_add(argv, "env");
	cenv_strv_add(argv, "-i");
	cenv_strv_add(argv, "PATH=" CENV_BUILD_PATH);
	return 0;
}

static int write_enter(const struct cenv_workspace *ws, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT, inner = CENV_BUF_INIT;
	struct cenv_strv argv = {0};
	int ret = command_words(ws, true, &argv, err);

	if (ret < 0)
		goto out;
	cenv_buf_addf(&text, "#!/bin/sh\n# Runs a command, or a shell, in the build folder of %s %s\n"
			     "# with the environment of its build.\nexec",
		      ws->req->name, ws->req->version);
	if (ws->sandboxed)
		cenv_buf_adds(&text, " env -i PATH=\"$PATH\"");
	for (size_t i = 0; i < argv.n; i++) {
		cenv_buf_addc(&text, ' ');
		cenv_shell_quote(&text, argv.v[i]);
	}
	cenv_buf_addf(&inner, ". ");
	cenv_shell_quote(&inner, ws->root);
	cenv_buf_adds(&inner, "/env.sh; cd ");
	cenv_shell_quote(&inner, ws->root);
	cenv_buf_adds(&inner, "/src/");
	if (ws->req->section.subdir)
		cenv_shell_quote(&inner, ws->req->section.subdir);
	cenv_buf_adds(&inner, "; [ $# -gt 0 ] && exec \"$@\"; exec sh -i");
	cenv_buf_adds(&text, " /bin/sh -c ");
	cenv_shell_quote(&text, inner.buf);
	cenv_buf_adds(&text, " enter \"$@\"\n");
	ret = write_script(ws, "enter", text.buf, 0755, err);
out:
	cenv_strv_release(&argv);
	cenv_buf_release(&text);
	cenv_buf_release(&inner);
	return ret;
}

static int write_scripts(const struct cenv_workspace *ws, struct cenv_err *err)
{
	struct cenv_script script = {
		.section = &ws->req->section, .system = ws->system, .toolchain = ws->req->toolchain,
		.root = ws->root, .prefix = ws->prefix, .jobs = ws->req->jobs ? ws->req->jobs : 1,
		.jobserver = ws->req->jobserver, .isolated = ws->sandboxed,
	};
	struct cenv_buf env = CENV_BUF_INIT, steps = CENV_BUF_INIT;
	int ret = -1;

	cenv_script_env(&script, &env);
	cenv_script_steps(&script, &steps);
	if (write_script(ws, "work/env.sh", env.buf, 0644, err) == 0 &&
	    write_script(ws, "work/build.sh", steps.buf, 0644, err) == 0)
		ret = write_enter(ws, err);
	if (ret == 0)
		ret = write_wrappers(ws, err);
	cenv_buf_release(&env);
	cenv_buf_release(&steps);
	return ret;
}

int cenv_workspace_fill(struct cenv_workspace *ws, struct cenv_err *err)
{
	if (put_source(ws, err) < 0 ||
	    cenv_tools_check(ws->system, &ws->req->section, ws->req->ndeps > 0, err) < 0 ||
	    put_dependencies(ws, err) < 0)
		return -1;
	return write_scripts(ws, err);
}

/* ---- running ---- */

int cenv_workspace_run(const struct cenv_workspace *ws, struct cenv_log *log,
		       struct cenv_proc_status *status, struct cenv_err *err)
{
	static const char *const env[] = {"PATH=" CENV_BUILD_PATH, NULL};
	const struct cenv_jobserver *js = ws->req->jobserver;
	const int job_fds[] = {js ? js->read_fd : -1, js ? js->write_fd : -1, -1};
	struct cenv_strv argv = {0};
	struct cenv_proc proc = {
		.keep_fds = job_fds,
		.env = env, .stdin_fd = -1, .out_fd = -1, .sink = cenv_log_write, .sink_payload = log,
		.timeout_s = ws->req->timeout_s, .contain = true,
	};
	int ret = command_words(ws, false, &argv, err);

	if (ret == 0) {
		cenv_strv_add(&argv, "/bin/sh");
		cenv_strv_addf(&argv, "%s/build.sh", ws->root);
		proc.argv = (const char *const *)argv.v;
		ret = cenv_proc_run(&proc, status, err);
	}
	cenv_strv_release(&argv);
	return ret;
}

/* ---- what arrived ---- */

/*
 * The build owns what is below its folder, and may have put links to anywhere in the way. It has
 * ended with all its processes: what is seen here does not change any more.
 */

/* A folder below stage/, as a path from the root; -1 with errno, ELOOP or ENOTDIR for a link. */
static int open_stage(const struct cenv_workspace *ws, const char *path)
{
	int work = open(ws->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd, saved;
	char *below = cenv_strf("stage%s", path);

	fd = work < 0 ? -1 : cenv_fs_open_beneath(work, below);
	saved = errno;
	free(below);
	if (work >= 0)
		close(work);
	errno = saved;
	return fd;
}

int cenv_workspace_staged(const struct cenv_workspace *ws, const char **fault, struct cenv_err *err)
{
	struct cenv_strv names = {0};
	int fd = open_stage(ws, ws->prefix), ret;

	*fault = NULL;
	if (fd < 0 && errno != ENOENT && errno != ELOOP && errno != ENOTDIR)
		return cenv_err_sys(err, errno, "cannot open what was installed");
	if (fd < 0) {
		*fault = errno == ENOENT ? "it installed nothing into its prefix"
					 : "it put a link or a file in place of its prefix";
		return 0;
	}
	ret = cenv_fs_list(fd, ".", &names, err);
	if (!names.n)
		*fault = "it installed nothing into its prefix";
	cenv_strv_release(&names);
	close(fd);
	return ret;
}

/* What of names is not the way, `len` bytes, to the prefix. */
static void add_strays(struct cenv_strv *out, size_t max, const char *dir,
		       const struct cenv_strv *names, const char *way, size_t len)
{
	for (size_t i = 0; i < names->n && out->n < max; i++)
		if (strlen(names->v[i]) != len || memcmp(names->v[i], way, len) != 0)
			cenv_strv_addf(out, "%s/%s", dir, names->v[i]);
}

int cenv_workspace_strays(const struct cenv_workspace *ws, size_t max, struct cenv_strv *out,
			  struct cenv_err *err)
{
	int ret = 0;

	/* at each level everything but the way to the prefix is a stray */
	for (const char *rest = ws->prefix; ret == 0 && *rest;) {
		size_t above = (size_t)(rest - ws->prefix), len = strcspn(rest + 1, "/");
		char *dir = cenv_strf("%.*s", (int)above, ws->prefix);
		struct cenv_strv names = {0};
		int fd = open_stage(ws, dir);

		if (fd >= 0) {
			ret = cenv_fs_list(fd, ".", &names, err);
			close(fd);
		}
		add_strays(out, max, dir, &names, rest + 1, len);
		cenv_strv_release(&names);
		free(dir);
		rest += 1 + len;
	}
	return ret;
}
