# SPDX-License-Identifier: MIT
"""What the parts of the bench share: an sshd of its own, repositories, load, figures."""
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = os.path.dirname(os.path.realpath(__file__))
PLAIN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
         "HOME": "/root"}
SSH_PORT = 2292
PREFIX = "bench-"


def die(text, next_step):
    sys.exit(" !     bench: %s\n !     next: %s" % (text, next_step))


def run(argv, text=None, check=True, timeout=600, **more):
    p = subprocess.run(argv, input=text, text=True, timeout=timeout, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, env=more.pop("env", PLAIN), **more)
    if check and p.returncode:
        die("%s ended with %d:\n%s" % (" ".join(argv), p.returncode, p.stdout[-3000:]), "see the lines above")
    return p.stdout


def davit(*words, check=True, text=None):
    return run(["davit"] + list(words), check=check, text=text)


def median(values):
    return statistics.median(values) if values else None


def wait_until(seconds, condition, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            die("waited %.0f s for %s" % (seconds, what), "look at: davit logs, davit ps:report")
        time.sleep(0.01)


class Door:
    """An sshd on loopback that lets one fresh key in as davit: on one port to davit's commands, on
    the other to the bare repository of the floor, with nothing of davit between."""

    def __init__(self):
        # Below a directory that root alone can write: sshd would not read keys elsewhere.
        self.dir = tempfile.mkdtemp(prefix="davit-bench.", dir="/run")
        os.chmod(self.dir, 0o755)
        for name in ("host", "key"):
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path(name)])
        with open(self.path("key.pub"), encoding="utf-8") as f:
            key = f.read()
        self.write("floor_keys", "restrict " + key)
        davit("ssh-keys:remove", "davit-bench", check=False)
        davit("ssh-keys:add", "davit-bench", text=key)
        self.write("sshd_config", """ListenAddress 127.0.0.1:{port}
ListenAddress 127.0.0.1:{floor}
HostKey {dir}/host
PidFile {dir}/sshd.pid
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile .ssh/authorized_keys
MaxStartups 100:30:200
Match LocalPort {floor}
    AuthorizedKeysFile {dir}/floor_keys
""")
        self.write("config", """Host davit
    Port {port}
Host floor
    Port {floor}
Host *
    User davit
    HostName 127.0.0.1
    IdentityFile {dir}/key
    IdentitiesOnly yes
    UserKnownHostsFile {dir}/known_hosts
    GlobalKnownHostsFile /dev/null
    BatchMode yes
""")
        with open(self.path("host.pub"), encoding="utf-8") as f:
            host_key = " ".join(f.read().split()[:2])
        self.write("known_hosts", "[127.0.0.1]:{port},[127.0.0.1]:{floor} %s\n" % host_key)
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self.sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", self.path("sshd_config"),
                                      "-E", self.path("sshd.log")], env=PLAIN)
        wait_until(10, lambda: os.path.exists(self.path("sshd.pid")), "the bench's sshd")
        run(["git", "init", "-q", "--bare", self.path("floor.git")])
        run(["chown", "-R", "davit:davit", self.path("floor.git")])

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text.format(port=SSH_PORT, floor=SSH_PORT + 1, dir=self.dir))

    def git_env(self):
        return dict(PLAIN, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1",
                    GIT_SSH_COMMAND="ssh -F " + self.path("config"), GIT_SSH_VARIANT="ssh",
                    GIT_AUTHOR_NAME="bench", GIT_AUTHOR_EMAIL="bench@localhost",
                    GIT_COMMITTER_NAME="bench", GIT_COMMITTER_EMAIL="bench@localhost")

    def close(self):
        self.sshd.send_signal(signal.SIGTERM)
        self.sshd.wait(10)
        davit("ssh-keys:remove", "davit-bench", check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


class Repo:
    """An app's sources, with a marker that each version changes."""

    def __init__(self, door, kind):
        self.door, self.kind, self.app, self.version = door, kind, PREFIX + kind, 0
        self.dir = door.path("repo-" + kind)
        shutil.copytree(os.path.join(HERE, "apps", kind), self.dir)
        self.file = "index.html" if kind == "static" else "VERSION"
        self.git("init", "-q", "-b", "main")
        self.git("config", "gc.auto", "0")

    def git(self, *words):
        return run(["git"] + list(words), cwd=self.dir, env=self.door.git_env())

    def bump(self):
        self.version += 1
        marker = "marker-%s-%d-%d" % (self.kind, os.getpid(), self.version)
        with open(os.path.join(self.dir, self.file), "w", encoding="utf-8") as f:
            f.write(marker + "\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", marker)
        return marker

    def push(self, remote):
        """(time of the start, seconds, [(seconds, line of output)])."""
        t0 = time.monotonic()
        p = subprocess.Popen(["git", "push", "--force", remote, "HEAD:refs/heads/main"], cwd=self.dir,
                             env=self.door.git_env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace")
        lines = [(time.monotonic() - t0, line.rstrip()) for line in p.stdout]
        took = time.monotonic() - t0
        if p.wait():
            die("git push %s ended with %d:\n%s" % (remote, p.returncode, "\n".join(x for _, x in lines[-40:])),
                "see the lines above")
        return t0, took, lines

    def push_floor(self):
        return self.push("floor:" + self.door.path("floor.git"))[1]

    def push_davit(self):
        return self.push("davit:" + self.app)


def where(app):
    """(address, port, Host) of an app's first http URL; a name is reached on this host."""
    for url in davit("--quiet", "urls", app).split():
        u = urllib.parse.urlsplit(url)
        if u.scheme == "http":
            return "127.0.0.1", u.port or 80, u.netloc
    die("%s has no http URL" % app, "davit urls " + app)
    return None


class Load:
    """load.py at work, behind a delayed link or not."""

    def __init__(self, app, mode="new", rate=200, delay_ms=0):
        address, port, host = where(app)
        argv = [sys.executable, os.path.join(HERE, "load.py"), "198.18.0.1" if delay_ms else address, str(port),
                host, mode, str(rate)]
        if delay_ms:
            argv = [sys.executable, os.path.join(HERE, "delay.py"), str(delay_ms)] + argv
        self.proc = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        time.sleep(1.0)

    def end(self):
        out, _ = self.proc.communicate(timeout=60)
        return json.loads(out)
