# Instances that end, hang, take too much or lose their watcher: what is done, and how it is
# told.  Real processes and real kills.

setup_file() {
	load ssh_lib
	load doer_lib
	key_in "$BATS_FILE_TMPDIR"
	export APP=supervise
	destroy "$APP"
	app_push "$APP"
}

setup() {
	load ssh_lib
	load doer_lib
	"$DAVIT" ps:set "$APP" restart-policy
	"$DAVIT" ps:set "$APP" stop-timeout-seconds
}

teardown_file() {
	load ssh_lib
	destroy supervise
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

@test "a killed instance is back; report, events and log say so" {
	local pid
	pid=$(instance pid)
	kill -9 "$pid"
	wait_until 10 log_has 'davit\[web.1\]: runs again'
	wait_until 5 answers fine
	[[ $(instance pid) != "$pid" ]]
	run "$DAVIT" ps:report "$APP"
	echo "$output"
	[[ $output == *"Restarts web 1:"*1* && $output == *"Last exit web 1:"*"signal 9"* ]]
	log_has 'davit\[web.1\]: ended: signal 9; starts again at once'
	"$DAVIT" events --app "$APP" | grep -q "crashed.*web.1: signal 9"
}

@test "an instance that fails again and again is given up after its limit" {
	"$DAVIT" ps:set "$APP" restart-policy on-failure:1
	"$DAVIT" ps:scale "$APP" crash=1
	wait_until 20 log_has 'davit\[crash.1\]: ended: exit status 3; not started again: restart-policy is on-failure:1, 1 restart'
	run "$DAVIT" ps:report "$APP"
	echo "$output"
	[[ $output == *"exited (CID"* && $output == *"exit status 3"* ]]
	answers fine
	"$DAVIT" events --app "$APP" | grep -q "gave up.*crash.1: exit status 3"
	"$DAVIT" ps:scale "$APP" crash=0
}

@test "restart-policy no leaves it ended; always takes exit 0 for a crash" {
	"$DAVIT" ps:set "$APP" restart-policy no
	kill -9 "$(instance pid)"
	wait_until 10 log_has 'davit\[web.1\]: ended: signal 9; not started again: restart-policy is no'
	is_state web crashed
	"$DAVIT" ps:set "$APP" restart-policy always
	"$DAVIT" ps:restart "$APP"
	wait_until 5 answers fine
	local pid
	pid=$(instance pid)
	kill -TERM "$pid"
	wait_until 10 log_has 'ended: exit status 0; starts again'
	wait_until 10 answers fine
	[[ $(instance pid) != "$pid" ]]
}

@test "a kill for memory is named in log, report and events" {
	"$DAVIT" resource:limit --process-type web --memory 96m "$APP"
	"$DAVIT" ps:restart "$APP"
	answer /oom || true
	wait_until 15 log_has 'davit\[web.1\]: ended: killed: out of memory'
	wait_until 15 answers fine
	"$DAVIT" ps:report "$APP" | grep -q "Last exit web 1:.*out of memory"
	"$DAVIT" events --app "$APP" | grep -q "web.1: killed: out of memory"
	"$DAVIT" resource:limit-clear --process-type web "$APP"
	"$DAVIT" ps:restart "$APP"
}

@test "a conmon that is killed is noticed by the tick, and the instance replaced without a gap" {
	local id pid url bad=0 n=0
	id=$(instance id)
	pid=$(instance pid)
	url=$("$DAVIT" url "$APP")
	pkill -9 -f "conmon .*--cid $id "
	"$DAVIT" tick
	while [[ $(instance pid) == "$pid" ]] && ((n < 200)); do
		curl -sS -o /dev/null --fail --max-time 5 "$url" || bad=$((bad + 1))
		n=$((n + 1))
	done
	echo "$bad of $n failed"
	((bad == 0))
	[[ $(instance pid) != "$pid" ]]
	log_has 'its watcher (conmon) ended'
	wait_until 20 eval '! kill -0 '"$pid"
}

@test "SIGTERM reaches the app itself; what does not heed it is killed when its time is over" {
	"$DAVIT" ps:set "$APP" stop-timeout-seconds 2
	"$DAVIT" ps:scale "$APP" deaf=1
	local pid start
	pid=$(instance pid deaf)
	start=$SECONDS
	"$DAVIT" ps:stop "$APP"
	((SECONDS - start >= 2 && SECONDS - start < 12))
	run kill -0 "$pid"
	[[ $status != 0 ]]
	log_has 'app\[web.1\]: the app got SIGTERM'
	"$DAVIT" ps:start "$APP"
	"$DAVIT" ps:scale "$APP" deaf=0
	run grep "crashed.*deaf" <("$DAVIT" events --app "$APP")
	[[ -z $output ]]
}

@test "orphans of an app are reaped" {
	answer /orphan
	local pid
	pid=$(instance pid)
	wait_until 5 eval '[[ $(wc -w <"/proc/'"$pid"'/task/'"$pid"'/children") == 1 ]]'
}

@test "a failing liveness check restarts that instance, and only that" {
	app_change "$APP" app.json '{"healthchecks": {"web": [
		{"type": "liveness", "name": "alive", "path": "/health", "attempts": 2, "wait": 1, "timeout": 2}]}}'
	git -C "$BATS_FILE_TMPDIR/$APP" push -q "$REMOTE/$APP" main
	"$DAVIT" ps:scale "$APP" web=2
	local before after
	before=$("$DAVIT" ps:inspect "$APP" | grep '"pid"' | sort)
	answer /sick
	wait_until 20 log_has "fails its liveness check 'alive': GET /health answered 500"
	wait_until 20 log_has "ended: liveness check 'alive' failed; starts again at once"
	wait_until 20 eval '[[ $("$DAVIT" ps:inspect "$APP" | grep -c "\"ready\"") == 2 ]]'
	after=$("$DAVIT" ps:inspect "$APP" | grep '"pid"' | sort)
	[[ $(comm -12 <(echo "$before") <(echo "$after") | wc -l) == 1 ]]
	"$DAVIT" ps:report "$APP" | grep -q "Last exit web.*liveness check 'alive' failed"
	# One watcher, however often it is asked for; none when nothing asks any more.
	"$DAVIT" tick
	wait_until 5 eval '[[ $(pgrep -fc "davit instance-watch $APP\$") == 1 ]]'
}

