# What processes print, kept and found again.

setup_file() {
	load ssh_lib
	load doer_lib
	key_in "$BATS_FILE_TMPDIR"
	export APP=logs-app
	destroy "$APP"
	app_push "$APP"
}

setup() {
	load ssh_lib
	load doer_lib
}

teardown_file() {
	load ssh_lib
	destroy logs-app
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

@test "lines are found by process, release, level and time, also after a deploy" {
	answer '/say?ERROR:first'
	"$DAVIT" ps:scale "$APP" worker=1
	"$DAVIT" config:set "$APP" WORD=new
	answer '/say?INFO:second'
	run "$DAVIT" releases:list "$APP"
	echo "$output"
	run "$DAVIT" logs "$APP" --level error -q -n 1000
	echo "$output"
	[[ $output == *"ERROR:first"* && $output != *"INFO:second"* ]]
	run "$DAVIT" logs "$APP" --release v1 -p web -n 1000
	[[ $output == *"ERROR:first"* && $output != *"INFO:second"* ]]
	run "$DAVIT" logs "$APP" --release v3 -p web -n 1000
	[[ $output != *"ERROR:first"* && $output == *"INFO:second"* ]]
	run "$DAVIT" logs "$APP" --ps worker -n 1000
	[[ $output == *"app[worker.1]: n 1"* && $output != *"web.1"* ]]
	run "$DAVIT" logs "$APP" --since 10m -n 100000
	[[ $output == *"ERROR:first"* && $output == *"davit[release]: v3 serves: config-redeploy by root, 2 new instances"* ]]
	run "$DAVIT" logs "$APP" --since 2030-01-01
	[[ $status == 0 && -z $output ]]
}

@test "a deploy that fails is in the log, and logs:failed shows what its instances said" {
	app_change "$APP" Procfile "web: sh -c 'echo never again; exit 5'"
	run git -C "$BATS_FILE_TMPDIR/$APP" push "$REMOTE/$APP" main
	[[ $status != 0 ]]
	git -C "$BATS_FILE_TMPDIR/$APP" revert --no-edit HEAD
	run "$DAVIT" logs:failed "$APP"
	echo "$output"
	[[ $output == *"app[web.1]: never again"* ]]
	log_has 'davit\[release\]: .*failed: web.1 exited with status 5'
	git -C "$BATS_FILE_TMPDIR/$APP" push -q "$REMOTE/$APP" main
	run "$DAVIT" logs:failed "$APP"
	[[ $output == *"No failed deploy"* ]]
}

# What a follower prints, and what is kept, has every number.
@test "files are rotated without losing a line, and followed over it" {
	"$DAVIT" ps:scale "$APP" worker=1
	"$DAVIT" logs:set "$APP" max-size 1m
	"$DAVIT" logs "$APP" -p worker -q -t -n 1 >"$BATS_TEST_TMPDIR/seen" &
	local reader=$! log dir=/var/log/davit/$APP n
	log=$(find "$dir" -name 'worker.1.v*.log' -printf '%T@ %f\n' | sort -n | tail -n 1 | cut -d' ' -f2)
	wait_until 5 test -s "$BATS_TEST_TMPDIR/seen"
	printf '[{"verb":"log-tidy","app":"%s","max":0,"rotate":4096,"files":1000}]' "$APP" >"$BATS_TEST_TMPDIR/tidy"
	for ((n = 0; n < 12; n++)); do
		wait_until 10 eval '(($(stat -c %s "'"$dir/$log"'") > 4200))'
		/usr/local/libexec/davit/davit-root 3<"$BATS_TEST_TMPDIR/tidy" 4>"$BATS_TEST_TMPDIR/reply"
	done
	cat "$BATS_TEST_TMPDIR/reply"
	sleep 1.2
	kill "$reader"
	wait "$reader" || true
	[[ $(find "$dir" -name "$log.*" ! -name "*.0" | wc -l) -ge 12 ]]
	grep '^n ' "$BATS_TEST_TMPDIR/seen" | awk 'NR > 1 && $2 != last + 1 { bad++; print "after", last, "came", $2 }
		{ last = $2 } END { print NR, "lines"; exit bad > 0 || NR < 300 }'
	"$DAVIT" logs "$APP" -p worker -q -n 100000 --release "v${log##*.v}" 2>/dev/null || true
	"$DAVIT" logs "$APP" -p worker -q -n 100000 | grep '^n ' | tail -n 300 |
		awk 'NR > 1 && $2 != last + 1 { bad++ } { last = $2 } END { exit bad > 0 || NR < 300 }'
}

@test "logs of an app stay within max-size; the newest lines are those that stay" {
	"$DAVIT" ps:scale "$APP" worker=1
	"$DAVIT" logs:set "$APP" max-size 64k
	wait_until 30 eval '(($(cat /var/log/davit/'"$APP"'/*.log* | wc -c) > 200000))' || true
	"$DAVIT" tick
	local bytes
	bytes=$(find "/var/log/davit/$APP" -name '*.log*' ! -name '*.0' -printf '%b\n' | awk '{ n += $1 * 512 } END { print n }')
	echo "$bytes bytes"
	((bytes <= 64 * 1024 + 3 * 4096))
	"$DAVIT" logs "$APP" -p worker -q -n 100 | grep '^n ' |
		awk 'NR > 1 && $2 != last + 1 { bad++ } { last = $2 } END { exit bad > 0 || NR < 90 }'
	"$DAVIT" logs:report "$APP" | grep -q 'Logs computed max size: *64k'
	run "$DAVIT" logs:set "$APP" max-size tiny
	[[ $status != 0 && $output == *"unlimited"* ]]
	"$DAVIT" logs:set "$APP" max-size
	"$DAVIT" ps:scale "$APP" worker=0
}

# conmon begins a file anew after 128 MiB: what was before is kept until the next tick.
@test "a flood of 250 MB within a minute loses no line" {
	"$DAVIT" logs:set "$APP" max-size unlimited
	"$DAVIT" ps:scale "$APP" flood=1
	wait_until 60 eval '"$DAVIT" logs "$APP" -p flood -q -n 3 | grep -q "^done"'
	# A long write is in pieces, tagged P but the last.
	cat /var/log/davit/"$APP"/flood.1.v*.log.0 /var/log/davit/"$APP"/flood.1.v*.log |
		awk '{ tag = $3; sub(/^[^ ]+ [^ ]+ [FP] ?/, ""); printf "%s%s", $0, tag == "P" ? "" : "\n" }' |
		awk '$1 == "flood" && $2 != n++ { bad++ } END { print n, "lines"; exit bad > 0 || n != 1000000 }'
	"$DAVIT" ps:scale "$APP" flood=0
	"$DAVIT" logs:set "$APP" max-size
	"$DAVIT" tick
	(($(du -sk "/var/log/davit/$APP" | cut -f1) <= 10300))
}
