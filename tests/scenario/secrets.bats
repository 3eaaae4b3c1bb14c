# A value that is set as configuration is found where it belongs and nowhere else: not in the
# record, in no log of builds, deploys or the host, and in nobody's command line.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
	destroy secrets-app
	"$DAVIT" apps:create secrets-app
}

setup() {
	load ssh_lib
	CANARY=canary-4f1c7-$(basename "$BATS_FILE_TMPDIR" | tr -dc 'A-Za-z0-9')
}

teardown_file() {
	load ssh_lib
	destroy secrets-app
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# watch OUT: command lines of all processes but those of the client, until OUT.stop is there.
watch() {
	CANARY=$CANARY timeout 100 python3 - "$1" <<'PY'
import os, sys, time
out, canary = sys.argv[1], os.environ["CANARY"].encode()
seen = set()
while not os.path.exists(out + ".stop"):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                line = f.read()
            if canary in line and not line.startswith((b"ssh\0", b"bash\0")):
                seen.add(line.replace(b"\0", b" "))
        except OSError:
            pass
    time.sleep(0.002)
with open(out, "wb") as f:
    f.writelines(line + b"\n" for line in seen)
PY
}

@test "a secret is in no command line while it is set, deployed and used" {
	out=$BATS_TEST_TMPDIR/lines
	watch "$out" 3>&- &
	watcher=$!
	git init -q -b main "$BATS_TEST_TMPDIR/app"
	cd "$BATS_TEST_TMPDIR/app"
	: >requirements.txt
	echo 'web: python3 -m http.server $PORT' >Procfile
	git add -A
	git commit -q -m first
	printf 'SECRET=%s\n' "$CANARY" | at config:import --no-restart secrets-app -
	at config:set --no-restart secrets-app "OTHER=$CANARY"
	run git push "$REMOTE/secrets-app" main
	[ "$status" -eq 0 ]
	[[ $output != *"$CANARY"* ]]
	at config:set secrets-app "THIRD=$CANARY" >/dev/null
	[ "$(at run secrets-app printenv SECRET)" = "$CANARY" ]
	at ps:restart secrets-app
	at releases:rollback secrets-app
	touch "$out.stop"
	wait "$watcher"
	[ -f "$out" ]
	cat "$out"
	[ ! -s "$out" ]
}

@test "a secret is not on record, not in a log, not in a report" {
	"$DAVIT" events | grep secrets-app >"$BATS_TEST_TMPDIR/events"
	grep -q 'config:set .*THIRD' "$BATS_TEST_TMPDIR/events"
	grep -q 'git-receive-pack *ok' "$BATS_TEST_TMPDIR/events"
	run grep -F "$CANARY" "$BATS_TEST_TMPDIR/events"
	[ "$status" -eq 1 ]
	"$DAVIT" events secrets-app --format json >"$BATS_TEST_TMPDIR/json"
	for id in $("$DAVIT" builds:list secrets-app --format json |
		python3 -c 'import json,sys; print(*[b["id"] for b in json.load(sys.stdin)])'); do
		"$DAVIT" builds:output secrets-app "$id" >>"$BATS_TEST_TMPDIR/builds"
	done
	[ -s "$BATS_TEST_TMPDIR/builds" ]
	"$DAVIT" report secrets-app >"$BATS_TEST_TMPDIR/report"
	"$DAVIT" releases:diff secrets-app v1 v2 >"$BATS_TEST_TMPDIR/diff"
	"$DAVIT" logs secrets-app >"$BATS_TEST_TMPDIR/logs"
	run grep -rlF "$CANARY" "$BATS_TEST_TMPDIR" /var/log
	echo "$output"
	[ "$status" -eq 1 ]
}

@test "a trace shows no value either" {
	run at -- --trace config:set --no-restart secrets-app "FOURTH=x$CANARY"
	[ "$status" -eq 0 ]
	trace=$(grep '^ ?' <<<"$output" || true)
	[[ $trace != *"$CANARY"* ]]
}

@test "files that hold configuration are readable by davit and root alone" {
	while read -r file; do
		mode=$(stat -c %A "$file")
		[[ $mode == *--- ]] || { echo "$mode $file"; return 1; }
	done < <(grep -rlF "$CANARY" "$DATA" /home/davit /home/dokku /run/davit 2>/dev/null |
		grep -v '^/proc')
}
