/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "store/build/key.h"
#include "store/fs/fs.h"

/* One request whose every part can be changed. */
struct model {
	struct cenv_build_request req;
	struct cenv_toolchain toolchain;
	struct cenv_object dep, other;
	const struct cenv_object *deps[2];
	struct cenv_strv features, pkgconfig;
	struct cenv_store store;
};

static void fill(struct model *m)
{
	struct cenv_build_section *s = &m->req.section;

	*m = (struct model){
		.toolchain = {.cc = (char *)"/usr/bin/cc", .cxx = (char *)"/usr/bin/c++",
			      .target = (char *)"x86_64-linux-gnu", .machine = (char *)"x86_64",
			      .libc = (char *)"glibc", .libc_version = (char *)"2.36",
			      .compiler = (char *)"gcc 12.2.0", .identity = "1234"},
		.dep = {.name = (char *)"zlib", .version = (char *)"1.3", .key = "aaaa"},
		.other = {.name = (char *)"bzip2", .version = (char *)"1.0", .key = "bbbb"},
		.store = {.path = (char *)"/one", .fd = -1},
	};
	m->deps[0] = &m->dep;
	m->deps[1] = &m->other;
	m->req.store = &m->store;
	m->req.toolchain = &m->toolchain;
	m->req.name = "libpng";
	m->req.version = "1.6";
	m->req.source_sha256 = "cccc";
	m->req.features = &m->features;
	m->req.pkgconfig = &m->pkgconfig;
	m->req.deps = m->deps;
	m->req.ndeps = 2;
	m->req.jobs = 2;
	s->system = CENV_BUILD_CMAKE;
	cenv_strv_add(&s->options, "-DA=1");
	cenv_strv_add(&m->features, "tools");
}

static void empty(struct model *m)
{
	struct cenv_build_section *s = &m->req.section;
	struct cenv_strv *lists[] = {&s->options, &s->make,   &s->targets,   &s->install_targets,
				     &s->env,     &s->cflags, &s->ldflags,   &s->configure,
				     &s->build,   &s->install, &s->tools,    &s->patches,
				     &m->features, &m->pkgconfig};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		cenv_strv_release(lists[i]);
}

static void change(struct model *m, int which)
{
	struct cenv_build_section *s = &m->req.section;

	switch (which) {
	case 0: m->req.name = "libpng2"; break;
	case 1: m->req.version = "1.6.0"; break;
	case 2: m->req.source_sha256 = "cccd"; break;
	case 3: m->req.source_sha256 = NULL, m->req.source_dir_hash = "cccc"; break;
	case 4: s->system = CENV_BUILD_DETECT; break;
	case 5: s->subdir = (char *)"x"; break;
	case 6: cenv_strv_add(&s->options, "-DB=1"); break;
	case 7: cenv_strv_add(&s->make, "-DB=1"); break;
	case 8: cenv_strv_add(&s->targets, "x"); break;
	case 9: cenv_strv_add(&s->install_targets, "x"); break;
	case 10: cenv_strv_add(&s->env, "A=B"); break;
	case 11: cenv_strv_add(&s->cflags, "-DX"); break;
	case 12: cenv_strv_add(&s->ldflags, "-DX"); break;
	case 13: cenv_strv_add(&s->configure, "x"); break;
	case 14: cenv_strv_add(&s->build, "x"); break;
	case 15: cenv_strv_add(&s->install, "x"); break;
	case 16: cenv_strv_add(&s->tools, "x"); break;
	case 17: cenv_strv_add(&s->patches, "x"); break;
	case 18: cenv_strv_add(&m->features, "x"); break;
	case 19: m->dep.key[0] = 'b'; break;
	case 20: m->req.ndeps = 1; break;
	case 21: m->toolchain.identity[0] = '2'; break;
	case 22: m->toolchain.cc = (char *)"/usr/bin/gcc"; break;
	case 23: m->toolchain.target = (char *)"aarch64-linux-gnu"; break;
	case 24: m->toolchain.libc = (char *)"musl"; break;
	case 25: m->toolchain.libc_version = (char *)"2.37"; break;
	case 26: m->toolchain.compiler = (char *)"gcc 12.3.0"; break;
	case 27: m->toolchain.cxx = NULL; break;
	/* a value cannot pass for another field, nor two values for one */
	case 28: cenv_strv_add(&s->options, "x\nmake -DB=1"); break;
	case 29: cenv_strv_add(&s->options, "x\\nmake -DB=1"); break;
	case 31: m->req.isolation = CENV_ISOLATION_NONE; break;
	case 30: cenv_strv_add(&s->options, "x"), cenv_strv_add(&s->make, "-DB=1"); break;
	}
}
#define CHANGES 32

