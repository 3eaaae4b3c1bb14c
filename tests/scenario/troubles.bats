# A host in trouble: disks that are full or out of inodes, a store that cannot be written,
# is damaged or missing, memory that is used up.  Apps keep serving, the next command says
# why and leaves non-zero, and when the trouble is over everything works again by itself.
# Each disk is a small file system of the test's own over one directory of davit's.

setup_file() {
	load ssh_lib
	load tick_lib
	hold_ticks
	key_in "$BATS_FILE_TMPDIR"
	APP=trouble SITE=trouble-site OOM=trouble-memory
	export APP SITE OOM
	destroy "$APP" "$SITE" "$OOM"
	git init -q -b main "$BATS_FILE_TMPDIR/work"
	cd "$BATS_FILE_TMPDIR/work" || return
	: >requirements.txt
	echo "web: python3 -m http.server --bind 0.0.0.0 \$PORT" >Procfile
	git add -A
	git commit -q -m first
	git push -q "$REMOTE/$APP" main
	site "$BATS_FILE_TMPDIR/site"
	git -C "$BATS_FILE_TMPDIR/site" push -q "$REMOTE/$SITE" main
	"$DAVIT" url "$APP" >"$BATS_FILE_TMPDIR/url.$APP"
	"$DAVIT" url "$SITE" >"$BATS_FILE_TMPDIR/url.$SITE"
}

setup() {
	load ssh_lib
	cd "$BATS_FILE_TMPDIR/work" || return
	SMALL=
}

teardown() {
	[[ -z $SMALL ]] || spacious
	[[ ! -e $BATS_TEST_TMPDIR/sound ]] || sound
}

