/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "store/object/object.h"
#include "store/object/relocate.h"

#define PLEN CENV_PLACEHOLDER_LEN

/* In the tables '%' stands for the placeholder or the prefix, and '0' for a NUL. */
static void spell(struct cenv_buf *out, const char *text, const char *prefix)
{
	for (; *text; text++) {
		if (*text == '%')
			cenv_buf_adds(out, prefix);
		else
			cenv_buf_addc(out, *text == '0' ? '\0' : *text);
	}
}

static struct cenv_manifest_entry scan(const struct cenv_buf *data)
{
	struct cenv_reloc_list list = {0};
	size_t fragment;

	assert_true(cenv_reloc_scan(data->buf, data->len, &list, &fragment));
	return (struct cenv_manifest_entry){.type = 'f',
					    .size = data->len,
					    .reloc_kind = list.kind,
					    .relocs = list.relocs,
					    .nrelocs = list.n};
}

static void the_placeholder_is_a_path_with_a_period_of_eight(void **state)
{
	size_t component = 0;

	(void)state;
	assert_int_equal(strlen(cenv_placeholder), PLEN);
	assert_int_equal(cenv_placeholder[0], '/');
	for (size_t i = 1; i < PLEN; i++) {
		component = cenv_placeholder[i] == '/' ? 0 : component + 1;
		assert_true(component < 255);
		if (component)
			assert_int_equal(cenv_placeholder[i], "cenv_Qx7"[i % 8]);
	}
	assert_true(component > 0);
}

