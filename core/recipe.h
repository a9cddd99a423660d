/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_RECIPE_H
#define CENV_CORE_RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/strv.h"
#include "core/requirement.h"

/*
 * More is refused: each version carries what [build] and the features say, so that a hostile
 * recipe's cost is the product of these. The longest real ones have a few hundred lines.
 */
#define CENV_RECIPE_MAX (256 * 1024) /* bytes */
#define CENV_RECIPE_VERSIONS_MAX 512
#define CENV_RECIPE_FEATURES_MAX 64
#define CENV_RECIPE_ITEMS_MAX 100000 /* versions times list items of [build] and features */

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

/**
 * [build], or [build] as [version V] changes it. A key given under [version] replaces the whole
 * value. Where one item is one line in the file it is one argument here, blanks and all; the
 * lists marked "words" are split at blanks.
 */
struct cenv_build_section {
	enum cenv_build_system system;
	char *subdir;              /* where the build files are, relative to the sources; NULL: the top */
	struct cenv_strv options;  /* arguments for configure, cmake or meson */
	struct cenv_strv make;     /* further arguments for make: variables */
	struct cenv_strv targets;  /* words: make targets to build; none: the default */
	struct cenv_strv install_targets; /* words, key install-targets; none: install */
	struct cenv_strv env;      /* NAME=value for the whole build */
	struct cenv_strv cflags, ldflags; /* words */
	struct cenv_strv configure, build, install; /* shell lines, system = commands */
	struct cenv_strv tools;    /* words: programs of the machine it needs: perl, nasm */
	struct cenv_strv patches;  /* reserved */
};

/** [feature NAME] */
struct cenv_feature {
	char *name;
	char *summary;
	bool is_default;
	struct cenv_strv enable, disable; /* arguments added to options when it is on, or off */
	unsigned line;
	struct cenv_requirement *requires; /* requires[NAME] */
	size_t nrequires;
};

/** [version V] */
struct cenv_recipe_version {
	char *version;
	struct cenv_strv urls;
	char *sha256;    /* lower-case hex; NULL in a cenv.ini */
	char *tree_hash; /* lower-case hex, or NULL */
	char *date;      /* YYYY-MM-DD or NULL */
	unsigned line;
	struct cenv_build_section *build;  /* merged: ready to use */
	struct cenv_feature *features;     /* merged: nfeatures of the recipe, same order */
	struct cenv_requirement *requires; /* merged */
	size_t nrequires;
	bool is_plain; /* what it holds is the recipe's: its text, its arena, its [build] */
	char *unread;  /* not NULL: all but version, date and line is still to be read */
	size_t unread_len, unread_requires; /* bytes; requirements among them */
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
	char *text; /* plain versions point into it, and cut it into strings; else NULL */
	struct cenv_arena arena; /* of plain versions */
	struct cenv_build_section base; /* [build] alone: that of plain versions */
	struct cenv_requirement *requires; /* of [build] */
	size_t nrequires;
};

/**
 * Parse a recipe.
 *
 * @param path  the file's name for messages, and where they send the reader.
 * @param in_archive a library's own cenv.ini: `version` is a key of [package], no [version].
 * @return 0, or -1 with CENV_E_SYNTAX and every fault in err->detail as "file:line: message".
 */
int cenv_recipe_parse(struct cenv_recipe **out, const char *text, size_t len, const char *path,
		      bool in_archive, struct cenv_err *err);
void cenv_recipe_free(struct cenv_recipe *recipe);

/**
 * The same for a recipe that is the package `key`, but versions whose lines are plain (see
 * recipe_plain.h) are only looked over: the resolver asks for few of them. The same faults are
 * found.
 *
 * @param text taken over: it is empty afterwards, whatever the outcome.
 */
int cenv_recipe_outline(struct cenv_recipe **out, struct cenv_buf *text, const char *path,
			const char *key, struct cenv_err *err);

/** Read what an outline left of a version, or of all; does nothing the second time. */
void cenv_recipe_read_version(const struct cenv_recipe *recipe,
			      const struct cenv_recipe_version *version);
void cenv_recipe_read_all(const struct cenv_recipe *recipe);

/** The version by name (equal under cenv_version_cmp), or NULL. */
const struct cenv_recipe_version *cenv_recipe_version(const struct cenv_recipe *recipe,
						      const char *version);
/** Index into features by name (compared as package names are), or -1. */
int cenv_recipe_feature(const struct cenv_recipe *recipe, const char *name);

/** As it is written in a recipe; "detect" for CENV_BUILD_DETECT. */
const char *cenv_build_system_name(enum cenv_build_system system);

#endif
