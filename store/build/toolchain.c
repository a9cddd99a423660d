/* SPDX-License-Identifier: MIT */
#include "store/build/toolchain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/strv.h"
#include "store/build/tools.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"

#define CACHE_FILE "toolchains.json"
#define CACHE_VERSION 1
#define CACHE_MAX (1 << 20)

/* What tells one file from the file that stood there yesterday. */
static char *file_stamp(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return cenv_xstrdup("absent");
	return cenv_strf("%llu:%llu:%lld:%lld.%09ld", (unsigned long long)st.st_dev,
			 (unsigned long long)st.st_ino, (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

/* ---- finding ---- */

/* The fixed places come first: an activated environment's own bin/cc must not be taken for
 * the compiler behind it. */
static char *find_program(const char *name)
{
	char *path = cenv_proc_find(name, CENV_BUILD_PATH);

	return path ? path : cenv_proc_find(name, getenv("PATH"));
}

static char *find_compiler(const char *compiler, struct cenv_err *err)
{
	static const char *const usual[] = {"cc", "gcc", "clang"};
	char *found = NULL, *absolute;

	if (compiler && *compiler) {
		found = find_program(compiler);
	} else {
		for (size_t i = 0; !found && i < sizeof(usual) / sizeof(*usual); i++)
			found = find_program(usual[i]);
		compiler = "cc";
	}
	if (!found) {
		cenv_err_set(err, CENV_E_BUILD, "there is no C compiler '%s'", compiler);
		cenv_err_hint(err, "on Debian and Ubuntu: apt install %s",
			      strchr(compiler, '/') ? "gcc" : cenv_tool_package(compiler));
		return NULL;
	}
	absolute = cenv_fs_absolute(found, err);
	free(found);
	return absolute;
}

/* The C++ compiler that goes with a C compiler: gcc-12 has g++-12, clang has clang++. */
static char *cxx_name(const char *cc)
{
	static const char *const pairs[][2] = {{"clang", "clang++"}, {"gcc", "g++"}, {"cc", "c++"}};
	const char *base = cenv_path_base(cc);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const char *at = strstr(base, pairs[i][0]);

		if (at)
			return cenv_strf("%.*s%s%s", (int)(at - base), base, pairs[i][1],
					 at + strlen(pairs[i][0]));
	}
	return NULL;
}

static char *find_cxx(const char *cc)
{
	char *name = cxx_name(cc), *dir, *beside, *found;

	if (!name)
		return NULL;
	dir = cenv_path_dir(cc);
	beside = cenv_path_join(dir, name);
	found = cenv_proc_find(beside, NULL);
	if (!found)
		found = cenv_proc_find(name, CENV_BUILD_PATH);
	free(name);
	free(dir);
	free(beside);
	return found;
}

/* ---- asking ---- */

static int ask(const char *const *argv, struct cenv_buf *out, struct cenv_err *err)
{
	static const char *const env[] = {"PATH=" CENV_BUILD_PATH, "LC_ALL=C", NULL};
	struct cenv_proc proc = {
		.argv = argv, .env = env, .stdin_fd = -1, .out_fd = -1, .out = out, .timeout_s = 30,
	};
	struct cenv_proc_status status;
	char *how;

	if (cenv_proc_run(&proc, &status, err) < 0)
		return -1;
	if (status.exited == 0)
		return 0;
	how = cenv_proc_describe(&status);
	cenv_err_set(err, CENV_E_BUILD, "'%s %s' %s", argv[0], argv[1], how);
	if (out->len > 0)
		cenv_err_detail(err, "%s", out->buf);
	free(how);
	return -1;
}

static char *ask_line(const char *cc, const char *option, struct cenv_err *err)
{
	const char *const argv[] = {cc, option, NULL};
	struct cenv_buf out = CENV_BUF_INIT;
	const char *text;
	char *line = NULL;
	size_t len;

	if (ask(argv, &out, err) == 0) {
		text = out.buf;
		len = strcspn(out.buf, "\n");
		cenv_str_trim(&text, &len);
		line = cenv_xstrndup(text, len);
	}
	cenv_buf_release(&out);
	return line;
}

/* The value of a macro in the output of -dM, or NULL. Caller frees. */
static char *macro(const char *macros, const char *name)
{
	char *define = cenv_strf("#define %s ", name);
	const char *at = macros;
	char *value = NULL;

	while ((at = strstr(at, define)) && at != macros && at[-1] != '\n')
		at++;
	if (at) {
		at += strlen(define);
		value = cenv_xstrndup(at, strcspn(at, "\n"));
	}
	free(define);
	return value;
}

static char *macros_joined(const char *macros, const char *prefix, const char *const *names)
{
	struct cenv_strv parts = {0};
	char *joined, *result;

	for (; *names; names++) {
		char *value = macro(macros, *names);

		if (value)
			cenv_strv_take(&parts, value);
	}
	joined = cenv_strv_join(&parts, ".");
	result = cenv_strf("%s%s", prefix, joined);
	free(joined);
	cenv_strv_release(&parts);
	return result;
}

static char *compiler_version(const char *macros)
{
	static const char *const clang[] = {"__clang_major__", "__clang_minor__",
					    "__clang_patchlevel__", NULL};
	static const char *const gcc[] = {"__GNUC__", "__GNUC_MINOR__", "__GNUC_PATCHLEVEL__", NULL};
	char *is_clang = macro(macros, "__clang_major__"), *is_gcc = macro(macros, "__GNUC__"), *text;

	if (is_clang)
		text = macros_joined(macros, "clang ", clang);
	else if (is_gcc)
		text = macros_joined(macros, "gcc ", gcc);
	else
		text = cenv_xstrdup("unknown 0");
	free(is_clang);
	free(is_gcc);
	return text;
}

/* musl has no macro for its version, but its loader prints it. */
static char *musl_version(const char *machine)
{
	char *loader = cenv_strf("/lib/ld-musl-%s.so.1", machine), *version = NULL;
	const char *const argv[] = {loader, "--version", NULL};
	struct cenv_buf out = CENV_BUF_INIT;
	struct cenv_proc proc = {.argv = argv, .stdin_fd = -1, .out_fd = -1, .out = &out, .timeout_s = 5};
	struct cenv_err ignored = CENV_ERR_INIT;
	struct cenv_proc_status status;
	const char *at;

	if (cenv_proc_run(&proc, &status, &ignored) == 0 && (at = strstr(out.buf, "Version ")))
		version = cenv_xstrndup(at + 8, strcspn(at + 8, "\n"));
	cenv_err_release(&ignored);
	cenv_buf_release(&out);
	free(loader);
	return version ? version : cenv_xstrdup("0");
}

static void note_libc(struct cenv_toolchain *tc, const char *macros)
{
	static const char *const glibc[] = {"__GLIBC__", "__GLIBC_MINOR__", NULL};
	char *is_glibc = macro(macros, "__GLIBC__");

	tc->libc = cenv_xstrdup(is_glibc ? "glibc" : "musl");
	tc->libc_version = is_glibc ? macros_joined(macros, "", glibc) : musl_version(tc->machine);
	free(is_glibc);
}

static int ask_macros(struct cenv_toolchain *tc, struct cenv_err *err)
{
	const char *const argv[] = {tc->cc, "-E",       "-dM", "-include", "stdlib.h",
				    "-x",   "c",        "/dev/null", NULL};
	struct cenv_buf out = CENV_BUF_INIT;
	int ret = ask(argv, &out, err);

	if (ret == 0) {
		tc->compiler = compiler_version(out.buf);
		note_libc(tc, out.buf);
	} else if (err->code == CENV_E_BUILD) {
		cenv_err_wrap(err, "the C compiler '%s' does not work", tc->cc);
		cenv_err_hint(err, "the C library's headers may be missing; on Debian and Ubuntu: "
				   "apt install libc6-dev");
	}
	cenv_buf_release(&out);
	return ret;
}

/* ---- identity ---- */

/* The programs that turn source into an object: the drivers, the compilers proper, and what
 * the driver calls for assembling and linking. Those that are not there leave no line. */
static int list_programs(const struct cenv_toolchain *tc, struct cenv_strv *files,
			 struct cenv_err *err)
{
	static const char *const options[] = {"-print-prog-name=cc1", "-print-prog-name=cc1plus",
					      "-print-prog-name=as", "-print-prog-name=ld"};
	char *cxx;

	cenv_strv_add(files, tc->cc);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		char *name = ask_line(tc->cc, options[i], err), *path;

		if (!name)
			return -1;
		path = cenv_proc_find(name, CENV_BUILD_PATH);
		cenv_strv_take(files, path ? path : cenv_xstrdup(name));
		free(name);
	}
	/* watched even while absent: it may be installed later */
	cxx = tc->cxx ? cenv_xstrdup(tc->cxx) : cxx_name(tc->cc);
	if (cxx)
		cenv_strv_take(files, cxx);
	return 0;
}

static int hash_programs(struct cenv_toolchain *tc, const struct cenv_strv *files,
			 struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	char hash[CENV_SHA256_HEX];
	int ret = 0;

	cenv_buf_addf(&text, "%s\n%s\n%s %s\n", tc->compiler, tc->target, tc->libc, tc->libc_version);
	for (size_t i = 0; ret == 0 && i < files->n; i++) {
		if (access(files->v[i], R_OK) < 0)
			continue;
		ret = cenv_sha256_file(AT_FDCWD, files->v[i], hash, err);
		if (ret == 0)
			cenv_buf_addf(&text, "%s\n", hash);
	}
	if (ret == 0)
		ret = cenv_sha256_data(text.buf, text.len, tc->identity, err);
	cenv_buf_release(&text);
	return ret;
}

/* ---- what was learnt before ---- */

static cJSON *read_cache(const struct cenv_store *store)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_err ignored = CENV_ERR_INIT;
	const cJSON *version;
	cJSON *root = NULL;

	if (cenv_fs_read(store->fd, CACHE_FILE, CACHE_MAX, &text, &ignored) == 0)
		root = cJSON_ParseWithLength(text.buf, text.len);
	version = cJSON_GetObjectItemCaseSensitive(root, "version");
	if (root && (!cJSON_IsNumber(version) || version->valueint != CACHE_VERSION)) {
		cJSON_Delete(root);
		root = NULL;
	}
	cenv_err_release(&ignored);
	cenv_buf_release(&text);
	return root;
}