static void a_scan_finds_every_place_and_kind(void **state)
{
	static const struct {
		const char *text;
		enum cenv_reloc_kind kind;
		size_t n;
		uint64_t offset[3];
		uint32_t length[3];
	} rows[] = {
		{"", CENV_RELOC_NONE, 0, {0}, {0}},
		{"nothing here", CENV_RELOC_NONE, 0, {0}, {0}},
		{"Q cenv_ Qx7 cenv_Qx", CENV_RELOC_NONE, 0, {0}, {0}},
		{"prefix=%", CENV_RELOC_TEXT, 1, {7}, {0}},
		{"%%x%", CENV_RELOC_TEXT, 3, {0, PLEN, 2 * PLEN + 1}, {0}},
		{"0%/lib0", CENV_RELOC_BINARY, 1, {1}, {PLEN + 4}},
		{"0%", CENV_RELOC_BINARY, 1, {1}, {PLEN}},
		{"-R%/lib:%/share0%0",
		 CENV_RELOC_BINARY,
		 3,
		 {2, PLEN + 7, 2 * PLEN + 14},
		 {2 * PLEN + 11, PLEN + 6, PLEN}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_buf data = CENV_BUF_INIT;
		struct cenv_manifest_entry entry;

		spell(&data, rows[i].text, cenv_placeholder);
		entry = scan(&data);
		assert_int_equal(entry.reloc_kind, rows[i].kind);
		assert_int_equal(entry.nrelocs, rows[i].n);
		for (size_t j = 0; j < entry.nrelocs; j++) {
			assert_int_equal(entry.relocs[j].offset, rows[i].offset[j]);
			assert_int_equal(entry.relocs[j].length, rows[i].length[j]);
		}
		free(entry.relocs);
		cenv_buf_release(&data);
	}
}

static void a_piece_of_the_placeholder_is_found_at_every_rotation(void **state)
{
	(void)state;
	for (size_t cut = 1; cut < 128; cut++) {
		for (size_t len = 8; len <= 16; len += 8) {
			struct cenv_buf data = CENV_BUF_INIT;
			struct cenv_reloc_list list = {0};
			size_t fragment = 0;

			if (cut + len > 130)
				continue;
			cenv_buf_adds(&data, "Qx7 ");
			cenv_buf_add(&data, cenv_placeholder + cut, len);
			cenv_buf_adds(&data, "\x01");
			assert_false(cenv_reloc_scan(data.buf, data.len, &list, &fragment));
			assert_true(fragment >= 4 && fragment < 4 + len);
			free(list.relocs);
			cenv_buf_release(&data);
		}
	}
}

static void a_placeholder_that_lost_its_last_byte_is_a_fragment(void **state)
{
	struct cenv_buf data = CENV_BUF_INIT;
	struct cenv_reloc_list list = {0};
	size_t fragment;

	(void)state;
	cenv_buf_add(&data, cenv_placeholder, PLEN - 1);
	cenv_buf_addc(&data, '\0');
	assert_false(cenv_reloc_scan(data.buf, data.len, &list, &fragment));
	cenv_buf_release(&data);
}

static void wide_characters_are_found_as_fragments(void **state)
{
	(void)state;
	for (size_t width = 2; width <= 4; width += 2) {
		struct cenv_buf data = CENV_BUF_INIT;
		struct cenv_reloc_list list = {0};
		size_t fragment;

		for (size_t i = 0; i < PLEN * width; i++)
			cenv_buf_addc(&data, i % width ? '\0' : cenv_placeholder[i / width]);
		assert_false(cenv_reloc_scan(data.buf, data.len, &list, &fragment));
		cenv_buf_release(&data);
	}
}

static void patching_moves_the_rest_of_a_string_and_keeps_tails(void **state)
{
	static const struct {
		const char *text, *first, *tail;
	} rows[] = {
		{"0%/lib0", "/e/lib", "/lib"},
		{"0%0", "/e", ""},
		{"0%/lib:%/share0", "/e/lib:/e/share", "/share"},
		{"0%%0", "/e/e", ""},
		{"0%:%:%0", "/e:/e:/e", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_buf data = CENV_BUF_INIT;
		struct cenv_manifest_entry entry;
		size_t len, tail = strlen(rows[i].tail);

		spell(&data, rows[i].text, cenv_placeholder);
		cenv_buf_adds(&data, "end");
		len = data.len;
		entry = scan(&data);
		assert_true(cenv_reloc_patch(&data, &entry, "/e"));
		assert_int_equal(data.len, len);
		assert_string_equal(data.buf + 1, rows[i].first);
		/* a pointer to the string's old tail finds it where it was */
		assert_string_equal(data.buf + len - 4 - tail, rows[i].tail);
		assert_string_equal(data.buf + len - 3, "end");
		assert_null(memmem(data.buf, data.len, "cenv_Qx7", 8));
		free(entry.relocs);
		cenv_buf_release(&data);
	}
}

static void patching_text_changes_its_length(void **state)
{
	struct cenv_buf data = CENV_BUF_INIT;
	struct cenv_manifest_entry entry;

	(void)state;
	spell(&data, "a=%/x\nb=%\n%", cenv_placeholder);
	entry = scan(&data);
	assert_true(cenv_reloc_patch(&data, &entry, "/a b"));
	assert_string_equal(data.buf, "a=/a b/x\nb=/a b\n/a b");
	free(entry.relocs);
	cenv_buf_release(&data);
}

static void relocations_that_do_not_fit_the_file_are_refused(void **state)
{
	static const struct {
		enum cenv_reloc_kind kind;
		struct cenv_reloc relocs[2];
		size_t n;
	} rows[] = {
		{CENV_RELOC_BINARY, {{0, PLEN + 4}}, 1},          /* not there */
		{CENV_RELOC_BINARY, {{1, PLEN - 1}}, 1},          /* shorter than itself */
		{CENV_RELOC_BINARY, {{1, PLEN + 600}}, 1},        /* beyond the end */
		{CENV_RELOC_BINARY, {{UINT64_MAX, PLEN}}, 1},     /* overflow */
		{CENV_RELOC_BINARY, {{1, PLEN + 4}, {2, PLEN}}, 2}, /* overlap */
		{CENV_RELOC_BINARY, {{1, PLEN + 4}, {PLEN, PLEN}}, 2}, /* overlap, beyond */
		{CENV_RELOC_TEXT, {{0, 0}}, 1},
		{CENV_RELOC_TEXT, {{UINT64_MAX, 0}}, 1},
		{CENV_RELOC_TEXT, {{1, 0}, {2, 0}}, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_reloc relocs[2] = {rows[i].relocs[0], rows[i].relocs[1]};
		struct cenv_manifest_entry entry = {
			.reloc_kind = rows[i].kind, .relocs = relocs, .nrelocs = rows[i].n};
		struct cenv_buf data = CENV_BUF_INIT;

		spell(&data, "0%/lib0", cenv_placeholder);
		assert_false(cenv_reloc_patch(&data, &entry, "/e"));
		cenv_buf_release(&data);
	}
}

static void unpatching_needs_the_prefix_at_every_place(void **state)
{
	static const char *const texts[] = {"0%/lib:%/share0", "%/lib %/share"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cenv_buf data = CENV_BUF_INIT;
		struct cenv_manifest_entry entry;
		char *second;

		spell(&data, texts[i], cenv_placeholder);
		entry = scan(&data);
		assert_true(cenv_reloc_patch(&data, &entry, "/env"));
		second = memmem(data.buf, data.len, "/env/share", 10);
		assert_non_null(second);
		second[1] = 'X';
		assert_false(cenv_reloc_unpatch(&data, &entry, "/env"));
		free(entry.relocs);
		cenv_buf_release(&data);
	}
}

static void random_file(struct cenv_buf *out, unsigned *seed, bool is_binary)
{
	unsigned pieces = 1 + (unsigned)rand_r(seed) % 12;

	if (is_binary)
		cenv_buf_addc(out, '\0');
	for (unsigned i = 0; i < pieces; i++) {
		for (int j = rand_r(seed) % 40; j > 0; j--)
			cenv_buf_addc(out, (char)(is_binary && rand_r(seed) % 16 == 0
							  ? 0
							  : 'A' + rand_r(seed) % 50));
		if (rand_r(seed) % 3)
			cenv_buf_adds(out, cenv_placeholder);
	}
}

static void there_and_back_gives_the_same_bytes(void **state)
{
	unsigned seed = 20260101;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct cenv_buf data = CENV_BUF_INIT, original = CENV_BUF_INIT;
		struct cenv_manifest_entry entry;
		char prefix[PLEN + 1] = "/";
		size_t len = 1 + (size_t)rand_r(&seed) % PLEN;

		if (i % 10 == 0)
			len = PLEN;
		for (size_t j = 1; j < len; j++)
			prefix[j] = (char)('a' + rand_r(&seed) % 26);
		random_file(&original, &seed, i % 2);
		cenv_buf_add(&data, original.buf, original.len);
		entry = scan(&data);
		assert_true(cenv_reloc_patch(&data, &entry, prefix));
		assert_null(memmem(data.buf, data.len, "cenv_Qx7", 8));
		assert_true(cenv_reloc_unpatch(&data, &entry, prefix));
		assert_int_equal(data.len, original.len);
		assert_memory_equal(data.buf, original.buf, data.len);
		free(entry.relocs);
		cenv_buf_release(&data);
		cenv_buf_release(&original);
	}
}

static void renaming_keeps_the_length(void **state)
{
	char text[] = "/pad/x:/pad:/pa";

	(void)state;
	assert_int_equal(cenv_reloc_rename(text, sizeof(text) - 1, "/pad", "/new"), 2);
	assert_string_equal(text, "/new/x:/new:/pa");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_placeholder_is_a_path_with_a_period_of_eight),
		cmocka_unit_test(a_scan_finds_every_place_and_kind),
		cmocka_unit_test(a_piece_of_the_placeholder_is_found_at_every_rotation),
		cmocka_unit_test(a_placeholder_that_lost_its_last_byte_is_a_fragment),
		cmocka_unit_test(wide_characters_are_found_as_fragments),
		cmocka_unit_test(patching_moves_the_rest_of_a_string_and_keeps_tails),
		cmocka_unit_test(patching_text_changes_its_length),
		cmocka_unit_test(relocations_that_do_not_fit_the_file_are_refused),
		cmocka_unit_test(unpatching_needs_the_prefix_at_every_place),
		cmocka_unit_test(there_and_back_gives_the_same_bytes),
		cmocka_unit_test(renaming_keeps_the_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
