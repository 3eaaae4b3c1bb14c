# The front door: what nginx serves, what it refuses, and that a bad file changes nothing.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
	export FILES=nginx-files ECHO=nginx-echo HOME_DIR
	HOME_DIR=$(getent passwd davit | cut -d: -f6)
	destroy "$FILES"
	destroy "$ECHO"
	push_files "$BATS_FILE_TMPDIR/files"
	push_echo "$BATS_FILE_TMPDIR/echo"
	"$DAVIT" domains:set "$FILES" files.example.test
	"$DAVIT" domains:set "$ECHO" echo.example.test
}

teardown_file() {
	load ssh_lib
	rm -f /etc/nginx/conf.d/zz-scenario.conf
	destroy "$FILES" "$ECHO" nginx-moved nginx-spoken
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

setup() {
	load ssh_lib
	cd "$BATS_TEST_TMPDIR" || return
}

push() { # APP
	git init -q -b main
	git add -A
	git commit -q -m one
	git push -q "$REMOTE/$1" main
}

push_files() {
	mkdir -p "$1"/{sub,empty,.well-known,.secret}
	cd "$1" || return
	echo front >index.html
	echo about >about.html
	echo below >sub/index.html
	echo lost >404.html
	echo known >.well-known/security.txt
	echo hidden >.secret/config
	echo hidden >.htpasswd
	push "$FILES"
}

# Answers with what it was asked, and to an upgrade with a line of its own.
push_echo() {
	mkdir -p "$1"
	cd "$1" || return
	: >requirements.txt
	echo 'web: python3 echo.py' >Procfile
	cat >echo.py <<'PY'
import http.server, os

class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Upgrade"):
            self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n"
                             b"Upgrade: " + self.headers["Upgrade"].encode() + b"\r\n\r\n")
            self.wfile.write(b"echo " + self.rfile.readline())
            self.close_connection = True
            return
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Echo).serve_forever()
PY
	push "$ECHO"
}

# code HOST PATH: the status of a request, its body in $body.
code() {
	body=$(curl -s --path-as-is -m 10 -w '\n%{http_code}' -H "Host: $1" "http://127.0.0.1$2") || true
	tail -n 1 <<<"$body"
}

conf() { cat "$DATA/nginx/$1.conf"; }

@test "files are served, with an index and without an extension" {
	[ "$(code files.example.test /)" = 200 ]
	[ "$(curl -s -H 'Host: files.example.test' http://127.0.0.1/)" = front ]
	[ "$(curl -s -H 'Host: files.example.test' http://127.0.0.1/about)" = about ]
	[ "$(curl -s -H 'Host: files.example.test' http://127.0.0.1/sub/)" = below ]
	[ "$(code files.example.test /sub)" = 301 ]
}

@test "what is not there is 404, with the site's own page" {
	[ "$(code files.example.test /nothing)" = 404 ]
	[ "$(code files.example.test /empty/)" = 404 ]
	[ "$(curl -s -H 'Host: files.example.test' http://127.0.0.1/nothing)" = lost ]
}

@test "files with a dot are not there, but .well-known is" {
	local path
	for path in /.secret/config /.htpasswd /%2ehtpasswd /sub/../.htpasswd /sub/.x; do
		echo "$path"
		[ "$(code files.example.test "$path")" = 404 ]
	done
	[ "$(curl -s -H 'Host: files.example.test' http://127.0.0.1/.well-known/security.txt)" = known ]
}

