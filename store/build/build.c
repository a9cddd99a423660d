/* SPDX-License-Identifier: MIT */
#include "store/build/build.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/build/key.h"
#include "store/build/log.h"
#include "store/build/sandbox.h"
#include "store/build/tools.h"
#include "store/build/workspace.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"

#define EXCERPT_LINES 20

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void tell(const struct cenv_build_request *req, enum cenv_event_kind kind, const char *text)
{
	cenv_emit(req->events, &(struct cenv_event){.kind = kind, .name = req->name,
						    .version = req->version, .text = text});
}

static void tell_waiting(void *payload)
{
	tell(payload, CENV_EV_BUILD_WAIT, NULL);
}

/* ---- sandbox or not ---- */

static bool is_stored(const struct cenv_store *store, const char *key)
{
	char *path = cenv_strf("objects/%s", key);
	bool there = cenv_fs_exists(store->fd, path);

	free(path);
	return there;
}

int cenv_build_decide(struct cenv_build_request *req, char key[CENV_SHA256_HEX],
		      struct cenv_err *err)
{
	const char *why;

	if (req->isolation != CENV_ISOLATION_UNDECIDED)
		return cenv_build_key(req, key, err);
	req->isolation = CENV_ISOLATION_SANDBOX;
	if (cenv_build_key(req, key, err) < 0)
		return -1;
	/* asking whether a sandbox works starts one: not for what is there */
	if (req->sandbox == CENV_SANDBOX_REQUIRE || is_stored(req->store, key) ||
	    (req->sandbox == CENV_SANDBOX_AUTO && cenv_sandbox_works(&why)))
		return 0;
	req->isolation = CENV_ISOLATION_NONE;
	return cenv_build_key(req, key, err);
}

static int require_sandbox(struct cenv_err *err)
{
	const char *why;

	if (cenv_sandbox_works(&why))
		return 0;
	cenv_err_set(err, CENV_E_BUILD, "a sandbox is required, but %s", why);
	cenv_err_hint(err, "on Debian and Ubuntu: apt install bubblewrap; it needs "
			   "unprivileged user namespaces");
	return -1;
}

static void tell_unisolated(const struct cenv_build_request *req)
{
	const char *why = "the sandbox is switched off";
	char *note;

	if (req->sandbox != CENV_SANDBOX_OFF)
		cenv_sandbox_works(&why);
	note = cenv_strf("%s: builds run without isolation, and what they pick up from the "
			 "system is looked for afterwards", why);
	cenv_emit(req->events, &(struct cenv_event){.kind = CENV_EV_NOTE, .text = note});
	free(note);
}

static int prepare_isolation(const struct cenv_build_request *req, struct cenv_err *err)
{
	if (req->isolation == CENV_ISOLATION_SANDBOX)
		return require_sandbox(err);
	tell_unisolated(req);
	return 0;
}

/* ---- failure ---- */

static char *describe(const struct cenv_build_request *req, const struct cenv_log *log,
		      const struct cenv_proc_status *status)
{
	char *how, *text;

	if (log->full)
		return cenv_strf("%s wrote more than %llu bytes into its log", log->what, log->max);
	if (log->sys)
		return cenv_strf("its log could not be written: %s", strerror(log->sys));
	if (status->timed_out)
		return cenv_strf("%s was still running after %u second%s", log->what, req->timeout_s,
				 cenv_plural(req->timeout_s));
	how = cenv_proc_describe(status);
	text = cenv_strf("%s %s", log->what, how);
	free(how);
	return text;
}

