/* SPDX-License-Identifier: MIT */
#include "store/object/relocate.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "store/object/object.h"

#define PLEN ((size_t)CENV_PLACEHOLDER_LEN)

/* the marker that the placeholder repeats, and its rarest byte, which memchr looks for */
static const char mark[] = "cenv_Qx7";
#define PERIOD 8u
#define RARE_AT 5u

static bool is_placeholder(const char *data, size_t len, size_t at)
{
	return at <= len && len - at >= PLEN && !memcmp(data + at, cenv_placeholder, PLEN);
}

/*
 * Do at least PERIOD characters around `hit`, a rare byte, go on as the marker does? Bytes
 * before `floor` are known: a placeholder that was found whole.
 *
 * @param width of a character: 1, or 2 and 4 in UTF-16 and UTF-32, which can't be patched either.
 */
static bool is_fragment_of(const char *data, size_t len, size_t floor, size_t hit, size_t width)
{
	size_t run = 1;

	for (size_t i = 1; i < PERIOD && i * width <= hit - floor; i++, run++)
		if (data[hit - i * width] != mark[(RARE_AT + PERIOD - i) % PERIOD])
			break;
	for (size_t i = 1; i < PERIOD && i * width < len - hit; i++, run++)
		if (data[hit + i * width] != mark[(RARE_AT + i) % PERIOD])
			break;
	return run >= PERIOD;
}

static bool is_fragment(const char *data, size_t len, size_t floor, size_t hit)
{
	return is_fragment_of(data, len, floor, hit, 1) ||
	       is_fragment_of(data, len, floor, hit, 2) || is_fragment_of(data, len, floor, hit, 4);
}

static size_t string_length(const char *data, size_t len, size_t at)
{
	const char *nul = memchr(data + at, '\0', len - at);

	return nul ? (size_t)(nul - data) - at : len - at;
}

static void add_reloc(struct cenv_reloc_list *out, const char *data, size_t len, size_t at)
{
	struct cenv_reloc reloc = {.offset = at};

	if (out->kind == CENV_RELOC_NONE)
		out->kind = memchr(data, '\0', len) ? CENV_RELOC_BINARY : CENV_RELOC_TEXT;
	if (out->kind == CENV_RELOC_BINARY)
		reloc.length = (uint32_t)string_length(data, len, at);
	CENV_GROW(out->relocs, out->n, out->cap);
	out->relocs[out->n++] = reloc;
}

bool cenv_reloc_scan(const char *data, size_t len, struct cenv_reloc_list *out, size_t *fragment)
{
	size_t at = 0, floor = 0;

	while (at < len) {
		const char *found = memchr(data + at, mark[RARE_AT], len - at);
		size_t hit;

		if (!found)
			break;
		hit = (size_t)(found - data);
		/* the first rare byte of a placeholder is as far from its start as in the marker */
		if (hit - floor >= RARE_AT && is_placeholder(data, len, hit - RARE_AT)) {
			add_reloc(out, data, len, hit - RARE_AT);
			at = floor = hit - RARE_AT + PLEN;
			continue;
		}
		if (is_fragment(data, len, floor, hit)) {
			*fragment = hit;
			return false;
		}
		at = hit + 1;
	}
	return true;
}

/* ---- one C string of a binary file, with the placeholders in it ---- */

struct group {
	const struct cenv_reloc *relocs;
	size_t n;
	size_t start, len; /* of the string, from its first placeholder on */
};

/* the relocations that share the string of relocs[first]; false when they can't be right */
static bool group_at(struct group *out, const struct cenv_manifest_entry *entry, size_t first,
		     size_t file_len)
{
	const struct cenv_reloc *relocs = entry->relocs + first;
	size_t left = entry->nrelocs - first;

	*out = (struct group){.relocs = relocs, .n = 1, .start = relocs->offset,
			      .len = relocs->length};
	if (relocs->offset > file_len || relocs->length > file_len - relocs->offset ||
	    relocs->length < PLEN)
		return false;
	while (out->n < left && relocs[out->n].offset < out->start + out->len) {
		const struct cenv_reloc *r = relocs + out->n++;

		if (r->offset < r[-1].offset + PLEN || r->offset + PLEN > out->start + out->len)
			return false;
	}
	return true;
}

static size_t piece_start(const struct group *g, size_t i)
{
	return g->relocs[i].offset - g->start + PLEN;
}

