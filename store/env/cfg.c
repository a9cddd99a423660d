/* SPDX-License-Identifier: MIT */
#include "store/env/cfg.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

struct line {
	const char *key, *value;
	size_t key_len, value_len;
};

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return true;
	return false;
}

bool cenv_cfg_value_valid(const char *value)
{
	size_t len = strlen(value);
	const char *start = value;
	size_t trimmed = len;

	cenv_str_trim(&start, &trimmed);
	return len > 0 && trimmed == len && len <= CENV_CFG_VALUE_MAX && !has_control(value, len);
}

/** @return 1 a key and its value, 0 nothing on this line, -1 malformed. */
static int split_line(struct line *out, const char *s, size_t len)
{
	const char *equals;

	cenv_str_trim(&s, &len);
	if (len == 0 || *s == '#')
		return 0;
	equals = memchr(s, '=', len);
	if (!equals || has_control(s, len))
		return -1;
	*out = (struct line){.key = s,
			     .key_len = (size_t)(equals - s),
			     .value = equals + 1,
			     .value_len = len - (size_t)(equals + 1 - s)};
	cenv_str_trim(&out->key, &out->key_len);
	cenv_str_trim(&out->value, &out->value_len);
	return out->key_len && out->value_len <= CENV_CFG_VALUE_MAX ? 1 : -1;
}

static bool line_is(const struct line *line, const char *key)
{
	return line->key_len == strlen(key) && !memcmp(line->key, key, line->key_len);
}

static bool value_is(const struct line *line, const char *value)
{
	return line->value_len == strlen(value) && !memcmp(line->value, value, line->value_len);
}

static int set_bool(bool *out, const struct line *line)
{
	*out = value_is(line, "true");
	return *out || value_is(line, "false") ? 0 : -1;
}

/** A key that stands twice is refused: which one holds would be a guess. */
static int set_string(char **out, const struct line *line)
{
	if (*out)
		return -1;
	*out = line->value_len ? cenv_xstrndup(line->value, line->value_len) : NULL;
	return 0;
}

static int set_key(struct cenv_cfg *cfg, const struct line *line)
{
	if (line_is(line, "version"))
		return set_string(&cfg->version, line);
	if (line_is(line, "prompt"))
		return set_string(&cfg->prompt, line);
	if (line_is(line, "system-libs"))
		return set_bool(&cfg->system_libs, line);
	if (line_is(line, "target"))
		return set_string(&cfg->target, line);
	if (line_is(line, "compiler"))
		return set_string(&cfg->compiler, line);
	if (line_is(line, "created-by"))
		return set_string(&cfg->created_by, line);
	return 0; /* a later cenv's: none of our business */
}

static int parse_lines(struct cenv_cfg *out, const char *text, size_t len, const char *label,
		       struct cenv_err *err)
{
	const char *end = text + len;

	for (unsigned number = 1; text < end; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		struct line line;
		int kind = split_line(&line, text, (size_t)(stop - text));

		if (kind < 0 || (kind > 0 && set_key(out, &line) < 0))
			return cenv_err_set(err, CENV_E_SYNTAX, "%s:%u: not a 'key = value' line %s",
					    label, number, "that cenv understands");
		text = newline ? newline + 1 : end;
	}
	return 0;
}

int cenv_cfg_parse(struct cenv_cfg *out, const char *text, size_t len, const char *label,
		   struct cenv_err *err)
{
	const char *missing;

	*out = (struct cenv_cfg){0};
	if (parse_lines(out, text, len, label, err) < 0)
		goto fail;
	missing = !out->version ? "version" : !out->target ? "target" : NULL;
	if (missing) {
		cenv_err_set(err, CENV_E_SYNTAX, "%s: no line '%s = ...'", label, missing);
		goto fail;
	}
	if (!out->compiler)
		out->compiler = cenv_xstrdup("cc");
	return 0;
fail:
	cenv_cfg_release(out);
	return -1;
}

void cenv_cfg_format(const struct cenv_cfg *cfg, struct cenv_buf *out)
{
	cenv_buf_addf(out, "version = %s\n", cfg->version);
	if (cfg->prompt)
		cenv_buf_addf(out, "prompt = %s\n", cfg->prompt);
	cenv_buf_addf(out, "system-libs = %s\n", cfg->system_libs ? "true" : "false");
	cenv_buf_addf(out, "target = %s\n", cfg->target);
	cenv_buf_addf(out, "compiler = %s\n", cfg->compiler);
	if (cfg->created_by)
		cenv_buf_addf(out, "created-by = %s\n", cfg->created_by);
}

void cenv_cfg_release(struct cenv_cfg *cfg)
{
	free(cfg->version);
	free(cfg->prompt);
	free(cfg->target);
	free(cfg->compiler);
	free(cfg->created_by);
	*cfg = (struct cenv_cfg){0};
}
