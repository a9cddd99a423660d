/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_JSON_H
#define CENV_CMD_JSON_H

#include <cjson/cJSON.h>

#include "core/base/strv.h"
#include "store/env/record.h"

/* --json: one document on standard output, with "version": 1. */

/** A new document that has only its version. */
cJSON *json_document(void);
/** Print the document and free it. */
void json_print(cJSON *document);
/** Add a string, or nothing when value is NULL. */
void json_add_string(cJSON *object, const char *name, const char *value);
void json_add_strings(cJSON *object, const char *name, const struct cenv_strv *values);
/** What list and show say of an installed package. */
cJSON *json_record(const struct cenv_record *record);

#endif
