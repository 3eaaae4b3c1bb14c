# A plugin that meddles from inside every hook: config:set, docker-options:add, ports:add.
# Nothing may wait for itself, and nothing may be deployed twice.

setup_file() {
	load ssh_lib
	load tick_lib
	hold_ticks # its hooks would meddle too, and be counted
	key_in "$BATS_FILE_TMPDIR"
	destroy meddled
	"$DAVIT" --force plugin:uninstall meddler >/dev/null 2>&1 || true
	NOTES=$(mktemp -d /tmp/davit-meddler.XXXXXX)
	export NOTES
	chmod 777 "$NOTES"
	make_plugin "$BATS_FILE_TMPDIR/meddler"
	"$DAVIT" plugin:install "file://$BATS_FILE_TMPDIR/meddler"
}

setup() {
	load ssh_lib
}

teardown_file() {
	load ssh_lib
	load tick_lib
	"$DAVIT" --force plugin:uninstall meddler
	rm -rf "$NOTES"
	destroy meddled
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
	let_ticks
}

# Every trigger that is fired, but those whose answer or refusal would change what happens
# and those of a plugin's own installation.  Each does the three things, at most once at a
# time: what it does fires hooks too.
make_plugin() {
	local name
	mkdir "$1"
	printf '[plugin]\ndescription = "meddles"\nversion = "0.1.0"\n' >"$1/plugin.toml"
	cat >"$1/meddle" <<SH
#!/usr/bin/env bash
notes=$NOTES
me=\${0##*/}
echo "\$me \$*" >>"\$notes/fired"
mkdir "\$notes/busy" 2>/dev/null || exit 0
trap 'rmdir "\$notes/busy"' EXIT
for word in "\$@"; do [[ \$word != meddled ]] || found=1; done
[[ -n \${found:-} ]] && dokku apps:exists meddled >/dev/null 2>&1 || exit 0
{
	dokku config:set meddled "FROM_\${me//-/_}=1" &&
		dokku docker-options:add meddled deploy "--env=MEDDLED=1" &&
		{ dokku ports:report meddled --ports-map | grep -q http:8081:5000 ||
			dokku ports:add meddled http:8081:5000; }
} >"\$notes/last" 2>&1 || { echo "\$me: \$(cat "\$notes/last")" >>"\$notes/failed"; }
exit 0
SH
	chmod 755 "$1/meddle"
	while read -r name; do
		case $name in
		install | update | uninstall | dependencies | user-auth | user-auth-app | report) continue ;;
		docker-args-* | nginx-hostname | app-urls | builder-detect | builder-build) continue ;;
		*) cp "$1/meddle" "$1/$name" ;;
		esac
	done < <(awk -F'\t' '$2 == "fired" { print $1 }' "$BATS_TEST_DIRNAME/../dokku/triggers.tsv")
	git -C "$1" init -q
	git -C "$1" add -A
	git -C "$1" commit -q -m meddle
}

# As rows: a command of ours would fire hooks, and they would change something.
rows() { # rows TABLE
	runuser -u davit -- python3 - "$DATA/store/davit.db" "$1" <<'PY'
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(db.execute(f"SELECT count(*) FROM {sys.argv[2]} JOIN app ON app.id = app_id"
                 " WHERE app.name = 'meddled'").fetchone()[0])
PY
}
releases() { rows release; }
retired() { [ "$(rows instance)" -eq 1 ]; } # what was replaced is gone, in the background

fired() { sort -u <(cut -d' ' -f1 "$NOTES/fired"); }

@test "a push with a hook at every step is one release" {
	"$DAVIT" apps:create meddled
	git init -q -b main "$BATS_TEST_TMPDIR/app"
	cd "$BATS_TEST_TMPDIR/app"
	: >requirements.txt
	echo 'web: python3 -m http.server $PORT' >Procfile
	echo "{}" >app.json
	git add -A
	git commit -q -m first
	run timeout 120 git push "$REMOTE/meddled" main
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(releases)" -eq 1 ]
	[ "$(rows deploy)" -eq 1 ]
	[ "$("$DAVIT" config:get meddled FROM_pre_build)" = 1 ]
	[ "$("$DAVIT" config:get meddled FROM_post_deploy)" = 1 ]
	"$DAVIT" ports:report meddled --ports-map | grep -q http:8081:5000
}

@test "a change of configuration with such hooks is one more release" {
	"$DAVIT" tick # what hooks of the minute change is a change of its own
	wait_until 60 retired
	before=$(releases)
	deploys=$(rows deploy)
	run timeout 120 "$DAVIT" config:set meddled WORD=1
	echo "$output"
	[ "$(rows deploy)" -eq $((deploys + 1)) ]
	[ "$status" -eq 0 ]
	wait_until 60 retired
	[ "$(rows deploy)" -eq $((deploys + 1)) ]
	[ "$(releases)" -eq $((before + 1)) ]
	[ "$(curl -s -o /dev/null -w '%{http_code}' "$("$DAVIT" url meddled)")" = 200 ]
}

@test "a restart, a stop and a start end, and the app answers" {
	for verb in restart stop start; do
		run timeout 120 "$DAVIT" "ps:$verb" meddled
		echo "$verb: $output"
		[ "$status" -eq 0 ]
	done
	curl -fsS -o /dev/null "$("$DAVIT" url meddled)"
}

@test "the commands that hooks gave were all carried out" {
	cat "$NOTES/failed" 2>/dev/null || true
	[ ! -e "$NOTES/failed" ]
}

@test "what a push fires was fired, each with its words" {
	for name in core-post-extract post-extract app-json-is-valid pre-receive-app pre-build post-build \
		builder-release pre-release-builder post-release-builder release-and-deploy \
		scheduler-deploy post-container-create check-deploy scheduler-post-deploy-process \
		core-post-deploy post-deploy proxy-build-config post-config-update deploy-source-set \
		post-proxy-ports-update pre-start post-stop; do
		fired | grep -Fxq "$name" || { echo "not fired: $name"; fired; return 1; }
	done
	grep -Ex 'app-json-is-valid meddled /.+/app\.json' "$NOTES/fired"
	grep -Ex 'post-deploy meddled   latest' "$NOTES/fired"
	grep -Ex 'pre-build [a-z-]+ meddled /.+' "$NOTES/fired"
	grep -Eq '^check-deploy meddled \S+ web 5000 [0-9.]+ ' "$NOTES/fired"
	grep -Eq '^post-container-create app \S+ meddled deploy web' "$NOTES/fired"
}