static bool stamps_hold(const cJSON *files)
{
	const cJSON *file;

	if (!cJSON_IsObject(files) || !files->child)
		return false;
	cJSON_ArrayForEach(file, files) {
		char *now = file_stamp(file->string);
		bool same = cJSON_IsString(file) && !strcmp(now, file->valuestring);

		free(now);
		if (!same)
			return false;
	}
	return true;
}

static char *json_text(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsString(item) ? cenv_xstrdup(item->valuestring) : NULL;
}

static bool from_cache(struct cenv_toolchain *out, const cJSON *entry)
{
	char *identity;

	if (!cJSON_IsObject(entry) ||
	    !stamps_hold(cJSON_GetObjectItemCaseSensitive(entry, "files")))
		return false;
	out->cxx = json_text(entry, "cxx");
	out->target = json_text(entry, "target");
	out->machine = json_text(entry, "machine");
	out->libc = json_text(entry, "libc");
	out->libc_version = json_text(entry, "libc-version");
	out->compiler = json_text(entry, "compiler");
	identity = json_text(entry, "identity");
	if (identity && cenv_is_sha256(identity, strlen(identity)))
		memcpy(out->identity, identity, CENV_SHA256_HEX);
	free(identity);
	return out->target && out->machine && out->libc && out->libc_version && out->compiler &&
	       out->identity[0];
}

