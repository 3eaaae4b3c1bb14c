# SPDX-License-Identifier: MIT
"""What the harnesses of this directory share: the programs of `make faults`, an app and a
client of it, the operations, and who dies."""
import collections
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../bench")]
import leftovers  # noqa: E402
from lib import die, davit, run, wait_until, where  # noqa: E402

TOP = os.path.realpath(os.path.join(HERE, "../.."))
FAULTS = "/run/davit/faults"
LIBEXEC = "/usr/local/libexec/davit"
PROGRAMS = {"davit": "/usr/local/bin/davit", "davit-heavy": LIBEXEC + "/davit-heavy",
            "davit-root": LIBEXEC + "/davit-root"}
SERVER = '''import http.server, os
VERSION = open("VERSION").read().strip()
BODY = ("%s %s\\n" % (VERSION, os.environ.get("WORD", ""))).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/log":
            print(("x" * 99 + "\\n") * 200, end="", flush=True)
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


Server(("", int(os.environ["PORT"])), Handler).serve_forever()
'''


class Programs:
    """Ours in place of the installed ones, renamed so that whoever runs keeps his own."""

    def __init__(self):
        self.kept = {}

    def put(self):
        for name, path in PROGRAMS.items():
            st = os.stat(path)
            self.kept[name] = path + ".kept"
            shutil.copy2(path, self.kept[name])
            os.chown(self.kept[name], st.st_uid, st.st_gid)
            os.chmod(self.kept[name], st.st_mode & 0o7777)
            new = path + ".faults"
            shutil.copy(os.path.join(TOP, "build/release/faults", name), new)
            os.chown(new, st.st_uid, st.st_gid)
            os.chmod(new, st.st_mode & 0o7777)
            os.rename(new, path)
        os.makedirs(FAULTS, mode=0o755, exist_ok=True)

    def back(self):
        shutil.rmtree(FAULTS, ignore_errors=True)
        for name, kept in self.kept.items():
            os.rename(kept, PROGRAMS[name])


class Client(threading.Thread):
    """Asks without a pause, a new connection each time."""

    def __init__(self, app):
        super().__init__(daemon=True)
        self.address, self.port, self.host = where(app)
        self.allowed, self.bad, self.asked, self.over = set(), [], 0, False
        self.last = None

    def ask(self, path="/"):
        """As a browser: a redirect is followed.  While nginx changes from one configuration to the next, one
        worker may redirect to what the other does not have: a browser's user tries again."""
        for _ in range(10):
            status, body = self.ask_once(http.client.HTTPConnection(self.address, self.port, timeout=10), path)
            if status != 301:
                break
            status, body = self.ask_once(self.https(), path)
            if status == 200:
                break
            time.sleep(0.05)
        return status, body

    def https(self):
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        c = http.client.HTTPSConnection(self.host, 443, timeout=10, context=tls)
        c._create_connection = lambda _, *rest: socket.create_connection((self.address, 443), *rest)
        return c

    def ask_once(self, c, path):
        try:
            c.request("GET", path, headers={"Host": self.host, "Connection": "close"})
            r = c.getresponse()
            return r.status, r.read().decode().strip()
        except OSError as e:
            return 0, "%s: %s" % (type(e).__name__, e)
        except http.client.HTTPException as e:
            return 0, "%s: %s" % (type(e).__name__, e)
        finally:
            c.close()

    def run(self):
        while not self.over:
            began = time.monotonic()
            allowed = self.allowed
            status, body = self.ask()
            self.asked += 1
            self.last = body if status == 200 else None
            if allowed and (status != 200 or body not in allowed | self.allowed):
                self.bad.append("%.0f ms: %d %s, not one of %s" % (
                    (time.monotonic() - began) * 1000, status, body[:100], sorted(self.allowed)))
            time.sleep(0.012)


