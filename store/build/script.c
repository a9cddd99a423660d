/* SPDX-License-Identifier: MIT */
#include "store/build/script.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "store/build/jobserver.h"
#include "store/build/source.h"
#include "store/build/tools.h"
#include "store/fs/fs.h"

/* ---- words ---- */

char *cenv_script_expand(const struct cenv_script *script, const char *word)
{
	struct cenv_buf out = CENV_BUF_INIT;

	while (*word) {
		if (cenv_str_starts(word, "${PREFIX}")) {
			cenv_buf_adds(&out, script->prefix);
			word += strlen("${PREFIX}");
		} else if (cenv_str_starts(word, "${DESTDIR}")) {
			cenv_buf_addf(&out, "%s/stage", script->root);
			word += strlen("${DESTDIR}");
		} else if (cenv_str_starts(word, "${JOBS}")) {
			cenv_buf_addf(&out, "%u", script->jobs);
			word += strlen("${JOBS}");
		} else if (cenv_str_starts(word, "${TARGET}")) {
			cenv_buf_adds(&out, script->toolchain->target);
			word += strlen("${TARGET}");
		} else {
			cenv_buf_addc(&out, *word++);
		}
	}
	return cenv_buf_detach(&out);
}

/* One more word of a command, quoted. */
static void CENV_PRINTF(2, 3) word(struct cenv_buf *out, const char *fmt, ...)
{
	struct cenv_buf text = CENV_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(&text, fmt, ap);
	va_end(ap);
	cenv_buf_addc(out, ' ');
	cenv_shell_quote(out, text.buf);
	cenv_buf_release(&text);
}

static void words(const struct cenv_script *script, struct cenv_buf *out,
		  const struct cenv_strv *list)
{
	for (size_t i = 0; i < list->n; i++) {
		char *expanded = cenv_script_expand(script, list->v[i]);

		word(out, "%s", expanded);
		free(expanded);
	}
}

/* ---- environment ---- */

static void CENV_PRINTF(3, 4) export(struct cenv_buf *out, const char *name, const char *fmt, ...)
{
	struct cenv_buf value = CENV_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(&value, fmt, ap);
	va_end(ap);
	cenv_buf_addf(out, "export %s=", name);
	cenv_shell_quote(out, value.buf);
	cenv_buf_addc(out, '\n');
	cenv_buf_release(&value);
}

static char *flags(const struct cenv_script *script, const char *first,
		   const struct cenv_strv *more)
{
	struct cenv_buf out = CENV_BUF_INIT;

	cenv_buf_adds(&out, first);
	for (size_t i = 0; i < more->n; i++) {
		char *expanded = cenv_script_expand(script, more->v[i]);

		cenv_buf_addf(&out, " %s", expanded);
		free(expanded);
	}
	return cenv_buf_detach(&out);
}

static void export_flags(const struct cenv_script *script, struct cenv_buf *out)
{
	char *rpath = cenv_strf("-Wl,-rpath,%s/lib", script->prefix);
	char *cflags = flags(script, "-O2", &script->section->cflags);
	char *ldflags = flags(script, rpath, &script->section->ldflags);

	export(out, "CFLAGS", "%s", cflags);
	export(out, "CXXFLAGS", "%s", cflags);
	export(out, "LDFLAGS", "%s", ldflags);
	free(rpath);
	free(cflags);
	free(ldflags);
}

/* The dependencies stand in the prefix: every tool's own way of being told so. */
static void export_search_paths(const struct cenv_script *script, struct cenv_buf *out)
{
	const char *p = script->prefix;

	export(out, "PATH", "%s/bin:%s/bin:%s", script->root, p, CENV_BUILD_PATH);
	export(out, "PKG_CONFIG_LIBDIR", "%s/lib/pkgconfig:%s/share/pkgconfig", p, p);
	export(out, "CMAKE_PREFIX_PATH", "%s", p);
	export(out, "C_INCLUDE_PATH", "%s/include", p);
	export(out, "CPLUS_INCLUDE_PATH", "%s/include", p);
	export(out, "LIBRARY_PATH", "%s/lib", p);
	export(out, "LD_RUN_PATH", "%s/lib", p);
	export(out, "ACLOCAL_PATH", "%s/share/aclocal", p);
}

static void export_recipe(const struct cenv_script *script, struct cenv_buf *out)
{
	for (size_t i = 0; i < script->section->env.n; i++) {
		char *expanded = cenv_script_expand(script, script->section->env.v[i]);
		char *equals = strchr(expanded, '=');

		if (equals) {
			*equals = '\0';
			export(out, expanded, "%s", equals + 1);
		}
		free(expanded);
	}
}

