/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/lock.h"
#include "core/requirements_file.h"
#include "core/version.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static const struct cenv_lock_header header = {"x86_64-linux-gnu", "gcc 12.2.0"};

static void release_pin(struct cenv_pin *pin)
{
	cenv_strv_release(&pin->features_on);
	cenv_strv_release(&pin->features_off);
	cenv_strv_release(&pin->hashes);
	cenv_strv_release(&pin->tree_hashes);
	cenv_strv_release(&pin->options);
	cenv_strv_release(&pin->via);
}

static void a_lock_is_sorted_complete_and_annotated(void **state)
{
	struct cenv_pin pins[4] = {
		{.name = "zlib", .version = "1.3.1"},
		{.name = "Curl", .version = "8.5.0"},
		{.name = "libfoo", .version = "1.0", .url = "https://user:pw@h/libfoo-1.0.tar.gz"},
		{.name = "abc", .url = "/src/abc", .editable = true},
	};
	struct cenv_buf out = CENV_BUF_INIT, other = CENV_BUF_INIT;
	struct cenv_pin swapped;

	(void)state;
	cenv_strv_add(&pins[0].hashes, HEX2);
	cenv_strv_add(&pins[0].hashes, HEX);
	cenv_strv_add(&pins[0].via, "libpng");
	cenv_strv_add(&pins[0].via, "curl");
	cenv_strv_add(&pins[0].via, "curl");
	cenv_strv_add(&pins[1].features_on, "ssl");
	cenv_strv_add(&pins[1].features_on, "http2");
	cenv_strv_add(&pins[1].features_off, "ldap");
	cenv_strv_add(&pins[1].options, "--with-x=a b");
	cenv_strv_add(&pins[1].via, "r\x1b.txt");
	cenv_strv_add(&pins[2].hashes, HEX);
	cenv_strv_add(&pins[2].tree_hashes, HEX2);
	cenv_strv_add(&pins[3].hashes, HEX);
	cenv_lock_format(&out, &header, pins, 4, CENV_LOCK_ALL | CENV_LOCK_VIA);
	assert_string_equal(out.buf,
			    "# cenv lock 1, target x86_64-linux-gnu, compiler gcc 12.2.0\n"
			    "-e /src/abc\n"
			    "Curl[http2,ssl,-ldap]==8.5.0 --config-settings=options='--with-x=a b'\n"
			    "    # via r\\x1b.txt\n"
			    "libfoo @ https://h/libfoo-1.0.tar.gz --hash=sha256:" HEX
			    " --tree-hash=sha256:" HEX2 "\n"
			    "zlib==1.3.1 --hash=sha256:" HEX " --hash=sha256:" HEX2 "\n"
			    "    # via curl, libpng\n");
	swapped = pins[0];
	pins[0] = pins[2];
	pins[2] = swapped;
	cenv_lock_format(&other, &header, pins, 4, CENV_LOCK_ALL | CENV_LOCK_VIA);
	assert_string_equal(other.buf, out.buf);
	cenv_buf_reset(&out);
	cenv_lock_format(&out, NULL, pins, 4, 0);
	assert_string_equal(out.buf, "-e /src/abc\nCurl==8.5.0\n"
				     "libfoo @ https://h/libfoo-1.0.tar.gz\nzlib==1.3.1\n");
	cenv_buf_reset(&out);
	cenv_lock_format(&out, NULL, NULL, 0, 0);
	assert_string_equal(out.buf, "");
	for (size_t i = 0; i < 4; i++)
		release_pin(&pins[i]);
	cenv_buf_release(&out);
	cenv_buf_release(&other);
}

static void headers_read_back(void **state)
{
	static const char *const bad[] = {
		"", "#", "# cenv lock 1", "# cenv lock x, target a, compiler b",
		"# cenv lock , target a, compiler b", "# cenv lock 9999999999, target a, compiler b",
		"zlib\n# cenv lock 1, target a, compiler b", "# cenv lock 1, compiler a, target b",
	};
	struct cenv_buf out = CENV_BUF_INIT;
	char *target, *compiler;

	(void)state;
	cenv_lock_format(&out, &header, NULL, 0, 0);
	assert_int_equal(cenv_lock_header_read(out.buf, out.len, &target, &compiler), 1);
	assert_string_equal(target, header.target);
	assert_string_equal(compiler, header.compiler);
	free(target);
	free(compiler);
	assert_int_equal(cenv_lock_header_read("# cenv lock 2, target a, compiler b c\r\nx", 41,
					       &target, &compiler), 2);
	assert_string_equal(compiler, "b c");
	free(target);
	free(compiler);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(cenv_lock_header_read(bad[i], strlen(bad[i]), &target, &compiler), 0);
		assert_null(target);
		assert_null(compiler);
	}
	cenv_buf_release(&out);
}

/* Random pins from pieces that are hard on a parser. */
static const char *draw(uint32_t *seed, const char *const *pieces, size_t n, char *out, size_t size)
{
	size_t len = 0;

	for (unsigned k = 1 + (*seed >> 24) % 5; k; k--) {
		*seed = *seed * 1664525 + 1013904223;
		len += (size_t)snprintf(out + len, size - len, "%s", pieces[(*seed >> 16) % n]);
	}
	*seed = *seed * 1664525 + 1013904223;
	return out;
}

