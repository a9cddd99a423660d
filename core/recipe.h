/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_RECIPE_H
#define CENV_CORE_RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "core/requirement.h"

/*
 * Recipes: what cenv knows of a library, one INI file each (design, section 5).
 * A recipe never changes once parsed; accessors return borrowed values.
 */

/** How it builds. */
enum cenv_build_system {
	CENV_BUILD_DETECT, /* nothing said: look at the sources */
	CENV_BUILD_MESON,
	CENV_BUILD_AUTOTOOLS,
	CENV_BUILD_CMAKE,
	CENV_BUILD_CONFIGURE, /* a configure that is not Autoconf's */
	CENV_BUILD_MAKE,
	CENV_BUILD_COMMANDS,
};

/** [build], or [build] as [version V] changes it. A key given under [version] replaces the whole value. */
struct cenv_build_section {
	enum cenv_build_system system;
	char *subdir;              /* where the build files are, relative to the sources; NULL: the top */
	struct cenv_strv options;  /* for configure, cmake or meson, one word each */
	struct cenv_strv make;     /* further words for make: variables, one each */
	struct cenv_strv targets;  /* make targets to build; none: the default */
	struct cenv_strv install_targets; /* none: install */
	struct cenv_strv env;      /* NAME=value for the whole build */
	struct cenv_strv cflags, ldflags; /* one word each */
	struct cenv_strv configure, build, install; /* shell lines, system = commands */
	struct cenv_strv tools;    /* programs of the machine it needs: perl, nasm */
	struct cenv_strv patches;  /* reserved */
	struct cenv_requirement *requires;
	size_t nrequires;
};

/** [feature NAME] */
struct cenv_feature {
	char *name;
	char *summary;
	bool is_default;
	struct cenv_strv enable, disable; /* build options, one word each */
	struct cenv_requirement *requires; /* requires[NAME] of [build] */
	size_t nrequires;
};

/** [version V] */
struct cenv_recipe_version {
	char *version;
	struct cenv_strv urls;
	char *sha256;    /* lower-case hex; NULL in a cenv.ini */
	char *tree_hash; /* or NULL */
	char *date;      /* YYYY-MM-DD or NULL */
	unsigned line;
	struct cenv_build_section build; /* merged: ready to use */
	struct cenv_feature *features;   /* merged: nfeatures of the recipe, same order */
};

struct cenv_recipe {
	char *name, *key; /* key: normalised */
	char *summary, *homepage, *license;
	struct cenv_strv pkgconfig; /* modules that it must install */
	struct cenv_feature *features; /* sorted by name */
	size_t nfeatures;
	struct cenv_recipe_version *versions; /* newest first */
	size_t nversions;
	char *path; /* the file it came from, for messages */
};

/**
 * Parse a recipe.
 *
 * @param path  the file's name for messages.
 * @param in_archive a library's own cenv.ini: `version` is a key of [package], no [version].
 * @return 0, or -1 with CENV_E_SYNTAX and every fault in err->detail as "file:line: message".
 */
int cenv_recipe_parse(struct cenv_recipe **out, const char *text, size_t len, const char *path,
		      bool in_archive, struct cenv_err *err);
void cenv_recipe_free(struct cenv_recipe *recipe);

/** The version by name (equal under cenv_version_cmp), or NULL. */
const struct cenv_recipe_version *cenv_recipe_version(const struct cenv_recipe *recipe,
						      const char *version);
/** Index into features, or -1. */
int cenv_recipe_feature(const struct cenv_recipe *recipe, const char *name);

const char *cenv_build_system_name(enum cenv_build_system system);

#endif
