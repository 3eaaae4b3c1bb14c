# Builds are seen while they run, and ended with everything that they have begun.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
}

setup() {
	load ssh_lib
	cd "$BATS_TEST_TMPDIR" || return
	APP=builds-app
	destroy "$APP"
}

teardown() { destroy builds-app; }

teardown_file() {
	load ssh_lib
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

count() { pgrep -fc '^sleep 61234$' || true; }

@test "builds:cancel ends a build that forks and forks, within a second" {
	git init -q -b main work
	cd work
	# Processes of sessions of their own, that ignore every signal they can.
	cat >setup.py <<'PY'
import os, signal, subprocess, time
for i in range(150):
    subprocess.Popen(["sleep", "61234"], start_new_session=True,
                     preexec_fn=lambda: [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)])
print("forked", flush=True)
while True:
    try:
        subprocess.Popen(["sleep", "61234"], start_new_session=True)
    except OSError:
        pass
    time.sleep(0.05)
PY
	echo "web: python3 -m http.server" >Procfile
	git add -A
	git commit -q -m fork
	git push "$REMOTE/$APP" main >push.out 2>&1 &
	local push=$! start took id
	wait_until 120 eval '(($(count) >= 150))'
	id=$("$DAVIT" builds:list "$APP" --format json | sed 's/.*"id":"\([^"]*\)".*/\1/')
	"$DAVIT" builds:list "$APP" | grep -q "$id.*running"
	"$DAVIT" builds:info "$APP" "$id" | grep -q "Step: *build"
	start=$(date +%s%N)
	run "$DAVIT" builds:cancel "$APP"
	took=$((($(date +%s%N) - start) / 1000000))
	echo "$output, $took ms, $(count) left"
	[[ $status == 0 && $output == *"Build $id is canceled"* ]]
	[[ $(count) == 0 ]]
	# The bound is a second; a machine that does much else at the same time gets some more.
	((took < 1000 * (1 + $(awk '{ print int($1 / 4) }' /proc/loadavg))))
	wait "$push" && return 1
	cat push.out
	"$DAVIT" builds:info "$APP" "$id" | grep -q "Status: *canceled"
	"$DAVIT" builds:output "$APP" "$id" | grep -q "Python"
	run "$DAVIT" builds:cancel "$APP" "$id"
	[[ $status != 0 && $output == *"is over: canceled"* ]]
	[[ -z $(find /var/lib/davit/store/work -mindepth 1 -name "*$id*") ]]
}
