# shellcheck shell=bash
# Speaking to davit-root as davit does: the request on 3, the reply on 4, files on 5.
ROOT=${DAVIT_TEST_ROOT:-/usr/local/libexec/davit/davit-root}

# ask OPERATIONS [FILE]: as user davit; the reply lines are in $output, the status in $status.
ask() {
	local request=$BATS_TEST_TMPDIR/request reply=$BATS_TEST_TMPDIR/reply
	printf '%s' "$1" >"$request"
	status=0
	setpriv --reuid davit --regid davit --init-groups "$ROOT" \
		3<"$request" 4>"$reply" 5<"${2:-/dev/null}" </dev/null \
		>"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" || status=$?
	output=$(<"$reply")
	cat "$reply" "$BATS_TEST_TMPDIR/stderr"
}

# The value of a field of the last reply line.
field() { # NAME
	sed -n "\$s/.*\"$1\": *\"\{0,1\}\([^,\"}]*\).*/\1/p" <<<"${output//\":/\": }"
}

accepted() { ask "$@" && [ "$status" -eq 0 ]; }

refused() { # OPERATIONS FILE WORDS
	ask "$1" "$2"
	[ "$status" -ne 0 ] && [[ $output == *'"ok":false'* || $output == *'"ok": false'* ]] &&
		[[ $output == *"$3"* ]]
}

# The base layer of the installed stack.
base_layer() {
	find /var/lib/davit/layers -maxdepth 1 -name 'stack_bookworm-*' -printf '%f\n' | sort |
		tail -n 1
}

# container ID ARGV-JSON [MORE]: the fields of one container of the app root-test.
container() {
	printf '"id":"%s","app":"root-test","layers":["%s"],"argv":%s%s' "$1" "$BASE" "$2" \
		"${3:+,$3}"
}

cleanup() {
	ask '[{"verb":"delete","id":"root-test.1"}]'
	for layer in a b; do
		ask "[{\"verb\":\"layer-remove\",\"layer\":\"root-test-$layer\"}]"
	done
	ask '[{"verb":"forget","app":"root-test"}]'
	ask '[{"verb":"forget","app":"root-test-two"}]'
} >/dev/null
