# davit is killed while it deploys, at its steps, syncs and renames and at random instants:
# the app answers, whole, and nothing is left.  LONG=1: at every one of them, with a victim by chance.

TOP=$BATS_TEST_DIRNAME/../..

setup_file() {
	make -C "$BATS_TEST_DIRNAME/../.." -s faults
}

@test "what is installed knows nothing of deaths on demand" {
	run grep -l run/davit/faults /usr/local/bin/davit /usr/local/libexec/davit/davit-root \
		/usr/local/libexec/davit/davit-heavy
	echo "$output"
	[[ $status == 1 && -z $output ]]
	grep -q run/davit/faults "$TOP/build/release/faults/davit-root"
}

@test "a point that is named kills the test build, and only that" {
	davit config:set --no-restart --global FAULTS_WORD=one
	run env DAVIT_FAULT=commit davit config:set --no-restart --global FAULTS_WORD=two
	[[ $status == 0 ]]
	run env DAVIT_FAULT=commit "$TOP/build/release/faults/davit" config:set --no-restart --global \
		FAULTS_WORD=three
	[[ $status == 137 ]]
	run davit config:get --global FAULTS_WORD
	davit config:unset --no-restart --global FAULTS_WORD
	[[ $output == two ]]
}

@test "no death takes an app down, and none leaves anything" {
	local args=(--deaths 3 --random 1)
	[[ -z ${LONG:-} ]] || args=(--each --random 5)
	run timeout 6000 "$TOP/tests/faults/run" "${args[@]}"
	echo "$output"
	[[ $status == 0 ]]
	local deaths=${output##*$'\n'}
	deaths=${deaths%% *}
	[[ -z ${LONG:-} ]] || ((deaths >= 300))
	((deaths >= 15))
}
