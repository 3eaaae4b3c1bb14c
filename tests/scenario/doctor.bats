# What davit doctor finds on a host where something was left behind, and what --fix does.

setup_file() {
	load ssh_lib
	load tick_lib
	hold_ticks
	key_in "$BATS_FILE_TMPDIR"
	APP=doctor-app
	export APP
	destroy "$APP"
	cd "$BATS_FILE_TMPDIR" || return
	git init -q -b main work
	cd work || return
	: >requirements.txt
	echo "web: python3 -m http.server --bind 0.0.0.0 \$PORT" >Procfile
	git add -A
	git commit -q -m first
	git push -q "$REMOTE/$APP" main
	"$DAVIT" recover
}

setup() {
	load ssh_lib
	cd "$BATS_TEST_TMPDIR" || return
}

teardown_file() {
	load ssh_lib
	load tick_lib
	let_ticks
	destroy "$APP"
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

store() { # SQL: as the owner of the store
	setpriv --reuid davit --regid davit --clear-groups /usr/bin/python3 -c '
import sqlite3, sys
db = sqlite3.connect("/var/lib/davit/store/davit.db", timeout=10)
for row in db.execute(sys.argv[1]): print(*row)
db.commit()' "$1"
}

instance() { # instance FIELD
	"$DAVIT" ps:inspect "$APP" | python3 -c "import json, sys
print([i for i in json.load(sys.stdin) if i['state'] == 'ready'][0]['$1'])"
}

healthy() {
	run "$DAVIT" doctor
	echo "$output"
	[[ $status == 0 && $output == *"Nothing is wrong"* ]]
}

# finds WORDS: doctor says them, with a cure, and leaves with 1.
finds() {
	run "$DAVIT" doctor
	echo "$output"
	[[ $status == 1 && $output == *"$1"* && $output == *"cure: "* ]]
}

mends() {
	run "$DAVIT" doctor --fix
	echo "$output"
	[[ $status == 0 ]]
	healthy
}

serves() { curl -sS --fail --max-time 5 -o /dev/null "$("$DAVIT" url "$APP")"; }

@test "a host on which all is well: nothing, fast, and the same in JSON" {
	healthy
	local ms
	ms=$(sed -n 's/.*(\([0-9]*\) ms).*/\1/p' <<<"$output")
	((ms < 1000))
	run "$DAVIT" doctor --format json
	[[ $(python3 -c 'import json, sys; d = json.loads(sys.argv[1]); print(d["healthy"], d["findings"])' \
		"$output") == "True []" ]]
}

@test "a container that the store does not know" {
	store "DELETE FROM instance WHERE container = '$(instance id)'"
	finds "the store has no such instance"
	"$DAVIT" doctor --fix || true
	"$DAVIT" ps:restart "$APP"
	wait_until 20 serves
	wait_until 20 healthy
}

@test "an instance whose process is gone while nobody was told" {
	local id pid
	id=$(instance id)
	pid=$(instance pid)
	kill -9 "$(</run/davit/c/"$id"/conmon.pid)"
	kill -9 "$pid"
	wait_until 5 bash -c '! kill -0 "$1" 2>/dev/null' _ "$pid"
	finds "is recorded as ready, and its process has ended"
	"$DAVIT" doctor --fix || true
	wait_until 20 serves
	wait_until 20 healthy
}

@test "the row of a deploy whose process is gone, and its work directory" {
	local app
	app=$(store "SELECT id FROM app WHERE name = '$APP'")
	store "INSERT INTO deploy(app_id, public_id, kind, source, author, pid, pid_started,
		started_at, state, step) VALUES($app, 'doctor-gone', 'build', 'git-push',
		'tester', 999999, 5, strftime('%s'), 'running', 'build')"
	install -d -o davit -g davit /var/lib/davit/store/work/doctor-gone
	finds "deploy doctor-gone is running (step build), and its process 999999 is gone"
	mends
	[[ ! -e /var/lib/davit/store/work/doctor-gone ]]
	serves
}

@test "rules of the kernel that were flushed, and a route that leads elsewhere" {
	nft delete table inet davit
	finds "the nftables table inet davit is not there"
	mends
	serves
	local chain
	chain=$(nft list table inet davit | grep -o 'chain app_[0-9]*' | head -n 1)
	nft flush chain inet davit "${chain#chain }"
	finds "requests of"
	mends
	serves
}

@test "a control group, a half-made layer and an address of nobody" {
	local top
	for top in /sys/fs/cgroup/pids /sys/fs/cgroup; do
		if mkdir -p "$top/davit/doctor-stray.1" 2>/dev/null; then break; fi
	done
	mkdir /var/lib/davit/layers/.new-999999-doctor
	echo "doctor-stray.web.1.1 7777" >>/var/lib/davit/addresses
	finds "control group /davit/doctor-stray.1 is there"
	[[ $output == *".new-999999-doctor was left half made"* ]]
	[[ $output == *"container doctor-stray.web.1.1 is gone, and has an address still"* ]]
	mends
	[[ ! -e /var/lib/davit/layers/.new-999999-doctor && ! -e $top/davit/doctor-stray.1 ]]
}