static cJSON *cache_entry(const struct cenv_toolchain *tc, const struct cenv_strv *files)
{
	cJSON *entry = cJSON_CreateObject(), *stamps = cJSON_AddObjectToObject(entry, "files");

	for (size_t i = 0; i < files->n; i++) {
		char *stamp = file_stamp(files->v[i]);

		if (!cJSON_HasObjectItem(stamps, files->v[i]))
			cJSON_AddStringToObject(stamps, files->v[i], stamp);
		free(stamp);
	}
	if (tc->cxx)
		cJSON_AddStringToObject(entry, "cxx", tc->cxx);
	cJSON_AddStringToObject(entry, "target", tc->target);
	cJSON_AddStringToObject(entry, "machine", tc->machine);
	cJSON_AddStringToObject(entry, "libc", tc->libc);
	cJSON_AddStringToObject(entry, "libc-version", tc->libc_version);
	cJSON_AddStringToObject(entry, "compiler", tc->compiler);
	cJSON_AddStringToObject(entry, "identity", tc->identity);
	return entry;
}

/* Two processes may write at once: the later one wins and the other asks again some day. */
static int write_cache(const struct cenv_store *store, cJSON *root, const struct cenv_toolchain *tc,
		       const struct cenv_strv *files, struct cenv_err *err)
{
	cJSON *compilers;
	char *text;
	int ret;

	if (!root) {
		root = cJSON_CreateObject();
		cJSON_AddNumberToObject(root, "version", CACHE_VERSION);
	}
	compilers = cJSON_GetObjectItemCaseSensitive(root, "compilers");
	if (!compilers)
		compilers = cJSON_AddObjectToObject(root, "compilers");
	cJSON_DeleteItemFromObjectCaseSensitive(compilers, tc->cc);
	cJSON_AddItemToObject(compilers, tc->cc, cache_entry(tc, files));
	text = cJSON_Print(root);
	ret = cenv_fs_write(store->fd, CACHE_FILE, text, strlen(text), 0644, 0, err);
	cJSON_free(text);
	cJSON_Delete(root);
	return ret;
}