class App:
    def __init__(self, door, name, static):
        self.door, self.name, self.static = door, name, static
        self.dir = door.path(name)
        self.version, self.word = 0, ""
        os.makedirs(self.dir)
        if not static:
            self.write("server.py", SERVER)
            self.write("requirements.txt", "")
            self.write("Procfile", "web: python3 server.py\n")
        self.git("init", "-q", "-b", "main")
        self.git("config", "gc.auto", "0")

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
            f.write(text)

    def git(self, *words):
        return run(["git"] + list(words), cwd=self.dir, env=self.door.git_env())

    def commit(self, version):
        self.write("index.html" if self.static else "VERSION", "v%d\n" % version)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "v%d" % version)

    def body(self, version, word):
        return "v%d" % version if self.static else ("v%d %s" % (version, word)).strip()

    def push_argv(self):
        return ["git", "push", "--force", "davit:" + self.name, "HEAD:refs/heads/main"]


# --- operations: what is run, and what the app may answer from then on -----------------------

class Operation:
    def __init__(self, app):
        self.app = app
        self.n = 0

    def prepare(self):
        """The argv, and the bodies that are right from now on."""
        raise NotImplementedError

    def settle(self, body):
        """Which of them it was."""

    def locate(self):
        """It has ended or died: what is the app called now?"""


class Push(Operation):
    name = "push"

    def prepare(self):
        a = self.app
        self.n = max(self.n, a.version) + 1
        a.commit(self.n)
        return a.push_argv(), {a.body(a.version, a.word), a.body(self.n, a.word)}

    def settle(self, body):
        a = self.app
        if body == a.body(self.n, a.word):
            a.version = self.n


class Config(Operation):
    name = "config"

    def prepare(self):
        a = self.app
        self.n += 1
        self.want = "w%d" % self.n
        return (["davit", "config:set", a.name, "WORD=" + self.want],
                {a.body(a.version, a.word), a.body(a.version, self.want)})

    def settle(self, body):
        if body == self.app.body(self.app.version, self.want):
            self.app.word = self.want


class Scale(Operation):
    name = "scale"

    def prepare(self):
        a = self.app
        self.n = 3 - self.n if self.n else 2
        return ["davit", "ps:scale", a.name, "web=%d" % self.n], {a.body(a.version, a.word)}


class Restart(Operation):
    name = "restart"

    def prepare(self):
        a = self.app
        return ["davit", "ps:restart", a.name], {a.body(a.version, a.word)}


class Rollback(Operation):
    name = "rollback"

    def prepare(self):
        a = self.app
        past = leftovers.rows("SELECT number, config, image FROM release JOIN app ON app.id = app_id"
                              " WHERE app.name = ? AND state = 'past' ORDER BY number DESC LIMIT 5", a.name)
        self.was = (a.version, a.word)
        number = past[-1][0]
        return ["davit", "--force", "releases:rollback", a.name, "v%d" % number], None

    def settle(self, body):
        words = body.split()
        self.app.version = int(words[0][1:])
        self.app.word = words[1] if len(words) > 1 else ""


class Domains(Operation):
    name = "domains"

    def prepare(self):
        a = self.app
        self.n += 1
        verb = "domains:add" if self.n % 2 else "domains:remove"
        return ["davit", verb, a.name, "other.%s.test" % a.name], {a.body(a.version, a.word)}


class Certs(Operation):
    """A certificate of its own, given and taken; the client follows to https."""
    name = "certs"

    def prepare(self):
        a = self.app
        crt, key = a.door.path("app.crt"), a.door.path("app.key")
        if not self.n:
            run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=" + a.name,
                 "-addext", "subjectAltName=DNS:%s.test" % a.name, "-keyout", key, "-out", crt])
        self.n += 1
        argv = ["davit", "certs:add", a.name, crt, key] if self.n % 2 else ["davit", "certs:remove", a.name]
        return argv, {a.body(a.version, a.word)}


class Rename(Operation):
    name = "rename"

    def prepare(self):
        a = self.app
        self.names = (a.name, a.name[:-2] if a.name.endswith("-b") else a.name + "-b")
        return ["davit", "apps:rename", *self.names], {a.body(a.version, a.word)}

    def locate(self):
        apps = davit("--quiet", "apps:list").split()
        self.app.name = next(name for name in self.names if name in apps)


