#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A web server on loopback that can misbehave, for tests.

    http_server.py ROOT [--tls DIR] [--seconds N] [--user NAME:PASSWORD]

Prints its port on the first line of standard output and ends after N seconds
(default 120), when it is killed, or when its standard input is closed. Serves
ROOT below these paths, PATH being a file's path in ROOT:

    /ok/PATH            as it should be, with ranges
    /norange/PATH       without ranges: always the whole with 200
    /badrange/PATH      answers a range with another part
    /reset/PATH         the first request ends half way by a reset, later ones are /ok
    /reset-norange/PATH the same, later ones are /norange
    /always-reset/PATH  every request ends after 10 further bytes
    /stall/PATH         half of it, then nothing more
    /trickle/PATH       a byte at a time
    /long/PATH          announces more bytes than it sends
    /short/PATH         announces fewer bytes than it sends
    /endless            zeros without end, no length announced
    /headers            headers without end
    /header             one header of 300 kB
    /huge               announces 8 GiB
    /busy/N/PATH        the first request is answered 503 with Retry-After: N; 429 when PATH is 429
    /status/N           status N, and for what is below it
    /auth/PATH          wants user 'me', password 'secret', or what --user says
    /html               a page that says there is no such file
    /redirect?URL       302 to URL, whatever that is
    /loop               302 to itself
    /gather/N-M-.../PATH  as /ok, but N requests must wait together before they are answered, then M,
                        and so on; what comes alone for 20 seconds, or later, is answered 400
    /steer/WHERE/...    puts what steers a terminal into a part of the answer: location,
                        reason, header, realm or garbage

