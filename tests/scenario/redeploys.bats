# One app is redeployed again and again under load, while connections of another are held: no
# request fails, none is cut, nothing is left behind.  LONG=1: a thousand times.

@test "redeploys: nothing failed, nothing cut, nothing grown" {
	local n=20
	[[ ${LONG:-0} != 1 ]] || n=1000
	run "$BATS_TEST_DIRNAME/../bench/redeploys" "$n"
	echo "$output"
	[[ $status == 0 ]]
}
