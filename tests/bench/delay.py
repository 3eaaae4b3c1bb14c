#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Run a command behind a slow link.

    delay.py MILLISECONDS COMMAND ARG...

COMMAND runs in a network namespace of its own whose only way out is a link to this host that
delays every packet, in both directions, by MILLISECONDS.  The host is 198.18.0.1 on it.  The link
is a pair of tun devices with this program between them: no kernel module beyond tun is needed.
Needs root.
"""
import ctypes
import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import threading
import time

HOST, CLIENT = "198.18.0.1", "198.18.0.2"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000


def ip(*words):
    subprocess.run(("ip",) + words, check=True, timeout=20)


def open_tun(name, own, other):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    ip("addr", "add", own, "peer", other, "dev", name)
    ip("link", "set", name, "up")
    os.set_blocking(fd, False)
    return fd


def relay(fds, seconds):
    """Each packet from one end goes out of the other, `seconds` later."""
    other = {fds[0]: fds[1], fds[1]: fds[0]}
    queue, order = [], 0
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    while True:
        wait = max(0, (queue[0][0] - time.monotonic()) * 1000) if queue else None
        for fd, _ in poll.poll(wait):
            try:
                while True:
                    packet = os.read(fd, 65536)
                    order += 1
                    heapq.heappush(queue, (time.monotonic() + seconds, order, other[fd], packet))
            except BlockingIOError:
                pass
        while queue and queue[0][0] <= time.monotonic():
            _, _, to, packet = heapq.heappop(queue)
            try:
                os.write(to, packet)
            except OSError:
                pass                    # a full queue loses packets, as any link does


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    name = "davitslow%d" % (os.getpid() % 10000)
    near = open_tun(name, HOST, CLIENT)
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        sys.exit("delay.py: cannot make a network namespace: " + os.strerror(ctypes.get_errno()))
    ip("link", "set", "lo", "up")
    far = open_tun(name, CLIENT, HOST)
    threading.Thread(target=relay, args=((near, far), int(sys.argv[1]) / 1000), daemon=True).start()
    sys.exit(subprocess.run(sys.argv[2:]).returncode)


if __name__ == "__main__":
    main()
