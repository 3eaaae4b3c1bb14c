# SPDX-License-Identifier: MIT
"""What should not be there: the store against containers, mounts, control groups, addresses,
rules, files and processes of this host.  `find(apps)` is a list of sentences, empty when all
is well.  It reads everything itself, so that it can judge davit's own doctor too."""
import glob
import json
import os
import re
import sqlite3
import subprocess

DATA = "/var/lib/davit"
RUN = "/run/davit"
OURS = ("davit", "davit-heavy", "davit-root")


def rows(sql, *values):
    db = sqlite3.connect("file:%s/store/davit.db?mode=ro" % DATA, uri=True, timeout=10)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return ""


def start_time(pid):
    text = read("/proc/%d/stat" % pid)
    return int(text.rsplit(")", 1)[1].split()[19]) if text else 0


def processes():
    """{pid: (comm, argv, state)} of every process of this host."""
    out = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        text = read("/proc/%s/stat" % name)
        if not text:
            continue
        comm = text[text.index("(") + 1:text.rindex(")")]
        state = text.rsplit(")", 1)[1].split()[0]
        out[int(name)] = (comm, read("/proc/%s/cmdline" % name).split("\0"), state)
    return out


def ask_root(operations):
    """What davit-root answers: root may ask as davit does."""
    request = os.memfd_create("request")
    os.write(request, json.dumps(operations).encode())
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(request, 10)
        os.dup2(w, 11)
        os.dup2(10, 3)
        os.dup2(11, 4)
        os.execv("/usr/local/libexec/davit/davit-root", ["davit-root"])
    os.close(w)
    os.close(request)
    with os.fdopen(r, encoding="utf-8") as f:
        text = f.read()
    os.waitpid(pid, 0)
    return [json.loads(line) for line in text.splitlines()]


def instances():
    return rows("SELECT app.name, process, number, container, state, address, release_id, app.id"
                " FROM instance JOIN app ON app.id = app_id")


def check_rows():
    for app, public_id, state, pid, started in rows(
            "SELECT app.name, public_id, state, pid, pid_started FROM deploy JOIN app ON app.id = app_id"
            " WHERE state IN ('waiting','running')"):
        if start_time(pid) != started:
            yield "deploy %s of %s is %s, and its process is gone" % (public_id, app, state)
    for app, number in rows("SELECT app.name, number FROM release JOIN app ON app.id = app_id"
                            " WHERE state = 'new' AND app_id NOT IN (SELECT app_id FROM deploy"
                            " WHERE state IN ('waiting','running'))"):
        yield "release v%d of %s is neither live nor failed" % (number, app)
    for app, _, _, container, state, _, _, _ in instances():
        if state != "ready":
            yield "instance %s is %s" % (container, state)
    for key, app in rows("SELECT key, app.name FROM property JOIN app ON app.id = app_id"
                         " WHERE plugin = 'undo'"):
        yield "%s: a note of an undone change (%s)" % (app, key)


def check_formation():
    for app_id, app, formation, config, image in rows(
            "SELECT app_id, app.name, formation, config, image FROM release"
            " JOIN app ON app.id = app_id WHERE state = 'live'"):
        image = json.loads(image)
        static = image.get("static_tree")
        want = {p: n for p, n in json.loads(formation).items()
                if n and p in image.get("processes", {}) and not (static and p == "web")}
        have = {}
        for row in instances():
            if row[7] == app_id and row[4] == "ready":
                have[row[1]] = have.get(row[1], 0) + 1
        if want != have:
            yield "%s should run %s and runs %s" % (app, want, have)
        own = dict(rows("SELECT key, value FROM config WHERE app_id = ?", app_id))
        snapshot = json.loads(config)
        for key in sorted(set(own) | set(snapshot)):
            if own.get(key) != snapshot.get(key):
                yield "%s: config %s is %r, in its release %r" % (app, key, own.get(key), snapshot.get(key))
        stored = {p: n for p, n in rows("SELECT process, quantity FROM formation WHERE app_id = ?", app_id) if n}
        if stored != {p: n for p, n in json.loads(formation).items() if n}:
            yield "%s: the formation is %s, in its release %s" % (app, stored, formation)
        link = "%s/static/%s/current" % (DATA, app)
        if static and (not os.path.islink(link) or os.readlink(link) != static):
            yield "%s: the served tree is not its release's" % app


def check_containers():
    known = {row[3] for row in instances()}
    listed = {i["id"]: i for i in ask_root([{"verb": "list"}])[0]["instances"]}
    for name in sorted(known - set(listed)):
        yield "instance %s has no container" % name
    for name, i in sorted(listed.items()):
        if name not in known:
            yield "container %s has no instance" % name
        elif i["state"] != "running" or not i["watched"]:
            yield "container %s is %s, %s" % (name, i["state"], "watched" if i["watched"] else "unwatched")
    for kind in ("c", "oci", "build"):
        for name in os.listdir("%s/%s" % (RUN, kind)):
            if name not in known:
                yield "%s/%s/%s" % (RUN, kind, name)
    for line in read("/proc/self/mountinfo").splitlines():
        point = line.split()[4]
        if point.startswith(RUN + "/c/") and point.split("/")[4] not in known:
            yield "mount " + point
    for path in glob.glob("/sys/fs/cgroup/*/davit/*/") + glob.glob("/sys/fs/cgroup/davit/*/"):
        if path.split("/")[-2] not in known:
            yield "control group " + path
    for pid, (comm, argv, state) in processes().items():
        if comm == "conmon" and not known & set(argv):
            yield "conmon %d of nobody: %s" % (pid, " ".join(argv[:8]))
        if comm.startswith("runc") and state != "Z":
            yield "process %d: %s" % (pid, " ".join(argv))
        if comm in OURS and state == "T":
            yield "a stopped %s" % comm
        if state != "Z" and os.path.exists("/proc/%d" % pid):
            try:
                uid = os.stat("/proc/%d" % pid).st_uid
            except OSError:
                continue
            groups = read("/proc/%d/cgroup" % pid)
            if uid >= 0x70000000 and not any(k in groups for k in known):
                yield "process %d of an app (%s) in no container of ours" % (pid, comm)


