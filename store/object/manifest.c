/* SPDX-License-Identifier: MIT */
#include "store/object/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

/* The first line; the number goes up when a reader of the old format would misunderstand. */
static const char header[] = "cenv-manifest 1\n";

#define PATH_LEN_MAX 4095
#define NAME_LEN_MAX 255

struct cenv_manifest_entry *cenv_manifest_add(struct cenv_manifest *manifest)
{
	CENV_GROW(manifest->entries, manifest->n, manifest->cap);
	manifest->entries[manifest->n] = (struct cenv_manifest_entry){0};
	return &manifest->entries[manifest->n++];
}

static int compare(const void *a, const void *b)
{
	const struct cenv_manifest_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void cenv_manifest_sort(struct cenv_manifest *manifest)
{
	if (manifest->n > 1)
		qsort(manifest->entries, manifest->n, sizeof(*manifest->entries), compare);
}

const struct cenv_manifest_entry *cenv_manifest_find(const struct cenv_manifest *manifest,
						     const char *path)
{
	size_t lo = 0, hi = manifest->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = strcmp(path, manifest->entries[mid].path);

		if (cmp == 0)
			return &manifest->entries[mid];
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

bool cenv_manifest_is_patched(const struct cenv_manifest *manifest)
{
	for (size_t i = 0; i < manifest->n; i++)
		if (manifest->entries[i].reloc_kind != CENV_RELOC_NONE)
			return true;
	return false;
}

void cenv_manifest_release(struct cenv_manifest *manifest)
{
	for (size_t i = 0; i < manifest->n; i++) {
		free(manifest->entries[i].path);
		free(manifest->entries[i].target);
		free(manifest->entries[i].relocs);
	}
	free(manifest->entries);
	*manifest = (struct cenv_manifest){0};
}

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return true;
	return false;
}

static bool is_dots(const char *s, size_t len)
{
	return len && len <= 2 && s[0] == '.' && s[len - 1] == '.';
}

bool cenv_manifest_path_valid(const char *path, size_t len)
{
	const char *end = path + len;

	if (!len || len > PATH_LEN_MAX || has_control(path, len))
		return false;
	for (const char *p = path; p <= end;) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		size_t n = (size_t)((slash ? slash : end) - p);

		if (!n || n > NAME_LEN_MAX || is_dots(p, n))
			return false;
		p += n + 1;
	}
	return true;
}

/*
 * A link must not lead out of the tree. Counting components decides it: the folders of a path
 * are real folders (checked), so ".." means what it says until the target passes another link,
 * and that one was checked as well.
 */
static bool target_valid(const char *path, const char *target, size_t len)
{
	const char *end = target + len;
	long depth = 0;

	if (!len || len > PATH_LEN_MAX || *target == '/' || has_control(target, len))
		return false;
	for (const char *p = path; *p; p++)
		depth += *p == '/';
	for (const char *p = target; p < end;) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		size_t n = (size_t)((slash ? slash : end) - p);

		if (n == 2 && is_dots(p, n))
			depth--;
		else if (n && !is_dots(p, n))
			depth++;
		if (depth < 0)
			return false;
		p += n + 1;
	}
	return true;
}

/* ---- reading ---- */

/* What is left of a line. */
struct cursor {
	const char *p, *end;
};

/* The next field, up to a TAB or the end of the line; false when there is none. */
static bool field(struct cursor *c, const char **s, size_t *len)
{
	const char *tab;

	if (c->p > c->end)
		return false;
	tab = memchr(c->p, '\t', (size_t)(c->end - c->p));
	*s = c->p;
	*len = (size_t)((tab ? tab : c->end) - c->p);
	c->p += *len + 1;
	return true;
}

/* Digits at *p; moves behind them. */
static bool number(const char **p, const char *end, uint64_t max, uint64_t *out)
{
	const char *start = *p;
	uint64_t value = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; ++*p) {
		unsigned digit = (unsigned)(**p - '0');

		if (value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return *p > start;
}

static bool parse_mode(struct cursor *c, mode_t *out)
{
	const char *s;
	size_t len;

	*out = 0;
	if (!field(c, &s, &len) || len != 3)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '7')
			return false;
		*out = *out * 8 + (mode_t)(s[i] - '0');
	}
	return true;
}

static bool parse_size(struct cursor *c, uint64_t *out)
{
	const char *s;
	size_t len;

	return field(c, &s, &len) && number(&s, s + len, INT64_MAX, out) && s + 1 == c->p;
}

static bool parse_sha256(struct cursor *c, char out[CENV_SHA256_HEX])
{
	const char *s;
	size_t len;

	if (!field(c, &s, &len) || !cenv_is_sha256(s, len))
		return false;
	memcpy(out, s, len);
	out[len] = '\0';
	return true;
}

static bool parse_reloc(const char **p, const char *end, struct cenv_manifest_entry *e)
{
	uint64_t last = e->nrelocs ? e->relocs[e->nrelocs - 1].offset + 1 : 0, offset, length = 0;

	if (!number(p, end, INT64_MAX, &offset) || offset < last)
		return false;
	/* a text has another size once it is patched, a binary has not */
	if (e->reloc_kind == CENV_RELOC_BINARY) {
		if (*p == end || *(*p)++ != '+' || !number(p, end, UINT32_MAX, &length) || !length)
			return false;
		if (offset >= e->size || length > e->size - offset)
			return false;
	}
	e->relocs[e->nrelocs++] = (struct cenv_reloc){.offset = offset, .length = (uint32_t)length};
	return true;
}