void cenv_script_env(const struct cenv_script *script, struct cenv_buf *out)
{
	const struct cenv_toolchain *tc = script->toolchain;

	export(out, "HOME", "%s/home", script->root);
	export(out, "TMPDIR", "%s/tmp", script->root);
	export(out, "SHELL", "/bin/sh");
	export(out, "TERM", "dumb");
	export(out, "LC_ALL", "C.UTF-8");
	export(out, "TZ", "UTC");
	export(out, "SOURCE_DATE_EPOCH", "%d", CENV_SOURCE_EPOCH);
	export(out, "PYTHONDONTWRITEBYTECODE", "1");
	export(out, "PYTHONHASHSEED", "0");
	/* names alone, which get into what is built: ROOT/bin holds wrappers of these names */
	export(out, "CC", "%s", cenv_path_base(tc->cc));
	if (tc->cxx)
		export(out, "CXX", "%s", cenv_path_base(tc->cxx));
	export_search_paths(script, out);
	export_flags(script, out);
	if (script->system == CENV_BUILD_COMMANDS) {
		export(out, "PREFIX", "%s", script->prefix);
		export(out, "DESTDIR", "%s/stage", script->root);
		export(out, "JOBS", "%u", script->jobs);
		export(out, "TARGET", "%s", tc->target);
		export(out, "AR", "ar");
		export(out, "RANLIB", "ranlib");
	}
	export_recipe(script, out);
	cenv_buf_adds(out, "umask 022\n");
}

/* ---- steps ---- */

static void step(struct cenv_buf *out, const char *name, const char *what)
{
	cenv_buf_addf(out, "echo '%s%s | %s'\n", CENV_STEP_MARK, name, what);
}

static void run(struct cenv_buf *out, const char *command)
{
	cenv_buf_adds(out, "run ");
	cenv_buf_adds(out, command);
}

static void end(struct cenv_buf *out)
{
	cenv_buf_addc(out, '\n');
}

static char *make_flags(const struct cenv_script *script)
{
	return cenv_strf(" -j%u --jobserver-auth=%d,%d", script->jobs, script->jobserver->read_fd,
			 script->jobserver->write_fd);
}

/* "command" as one that makes in parallel: make takes its number from a job server, or is told. */
static void parallel(const struct cenv_script *script, struct cenv_buf *out, const char *command)
{
	char *make;

	if (script->jobserver) {
		make = make_flags(script);
		cenv_buf_adds(out, "env");
		word(out, "MAKEFLAGS=%s", make);
		cenv_buf_addf(out, " %s", command);
		free(make);
	} else {
		cenv_buf_adds(out, command);
		word(out, "-j%u", script->jobs);
	}
}

static void make_build(const struct cenv_script *script, struct cenv_buf *out, const char *command)
{
	step(out, "build", "make");
	run(out, "");
	parallel(script, out, command);
	words(script, out, &script->section->make);
	words(script, out, &script->section->targets);
	end(out);
}

static void make_install_words(const struct cenv_script *script, struct cenv_buf *out,
			       const char *command, bool destdir)
{
	run(out, command);
	words(script, out, &script->section->make);
	if (destdir)
		word(out, "DESTDIR=%s/stage", script->root);
	if (script->section->install_targets.n == 0)
		word(out, "install");
	words(script, out, &script->section->install_targets);
}

static void make_install(const struct cenv_script *script, struct cenv_buf *out)
{
	step(out, "install", "make install");
	make_install_words(script, out, "make", true);
	end(out);
}

static void configure(const struct cenv_script *script, struct cenv_buf *out)
{
	step(out, "configure", "configure");
	cenv_buf_adds(out, "[ -x configure ] || chmod +x configure\n");
	run(out, "./configure");
	word(out, "--prefix=%s", script->prefix);
	word(out, "--libdir=%s/lib", script->prefix);
	if (script->system == CENV_BUILD_AUTOTOOLS)
		cenv_buf_adds(out, " --enable-shared --enable-static --disable-dependency-tracking");
	words(script, out, &script->section->options);
	end(out);
	make_build(script, out, "make");
	make_install(script, out);
}

/* "env ... make ..." for a Makefile that knows its prefix under one of these names. LIBDIR goes
 * through the environment: some Makefiles use that name for a folder of their own (lz4). */
