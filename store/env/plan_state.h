/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_PLAN_STATE_H
#define CENV_STORE_ENV_PLAN_STATE_H

#include "core/base/map.h"
#include "store/env/plan.h"

/*
 * A plan in the making, shared by its parts: plan_claims.c gathers what packages want and have,
 * plan_folder.c looks at the disk, plan_decide.c compares the two, plan.c puts the steps in order.
 */

/* Whose an entry of a manifest is. The order decides how claims of one path are sorted. */
enum cenv_side { CENV_SIDE_NEW, CENV_SIDE_KEPT, CENV_SIDE_GONE };

struct cenv_claim {
	const struct cenv_manifest_entry *entry;
	unsigned dirlen;
	enum cenv_side side;
	size_t owner; /* index into change->add or records */
};

/* What is known of a folder while its contents are looked at. */
enum cenv_folder { CENV_FOLDER_ABSENT, CENV_FOLDER_THERE, CENV_FOLDER_VANISHES };

/* A name in a folder on disk and its type: 'd', 'f', 'l' or '?'. */
struct cenv_disk_name {
	char *name;
	char type;
};

struct cenv_planner {
	struct cenv_plan *plan;
	const struct cenv_env *env;
	const struct cenv_change *change;
	const struct cenv_records *records;
	struct cenv_claim *claims;
	size_t nclaims, cap;
	struct cenv_map folders; /* path -> enum cenv_folder + 1 */
	/* the folder at hand */
	int fd; /* -1: not there */
	enum cenv_folder state;
	struct cenv_disk_name *names;
	size_t nnames, names_cap;
	/* steps that have to come in another order than they are found in */
	struct cenv_journal early, vanish, make, place, replace, recording, late;
	struct cenv_strv conflicts;
};

/* All claims of one path. */
struct cenv_claim_group {
	const struct cenv_claim *c;
	size_t n;
	const struct cenv_claim *new, *kept, *gone; /* the first of each side */
	const struct cenv_claim *gone_file; /* the one claim of CENV_SIDE_GONE that is no folder */
	bool keeps_folder;                 /* a package that stays has it as a folder */
	char disk;
};

/** Gather the claims of all packages, sorted by folder and name. */
int cenv_claims_collect(struct cenv_planner *p, struct cenv_err *err);
/** Order of the folders that two claims are in: a folder comes before those in it. */
int cenv_claims_compare_folders(const struct cenv_claim *a, const struct cenv_claim *b);
/** All claims of the path of the one at `first`. */
struct cenv_claim_group cenv_claims_at(const struct cenv_planner *p, size_t first);
/** Two packages may share folders, nothing else; a conflict is noted. */
bool cenv_claims_agree(struct cenv_planner *p, const struct cenv_claim_group *g);

/** Note that a user's file is in the way. @param path of what is there */
void cenv_plan_conflict_user(struct cenv_planner *p, const struct cenv_claim *c, const char *path);
/** CENV_E_FAIL with all conflicts, if any was noted. */
int cenv_plan_refuse(const struct cenv_planner *p, struct cenv_err *err);

/** Open and list the folder that claims are in, if it is there. */
int cenv_plan_enter(struct cenv_planner *p, const struct cenv_claim *c, struct cenv_err *err);
void cenv_plan_leave(struct cenv_planner *p);
/** Remember what is known of a folder for when its contents are looked at. */
void cenv_plan_set_folder(struct cenv_planner *p, const char *path, enum cenv_folder state);
/** The type of a claim's path on disk; 0: nothing there. */
char cenv_plan_on_disk(const struct cenv_planner *p, const struct cenv_claim *c);

/** Compare claims with the disk and note the steps. @return -1 with all conflicts */
int cenv_plan_decide(struct cenv_planner *p, struct cenv_err *err);
/** A step that keeps what is there in undo/, under the next number. */
void cenv_plan_saving(struct cenv_planner *p, struct cenv_journal *list, enum cenv_step_kind kind,
		      const char *path);

#endif