/* "t12,90" or "b12+300,512+260" */
static bool parse_relocs(struct cursor *c, struct cenv_manifest_entry *e)
{
	const char *s, *end;
	size_t len, cap = 1;

	if (!field(c, &s, &len)) /* most files have none */
		return true;
	if (len < 2 || (*s != 't' && *s != 'b'))
		return false;
	end = s + len;
	e->reloc_kind = *s++ == 't' ? CENV_RELOC_TEXT : CENV_RELOC_BINARY;
	for (const char *p = s; p < end; p++)
		cap += *p == ',';
	e->relocs = cenv_xreallocarray(NULL, cap, sizeof(*e->relocs));
	for (;;) {
		if (!parse_reloc(&s, end, e))
			return false;
		if (s == end)
			return true;
		if (*s++ != ',')
			return false;
	}
}

static const char *parse_entry(struct cursor *c, struct cenv_manifest_entry *e)
{
	const char *s;
	size_t len;

	if (!field(c, &s, &len) || len != 1 || !strchr("dfl", *s))
		return "unknown type of entry";
	e->type = *s;
	if (!parse_mode(c, &e->mode))
		return "malformed mode";
	if (e->type == 'f' && (!parse_size(c, &e->size) || !parse_sha256(c, e->sha256)))
		return "malformed size or sha256";
	if (!field(c, &s, &len) || !cenv_manifest_path_valid(s, len))
		return "unsafe path";
	e->path = cenv_xstrndup(s, len);
	if (e->type == 'l') {
		if (!field(c, &s, &len) || !target_valid(e->path, s, len))
			return "unsafe link target";
		e->target = cenv_xstrndup(s, len);
	}
	if (e->type == 'f' && !parse_relocs(c, e))
		return "malformed relocations";
	return c->p > c->end ? NULL : "too many fields";
}

/* Sorted, so nothing stands twice; and inside a folder that was listed before. */
static const char *check_place(const struct cenv_manifest *m)
{
	const struct cenv_manifest_entry *e = &m->entries[m->n - 1], *parent;
	const char *slash = strrchr(e->path, '/'), *before;
	size_t len = slash ? (size_t)(slash - e->path) : 0;
	char *dir;

	if (m->n > 1) {
		before = e[-1].path;
		if (strcmp(before, e->path) >= 0)
			return "not sorted by path";
		/* a neighbour in the same folder has been through this */
		if (!slash || (!strncmp(before, e->path, len + 1) && !strchr(before + len + 1, '/')))
			return NULL;
	}
	if (!slash)
		return NULL;
	dir = cenv_xstrndup(e->path, len);
	parent = cenv_manifest_find(m, dir);
	free(dir);
	return parent && parent->type == 'd' ? NULL : "its folder is not listed before it";
}

static size_t count_lines(const char *p, const char *end)
{
	size_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		n++;
		p++;
	}
	return n;
}

static int malformed(const char *label, size_t line, const char *why, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_INTEGRITY, "'%s' line %zu is damaged: %s", label, line, why);
	return -1;
}

int cenv_manifest_parse(struct cenv_manifest *out, const char *text, size_t len, const char *label,
			struct cenv_err *err)
{
	const char *p = text, *end = text + len;
	size_t lines = 1;

	*out = (struct cenv_manifest){0};
	if (len < sizeof(header) - 1 || memcmp(text, header, sizeof(header) - 1))
		return malformed(label, 1, "not a manifest of format 1", err);
	p += sizeof(header) - 1;
	out->cap = count_lines(p, end);
	out->entries = cenv_xreallocarray(NULL, out->cap + 1, sizeof(*out->entries));
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *why;
		struct cursor c = {.p = p, .end = nl};

		lines++;
		if (!nl)
			why = "the end is missing";
		else if (!(why = parse_entry(&c, cenv_manifest_add(out))))
			why = check_place(out);
		if (why) {
			cenv_manifest_release(out);
			return malformed(label, lines, why, err);
		}
		p = nl + 1;
	}
	return 0;
}

/* ---- writing ---- */

static void format_relocs(const struct cenv_manifest_entry *e, struct cenv_buf *out)
{
	for (size_t i = 0; i < e->nrelocs; i++) {
		const struct cenv_reloc *r = &e->relocs[i];
		const char *lead = i ? "," : e->reloc_kind == CENV_RELOC_TEXT ? "\tt" : "\tb";

		cenv_buf_addf(out, "%s%llu", lead, (unsigned long long)r->offset);
		if (e->reloc_kind == CENV_RELOC_BINARY)
			cenv_buf_addf(out, "+%lu", (unsigned long)r->length);
	}
}

void cenv_manifest_format(const struct cenv_manifest *manifest, struct cenv_buf *out)
{
	cenv_buf_adds(out, header);
	for (size_t i = 0; i < manifest->n; i++) {
		const struct cenv_manifest_entry *e = &manifest->entries[i];

		cenv_buf_addf(out, "%c\t%03o\t", e->type, (unsigned)(e->mode & 0777));
		if (e->type == 'f')
			cenv_buf_addf(out, "%llu\t%s\t", (unsigned long long)e->size, e->sha256);
		cenv_buf_adds(out, e->path);
		if (e->type == 'l')
			cenv_buf_addf(out, "\t%s", e->target);
		if (e->type == 'f' && e->reloc_kind != CENV_RELOC_NONE)
			format_relocs(e, out);
		cenv_buf_addc(out, '\n');
	}
}