static char *make_command(const char *prefix)
{
	struct cenv_buf out = CENV_BUF_INIT;

	cenv_buf_adds(&out, "env");
	word(&out, "LIBDIR=%s/lib", prefix);
	cenv_buf_adds(&out, " make");
	word(&out, "PREFIX=%s", prefix);
	word(&out, "prefix=%s", prefix);
	word(&out, "libdir=%s/lib", prefix);
	cenv_buf_adds(&out, " \"CC=$CC\"");
	return cenv_buf_detach(&out);
}

/* Some Makefiles ignore DESTDIR: they then find the prefix read-only, or fill it while the
 * stage stays empty. Both are met by installing again, with the stage as the prefix. */
static void make_alone(const struct cenv_script *script, struct cenv_buf *out)
{
	char *staged = cenv_strf("%s/stage%s", script->root, script->prefix);
	char *normal = make_command(script->prefix), *direct = make_command(staged);

	make_build(script, out, normal);
	step(out, "install", "make install");
	cenv_buf_adds(out, "if ! ");
	make_install_words(script, out, normal, true);
	cenv_buf_adds(out, " || [ ! -d");
	word(out, "%s", staged);
	cenv_buf_adds(out, " ]; then\n\techo 'DESTDIR has no effect: installing with the stage as "
			   "the prefix'\n\tmkdir -p");
	word(out, "%s", staged);
	cenv_buf_adds(out, "\n\t");
	make_install_words(script, out, direct, false);
	cenv_buf_adds(out, "\nfi\n");
	free(staged);
	free(normal);
	free(direct);
}

static void meson(const struct cenv_script *script, struct cenv_buf *out)
{
	step(out, "configure", "meson");
	run(out, "meson setup");
	word(out, "%s/obj", script->root);
	word(out, "--prefix=%s", script->prefix);
	cenv_buf_adds(out, " --libdir=lib --buildtype=release --default-library=both"
			   " --wrap-mode=nodownload");
	words(script, out, &script->section->options);
	end(out);
	step(out, "build", "ninja");
	run(out, "ninja -C");
	word(out, "%s/obj", script->root);
	word(out, "-j%u", script->jobs);
	words(script, out, &script->section->targets);
	end(out);
	step(out, "install", "meson install");
	run(out, "env");
	word(out, "DESTDIR=%s/stage", script->root);
	cenv_buf_adds(out, " meson install --no-rebuild -C");
	word(out, "%s/obj", script->root);
	end(out);
}

static bool has_option(const struct cenv_strv *options, const char *start)
{
	for (size_t i = 0; i < options->n; i++)
		if (cenv_str_starts(options->v[i], start))
			return true;
	return false;
}

static bool chooses_library_kind(const struct cenv_strv *options)
{
	return has_option(options, "-DBUILD_SHARED_LIBS=") ||
	       has_option(options, "-DBUILD_SHARED_LIBS:");
}

/* The words after "cmake". Options carry types: without, CMake takes a relative
 * CMAKE_INSTALL_LIBDIR for a path below the build folder. */
static void cmake_words(const struct cenv_script *script, struct cenv_buf *out, const char *folder,
			const char *shared)
{
	cenv_buf_adds(out, " -S . -B");
	word(out, "%s/%s", script->root, folder);
	cenv_buf_adds(out, " -G 'Unix Makefiles'");
	word(out, "-DCMAKE_INSTALL_PREFIX:PATH=%s", script->prefix);
	word(out, "-DCMAKE_INSTALL_RPATH:STRING=%s/lib", script->prefix);
	cenv_buf_adds(out, " -DCMAKE_BUILD_TYPE:STRING=Release -DCMAKE_INSTALL_LIBDIR:PATH=lib"
			   " -DCMAKE_EXPORT_NO_PACKAGE_REGISTRY:BOOL=ON"
			   " -DCMAKE_FIND_USE_PACKAGE_REGISTRY:BOOL=OFF"
			   " -DFETCHCONTENT_FULLY_DISCONNECTED:BOOL=ON");
	if (!script->isolated)
		cenv_buf_adds(out, " -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH:BOOL=OFF");
	if (!chooses_library_kind(&script->section->options))
		word(out, "-DBUILD_SHARED_LIBS:BOOL=%s", shared);
	words(script, out, &script->section->options);
}

static void cmake_make(const struct cenv_script *script, struct cenv_buf *out, const char *folder)
{
	parallel(script, out, "make");
	cenv_buf_adds(out, " -C");
	word(out, "%s/%s", script->root, folder);
	words(script, out, &script->section->make);
	words(script, out, &script->section->targets);
}

