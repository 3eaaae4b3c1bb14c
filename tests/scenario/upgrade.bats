# A newer davit is installed while apps serve, and the one before comes back in one command.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
}

setup() {
	load ssh_lib
	load app_lib
	TREE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$BATS_TEST_TMPDIR" || return
	APP=upgrade-app
	destroy "$APP"
}

teardown() {
	[[ -z ${LOAD_PID:-} ]] || kill "$LOAD_PID" 2>/dev/null || true
	# Whatever happened, what the tree holds is what is installed.
	if [[ $("$DAVIT" version 2>&1) != "$BEFORE" ]]; then davit-back || true; fi
	destroy "$APP"
	rm -rf /usr/local/libexec/davit-previous
}

teardown_file() {
	load ssh_lib
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# The tree as its next version: another number, one more migration, other words in its files for
# nginx and cron, and in each app's file a name that only its davit.conf has.
next_version() { # DIR
	mkdir "$1"
	cp -a "$TREE"/{Makefile,src,plugins,buildpacks,scripts} "$1"
	mkdir -p "$1/build" "$1/tests"
	cp -a "$TREE/build/release" "$1/build/" 2>/dev/null || true
	rm -rf "$1/build/release/root"
	sed -i 's/^VERSION := .*/VERSION := 99.0.0/' "$1/Makefile"
	# shellcheck disable=SC2016 # nginx's variables
	sed -i -e 's/^# Written by davit;/# Written by the next davit;/' \
		-e 's/^# davit: due work/# the next davit: due work/' \
		-e 's/^map .$http_x_request_id .$davit_request_id {$/map \\$http_x_request_id \\$davit_next_id {\n\tdefault next;\n}\n&/' \
		"$1/scripts/setup-host"
	sed -i 's/davit_request_id/davit_next_id/' "$1"/plugins/nginx/*.c
	grep -q 'davit_next_id {' "$1/scripts/setup-host" && grep -q davit_next_id "$1"/plugins/nginx/*.c
	python3 - "$1/src/store/schema.c" <<'PY'
import sys
path = sys.argv[1]
text = open(path).read()
at = text.rindex("};\n\nconst unsigned")
text = text[:at] + '\n\t"ALTER TABLE app ADD COLUMN next TEXT NOT NULL DEFAULT \'\';"\n' \
	'\t"CREATE TABLE next_thing(app_id INTEGER NOT NULL REFERENCES app(id)) STRICT;",\n' + text[at:]
open(path, "w").write(text)
PY
	make -C "$1" -j2 build >"$1/log" 2>&1 || { tail -n 20 "$1/log"; return 1; }
}

# What davit has written for other programs, into directory $1.
host_files() {
	mkdir "$1"
	cp /etc/nginx/conf.d/davit.conf "$DATA/nginx/$APP.conf" "$DATA/VERSION" "$1"
	[[ ! -e /etc/cron.d/davit ]] || cp /etc/cron.d/davit "$1/cron"
}

schema() {
	python3 -c 'import sqlite3, sys
print(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("PRAGMA user_version").fetchone()[0])' "$1"
}

# 100 requests a second on new connections, until end_load, which says how many failed.
begin_load() {
	local url hostport
	url=$("$DAVIT" url "$APP")
	hostport=${url#http://}
	mkfifo go
	python3 "$TREE/tests/bench/load.py" "${hostport%:*}" "${hostport##*:}" "$hostport" new 100 \
		<go >load.json 3>&- &
	LOAD_PID=$!
	LOAD_BEGAN=$SECONDS
	exec 7>go
}

end_load() { # not before there is enough to judge by
	while ((SECONDS - LOAD_BEGAN < 7)); do sleep 0.1; done
	exec 7>&-
	wait "$LOAD_PID"
	LOAD_PID=
	cut -c1-300 load.json
	python3 -c 'import json
r = json.load(open("load.json"))
assert r["failed"] == 0 and r["requests"] > 500, (r["requests"], r["failed"], r["by"])'
}

@test "an upgrade under load, a push, and back: no request fails, and nothing is lost" {
	BEFORE=$("$DAVIT" version)
	local instance was
	app
	push
	cd "$BATS_TEST_TMPDIR"
	"$DAVIT" config:set "$APP" WORD=-a
	next_version next
	was=$(schema "$DATA/store/davit.db")
	instance=$("$DAVIT" ps:inspect "$APP" | grep '"pid"')
	host_files before
	begin_load

	run make -C next install 7>&-
	echo "$output" | tail -n 5
	[[ $status == 0 && $output == *"is kept: /usr/local/bin/davit-back"* ]]
	[[ $("$DAVIT" version) == "davit version 99.0.0" ]]
	"$DAVIT" apps:list >/dev/null
	[[ $(schema "$DATA/store/davit.db") == $((was + 1)) ]]
	[[ $(schema "$DATA/store/davit.db.before-$((was + 1))") == "$was" ]]
	[[ $("$DAVIT" ps:inspect "$APP" | grep '"pid"') == "$instance" ]]
	answers one-a
	grep -q '^# Written by the next davit' /etc/nginx/conf.d/davit.conf
	grep -q davit_next_id "$DATA/nginx/$APP.conf"
	[[ ! -e /etc/cron.d/davit ]] || grep -q '^# the next davit' /etc/cron.d/davit
	cd work
	change VERSION two
	git push -q davit main 7>&-
	cd "$BATS_TEST_TMPDIR"
	"$DAVIT" config:set "$APP" WORD=-b 7>&-
	answers two-b

	run davit-back 7>&-
	echo "$output"
	[[ $status == 0 && $output == *"Going back from davit 99.0.0 to "* ]]
	[[ $("$DAVIT" version) == "$BEFORE" ]]
	[[ $(schema "$DATA/store/davit.db") == "$was" ]]
	[[ $(schema "$DATA/store/davit.db.newer-$((was + 1))") == $((was + 1)) ]]
	answers two-b
	[[ $("$DAVIT" config:get "$APP" WORD) == -b && $(live) == 4 ]]
	host_files after
	diff -r before after
	nginx -t
	"$DAVIT" releases:rollback "$APP" v2 7>&-
	answers one-a
	end_load

	# Forward again, with a davit that is broken this time, and back all the same.
	printf '#!/bin/sh\nexit 1\n' >next/build/release/davit
	davit-back
	[[ $("$DAVIT" version) == "davit version 99.0.0" ]]
	printf '#!/bin/sh\nexit 1\n' >/usr/local/bin/davit
	run davit-back
	echo "$output"
	[[ $status == 0 && $output == *"(does not run) to "* ]]
	[[ $("$DAVIT" version) == "$BEFORE" ]]
	answers one-a
	[[ $(stat -c %a:%U:%G /usr/local/libexec/davit/davit-root) == 4750:root:davit ]]
}

# Versions to come from: the newest that was tagged (LONG=1: each); as long as there is none, the first
# that could go back.  A tree without its history comes from itself.
old_versions() {
	git -C "$TREE" rev-parse -q --git-dir >/dev/null 2>&1 || { echo tree; return; }
	local tags
	tags=$(git -C "$TREE" tag --merged HEAD --list 'v*' --sort=version:refname)
	if [[ -z $tags ]]; then
		git -C "$TREE" log --diff-filter=A --format=%H -- scripts/davit-back | tail -n 1
	elif [[ ${LONG:-0} == 1 ]]; then
		echo "$tags"
	else
		tail -n 1 <<<"$tags"
	fi
}

# old_version REF DIR: its programs, as version 0.0.1, are what davit-back goes to.
old_version() {
	local dest=$PWD/$2/dest kept=/usr/local/libexec/davit-previous
	mkdir "$2"
	if [[ $1 == tree ]]; then
		cp -a "$TREE"/{Makefile,src,plugins,buildpacks,scripts} "$2"
	else
		git -C "$TREE" archive "$1" | tar -C "$2" -x
	fi
	sed -i 's/^VERSION := .*/VERSION := 0.0.1/' "$2/Makefile"
	make -C "$2" -j2 install DESTDIR="$dest" >"$2/log" 2>&1 || { tail -n 20 "$2/log"; return 1; }
	chown root:davit "$dest/usr/local/libexec/davit/davit-root"
	chmod 4750 "$dest/usr/local/libexec/davit/davit-root"
	"$TREE/scripts/davit-back" --keep "$dest/usr/local" 0.0.1
	rm -rf "$kept"
	mv "$dest$kept" "$kept"
}

@test "from an older version to this one under load, and back, and here again" {
	BEFORE=$("$DAVIT" version)
	local ref instance
	app
	push
	for ref in $(old_versions); do
		cd "$BATS_TEST_TMPDIR"
		rm -rf old go load.json
		echo "# from $ref"
		old_version "$ref" old
		davit-back
		[[ $("$DAVIT" version) == "davit version 0.0.1" ]]
		"$DAVIT" config:set "$APP" WORD=-old
		answers one-old
		instance=$("$DAVIT" ps:inspect "$APP" | grep '"pid"')
		begin_load

		make -C "$TREE" install >/dev/null 7>&-
		[[ $("$DAVIT" version) == "$BEFORE" ]]
		[[ $("$DAVIT" ps:inspect "$APP" | grep '"pid"') == "$instance" ]]
		answers one-old
		"$DAVIT" config:set "$APP" WORD=-new 7>&-
		answers one-new

		davit-back 7>&-
		[[ $("$DAVIT" version) == "davit version 0.0.1" ]]
		answers one-new
		"$DAVIT" config:set "$APP" WORD=-old-again 7>&-
		answers one-old-again
		davit-back 7>&-
		[[ $("$DAVIT" version) == "$BEFORE" ]]
		"$DAVIT" config:set "$APP" WORD= 7>&-
		answers one
		end_load
	done
	[[ -n $ref ]]
	make -C "$TREE" install >/dev/null
}

@test "the copy of the store from before the upgrade can be used as it is" {
	BEFORE=$("$DAVIT" version)
	app
	push
	cd "$BATS_TEST_TMPDIR"
	next_version next
	make -C next install >/dev/null
	"$DAVIT" config:set "$APP" WORD=-lost
	run davit-back --store-copy
	echo "$output"
	[[ $status == 0 && $output == *"The store is what it was"* ]]
	[[ $("$DAVIT" version) == "$BEFORE" && -e $DATA/store/davit.db.replaced ]]
	run "$DAVIT" config:get "$APP" WORD
	echo "[$output]"
	[[ $status != 0 ]]
	wait_until 20 answers one
	rm -f "$DATA"/store/davit.db.replaced*
}
