/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_INI_H
#define CENV_CORE_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "core/faults.h"

/*
 * INI text as sections, keys and values that know their lines; parsed by inih.
 *
 *     [section]
 *     key = value
 *     list =
 *         one item a line
 *         # a comment has a line of its own
 *
 * `;` and `#` inside a value belong to the value. Sections and keys come in
 * file order, repeated ones as often as they stand there: whether that is
 * allowed is the caller's to say.
 */
struct cenv_ini_value {
	char *text; /* not empty, no blanks at either end */
	unsigned line;
};

struct cenv_ini_key {
	char *name;
	unsigned line;
	struct cenv_ini_value *values; /* none: `key =` alone */
	size_t n, cap;
};

struct cenv_ini_section {
	char *name;
	unsigned line;
	struct cenv_ini_key *keys;
	size_t n, cap;
};

struct cenv_ini {
	struct cenv_ini_section *sections;
	size_t n, cap;
};

/** Bytes of a line, without its end, that inih takes; a longer one is a fault. */
#define CENV_INI_LINE_MAX 199

/** Keys of one section; more are a fault: nobody writes them, and callers look through all. */
#define CENV_INI_KEYS_MAX 256

/** Parse; what cannot be understood is added to `faults` and left out. */
void cenv_ini_parse(struct cenv_ini *out, const char *text, size_t len,
		    struct cenv_faults *faults);

/** A section that somebody else may take. Borrowed from the text. */
struct cenv_ini_raw {
	const char *name; /* all between the brackets */
	size_t name_len;
	unsigned line;
	const char *body; /* the lines below, to the end of the text */
	size_t len;       /* whoever takes it cuts this to the section's own lines, and counts them */
	unsigned lines;
};

/** The same, but sections that `take` says true of are its own: they don't appear in out. */
void cenv_ini_parse_some(struct cenv_ini *out, const char *text, size_t len,
			 bool (*take)(struct cenv_ini_raw *section, void *payload), void *payload,
			 struct cenv_faults *faults);

/** The first key of that name, or NULL. */
const struct cenv_ini_key *cenv_ini_key(const struct cenv_ini_section *section, const char *name);

void cenv_ini_release(struct cenv_ini *ini);

#endif
