/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/strv.h"
#include "store/fetch/candidates.h"
#include "store/fetch/fetch.h"
#include "store/fetch/url.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"
#include "store/unpack/unpack.h"
#include "tests/lib/server.h"

/* ---- a store, a folder that servers serve, and the servers ---- */

static struct {
	char dir[64];
	int fd; /* of dir/root, which is served */
	struct test_server http, https;
	char good[CENV_SHA256_HEX], other[CENV_SHA256_HEX];
	size_t good_len;
} world;

struct scratch {
	struct cenv_store store;
	struct cenv_strv urls, hashes, trees, mirrors;
	struct cenv_fetch_item item;
	struct cenv_fetch_options options;
	struct cenv_events events;
	struct cenv_buf log; /* events, one a line */
	struct cenv_err err;
};

static void put(const char *name, const char *text, size_t len)
{
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_fs_mkdirs_for(world.fd, name, &err) < 0 ||
	    cenv_fs_write(world.fd, name, text, len, 0644, 0, &err) < 0)
		fail_msg("%s", err.msg);
}

static int start_world(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *data, *root, *tls, *name;
	int ret;

	(void)state;
	snprintf(world.dir, sizeof(world.dir), "/tmp/cenv-fetch-XXXXXX");
	if (!mkdtemp(world.dir))
		return -1;
	root = cenv_strf("%s/root", world.dir);
	tls = cenv_strf("%s/tls", world.dir);
	mkdir(root, 0755);
	mkdir(tls, 0755);
	world.fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	world.good_len = 300000;
	data = cenv_xmalloc(world.good_len);
	for (size_t i = 0; i < world.good_len; i++)
		data[i] = (char)(i * i / 7);
	put("lib-1.0.tar.gz", data, world.good_len);
	put("small", data, 100);
	put("wrong", "something else\n", 15);
	put("text", "a text\n", 7);
	put("empty", "", 0);
	if (cenv_sha256_file(world.fd, "lib-1.0.tar.gz", world.good, &err) < 0 ||
	    cenv_sha256_file(world.fd, "wrong", world.other, &err) < 0)
		return -1;
	name = cenv_strf("mirror-a/sha256/%s", world.good);
	put(name, data, world.good_len);
	free(name);
	name = cenv_strf("mirror-b/%s", world.good);
	put(name, data, world.good_len);
	free(name);
	put("mirror-c/lib-1.0.tar.gz", data, world.good_len);
	put("mirror-bad/lib-1.0.tar.gz", "bad", 3);
	ret = test_server_start(&world.http, root, NULL);
	if (ret == 0)
		ret = test_server_start(&world.https, root, tls);
	free(data);
	free(root);
	free(tls);
	return ret;
}

static int stop_world(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	test_server_stop(&world.http);
	test_server_stop(&world.https);
	close(world.fd);
	return cenv_fs_remove_tree(AT_FDCWD, world.dir, &err);
}

static void note_event(void *payload, const struct cenv_event *event)
{
	static const char *const names[] = {
		[CENV_EV_FETCH_START] = "start", [CENV_EV_FETCH_DONE] = "done",
		[CENV_EV_FETCH_RETRY] = "retry", [CENV_EV_WARNING] = "warning",
		[CENV_EV_NOTE] = "note",
	};
	struct scratch *s = payload;

	if (event->kind != CENV_EV_FETCH_PROGRESS)
		cenv_buf_addf(&s->log, "%s %s\n", names[event->kind], event->text);
}

static int setup(void **state)
{
	struct scratch *s = cenv_xcalloc(1, sizeof(*s));
	char *path = cenv_strf("%s/store", world.dir);

	if (cenv_store_open(&s->store, path, &s->err) < 0)
		return -1;
	free(path);
	cenv_buf_init(&s->log);
	s->events = (struct cenv_events){note_event, s};
	s->item = (struct cenv_fetch_item){.name = "lib",
					   .version = "1.0",
					   .urls = &s->urls,
					   .sha256 = &s->hashes,
					   .tree_hashes = &s->trees};
	s->options = (struct cenv_fetch_options){
		.mirrors = &s->mirrors, .retry_ms = 10, .stall_s = 2, .events = &s->events};
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scratch *s = *state;
	int ret = cenv_fs_remove_tree(AT_FDCWD, s->store.path, &s->err);

	free(s->item.got_from);
	cenv_strv_release(&s->urls);
	cenv_strv_release(&s->hashes);
	cenv_strv_release(&s->trees);
	cenv_strv_release(&s->mirrors);
	cenv_buf_release(&s->log);
	cenv_err_release(&s->err);
	cenv_store_release(&s->store);
	free(s);
	return ret;
}

/* ---- asking ---- */