static int report_failure(const struct cenv_workspace *ws, const struct cenv_log *log,
			  const char *what, struct cenv_err *err)
{
	const struct cenv_build_request *req = ws->req;
	struct cenv_buf excerpt = CENV_BUF_INIT, quoted = CENV_BUF_INIT;
	char *enter = cenv_path_join(ws->host, "enter");
	struct cenv_err ignored = CENV_ERR_INIT;

	cenv_err_set(err, CENV_E_BUILD, "building '%s %s' failed: %s", req->name, req->version, what);
	if (cenv_log_excerpt(-1, log->path, ws->prefix, EXCERPT_LINES, &excerpt, &ignored) == 0)
		cenv_err_detail(err, "%s", excerpt.buf);
	cenv_err_detail(err, "the whole log: %s", log->path);
	cenv_shell_quote(&quoted, enter);
	cenv_err_detail(err, "enter its folder and environment: sh %s", quoted.buf);
	cenv_err_release(&ignored);
	cenv_buf_release(&excerpt);
	cenv_buf_release(&quoted);
	free(enter);
	return -1;
}

/* Makefiles and search paths cannot quote; in a sandbox they see another path. */
static bool takes_quoting(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "/._-+,=@%";

	return path[strspn(path, plain)] != '\0';
}

static void hint_at_path(const struct cenv_build_request *req, struct cenv_err *err)
{
	if (err->code == CENV_E_BUILD && req->isolation != CENV_ISOLATION_SANDBOX &&
	    takes_quoting(req->store->path))
		cenv_err_hint(err, "without a sandbox builds see the store's path, and few can take the "
				   "special characters in '%s': set CENV_HOME to a path of plain letters "
				   "and digits, or install bubblewrap", req->store->path);
}

/* ---- success ---- */

static void tell_strays(const struct cenv_workspace *ws)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	struct cenv_strv strays = {0};
	char *joined, *text;

	if (cenv_workspace_strays(ws, 5, &strays, &ignored) == 0 && strays.n > 0) {
		joined = cenv_strv_join(&strays, " ");
		text = cenv_strf("'%s %s' installs outside of its prefix; left out: %s", ws->req->name,
				 ws->req->version, joined);
		tell(ws->req, CENV_EV_NOTE, text);
		free(joined);
		free(text);
	}
	cenv_strv_release(&strays);
	cenv_err_release(&ignored);
}

static void tell_libraries(const struct cenv_build_request *req, const struct cenv_strv *list,
			   const char *what)
{
	char *joined, *text;

	if (list->n == 0)
		return;
	joined = cenv_strv_join(list, ", ");
	text = cenv_strf("'%s %s' %s: %s", req->name, req->version, what, joined);
	tell(req, CENV_EV_WARNING, text);
	free(joined);
	free(text);
}

static void tell_leaks(const struct cenv_build_request *req, const struct cenv_object *object)
{
	tell_libraries(req, &object->leaks,
		       "uses libraries of this machine that it did not declare");
	tell_libraries(req, &object->unreached,
		       "was linked without a run path to libraries that it needs");
}

static int store_object(const struct cenv_workspace *ws, const char *key, const struct cenv_log *log,
			struct cenv_object **out, struct cenv_err *err)
{
	const struct cenv_build_request *req = ws->req;
	struct cenv_buf inputs = CENV_BUF_INIT;
	struct cenv_object_info info = {
		.key = key, .name = req->name, .version = req->version,
		.system = cenv_build_system_name(ws->system), .built_prefix = ws->prefix,
		.deps = req->deps, .ndeps = req->ndeps, .pkgconfig = req->pkgconfig,
	};
	const char *fault;
	int ret;

	if (cenv_workspace_staged(ws, &fault, err) < 0)
		return -1;
	if (fault)
		return report_failure(ws, log, fault, err);
	tell(req, CENV_EV_BUILD_STEP, "store");
	tell_strays(ws);
	cenv_build_key_text(req, &inputs);
	info.key_inputs = inputs.buf;
	ret = cenv_object_store(out, req->store, ws->staged, &info, err);
	cenv_buf_release(&inputs);
	if (ret < 0 && err->code == CENV_E_BUILD) {
		cenv_err_detail(err, "the whole log: %s", log->path);
		return cenv_err_wrap(err, "building '%s %s' failed", req->name, req->version);
	}
	if (ret == 0)
		tell_leaks(req, *out);
	return ret;
}

