# A release as an archive of an OCI image: other tools read it, another app runs it, and what
# is wrong with one is found before anything has changed.

setup_file() {
	load ssh_lib
	load app_lib
	key_in "$BATS_FILE_TMPDIR"
	# One app and one archive for all tests: packing the stack takes seconds.
	cd "$BATS_FILE_TMPDIR" || return
	APP=images-app
	export APP ARCHIVE=$BATS_FILE_TMPDIR/app.tar
	destroy "$APP"
	app
	cat >Procfile <<'PROCFILE'
web: python3 server.py
worker: sleep 1000
PROCFILE
	git commit -q -a -m "two process types"
	push
	"$DAVIT" config:set "$APP" WORD=-secret
	"$DAVIT" releases:export "$APP" live "$ARCHIVE"
}

setup() {
	load ssh_lib
	load app_lib
	cd "$BATS_TEST_TMPDIR" || return
	APP=images-app
	TO=images-$BATS_TEST_NUMBER
	destroy "$TO"
}

teardown() {
	destroy "$TO"
}

teardown_file() {
	load ssh_lib
	destroy images-app
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

layers() { find "$DATA/layers" -mindepth 1 -maxdepth 1 -name 'oci-*' | sort; }
# Members of the archive's directory `layout`, packed again.
pack() { tar -C layout -cf "$1" oci-layout index.json blobs; }
unpack() {
	mkdir layout
	tar -C layout -xf "$ARCHIVE"
}
@test "skopeo and umoci read what is exported, and it holds no secret" {
	[[ $(stat -c %a "$ARCHIVE") == 600 ]]
	skopeo inspect "oci-archive:$ARCHIVE" >seen
	cat seen
	grep -q '"davit.process.worker": "sleep 1000"' seen
	skopeo inspect --config "oci-archive:$ARCHIVE" | grep -q '"python3 server.py"'
	[[ $(zgrep -c -- -secret "$ARCHIVE" || true) == 0 ]]
	skopeo copy -q "oci-archive:$ARCHIVE" oci:layout:v1
	umoci unpack --image layout:v1 bundle >/dev/null
	[[ $(cat bundle/rootfs/app/VERSION) == one ]]
	[[ $(stat -c %u bundle/rootfs/app/server.py) == 1000 ]]
	[[ -x bundle/rootfs/usr/bin/python3 ]]
	python3 -c 'import json
p = json.load(open("bundle/config.json"))["process"]
assert p["user"]["uid"] == 1000 and p["cwd"] == "/app", p
assert p["args"][1:] == ["python3 server.py"], p
assert "PORT=5000" in p["env"], p'
	rm -rf bundle layout
}

@test "another app runs it, by ssh, with its own variables; a second time nothing is unpacked" {
	"$DAVIT" apps:create "$TO"
	"$DAVIT" config:set "$TO" WORD=-theirs
	run at releases:import "$TO" - <"$ARCHIVE"
	echo "$output"
	[[ $status == 0 && $output == *"Unpacking layer"*"Application deployed"* ]]
	[[ $(answer "$TO") == one-theirs ]]
	run "$DAVIT" releases:info "$TO" live
	echo "$output"
	[[ $output == *"imported images-app v2 (import)"*"Process:   worker: sleep 1000"* ]]
	[[ $("$DAVIT" config:get "$TO" GIT_REV) == $("$DAVIT" config:get "$APP" GIT_REV) ]]
	run "$DAVIT" releases:import "$TO" "$ARCHIVE"
	[[ $status == 0 && $output != *Unpacking* ]]
	"$DAVIT" releases:rollback "$TO"
	[[ $(answer "$TO") == one-theirs ]]
	destroy "$TO"
	[[ -z $(layers) ]]
}

@test "with --with-config the variables travel, over a pipe and into a new app" {
	at releases:export "$APP" live - --with-config >with.tar 2>said
	cat said
	"$DAVIT" apps:create "$TO"
	"$DAVIT" releases:import "$TO" with.tar
	[[ $(answer "$TO") == one-secret && $("$DAVIT" config:get "$TO" WORD) == -secret ]]
	run at releases:export "$APP" live here.tar
	echo "$output"
	[[ $status != 0 && $output == *"a path on your side"*"> FILE"* ]]
}

@test "a static site is exported and imported as well" {
	site web "moved house"
	"$DAVIT" apps:create "$TO"
	(cd web && git push -q "$REMOTE/$TO" main)
	"$DAVIT" releases:export "$TO" v1 site.tar
	skopeo inspect "oci-archive:site.tar" >/dev/null
	destroy "$TO"
	"$DAVIT" apps:create "$TO"
	"$DAVIT" releases:import "$TO" site.tar
	[[ $(answer "$TO") == *"moved house"* ]]
	"$DAVIT" releases:import "$TO" site.tar
	[[ $(answer "$TO") == *"moved house"* ]]
}

@test "an image without our labels becomes a web process" {
	unpack
	mkdir one
	skopeo copy -q "oci-archive:$ARCHIVE" oci:one:v1
	umoci config --image one:v1 --clear=config.labels --config.user www-data \
		--clear=config.entrypoint --clear=config.cmd --config.cmd python3 \
		--config.cmd -m --config.cmd http.server --config.cmd 8000 \
		--clear=config.exposedports --config.exposedports 8000/tcp --config.workingdir /app
	skopeo copy -q oci:one:v1 oci-archive:foreign.tar
	"$DAVIT" apps:create "$TO"
	run "$DAVIT" releases:import "$TO" foreign.tar
	echo "$output"
	[[ $status == 0 ]]
	curl -sS "$("$DAVIT" url "$TO")/VERSION" | grep -q one
	"$DAVIT" enter "$TO" web id -u | grep -q '^33'
}

# What is below bundle $1: kind, mode, owner, size of files, target, contents.
tree() {
	(cd "$1/rootfs" && find . -printf '%P %y %m %U:%G %l\n' | sort &&
		find . -type f -print0 | sort -z | xargs -0 sha256sum)
}

@test "what a layer deletes of those below stays deleted in what is exported" {
	skopeo copy -q "oci-archive:$ARCHIVE" oci:whole:v1
	# One file, a directory, one that begins anew, and two that become something else.
	python3 - <<'PY'
import io, tarfile
with tarfile.open("layer.tar", "w") as tar:
    def put(name, text=None, **more):
        item = tarfile.TarInfo(name)
        item.mode = 0o755 if more.get("type") == tarfile.DIRTYPE else 0o644
        for key, value in more.items():
            setattr(item, key, value)
        item.size = len(text or b"")
        tar.addfile(item, io.BytesIO(text or b""))
    put("etc", type=tarfile.DIRTYPE)
    put("etc/.wh.debian_version")
    put("etc/skel", type=tarfile.DIRTYPE)
    put("etc/skel/.wh..wh..opq")
    put("etc/skel/new", b"new\n")
    put("etc/hostname", type=tarfile.SYMTYPE, linkname="issue")
    put("usr/share/.wh.doc")
    put("usr/share/.wh.misc")
    put("usr/share/misc", b"a file now\n")
PY
	umoci raw add-layer --image whole:v1 layer.tar
	umoci unpack --image whole:v1 wanted >/dev/null
	[[ ! -e wanted/rootfs/etc/debian_version && $(ls -A wanted/rootfs/etc/skel) == new ]]
	[[ -f wanted/rootfs/usr/share/misc ]]
	skopeo copy -q oci:whole:v1 oci-archive:whole.tar
	"$DAVIT" apps:create "$TO"
	"$DAVIT" releases:import "$TO" whole.tar
	run "$DAVIT" enter "$TO" web bash -c 'ls -A /etc/skel; cat /usr/share/misc; ls -d /etc/debian_version /usr/share/doc'
	echo "$output"
	[[ $output == *$'new\na file now\n'* && $output == *"'/etc/debian_version'"*"No such"*"'/usr/share/doc'"*"No such"* ]]

	"$DAVIT" releases:export "$TO" live again.tar
	skopeo copy -q oci-archive:again.tar oci:again:v1
	python3 - <<'PY'
import json, tarfile
def blob(digest):
    return "again/blobs/sha256/" + digest.split(":")[1]
manifest = json.load(open(blob(json.load(open("again/index.json"))["manifests"][0]["digest"])))
with tarfile.open(blob(manifest["layers"][-1]["digest"])) as tar:
    names = sorted(m.name for m in tar if "/.wh." in m.name)
print(names)
assert names == ["etc/.wh.debian_version", "etc/skel/.wh..wh..opq", "usr/share/.wh.doc"], names
PY
	umoci unpack --image again:v1 got >/dev/null
	tree wanted >wanted.tree
	tree got >got.tree
	diff wanted.tree got.tree
	rm -rf wanted got whole again
}

@test "a damaged or forged archive changes nothing and leaves nothing" {
	local size
	"$DAVIT" apps:create "$TO"
	refused() { # WORDS FILE
		run "$DAVIT" releases:import "$TO" "$2"
		echo "$output"
		[[ $status != 0 && $output == *"$1"* ]]
		[[ -z $(layers) ]]
	}
	size=$(stat -c %s "$ARCHIVE")
	cp "$ARCHIVE" damaged.tar
	printf 'x' | dd of=damaged.tar bs=1 seek=$((size / 2)) conv=notrunc status=none
	refused "damaged" damaged.tar
	head -c $((size / 2)) "$ARCHIVE" >cut.tar
	refused "nothing of $TO has changed" cut.tar
	echo "no archive" >text.tar
	refused "no archive of an image" text.tar
	unpack
	mv layout/index.json index.json
	echo '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
	sed 's/"size":[0-9]*/"size":7/' index.json >layout/index.json
	pack size.tar
	refused "of the size that it names" size.tar
	sed 's,sha256:,sha256:../../../etc/passwd,' index.json >layout/index.json
	pack path.tar
	refused "a digest that is not sha256" path.tar
	sed 's/"application/"text/2' index.json >layout/index.json
	pack media.tar
	refused "a kind that is not known here" media.tar
	[[ $("$DAVIT" releases:list "$TO" --format json) == "[]" ]]
}

@test "a layer that reaches out of its tree is refused, whatever its digests say" {
	"$DAVIT" apps:create "$TO"
	python3 - <<'PY'
import gzip, hashlib, io, json, tarfile, platform
arch = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
def image(name, entries):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as t:
        for path, kind, link in entries:
            i = tarfile.TarInfo(path)
            i.type, i.linkname = kind, link
            t.addfile(i)
    raw = raw.getvalue()
    blobs = {}
    def put(data, kind):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"mediaType": "application/vnd.oci.image." + kind, "digest": digest, "size": len(data)}
    layer = put(gzip.compress(raw), "layer.v1.tar+gzip")
    config = put(json.dumps({"os": "linux", "architecture": arch, "config": {"Cmd": ["true"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(raw).hexdigest()]}}).encode(), "config.v1+json")
    manifest = put(json.dumps({"schemaVersion": 2, "config": config, "layers": [layer]}).encode(), "manifest.v1+json")
    with tarfile.open(name, "w") as t:
        def add(path, data):
            i = tarfile.TarInfo(path)
            i.size = len(data)
            t.addfile(i, io.BytesIO(data))
        add("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        add("index.json", json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode())
        for digest, data in blobs.items():
            add("blobs/" + digest.replace(":", "/"), data)
image("up.tar", [("../../evil", tarfile.REGTYPE, "")])
image("absolute.tar", [("/evil", tarfile.REGTYPE, "")])
image("through.tar", [("a", tarfile.SYMTYPE, "/etc"), ("a/evil", tarfile.REGTYPE, "")])
image("device.tar", [("sda", tarfile.BLKTYPE, "")])
image("gone.tar", [("x/.wh...", tarfile.REGTYPE, "")])
image("hard.tar", [("a", tarfile.LNKTYPE, "../../../etc/passwd")])
PY
	for name in up absolute through device gone hard; do
		run "$DAVIT" releases:import "$TO" "$name.tar"
		echo "$name: $output"
		[[ $status != 0 && $output == *"unpack layer"* ]]
		[[ -z $(layers) ]]
	done
}

# docker_save SKOPEO_ARCHIVE TO: the same image in the older layout, with a link for a layer.
docker_save() {
	python3 - "$1" "$2" <<'PY'
import io, json, sys, tarfile
old = tarfile.open(sys.argv[1])
read = lambda name: old.extractfile(name).read()
image, = json.loads(read("manifest.json"))
layers = []
with tarfile.open(sys.argv[2], "w") as new:
    def add(name, data):
        i = tarfile.TarInfo(name)
        i.size = len(data)
        new.addfile(i, io.BytesIO(data))
    for n, layer in enumerate(image["Layers"]):
        member = old.getmember(layer)
        while member.issym():
            member = old.getmember(member.linkname.removeprefix("../"))
        add(f"{n}/VERSION", b"1.0")
        add(f"{n}/real.tar", read(member.name))
        link = tarfile.TarInfo(f"{n}/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, f"../{n}/real.tar"
        new.addfile(link)
        layers.append(f"{n}/layer.tar")
    add("config.json", read(image["Config"]))
    add("repositories", b"{}")
    add("manifest.json", json.dumps([{"Config": "config.json", "Layers": layers,
        "RepoTags": ["team/web:2"]}]).encode())
PY
}

# What a deploy of an image leaves on record.
on_record() { # APP IMAGE COMMAND
	[[ $(answer "$1") == one ]]
	[[ $("$DAVIT" git:report "$1" --git-source-image) == "$2" ]]
	[[ $("$DAVIT" apps:report "$1" --app-deploy-source) == docker-image ]]
	[[ $("$DAVIT" apps:report "$1" --app-deploy-source-metadata) == "$2" ]]
	"$DAVIT" releases:list "$1" | grep -q "image $2"
	"$DAVIT" events --app "$1" | grep -q "$3"
	[[ $("$DAVIT" builds:list "$1" --format json | jq -r '.[0].source') == "$3" ]]
}

@test "git:load-image by ssh deploys what docker save writes, makes the app, and not twice" {
	skopeo copy -q "oci-archive:$ARCHIVE" docker-archive:saved.tar:team/web:2
	run at git:load-image "$TO" team/web:2 <saved.tar
	echo "$output"
	[[ $status == 0 && $output == *"Application deployed"* ]]
	on_record "$TO" team/web:2 git:load-image
	run at git:load-image "$TO" team/web:2 <saved.tar
	[[ $status == 1 && $output == *"No changes detected"* ]]
	at git:load-image --force "$TO" team/web:2 <saved.tar
	docker_save saved.tar older.tar
	run at git:load-image "$TO" team/web:3 <older.tar
	echo "$output"
	[[ $status == 1 && $output == *"the archive holds team/web:2, not team/web:3"* ]]
	at git:load-image --force "$TO" team/web:2 <older.tar
	[[ $(live "$TO") == 3 && $(answer "$TO") == one ]]
	"$DAVIT" releases:rollback "$TO"
	[[ $(answer "$TO") == one ]]
}

# registry LAYOUT PORT [FILE]: what is below LAYOUT, as a registry on this host, for whoever
# knows the line "USER:PASSWORD" of FILE.  It writes down what it is asked and, when it is
# given a password, the words of who asks.
registry() {
	cat >registry.py <<'PY'
import base64, glob, hashlib, http.server, json, os, sys
layout, port, key = sys.argv[1:]
login = open(key).read().strip()
blobs = os.path.join(layout, "blobs", "sha256")
index = json.load(open(os.path.join(layout, "index.json")))
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def show_askers(self):
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                words = open(path, "rb").read().decode(errors="replace").split("\0")
            except OSError:
                continue
            if "login" in " ".join(words):
                print("words:", *words, file=sys.stderr, flush=True)
    def refused(self):
        said = self.headers.get("Authorization", "")
        if said:
            self.show_askers()
        if not login or said == "Basic " + base64.b64encode(login.encode()).decode():
            return False
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="test"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return True
    def do_GET(self):
        print(self.path, file=sys.stderr, flush=True)
        if self.refused():
            return
        last = self.path.rsplit("/", 1)[1]
        code, data, kind = 200, b"{}", "application/json"
        if "/manifests/" in self.path and self.path.startswith("/v2/team/web/"):
            entry = index["manifests"][0]
            data, kind = open(os.path.join(blobs, entry["digest"][7:]), "rb").read(), entry["mediaType"]
        elif "/blobs/" in self.path:
            data, kind = open(os.path.join(blobs, last[7:]), "rb").read(), "application/octet-stream"
        elif self.path != "/v2/":
            code = 404
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Docker-Content-Digest", "sha256:" + hashlib.sha256(data).hexdigest())
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
PY
	timeout 120 python3 registry.py "$1" "$2" "${3:-/dev/null}" 2>asked 3>&- &
	REGISTRY=$!
	wait_until 5 curl -s "http://127.0.0.1:$2/v2/" -o seen
}

@test "git:from-image lets skopeo fetch an image from a registry, and says what is wrong" {
	local conf=/etc/containers/registries.conf.d/davit-test.conf
	skopeo copy -q "oci-archive:$ARCHIVE" oci:layout:v1
	registry layout 5099
	mkdir -p "${conf%/*}"
	printf '[[registry]]\nlocation = "127.0.0.1:5099"\ninsecure = true\n' >"$conf"
	run at git:from-image "$TO" 127.0.0.1:5099/team/web:2
	echo "$output"
	[[ $status == 0 && $output == *"Fetching the image"*"Application deployed"* ]]
	on_record "$TO" 127.0.0.1:5099/team/web:2 git:from-image
	grep -q /v2/team/web/manifests/2 asked
	run at git:from-image "$TO" 127.0.0.1:5099/team/other:2
	echo "$output"
	[[ $status == 1 && $output == *"cannot be fetched"* ]]
	# A plugin may ask for the same by its trigger; nobody has changed the image.
	run "$DAVIT" plugin:trigger git-from-image "$TO" 127.0.0.1:5099/team/web:2
	echo "$output"
	[[ $status != 0 && $output == *"No changes detected"* ]]
	kill "$REGISTRY"
	rm "$conf"
	[[ -z $(find "$DATA/store/work" -name 'image-*') ]]
}

@test "registry:login keeps a password that git:from-image uses, the app's before the host's" {
	local conf=/etc/containers/registries.conf.d/davit-test.conf server=127.0.0.1:5098
	local own=$DATA/config/registry/$TO/config.json all=~davit/.docker/config.json
	skopeo copy -q "oci-archive:$ARCHIVE" oci:layout:v1
	echo ann:pa55-right >key
	registry layout 5098 key
	mkdir -p "${conf%/*}"
	printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$server" >"$conf"
	"$DAVIT" apps:create "$TO"
	run at git:from-image "$TO" $server/team/web:2
	echo "$output"
	[[ $status == 1 && $output == *"cannot be fetched"*"registry:login --password-stdin $TO $server"* ]]
	run "$DAVIT" registry:login "$TO" $server ann pa55-wrong
	echo "$output"
	[[ $status == 1 && $output == *"Unable to log in to $server"*"are user and password right"* ]]
	[[ ! -e $own ]]

	: >asked
	at registry:login --password-stdin "$TO" $server ann <<<pa55-right >said 2>errors
	cat said errors asked
	[[ ! -s errors ]] && grep -q "Login Succeeded for $TO" said
	grep -q "^words: .*skopeo login" asked
	[[ $(grep -c pa55 asked || true) == 0 ]]
	[[ $(stat -c "%a %U" "$own" "${own%/*}" | sort -u | tr '\n' ,) == "600 davit,700 davit," ]]
	run at git:from-image "$TO" $server/team/web:2
	echo "$output"
	[[ $status == 0 && $output == *"Application deployed"* ]]

	# It goes with the app; the host's is there for all others.
	"$DAVIT" apps:clone --skip-deploy "$TO" "$TO-two"
	"$DAVIT" apps:rename --skip-deploy "$TO-two" "$TO-three"
	[[ -e ${own/$TO/$TO-three} && ! -e ${own/$TO/$TO-two} ]]
	destroy "$TO-three"
	[[ ! -e ${own/$TO/$TO-three} ]]
	"$DAVIT" registry:login --global $server ann pa55-right
	[[ $(stat -c "%a %U" "$all") == "600 davit" ]]
	sed -i "s/\"auth\": \"[^\"]*/\"auth\": \"$(echo -n ann:pa55-old | base64)/" "$own"
	run "$DAVIT" git:from-image --force "$TO" $server/team/web:2
	echo "$output"
	[[ $status == 1 && $output == *"cannot be fetched"* ]]
	"$DAVIT" registry:logout "$TO" $server
	[[ $(cat "$own") != *"$server"* ]]
	"$DAVIT" git:from-image --force "$TO" $server/team/web:2
	"$DAVIT" registry:logout --global $server
	run "$DAVIT" registry:logout --global $server
	[[ $status == 0 && $output == *"Not logged in to $server"* ]]
	run "$DAVIT" git:from-image --force "$TO" $server/team/web:2
	[[ $status == 1 ]]
	kill "$REGISTRY"
	rm "$conf"
	# On record is who logged in where, and no password.
	run "$DAVIT" events "$TO"
	echo "$output"
	[[ $output == *"registry:login"*"$server"* ]]
	[[ $(grep -rla pa55 "$DATA/store" /var/log/davit || true) == "" ]]
}

@test "git-from-directory makes a commit of a plugin's files and deploys it" {
	"$DAVIT" apps:create "$TO"
	mkdir -p site/.git
	echo "<h1>by a plugin</h1>" >site/index.html
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" site
	run "$DAVIT" plugin:trigger git-from-directory "$TO" "$PWD/site" Ann ann@example.com
	echo "$output"
	[[ $status == 0 ]]
	[[ $(answer "$TO") == *"by a plugin"* ]]
	run "$DAVIT" plugin:trigger git-from-directory "$TO" "$PWD/site"
	[[ $status != 0 && $output == *"No changes detected"* ]]
}