static void add_url(struct scratch *s, const char *mode_and_path)
{
	cenv_strv_addf(&s->urls, "http://127.0.0.1:%u/%s", world.http.port, mode_and_path);
}

static void pin(struct scratch *s)
{
	cenv_strv_add(&s->hashes, world.good);
}

static int fetch(struct scratch *s)
{
	free(s->item.got_from);
	cenv_buf_reset(&s->log);
	return cenv_fetch(&s->store, &s->item, 1, &s->options, &s->err);
}

static size_t count(struct scratch *s, const char *folder)
{
	struct cenv_strv names = {0};
	size_t n;

	assert_int_equal(cenv_fs_list(s->store.fd, folder, &names, &s->err), 0);
	n = names.n;
	cenv_strv_release(&names);
	return n;
}

static void assert_fetched(struct scratch *s)
{
	char actual[CENV_SHA256_HEX], *name;

	if (fetch(s) < 0)
		fail_msg("%s\n%s", s->err.msg, s->err.detail ? s->err.detail : "");
	assert_string_equal(s->item.got_sha256, world.good);
	name = cenv_source_path(world.good);
	assert_int_equal(cenv_sha256_file(s->store.fd, name, actual, &s->err), 0);
	assert_string_equal(actual, world.good);
	free(name);
	assert_int_equal(count(s, "tmp"), 0);
}

static void assert_contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("'%s' is not in: %s", part, text ? text : "(null)");
}

static void assert_fails(struct scratch *s, enum cenv_code code, const char *reason)
{
	assert_int_equal(fetch(s), -1);
	if (s->err.code != code)
		fail_msg("code %d: %s", s->err.code, s->err.msg);
	assert_contains(s->err.msg, reason);
	assert_int_equal(count(s, "sources"), 0);
}

static char *requests(void)
{
	struct cenv_buf log = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_fs_read(world.fd, "requests.log", 1 << 20, &log, &err) < 0)
		cenv_err_release(&err);
	return cenv_buf_detach(&log);
}

static void forget_requests(void)
{
	unlinkat(world.fd, "requests.log", 0);
}

/* ---- URLs ---- */

