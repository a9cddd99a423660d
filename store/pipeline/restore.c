/* SPDX-License-Identifier: MIT */
#include "store/pipeline/restore.h"

#include <string.h>

#include "core/version.h"

static bool is_same_build(const struct cenv_record *a, const struct cenv_record *b)
{
	return a && a->object && b->object && !strcmp(a->object, b->object);
}

static int mark(struct cenv_work *work, struct cenv_build_plan_item *item, struct cenv_err *err)
{
	const struct cenv_record *was = cenv_records_find(work->options->restore, item->pkg->key);

	if (!was || cenv_version_cmp(was->version, item->pkg->candidate->version) != 0)
		return 0;
	item->restored = was;
	item->keep = is_same_build(item->installed, was);
	if (!was->object)
		return 0;
	if (item->keep) {
		memcpy(item->key, was->object, sizeof(item->key));
		return 0;
	}
	if (cenv_object_open(&item->object, &work->store, was->object, err) < 0)
		return -1;
	item->fixed = item->object != NULL;
	if (item->fixed)
		memcpy(item->key, was->object, sizeof(item->key));
	return 0;
}

int cenv_restore_mark(struct cenv_work *work, struct cenv_err *err)
{
	for (size_t i = 0; work->options->restore && i < work->plan.n; i++)
		if (mark(work, &work->plan.items[i], err) < 0)
			return -1;
	return 0;
}
