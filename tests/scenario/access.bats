# Keys that may do less than everything, as their owners meet them over ssh.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
	"$DAVIT" apps:create access-mine
	"$DAVIT" apps:create access-other
	site "$BATS_FILE_TMPDIR/site"
}

setup() {
	load ssh_lib
}

teardown_file() {
	load ssh_lib
	destroy access-mine access-other
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# again FLAGS…: the key of this file, added anew with these.
again() {
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
	"$DAVIT" ssh-keys:add "$KEY_NAME" "$KEY_DIR/id.pub" "$@"
}

push() {
	git -C "$BATS_FILE_TMPDIR/site" push "$REMOTE/$1" HEAD:refs/heads/main
}

@test "what kind of key was made is printed" {
	run again
	[[ $output == *"$KEY_NAME is an admin" ]]
	run again --role deployer --app access-mine --command git-receive-pack --expires 2999-01-31
	[[ $output == *"$KEY_NAME is deployer of access-mine: only=git-receive-pack until=2999-01-31" ]]
	run again --role member
	[[ $output == *"may do nothing yet"* ]]
}

@test "a key without a rule sees no app and may push to none" {
	again --role member
	[ -z "$(at -- --quiet apps:list)" ]
	run at ps:report access-mine
	[ "$status" -eq 20 ]
	run push access-mine
	[ "$status" -ne 0 ]
	[[ $output == *"App access-mine does not exist"* ]]
	run push access-made-by-nobody
	[ "$status" -ne 0 ]
	run "$DAVIT" apps:exists access-made-by-nobody
	[ "$status" -eq 20 ]
}

@test "a key for pushes to one app pushes, deploys, and does nothing else" {
	again --role deployer --app access-mine --command git-receive-pack
	run push access-mine
	[ "$status" -eq 0 ]
	[[ $output == *"Application deployed"* ]]
	run push access-other
	[ "$status" -ne 0 ]
	[[ $output == *"App access-other does not exist"* ]]
	run at ps:report access-mine
	[ "$status" -eq 1 ]
	[[ $output == *"is not for ps:report, but for: git-receive-pack"* ]]
	run at config:show access-mine
	[ "$status" -eq 1 ]
}

@test "a deployer's rule ends with its removal, and removing the last opens nothing" {
	again --role member
	"$DAVIT" access:add access-mine "$KEY_NAME" deployer
	at ps:report access-mine
	run at config:set --no-restart access-mine A=1
	[ "$status" -eq 1 ]
	[[ $output == *"needs the role owner"* ]]
	"$DAVIT" access:remove access-mine "$KEY_NAME"
	run at ps:report access-mine
	[ "$status" -eq 20 ]
	run at ps:report access-other
	[ "$status" -eq 20 ]
}

@test "a read-only key sees every app and changes none" {
	again --read-only
	[ "$(at -- --quiet apps:list | grep -c '^access-')" -eq 2 ]
	at ps:report access-other
	run at config:show access-mine
	[ "$status" -eq 1 ]
	run at apps:create access-third
	[ "$status" -eq 1 ]
	run push access-mine
	[ "$status" -ne 0 ]
	[[ $output == *"needs the role deployer"* ]]
}

@test "a key that is over is shut out, also in a connection that is still open" {
	again --expires 2999-01-31
	control=$BATS_TEST_TMPDIR/control
	OPT="-M -S $control -o ControlPersist=20" at apps:exists access-mine
	runuser -u davit -- python3 - "$DATA/store/davit.db" "$KEY_NAME" <<'PY'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
    db.execute("UPDATE ssh_key SET limits = 'until=2001-01-31' WHERE name = ?", sys.argv[2:])
PY
	OPT="-S $control" run at apps:exists access-mine
	OPT="-S $control -O exit" at 2>/dev/null || true
	[ "$status" -eq 1 ]
	[[ $output == *"was good until 2001-01-31"* ]]
}

@test "what davit fetches for an owner, it fetches from outside" {
	local own words
	own=$(ip -4 -o addr show scope global up | awk '$2 != "vdavit0" { sub("/.*", "", $4); print $4; exit }')
	# A repository that the host's own front door gives out, as any site does.
	git clone -q --bare "$BATS_FILE_TMPDIR/site" "$BATS_TEST_TMPDIR/site/repo.git"
	git -C "$BATS_TEST_TMPDIR/site/repo.git" update-server-info
	echo repository >"$BATS_TEST_TMPDIR/site/index.html"
	git -C "$BATS_TEST_TMPDIR/site" init -q -b main
	git -C "$BATS_TEST_TMPDIR/site" add -A
	git -C "$BATS_TEST_TMPDIR/site" commit -qm repository
	again
	git -C "$BATS_TEST_TMPDIR/site" push -q "$REMOTE/access-other" main
	"$DAVIT" domains:set access-other outside.test
	again --role owner --app access-mine
	cp /etc/hosts "$BATS_TEST_TMPDIR/hosts"
	echo "$own outside.test" >>/etc/hosts
	run at git:sync --build access-mine http://outside.test/repo.git
	cat "$BATS_TEST_TMPDIR/hosts" >/etc/hosts
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"Application deployed"* ]]
	for words in "git:sync access-mine http://127.0.0.1/repo.git" \
		"git:sync access-mine davit@localhost:access-other" \
		"git:sync access-mine http://$own:9418/repo.git" \
		"git:from-archive access-mine http://localhost/files.tar" \
		"git:from-archive access-mine http://169.254.169.254/latest" \
		"git:from-image access-mine localhost:5000/web:1" \
		"registry:login access-mine 127.0.0.1:5000 user password"; do
		run at "$words"
		echo "$words: $output"
		[ "$status" -eq 1 ]
		[[ $output == *"leads inside: to this host, its apps or its link"* ]]
	done
	git -c protocol.file.allow=always -C "$BATS_TEST_TMPDIR/site" submodule -q add "$BATS_FILE_TMPDIR/site" lib
	git -C "$BATS_TEST_TMPDIR/site" submodule set-url lib https://localhost/lib.git 2>/dev/null || true
	git -C "$BATS_TEST_TMPDIR/site" commit -qam submodule
	run git -C "$BATS_TEST_TMPDIR/site" push -f "$REMOTE/access-mine" main
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"submodule lib: localhost leads inside"* ]]
}

@test "a row without a role or a scope does not compile" {
	row() {
		printf '#include "command/command.h"\nconst struct command c = %s;\n' "$1" |
			gcc -std=c17 -D_GNU_SOURCE -Isrc -fsyntax-only -x c -
	}
	cd "$BATS_TEST_DIRNAME/../.."
	row 'COMMAND("a:b", ROLE_OWNER, SCOPE_APP, 0, "x")'
	run row 'COMMAND("a:b", 0, SCOPE_APP, 0, "x")'
	[ "$status" -ne 0 ]
	run row 'COMMAND("a:b", ROLE_NONE, SCOPE_APP, 0, "x")'
	[ "$status" -ne 0 ]
	run row 'COMMAND("a:b", ROLE_OWNER, 0, 0, "x")'
	[ "$status" -ne 0 ]
	run row 'COMMAND("a:b", 0, "x")'
	[ "$status" -ne 0 ]
}
