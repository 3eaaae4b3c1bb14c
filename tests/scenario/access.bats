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