static void every_input_changes_the_key(void **state)
{
	char keys[CHANGES + 1][CENV_SHA256_HEX];
	struct cenv_err err = CENV_ERR_INIT;
	struct model m;

	(void)state;
	for (int i = 0; i <= CHANGES; i++) {
		fill(&m);
		if (i < CHANGES)
			change(&m, i);
		assert_int_equal(cenv_build_key(&m.req, keys[i], &err), 0);
		empty(&m);
		for (int k = 0; k < i; k++)
			if (!strcmp(keys[i], keys[k]))
				fail_msg("changes %d and %d give the same key", i, k);
	}
}

static void what_changes_no_result_changes_no_key(void **state)
{
	char before[CENV_SHA256_HEX], after[CENV_SHA256_HEX];
	struct cenv_err err = CENV_ERR_INIT;
	struct model m;

	(void)state;
	fill(&m);
	assert_int_equal(cenv_build_key(&m.req, before, &err), 0);
	m.store.path = (char *)"/elsewhere";
	m.req.jobs = 64;
	m.req.sandbox = CENV_SANDBOX_OFF;
	m.req.timeout_s = 5;
	m.req.log_max = 1;
	m.req.keep = true;
	m.req.source_label = "another-name.tar.gz";
	m.deps[0] = &m.other; /* in another order */
	m.deps[1] = &m.dep;
	cenv_strv_add(&m.pkgconfig, "libpng16");
	assert_int_equal(cenv_build_key(&m.req, after, &err), 0);
	assert_string_equal(before, after);
	empty(&m);
}

/* ---- the compiler ---- */

static void a_missing_compiler_is_told_with_its_package(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_toolchain tc;
	struct cenv_store store = {.path = (char *)"/", .fd = -1};

	(void)state;
	assert_int_equal(cenv_toolchain_probe(&tc, &store, "no-such-cc", &err), -1);
	assert_int_equal(err.code, CENV_E_BUILD);
	assert_string_equal(err.msg, "there is no C compiler 'no-such-cc'");
	assert_non_null(strstr(err.hint, "apt install"));
	assert_int_equal(cenv_toolchain_probe(&tc, &store, "/bin/false", &err), -1);
	assert_int_equal(err.code, CENV_E_BUILD);
	cenv_err_release(&err);
}

static void write_compiler(const char *path, const char *extra)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *text = cenv_strf("#!/bin/sh\necho run >> \"$0.runs\"\n# %s\nexec cc \"$@\"\n", extra);

	assert_int_equal(cenv_fs_write(AT_FDCWD, path, text, strlen(text), 0755, 0, &err), 0);
	free(text);
}

static long runs_of(const char *path)
{
	char *file = cenv_strf("%s.runs", path);
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	long n;

	cenv_fs_read(AT_FDCWD, file, 1 << 20, &text, &err);
	n = (long)(text.len / 4);
	cenv_err_release(&err);
	cenv_buf_release(&text);
	free(file);
	return n;
}

/* The compiler is asked once, and again when its binary has changed. */
static void a_compiler_is_asked_once(void **state)
{
	char root[] = "/tmp/cenv-toolchain-test-XXXXXX", identity[CENV_SHA256_HEX];
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_toolchain tc;
	struct cenv_store store;
	char *path, *cc;
	long runs;

	(void)state;
	assert_non_null(mkdtemp(root));
	path = cenv_path_join(root, "store");
	cc = cenv_path_join(root, "my-cc");
	write_compiler(cc, "one");
	assert_int_equal(cenv_store_open(&store, path, &err), 0);
	assert_int_equal(cenv_toolchain_probe(&tc, &store, cc, &err), 0);
	assert_string_equal(tc.cc, cc);
	assert_non_null(strchr(tc.compiler, ' '));
	assert_true(strlen(tc.libc_version) > 0);
	memcpy(identity, tc.identity, sizeof(identity));
	runs = runs_of(cc);
	assert_true(runs > 0);
	cenv_toolchain_release(&tc);

	assert_int_equal(cenv_toolchain_probe(&tc, &store, cc, &err), 0);
	assert_int_equal(runs_of(cc), runs);
	assert_string_equal(tc.identity, identity);
	cenv_toolchain_release(&tc);

	write_compiler(cc, "two");
	assert_int_equal(cenv_toolchain_probe(&tc, &store, cc, &err), 0);
	assert_true(runs_of(cc) > runs);
	assert_string_not_equal(tc.identity, identity);
	cenv_toolchain_release(&tc);

	/* a damaged cache is no obstacle */
	assert_int_equal(cenv_fs_write(store.fd, "toolchains.json", "{\"version\":1,\"compilers\":3",
				       26, 0644, 0, &err), 0);
	assert_int_equal(cenv_toolchain_probe(&tc, &store, cc, &err), 0);
	cenv_toolchain_release(&tc);
	cenv_store_release(&store);
	assert_int_equal(cenv_fs_remove_tree(AT_FDCWD, root, &err), 0);
	free(path);
	free(cc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_input_changes_the_key),
		cmocka_unit_test(what_changes_no_result_changes_no_key),
		cmocka_unit_test(a_missing_compiler_is_told_with_its_package),
		cmocka_unit_test(a_compiler_is_asked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
