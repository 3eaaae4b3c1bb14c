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
