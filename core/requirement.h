/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_REQUIREMENT_H
#define CENV_CORE_REQUIREMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/strv.h"
#include "core/marker.h"
#include "core/specifier.h"

/* One wanted library, as design section 4 writes it. */

/** Bounds of what is accepted: bytes of a requirement's text, features, options (hashes included). */
enum { CENV_REQUIREMENT_MAX = 65536, CENV_FEATURES_MAX = 256, CENV_OPTIONS_MAX = 512 };

enum cenv_req_kind {
	CENV_REQ_NAME, /* name[features]spec */
	CENV_REQ_URL,  /* https, http, file URL of an archive, with or without "name @" */
	CENV_REQ_PATH, /* a local archive or folder; starts with . or /, or ends like an archive */
};

/** Where a requirement was written, for messages. */
struct cenv_origin {
	char *file; /* NULL: the command line */
	unsigned line; /* 0: file is what to call it in messages */
	unsigned column;
	bool added; /* by the command line, to a file that does not have it yet */
};

/** The file of requirements that stand for what was asked for before and is installed. */
#define CENV_ORIGIN_INSTALLED "installed earlier"

struct cenv_requirement {
	enum cenv_req_kind kind;
	bool editable; /* -e */
	bool borrowed; /* the strings are someone else's, and outlive this */
	char *name;     /* as written; NULL when only the archive knows it */
	char *key;      /* normalised name; NULL with name */
	struct cenv_strv features_on;  /* [feat], as written, sorted */
	struct cenv_strv features_off; /* [-feat] */
	struct cenv_specifier spec;
	char *location; /* URL, or path as resolved against the file it stands in; NULL for NAME */
	struct cenv_strv hashes;      /* lower-case hex sha256 of acceptable archives */
	struct cenv_strv tree_hashes; /* lower-case hex sha256 of acceptable unpacked trees */
	struct cenv_strv options;     /* --config-settings=options=VALUE, one build option each */
	char *marker_text;            /* as written, or NULL */
	struct cenv_marker *marker;   /* parsed, or NULL */
	struct cenv_origin origin;
	char *text; /* the whole requirement as the user wrote it, without credentials, for messages */
};

/**
 * Parse one logical line without per-file options: a command-line argument or
 * a recipe's `requires` line.
 *
 * @param base folder that relative paths are resolved against; NULL: leave them.
 * @param errpos byte offset of the fault in text, may be NULL.
 * @return 0, or -1 with CENV_E_SYNTAX; out is then empty.
 */
int cenv_requirement_parse(struct cenv_requirement *out, const char *text, const char *base,
			   size_t *errpos, struct cenv_err *err);

/** Append the normal form: name[feat,-feat]spec ; marker --hash=... Stable, parses back. */
void cenv_requirement_format(const struct cenv_requirement *req, struct cenv_buf *out);

/** "requirements.txt:4" or "the command line": where it was asked for. Caller frees. */
char *cenv_origin_text(const struct cenv_origin *origin);

void cenv_requirement_copy(struct cenv_requirement *to, const struct cenv_requirement *from);
void cenv_requirement_release(struct cenv_requirement *req);

/**
 * Name and version from an archive's file name or URL: "libfoo-1.2.tar.gz" is
 * libfoo 1.2. Both callers' to free.
 * @return false when the name does not follow NAME-VERSION or is no archive's.
 */
bool cenv_archive_name_split(const char *file_or_url, char **name, char **version);

/** The last component of a path or of a URL's path, decoded: the archive's file name. Caller
 *  frees. */
char *cenv_archive_base_name(const char *file_or_url);

/** Does the name end like an archive that cenv can unpack? */
bool cenv_is_archive_name(const char *name);

#endif