@test "a layer that nothing uses goes, layers of kept releases and foreign files do not" {
	local before
	mkdir /var/lib/davit/layers/doctor-unused
	echo foreign >/var/lib/davit/layers/.foreign
	before=$(ls /var/lib/davit/layers)
	finds "layer doctor-unused is used by nothing"
	mends
	[[ $(ls /var/lib/davit/layers) == "$(grep -v doctor-unused <<<"$before")" ]]
	[[ $(</var/lib/davit/layers/.foreign) == foreign ]]
	rm /var/lib/davit/layers/.foreign
}

@test "a layer of the live release that is missing is named, with its release" {
	local layer
	layer=$(store "SELECT image ->> '\$.layers[0]' FROM release JOIN app ON app.id = app_id
		WHERE app.name = '$APP' AND state = 'live'")
	mv "/var/lib/davit/layers/$layer" /var/lib/davit/layers/doctor-aside
	run "$DAVIT" doctor
	mv /var/lib/davit/layers/doctor-aside "/var/lib/davit/layers/$layer"
	echo "$output"
	[[ $status == 1 && $output == *"layer $layer of $APP v"*"the live release, is missing"* ]]
	[[ $output == *"cure: davit ps:rebuild $APP"* ]]
}

@test "what is left of an app that the store does not know goes only when asked" {
	install -d -o davit -g davit /var/lib/davit/git/doctor-ghost.git
	echo 'server { listen 127.0.0.1:9; }' >/var/lib/davit/nginx/doctor-ghost.conf
	finds "doctor-ghost.conf is of an app that does not exist"
	[[ $output == *"cure: davit cleanup --gone-apps"* ]]
	run "$DAVIT" doctor --fix
	[[ $status == 1 && -e /var/lib/davit/git/doctor-ghost.git ]]
	run "$DAVIT" cleanup --dry-run --gone-apps
	echo "$output"
	[[ $status == 0 && $output == *"would remove what is left of the app doctor-ghost"* ]]
	[[ -e /var/lib/davit/git/doctor-ghost.git ]]
	"$DAVIT" cleanup --gone-apps
	[[ ! -e /var/lib/davit/git/doctor-ghost.git && ! -e /var/lib/davit/nginx/doctor-ghost.conf ]]
	healthy
}

@test "an nginx file that is not what the settings say, or is missing, is written again" {
	local file=/var/lib/davit/nginx/$APP.conf
	echo "# changed by hand" >>"$file"
	finds "the nginx file of $APP is not what its settings say"
	mends
	rm "$file"
	finds "the nginx file of $APP is missing"
	mends
	serves
}

@test "owners and modes of what root runs and trusts" {
	local helper=/usr/local/libexec/davit/davit-root
	chmod 0711 /var/lib/davit/store
	chmod 4755 "$helper"
	run "$DAVIT" doctor
	chmod 4750 "$helper"
	chmod 0700 /var/lib/davit/store
	echo "$output"
	[[ $status == 1 && $output == *"davit-root is not owned by root with mode 4750"* ]]
	[[ $output == *"/var/lib/davit/store is open to others: mode 0711"* ]]
	mkdir -p /var/lib/davit/plugins/available/doctor-open
	chmod 0777 /var/lib/davit/plugins/available/doctor-open
	run "$DAVIT" doctor
	rmdir /var/lib/davit/plugins/available/doctor-open
	echo "$output"
	[[ $status == 1 && $output == *"doctor-open is not root's alone"* ]]
	healthy
}

@test "a certificate that ends soon, a name that leads nowhere, a disk that is nearly full" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 \
		-subj /CN=doctor.invalid -keyout key -out crt 2>/dev/null
	"$DAVIT" certs:add "$APP" crt key
	"$DAVIT" domains:add "$APP" doctor.invalid
	mount -t tmpfs -o size=1m tmpfs /var/log/davit
	run "$DAVIT" doctor
	umount -l /var/log/davit
	"$DAVIT" certs:remove "$APP"
	echo "$output"
	[[ $status == 1 && $output == *"the certificate of $APP ends in "[23]" days"* ]] # 3 within its second
	[[ $output == *"the disk of /var/log/davit has only"* ]]
	[[ $output == *"note: domains: "* ]]
	run "$DAVIT" doctor
	echo "$output"
	[[ $status == 0 && $output == *"note: domains: "* ]]
	"$DAVIT" domains:remove "$APP" doctor.invalid
}

@test "a timer that stands still, and a clock that went back" {
	"$DAVIT" tick
	healthy
	touch -d '1 hour ago' /run/davit/davit/ticked
	finds "davit tick has not run for 60 minutes"
	"$DAVIT" tick
	store "INSERT INTO event(at, app, actor, command, result, detail)
		VALUES(strftime('%s') + 7200, '', 'doctor-test', 'x', 'ok', '')"
	finds "the clock went back"
	store "DELETE FROM event WHERE actor = 'doctor-test'"
	healthy
}