@test "a file that has not changed is answered with 304" {
	local etag
	etag=$(curl -sI -H 'Host: files.example.test' http://127.0.0.1/ | tr -d '\r' | sed -n 's/^ETag: //p')
	[ -n "$etag" ]
	run curl -s -o /dev/null -w '%{http_code}' -H 'Host: files.example.test' \
		-H "If-None-Match: $etag" http://127.0.0.1/
	[ "$output" = 304 ]
}

@test "a symlink in the release leads nowhere, even where root made it" {
	ln -s /etc/passwd "$DATA/static/$FILES/current/leak"
	ln -s about.html "$DATA/static/$FILES/current/inside"
	run code files.example.test /leak
	rm -f "$DATA/static/$FILES/current/leak" "$DATA/static/$FILES/current/inside"
	[ "$output" = 404 ]
}

@test "the app is told who asks, and by which name" {
	run curl -s -H 'Host: echo.example.test' http://127.0.0.1/
	[[ $output == *"Host: echo.example.test"* ]]
	[[ $output == *"X-Forwarded-For: 127.0.0.1"* ]]
	[[ $output == *"X-Forwarded-Proto: http"* ]]
	[[ $output == *"X-Forwarded-Port: 80"* ]]
	[[ $output == *"X-Request-Start: "* ]]
	[[ $output == *"X-Request-Id: "* ]]
	[[ $output == *"Connection: close"* ]]
}

@test "IPv6 is answered as IPv4 is" {
	[ -e /proc/net/if_inet6 ]
	run curl -g -s -H 'Host: echo.example.test' 'http://[::1]/'
	[[ $output == *"X-Forwarded-For: ::1"* ]]
}

@test "an upgrade passes in both directions" {
	exec 9<>/dev/tcp/127.0.0.1/80
	printf 'GET /socket HTTP/1.1\r\nHost: echo.example.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello\n' >&9
	run timeout 10 grep -m 1 '^echo' <&9
	exec 9>&-
	[ "$output" = "echo hello" ]
}

@test "a name that no app has is refused" {
	run curl -s -m 10 -H 'Host: stranger.example.test' http://127.0.0.1/
	[ "$status" -eq 52 ]
}

@test "a body within the limit passes, a larger one is refused, and the limit can be set" {
	head -c 900k /dev/zero >small
	head -c 1100k /dev/zero >large
	ask_with() { curl -s -o /dev/null -w '%{http_code}' -H 'Host: echo.example.test' --data-binary "@$1" http://127.0.0.1/; }
	[ "$(ask_with small)" = 200 ]
	[ "$(ask_with large)" = 413 ]
	"$DAVIT" nginx:set "$ECHO" client-max-body-size 2m
	"$DAVIT" proxy:build-config "$ECHO"
	[ "$(ask_with large)" = 200 ]
	"$DAVIT" nginx:set "$ECHO" client-max-body-size
	"$DAVIT" proxy:build-config "$ECHO"
}

@test "a redeploy changes no nginx file" {
	local before
	before=$(stat -c '%i %Y' "$DATA/nginx/$ECHO.conf")
	cd "$BATS_FILE_TMPDIR/echo"
	git commit -q --allow-empty -m two
	git push -q "$REMOTE/$ECHO" main
	[ "$(stat -c '%i %Y' "$DATA/nginx/$ECHO.conf")" = "$before" ]
}

@test "a name of 63 characters in one label works" {
	local name
	name=$(printf 'a%.0s' {1..63}).example.test
	"$DAVIT" domains:add "$ECHO" "$name"
	[ "$(code "$name" /)" = 200 ]
	"$DAVIT" domains:remove "$ECHO" "$name"
	run curl -s -m 10 -H "Host: $name" http://127.0.0.1/
	[ "$status" -eq 52 ]
}

@test "a value that nginx refuses is said, and the old file serves on" {
	local before
	before=$(conf "$ECHO")
	"$DAVIT" nginx:set "$ECHO" x-forwarded-for-value '$no_such_variable'
	run "$DAVIT" proxy:build-config "$ECHO"
	echo "$output"
	"$DAVIT" nginx:set "$ECHO" x-forwarded-for-value
	[ "$status" -ne 0 ]
	[[ $output == *"serves on as before"* ]]
	[[ $output == *no_such_variable* ]]
	[ "$(conf "$ECHO")" = "$before" ]
	[ "$(code echo.example.test /)" = 200 ]
}

@test "lines that would leave the server block are refused" {
	local dir
	dir=$(getent passwd davit | cut -d: -f6)/$ECHO/nginx.conf.d
	mkdir -p "$dir"
	echo 'add_header X-From-Lines yes always;' >"$dir/good.conf"
	"$DAVIT" proxy:build-config "$ECHO"
	run curl -sI -H 'Host: echo.example.test' http://127.0.0.1/
	[[ $output == *"X-From-Lines: yes"* ]]
	echo '} server { listen 81;' >"$dir/bad.conf"
	run "$DAVIT" proxy:build-config "$ECHO"
	echo "$output"
	rm -rf "$dir"
	[ "$status" -ne 0 ]
	[[ $output == *"bad.conf"*"without its '{'"* ]]
	"$DAVIT" proxy:build-config "$ECHO"
}

@test "nginx broken by another file of the host: said, and everything serves on" {
	echo 'nonsense here;' >/etc/nginx/conf.d/zz-scenario.conf
	run "$DAVIT" domains:add "$ECHO" other.example.test
	echo "$output"
	rm -f /etc/nginx/conf.d/zz-scenario.conf
	[[ $output == *"by a file of this host"*zz-scenario.conf* ]]
	[ "$(code echo.example.test /)" = 200 ]
	"$DAVIT" domains:add "$ECHO" other.example.test
	[ "$(code other.example.test /)" = 200 ]
	"$DAVIT" domains:remove "$ECHO" other.example.test
}

@test "with a certificate http is sent on to https; without it things are as before" {
	"$DAVIT" certs:generate "$ECHO" echo.example.test
	run curl -s -o /dev/null -w '%{http_code} %{redirect_url}' -H 'Host: echo.example.test' http://127.0.0.1/a?b
	[ "$output" = "301 https://echo.example.test:443/a?b" ]
	run curl -sk --resolve echo.example.test:443:127.0.0.1 -D - https://echo.example.test/
	[[ $output == *"strict-transport-security: max-age=15724800; includeSubdomains"* ]]
	[[ $output == *"X-Forwarded-Proto: https"* ]]
	[ "$("$DAVIT" certs:report "$ECHO" --ssl-hostnames)" = echo.example.test ]
	grep -q 'max-age=15724800; includeSubdomains' "$HOME_DIR/$ECHO/nginx.conf.d/hsts.conf"
	"$DAVIT" nginx:set "$ECHO" hsts-max-age 60
	run "$DAVIT" proxy:build-config "$ECHO"
	[[ $output == *"Enabling HSTS"* ]]
	[ "$(grep -c 'max-age=60' "$HOME_DIR/$ECHO/nginx.conf.d/hsts.conf")" = 1 ]
	[ "$(conf "$ECHO" | grep -c Strict-Transport-Security)" = 1 ]
	"$DAVIT" nginx:set "$ECHO" hsts-max-age
	"$DAVIT" certs:remove "$ECHO"
	[ "$(code echo.example.test /)" = 200 ]
	[ ! -e "$DATA/tls/$ECHO" ]
	[ ! -e "$HOME_DIR/$ECHO/nginx.conf.d/hsts.conf" ]
}

@test "the names of a new app say 502 at once, and nothing once it has no proxy" {
	local before
	before=$("$DAVIT" domains:report --global --domains-global-vhosts)
	"$DAVIT" domains:set-global new.example.test
	"$DAVIT" apps:create nginx-new
	run code nginx-new.new.example.test /
	"$DAVIT" proxy:disable nginx-new
	[ ! -e "$DATA/nginx/nginx-new.conf" ]
	destroy nginx-new
	if [ -n "$before" ]; then
		# shellcheck disable=SC2086 # as many words as domains
		"$DAVIT" domains:set-global $before
	else
		"$DAVIT" domains:clear-global
	fi
	[ "$output" = 502 ]
}

# An owner of one app, by a key of his own.
@test "no owner takes a port or an address away from the other apps" {
	destroy nginx-greedy
	"$DAVIT" ssh-keys:remove nginx-owner || true
	"$DAVIT" apps:create nginx-greedy
	"$DAVIT" domains:set nginx-greedy greedy.example.test
	"$DAVIT" certs:generate nginx-greedy greedy.example.test
	ssh-keygen -q -t ed25519 -N '' -f owner
	"$DAVIT" ssh-keys:add nginx-owner owner.pub --role owner --app nginx-greedy
	# shellcheck disable=SC2029,SC2086 # options are words; so is what ssh gets
	mine() { ssh ${SSH_OPTIONS/"$KEY_DIR/id"/"$PWD/owner"} "davit@$SSH_HOST" "$@"; }
	others_answer() {
		[ "$(code echo.example.test /)" = 200 ]
		[ "$(curl -s -m 10 -H 'Host: files.example.test' http://127.0.0.1/)" = front ]
	}
	mine ports:set nginx-greedy http:8085:5000
	for map in https:80:5000 grpc:80:5000 http:443:5000; do
		run mine ports:add nginx-greedy "$map"
		echo "$output"
		[ "$status" -ne 0 ]
		[[ $output == *"to every app on it"* ]]
		others_answer
	done
	run mine nginx:set nginx-greedy bind-address-ipv4 127.0.0.1
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"only an admin may set bind-address-ipv4"* ]]
	mine proxy:build-config nginx-greedy
	others_answer
	# However one got into the store, it does not get into the file.
	sqlite3 "$DATA/store/davit.db" "UPDATE property SET value = 'https:80:5000' || char(10)
		|| 'http:8085:5000' || char(10) WHERE plugin = 'ports' AND key = 'map'
		AND app_id = (SELECT id FROM app WHERE name = 'nginx-greedy')"
	run "$DAVIT" proxy:build-config nginx-greedy
	echo "$output"
	[ "$status" -eq 0 ]
	run conf nginx-greedy
	[[ $output == *"listen 8085;"* ]]
	[[ $output != *"listen 80 "* && $output != *ssl* ]]
	others_answer
	destroy nginx-greedy
	"$DAVIT" ssh-keys:remove nginx-owner
}

