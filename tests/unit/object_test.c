/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "store/fs/fs.h"
#include "store/object/elf.h"
#include "store/object/object.h"
#include "store/proc/proc.h"

#define KEY1 "1111111111111111111111111111111111111111111111111111111111111111"
#define KEY2 "2222222222222222222222222222222222222222222222222222222222222222"

/* A scratch folder with a store and a staged tree "staged" in it; '%' in contents is the prefix. */
struct scratch {
	char path[64];
	struct cenv_store store;
	const char *prefix;
	struct cenv_err err;
};

static int setup(void **state)
{
	struct scratch *s = cenv_xcalloc(1, sizeof(*s));
	char *store;

	snprintf(s->path, sizeof(s->path), "/tmp/cenv-object-XXXXXX");
	assert_non_null(mkdtemp(s->path));
	store = cenv_path_join(s->path, "store");
	assert_int_equal(cenv_store_open(&s->store, store, &s->err), 0);
	free(store);
	assert_int_equal(mkdirat(s->store.fd, "staged", 0755), 0);
	s->prefix = cenv_placeholder;
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scratch *s = *state;

	cenv_err_release(&s->err);
	assert_int_equal(cenv_fs_remove_tree(AT_FDCWD, s->path, &s->err), 0);
	cenv_store_release(&s->store);
	free(s);
	return 0;
}

static void stage(const struct scratch *s, const char *path, const char *text, size_t len,
		  mode_t mode)
{
	char *full = cenv_strf("staged/%s", path);
	struct cenv_buf data = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%')
			cenv_buf_adds(&data, s->prefix);
		else
			cenv_buf_addc(&data, text[i]);
	}
	assert_int_equal(cenv_fs_mkdirs_for(s->store.fd, full, &err), 0);
	assert_int_equal(cenv_fs_write(s->store.fd, full, data.buf, data.len, mode, 0, &err), 0);
	cenv_buf_release(&data);
	free(full);
}

#define STAGE(s, path, text) stage(s, path, text, sizeof(text) - 1, 0644)

static void stage_link(const struct scratch *s, const char *path, const char *target)
{
	char *full = cenv_strf("staged/%s", path);
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(cenv_fs_mkdirs_for(s->store.fd, full, &err), 0);
	assert_int_equal(symlinkat(target, s->store.fd, full), 0);
	free(full);
}

/* a shell line in the scratch folder; P is the prefix, S the staged tree */
static void shell(const struct scratch *s, const char *line)
{
	char *script = cenv_strf("P=%s S=%s/store/staged; %s", s->prefix, s->path, line);
	const char *const argv[] = {"sh", "-ec", script, NULL};
	struct cenv_buf output = CENV_BUF_INIT;
	struct cenv_proc proc = {
		.argv = argv, .cwd = s->path, .stdin_fd = -1, .out_fd = -1, .out = &output};
	struct cenv_proc_status status;
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(cenv_proc_run(&proc, &status, &err), 0);
	if (status.exited != 0)
		fail_msg("'%s' failed: %s", line, output.buf);
	cenv_buf_release(&output);
	free(script);
}

static struct cenv_object *store_object(struct scratch *s, const char *key)
{
	const struct cenv_object_info info = {.key = key,
					      .name = "foo",
					      .version = "1.2",
					      .system = "make",
					      .key_inputs = "all of it\n",
					      .built_prefix = s->prefix};
	struct cenv_object *object;

	if (cenv_object_store(&object, &s->store, "staged", &info, &s->err) < 0)
		return NULL;
	assert_non_null(object);
	return object;
}

static struct cenv_object *must_store(struct scratch *s)
{
	struct cenv_object *object = store_object(s, KEY1);

	if (!object)
		fail_msg("%s", s->err.msg);
	return object;
}

static void assert_fails(struct scratch *s, const char *message)
{
	assert_null(store_object(s, KEY1));
	assert_int_equal(s->err.code, CENV_E_BUILD);
	if (!strstr(s->err.msg, message))
		fail_msg("'%s' does not say '%s'", s->err.msg, message);
	/* nothing is left, nothing appeared */
	for (int i = 0; i < 2; i++) {
		struct cenv_strv names = {0};
		struct cenv_err err = CENV_ERR_INIT;

		assert_int_equal(cenv_fs_list(s->store.fd, i ? "tmp" : "objects", &names, &err), 0);
		assert_int_equal(names.n, 0);
		cenv_strv_release(&names);
	}
}