/* ---- the whole ---- */

static int probe(struct cenv_toolchain *tc, struct cenv_strv *files, struct cenv_err *err)
{
	tc->cxx = find_cxx(tc->cc);
	tc->target = ask_line(tc->cc, "-dumpmachine", err);
	if (!tc->target)
		return -1;
	tc->machine = cenv_xstrndup(tc->target, strcspn(tc->target, "-"));
	if (ask_macros(tc, err) < 0 || list_programs(tc, files, err) < 0)
		return -1;
	return hash_programs(tc, files, err);
}

int cenv_toolchain_probe(struct cenv_toolchain *out, const struct cenv_store *store,
			 const char *compiler, struct cenv_err *err)
{
	struct cenv_strv files = {0};
	const cJSON *known;
	cJSON *cache;
	char *cc;
	int ret;

	*out = (struct cenv_toolchain){0};
	cc = find_compiler(compiler, err);
	if (!cc)
		return -1;
	out->cc = cc;
	cache = read_cache(store);
	known = cJSON_GetObjectItemCaseSensitive(cache, "compilers");
	if (from_cache(out, cJSON_GetObjectItemCaseSensitive(known, cc))) {
		cJSON_Delete(cache);
		return 0;
	}
	out->cc = NULL;
	cenv_toolchain_release(out); /* an entry may have been there in part */
	out->cc = cc;
	ret = probe(out, &files, err);
	if (ret == 0)
		ret = write_cache(store, cache, out, &files, err);
	else
		cJSON_Delete(cache);
	if (ret < 0)
		cenv_toolchain_release(out);
	cenv_strv_release(&files);
	return ret;
}

void cenv_toolchain_release(struct cenv_toolchain *tc)
{
	free(tc->cc);
	free(tc->cxx);
	free(tc->target);
	free(tc->machine);
	free(tc->libc);
	free(tc->libc_version);
	free(tc->compiler);
	*tc = (struct cenv_toolchain){0};
}

void cenv_toolchain_marker_env(const struct cenv_toolchain *tc, struct cenv_marker_env *out)
{
	*out = (struct cenv_marker_env){
		.target_system = "Linux",
		.target_machine = tc->machine,
		.target_libc = tc->libc,
		.compiler = tc->compiler,
		.platform_system = "Linux",
		.platform_machine = tc->machine,
	};
}
