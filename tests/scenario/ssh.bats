# Coming in by ssh: words, streams, terminals, keys; and never a shell.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
	"$DAVIT" apps:create ssh-one
}

setup() {
	load ssh_lib
}

teardown_file() {
	load ssh_lib
	destroy ssh-one ssh-two
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

@test "a command's answer and status come back" {
	run at apps:exists ssh-one
	[ "$status" -eq 0 ]
	run at apps:exists nowhere
	[ "$status" -eq 20 ]
	[[ $output == *"App nowhere does not exist"* ]]
	run at nonsense
	[ "$status" -eq 1 ]
	run at apps:list --nonsense
	[ "$status" -eq 2 ]
}

@test "no command at all prints help" {
	run at
	[ "$status" -eq 0 ]
	[[ $output == Usage:* ]]
}

@test "--app, --quiet and the dashes of older clients work before the command" {
	run at -- --app ssh-one apps:exists
	[ "$status" -eq 0 ]
	run at -- --quiet apps:list
	[[ $'\n'$output$'\n' == *$'\n'ssh-one$'\n'* ]]
	[[ $output != *=====* ]]
}

@test "quoted words keep their blanks, quotes, dollars and newlines" {
	value=$'two  words\nand "quotes", $HOME, `id`; * \\ it'\''s'
	quoted=${value//\'/\'\\\'\'}
	at config:set --no-restart ssh-one "'WEIRD=$quoted'"
	[ "$(at config:get ssh-one WEIRD)" = "$value" ]
	at config:set --no-restart ssh-one "$(printf '%q' "WEIRD2=$value")"
	[ "$(at config:get ssh-one WEIRD2)" = "$value" ]
}

@test "64 KiB of value come through" {
	value=$(head -c 49152 /dev/urandom | base64 -w 0)
	[ "${#value}" -eq 65536 ]
	at config:set --no-restart ssh-one "BIG=$value" >/dev/null
	[ "$(at config:get ssh-one BIG)" = "$value" ]
	at config:unset --no-restart ssh-one BIG
}

@test "an unmatched quote is refused and says so" {
	run at "config:set ssh-one 'A=b"
	[ "$status" -eq 1 ]
	[[ $output == *"unmatched ' in the command"* ]]
}

@test "a terminal works and stays a terminal" {
	OPT=-tt run at apps:exists ssh-one
	[ "$status" -eq 0 ]
	OPT=-tt run at config:get ssh-one NOTHING
	[ "$status" -eq 1 ]
}

@test "many commands share one connection" {
	control=$BATS_TEST_TMPDIR/control
	OPT="-M -S $control -o ControlPersist=20" at apps:exists ssh-one
	for i in 1 2 3 4 5 6; do
		OPT="-S $control" at apps:exists ssh-one &
		pids[i]=$!
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	OPT="-S $control -O exit" at 2>/dev/null || true
}

@test "no shell, no forwarding, no file transfer" {
	run at 'sh -c id'
	[ "$status" -eq 1 ]
	[[ $output == *"'sh' is not a davit command"* ]]
	run at 'apps:list; id'
	[ "$status" -ne 0 ]
	[[ $output != *uid=* ]]
	run at '$(id)'
	[[ $output != *uid=* ]]
	OPT="-s" run at sftp
	[ "$status" -ne 0 ]
	OPT="-o ExitOnForwardFailure=yes -R 0:127.0.0.1:1" run at apps:exists ssh-one
	[ "$status" -ne 0 ]
	OPT="-W 127.0.0.1:$SSH_PORT" run timeout 10 bash -c "$(declare -f at); at" </dev/null
	[[ $output != SSH-2.0* ]]
}

@test "what the client sets in its environment does not count" {
	OPT="-o SetEnv=DAVIT_CALLER=x" run at apps:exists ssh-one
	[ "$status" -eq 0 ]
}

@test "keys are listed as rows and as JSON" {
	print=$(ssh-keygen -lf "$KEY_DIR/id.pub" | cut -d' ' -f2)
	at ssh-keys:list | grep -Fx "$print NAME=\"$KEY_NAME\" SSHCOMMAND_ALLOWED_KEYS=\"restrict,pty\""
	at ssh-keys:list --format json | grep -F "\"fingerprint\":\"$print\",\"limits\":\"\",\"name\":\"$KEY_NAME\""
	run at ssh-keys:list nobody-has-this
	[ "$status" -eq 1 ]
}

@test "keys are added and removed by root alone" {
	run at ssh-keys:add other
	[ "$status" -eq 1 ]
	[[ $output == *"must be run as root"* ]]
	run at ssh-keys:remove "$KEY_NAME"
	[ "$status" -eq 1 ]
}

@test "the same name and the same key are refused, from a file and from stdin" {
	run "$DAVIT" ssh-keys:add "$KEY_NAME" "$KEY_DIR/id.pub"
	[ "$status" -eq 1 ]
	[[ $output == *"Duplicate ssh key name"* ]]
	run "$DAVIT" ssh-keys:add another-name <"$KEY_DIR/id.pub"
	[ "$status" -eq 1 ]
	[[ $output == *"Duplicate ssh public key"* ]]
	run "$DAVIT" ssh-keys:add another-name "$KEY_DIR/id"
	[[ $output == *"private key"* ]]
}

@test "a removed key is out at once, and foreign lines stay" {
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/second"
	file=$(getent passwd davit | cut -d: -f6)/.ssh/authorized_keys
	[[ $DATA == /var/lib/davit ]] || file=$DATA/home/.ssh/authorized_keys
	echo "# a line by hand" >>"$file"
	"$DAVIT" ssh-keys:add second "$BATS_TEST_TMPDIR/second.pub"
	SSH_OPTIONS="${SSH_OPTIONS/$KEY_DIR\/id/$BATS_TEST_TMPDIR/second}"
	at apps:exists ssh-one
	"$DAVIT" ssh-keys:remove second
	run at apps:exists ssh-one
	[ "$status" -eq 255 ]
	grep -Fx "# a line by hand" "$file"
	sed -i '/^# a line by hand$/d' "$file"
	[ "$(stat -c '%a %U' "$file")" = "600 davit" ]
}