static const char *const hard[] = {
	"a", " ", "#", " #", "'", "\"", "\\", "$", "{", "${HOME}", "}", ";", " ;", "--", " --hash=",
	"-e", "\t", "[x]", "=", "\xc3\xa4", "%20", "@", "*", "`", ",",
};
static const char *const url_parts[] = {
	"a", "/", "b-1.0", "?q=1", "&x=y", ";z", "${HOME}", "%20", "'", "(", "]", "[x]", "\\", "~", "$",
};

struct drawn {
	char name[64], version[64], url[128], text[4][128];
};

static void draw_pin(struct cenv_pin *pin, struct drawn *d, unsigned i, uint32_t *seed)
{
	char part[100];

	*pin = (struct cenv_pin){.name = d->name, .version = d->version};
	snprintf(d->name, sizeof(d->name), "lib%04u", i);
	snprintf(d->version, sizeof(d->version), "1.%u~rc1+x", i);
	if (*seed >> 31) {
		pin->url = d->url;
		draw(seed, url_parts, sizeof(url_parts) / sizeof(*url_parts), part, sizeof(part));
		snprintf(d->url, sizeof(d->url), "https://h/%s", part);
	} else if ((*seed >> 30) & 1) {
		pin->url = d->url;
		draw(seed, hard, sizeof(hard) / sizeof(*hard), part, sizeof(part));
		snprintf(d->url, sizeof(d->url), "%s%s", (*seed >> 29) & 1 ? "/" : "./", part);
	}
	for (unsigned n = (*seed >> 20) % 4; n; n--)
		cenv_strv_add(&pin->options, draw(seed, hard, sizeof(hard) / sizeof(*hard), d->text[0],
						  sizeof(d->text[0])));
	for (unsigned n = (*seed >> 12) % 3; n; n--)
		cenv_strv_add(&pin->hashes, n == 1 ? HEX : HEX2);
	if ((*seed >> 9) & 1)
		cenv_strv_add(&pin->features_on, "ssl");
	if ((*seed >> 10) & 1)
		cenv_strv_add(&pin->features_off, "x.y_z");
	cenv_strv_add(&pin->via, draw(seed, hard, sizeof(hard) / sizeof(*hard), d->text[1],
				      sizeof(d->text[1])));
}

static bool same_list(const struct cenv_strv *a, const struct cenv_strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]))
			return false;
	return true;
}

/* How `url` is spelt when it has been through a lock: what cannot stand there is encoded. */
static bool same_url(const char *url, const char *read)
{
	struct cenv_buf encoded = CENV_BUF_INIT;
	bool same;

	for (const char *p = url; *p; p++) {
		if (strchr("${}\\", *p))
			cenv_buf_addf(&encoded, "%%%02X", (unsigned char)*p);
		else
			cenv_buf_addc(&encoded, *p);
	}
	same = !strcmp(read, *url == 'h' ? encoded.buf : url);
	cenv_buf_release(&encoded);
	return same;
}

struct text {
	const struct cenv_buf *buf;
};

static int read_text(void *payload, const char *path, struct cenv_buf *out, struct cenv_err *err)
{
	const struct text *t = payload;

	(void)path;
	(void)err;
	cenv_buf_add(out, t->buf->buf, t->buf->len);
	return 0;
}

static const char *get_home(void *payload, const char *name)
{
	(void)payload;
	return strcmp(name, "HOME") ? NULL : "/home/user";
}

static void check_pin(const struct cenv_pin *pin, const struct cenv_requirement *req)
{
	struct cenv_strv hashes = {0};

	cenv_strv_add_all(&hashes, &pin->hashes);
	cenv_strv_sort_unique(&hashes);
	if (strcmp(pin->name, req->name) || !same_list(&pin->options, &req->options) ||
	    !same_list(&hashes, &req->hashes) || !same_list(&pin->features_on, &req->features_on) ||
	    !same_list(&pin->features_off, &req->features_off) ||
	    (pin->url ? !req->location || !same_url(pin->url, req->location)
		      : strcmp(cenv_specifier_pinned(&req->spec), pin->version) != 0))
		fail_msg("'%s' came back as '%s'", pin->url ? pin->url : pin->version, req->text);
	cenv_strv_release(&hashes);
}

static void every_lock_reads_back_as_the_same_requirements(void **state)
{
	enum { ROUNDS = 40, N = 50 };
	static struct cenv_pin pins[N];
	static struct drawn drawn[N];
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct cenv_buf out = CENV_BUF_INIT;
		struct text text = {&out};
		struct cenv_reqfile_io io = {read_text, get_home, &text};
		struct cenv_requirements reqs = {0};
		struct cenv_err err = CENV_ERR_INIT;

		for (unsigned i = 0; i < N; i++)
			draw_pin(&pins[i], &drawn[i], i, &seed);
		cenv_lock_format(&out, &header, pins, N, CENV_LOCK_ALL | CENV_LOCK_VIA);
		if (cenv_requirements_read(&reqs, "lock.txt", false, &io, &err) < 0)
			fail_msg("%s\n%s", err.msg, err.detail);
		assert_int_equal(reqs.n, N);
		for (size_t i = 0; i < N; i++) {
			check_pin(&pins[i], &reqs.reqs[i]);
			release_pin(&pins[i]);
		}
		cenv_requirements_release(&reqs);
		cenv_buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock_is_sorted_complete_and_annotated),
		cmocka_unit_test(headers_read_back),
		cmocka_unit_test(every_lock_reads_back_as_the_same_requirements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