class Destroy(Operation):
    """Of another app."""
    name = "destroy"

    def prepare(self):
        a, self.other = self.app, self.app.name + "-gone"
        if self.other not in davit("--quiet", "apps:list").split():
            run(["git", "push", "-q", "davit:" + self.other, "HEAD:refs/heads/main"], cwd=a.dir, env=a.door.git_env())
        return ["davit", "--force", "apps:destroy", self.other], {a.body(a.version, a.word)}


class Rotate(Operation):
    """A log over its bound, and the tick that rotates it."""
    name = "rotate"

    def prepare(self):
        a = self.app
        if not self.n:
            davit("logs:set", a.name, "max-size", "256k")
        self.n += 1
        for _ in range(4):
            a.client.ask("/log")
        return ["davit", "tick"], {a.body(a.version, a.word)}


OPERATIONS = {"app": [Push, Config, Scale, Restart, Rollback, Domains, Certs, Rotate, Destroy, Rename], "site": [Push]}


# --- deaths -----------------------------------------------------------------------------------

def conmons(app):
    return [pid for pid, (comm, argv, _) in leftovers.processes().items()
            if comm == "conmon" and any(word.startswith(app + ".") for word in argv)]


def named(*names):
    return [pid for pid, (comm, _, state) in leftovers.processes().items() if comm in names and state != "Z"]


