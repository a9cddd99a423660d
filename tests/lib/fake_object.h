/* SPDX-License-Identifier: MIT */
#ifndef CENV_TESTS_LIB_FAKE_OBJECT_H
#define CENV_TESTS_LIB_FAKE_OBJECT_H

#include "store/object/object.h"

/* Objects without a build: a folder with a manifest and a tree, made of a list of files. */

struct fake_file {
	const char *path; /* its folders are made as well; NULL ends a list */
	const char *text; /* "@P@" stands for the placeholder and makes a file that is patched */
	const char *link; /* target of a symlink, instead of text */
};

/** Made below the folder `base`; freed with cenv_object_free. Stops the program when it fails. */
struct cenv_object *fake_object(const char *base, const char *name, const char *version,
				const struct fake_file *files);

/** One that was made before, by another process. */
struct cenv_object *fake_object_open(const char *base, const char *name, const char *version);

#endif
