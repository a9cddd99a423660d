/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_RECORD_H
#define CENV_STORE_ENV_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/env/env.h"
#include "store/object/manifest.h"

/*
 * What an environment remembers of an installed package: lib/cenv/<key>.json, and beside it
 * lib/cenv/<key>.files with the list of its files, read only when it is needed.
 */
struct cenv_record {
	char *name, *key, *version; /* key: normalised name, the file's name */
	char *summary, *license;    /* or NULL */
	struct cenv_strv features;     /* on, sorted */
	struct cenv_strv features_off; /* default features that are off, sorted */
	char *url;        /* where it came from, without credentials; NULL: unknown */
	bool by_url;      /* asked for as URL or path: freeze prints name @ url */
	bool editable;
	char *sha256;     /* of the archive; NULL for a folder */
	char *tree_hash;  /* or NULL */
	struct cenv_strv options;  /* --config-settings */
	struct cenv_strv requires; /* requirement lines in force, features' included */
	struct cenv_strv deps;     /* keys of the packages that satisfy them, sorted */
	bool direct;      /* the user named it (else it came as a dependency) */
	char *object;     /* build key */
	char *system;     /* build system */
	char *compiler;   /* "gcc 12.2.0"; or NULL */
	char *index;      /* which index the recipe is from; NULL: none */
	char *prefix;     /* where patched files think they are; NULL when no file is patched */
};

struct cenv_records {
	struct cenv_record *v; /* sorted by key */
	size_t n, cap;
};

/** All records of an environment. A damaged one is CENV_E_INTEGRITY with the file named. */
int cenv_records_read(struct cenv_records *out, const struct cenv_env *env, struct cenv_err *err);
const struct cenv_record *cenv_records_find(const struct cenv_records *records, const char *key);
/** Put in a copy, in place of one of the same key. */
void cenv_records_put(struct cenv_records *records, const struct cenv_record *record);
void cenv_records_remove(struct cenv_records *records, const char *key);
void cenv_records_release(struct cenv_records *records);

int cenv_record_parse(struct cenv_record *out, const char *json, size_t len, const char *label,
		      struct cenv_err *err);
/** Stable: the same record gives the same bytes. */
void cenv_record_format(const struct cenv_record *record, struct cenv_buf *out);
void cenv_record_copy(struct cenv_record *to, const struct cenv_record *from);
/** Do they say the same, but for the prefix? */
bool cenv_record_same(const struct cenv_record *a, const struct cenv_record *b);
void cenv_record_release(struct cenv_record *record);

/** The files of an installed package. */
int cenv_record_files(struct cenv_manifest *out, const struct cenv_env *env, const char *key,
		      struct cenv_err *err);

#endif
