# SPDX-License-Identifier: Apache-2.0
"""Runs in a network namespace of its own: brings loopback up, starts a name server and a chart repository,
runs a command in a root."""

import argparse
import fcntl
import http.server
import os
import shutil
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import threading

TYPES = {"A": 1, "CNAME": 5, "AAAA": 28}
INDEX = b"apiVersion: v1\nentries: {}\n"


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each:
        fcntl.ioctl(each, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: IFF_UP | IFF_RUNNING


# ---- the name server -----------------------------------------------------------------------------


def packed(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.rstrip(".").split(".")) + b"\0"


def question(query):
    """The name asked for, its type, and where the question ends."""
    at, parts = 12, []
    while query[at]:
        parts.append(query[at + 1 : at + 1 + query[at]].decode())
        at += query[at] + 1
    return ".".join(parts).lower(), struct.unpack_from(">H", query, at + 1)[0], at + 5


class Zone:
    """Lines `NAME TYPE VALUE`; a name that is `big` is answered over TCP alone."""

    def __init__(self, lines):
        self.lines = [line.split() for line in lines]

    def records(self, name, kind):
        found = []
        for owner, record, value in self.lines:
            if owner == name and record == "CNAME":
                found += [(name, "CNAME", packed(value)), *self.records(value, kind)]
            elif owner == name and TYPES[record] == kind:
                found.append(
                    (name, record, socket.inet_pton(socket.AF_INET if record == "A" else socket.AF_INET6, value))
                )
        return found

    def answer(self, query, datagram):
        name, kind, end = question(query)
        print(f"asked {name} {kind} {'udp' if datagram else 'tcp'}", file=sys.stderr, flush=True)
        known = any(owner == name for owner, _, _ in self.lines)
        cut = datagram and name.startswith("big.")
        records = [] if cut else self.records(name, kind)
        body = b"".join(
            packed(owner) + struct.pack(">HHIH", TYPES[record], 1, 60, len(data)) + data
            for owner, record, data in records
        )
        flags = 0x8180 | (0x0200 if cut else 0) | (0 if known else 3)
        return query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + query[12:end] + body


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        data, own = self.request
        own.sendto(self.server.zone.answer(data, True), self.client_address)


class Stream(socketserver.StreamRequestHandler):
    def handle(self):
        while size := self.rfile.read(2):
            reply = self.server.zone.answer(self.rfile.read(struct.unpack(">H", size)[0]), False)
            self.wfile.write(struct.pack(">H", len(reply)) + reply)


def start(kind, handler, family, address, zone):
    class Server(kind):
        address_family, allow_reuse_address, daemon_threads = family, True, True

    server = Server((address, 53), handler)
    server.zone = zone
    threading.Thread(target=server.serve_forever, daemon=True).start()


def name_server(lines, dead):
    zone = Zone(lines)
    start(socketserver.ThreadingUDPServer, Datagram, socket.AF_INET, "127.0.0.1", zone)
    start(socketserver.ThreadingTCPServer, Stream, socket.AF_INET, "127.0.0.1", zone)
    silent = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in dead]
    for each, address in zip(silent, dead):
        each.bind((address, 53))  # takes what comes and says nothing
    return silent


# ---- the repository ------------------------------------------------------------------------------


class Repository(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(f"served {self.path} to {self.headers['Host']}", file=sys.stderr, flush=True)
        self.send_response(200)
        self.send_header("Content-Length", str(len(INDEX)))
        self.end_headers()
        self.wfile.write(INDEX)

    def log_message(self, *words):
        pass


def repository(certificate, key):
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):

        class Server(http.server.ThreadingHTTPServer):
            address_family = family

        server = Server((address, 443), Repository)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--zone", action="append", default=[])
    parser.add_argument("--dead", action="append", default=[])
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("root")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    loopback_up()
    silent = name_server(given.zone, given.dead)
    if given.certificate:
        repository(given.certificate, given.key)
    done = subprocess.run(
        [shutil.which("chroot"), given.root, *given.command],
        stdin=subprocess.DEVNULL,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "PATH"},
    )
    del silent
    return done.returncode


sys.exit(main())
