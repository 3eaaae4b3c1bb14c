# A killed instance is back, one of two is not missed, and after a power cut everything runs
# again, each at an address of its own.  LONG=1: two hundred instances, beside bare containers.

@test "kill -9, one of two under load, and a cold start" {
	local words=(--instances 10 --kills 3)
	[[ ${LONG:-0} != 1 ]] || words=(--instances 200 --kills 9)
	run "$BATS_TEST_DIRNAME/../bench/boot" "${words[@]}"
	echo "$output"
	[[ $status == 0 ]]
}
