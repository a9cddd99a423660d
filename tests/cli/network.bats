# Servers that mean harm or are ill, seen by the real binary: exit status 4, a message that says
# what went wrong and where, nothing kept. unit/fetch has the same below and what takes time.
load ../lib/cli.bash
load ../lib/sources.bash
load ../lib/tiny.bash

setup() {
	setup_home
	use_tiny
	unset http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY CURL_CA_BUNDLE \
		SSL_CERT_FILE SSL_CERT_DIR
	mkdir root tls
	tiny t 1.0
	cp archives/t-1.0.tar.gz root/
	hash=$(sha256_of root/t-1.0.tar.gz)
	cenv create -q e
	export CENV="$PWD/e"
	before=$(tree_of e)
}

teardown() {
	stop_server
}

# refused TEXT URL [WORD...]: status 4 with TEXT and the URL, and nothing is left of it
refused() {
	local text=$1 url=$2
	shift 2
	run -4 --separate-stderr cenv install "t @ $url" "$@"
	assert_equal "$output" ""
	assert_contains "$stderr" "cannot fetch 't' from '$url': "
	assert_contains "$stderr" "$text"
	run -0 find store/sources store/tmp -type f
	assert_equal "$output" ""
	assert_equal "$(tree_of e)" "$before"
}

@test "what is wrong with a server is told, and nothing of it is kept" {
	start_server "$PWD/root"
	base=http://127.0.0.1:$PORT
	refused "it redirects without end" "$base/loop"
	refused "it redirects to something that is neither http nor https" "$base/redirect?file:///etc/passwd"
	refused "it redirects to something that is neither http nor https" "$base/redirect?ftp://127.0.0.1/t"
	refused "the server sends headers without end" "$base/headers"
	refused "the server sends a header that is too long" "$base/header"
	refused "the server answered 403 (forbidden)" "$base/status/403"
	refused "the server answered 429 (too many requests) and asks to wait 24 hours" \
		"$base/busy/86400/429"
	refused "redirected to 'http://127.0.0.1:1/none': Failed to connect" "$base/redirect?http://127.0.0.1:1/none"
	refused "it is larger than 4294967296 bytes" "$base/huge"
	refused "plain http is refused for what has no hash" "http://example.invalid/t-1.0.tar.gz"
	refused "Could not resolve host: example.invalid" "https://example.invalid/t-1.0.tar.gz"
}

@test "a server's certificate must be vouched for, and https never becomes http" {
	start_server "$PWD/root" --tls "$PWD/tls"
	base=https://127.0.0.1:$PORT
	refused "certificate" "$base/ok/t-1.0.tar.gz"
	run -4 --separate-stderr cenv install "t @ $base/ok/t-1.0.tar.gz"
	assert_contains "$stderr" "hint: if the server is the right one, name the file that vouches for it in SSL_CERT_FILE"
	export CURL_CA_BUNDLE="$PWD/tls/cert.pem"
	for url in http://127.0.0.1:1/t-1.0.tar.gz HTTP://localhost/t-1.0.tar.gz; do
		refused "it redirects from https to http, which is refused" "$base/redirect?$url"
	done
	# not even when the hash would prove the contents
	run -4 --separate-stderr cenv install "t @ $base/redirect?http://127.0.0.1:1/t --hash=sha256:$hash"
	assert_contains "$stderr" "it redirects from https to http, which is refused"
	SSL_CERT_FILE=/nowhere cenv install -q "t @ $base/ok/t-1.0.tar.gz"
	unset CURL_CA_BUNDLE
	cenv uninstall -q -y t
	rm -r store/sources
	SSL_CERT_FILE="$PWD/tls/cert.pem" cenv install -q "t @ $base/ok/t-1.0.tar.gz"
}

@test "a reset in the middle is resumed, and a busy server is waited for" {
	start_server "$PWD/root"
	base=http://127.0.0.1:$PORT
	run -0 --separate-stderr cenv install "t @ $base/reset/t-1.0.tar.gz --hash=sha256:$hash"
	assert_contains "$stderr" "retrying  t: '$base/reset/t-1.0.tar.gz': "
	grep -q '/reset/t-1.0.tar.gz bytes=[1-9][0-9]*- ' root/requests.log
	cenv uninstall -q -y t
	rm -r store/sources
	run -0 --separate-stderr cenv install "t @ $base/busy/1/t-1.0.tar.gz"
	assert_contains "$stderr" "the server answered 503 (unavailable); trying again in 1."
}

@test "proxies, and hosts that need none" {
	start_server "$PWD/root"
	url=http://host.invalid/ok/t-1.0.tar.gz
	export http_proxy=http://me:swordfish@127.0.0.1:$PORT
	cenv install -q "t @ $url --hash=sha256:$hash"
	cenv uninstall -q -y t
	rm -r store/sources
	for none in host.invalid .invalid; do
		NO_PROXY=$none run -4 --separate-stderr cenv install "t @ $url --hash=sha256:$hash"
		assert_contains "$stderr" "Could not resolve host: host.invalid"
	done
	export http_proxy=http://me:swordfish@127.0.0.1:1
	run -4 --separate-stderr cenv install "t @ $url --hash=sha256:$hash" --mirror http://127.0.0.1:1
	refute_contains "$stderr" swordfish
	run ! grep -rl swordfish e store
	for proxy in me:swordfish@127.0.0.1:none "http://me:sword fish@127.0.0.1:1" me:sword/fish@127.0.0.1:1; do
		http_proxy=$proxy run -4 --separate-stderr cenv install "t @ $url --hash=sha256:$hash"
		assert_contains "$stderr" "the proxy's address is malformed"
		refute_contains "$stderr" sword
	done
}