static const struct cenv_manifest_entry *entry_of(const struct cenv_object *object, const char *path)
{
	const struct cenv_manifest_entry *entry = cenv_manifest_find(&object->manifest, path);

	if (!entry)
		fail_msg("'%s' is not in the object", path);
	return entry;
}

static char *contents(int dirfd, const char *path)
{
	struct cenv_buf data = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_fs_read(dirfd, path, 1 << 20, &data, &err) < 0)
		fail_msg("%s", err.msg);
	return cenv_buf_detach(&data);
}

static void assert_contents(int dirfd, const char *path, const char *expected)
{
	char *text = contents(dirfd, path);

	assert_string_equal(text, expected);
	free(text);
}

static int make_env(const struct scratch *s, const char *name, const struct cenv_object *object,
		    enum cenv_link_mode mode)
{
	char *path = cenv_path_join(s->path, name);
	struct cenv_err err = CENV_ERR_INIT;
	int fd;

	assert_int_equal(mkdir(path, 0755), 0);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	if (cenv_object_place_all(object, fd, path, mode, &err) < 0)
		fail_msg("%s", err.msg);
	free(path);
	return fd;
}

/* ---- storing ---- */

static void an_absent_object_is_no_error(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object = (struct cenv_object *)s;

	assert_int_equal(cenv_object_open(&object, &s->store, KEY2, &s->err), 0);
	assert_null(object);
	assert_int_equal(cenv_object_open(&object, &s->store, "../../etc", &s->err), -1);
	assert_null(object);
}

static void a_damaged_object_is_reported(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;

	STAGE(s, "include/foo.h", "int foo;\n");
	cenv_object_free(must_store(s));
	assert_int_equal(cenv_fs_write(s->store.fd, "objects/" KEY1 "/manifest", "x", 1, 0644, 0,
				       &s->err), 0);
	assert_int_equal(cenv_object_open(&object, &s->store, KEY1, &s->err), -1);
	assert_int_equal(s->err.code, CENV_E_INTEGRITY);
	assert_null(object);
}

