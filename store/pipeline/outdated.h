/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_OUTDATED_H
#define CENV_STORE_PIPELINE_OUTDATED_H

#include "store/pipeline/pipeline.h"

/** An installed package for which something newer exists. */
struct cenv_outdated {
	char *name, *installed;
	char *allowed; /* what upgrading everything would choose */
	char *newest;  /* the newest release that an index has */
};

struct cenv_outdated_list {
	struct cenv_outdated *v;
	size_t n, cap;
};

/** @param options env and wanted (indexes, constraints); nothing is changed. */
int cenv_find_outdated(struct cenv_outdated_list *out, const struct cenv_install_options *options,
		       struct cenv_err *err);
void cenv_outdated_release(struct cenv_outdated_list *list);

#endif