/* ---- the build ---- */

static int run_build(struct cenv_workspace *ws, const char *key, struct cenv_log *log,
		     struct cenv_object **out, struct cenv_err *err)
{
	struct cenv_proc_status status;
	char *what;
	int ret;

	if (cenv_workspace_run(ws, log, &status, err) < 0)
		return -1;
	if (status.exited == 0 && !log->full && !log->sys)
		return store_object(ws, key, log, out, err);
	what = describe(ws->req, log, &status);
	ret = report_failure(ws, log, what, err);
	free(what);
	return ret;
}

/* A failed build's folder stays for a look at it, any other's goes. */
static void clean_up(const struct cenv_workspace *ws, int ret, const struct cenv_err *err)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	bool failed = ret < 0 && err->code == CENV_E_BUILD;

	if (!failed && !(ret == 0 && ws->req->keep))
		cenv_workspace_remove(ws, &ignored);
	cenv_err_release(&ignored);
}

static int build_locked(const struct cenv_build_request *req, const char *key,
			struct cenv_object **out, struct cenv_err *err)
{
	struct cenv_workspace ws = {0};
	struct cenv_log log = {.fd = -1};
	double start = now();
	bool sandboxed = req->isolation == CENV_ISOLATION_SANDBOX;
	int ret = -1;

	if (prepare_isolation(req, err) < 0 ||
	    cenv_tools_check(req->section.system, &req->section, req->ndeps > 0, err) < 0)
		return -1;
	if (cenv_workspace_open(&ws, req, key, sandboxed, err) < 0 ||
	    cenv_workspace_fill(&ws, err) < 0 ||
	    cenv_log_open(&log, req->store, req->name, req->version, key, req->log_max, req->events,
			  err) < 0) {
		cenv_err_wrap(err, "cannot build '%s %s'", req->name, req->version);
		clean_up(&ws, 0, err);
		goto out;
	}
	tell(req, CENV_EV_BUILD_START, cenv_build_system_name(ws.system));
	ret = run_build(&ws, key, &log, out, err);
	if (ret < 0)
		hint_at_path(req, err);
	clean_up(&ws, ret, err);
	if (ret == 0)
		cenv_emit(req->events, &(struct cenv_event){.kind = CENV_EV_BUILD_DONE,
							    .name = req->name,
							    .version = req->version,
							    .seconds = now() - start});
out:
	cenv_log_close(&log);
	cenv_workspace_release(&ws);
	return ret;
}

/* @return 1 when the store has it, 0 when not, -1 on error. */
static int reuse(const struct cenv_build_request *req, const char *key, struct cenv_object **out,
		 struct cenv_err *err)
{
	if (cenv_object_open(out, req->store, key, err) < 0)
		return -1;
	if (!*out)
		return 0;
	tell(req, CENV_EV_REUSED, NULL);
	return 1;
}

static int build_decided(const struct cenv_build_request *req, const char *key,
			 struct cenv_object **out, struct cenv_err *err)
{
	char *lock_name;
	int lock, ret = reuse(req, key, out, err);

	if (ret != 0)
		return ret < 0 ? -1 : 0;
	/* the kernel drops the lock of a builder that died */
	lock_name = cenv_strf("locks/%s", key);
	lock = cenv_fs_lock(req->store->fd, lock_name, true, tell_waiting, (void *)(size_t)req, err);
	free(lock_name);
	if (lock < 0)
		return -1;
	ret = reuse(req, key, out, err);
	if (ret == 0)
		ret = build_locked(req, key, out, err);
	close(lock);
	return ret < 0 ? -1 : 0;
}

int cenv_build(const struct cenv_build_request *req, struct cenv_object **out,
	       struct cenv_err *err)
{
	struct cenv_build_request decided = *req;
	char key[CENV_SHA256_HEX];

	*out = NULL;
	if (cenv_build_decide(&decided, key, err) < 0)
		return -1;
	return build_decided(&decided, key, out, err);
}