static void an_object_that_nothing_is_left_to_open_with_is_not_damaged(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;
	struct rlimit before, few;
	int lowest;

	STAGE(s, "include/foo.h", "int foo;\n");
	cenv_object_free(must_store(s));
	lowest = dup(s->store.fd);
	close(lowest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){(rlim_t)lowest + 1, before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	assert_int_equal(cenv_object_open(&object, &s->store, KEY1, &s->err), -1);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(s->err.code, CENV_E_IO);
	assert_null(strstr(s->err.msg, "damaged"));
	assert_non_null(strstr(s->err.msg, strerror(EMFILE)));
}

static void a_stored_tree_is_normal_and_read_only(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;
	struct stat st;

	STAGE(s, "include/foo.h", "int foo;\n");
	stage(s, "bin/foo", "#!/bin/sh\nexit 0\n", 17, 06711);
	STAGE(s, "lib/libfoo.la", "libdir='%/lib'\n");
	STAGE(s, "lib/only/gone.la", "x");
	STAGE(s, "share/info/dir", "x");
	STAGE(s, "share/gdb/auto-load/some/where.py", "%");
	stage_link(s, "lib/libfoo.so", "libfoo.so.1");
	shell(s, "ln -s $P/share/foo $S/lib/foo; ln -s $S$P/include/foo.h $S/foo.h; mkdir $S/var");
	object = must_store(s);
	assert_string_equal(object->name, "foo");
	assert_string_equal(object->version, "1.2");
	assert_string_equal(object->system, "make");
	/* bin bin/foo foo.h include include/foo.h lib lib/foo lib/libfoo.so share var */
	assert_null(cenv_manifest_find(&object->manifest, "lib/libfoo.la"));
	assert_null(cenv_manifest_find(&object->manifest, "lib/only"));
	assert_null(cenv_manifest_find(&object->manifest, "share/gdb"));
	assert_non_null(cenv_manifest_find(&object->manifest, "var"));
	assert_int_equal(entry_of(object, "bin/foo")->mode, 0555);
	assert_int_equal(entry_of(object, "include/foo.h")->mode, 0444);
	assert_int_equal(entry_of(object, "include/foo.h")->size, 9);
	assert_string_equal(entry_of(object, "lib/foo")->target, "../share/foo");
	assert_string_equal(entry_of(object, "foo.h")->target, "include/foo.h");
	assert_string_equal(entry_of(object, "lib/libfoo.so")->target, "libfoo.so.1");
	assert_int_equal(fstatat(object->treefd, "bin/foo", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_int_equal(fstatat(object->treefd, "include", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_false(cenv_fs_exists(object->treefd, "share"));
	assert_false(cenv_fs_exists(s->store.fd, "staged"));
	cenv_object_free(object);
}

static void the_loser_of_a_race_takes_the_winners_object(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;
	struct cenv_strv names = {0};

	STAGE(s, "a", "first");
	cenv_object_free(must_store(s));
	assert_int_equal(mkdirat(s->store.fd, "staged", 0755), 0);
	STAGE(s, "a", "second");
	object = must_store(s);
	assert_contents(object->treefd, "a", "first");
	cenv_object_free(object);
	assert_int_equal(cenv_fs_list(s->store.fd, "tmp", &names, &s->err), 0);
	assert_int_equal(names.n, 0);
	cenv_strv_release(&names);
}

static void a_piece_of_the_prefix_stops_the_build(void **state)
{
	struct scratch *s = *state;
	char text[301];

	memset(text, 'x', sizeof(text));
	memcpy(text + 20, cenv_placeholder + 16, 16);
	text[5] = '\0';
	stage(s, "lib/libfoo.so", text, 300, 0755);
	assert_fails(s, "'lib/libfoo.so' holds a piece of the prefix");
}

static void links_out_of_the_prefix_stop_the_build(void **state)
{
	static const char *const targets[] = {"/etc/passwd", "../../x", "a/../../../x"};

	for (size_t i = 0; i < 3; i++) {
		struct scratch *s;

		if (i)
			setup(state);
		s = *state;
		stage_link(s, "lib/bad", targets[i]);
		assert_fails(s, "'lib/bad' leads out of the prefix");
		if (i < 2)
			teardown(state);
	}
}

static void a_fifo_stops_the_build(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(mkfifoat(s->store.fd, "staged/pipe", 0644), 0);
	assert_fails(s, "'pipe' is neither a file");
}

static void missing_pkgconfig_modules_are_named(void **state)
{
	struct scratch *s = *state;
	struct cenv_strv modules = {0};
	struct cenv_object_info info = {.key = KEY1, .name = "foo", .version = "1", .system = "cmake",
					.built_prefix = s->prefix, .pkgconfig = &modules};
	struct cenv_object *object;

	cenv_strv_add(&modules, "foo");
	cenv_strv_add(&modules, "libfoo");
	STAGE(s, "share/pkgconfig/foo.pc", "Name: foo\n");
	assert_int_equal(cenv_object_store(&object, &s->store, "staged", &info, &s->err), -1);
	assert_int_equal(s->err.code, CENV_E_BUILD);
	assert_non_null(strstr(s->err.msg, "recipe names: libfoo"));
	assert_non_null(strstr(s->err.detail, "share/pkgconfig/foo.pc"));
	cenv_strv_release(&modules);
}

static void a_padded_prefix_becomes_the_placeholder(void **state)
{
	struct scratch *s = *state;
	char padded[CENV_PLACEHOLDER_LEN + 1];
	const struct cenv_manifest_entry *entry;
	struct cenv_object *object;

	memset(padded, 'p', CENV_PLACEHOLDER_LEN);
	padded[CENV_PLACEHOLDER_LEN] = '\0';
	memcpy(padded, "/some/where/", 12);
	s->prefix = padded;
	STAGE(s, "share/foo.txt", "see %/share and %\n");
	STAGE(s, "lib/data", "\0%/lib\0");
	shell(s, "ln -s $P/share/foo.txt $S/link");
	object = must_store(s);
	entry = entry_of(object, "share/foo.txt");
	assert_int_equal(entry->reloc_kind, CENV_RELOC_TEXT);
	assert_int_equal(entry->nrelocs, 2);
	entry = entry_of(object, "lib/data");
	assert_int_equal(entry->reloc_kind, CENV_RELOC_BINARY);
	assert_int_equal(entry->relocs[0].length, CENV_PLACEHOLDER_LEN + 4);
	assert_string_equal(entry_of(object, "link")->target, "share/foo.txt");
	cenv_object_free(object);
}

/* ---- ELF ---- */

static const char build_foo[] =
	"mkdir -p $S/bin $S/lib/sub $S/include;"
	"echo 'const char *foo_dir(void) { return \"'$P'/share/foo\"; }' > foo.c;"
	"echo 'int puts(const char *); const char *foo_dir(void);"
	" int main(void) { return puts(foo_dir()) < 0; }' > main.c;"
	"cc -O2 -shared -fPIC -Wl,-soname,libfoo.so.1 -o $S/lib/libfoo.so.1 foo.c;"
	"ln -s libfoo.so.1 $S/lib/libfoo.so;"
	"cc -O2 -o $S/bin/foo main.c -L$S/lib -lfoo -Wl,-rpath,$P/lib:/usr/nowhere:$P/lib/pkgconfig/../../lib;"
	"cc -O2 -shared -fPIC -o $S/lib/sub/plugin.so main.c -L$S/lib -lfoo;";

static void run_paths_follow_the_file(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;
	struct cenv_elf elf;

	shell(s, build_foo);
	object = must_store(s);
	assert_int_equal(cenv_elf_read(&elf, object->treefd, "bin/foo", &s->err), 1);
	assert_true(elf.is_dynamic);
	assert_int_equal(elf.runpath.n, 1);
	assert_string_equal(elf.runpath.v[0], "$ORIGIN/../lib");
	assert_true(cenv_strv_has(&elf.needed, "libfoo.so.1"));
	cenv_elf_release(&elf);
	assert_int_equal(entry_of(object, "bin/foo")->reloc_kind, CENV_RELOC_NONE);
	assert_int_equal(cenv_elf_read(&elf, object->treefd, "lib/libfoo.so.1", &s->err), 1);
	assert_string_equal(elf.soname, "libfoo.so.1");
	cenv_elf_release(&elf);
	assert_int_equal(entry_of(object, "lib/libfoo.so.1")->reloc_kind, CENV_RELOC_BINARY);
	/* the plugin has no run path at all */
	assert_int_equal(object->leaks.n, 0);
	assert_int_equal(object->unreached.n, 1);
	assert_string_equal(object->unreached.v[0], "libfoo.so.1 (needed by lib/sub/plugin.so)");
	cenv_object_free(object);
}

/* A linker's build-id hashes the prefix, and machines disagree about the modes of libraries. */
static void programs_are_the_same_bytes_whatever_the_prefix_was(void **state)
{
	static const struct {
		const char *path;
		unsigned mode;
	} rows[] = {{"bin/foo", 0555}, {"bin/static", 0555}, {"lib/libfoo.so.1", 0444},
		    {"lib/sub/plugin.so", 0444}};
	struct scratch *s = *state;
	char padded[CENV_PLACEHOLDER_LEN + 1];
	struct cenv_object *objects[2];
	struct cenv_elf elf;

	memset(padded, 'p', CENV_PLACEHOLDER_LEN);
	padded[CENV_PLACEHOLDER_LEN] = '\0';
	memcpy(padded, "/some/where/", 12);
	for (int i = 0; i < 2; i++) {
		s->prefix = i ? padded : cenv_placeholder;
		assert_int_equal(cenv_fs_mkdirs(s->store.fd, "staged", 0755, &s->err), 0);
		shell(s, build_foo);
		shell(s, "cc -static-pie -fPIE -Wl,--build-id=md5 -o $S/bin/static -x c - <<!\n"
			 "int puts(const char *); int main(void) { return puts(\"$P/x\") < 0; }\n!\n");
		shell(s, i ? "chmod 644 $S/lib/*.so.1" : "chmod 755 $S/lib/*.so.1");
		objects[i] = store_object(s, i ? KEY2 : KEY1);
		if (!objects[i])
			fail_msg("%s", s->err.msg);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_string_equal(entry_of(objects[0], rows[i].path)->sha256,
				    entry_of(objects[1], rows[i].path)->sha256);
		for (int k = 0; k < 2; k++)
			assert_int_equal(entry_of(objects[k], rows[i].path)->mode, rows[i].mode);
	}
	/* the test means something: there is a build-id, of its own for each file */
	assert_int_equal(cenv_elf_read(&elf, objects[0]->treefd, "bin/static", &s->err), 1);
	assert_int_equal(elf.id_len, 16);
	cenv_elf_release(&elf);
	assert_int_equal(cenv_elf_read(&elf, objects[0]->treefd, "bin/foo", &s->err), 1);
	assert_int_equal(elf.id_len, 20);
	cenv_elf_release(&elf);
	cenv_object_free(objects[0]);
	cenv_object_free(objects[1]);
}

static void libraries_from_nowhere_are_leaks_and_dependencies_are_not(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *dep, *object;
	const struct cenv_object *deps[1];
	struct cenv_object_info info = {.key = KEY2, .name = "bar", .version = "1", .system = "make",
					.built_prefix = s->prefix, .deps = deps, .ndeps = 1};

	STAGE(s, "lib/libdep.so.2", "x");
	dep = must_store(s);
	deps[0] = dep;
	assert_int_equal(mkdirat(s->store.fd, "staged", 0755), 0);
	shell(s, "mkdir $S/lib; for l in dep.so.2 leak.so.3; do echo >e.c;"
		 "cc -shared -fPIC -o lib$l -Wl,-soname,lib$l e.c; done;"
		 "cc -shared -fPIC -Wl,--no-as-needed -o $S/lib/libbar.so e.c libdep.so.2 libleak.so.3"
		 " -lm -Wl,-rpath,$P/lib");
	if (cenv_object_store(&object, &s->store, "staged", &info, &s->err) < 0)
		fail_msg("%s", s->err.msg);
	assert_int_equal(object->leaks.n, 1);
	assert_string_equal(object->leaks.v[0], "libleak.so.3 (needed by lib/libbar.so)");
	cenv_object_free(object);
	cenv_object_free(dep);
}

static void a_truncated_elf_file_is_an_error_or_has_no_dynamic_section(void **state)
{
	struct scratch *s = *state;
	struct cenv_buf data = CENV_BUF_INIT;

	shell(s, build_foo);
	assert_int_equal(cenv_fs_read(s->store.fd, "staged/bin/foo", 1 << 20, &data, &s->err), 0);
	for (size_t len = 0; len < data.len; len += len < 4096 ? 13 : 509) {
		char *copy = cenv_xmalloc(len + 1); /* so that reading beyond it is noticed */
		struct cenv_elf elf;
		int ret;

		memcpy(copy, data.buf, len);
		ret = cenv_elf_parse(&elf, copy, len, "cut", &s->err);
		assert_true(ret == 1 || ret == (len < 4 ? 0 : -1));
		cenv_elf_release(&elf);
		cenv_err_release(&s->err);
		free(copy);
	}
	cenv_buf_release(&data);
}

static void base_libraries_are_known(void **state)
{
	static const char *const base[] = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2",
					   "libstdc++.so.6", "libgcc_s.so.1", "libc.musl-x86_64.so.1",
					   "ld-linux-aarch64.so.1", "libgomp.so.1"};
	static const char *const other[] = {"libz.so.1", "libcrypto.so.3", "libmagic.so.1",
					    "libcurl.so.4", "libdlfoo.so.1", "libunwind.so.8"};

	(void)state;
	for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
		assert_true(cenv_elf_is_base_library(base[i]));
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		assert_false(cenv_elf_is_base_library(other[i]));
}

/* a symbol called "lib" is the tail of the run path in the string table */
static void a_symbol_that_shares_the_run_paths_bytes_keeps_its_name(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;

	shell(s, "mkdir $S/lib $S/bin; echo 'int lib(void) { return 7; }' > l.c;"
		 "cc -shared -fPIC -o $S/lib/libl.so -Wl,-soname,libl.so l.c -Wl,-rpath,$P/lib;"
		 "echo 'int lib(void); int main(void) { return lib(); }' > m.c;"
		 "cc -o $S/bin/m m.c -L$S/lib -ll -Wl,-rpath,$P/lib;"
		 "! readelf -p .dynstr $S/lib/libl.so | grep -q ' lib$'");
	object = must_store(s);
	close(make_env(s, "e", object, CENV_LINK_AUTO));
	shell(s, "e/bin/m && exit 1; test $? = 7; ! grep -r cenv_Qx7 e");
	cenv_object_free(object);
}

/* what meson does when it installs: a shorter run path over the longer one */
static void the_end_of_an_overwritten_run_path_goes(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;
	struct cenv_elf elf;

	shell(s, "mkdir $S/lib; echo 'int l(void) { return 7; }' > l.c;"
		 "cc -shared -fPIC -o $S/lib/libl.so l.c"
		 " -Wl,-rpath,$P/lib:/build/glib:/build/gobject:$P/lib/pkgconfig/../../lib;"
		 "python3 -c 'import sys; p = sys.argv[1]; d = open(p, \"rb\").read();"
		 " P = sys.argv[2].encode(); old = P + b\"/lib:/build/glib:\";"
		 " i = d.index(old); new = P + b\"/lib\\0\";"
		 " d = d[:i] + new + d[i + len(new):];"
		 " open(p, \"wb\").write(d)' $S/lib/libl.so $P");
	object = must_store(s);
	assert_int_equal(cenv_elf_read(&elf, object->treefd, "lib/libl.so", &s->err), 1);
	assert_int_equal(elf.runpath.n, 1);
	assert_string_equal(elf.runpath.v[0], "$ORIGIN");
	cenv_elf_release(&elf);
	assert_int_equal(entry_of(object, "lib/libl.so")->reloc_kind, CENV_RELOC_NONE);
	cenv_object_free(object);
}

/* ---- placing ---- */

static void a_program_runs_where_it_is_placed(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;
	struct stat st;
	int fd;

	shell(s, build_foo);
	object = must_store(s);
	fd = make_env(s, "my env", object, CENV_LINK_AUTO);
	shell(s, "test \"$('./my env/bin/foo')\" = \"$PWD/my env/share/foo\"");
	shell(s, "mv 'my env' moved; moved/bin/foo; ! grep -r cenv_Qx7 moved");
	assert_int_equal(fstatat(fd, "bin/foo", &st, 0), 0);
	assert_int_equal(st.st_nlink, 2);
	assert_int_equal(fstatat(fd, "lib/libfoo.so.1", &st, 0), 0);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(fstatat(fd, "lib", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	close(fd);
	cenv_object_free(object);
}

/* what compilers make of constant strings: copies, lengths, tails */
static const char paths_source[] =
	"#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
	"static void a(const char *n) { char b[999]; strcpy(b, P \"/share/\"); strcat(b, n); puts(b); }\n"
	"static void b(const char *n) { char *s = malloc(strlen(P \"/share/\") + strlen(n) + 1);"
	" strcpy(s, P \"/share/\"); strcat(s, n); puts(s); free(s); }\n"
	"static void c(const char *n) { printf(P \"/share/%s\\n\", n); }\n"
	"static void d(void) { char b[] = P \"/share/x\"; puts(b); }\n"
	"static void e(const char *n) { if (!strcmp(n, \"/share/x\")) puts(P \"/share/x\"); }\n"
	"int main(int n, char **v) { a(v[1]); b(v[1]); c(v[1]); d(); e(v[2]); return n != 3; }\n";

static void paths_that_a_program_completes_are_right(void **state)
{
	static const char *const compilers[] = {"cc -O0", "cc -O2", "cc -O3 -funroll-loops"};
	struct scratch *s = *state;
	char *source = cenv_path_join(s->path, "p.c");
	struct cenv_object *object;

	assert_int_equal(cenv_fs_write(AT_FDCWD, source, paths_source, sizeof(paths_source) - 1,
				       0644, 0, &s->err), 0);
	free(source);
	for (size_t i = 0; i < sizeof(compilers) / sizeof(*compilers); i++) {
		char *line = cenv_strf("%s " CENV_RELOCATABLE_CFLAGS
				       " \"-DP=\\\"$P\\\"\" -o $S/p%zu p.c", compilers[i], i);

		shell(s, line);
		free(line);
	}
	object = must_store(s);
	close(make_env(s, "e", object, CENV_LINK_AUTO));
	shell(s, "x=$PWD/e/share/x; for i in 0 1 2; do e/p$i x /share/x > out;"
		 "printf '%s\\n' $x $x $x $x $x | cmp - out; done");
	cenv_object_free(object);
}

static void every_link_mode_gives_the_same_contents(void **state)
{
	static const enum cenv_link_mode modes[] = {CENV_LINK_AUTO, CENV_LINK_HARD,
						    CENV_LINK_REFLINK, CENV_LINK_COPY,
						    CENV_LINK_SYMLINK};
	struct scratch *s = *state;
	struct cenv_object *object;

	STAGE(s, "include/foo/a.h", "int a;\n");
	STAGE(s, "include/foo-b.h", "int b;\n"); /* '-' sorts between "foo" and "foo/" */
	STAGE(s, "include/z/y/x.h", "int x;\n");
	STAGE(s, "share/doc", "at %\n");
	stage(s, "bin/run", "#!/bin/true\n", 12, 0755);
	stage_link(s, "include/c.h", "foo/a.h");
	object = must_store(s);
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		char name[8], *expected;
		struct stat st;
		int fd;

		snprintf(name, sizeof(name), "e%zu", i);
		fd = make_env(s, name, object, modes[i]);
		assert_contents(fd, "include/foo/a.h", "int a;\n");
		assert_contents(fd, "include/foo-b.h", "int b;\n");
		assert_contents(fd, "include/z/y/x.h", "int x;\n");
		assert_contents(fd, "include/c.h", "int a;\n");
		expected = cenv_strf("at %s/%s\n", s->path, name);
		assert_contents(fd, "share/doc", expected);
		free(expected);
		assert_int_equal(fstatat(fd, "include/foo/a.h", &st, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(S_ISLNK(st.st_mode), modes[i] == CENV_LINK_SYMLINK);
		assert_int_equal(fstatat(fd, "bin/run", &st, AT_SYMLINK_NOFOLLOW), 0);
		assert_true(S_ISREG(st.st_mode));
		assert_int_equal(st.st_mode & 0777, 0555);
		close(fd);
	}
	cenv_object_free(object);
}

static void placing_never_replaces_a_file(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;
	char sha256[CENV_SHA256_HEX];
	int fd;

	STAGE(s, "plain", "x\n");
	STAGE(s, "text", "%\n");
	stage_link(s, "link", "plain");
	object = must_store(s);
	fd = make_env(s, "e", object, CENV_LINK_AUTO);
	for (size_t i = 0; i < object->manifest.n; i++) {
		const struct cenv_manifest_entry *entry = &object->manifest.entries[i];

		assert_int_equal(cenv_object_place(object->treefd, entry, fd, entry->path, "/e",
						   CENV_LINK_AUTO, sha256, &s->err), -1);
		assert_int_equal(s->err.sys, EEXIST);
	}
	close(fd);
	cenv_object_free(object);
}

static void a_prefix_longer_than_the_placeholder_is_refused(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;
	char sha256[CENV_SHA256_HEX], prefix[CENV_PLACEHOLDER_LEN + 2];

	STAGE(s, "text", "%\n");
	object = must_store(s);
	memset(prefix, 'x', sizeof(prefix));
	prefix[0] = '/';
	prefix[CENV_PLACEHOLDER_LEN + 1] = '\0';
	assert_int_equal(cenv_object_place(object->treefd, &object->manifest.entries[0], s->store.fd,
					   "new", prefix, CENV_LINK_AUTO, sha256, &s->err), -1);
	assert_int_equal(s->err.code, CENV_E_FAIL);
	assert_false(cenv_fs_exists(s->store.fd, "new"));
	prefix[CENV_PLACEHOLDER_LEN] = '\0';
	assert_int_equal(cenv_object_place(object->treefd, &object->manifest.entries[0], s->store.fd,
					   "new", prefix, CENV_LINK_AUTO, sha256, &s->err), 0);
	cenv_object_free(object);
}

static void the_hash_of_a_patched_file_is_told(void **state)
{
	struct scratch *s = *state;
	struct cenv_object *object;
	char told[CENV_SHA256_HEX], real[CENV_SHA256_HEX];

	STAGE(s, "data", "\0%/lib:%/share\0tail");
	object = must_store(s);
	assert_int_equal(cenv_object_place(object->treefd, &object->manifest.entries[0], s->store.fd,
					   "new", "/e", CENV_LINK_AUTO, told, &s->err), 0);
	assert_int_equal(cenv_sha256_file(s->store.fd, "new", real, &s->err), 0);
	assert_string_equal(told, real);
	assert_string_not_equal(told, object->manifest.entries[0].sha256);
	cenv_object_free(object);
}

/* ---- moving ---- */

/* place with `from`, move to `to`: same bytes as placing with `to` at once */
static void check_rehome(struct scratch *s, const struct cenv_manifest_entry *object_entry,
			 int treefd, const char *from, const char *to, bool patched_hash)
{
	struct cenv_manifest_entry entry = *object_entry;
	char placed[CENV_SHA256_HEX], wanted[CENV_SHA256_HEX], moved[CENV_SHA256_HEX];

	unlinkat(s->store.fd, "a", 0);
	unlinkat(s->store.fd, "b", 0);
	assert_int_equal(cenv_object_place(treefd, &entry, s->store.fd, "a", from, CENV_LINK_AUTO,
					   placed, &s->err), 0);
	assert_int_equal(cenv_object_place(treefd, &entry, s->store.fd, "b", to, CENV_LINK_AUTO,
					   wanted, &s->err), 0);
	if (patched_hash)
		memcpy(entry.sha256, placed, sizeof(placed));
	for (int i = 0; i < 2; i++) { /* the second time nothing is left to do */
		if (cenv_object_rehome(s->store.fd, "a", &entry, from, to, moved, &s->err) < 0)
			fail_msg("%s to %s: %s", from, to, s->err.msg);
		assert_string_equal(moved, wanted);
		assert_int_equal(cenv_sha256_file(s->store.fd, "a", moved, &s->err), 0);
		assert_string_equal(moved, wanted);
	}
}

static void a_moved_file_is_as_if_placed_there(void **state)
{
	static const char *const pairs[][2] = {
		{"/home/a/env", "/home/b/env"}, {"/a/b", "/a/b2"}, {"/a/b2", "/a/b"},
		{"/a/a", "/a"},                 {"/a", "/a/a/a"},  {"/a", "/a"},
	};
	struct scratch *s = *state;
	struct cenv_object *object;

	STAGE(s, "data", "\0%/lib:%/share\0tail%2\0");
	STAGE(s, "text", "a %/x\nb %2\n%");
	object = must_store(s);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs) * 4; i++)
		check_rehome(s, &object->manifest.entries[i % 2], object->treefd, pairs[i / 4][0],
			     pairs[i / 4][1], i % 4 / 2);
	cenv_object_free(object);
}

static void a_file_that_the_user_changed_is_left_alone(void **state)
{
	struct scratch *s = *state;
	const struct cenv_manifest_entry *entry;
	struct cenv_object *object;
	char sha256[CENV_SHA256_HEX];

	STAGE(s, "text", "at %\n");
	object = must_store(s);
	entry = &object->manifest.entries[0];
	assert_int_equal(cenv_fs_write(s->store.fd, "a", "at /old\nmine\n", 13, 0644, 0, &s->err), 0);
	assert_int_equal(cenv_object_rehome(s->store.fd, "a", entry, "/old", "/new", sha256, &s->err),
			 -1);
	assert_int_equal(s->err.code, CENV_E_FAIL);
	assert_non_null(strstr(s->err.msg, "was changed"));
	assert_contents(s->store.fd, "a", "at /old\nmine\n");
	cenv_object_free(object);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_absent_object_is_no_error),
		TEST(a_damaged_object_is_reported),
		TEST(an_object_that_nothing_is_left_to_open_with_is_not_damaged),
		TEST(a_stored_tree_is_normal_and_read_only),
		TEST(the_loser_of_a_race_takes_the_winners_object),
		TEST(a_piece_of_the_prefix_stops_the_build),
		TEST(links_out_of_the_prefix_stop_the_build),
		TEST(a_fifo_stops_the_build),
		TEST(missing_pkgconfig_modules_are_named),
		TEST(a_padded_prefix_becomes_the_placeholder),
		TEST(run_paths_follow_the_file),
		TEST(programs_are_the_same_bytes_whatever_the_prefix_was),
		TEST(libraries_from_nowhere_are_leaks_and_dependencies_are_not),
		TEST(a_truncated_elf_file_is_an_error_or_has_no_dynamic_section),
		TEST(a_symbol_that_shares_the_run_paths_bytes_keeps_its_name),
		TEST(the_end_of_an_overwritten_run_path_goes),
		TEST(base_libraries_are_known),
		TEST(a_program_runs_where_it_is_placed),
		TEST(paths_that_a_program_completes_are_right),
		TEST(every_link_mode_gives_the_same_contents),
		TEST(placing_never_replaces_a_file),
		TEST(a_prefix_longer_than_the_placeholder_is_refused),
		TEST(the_hash_of_a_patched_file_is_told),
		TEST(a_moved_file_is_as_if_placed_there),
		TEST(a_file_that_the_user_changed_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