static void local_paths_are_told_from_urls(void **state)
{
	static const char *const rows[][2] = {
		{"a/b.tar.gz", "a/b.tar.gz"}, {"/a%20b", "/a%20b"},    {"file:///a%20b", "/a b"},
		{"file://localhost/a", "/a"}, {"FILE:///a", "/a"},     {"file:/a", "/a"},
		{"file:///a%2", "/a%2"},      {"file:///a%00b", NULL}, {"file://other/a", NULL},
		{"https://host/a", NULL},     {"ftp://host/a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *got = cenv_url_local_path(rows[i][0]);

		if (rows[i][1])
			assert_string_equal(got, rows[i][1]);
		else
			assert_null(got);
		free(got);
	}
}

static void only_this_machine_is_loopback(void **state)
{
	static const struct {
		const char *url;
		bool is;
	} rows[] = {
		{"http://127.0.0.1:8/x", true},	     {"http://127.1.2.3/x", true},
		{"http://localhost/x", true},	     {"http://[::1]:8/x", true},
		{"http://u:p@localhost/x", true},    {"http://127.evil.example/", false},
		{"http://localhost.evil/", false},   {"http://localhost@evil/", false},
		{"http://evil/?@localhost/", false}, {"http://evil#@127.0.0.1/", false},
		{"http://evil\\@localhost/", false}, {"x", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (cenv_url_is_loopback(rows[i].url) != rows[i].is)
			fail_msg("%s", rows[i].url);
}

static void candidates_come_in_the_documented_order(void **state)
{
	struct cenv_strv urls = {0}, hashes = {0}, mirrors = {0};
	struct cenv_fetch_item item = {.urls = &urls, .sha256 = &hashes};
	struct cenv_candidates list = {0};
	struct cenv_buf all = CENV_BUF_INIT;

	(void)state;
	cenv_strv_add(&mirrors, "https://u:p@m/x/");
	cenv_strv_add(&mirrors, "/nonexistent");
	cenv_strv_add(&urls, "https://one/a%20b.tgz?x#y");
	cenv_strv_add(&urls, "two/../a b.tgz");
	cenv_strv_add(&urls, "https://three/");
	cenv_strv_add(&hashes, "AB");
	cenv_candidates_list(&list, &item, &mirrors);
	for (size_t i = 0; i < list.n; i++)
		cenv_buf_addf(&all, "%s\n", list.v[i].label);
	assert_string_equal(all.buf,
			    "https://m/x/sha256/AB\nhttps://m/x/AB\nhttps://m/x/a%20b.tgz\n"
			    "https://one/a%20b.tgz?x#y\ntwo/../a b.tgz\nhttps://three/\n");
	assert_string_equal(list.v[0].url, "https://u:p@m/x/sha256/AB");
	cenv_candidates_release(&list);
	cenv_strv_release(&urls);
	cenv_strv_release(&hashes);
	cenv_strv_release(&mirrors);
	cenv_buf_release(&all);
}

/* ---- what goes wrong ---- */

static void a_wrong_hash_names_expected_actual_and_url_and_keeps_the_file_aside(void **state)
{
	struct scratch *s = *state;
	char *line;

	pin(s);
	cenv_strv_addf(&s->urls, "http://me:secret@127.0.0.1:%u/ok/wrong", world.http.port);
	assert_fails(s, CENV_E_INTEGRITY, "cannot fetch 'lib' 1.0: ");
	line = cenv_strf("expected: sha256:%s\nactual:   sha256:%s\n"
			 "URL:      http://127.0.0.1:%u/ok/wrong\nkept as:  %s/tmp/mismatch-%s\n",
			 world.good, world.other, world.http.port, s->store.path, world.other);
	assert_string_equal(s->err.detail, line);
	free(line);
	line = cenv_strf("tmp/mismatch-%s", world.other);
	assert_true(cenv_fs_exists(s->store.fd, line));
	assert_int_equal(count(s, "tmp"), 1);
	free(line);
}

static void a_web_page_instead_of_the_archive_is_called_one(void **state)
{
	struct scratch *s = *state;

	add_url(s, "html");
	assert_fails(s, CENV_E_INTEGRITY, "cannot fetch 'lib' 1.0: what came is an HTML page");
	s->item.version = ""; /* of a URL whose version is not known yet */
	pin(s);
	assert_fails(s, CENV_E_INTEGRITY, "cannot fetch 'lib': what came is an HTML page");
	assert_contains(s->err.detail, "(an HTML page)");
}

static void what_is_not_there_is_a_network_error_with_every_place_named(void **state)
{
	struct scratch *s = *state;

	pin(s);
	add_url(s, "ok/absent");
	assert_fails(s, CENV_E_NETWORK, "/ok/absent': the server answered 404 (not found)");
	add_url(s, "status/403");
	cenv_strv_add(&s->urls, "/nonexistent/lib.tar.gz");
	cenv_strv_add(&s->urls, "ftp://host/lib.tar.gz");
	cenv_strv_add(&s->urls, "/");
	assert_fails(s, CENV_E_NETWORK, "none of 5 places gave it");
	assert_contains(s->err.detail, "/ok/absent': the server answered 404");
	assert_contains(s->err.detail, "/status/403': the server answered 403 (forbidden)");
	assert_contains(s->err.detail, "'/nonexistent/lib.tar.gz': No such file");
	assert_contains(s->err.detail, "'ftp://host/lib.tar.gz': its scheme is none of");
	assert_contains(s->err.detail, "'/': ");
	cenv_strv_release(&s->urls);
	assert_fails(s, CENV_E_NETWORK, "no URL of it is known");
	assert_int_equal(count(s, "tmp"), 0);
}

static void servers_that_never_end_are_given_up(void **state)
{
	static const struct {
		const char *path, *reason;
	} rows[] = {
		{"stall/lib-1.0.tar.gz", "/stall/lib-1.0.tar.gz': "},
		{"trickle/lib-1.0.tar.gz", "/trickle/lib-1.0.tar.gz': "},
		{"endless", "it is larger than 1000000 bytes"},
		{"headers", "headers without end"},
		{"loop", "it redirects without end"},
		{"always-reset/lib-1.0.tar.gz", "/always-reset/lib-1.0.tar.gz': "},
		{"busy/3600/lib-1.0.tar.gz", "503 (unavailable) and asks to wait 60 minutes"},
		{"busy/61/lib-1.0.tar.gz", "asks to wait 61 seconds"},
		{"busy/7201/lib-1.0.tar.gz", "asks to wait 3 hours"},
		{"busy/31536000/lib-1.0.tar.gz", "asks to wait 365 days"},
		{"busy/99999999999/lib-1.0.tar.gz", "asks to wait more than a year"},
	};
	struct scratch *s = *state;
	time_t start = time(NULL);

	pin(s);
	s->options.max_bytes = 1000000;
	s->options.retries = 1;
	s->options.stall_s = 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cenv_strv_release(&s->urls);
		add_url(s, rows[i].path);
		assert_fails(s, CENV_E_NETWORK, rows[i].reason);
	}
	assert_true(time(NULL) - start < 30);
}

static void lengths_that_lie_do_not_pass(void **state)
{
	struct scratch *s = *state;

	pin(s);
	s->options.retries = 1;
	add_url(s, "short/lib-1.0.tar.gz");
	assert_fails(s, CENV_E_INTEGRITY, "expected hash");
	cenv_strv_release(&s->urls);
	add_url(s, "long/small");
	assert_fails(s, CENV_E_NETWORK, "/long/small': ");
	/* longer than allowed by what it announces: not even begun */
	cenv_strv_release(&s->urls);
	s->options.max_bytes = 299999;
	add_url(s, "ok/lib-1.0.tar.gz");
	assert_fails(s, CENV_E_NETWORK, "larger than 299999 bytes");
}

static void redirects_stay_with_http_and_never_leave_https(void **state)
{
	struct scratch *s = *state;
	char *ca = cenv_strf("%s/tls/cert.pem", world.dir);

	pin(s);
	add_url(s, "redirect?file:///etc/passwd");
	assert_fails(s, CENV_E_NETWORK, "neither http nor https");
	cenv_strv_release(&s->urls);
	add_url(s, "redirect?ftp://127.0.0.1/x");
	assert_fails(s, CENV_E_NETWORK, "neither http nor https");
	cenv_strv_release(&s->urls);
	setenv("CURL_CA_BUNDLE", ca, 1);
	cenv_strv_addf(&s->urls,
		       "https://localhost:%u/redirect?http://127.0.0.1:%u/ok/lib-1.0.tar.gz",
		       world.https.port, world.http.port);
	assert_fails(s, CENV_E_NETWORK, "from https to http, which is refused");
	cenv_strv_release(&s->urls);
	cenv_strv_addf(&s->urls, "https://localhost:%u/redirect?/ok/lib-1.0.tar.gz",
		       world.https.port);
	assert_fetched(s);
	unsetenv("CURL_CA_BUNDLE");
	free(ca);
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state)
{
	struct scratch *s = *state;

	pin(s);
	cenv_strv_addf(&s->urls, "https://localhost:%u/ok/lib-1.0.tar.gz", world.https.port);
	assert_fails(s, CENV_E_NETWORK, "certificate");
	assert_null(strstr(s->log.buf, "retry")); /* it will not get better */
}

static void plain_http_needs_a_hash_or_loopback(void **state)
{
	struct scratch *s = *state;

	/* no such host: what is refused is refused before it is asked for */
	cenv_strv_add(&s->urls, "http://host.invalid/lib-1.0.tar.gz");
	assert_fails(s, CENV_E_NETWORK, "plain http is refused for what has no hash");
	assert_contains(s->err.hint, "--hash");
	cenv_strv_release(&s->urls);
	add_url(s, "redirect?http://host.invalid/lib-1.0.tar.gz");
	assert_fails(s, CENV_E_NETWORK, "plain http is refused for what has no hash");
	cenv_strv_release(&s->urls);
	add_url(s, "ok/lib-1.0.tar.gz");
	assert_fetched(s);
}

static void offline_says_what_would_be_needed(void **state)
{
	struct scratch *s = *state;

	pin(s);
	forget_requests();
	add_url(s, "ok/lib-1.0.tar.gz");
	s->options.offline = true;
	assert_fails(s, CENV_E_NETWORK, "not in the store, and downloads are switched off");
	assert_contains(s->err.detail, world.good);
	assert_contains(s->err.detail, "/ok/lib-1.0.tar.gz'");
	assert_false(cenv_fs_exists(world.fd, "requests.log"));
}

static void an_interrupt_stops_a_transfer_at_once(void **state)
{
	struct scratch *s = *state;
	struct timespec start, end;
	pid_t child;
	int status;

	pin(s);
	s->options.stall_s = 20;
	add_url(s, "stall/lib-1.0.tar.gz");
	clock_gettime(CLOCK_MONOTONIC, &start);
	child = fork(); /* the flag cannot be taken back */
	if (child == 0) {
		cenv_interrupt_catch();
		signal(SIGALRM, SIG_DFL);
		alarm(15);
		if (fork() == 0) {
			struct timespec pause = {.tv_nsec = 300000000};

			nanosleep(&pause, NULL);
			kill(getppid(), SIGINT);
			_exit(0);
		}
		_exit(fetch(s) < 0 && s->err.code == CENV_E_INTERRUPT ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_int_equal(status, 0);
	assert_true(end.tv_sec - start.tv_sec < 3);
}

static void hashes_that_are_no_file_names_are_refused(void **state)
{
	struct scratch *s = *state;

	cenv_strv_add(&s->hashes,
		      "../../../../../../etc/passwd/0123456789abcdef0123456789abcdef0123");
	add_url(s, "ok/small");
	assert_fails(s, CENV_E_SYNTAX, "is not a sha256");
}

/* ---- what works in the end ---- */

static void what_the_store_has_is_not_asked_for(void **state)
{
	struct scratch *s = *state;

	pin(s);
	add_url(s, "ok/lib-1.0.tar.gz");
	assert_fetched(s);
	assert_contains(s->item.got_from, "/ok/lib-1.0.tar.gz");
	assert_contains(s->log.buf, "start http://127.0.0.1");
	assert_contains(s->log.buf, "done http://127.0.0.1");
	forget_requests();
	assert_fetched(s);
	assert_null(s->item.got_from);
	assert_string_equal(s->log.buf, "");
	assert_false(cenv_fs_exists(world.fd, "requests.log"));
}

static void a_broken_transfer_is_resumed_where_it_broke(void **state)
{
	struct scratch *s = *state;
	char *log;

	pin(s);
	forget_requests();
	add_url(s, "reset/lib-1.0.tar.gz");
	assert_fetched(s);
	assert_contains(s->log.buf, "retry ");
	log = requests();
	assert_contains(log, "GET /reset/lib-1.0.tar.gz - cenv/" CENV_VERSION "\n");
	assert_contains(log, "GET /reset/lib-1.0.tar.gz bytes=150000- ");
	free(log);
}

static void a_server_without_ranges_sends_it_again(void **state)
{
	struct scratch *s = *state;

	pin(s);
	add_url(s, "reset-norange/lib-1.0.tar.gz");
	assert_fetched(s);
}

static void what_an_earlier_process_left_is_used(void **state)
{
	struct scratch *s = *state;
	char *partial = cenv_strf("tmp/partial-%s", world.good), *log;
	struct cenv_buf data = CENV_BUF_INIT;

	assert_int_equal(cenv_fs_read(world.fd, "lib-1.0.tar.gz", 1 << 20, &data, &s->err), 0);
	assert_int_equal(cenv_fs_write(s->store.fd, partial, data.buf, 1000, 0600, 0, &s->err), 0);
	pin(s);
	forget_requests();
	add_url(s, "ok/lib-1.0.tar.gz");
	assert_fetched(s);
	log = requests();
	assert_contains(log, " bytes=1000- ");
	free(log);
	free(partial);
	cenv_buf_release(&data);
}

static void leftovers_that_do_not_fit_are_fetched_again_as_a_whole(void **state)
{
	static const struct {
		const char *path;
		size_t len;
	} rows[] = {
		{"ok/lib-1.0.tar.gz", 1000},	   /* wrong bytes */
		{"ok/lib-1.0.tar.gz", 400000},	   /* more than there are: 416 */
		{"ok/lib-1.0.tar.gz", 300000},	   /* just as many */
		{"badrange/lib-1.0.tar.gz", 1000}, /* the server sends another part */
		{"norange/lib-1.0.tar.gz", 1000},
	};
	struct scratch *s = *state;
	char *partial = cenv_strf("tmp/partial-%s", world.good);
	char *source = cenv_source_path(world.good), *junk = cenv_xcalloc(1, 400000);

	pin(s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(
			cenv_fs_write(s->store.fd, partial, junk, rows[i].len, 0600, 0, &s->err),
			0);
		cenv_strv_release(&s->urls);
		add_url(s, rows[i].path);
		assert_fetched(s);
		unlinkat(s->store.fd, source, 0);
	}
	free(junk);
	free(partial);
	free(source);
}

static void a_failed_transfer_leaves_its_beginning_for_the_next(void **state)
{
	struct scratch *s = *state;
	char *partial = cenv_strf("tmp/partial-%s", world.good);
	struct stat st;

	pin(s);
	s->options.retries = 2;
	add_url(s, "always-reset/lib-1.0.tar.gz");
	assert_fails(s, CENV_E_NETWORK, "");
	assert_int_equal(fstatat(s->store.fd, partial, &st, 0), 0);
	assert_int_equal(st.st_size, 30);
	cenv_strv_release(&s->urls);
	add_url(s, "ok/lib-1.0.tar.gz");
	assert_fetched(s);
	free(partial);
}

static void a_busy_server_is_asked_again_after_the_time_it_names(void **state)
{
	struct scratch *s = *state;
	struct timespec start, end;

	pin(s);
	add_url(s, "busy/1/lib-1.0.tar.gz");
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_fetched(s);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_contains(s->log.buf, "503 (unavailable); trying again in 1.0 s");
	assert_true((double)(end.tv_sec - start.tv_sec) +
			    (double)(end.tv_nsec - start.tv_nsec) / 1e9 >=
		    1.0);
}

static void mirrors_are_asked_by_hash_and_by_name(void **state)
{
	static const char *const mirrors[] = {"mirror-a", "mirror-b", "mirror-c"};
	struct scratch *s = *state;
	char *source = cenv_source_path(world.good);

	pin(s);
	cenv_strv_add(&s->urls, "https://host.invalid/lib-1.0.tar.gz");
	for (int remote = 0; remote < 2; remote++) {
		for (size_t i = 0; i < 3; i++) {
			cenv_strv_release(&s->mirrors);
			if (remote)
				cenv_strv_addf(&s->mirrors, "http://127.0.0.1:%u/ok/%s/",
					       world.http.port, mirrors[i]);
			else
				cenv_strv_addf(&s->mirrors, "%s/root/%s", world.dir, mirrors[i]);
			s->options.offline = !remote;
			assert_fetched(s);
			assert_contains(s->item.got_from, mirrors[i]);
			unlinkat(s->store.fd, source, 0);
		}
	}
	free(source);
}

static void a_mirror_with_wrong_bytes_is_passed_over_with_a_warning(void **state)
{
	struct scratch *s = *state;

	pin(s);
	cenv_strv_addf(&s->mirrors, "%s/root/mirror-bad", world.dir);
	cenv_strv_addf(&s->mirrors, "http://127.0.0.1:%u/ok/mirror-bad", world.http.port);
	add_url(s, "ok/lib-1.0.tar.gz");
	if (fetch(s) < 0)
		fail_msg("%s", s->err.msg);
	assert_string_equal(s->item.got_sha256, world.good);
	assert_contains(s->log.buf,
			"/root/mirror-bad/lib-1.0.tar.gz' does not have the expected hash");
	assert_contains(s->log.buf,
			"/ok/mirror-bad/lib-1.0.tar.gz' does not have the expected hash");
	/* the file of a folder is where it was: only the download is put aside */
	assert_int_equal(count(s, "tmp"), 1);
}

static void an_unknown_hash_is_reported(void **state)
{
	struct scratch *s = *state;
	struct stat a, b;
	char *path = cenv_strf("%s/root/lib-1.0.tar.gz", world.dir), *source;

	cenv_strv_addf(&s->urls, "file://%s", path);
	assert_fetched(s);
	/* a copy: whoever changes the file must not change the store */
	source = cenv_source_path(world.good);
	assert_int_equal(stat(path, &a), 0);
	assert_int_equal(fstatat(s->store.fd, source, &b, 0), 0);
	assert_int_not_equal(a.st_ino, b.st_ino);
	free(path);
	free(source);
}

static void credentials_reach_the_server_and_nothing_else(void **state)
{
	struct scratch *s = *state;

	pin(s);
	cenv_strv_addf(&s->urls, "http://me:secret@127.0.0.1:%u/auth/lib-1.0.tar.gz",
		       world.http.port);
	assert_fetched(s);
	assert_null(strstr(s->log.buf, "secret"));
	assert_null(strstr(s->item.got_from, "secret"));
}

static void an_archive_made_again_passes_by_its_tree_hash(void **state)
{
	static const char archives[] = TEST_DATA_DIR "/fuzz/corpus/archive";
	struct scratch *s = *state;
	char *xz = cenv_strf("%s/tar.xz", archives), tree[CENV_SHA256_HEX];

	assert_int_equal(cenv_tree_hash_file(AT_FDCWD, xz, "xz", NULL, tree, &s->err), 0);
	cenv_strv_addf(&s->urls, "%s/tar.gz", archives);
	cenv_strv_add(&s->trees, world.other);
	pin(s);
	assert_fails(s, CENV_E_INTEGRITY, "expected hash");
	assert_contains(s->err.detail, "expected: tree:");
	cenv_strv_add(&s->trees, tree);
	if (fetch(s) < 0)
		fail_msg("%s", s->err.msg);
	assert_contains(s->log.buf, "note the archive of 'lib' 1.0 has changed, but its unpacked "
				    "tree is the pinned one");
	assert_int_equal(count(s, "sources"), 1);
	/* the tree hash pins alone as well */
	cenv_strv_release(&s->hashes);
	if (fetch(s) < 0)
		fail_msg("%s", s->err.msg);
	assert_null(strstr(s->log.buf, "note"));
	cenv_strv_release(&s->trees);
	cenv_strv_add(&s->trees, world.other);
	assert_int_equal(fetch(s), -1);
	assert_int_equal(s->err.code, CENV_E_INTEGRITY);
	free(xz);
}

static void netrc_is_read_on_request_only(void **state)
{
	struct scratch *s = *state;
	char *home = getenv("HOME") ? cenv_xstrdup(getenv("HOME")) : NULL;
	static const char netrc[] = "machine 127.0.0.1 login me password secret\n";

	put("../.netrc", netrc, strlen(netrc));
	setenv("HOME", world.dir, 1);
	pin(s);
	add_url(s, "auth/lib-1.0.tar.gz");
	assert_fails(s, CENV_E_NETWORK, "401 (it wants a user name and password)");
	setenv("CENV_NETRC", "1", 1);
	assert_fetched(s);
	unsetenv("CENV_NETRC");
	if (home)
		setenv("HOME", home, 1);
	else
		unsetenv("HOME");
	free(home);
}

static void proxies_are_taken_from_the_environment(void **state)
{
	struct scratch *s = *state;
	char *proxy = cenv_strf("http://127.0.0.1:%u", world.http.port);

	pin(s);
	cenv_strv_add(&s->urls, "http://host.invalid/ok/lib-1.0.tar.gz");
	setenv("http_proxy", proxy, 1);
	setenv("no_proxy", "host.invalid", 1);
	assert_fails(s, CENV_E_NETWORK, "host.invalid");
	unsetenv("no_proxy");
	assert_fetched(s);
	unsetenv("http_proxy");
	free(proxy);
}

static void a_dead_mirror_is_asked_once_and_left_out(void **state)
{
	struct scratch *s = *state;
	struct cenv_strv other = {0};
	struct cenv_fetch_item items[2] = {s->item, {.name = "other", .urls = &other}};
	const char *warning;

	pin(s);
	add_url(s, "ok/lib-1.0.tar.gz");
	cenv_strv_addf(&other, "http://127.0.0.1:%u/ok/small", world.http.port);
	cenv_strv_add(&s->mirrors, "https://me:secret@host.invalid/mirror");
	s->options.parallel = 1;
	if (cenv_fetch(&s->store, items, 2, &s->options, &s->err) < 0)
		fail_msg("%s", s->err.msg);
	warning = strstr(s->log.buf, "warning mirror 'https://host.invalid/mirror' is left out: ");
	assert_non_null(warning);
	assert_null(strstr(warning + 1, "warning"));
	free(items[0].got_from);
	free(items[1].got_from);
	cenv_strv_release(&other);
}

/* What a full disk gives, without one. */
static void a_store_that_cannot_be_written_is_an_error_of_its_own(void **state)
{
	struct scratch *s = *state;
	struct rlimit limit, small = {.rlim_cur = 1000, .rlim_max = RLIM_INFINITY};
	int ret[2];

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small.rlim_max = limit.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	pin(s);
	add_url(s, "ok/lib-1.0.tar.gz");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	ret[0] = fetch(s);
	assert_int_equal(s->err.code, CENV_E_IO);
	cenv_strv_release(&s->urls);
	cenv_strv_addf(&s->urls, "%s/root/lib-1.0.tar.gz", world.dir);
	ret[1] = fetch(s);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(ret[0], -1);
	assert_int_equal(ret[1], -1);
	assert_int_equal(s->err.code, CENV_E_IO);
	assert_contains(s->err.msg, "File too large");
	assert_fetched(s);
}

static void processes_that_want_the_same_file_do_not_hurt_each_other(void **state)
{
	struct scratch *s = *state;
	pid_t children[8];
	int status;

	pin(s);
	add_url(s, "ok/lib-1.0.tar.gz");
	for (size_t i = 0; i < 8; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			alarm(60);
			_exit(fetch(s) == 0 && !strcmp(s->item.got_sha256, world.good) ? 0 : 1);
		}
	}
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_fetched(s);
}

static void many_files_come_side_by_side(void **state)
{
	enum { N = 20 };
	struct scratch *s = *state;
	struct cenv_strv urls[N] = {0};
	struct cenv_fetch_item items[N] = {0};

	for (int i = 0; i < N; i++) {
		char *name = cenv_strf("many/%d", i);

		put(name, name, strlen(name));
		cenv_strv_addf(&urls[i], "http://127.0.0.1:%u/ok/%s", world.http.port, name);
		items[i].name = "many";
		items[i].urls = &urls[i];
		free(name);
	}
	if (cenv_fetch(&s->store, items, N, &s->options, &s->err) < 0)
		fail_msg("%s", s->err.msg);
	assert_int_equal(count(s, "sources"), N);
	assert_int_equal(count(s, "tmp"), 0);
	/* one that fails stops the rest, and what was verified stays */
	cenv_strv_release(&urls[3]);
	cenv_strv_add(&urls[3], "/nonexistent");
	for (int i = 0; i < N; i++) {
		free(items[i].got_from);
		items[i].got_from = NULL;
	}
	assert_int_equal(cenv_fetch(&s->store, items, N, &s->options, &s->err), -1);
	assert_int_equal(count(s, "sources"), N);
	for (int i = 0; i < N; i++) {
		free(items[i].got_from);
		cenv_strv_release(&urls[i]);
	}
}

static void texts_come_into_memory_within_their_limit(void **state)
{
	struct scratch *s = *state;
	struct cenv_buf out = CENV_BUF_INIT;
	char *path = cenv_strf("%s/root/text", world.dir);
	char *ok = cenv_strf("http://127.0.0.1:%u/ok/text", world.http.port);
	char *empty = cenv_strf("http://127.0.0.1:%u/ok/empty", world.http.port);
	char *absent = cenv_strf("http://127.0.0.1:%u/ok/absent", world.http.port);
	char *busy = cenv_strf("http://127.0.0.1:%u/busy/0/text", world.http.port);
	char *endless = cenv_strf("http://127.0.0.1:%u/endless", world.http.port);

	cenv_buf_adds(&out, "before");
	assert_int_equal(cenv_fetch_text(path, 7, &s->options, &out, &s->err), 0);
	assert_string_equal(out.buf, "a text\n");
	assert_int_equal(cenv_fetch_text(ok, 7, &s->options, &out, &s->err), 0);
	assert_string_equal(out.buf, "a text\n");
	assert_int_equal(cenv_fetch_text(busy, 7, &s->options, &out, &s->err), 0);
	assert_string_equal(out.buf, "a text\n");
	assert_int_equal(cenv_fetch_text(empty, 7, &s->options, &out, &s->err), 0);
	assert_string_equal(out.buf, "");
	assert_int_equal(cenv_fetch_text(path, 6, &s->options, &out, &s->err), -1);
	assert_contains(s->err.msg, "larger than 6 bytes");
	assert_string_equal(out.buf, "");
	assert_int_equal(cenv_fetch_text(endless, 1000, &s->options, &out, &s->err), -1);
	assert_int_equal(s->err.code, CENV_E_NETWORK);
	assert_int_equal(cenv_fetch_text(absent, 7, &s->options, &out, &s->err), -1);
	assert_int_equal(s->err.code, CENV_E_NOTFOUND);
	assert_contains(s->err.msg, "/ok/absent': the server answered 404 (not found)");
	assert_int_equal(cenv_fetch_text("/nonexistent", 7, &s->options, &out, &s->err), -1);
	assert_int_equal(s->err.code, CENV_E_NOTFOUND);
	s->options.offline = true;
	assert_int_equal(cenv_fetch_text(ok, 7, &s->options, &out, &s->err), -1);
	assert_int_equal(s->err.code, CENV_E_NETWORK);
	free(path);
	free(ok);
	free(empty);
	free(absent);
	free(busy);
	free(endless);
	cenv_buf_release(&out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local_paths_are_told_from_urls),
		cmocka_unit_test(only_this_machine_is_loopback),
		cmocka_unit_test(candidates_come_in_the_documented_order),
		TEST(a_wrong_hash_names_expected_actual_and_url_and_keeps_the_file_aside),
		TEST(a_web_page_instead_of_the_archive_is_called_one),
		TEST(what_is_not_there_is_a_network_error_with_every_place_named),
		TEST(servers_that_never_end_are_given_up),
		TEST(lengths_that_lie_do_not_pass),
		TEST(redirects_stay_with_http_and_never_leave_https),
		TEST(a_certificate_that_nobody_vouches_for_is_refused),
		TEST(plain_http_needs_a_hash_or_loopback),
		TEST(offline_says_what_would_be_needed),
		TEST(an_interrupt_stops_a_transfer_at_once),
		TEST(hashes_that_are_no_file_names_are_refused),
		TEST(what_the_store_has_is_not_asked_for),
		TEST(a_broken_transfer_is_resumed_where_it_broke),
		TEST(a_server_without_ranges_sends_it_again),
		TEST(what_an_earlier_process_left_is_used),
		TEST(leftovers_that_do_not_fit_are_fetched_again_as_a_whole),
		TEST(a_failed_transfer_leaves_its_beginning_for_the_next),
		TEST(a_busy_server_is_asked_again_after_the_time_it_names),
		TEST(mirrors_are_asked_by_hash_and_by_name),
		TEST(a_mirror_with_wrong_bytes_is_passed_over_with_a_warning),
		TEST(an_unknown_hash_is_reported),
		TEST(credentials_reach_the_server_and_nothing_else),
		TEST(an_archive_made_again_passes_by_its_tree_hash),
		TEST(netrc_is_read_on_request_only),
		TEST(proxies_are_taken_from_the_environment),
		TEST(a_dead_mirror_is_asked_once_and_left_out),
		TEST(a_store_that_cannot_be_written_is_an_error_of_its_own),
		TEST(processes_that_want_the_same_file_do_not_hurt_each_other),
		TEST(many_files_come_side_by_side),
		TEST(texts_come_into_memory_within_their_limit),
	};

	/* the machine's own proxy is not part of the test */
	static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
					      "all_proxy",  "ALL_PROXY",   "no_proxy",
					      "NO_PROXY",   "CENV_NETRC"};

	for (size_t i = 0; i < sizeof(proxies) / sizeof(*proxies); i++)
		unsetenv(proxies[i]);
	return cmocka_run_group_tests(tests, start_world, stop_world);
}