@test "an instance whose readiness check fails gets no traffic until it passes" {
	app_change "$APP" app.json '{"healthchecks": {"web": [
		{"type": "readiness", "name": "fit", "path": "/health", "attempts": 1, "wait": 1, "timeout": 2}]}}'
	git -C "$BATS_FILE_TMPDIR/$APP" push -q "$REMOTE/$APP" main
	answer /sick
	wait_until 10 log_has "fails its readiness check 'fit'"
	local sick n
	sick=$("$DAVIT" ps:report "$APP" | sed -n 's/ *Status \(web [12]\): *unready.*/\1/p' | tr ' ' .)
	[[ $sick == web.* ]]
	for n in 1 2 3 4 5 6; do [[ $(answer /who) != "$sick" ]]; done
	curl -sS --max-time 5 "http://$("$DAVIT" ps:inspect "$APP" | python3 -c "import json, sys
print([i['address'] for i in json.load(sys.stdin) if 'web.%d' % i['number'] == '$sick'][0])"):5000/well"
	wait_until 10 log_has "davit\[$sick\]: passes its readiness check"
	wait_until 5 eval '[[ $(answer /who) == '"$sick"' ]]'
}

@test "without checks the watcher is gone; checks:skip silences them" {
	"$DAVIT" checks:skip "$APP" web
	answer /sick
	sleep 2.5
	"$DAVIT" ps:report "$APP" | grep -q "Status web 1: *running"
	"$DAVIT" checks:enable "$APP" web
	app_change "$APP" app.json '{}'
	git -C "$BATS_FILE_TMPDIR/$APP" push -q "$REMOTE/$APP" main
	wait_until 10 eval '! pgrep -f "davit instance-watch $APP\$"'
}

@test "a type whose checks are disabled ends before its next instance starts" {
	local said
	"$DAVIT" ps:scale "$APP" web=1
	"$DAVIT" checks:disable "$APP" web
	"$DAVIT" logs "$APP" -n 10000 >"$BATS_TEST_TMPDIR/before"
	run "$DAVIT" ps:restart "$APP"
	echo "$output"
	[[ $status == 0 && $output == *"Stopping 1 instance first: checks are disabled"* ]]
	wait_until 10 answers fine
	wait_until 10 eval '"$DAVIT" logs "$APP" -n 10000 | grep -vxFf "$BATS_TEST_TMPDIR/before" | grep -q serving$'
	said=$("$DAVIT" logs "$APP" -n 10000 | grep -vxFf "$BATS_TEST_TMPDIR/before" |
		sed -n 's/.*app\[web.1\]: //p' | paste -sd,)
	echo "$said"
	[[ $said == "the app got SIGTERM,serving" ]]
	is_state web ready
	"$DAVIT" checks:enable "$APP" web
	run "$DAVIT" ps:restart "$APP"
	[[ $status == 0 && $output != *Stopping* ]]
}

@test "an end while the host goes down is no crash: the boot starts it, and nothing is counted" {
	local pid boot=/usr/local/libexec/davit/davit-boot events
	pid=$(instance pid)
	events=$("$DAVIT" events --app "$APP" | grep -c crashed || true)
	"$boot" stop
	kill -9 "$pid"
	wait_until 5 eval '[[ ! -e /proc/'"$pid"' ]] && ! pgrep -f "davit-root exited $(instance id)"'
	"$DAVIT" tick
	is_state web ready
	[[ $(instance pid) == "$pid" ]]
	run answer
	[[ $output == *502* || $status != 0 ]]
	run "$DAVIT" doctor
	[[ $output == *"this host is said to go down"*"davit-boot start"* ]]
	"$boot" start
	wait_until 10 answers fine
	[[ $(instance pid) != "$pid" && ! -e /run/davit/stopping ]]
	[[ $("$DAVIT" events --app "$APP" | grep -c crashed || true) == "$events" ]]
	run "$DAVIT" doctor
	echo "$output"
	[[ $output != *"go down"* ]]
}