@test "logs of an app are read by its viewers" {
	[ "$(code echo.example.test /seen-in-the-log)" = 200 ]
	# nginx writes its line when the answer has gone.
	wait_until 5 eval '"$DAVIT" nginx:access-logs "$ECHO" | grep -q /seen-in-the-log'
}

@test "a log that logrotate has begun anew is read all the same" {
	local log=/var/log/nginx/$ECHO-access.log
	[ "$(code echo.example.test /before-rotation)" = 200 ]
	mv "$log" "$log.1"
	install -m 0640 -o www-data -g adm /dev/null "$log"
	kill -USR1 "$(cat /run/nginx.pid)"
	sleep 0.5
	[ "$(code echo.example.test /after-rotation)" = 200 ]
	wait_until 5 grep -q /after-rotation "$log"
	run at nginx:access-logs "$ECHO"
	echo "$output"
	[[ $output == *"/after-rotation"* && $output != *"/before-rotation"* ]]
	[ "$(stat -c %a:%U:%G "$log")" = 640:www-data:adm ]
}

@test "logs go along with a renamed app, and away with a destroyed one" {
	local log=/var/log/nginx
	destroy nginx-former nginx-later
	"$DAVIT" apps:create nginx-former
	"$DAVIT" domains:set nginx-former former.example.test
	[ "$(code former.example.test /first-visit)" = 502 ]
	echo older >"$log/nginx-former-access.log.1"
	echo packed >"$log/nginx-former-error.log.2.gz"
	touch "$log/nginx-former-2-access.log" "$log/nginx-former-access.log.mine"
	"$DAVIT" apps:rename nginx-former nginx-later
	[ "$(code former.example.test /second-visit)" = 502 ]
	run "$DAVIT" nginx:access-logs nginx-later
	echo "$output"
	[[ $output == *"/first-visit"*"/second-visit"* ]]
	[ "$(cat "$log/nginx-later-access.log.1" "$log/nginx-later-error.log.2.gz")" = $'older\npacked' ]
	run find "$log" -name 'nginx-former*' -printf '%f '
	echo "$output"
	[ "$(wc -w <<<"$output")" -eq 2 ]
	"$DAVIT" --force apps:destroy nginx-later
	run find "$log" -name 'nginx-later*'
	[ -z "$output" ]
	rm "$log/nginx-former-2-access.log" "$log/nginx-former-access.log.mine"
	# Its name says nothing any more to whoever has it next.
	"$DAVIT" apps:create nginx-former
	run "$DAVIT" nginx:access-logs nginx-former
	destroy nginx-former
	[ "$status" -ne 0 ]
	[[ $output == *"no such log yet"* ]]
}