static size_t piece_end(const struct group *g, size_t i)
{
	return i + 1 < g->n ? g->relocs[i + 1].offset - g->start : g->len;
}

static bool patch_group(char *s, const struct group *g, const char *prefix, size_t prefix_len,
			struct cenv_buf *scratch)
{
	cenv_buf_reset(scratch);
	for (size_t i = 0; i < g->n; i++) {
		size_t from = piece_start(g, i);

		if (memcmp(s + from - PLEN, cenv_placeholder, PLEN))
			return false;
		cenv_buf_add(scratch, prefix, prefix_len);
		cenv_buf_add(scratch, s + from, piece_end(g, i) - from);
	}
	for (size_t i = 0; i < g->n; i++)
		memset(s + piece_start(g, i) - PLEN, 0, PLEN);
	/* with the NUL; a prefix as long as the placeholder leaves the string's own */
	memcpy(s, scratch->buf, scratch->len < g->len ? scratch->len + 1 : scratch->len);
	return true;
}

static bool unpatch_group(char *s, const struct group *g, const char *prefix, size_t prefix_len,
			  struct cenv_buf *scratch)
{
	size_t at = 0;

	cenv_buf_reset(scratch);
	for (size_t i = 0; i < g->n; i++) {
		size_t piece = piece_end(g, i) - piece_start(g, i);

		if (memcmp(s + at, prefix, prefix_len))
			return false;
		at += prefix_len;
		if (memchr(s + at, '\0', piece))
			return false;
		cenv_buf_add(scratch, cenv_placeholder, PLEN);
		cenv_buf_add(scratch, s + at, piece);
		at += piece;
	}
	if (at < g->len && s[at] != '\0')
		return false;
	memcpy(s, scratch->buf, g->len);
	return true;
}

static bool change_binary(struct cenv_buf *data, const struct cenv_manifest_entry *entry,
			  const char *prefix,
			  bool (*change)(char *, const struct group *, const char *, size_t,
					 struct cenv_buf *))
{
	struct cenv_buf scratch = CENV_BUF_INIT;
	size_t prefix_len = strlen(prefix);
	bool is_good = prefix_len <= PLEN;
	struct group g;

	for (size_t i = 0; is_good && i < entry->nrelocs; i += g.n)
		is_good = group_at(&g, entry, i, data->len) &&
			  change(data->buf + g.start, &g, prefix, prefix_len, &scratch);
	cenv_buf_release(&scratch);
	return is_good;
}

/* ---- text ---- */

/* replace `from`, which must stand at every relocation, by `to`; offsets count placeholders */
static bool change_text(struct cenv_buf *data, const struct cenv_manifest_entry *entry,
			const char *from, const char *to)
{
	size_t from_len = strlen(from), to_len = strlen(to), done = 0;
	struct cenv_buf result = CENV_BUF_INIT;

	cenv_buf_grow(&result, data->len);
	for (size_t i = 0; i < entry->nrelocs; i++) {
		size_t at = entry->relocs[i].offset - i * PLEN + i * from_len;

		if (at < done || at > data->len || data->len - at < from_len ||
		    memcmp(data->buf + at, from, from_len)) {
			cenv_buf_release(&result);
			return false;
		}
		cenv_buf_add(&result, data->buf + done, at - done);
		cenv_buf_add(&result, to, to_len);
		done = at + from_len;
	}
	cenv_buf_add(&result, data->buf + done, data->len - done);
	cenv_buf_release(data);
	*data = result;
	return true;
}

bool cenv_reloc_patch(struct cenv_buf *data, const struct cenv_manifest_entry *entry,
		      const char *prefix)
{
	if (entry->reloc_kind == CENV_RELOC_BINARY)
		return change_binary(data, entry, prefix, patch_group);
	return change_text(data, entry, cenv_placeholder, prefix);
}

bool cenv_reloc_unpatch(struct cenv_buf *data, const struct cenv_manifest_entry *entry,
			const char *prefix)
{
	if (entry->reloc_kind == CENV_RELOC_BINARY)
		return change_binary(data, entry, prefix, unpatch_group);
	return change_text(data, entry, prefix, cenv_placeholder);
}

size_t cenv_reloc_rename(char *data, size_t len, const char *from, const char *to)
{
	size_t from_len = strlen(from), n = 0;
	char *end = data + len;

	while ((data = memmem(data, (size_t)(end - data), from, from_len))) {
		memcpy(data, to, from_len);
		data += from_len;
		n++;
	}
	return n;
}
