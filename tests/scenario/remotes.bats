# Code that comes from elsewhere, and the files that others read and edit in Dokku's places.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
}

setup() {
	load ssh_lib
	cd "$BATS_TEST_TMPDIR" || return
	APP=remotes-$BATS_TEST_NUMBER
	HOME_DIR=$(getent passwd davit | cut -d: -f6)
	destroy "$APP"
}

teardown() {
	destroy "$APP"
}

teardown_file() {
	load ssh_lib
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# A repository of a site, where user davit can read it.
elsewhere() {
	git init -q -b trunk elsewhere
	echo one >elsewhere/index.html
	git -C elsewhere add -A
	git -C elsewhere -c user.name=t -c user.email=t@localhost commit -qm one
	git -C elsewhere tag first
	chown -R davit: elsewhere
	chmod a+x . "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
}

again() { # TEXT
	echo "$1" >elsewhere/index.html
	HOME=$PWD sudo_davit git -C "$PWD/elsewhere" -c user.name=t -c user.email=t@localhost commit -qam "$1"
}

sudo_davit() { setpriv --reuid davit --regid davit --init-groups "$@"; }

# Of the newest build: in the list, in the report.
source_is() {
	[[ $("$DAVIT" builds:list "$APP" --format json | jq -r '.[0].source') == "$1" ]]
	[[ $("$DAVIT" builds:report "$APP" --builds-build-source) == "$1" ]]
}

served() { curl -sS -H "Host: $APP.test" http://127.0.0.1/; }

@test "git:sync takes a branch, a tag, and only builds what is new" {
	elsewhere
	run "$DAVIT" git:sync --build "$APP" "$PWD/elsewhere"
	[[ $status == 0 && $output == *"Cloning $APP"* ]]
	"$DAVIT" domains:set "$APP" "$APP.test"
	[[ $(served) == one ]]
	[[ $("$DAVIT" git:report "$APP" --git-deploy-branch) == trunk ]]
	[[ $("$DAVIT" apps:report "$APP" --app-deploy-source) == git-sync ]]
	source_is git:sync
	[[ $("$DAVIT" releases:list "$APP" --format json | jq -r '.[0].source') == git-sync ]]
	# Built anew, the code is still from there.
	"$DAVIT" ps:rebuild "$APP"
	source_is ps:rebuild
	[[ $("$DAVIT" apps:report "$APP" --app-deploy-source) == git-sync ]]
	[[ $("$DAVIT" apps:report "$APP" --app-deploy-source-metadata) == "$PWD/elsewhere#trunk" ]]
	run "$DAVIT" git:sync --build-if-changes "$APP" "$PWD/elsewhere"
	[[ $status == 0 && $output == *"Skipping build as no changes were detected"* ]]
	again two
	"$DAVIT" git:sync --build-if-changes "$APP" "$PWD/elsewhere"
	[[ $(served) == two ]]
	"$DAVIT" git:sync --build "$APP" "$PWD/elsewhere" first
	[[ $(served) == one ]]
	[[ $(cat "$HOME_DIR/$APP/refs/heads/trunk") == $(git -c safe.directory='*' -C elsewhere rev-parse first) ]]
	run "$DAVIT" git:sync "$APP" "$PWD/elsewhere" nowhere
	[[ $status == 1 && $output == *"no branch, tag or commit nowhere"* ]]
	# Files of the host are root's to name; over ssh nobody is root.
	run at git:sync "$APP" "$PWD/elsewhere"
	[[ $status == 1 && $output == *"for its root alone"* ]]
}

@test "git:from-archive deploys a tar of stdin, by ssh too, and takes no change twice" {
	mkdir site && echo archived >site/index.html
	tar -cf - site | at git:from-archive "$APP" --
	source_is git:from-archive
	[[ $("$DAVIT" apps:report "$APP" --app-deploy-source) == tar ]]
	"$DAVIT" domains:set "$APP" "$APP.test"
	[[ $(served) == archived ]]
	run bash -c "tar -cf - site | '$DAVIT' git:from-archive '$APP' --"
	[[ $status == 1 && $output == *"No changes detected"* ]]
	echo again >site/index.html
	tar -czf - site | "$DAVIT" git:from-archive --archive-type tar.gz "$APP" --
	[[ $(served) == again ]]
	ln -s /etc/passwd site/out
	run bash -c "tar -cf - site | '$DAVIT' git:from-archive '$APP' --"
	[[ $status == 1 && $output == *"symlinks with absolute targets"* ]]
	[[ $(served) == again ]]
}

@test "a certificate that is left in tls/ is taken over, and its key becomes root's" {
	mkdir site && echo tls >site/index.html
	tar -cf - site | "$DAVIT" git:from-archive "$APP" --
	"$DAVIT" domains:set "$APP" "$APP.test"
	mkdir "$HOME_DIR/$APP/tls"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj "/CN=$APP.test" -keyout "$HOME_DIR/$APP/tls/server.key" \
		-out "$HOME_DIR/$APP/tls/server.crt" 2>/dev/null
	chown -R davit: "$HOME_DIR/$APP/tls"
	"$DAVIT" proxy:build-config "$APP"
	[[ $("$DAVIT" certs:report "$APP" --ssl-enabled) == true ]]
	curl -sS --cacert "$HOME_DIR/$APP/tls/server.crt" --resolve "$APP.test:443:127.0.0.1" \
		"https://$APP.test/" | grep -q tls
	[[ -L $HOME_DIR/$APP/tls/server.key && -f $HOME_DIR/$APP/tls/server.key ]]
	run sudo_davit cat "$HOME_DIR/$APP/tls/server.key"
	[[ $status != 0 ]]
	"$DAVIT" certs:remove "$APP"
	[[ ! -e $HOME_DIR/$APP/tls ]]
}

@test "views follow, come back when they are lost, and follow no link of ours" {
	mkdir site && echo v >site/index.html
	tar -cf - site | "$DAVIT" git:from-archive "$APP" --
	"$DAVIT" domains:set "$APP" "$APP.test"
	[[ $(cat "$HOME_DIR/$APP/VHOST") == "$APP.test" ]]
	grep -q "server_name \"$APP.test\"" "$HOME_DIR/$APP/nginx.conf"
	[[ -d $HOME_DIR/$APP/nginx.conf.d && -d $HOME_DIR/$APP/refs ]]
	"$DAVIT" config:set --no-restart "$APP" SECRET="it's"
	[[ $(stat -c %a "$DATA/config/$APP/ENV") == 600 ]]
	grep -q '^SECRET=' "$DATA/config/$APP/ENV"
	# Somebody else's link in a view's place is replaced, and what it leads to stays.
	echo precious >precious && chown davit: precious
	rm "$HOME_DIR/$APP/VHOST"
	sudo_davit ln -s "$PWD/precious" "$HOME_DIR/$APP/VHOST"
	"$DAVIT" views:sync "$APP"
	[[ $(cat precious) == precious && ! -L $HOME_DIR/$APP/VHOST ]]
	[[ $(cat "$HOME_DIR/$APP/VHOST") == "$APP.test" ]]
	rm -rf "${HOME_DIR:?}/$APP"
	"$DAVIT" views:sync "$APP"
	[[ $(cat "$HOME_DIR/$APP/VHOST") == "$APP.test" ]]
	destroy "$APP"
	[[ ! -e $HOME_DIR/$APP && ! -e $DATA/config/$APP ]]
}

@test "what the live release was made with, and each build, is written where others read it" {
	local views=$DATA/data
	mkdir app && cat >app/server.py <<'PY'
import http.server, os
http.server.HTTPServer(("", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()
PY
	: >app/requirements.txt
	echo 'web: python3 server.py' >app/Procfile
	echo '{"scripts": {}}' >app/app.json
	printf 'WAIT=1\n/\n' >app/CHECKS
	tar -cf - app | "$DAVIT" git:from-archive "$APP" --
	grep -qx 'web: python3 server.py' "$views/ps/$APP/Procfile"
	[[ $(jq -c .scripts "$views/app-json/$APP/app.json") == '{}' ]]
	grep -qx WAIT=1 "$views/scheduler-docker-local/$APP/CHECKS"
	[[ $(cat "$HOME_DIR/$APP/CONTAINER.web.1") == "$APP.web."* && -s $HOME_DIR/$APP/IP.web.1 ]]
	[[ $(cat "$HOME_DIR/$APP/PORT.web.1") == 5000 ]]
	local id
	id=$("$DAVIT" builds:list "$APP" --format json | jq -r '.[0].id')
	[[ $(jq -r '"\(.app) \(.status) \(.exit_code)"' "$views/builds/$APP/$id.json") == "$APP succeeded 0" ]]
	[[ -f $views/builds/$APP/$id.log ]]
	[[ ! -e $views/apps/$APP/.deploy.lock ]]
	"$DAVIT" apps:lock "$APP"
	[[ -s $views/apps/$APP/.deploy.lock ]]
	"$DAVIT" apps:unlock "$APP"
	[[ ! -e $views/apps/$APP/.deploy.lock ]]
	# One that fails has its record too, and changes none of the files of what serves.
	echo 'web: exit 3' >app/Procfile
	run bash -c "tar -cf - app | '$DAVIT' git:from-archive '$APP' --"
	[[ $status != 0 ]]
	id=$("$DAVIT" builds:list "$APP" --format json | jq -r '.[0].id')
	[[ $(jq -r .status "$views/builds/$APP/$id.json") == failed ]]
	grep -qx 'web: python3 server.py' "$views/ps/$APP/Procfile"
	destroy "$APP"
	for left in ps/"$APP" app-json/"$APP" scheduler-docker-local/"$APP" apps/"$APP" builds/"$APP"; do
		[[ ! -e $views/$left ]]
	done
}
