#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Requests at a fixed rate, each judged.  An open loop: a slow answer never holds up the next
request.  Runs as a process of its own until its stdin ends, then prints one JSON object.

    load.py ADDRESS PORT HOST MODE RATE [--expect MARKER] [--path /]

MODE `new`: every request on a fresh connection.
MODE `kept`: a pool of 20 kept connections used in turn, each looked at before it is used again: a connection that
the server has closed by then is thrown away, as a sound client does.

Prints {"requests","failed","by","latency_ms":[...],"first_seen":{marker: seconds on the monotonic
clock},"last_seen":{...}}.
"""
import argparse
import errno
import json
import select
import socket
import sys
import time

TIMEOUT = 10.0
POOL = 20


class Request:
    __slots__ = ("sock", "out", "inp", "begun", "fresh")

    def __init__(self, sock, out, begun, fresh):
        self.sock, self.out, self.inp, self.begun, self.fresh = sock, out, b"", begun, fresh


def body_of(data):
    """The body once it is whole, None while it is not, False when it is no answer."""
    head, sep, rest = data.partition(b"\r\n\r\n")
    if not sep:
        return None
    fields = {}
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        fields[key.strip().lower()] = value.strip()
    if b"content-length" in fields:
        length = int(fields[b"content-length"])
        return rest[:length] if len(rest) >= length else None
    if fields.get(b"transfer-encoding", b"").lower() != b"chunked":
        return False
    whole = b""
    while True:
        size, sep, rest = rest.partition(b"\r\n")
        if not sep:
            return None
        n = int(size.split(b";")[0], 16)
        if len(rest) < n + 2:
            return None
        if n == 0:
            return whole
        whole, rest = whole + rest[:n], rest[n + 2:]


class Load:
    def __init__(self, a):
        self.a = a
        self.poll = select.epoll()
        self.open = {}
        self.idle = []
        self.by, self.latency = {}, []
        self.first, self.last = {}, {}
        self.requests = 0
        keep = "keep-alive" if a.mode == "kept" else "close"
        self.wire = ("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: %s\r\n\r\n"
                     % (a.path, a.host, keep)).encode()

    def count(self, what):
        self.by[what] = self.by.get(what, 0) + 1

    def kept(self):
        """A kept connection that still stands; None while the pool may grow."""
        if len(self.idle) + len(self.open) < POOL:
            return None
        while self.idle:
            sock = self.idle.pop(0)
            try:
                if sock.recv(1, socket.MSG_PEEK) == b"":
                    sock.close()
                    continue
                sock.close()            # bytes that nobody asked for
            except BlockingIOError:
                return sock
            except OSError:
                sock.close()
        return None

    def begin(self):
        self.requests += 1
        sock = self.kept()
        fresh = sock is None
        if fresh:
            family = socket.AF_INET6 if ":" in self.a.address else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            rc = sock.connect_ex((self.a.address, self.a.port))
            if rc not in (0, errno.EINPROGRESS):
                self.count("connect: " + errno.errorcode.get(rc, str(rc)))
                sock.close()
                return
        self.open[sock.fileno()] = Request(sock, self.wire, time.monotonic(), fresh)
        self.poll.register(sock.fileno(), select.EPOLLOUT)

    def end(self, r, what, keep=False):
        self.poll.unregister(r.sock.fileno())
        del self.open[r.sock.fileno()]
        self.count(what)
        if keep:
            self.idle.append(r.sock)
        else:
            r.sock.close()

    def step(self, fd):
        r = self.open.get(fd)
        if r is None:
            return
        try:
            if r.out:
                r.out = r.out[r.sock.send(r.out):]
                if not r.out:
                    self.poll.modify(fd, select.EPOLLIN)
                return
            got = r.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError as e:
            where = "fresh" if r.fresh else "kept"
            self.end(r, "%s: %s" % (where, errno.errorcode.get(e.errno, str(e.errno))))
            return
        r.inp += got
        body = body_of(r.inp)
        if body is None:
            if not got:
                self.end(r, "closed early on a %s connection" % ("fresh" if r.fresh else "kept"))
            return
        self.judge(r, body)

    def judge(self, r, body):
        status = r.inp.split(b" ", 2)[1].decode("ascii", "replace")
        now = time.monotonic()
        keep = self.a.mode == "kept" and b"\r\nconnection: close" not in r.inp.lower()
        if status != "200" or body is False:
            self.end(r, "http " + status)
            return
        marker = body.decode("utf-8", "replace").strip()[:120]
        if self.a.expect and self.a.expect not in marker:
            self.end(r, "another body")
            return
        self.latency.append((now - r.begun) * 1000)
        self.first.setdefault(marker, now)
        self.last[marker] = max(self.last.get(marker, 0), r.begun)
        self.end(r, "ok", keep)

    def run(self):
        due = time.monotonic()
        self.poll.register(sys.stdin.fileno(), select.EPOLLIN | select.EPOLLHUP)
        stop = None
        while stop is None or (self.open and time.monotonic() < stop):
            now = time.monotonic()
            while stop is None and due <= now:
                self.begin()
                due += 1.0 / self.a.rate
            wait = 0.05 if stop else max(0.0, min(0.05, due - time.monotonic()))
            for fd, _ in self.poll.poll(wait):
                if fd == sys.stdin.fileno():
                    self.poll.unregister(fd)
                    stop = time.monotonic() + TIMEOUT
                else:
                    self.step(fd)
            for r in [r for r in self.open.values() if r.begun < now - TIMEOUT]:
                self.end(r, "timeout")
        for r in list(self.open.values()):
            self.end(r, "timeout")
        ok = self.by.get("ok", 0)
        return {"requests": self.requests, "failed": self.requests - ok, "by": self.by,
                "latency_ms": [round(x, 2) for x in self.latency],
                "first_seen": self.first, "last_seen": self.last}


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("address")
    p.add_argument("port", type=int)
    p.add_argument("host")
    p.add_argument("mode", choices=["new", "kept"])
    p.add_argument("rate", type=float)
    p.add_argument("--expect", default="")
    p.add_argument("--path", default="/")
    print(json.dumps(Load(p.parse_args()).run()))