# begin_load HOST…: 100 requests a second to each, on new connections, until their stdin ends.
begin_load() {
	local host
	for host; do
		python3 "$BATS_TEST_DIRNAME/../bench/load.py" 127.0.0.1 80 "$host" new 100 <go >"$host.json" 3>&- &
	done
	exec 7>go
}

seen() { [ "$(wc -l </var/log/nginx/"$1"-access.log)" -gt "$2" ]; }

@test "an app that is renamed is answered for at every moment" {
	local i
	mkfifo go
	[ "$(code files.example.test /)" = 200 ]
	[ "$(code echo.example.test /)" = 200 ]
	begin_load files.example.test echo.example.test
	wait_until 10 seen "$FILES" 20
	for i in 1 2 3; do
		"$DAVIT" apps:rename "$FILES" nginx-moved 7>&-
		"$DAVIT" apps:rename "$ECHO" nginx-spoken 7>&-
		[ -e "$DATA/nginx/nginx-moved.conf" ]
		[ ! -e "$DATA/nginx/$FILES.conf" ]
		"$DAVIT" apps:rename nginx-moved "$FILES" 7>&-
		"$DAVIT" apps:rename nginx-spoken "$ECHO" 7>&-
	done
	exec 7>&-
	wait
	cut -c 1-300 ./*.json
	for i in ./*.json; do
		jq -e '.failed == 0 and .requests > 100' "$i"
	done
}

@test "nginx:validate-config says whether nginx takes its files" {
	run "$DAVIT" nginx:validate-config
	[ "$status" -eq 0 ]
	echo 'nonsense here;' >/etc/nginx/conf.d/zz-scenario.conf
	run "$DAVIT" nginx:validate-config
	rm -f /etc/nginx/conf.d/zz-scenario.conf
	[ "$status" -ne 0 ]
	[[ $output == *nonsense* ]]
}
