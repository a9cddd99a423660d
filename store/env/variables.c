/* SPDX-License-Identifier: MIT */
/*
 * What bin/activate does to the variables, for running a command without a shell. The two say
 * the same: a test compares them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/env/env.h"
#include "store/fs/fs.h"

/** Search paths: what stands in front of what the user has. */
static const struct search_path {
	const char *name;
	const char *elements; /* below the environment, separated by ':' */
} search_paths[] = {
	{"PATH", "bin"},
	{"CMAKE_PREFIX_PATH", ""},
	{"C_INCLUDE_PATH", "include"},
	{"CPLUS_INCLUDE_PATH", "include"},
	{"LIBRARY_PATH", "lib"},
	{"LD_RUN_PATH", "lib"},
	{"ACLOCAL_PATH", "share/aclocal"},
	{"MANPATH", "share/man"},
};

#define PKG_CONFIG_ELEMENTS "lib/pkgconfig:share/pkgconfig"
#define TOOLCHAIN_FILE "lib/cenv/toolchain.cmake"

struct setting {
	const struct cenv_env *env;
	const char *active;   /* the environment that is active now, or NULL */
	struct cenv_map vars; /* name -> value, owned */
};

static const char *get(const struct setting *s, const char *name)
{
	return cenv_map_get(&s->vars, name);
}

static void set(struct setting *s, const char *name, char *value)
{
	free(cenv_map_put(&s->vars, name, value));
}

static void unset(struct setting *s, const char *name)
{
	free(cenv_map_remove(&s->vars, name));
}

/** elements "lib:share" below "/e" are "/e/lib:/e/share"; "" is "/e" itself. */
static char *below(const char *path, const char *elements)
{
	struct cenv_buf out = CENV_BUF_INIT;

	for (;;) {
		size_t len = strcspn(elements, ":");

		cenv_buf_adds(&out, path);
		if (len)
			cenv_buf_addc(&out, '/');
		cenv_buf_add(&out, elements, len);
		if (!elements[len])
			return cenv_buf_detach(&out);
		cenv_buf_addc(&out, ':');
		elements += len + 1;
	}
}

/** What the variable held before the active environment put `own` in front of it. */
static const char *without(const char *value, const char *own, char separator)
{
	size_t len = strlen(own);

	if (!value || strncmp(value, own, len))
		return value;
	if (!value[len])
		return NULL;
	return value[len] == separator ? value + len + 1 : value;
}

static void prepend(struct setting *s, const char *name, const char *elements, bool keep_colon)
{
	char *own = below(s->env->path, elements);
	const char *rest = get(s, name);

	if (s->active) {
		char *other = below(s->active, elements);

		rest = without(rest, other, ':');
		free(other);
	}
	rest = without(rest, own, ':');
	set(s, name,
	    cenv_strf("%s%s%s", own, keep_colon || (rest && *rest) ? ":" : "", rest ? rest : ""));
	free(own);
}

static void set_pkg_config(struct setting *s)
{
	const char *value;
	char *other;

	if (s->active) {
		other = below(s->active, PKG_CONFIG_ELEMENTS);
		value = get(s, "PKG_CONFIG_LIBDIR");
		if (value && !strcmp(value, other))
			unset(s, "PKG_CONFIG_LIBDIR");
		value = get(s, "PKG_CONFIG_PATH");
		if (value && !strcmp(value, other))
			unset(s, "PKG_CONFIG_PATH");
		free(other);
	}
	if (!s->env->cfg.system_libs)
		set(s, "PKG_CONFIG_LIBDIR", below(s->env->path, PKG_CONFIG_ELEMENTS));
	/* it is searched before PKG_CONFIG_LIBDIR, so what the user put there must come second */
	value = get(s, "PKG_CONFIG_PATH");
	if (s->env->cfg.system_libs || (value && *value))
		prepend(s, "PKG_CONFIG_PATH", PKG_CONFIG_ELEMENTS, false);
}

static void set_toolchain_file(struct setting *s)
{
	const char *value = get(s, "CMAKE_TOOLCHAIN_FILE");

	if (s->active && value) {
		char *other = below(s->active, TOOLCHAIN_FILE);

		if (!strcmp(value, other)) {
			unset(s, "CMAKE_TOOLCHAIN_FILE");
			value = NULL;
		}
		free(other);
	}
	if (!s->env->cfg.system_libs && (!value || !*value))
		set(s, "CMAKE_TOOLCHAIN_FILE", below(s->env->path, TOOLCHAIN_FILE));
}

/** Can the path stand in LDFLAGS, which shells split, make expands and -Wl, divides? */
static bool is_plain(const char *path)
{
	for (; *path; path++)
		if ((unsigned char)*path <= ' ' || strchr("\"#$&'()*,;<>?[\\]^`{|}~!\177", *path))
			return false;
	return true;
}

static char *run_path_flag(const char *path)
{
	return cenv_strf("-Wl,-rpath,%s/lib", path);
}

static void set_ldflags(struct setting *s)
{
	const char *value = get(s, "LDFLAGS");
	char *own = run_path_flag(s->env->path);

	if (s->active) {
		char *other = run_path_flag(s->active);

		value = without(value, other, ' ');
		free(other);
	}
	value = without(value, own, ' ');
	if (is_plain(s->env->path))
		set(s, "LDFLAGS", cenv_strf("%s%s%s", own, value && *value ? " " : "",
					    value ? value : ""));
	else if (!value)
		unset(s, "LDFLAGS");
	else if (value != get(s, "LDFLAGS"))
		set(s, "LDFLAGS", cenv_xstrdup(value));
	free(own);
}

static void read_environ(struct setting *s)
{
	for (char **e = environ; *e; e++) {
		const char *equals = strchr(*e, '=');
		char *name;

		if (!equals)
			continue;
		name = cenv_xstrndup(*e, (size_t)(equals - *e));
		if (!cenv_map_has(&s->vars, name))
			cenv_map_put(&s->vars, name, cenv_xstrdup(equals + 1));
		free(name);
	}
	s->active = get(s, "CENV");
	if (s->active && !*s->active)
		s->active = NULL;
}

static const char *prompt_of(const struct cenv_env *env)
{
	return env->cfg.prompt ? env->cfg.prompt : cenv_path_base(env->path);
}

int cenv_env_variables(const struct cenv_env *env, bool ld_library_path, struct cenv_strv *out,
		       struct cenv_err *err)
{
	struct setting s = {.env = env};
	char *active;

	if (strchr(env->path, ':'))
		return cenv_err_set(err, CENV_E_FAIL,
				    "'%s' holds a colon, which no search path can: rename it",
				    env->path);
	read_environ(&s);
	active = cenv_xstrdup(s.active); /* CENV itself is about to change */
	s.active = active;
	for (size_t i = 0; i < sizeof(search_paths) / sizeof(*search_paths); i++)
		prepend(&s, search_paths[i].name, search_paths[i].elements,
			!strcmp(search_paths[i].name, "MANPATH"));
	set_pkg_config(&s);
	set_toolchain_file(&s);
	set_ldflags(&s);
	set(&s, "CENV", cenv_xstrdup(env->path));
	set(&s, "CENV_PROMPT", cenv_xstrdup(prompt_of(env)));
	if (ld_library_path)
		prepend(&s, "LD_LIBRARY_PATH", "lib", false);
	for (size_t i = 0; i < s.vars.n; i++)
		if (s.vars.entries[i].key)
			cenv_strv_addf(out, "%s=%s", s.vars.entries[i].key,
				       (const char *)s.vars.entries[i].value);
	cenv_map_release(&s.vars, free);
	free(active);
	return 0;
}
