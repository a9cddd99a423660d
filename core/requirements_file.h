/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_REQUIREMENTS_FILE_H
#define CENV_CORE_REQUIREMENTS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/strv.h"
#include "core/requirement.h"

/*
 * A requirements file with all it includes: pip's grammar (design, section 4).
 * Core reads no files: text comes through the reader that is handed in.
 */

/** A file may have this many bytes. */
enum { CENV_REQFILE_MAX = 16 << 20 };

/** How the parser reaches the world. */
struct cenv_reqfile_io {
	/**
	 * Read a file (path already resolved against the including file) or URL: up to
	 * CENV_REQFILE_MAX + 1 bytes, so that one that is too large costs no memory; or
	 * err->sys EFBIG for it.
	 * @return 0, or -1 with err set.
	 */
	int (*read)(void *payload, const char *path, struct cenv_buf *out, struct cenv_err *err);
	/** Value of an environment variable for ${VAR}, or NULL. May be NULL itself. */
	const char *(*getenv)(void *payload, const char *name);
	void *payload;
};

/** Everything read; zero-initialise, may be filled by several calls in order. */
struct cenv_requirements {
	struct cenv_requirement *reqs;
	size_t n, cap;
	struct cenv_requirement *constraints; /* from -c files and what those include: all named */
	size_t nconstraints, constraints_cap;
	struct cenv_strv indexes;    /* --index, in order */
	struct cenv_strv find_links; /* -f */
	struct cenv_strv mirrors;    /* --mirror */
	bool no_default_index;
	bool require_hashes;
	bool pre;
};

/**
 * Read a file and what it includes with -r and -c.
 *
 * @param as_constraints treat every requirement as a constraint (-c on the command line).
 * @return 0, or -1 with CENV_E_SYNTAX and every fault of every file in err->detail as
 *         "file:line:column: message", the line and a caret; or the reader's error.
 */
int cenv_requirements_read(struct cenv_requirements *out, const char *path, bool as_constraints,
			   const struct cenv_reqfile_io *io, struct cenv_err *err);
/** The same for a text that is at hand, as lock and freeze write it: it has no variables. */
int cenv_requirements_read_text(struct cenv_requirements *out, const char *label, const char *text,
				struct cenv_err *err);
void cenv_requirements_release(struct cenv_requirements *reqs);

#endif