def end(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def kill(victim, app, stopped):
    """How many died."""
    if victim == "self":
        dead = [stopped]
    elif victim == "davit":
        dead = named("davit", "davit-heavy")
    elif victim == "helper":
        dead = named("davit-root")
    elif victim == "conmon":
        dead = conmons(app)
    else:
        dead = named("davit", "davit-heavy", "davit-root", "git", "git-receive-pac", "pre-receive", "runc", "crun")
        dead += conmons(app)
    end(dead)
    if stopped:
        try:
            os.kill(stopped, signal.SIGCONT)
        except ProcessLookupError:
            pass
    return len(dead)


def trace():
    return leftovers.read(FAULTS + "/trace").splitlines()


def arm(want):
    for name, text in (("want", want), ("trace", "")):
        with open("%s/%s" % (FAULTS, name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod("%s/%s" % (FAULTS, name), 0o666)


def disarm():
    for name in ("want", "trace"):
        if os.path.exists("%s/%s" % (FAULTS, name)):
            os.unlink("%s/%s" % (FAULTS, name))


def wait_hit(want, op, seconds=60):
    """The pid that stopped at the point, or 0 when the operation ended before."""
    count, program, point = want.split(" ", 2)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen = [line.split(" ", 2) for line in trace()]
        pids = [int(pid) for p, pid, at in seen if p == program and at == point]
        if len(pids) >= int(count):
            pid = pids[int(count) - 1]
            while time.monotonic() < deadline:
                if leftovers.processes().get(pid, ("", [], "gone"))[2] in ("T", "gone"):
                    return pid
                time.sleep(0.002)
        if op.poll() is not None:
            return 0
        time.sleep(0.003)
    return 0


def doctor():
    """Its findings, and what it says when it says anything else."""
    p = subprocess.run(["davit", "doctor"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       timeout=60, check=False, env={"PATH": os.environ["PATH"]})
    return ["doctor: " + p.stdout.strip()] if p.returncode else []


def settled(seconds):
    """What is left once nothing moves any more."""
    deadline = time.monotonic() + seconds
    left = ["?"]
    while left and time.monotonic() < deadline:
        if leftovers.quiet():
            left = leftovers.find()
            if not left:
                return doctor()
        time.sleep(0.05)
    return left if left != ["?"] else leftovers.find() + ["still at work: %s" % leftovers.at_work()]


class Trial:
    def __init__(self, door, log):
        self.door, self.log = door, log
        self.deaths, self.points, self.missed, self.down, self.findings = 0, set(), 0, [], []
        self.by_victim = collections.Counter()
        self.turn = 0

    def start(self, argv, cwd):
        out = open(self.log, "w", encoding="utf-8")
        return subprocess.Popen(argv, cwd=cwd, env=dict(self.door.git_env(), HOME="/root"), stdin=subprocess.DEVNULL,
                                stdout=out, stderr=subprocess.STDOUT, start_new_session=True)

    def recover(self, app):
        """By each of the three ways in turn."""
        self.turn += 1
        way = ("recover", "tick", "deploy")[self.turn % 3]
        if way == "deploy":
            davit("ps:restart", app.name, check=False)
        else:
            davit(way, check=False)
        davit("tick", check=False)
        return way

    def learn(self, app, operation):
        """The points that it passes: [(COUNT PROGRAM POINT)]."""
        argv, _ = operation.prepare()
        arm("")
        op = self.start(argv, app.dir)
        if op.wait(180):
            die("%s failed:\n%s" % (" ".join(argv), leftovers.read(self.log)), "see above")
        wait_until(30, leftovers.quiet, "davit to end")
        seen, out = collections.Counter(), []
        for line in trace():
            program, _, point = line.split(" ", 2)
            seen[program, point] += 1
            out.append("%d %s %s" % (seen[program, point], program, point))
        disarm()
        operation.locate()
        status, body = app.client.ask()
        operation.settle(body)
        return out

    def one(self, app, operation, want, victim, after=None):
        """One death."""
        argv, allowed = operation.prepare()
        client = app.client
        client.bad = []
        client.allowed = allowed or set()
        if want:
            arm(want)
        op = self.start(argv, app.dir)
        if want:
            stopped = wait_hit(want, op)
        else:
            stopped = 0
            time.sleep(after)
        hit = not want or stopped
        if hit:
            self.deaths += kill(victim, app.name, stopped) > 0
            self.by_victim[victim] += 1
            self.points.add((operation.name, want))
        else:
            self.missed += 1
        try:
            op.wait(90)
        except subprocess.TimeoutExpired:
            self.findings.append("%s does not end" % " ".join(argv))
            op.kill()
        disarm()
        operation.locate()
        time.sleep(0.05)
        way = self.recover(app)
        left = settled(7)
        if left:
            davit("tick", check=False) # a minute later
            left = settled(7)
        status, body = client.ask()
        if status == 200:
            operation.settle(body)
            client.allowed = {body}
        else:
            client.bad.append("afterwards: %d %s" % (status, body))
        time.sleep(0.05)
        label = "%s at %s/%s by %s" % (operation.name, want or "%.2f s" % after, victim, way)
        for text in client.bad[:3]:
            self.down.append("%s: %s (%d bad)" % (label, text, len(client.bad)))
            print("DOWN %s" % self.down[-1], flush=True)
        for text in left:
            self.findings.append("%s: %s" % (label, text))
            print("LEFT %s" % self.findings[-1], flush=True)
        if left or client.bad:
            print("     " + leftovers.read(self.log).strip().replace("\n", "\n     ")[-1500:], flush=True)
            self.mend(app)
        client.allowed = set()

    def mend(self, app):
        """A finding must not be found again by those that follow."""
        davit("recover", check=False)
        davit("tick", check=False)
        davit("ps:restart", app.name, check=False)
        settled(20)
        status, body = app.client.ask()
        if status == 200 and not app.static:
            app.version = int(body.split()[0][1:])
            app.word = (body.split() + [""])[1]


def make_app(door, name, static):
    davit("--force", "apps:destroy", name, check=False)
    app = App(door, name, static)
    app.version = 1
    app.commit(1)
    run(app.push_argv(), cwd=app.dir, env=door.git_env())
    davit("domains:set", name, name + ".test")
    if not static:
        davit("checks:set", name, "wait-to-retire", "5")
    app.client = Client(name)
    app.client.start()
    return app
