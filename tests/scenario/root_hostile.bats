# A compromised user davit must not become root through davit-root.

load root_lib

setup() {
	BASE=$(base_layer)
	cleanup
	T=$BATS_TEST_TMPDIR/t
	mkdir "$T"
}
teardown() {
	cleanup
	rm -f /etc/davit-test-pwned
}

unpack() { printf '[{"verb":"unpack","app":"root-test","layer":"root-test-a","fd":5,"prefix":"app","uid":1000}]'; }
site() { printf '[{"verb":"static","app":"root-test","release":"1","fd":5}]'; }

nginx() { # TEXT
	local text=${1//\\/\\\\}
	printf '[{"verb":"nginx","set":[{"name":"root-test","text":"%s"}]}]' "${text//\"/\\\"}"
}

@test "davit can write nothing that the helper reads a path from" {
	run setpriv --reuid davit --regid davit --init-groups \
		find /var/lib/davit /run/davit /var/log/davit /etc/davit /usr/local/libexec/davit \
		/etc/nginx -writable ! -type l ! -path '/var/lib/davit/store*' \
		! -path '/var/lib/davit/git*' ! -path '/var/lib/davit/config*' \
		! -path '/var/lib/davit/data*' ! -path '/run/davit/davit*' -print
	[ -z "$(grep -v 'Permission denied' <<<"$output")" ]
	for dir in layers cache storage scratch nginx tls static plugins; do
		run setpriv --reuid davit --regid davit --init-groups ln -s /etc "/var/lib/davit/$dir/x"
		[ "$status" -ne 0 ]
	done
	for dir in /run/davit /run/davit/c /run/davit/locks /var/log/davit /etc/davit; do
		run setpriv --reuid davit --regid davit --init-groups ln -s /etc "$dir/x"
		[ "$status" -ne 0 ]
	done
}

@test "another user, an environment and arguments have no effect" {
	run setpriv --reuid nobody --regid nogroup --clear-groups "$ROOT"
	[ "$status" -ne 0 ]
	printf '[{"verb":"info"}]' >"$T/r"
	cat >"$T/evil.c" <<-'C'
		__attribute__((constructor)) static void evil(void) { __builtin_trap(); }
	C
	evil=$(mktemp /tmp/davit-test.XXXXXX)
	cc -shared -fPIC -o "$evil" "$T/evil.c"
	chmod 755 "$evil"
	run setpriv --reuid davit --regid davit --init-groups env "LD_PRELOAD=$evil" true
	[ "$status" -ne 0 ]
	run setpriv --reuid davit --regid davit --init-groups \
		env "LD_PRELOAD=$evil" PATH=/tmp IFS=x DAVIT_ROOT=/tmp/x "$ROOT" exited x 3<"$T/r" 4>"$T/reply"
	rm "$evil"
	[ "$status" -eq 0 ]
	grep -q '"ok":true' <(tr -d ' ' <"$T/reply")
}

@test "davit cannot signal the helper" {
	mkfifo "$T/pipe"
	printf '%s' "[{\"verb\":\"run\",$(container root-test.1 '["sleep","3"]')}]" >"$T/r"
	setpriv --reuid davit --regid davit --init-groups "$ROOT" 3<"$T/r" 4>"$T/reply" </dev/null &
	helper=$!
	for _ in $(seq 400); do
		[ -e /run/davit/c/root-test.1/state.json ] && break
		read -rt 0.05 <> <(:) || true
	done
	run setpriv --reuid davit --regid davit --init-groups kill -9 "$helper"
	[ "$status" -ne 0 ]
	wait "$helper"
}

@test "forged requests are refused" {
	for forged in \
		'{}' '[1]' '[{"verb":1}]' '[{"verb":"range","app":"../x"}]' \
		'[{"verb":"range","app":"a","more":1}]' '[{"verb":"layer-remove","layer":"../cache"}]' \
		'[{"verb":"layer-remove","layer":".new-1-x"}]' '[{"verb":"delete","id":"../../x"}]' \
		'[{"verb":"static-switch","app":"a","release":"../../etc"}]' \
		'[{"verb":"log-rotate","app":"../..","log":"etc","keep":1}]' \
		'[{"verb":"log-rotate","app":"a","log":"../x","keep":1}]' \
		'[{"verb":"signal","id":"x","signal":99}]' '[{"verb":"tls","app":"a","cert":"x","key":"y"}]' \
		'[{"verb":"nginx","set":[{"name":"../x","text":""}]}]' \
		'[{"verb":"nginx","set":[{"name":"snippets/a/../x","text":""}]}]' \
		'[{"verb":"unpack","app":"a","layer":"x","fd":1}]' \
		'[{"verb":"run","id":"a","app":"a","layers":["x"],"argv":["x"],"profile":"package"}]' \
		'[{"verb":"run","id":"a","app":"a","layers":["x"],"argv":["x"],"mounts":[{"kind":"host","path":"/etc","target":"/x"}]}]' \
		'[{"verb":"run","id":"a","app":"a","layers":["x"],"argv":["x"],"config":{"root":"/"}}]' \
		'[{"verb":"run","id":"a","app":"a","layers":["x"],"argv":["x"],"cwd":"/proc/self/fd/7"}]' \
		'[{"verb":"exec","id":"a","argv":["x"],"cwd":"/dev/fd/7"}]'; do
		ask "$forged"
		echo "$forged: $output"
		[ "$status" -ne 0 ]
		[[ $output != *'"ok":true'* && $output != *'"ok": true'* ]]
	done
	head -c 20000000 /dev/zero | tr '\0' ' ' >"$T/big"
	run setpriv --reuid davit --regid davit --init-groups "$ROOT" 3<"$T/big" 4>"$T/reply"
	[ "$status" -ne 0 ]
}

@test "archives that reach out of the tree are refused, and nothing is left" {
	cd "$T"
	echo x >f
	tar -cPf up.tar --transform='s,^,../,' f
	tar -cPf abs.tar --transform='s,^,/etc/,' f
	mkdir d && echo x >d/davit-test-pwned
	ln -s /etc s
	tar -cf through.tar s --transform='s,^d,s,' d/davit-test-pwned
	mknod dev c 1 3 && tar -cf dev.tar dev
	mkfifo fifo && tar -cf fifo.tar fifo
	ln f g && tar -cPf hard.tar --transform='flags=h;s,^f$,/etc/passwd,' f g
	head -c 4000 /dev/urandom >garbage.tar
	for archive in up abs through dev fifo hard garbage; do
		refused "$(unpack)" $archive.tar '"error"'
		[ ! -e /etc/davit-test-pwned ]
		[ ! -e /var/lib/davit/layers/root-test-a ]
	done
	run find /var/lib/davit/layers -maxdepth 1 -name '.new-*root-test*'
	[ -z "$output" ]
}

@test "a file over a symlink of the same archive replaces the symlink" {
	cd "$T"
	mkdir one two
	ln -s /etc/davit-test-pwned one/x
	echo pwned >two/x
	tar -cf x.tar -C one x -C ../two x
	accepted "$(unpack)" x.tar
	[ -f /var/lib/davit/layers/root-test-a/app/x ] && [ ! -e /etc/davit-test-pwned ]
}

@test "setuid bits do not survive" {
	cd "$T"
	cp /bin/true suid
	chmod 6755 suid
	tar -cf x.tar suid
	accepted "$(unpack)" x.tar
	[ "$(stat -c %a /var/lib/davit/layers/root-test-a/app/suid)" = 755 ]
}

@test "a site cannot show files of the host" {
	cd "$T"
	for target in /etc/passwd ../../../../etc/passwd a/../../../x; do
		rm -f link && ln -s "$target" link && tar -cf x.tar link
		refused "$(site)" x.tar 'leaves the site'
	done
	# The second name of a link is at another depth.
	mkdir -p a/b/c && ln -s ../../../x a/b/c/link && ln a/b/c/link link2
	tar -cf x.tar a link2
	refused "$(site)" x.tar 'something odd'
	echo secret >f && chmod 4711 f && tar -cf x.tar f
	accepted "$(site)" x.tar
	[ "$(stat -c '%a %u:%g' /var/lib/davit/static/root-test/1/f)" = "644 0:0" ]
}

@test "a tree cannot lead the mounts of its container to the host" {
	cd "$T"
	mkdir etc
	ln -s /../../../../../etc/davit-test-pwned etc/hosts
	ln -s /../../../../etc cache
	tar -cf x.tar etc cache
	accepted '[{"verb":"unpack","app":"root-test","layer":"root-test-a","fd":5}]' x.tar
	ask "[{\"verb\":\"run\",\"id\":\"root-test.1\",\"app\":\"root-test\",\"layers\":[\"root-test-a\",\"$BASE\"],\"argv\":[\"true\"],\"mounts\":[{\"kind\":\"cache\",\"name\":\"c\",\"target\":\"/cache/x\"}]}]"
	[ ! -e /etc/davit-test-pwned ] && [ ! -e /etc/x ]
	[ ! -e /run/davit/c/root-test.1 ]
}

@test "an nginx file that wants to reach elsewhere is refused" {
	for text in 'load_module x;' 'server { access_log /etc/cron.d/davit; }' \
		'server { access_log "/etc/cron.d/davit"; }' 'include /etc/shadow;' \
		'map $a $b { include /etc/shadow; }' 'error_log /var/log/nginx/../../etc/x;' \
		'server { root /; }' 'server { listen unix:/etc/x; }' 'log_format a b;' \
		'} load_module x;' 'server { location / { proxy_pass http://unix:/run/x; } }' \
		'include /var/lib/davit/nginx/snippets/.*/.*/.*/.*/.*/tmp/x.conf;' \
		'server { listen UNIX:/etc/cron.d/davit; }' \
		'server { try_files /../../../../etc/passwd =404; }'; do
		refused "$(nginx "$text")" /dev/null nginx
		[ ! -e /var/lib/davit/nginx/root-test.conf ]
	done
}

@test "an nginx file that nginx dislikes is taken back, and a foreign fault is told apart" {
	good='server { listen 127.0.0.1:18099; location / { return 200 good; } }'
	accepted "$(nginx "$good")"
	[ "$(curl -s http://127.0.0.1:18099/)" = good ]
	refused "$(nginx 'server { listen 127.0.0.1:18099; root; }')" /dev/null 'root'
	refused "$(nginx 'server { listen 127.0.0.1:18099; try_files; }')" /dev/null 'does not accept'
	[ "$(curl -s http://127.0.0.1:18099/)" = good ]
	echo 'nonsense;' >/etc/nginx/conf.d/zz-davit-test.conf
	ask "$(nginx "$good # x")"
	rm /etc/nginx/conf.d/zz-davit-test.conf
	[ "$status" -ne 0 ] && [[ $output == *"broken before"* ]]
	[ "$(curl -s http://127.0.0.1:18099/)" = good ]
}
