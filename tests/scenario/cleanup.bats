# Budgets: what goes, and what never does.

setup_file() {
	load ssh_lib
	load tick_lib
	hold_ticks
	key_in "$BATS_FILE_TMPDIR"
	APP=cleanup-app
	export APP
	destroy "$APP"
	git init -q -b main "$BATS_FILE_TMPDIR/work"
	cd "$BATS_FILE_TMPDIR/work" || return
	: >requirements.txt
	echo "web: python3 -m http.server --bind 0.0.0.0 \$PORT" >Procfile
	local n
	for n in 1 2; do
		echo "$n" >VERSION
		git add -A
		git commit -q -m "$n"
		git push -q "$REMOTE/$APP" main
	done
}

setup() {
	load ssh_lib
	cd "$BATS_TEST_TMPDIR" || return
}

teardown_file() {
	load ssh_lib
	load tick_lib
	let_ticks
	rm -rf /var/lib/davit/layers/.foreign
	local key
	for key in build-caches build-logs spare-layers; do
		"$DAVIT" cleanup:set --global "$key"
	done
	destroy "$APP"
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

serves() { curl -sS --fail --max-time 5 "$("$DAVIT" url "$APP")/VERSION"; }

# Every file below davit's data that no budget is about, with its size.
rest() {
	find /var/lib/davit /etc/nginx /home -xdev -type f ! -path '*/store/*' ! -path '*/cache/*' \
		! -path '/var/lib/davit/layers/*' ! -path '/var/lib/davit/scratch/*' -printf '%p %s\n' | sort
}

@test "budgets are set in sizes, and what is none is refused" {
	run "$DAVIT" cleanup:set --global build-caches lots
	echo "$output"
	[[ $status != 0 && $output == *"must be a size"* ]]
	"$DAVIT" cleanup:set --global build-caches 1M
	[[ $("$DAVIT" cleanup:report --global --cleanup-computed-build-caches) == 1M ]]
}

@test "caches, logs and spare layers over their budgets go; releases, foreign files and storage stay" {
	local cache=/var/lib/davit/cache/$APP/test logs=/var/lib/davit/store/builds/$APP
	local layers before
	mkdir -p "$cache"
	head -c 3000000 /dev/zero >"$cache/big"
	head -c 3000000 /dev/zero >"$logs/0000old.log"
	chown -R davit: "$logs/0000old.log"
	touch -d '1 year ago' "$logs/0000old.log"
	"$DAVIT" storage:ensure-directory "$APP-data" >/dev/null
	mkdir -p /var/lib/davit/layers/.foreign
	"$DAVIT" cleanup:set --global build-caches 1M
	"$DAVIT" cleanup:set --global build-logs 1M
	before=$(rest)
	layers=$(ls -A /var/lib/davit/layers)
	run "$DAVIT" cleanup --dry-run
	echo "$output"
	[[ $status == 0 && $output == *"would remove build cache of $APP"* ]]
	[[ -e $cache/big && -e $logs/0000old.log ]]
	run "$DAVIT" cleanup
	echo "$output"
	[[ $status == 0 && $output == *"0000old.log"*"over build-logs"* ]]
	[[ ! -e $cache/big && ! -e $logs/0000old.log ]]
	[[ $(find "$logs" -name '*.log' | wc -l) -ge 2 ]]
	diff <(echo "$before") <(rest)
	[[ $(ls -A /var/lib/davit/layers) == "$layers" ]]
	rmdir /var/lib/davit/layers/.foreign
	[[ $(serves) == 2 ]]
	"$DAVIT" releases:rollback "$APP" v1
	wait_until 10 bash -c "[[ \$(curl -sS '$("$DAVIT" url "$APP")/VERSION') == 1 ]]"
}

@test "a store that does not know an app of which there is a repository loses no layer" {
	install -d -o davit -g davit /var/lib/davit/git/cleanup-ghost.git
	mkdir /var/lib/davit/layers/cleanup-unused
	run "$DAVIT" cleanup
	echo "$output"
	[[ $status != 0 && $output == *"repository of cleanup-ghost"*"Nothing is removed"* ]]
	[[ -e /var/lib/davit/layers/cleanup-unused ]]
	"$DAVIT" cleanup --gone-apps
	[[ ! -e /var/lib/davit/layers/cleanup-unused && ! -e /var/lib/davit/git/cleanup-ghost.git ]]
}

@test "tick cleans once a day" {
	mkdir /var/lib/davit/layers/cleanup-daily
	setpriv --reuid davit --regid davit --clear-groups /usr/bin/python3 -c '
import sqlite3
db = sqlite3.connect("/var/lib/davit/store/davit.db", timeout=10)
db.execute("INSERT OR REPLACE INTO property VALUES(0, ?, ?, ?)", ("cleanup", "last", "1000"))
db.commit()'
	"$DAVIT" tick
	wait_until 20 test ! -e /var/lib/davit/layers/cleanup-daily
	mkdir /var/lib/davit/layers/cleanup-daily
	"$DAVIT" tick
	"$DAVIT" cleanup --dry-run | grep -q cleanup-daily
	[[ -e /var/lib/davit/layers/cleanup-daily ]]
	"$DAVIT" cleanup
}