Each request is a line of ROOT/requests.log: method, path, Range or '-', User-Agent. Each connection
is one of ROOT/connections.log.
"""
import argparse
import base64
import http.server
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

seen = set()
lock = threading.Lock()
rounds = {}  # of /gather: widths still to come, and who waits
gathered = threading.Condition()


def gather(name):
    """Wait until as many as the round takes are here. False: they do not come."""
    with gathered:
        widths, waiting = rounds.setdefault(name, ([int(n) for n in name.split("-")], []))
        if not widths:
            return False
        waiting.append(threading.get_ident())
        if len(waiting) == widths[0]:
            widths.pop(0)
            waiting.clear()
            gathered.notify_all()
            return True
        left = len(widths)
        return gathered.wait_for(lambda: len(widths) < left, timeout=20)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def setup(self):
        super().setup()
        with lock, open(os.path.join(self.server.root, "connections.log"), "a") as log:
            log.write("%s:%d\n" % self.client_address)

    def note(self):
        line = "%s %s %s %s\n" % (self.command, self.path, self.headers.get("Range", "-"),
                                  self.headers.get("User-Agent", "-"))
        with lock, open(os.path.join(self.server.root, "requests.log"), "a") as log:
            log.write(line)

    def first_time(self):
        with lock:
            fresh = self.path not in seen
            seen.add(self.path)
        return fresh

    def contents(self, path):
        with open(os.path.join(self.server.root, path), "rb") as f:
            return f.read()

    def status(self, code, body=b"", **headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def start_of_range(self, size):
        value = self.headers.get("Range", "")
        if not value.startswith("bytes="):
            return 0
        return int(value[6:].split("-")[0])

    def serve(self, data, ranges=True, shift=0, cut=None):
        start = self.start_of_range(len(data)) if ranges else 0
        if start >= len(data) > 0 and start:
            self.status(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range",
                             "bytes %d-%d/%d" % (start - shift, len(data) - 1, len(data)))
        body = data[start - shift if start else 0:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.reset()

    def reset(self):
        self.wfile.flush()
        time.sleep(0.2)  # or the reset overtakes the bytes
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def announce(self, length):
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def do_GET(self):
        self.note()
        try:
            self.answer()
        except FileNotFoundError:
            self.status(404)
        except (BrokenPipeError, ConnectionResetError, ValueError):
            self.close_connection = True

    def answer(self):
        if self.path.startswith("http://"):  # as a proxy: any host is this one
            self.path = "/" + self.path.split("/", 3)[3]
        mode, _, rest = self.path[1:].partition("/")
        if mode.startswith("redirect?"):
            self.status(302, Location=self.path.partition("?")[2])
            return
        rest = rest.partition("?")[0]
        method = getattr(self, "mode_" + mode.replace("-", "_"), None)
        if method:
            method(rest)
        else:
            self.status(404)

    def mode_ok(self, path):
        self.serve(self.contents(path))

    def mode_gather(self, rest):
        name, _, path = rest.partition("/")
        if gather(name):
            self.serve(self.contents(path))
        else:
            self.status(400, b"not together")

    def mode_norange(self, path):
        self.serve(self.contents(path), ranges=False)

    def mode_badrange(self, path):
        self.serve(self.contents(path), shift=1)

    def mode_reset(self, path):
        data = self.contents(path)
        self.serve(data, cut=len(data) // 2 if self.first_time() else None)

    def mode_reset_norange(self, path):
        data = self.contents(path)
        self.serve(data, ranges=False, cut=len(data) // 2 if self.first_time() else None)

    def mode_always_reset(self, path):
        self.serve(self.contents(path), cut=10)

    def mode_stall(self, path):
        data = self.contents(path)
        self.announce(len(data))
        self.wfile.write(data[:len(data) // 2])
        self.server.over.wait(30)

    def mode_trickle(self, path):
        data = self.contents(path)
        self.announce(len(data))
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.server.over.wait(0.05):
                break

    def mode_long(self, path):
        data = self.contents(path)
        self.announce(len(data) + 1000)
        self.wfile.write(data)
        self.close_connection = True

    def mode_short(self, path):
        data = self.contents(path)
        self.announce(len(data) - 5)
        self.wfile.write(data)
        self.close_connection = True

    def mode_endless(self, _):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        while not self.server.over.is_set():
            self.wfile.write(bytes(65536))

    def mode_headers(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.close_connection = True
        while not self.server.over.is_set():
            self.wfile.write(b"X-Header: %s\r\n" % (b"h" * 8000))

    def mode_header(self, _):
        self.status(200, X_Header="h" * 300000)

    def mode_huge(self, _):
        self.announce(8 << 30)
        self.wfile.write(b"x")
        self.close_connection = True

    def mode_busy(self, rest):
        seconds, _, path = rest.partition("/")
        if self.first_time():
            self.status(429 if path == "429" else 503, Retry_After=seconds)
        else:
            self.serve(self.contents(path))

    def mode_status(self, rest):
        self.status(int(rest.partition("/")[0]), b"no")

    def mode_auth(self, path):
        want = "Basic " + base64.b64encode(self.server.user.encode()).decode()
        if self.headers.get("Authorization") == want:
            self.serve(self.contents(path))
        else:
            self.status(401, WWW_Authenticate='Basic realm="test"')

    def mode_html(self, _):
        self.status(200, b"<!DOCTYPE html>\n<title>Sorry</title><p>no such file\n",
                    Content_Type="text/html")

    def mode_steer(self, rest):
        steer = "\x1b]0;title\a\x1b[31m\x9bD\u202e".encode("utf-8")
        ok, end = b"HTTP/1.1 200 OK\r\n", b"\r\nContent-Length: 0\r\n\r\n"
        self.wfile.write({
            "location": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/" + steer + end,
            "reason": b"HTTP/1.1 403 " + steer + end,
            "header": ok + steer + end,
            "realm": b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="' + steer + b'"' + end,
            "garbage": steer + b"\r\n\r\n" + steer,
        }[rest.split("/")[0]])
        self.close_connection = True

    def mode_loop(self, _):
        self.status(302, Location=self.path)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # a dropped connection attempt would cost a second

    def handle_error(self, request, client_address):
        pass  # clients that hang up are what is tested


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--tls", metavar="DIR")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--user", default="me:secret")
    args = parser.parse_args()

    server = Server(("127.0.0.1", 0), Handler)
    server.root = args.root
    server.user = args.user
    server.over = threading.Event()
    if args.tls:
        cert, key = os.path.join(args.tls, "cert.pem"), os.path.join(args.tls, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", key, "-out", cert],
                       check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)

    def wait_for_end():
        sys.stdin.buffer.read()
        server.over.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    server.over.wait(args.seconds)
    server.over.set()
    os._exit(0)


if __name__ == "__main__":
    main()