static void cmake_install(const struct cenv_script *script, struct cenv_buf *out,
			  const char *folder, const char *stage)
{
	cenv_buf_adds(out, "make -C");
	word(out, "%s/%s", script->root, folder);
	words(script, out, &script->section->make);
	word(out, "DESTDIR=%s/%s", script->root, stage);
	if (script->section->install_targets.n == 0)
		word(out, "install");
	words(script, out, &script->section->install_targets);
}

/*
 * Most CMake projects make one kind of library at a time: when the first pass installed shared
 * libraries alone, a second makes the static ones, and only those are taken from it. Static
 * libraries are an extra, so a project that cannot make them is built all the same.
 */
static void cmake_static(const struct cenv_script *script, struct cenv_buf *out)
{
	char *lib = cenv_strf("%s/stage%s/lib", script->root, script->prefix);
	char *extra = cenv_strf("%s/static%s/lib", script->root, script->prefix);

	cenv_buf_adds(out, "lib=");
	cenv_shell_quote(out, lib);
	cenv_buf_adds(out, "\nextra=");
	cenv_shell_quote(out, extra);
	cenv_buf_adds(out, "\nif has \"$lib\"/lib*.so && ! has \"$lib\"/lib*.a; then\n");
	cenv_buf_addc(out, '\t');
	step(out, "static", "the static libraries");
	cenv_buf_adds(out, "\tif run cmake");
	cmake_words(script, out, "obj-static", "OFF");
	cenv_buf_adds(out, " &&\n\t   run ");
	cmake_make(script, out, "obj-static");
	cenv_buf_adds(out, " &&\n\t   run ");
	cmake_install(script, out, "obj-static", "static");
	cenv_buf_adds(out, " && has \"$extra\"/lib*.a\n"
			   "\tthen cp -p \"$extra\"/lib*.a \"$lib\"/\n"
			   "\telse echo 'no static libraries: left out'\n"
			   "\tfi\nfi\n");
	free(lib);
	free(extra);
}

static void cmake(const struct cenv_script *script, struct cenv_buf *out)
{
	step(out, "configure", "cmake");
	run(out, "cmake");
	cmake_words(script, out, "obj", "ON");
	end(out);
	step(out, "build", "make");
	run(out, "");
	cmake_make(script, out, "obj");
	end(out);
	step(out, "install", "make install");
	run(out, "");
	cmake_install(script, out, "obj", "stage");
	end(out);
	if (!chooses_library_kind(&script->section->options))
		cmake_static(script, out);
}

/* A recipe's own lines are one piece of shell: a loop may span several of them. */
static void recipe_lines(struct cenv_buf *out, const char *name, const struct cenv_strv *lines)
{
	if (lines->n == 0)
		return;
	step(out, name, "a command of the recipe");
	cenv_buf_adds(out, "set -x\n");
	for (size_t i = 0; i < lines->n; i++)
		cenv_buf_addf(out, "%s\n", lines->v[i]);
	cenv_buf_adds(out, "{ set +x; } 2>/dev/null\n");
}

static void commands(const struct cenv_script *script, struct cenv_buf *out)
{
	recipe_lines(out, "configure", &script->section->configure);
	/* installing is left serial: that is what Makefiles are tested with */
	if (script->jobserver) {
		char *make = make_flags(script);

		export(out, "MAKEFLAGS", "%s", make);
		free(make);
	}
	recipe_lines(out, "build", &script->section->build);
	if (script->jobserver)
		cenv_buf_adds(out, "unset MAKEFLAGS\n");
	recipe_lines(out, "install", &script->section->install);
}

void cenv_script_steps(const struct cenv_script *script, struct cenv_buf *out)
{
	cenv_buf_adds(out, "set -e\n. ");
	cenv_shell_quote(out, script->root);
	cenv_buf_adds(out, "/env.sh\ncd ");
	cenv_shell_quote(out, script->root);
	cenv_buf_adds(out, "/src/");
	if (script->section->subdir)
		cenv_shell_quote(out, script->section->subdir);
	cenv_buf_adds(out, "\nrun() { printf '+ %s\\n' \"$*\"; \"$@\"; }\n"
			   "has() { [ -e \"$1\" ]; }\n");
	switch (script->system) {
	case CENV_BUILD_MESON:
		meson(script, out);
		break;
	case CENV_BUILD_AUTOTOOLS:
	case CENV_BUILD_CONFIGURE:
		configure(script, out);
		break;
	case CENV_BUILD_CMAKE:
		cmake(script, out);
		break;
	case CENV_BUILD_MAKE:
		make_alone(script, out);
		break;
	case CENV_BUILD_COMMANDS:
	case CENV_BUILD_DETECT:
		commands(script, out);
		break;
	}
}