# The store as it was before a test damages it, should that test fail.
keep_sound() { setpriv --reuid davit --regid davit --clear-groups /usr/bin/python3 -c '
import sqlite3
db = sqlite3.connect("/var/lib/davit/store/davit.db", timeout=10)
db.execute("VACUUM INTO \"/var/lib/davit/store/sound\"")' && mkdir "$BATS_TEST_TMPDIR/sound"; }
sound() {
	local store=/var/lib/davit/store
	rm -f "$store"/davit.db-wal "$store"/davit.db-shm
	chmod 0600 "$store/sound"
	mv "$store/sound" "$store/davit.db"
}

teardown_file() {
	load ssh_lib
	load tick_lib
	let_ticks
	destroy "$APP" "$SITE" "$OOM"
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# small DIR bytes|inodes [empty]: a full file system with the contents of DIR over it.
small() {
	local copy=$BATS_TEST_TMPDIR/copy used files
	mkdir "$copy"
	[[ ${3:-} == empty ]] || cp -a "$1/." "$copy"
	used=$(du -sk "$copy" | cut -f 1)
	files=$(find "$copy" | wc -l)
	rm -f "$BATS_TEST_TMPDIR/image"
	truncate -s $((used + 4096))k "$BATS_TEST_TMPDIR/image"
	mkfs.ext4 -q -F -b 4096 -m 0 -O ^has_journal -N $((files + 64)) "$BATS_TEST_TMPDIR/image"
	chown --reference="$1" "$copy"
	chmod --reference="$1" "$copy"
	mount -o loop "$BATS_TEST_TMPDIR/image" "$1"
	SMALL=$1
	rmdir "$1/lost+found"
	cp -a "$copy/." "$1"
	chown --reference="$copy" "$1"
	chmod --reference="$copy" "$1"
	if [[ $2 == bytes ]]; then
		dd if=/dev/zero of="$1/.filler" bs=4k 2>/dev/null || true
	else
		mkdir "$1/.filler"
		local n=0
		while ((n++ < 10000)) && { : >"$1/.filler/$n"; } 2>/dev/null; do :; done
	fi
}

# There is room again; what was written meanwhile stays until the end of the test.
room() { rm -rf "$SMALL/.filler"; }
spacious() {
	umount "$SMALL" 2>/dev/null || umount -l "$SMALL"
	SMALL=
}

# Asked when the app was made: the store may have no words just now.
where() { cat "$BATS_FILE_TMPDIR/url.$1"; }
serves() { curl -sS --fail --max-time 5 -o /dev/null "$(where "${1:-$APP}")"; }

commit() {
	date +%s.%N >VERSION
	git add -A
	git commit -q -m again
}

push() { git push "$REMOTE/$APP" main; }

# explained WORDS: the last command failed, and said these and what to do.
explained() {
	echo "$output"
	[[ $status != 0 && $output == *"$1"* ]]
	[[ $output == *"df -i"* ]]
	serves
}

works() {
	run push
	echo "$output"
	[[ $status == 0 ]]
	serves
	run "$DAVIT" doctor
	echo "$output"
	[[ $status == 0 ]]
}

full() { # DIR WORDS [empty]: a push into a full DIR
	local how
	for how in bytes inodes; do
		commit
		small "$1" "$how" "${3:-}"
		run push
		explained "$2"
		room
		[[ ${3:-} != empty ]] || spacious
		works
		[[ -z $SMALL ]] || { "$DAVIT" apps:list >/dev/null; sync_back "$1"; }
		rm -rf "$BATS_TEST_TMPDIR/copy"
	done
}

# What was written to the small disk is kept: it is now the app's history.
sync_back() {
	local keep=$BATS_TEST_TMPDIR/keep
	mkdir "$keep"
	cp -a "$1/." "$keep"
	spacious
	cp -a "$keep/." "$1"
	rm -rf "$keep"
}

@test "receive: no room for the objects of a push" {
	full /var/lib/davit/git "No space left"
}

@test "source: no room to unpack it" {
	full /var/lib/davit/store/work "No space left" empty
}

@test "build: no room for layers, nor for the writable layer of the build" {
	full /var/lib/davit/layers "No space left" empty
	full /var/lib/davit/scratch "No space left"
}

@test "release: no room for its row; all can be read, and what crashes comes back" {
	local pid
	commit
	"$DAVIT" events -n 1
	small /var/lib/davit/store bytes
	"$DAVIT" apps:list | grep -q "$APP"
	"$DAVIT" logs "$APP" -n 1
	"$DAVIT" ps:report "$APP" --running
	pid=$("$DAVIT" ps:inspect "$APP" | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["pid"])')
	kill -9 "$pid"
	wait_until 10 serves
	run push
	explained ""
	room
	works
	sync_back /var/lib/davit/store
}

@test "a site: no room for its tree" {
	local how
	for how in bytes inodes; do
		date +%s.%N >"$BATS_FILE_TMPDIR/site/index.html"
		git -C "$BATS_FILE_TMPDIR/site" commit -q -a -m again
		small /var/lib/davit/static "$how"
		run git -C "$BATS_FILE_TMPDIR/site" push "$REMOTE/$SITE" main
		explained "No space left"
		serves "$SITE"
		room
		git -C "$BATS_FILE_TMPDIR/site" push -q "$REMOTE/$SITE" main
		serves "$SITE"
		sync_back /var/lib/davit/static
		rm -rf "$BATS_TEST_TMPDIR/copy"
	done
}

@test "nginx: no room for its file; the old one serves on, the domain is not half there" {
	local how
	for how in bytes inodes; do
		small /var/lib/davit/nginx "$how"
		run "$DAVIT" domains:add "$APP" "$(printf 'x%.0s' {1..60}).example.test"
		explained "No space left"
		[[ $("$DAVIT" domains:report "$APP" --domains-app-vhosts) != *xxx* ]]
		room
		"$DAVIT" domains:add "$APP" two.example.test
		"$DAVIT" domains:remove "$APP" two.example.test
		serves
		spacious
		"$DAVIT" proxy:build-config "$APP"
		rm -rf "$BATS_TEST_TMPDIR/copy"
	done
}

@test "logs: no room is no reason not to serve" {
	small /var/log/davit bytes
	serves
	"$DAVIT" ps:restart "$APP"
	serves
	room
	spacious
	"$DAVIT" ps:restart "$APP"
	wait_until 5 serves
	"$DAVIT" logs "$APP" -n 1
}

@test "a store on a read-only file system: said with its cause, apps serve" {
	local store=/var/lib/davit/store
	mount --bind "$store" "$store"
	SMALL=$store
	mount -o remount,ro,bind "$store"
	run "$DAVIT" config:set --no-restart "$APP" A=1
	explained "read-only"
	run "$DAVIT" doctor
	[[ $output == *"read-only"* && $status == 1 ]]
	commit
	run push
	echo "$output"
	[[ $status != 0 && $output == *read-only* ]]
	spacious
	works
}

damage() {
	python3 - <<'PY'
import os, sqlite3
path = "/var/lib/davit/store/davit.db"
db = sqlite3.connect(path, timeout=10)
db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
db.close()
with open(path, "r+b") as f:
    f.seek(4096)
    f.write(b"\xff" * (os.path.getsize(path) - 4096))
PY
}

@test "a damaged store is found, and the last good copy offered and put back" {
	"$DAVIT" store:copy
	local copy
	copy=$("$DAVIT" store:copies | head -n 1 | cut -d ' ' -f 1)
	run "$DAVIT" store:restore
	[[ $status != 0 && $output == *"the store is whole"* ]]
	keep_sound
	damage
	run "$DAVIT" apps:list
	echo "$output"
	[[ $status != 0 && $output == *"davit.db"* ]]
	[[ $output == *"the last good copy is of $copy"*"davit store:restore"* ]]
	serves
	run "$DAVIT" doctor
	echo "$output"
	[[ $status == 1 && $output == *"davit store:restore"* ]]
	run at store:restore
	[[ $status != 0 ]]
	run "$DAVIT" store:restore
	echo "$output"
	[[ $status == 0 && $output == *"is kept: /var/lib/davit/store/davit.db.damaged-"* ]]
	rm -rf /var/lib/davit/store/davit.db.damaged-* /var/lib/davit/store/sound "$BATS_TEST_TMPDIR/sound"
	commit
	works
}

@test "a missing store is not begun anew" {
	local store=/var/lib/davit/store
	"$DAVIT" store:copy
	mv "$store/davit.db" "$store/davit.db.aside"
	run "$DAVIT" apps:list
	mv "$store/davit.db.aside" "$store/davit.db"
	echo "$output"
	[[ $status != 0 && $output == *"is missing"*"davit store:restore"* ]]
	"$DAVIT" apps:list | grep -q "$APP"
}

@test "tick copies the store when it has changed, and not more than it is to keep" {
	local copies=/var/lib/davit/store/copies
	rm -f "$copies"/*.db
	for n in 01 02 03 04 05 06 07 08 09 10 11 12 13 14; do
		cp -p /var/lib/davit/store/davit.db "$copies/2020-01-01T00:00:$n""Z.db"
		touch -d '2 hours ago' "$copies/2020-01-01T00:00:$n""Z.db"
	done
	"$DAVIT" config:set --no-restart "$APP" B=2
	"$DAVIT" tick
	[[ $("$DAVIT" store:copies | wc -l) == 12 ]]
	[[ $("$DAVIT" store:copies | head -n 1) == "$(date -u +%Y-)"* ]]
	"$DAVIT" config:set --no-restart "$APP" B=3
	"$DAVIT" tick
	[[ $("$DAVIT" store:copies | head -n 2 | grep -c "^$(date -u +%Y-)") == 1 ]]
}

@test "memory: a build, a release command and an app that use too much are told so" {
	local eat="python3 -c \"a = [bytearray(1 << 20) for i in range(1000)]\""
	mkdir -p memory
	git init -q -b main memory
	cd memory
	: >requirements.txt
	printf 'web: python3 -m http.server --bind 0.0.0.0 $PORT\nrelease: %s\n' "$eat" >Procfile
	git add -A
	git commit -q -m eater
	"$DAVIT" apps:create "$OOM"
	"$DAVIT" resource:limit --memory 64m "$OOM"
	run git push "$REMOTE/$OOM" main
	echo "$output"
	[[ $status != 0 && $output == *"killed for using too much memory"* ]]
	"$DAVIT" events --app "$OOM" -n 5 | grep -q "too much memory"
	"$DAVIT" builds:output "$OOM" | grep -q "too much memory"

	cat >server.py <<'PY'
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/eat":
            a = [bytearray(1 << 20) for i in range(1000)]
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
http.server.HTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
PY
	echo 'web: python3 server.py' >Procfile
	git add -A
	git commit -q -m server
	git push -q "$REMOTE/$OOM" main
	"$DAVIT" url "$OOM" >"$BATS_FILE_TMPDIR/url.$OOM"
	serves "$OOM"
	curl -sS --max-time 10 "$(where "$OOM")/eat" || true
	wait_until 20 serves "$OOM"
	"$DAVIT" events --app "$OOM" -n 9 | grep "out of memory"

	mkdir eater
	printf 'from setuptools import setup\nsetup(name="eater", version="1")\n' >eater/setup.py
	echo ./eater >requirements.txt
	git add -A
	git commit -q -m builder
	"$DAVIT" resource:limit --process-type build --memory 16m "$OOM"
	run git push "$REMOTE/$OOM" main
	echo "$output"
	[[ $status != 0 && $output == *"the build ran out of its memory"* ]]
	serves "$OOM"
	"$DAVIT" events --app "$OOM" -n 5 | grep -q "ran out of its memory"
}