def check_network():
    live = {}
    for _, _, _, container, _, address, _, _ in instances():
        live[container] = address
    numbers = {}
    for line in read(DATA + "/addresses").splitlines():
        name, number = line.split()
        numbers[name] = number
        if name[0] != "@" and name not in live:
            yield "address %s of %s" % (number, name)
    for name in os.listdir("/sys/class/net"):
        if re.fullmatch(r"vd\d+", name) and name[2:] not in [numbers.get(c) for c in live]:
            yield "device " + name
    said = subprocess.run(["nft", "list", "table", "inet", "davit"], stdout=subprocess.PIPE, text=True,
                          check=False).stdout
    chains = dict(re.findall(r"chain app_(\d+) \{(.*?)\n\t\}", said, re.S))
    for app, number in ((n[1:], x) for n, x in numbers.items() if n[0] == "@"):
        want = sorted(row[5] for row in instances() if row[0] == app and row[1] == "web" and row[4] == "ready")
        have = sorted(re.findall(r"(?:dnat ip to |: )(\d+\.\d+\.\d+\.\d+)", chains.pop(number, "")))
        kept = sorted(read("%s/routes/%s" % (RUN, app)).split()[1:])
        if have != want or kept != want:
            yield "%s: traffic goes to %s, was noted as %s, and should go to %s" % (app, have, kept, want)
    for number in chains:
        yield "rules of an app that has no address: app_%s" % number


def check_files():
    for pattern in ("*.new*", "nginx/.*", "nginx/*.new*", "nginx/snippets/*/*.new*", "tls/*/*.new*", "static/*/.*",
                    "layers/.*", "storage/.*", "cache/*/.*", "scratch/*.new", "store/work/*", "store/locks/*.new*",
                    "git/*.git/*.lock", "git/*.git/*.new*", "git/*.git/refs/heads/*.lock",
                    "git/*.git/objects/tmp*", "git/*.git/objects/incoming*", "git/*.git/objects/pack/tmp*",
                    "git/*.git/objects/??/tmp*"):
        for path in glob.glob("%s/%s" % (DATA, pattern)) + glob.glob("%s/.%s" % (DATA, pattern)) * (pattern[0] == "*"):
            yield path
    for path in glob.glob(RUN + "/routes/.*") + glob.glob(RUN + "/nginx-pending*") + glob.glob("/home/davit/.ssh/*.new*") + glob.glob("/home/davit/*/*.new.*") + glob.glob(DATA + "/config/*/*.new.*"):
        yield path
    named = {r[0] for r in rows("SELECT j.value FROM release, json_each(image, '$.layers') j UNION"
                                " SELECT value FROM property WHERE app_id = 0 AND plugin = 'stack' UNION"
                                " SELECT value ->> '$.deps' FROM property WHERE key = 'memo' UNION"
                                " SELECT value ->> '$.prune' FROM property WHERE key = 'memo'")}
    for name in os.listdir(DATA + "/layers"):
        if name not in named and name[0] not in "." and not re.match(r"(stack|base|toolchain)", name):
            yield "layer %s of no release" % name
    for app, app_id in rows("SELECT name, id FROM app"):
        trees = {r[0] for r in rows("SELECT image ->> '$.static_tree' FROM release WHERE app_id = ?", app_id)}
        for path in glob.glob("%s/static/%s/*" % (DATA, app)):
            if os.path.basename(path) not in trees | {"current"}:
                yield "static tree %s of no release" % path
    for name in os.listdir(DATA + "/store/work") if os.path.isdir(DATA + "/store/work") else []:
        yield "store/work/" + name


def check_refs():
    for app, revision in rows("SELECT app.name, revision FROM release JOIN app ON app.id = app_id"
                              " WHERE state = 'live' AND source = 'git-push'"):
        repo = "%s/git/%s.git" % (DATA, app)
        # git gc packs the refs, so that their files are not all there is.
        ref = subprocess.run(["git", "-c", "safe.directory=*", "--git-dir", repo, "rev-parse", "--quiet", "--verify",
                              "refs/heads/main"], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
        if ref != revision:
            yield "%s serves %s, its branch is at %s" % (app, revision, ref or "nothing")


def check_nginx():
    said = subprocess.run(["nginx", "-t"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if said.returncode:
        yield "nginx: " + said.stdout


def find():
    out = []
    for check in (check_rows, check_formation, check_containers, check_network, check_files, check_refs, check_nginx):
        out += list(check())
    return out


def at_work():
    """Words of what davit is doing just now."""
    return [" ".join(argv).strip() for comm, argv, state in processes().values() if comm in OURS and state != "Z"]


def quiet():
    return not at_work()


if __name__ == "__main__":
    print("\n".join(find()) or "nothing")
