# Pushes that have to wait: for the app, and for the host.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
	gate_plugin
	"$DAVIT" builds:set --global parallel 1
}

setup() {
	load ssh_lib
	cd "$BATS_TEST_TMPDIR" || return
	A=queue-$BATS_TEST_NUMBER-a B=queue-$BATS_TEST_NUMBER-b C=queue-$BATS_TEST_NUMBER-c
	"$DAVIT" apps:unlock "$A" >/dev/null 2>&1 || true
	destroy "$A" "$B" "$C"
	site work
	cd work || return
}

teardown() {
	rm -f "$DATA"/data/gate.*
	"$DAVIT" apps:unlock "$A" >/dev/null 2>&1 || true
	destroy "$A" "$B" "$C"
}

teardown_file() {
	load ssh_lib
	rm -rf "$DATA/plugins/enabled/zz-scenario-gate"
	"$DAVIT" builds:set --global parallel
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# A plugin that holds builds: at the gate of an app until it is opened, 30 s at most.
gate_plugin() {
	local dir=$DATA/plugins/enabled/zz-scenario-gate
	mkdir -p "$dir"
	cat >"$dir/pre-build" <<HOOK
#!/bin/sh
i=0
[ ! -e $DATA/data/gate.\$2 ] || echo at the gate
while [ -e $DATA/data/gate.\$2 ] && [ \$i -lt 600 ]; do
	i=\$((i + 1))
	sleep 0.05
done
HOOK
	chmod 755 "$dir/pre-build"
}

shut() { touch "$DATA/data/gate.$1"; }
open() { rm -f "$DATA/data/gate.$1"; }

# begin APP FILE: a push in the background, its words in FILE, its pid in $pushed
begin() {
	git push "$REMOTE/$1" HEAD:main >"$2" 2>&1 &
	pushed=$!
}

# refused PID: a push that ended without success
refused() {
	if wait "$1"; then
		return 1
	fi
}

served() { "$DAVIT" git:status "$1" | field Serving | cut -d' ' -f1; }

@test "apps wait in line for a host that builds one at a time, and are told their place" {
	local a b c
	git push -q "$REMOTE/$C" HEAD:main
	shut "$A"
	begin "$A" ../a
	a=$pushed
	wait_until 20 grep -q "at the gate" ../a
	begin "$B" ../b
	b=$pushed
	wait_until 20 grep -q "number 1 in line" ../b
	git commit -q --allow-empty -m second
	begin "$C" ../c
	c=$pushed
	wait_until 20 grep -q "number 2 in line" ../c
	run "$DAVIT" builds:list "$C"
	echo "$output"
	[[ $output == *waiting* ]]
	# What builds nothing goes on.
	"$DAVIT" config:set "$C" WORD=x
	[[ $("$DAVIT" releases:list "$C" --format json) == *"config changed"* ]]
	open "$A"
	wait "$a"
	wait "$b"
	wait "$c"
	cat ../a ../b ../c
	grep -q "number 1 in line" ../c
	[[ $(served "$B") == $(git rev-parse HEAD^) && $(served "$C") == $(git rev-parse HEAD) ]]
}

@test "as many as the host is told run side by side" {
	local a b c
	"$DAVIT" builds:set --global parallel 2
	shut "$A"
	shut "$B"
	begin "$A" ../a
	a=$pushed
	begin "$B" ../b
	b=$pushed
	wait_until 20 grep -q "at the gate" ../a
	wait_until 20 grep -q "at the gate" ../b
	begin "$C" ../c
	c=$pushed
	wait_until 20 grep -q "as this host runs at a time (2); this one is number 1" ../c
	# A slot is free when its holder dies, however it dies.
	kill -9 "$(pgrep -u davit -f "git-hook $A\$")"
	wait "$c"
	open "$A"
	open "$B"
	refused "$a"
	wait "$b"
	"$DAVIT" builds:set --global parallel 1
	"$DAVIT" recover
	run "$DAVIT" builds:report --global
	[[ $output == *"parallel"*1* ]]
}

@test "a newer push takes the place of one that waits for the host; both are told" {
	local a old new
	shut "$A"
	begin "$A" ../a
	a=$pushed
	wait_until 20 grep -q "at the gate" ../a
	begin "$B" ../old
	old=$pushed
	wait_until 20 grep -q "number 1 in line" ../old
	git commit -q --allow-empty -m newer
	begin "$B" ../new
	new=$pushed
	refused "$old"
	cat ../old
	grep -q "superseded: a newer push of $B" ../old
	wait_until 20 grep -q "number 1 in line" ../new
	grep -q "this one is next" ../new
	open "$A"
	wait "$a"
	wait "$new"
	[[ $(served "$B") == $(git rev-parse HEAD) ]]
	run "$DAVIT" builds:list "$B"
	echo "$output"
	[[ $output == *superseded* && $output == *succeeded* ]]
}

@test "one that waits can be cancelled, by its client or by builds:cancel" {
	local a b c
	shut "$A"
	begin "$A" ../a
	a=$pushed
	wait_until 20 grep -q "at the gate" ../a
	begin "$B" ../b
	b=$pushed
	wait_until 20 grep -q "number 1 in line" ../b
	begin "$C" ../c
	c=$pushed
	wait_until 20 grep -q "number 2 in line" ../c
	"$DAVIT" builds:cancel "$B"
	refused "$b"
	wait_until 20 grep -q "number 1 in line" ../c
	kill "$c"
	wait_until 10 eval '! pgrep -u davit -f "git-hook $C\$"'
	refused "$c"
	run "$DAVIT" builds:list "$C"
	[[ $output == *canceled* ]]
	open "$A"
	wait "$a"
}

@test "apps:lock keeps deploys of every kind out, and apps:unlock lets them in" {
	git push -q "$REMOTE/$A" HEAD:main
	"$DAVIT" apps:lock "$A"
	"$DAVIT" apps:locked "$A"
	git commit -q --allow-empty -m second
	run git push "$REMOTE/$A" HEAD:main
	echo "$output"
	[[ $status != 0 && $output == *"deploy lock in place"*"apps:unlock $A"* ]]
	run "$DAVIT" config:set "$A" WORD=x
	echo "$output"
	[[ $status != 0 && $output == *"as they were"*"deploy lock in place"* ]]
	run "$DAVIT" releases:rollback "$A" v1
	[[ $status != 0 && $output == *"deploy lock in place"* ]]
	run "$DAVIT" ps:rebuild "$A"
	[[ $status != 0 ]]
	[[ $(served "$A") == $(git rev-parse HEAD^) ]]
	[[ $(curl -sS "$("$DAVIT" url "$A")") == *hello* ]]
	"$DAVIT" apps:unlock "$A"
	run "$DAVIT" apps:locked "$A"
	[[ $status != 0 ]]
	git push -q "$REMOTE/$A" HEAD:main
	[[ $(served "$A") == $(git rev-parse HEAD) ]]
}
