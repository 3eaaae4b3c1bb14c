# Limits and reservations as the kernel has them, and what they do.

setup_file() {
	load ssh_lib
	load doer_lib
	key_in "$BATS_FILE_TMPDIR"
	export APP=resources
	destroy "$APP"
	app_push "$APP"
}

setup() {
	load ssh_lib
	load doer_lib
}

teardown_file() {
	load ssh_lib
	destroy resources
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# control FILE-V1 FILE-V2: of the first web instance; the first is CONTROLLER/NAME.
control() {
	local id
	id=$(instance id)
	if [[ $(stat -f -c %T /sys/fs/cgroup) == cgroup2fs ]]; then
		cat /sys/fs/cgroup/davit*/*"$id"*/c/"$2" /sys/fs/cgroup/davit/"$id"/"$2" 2>/dev/null
	else
		cat /sys/fs/cgroup/"${1%%/*}"/davit*/"$id"/"${1#*/}" 2>/dev/null
	fi
}

@test "memory, cpu, pids and reservations are what the kernel has, per process type" {
	"$DAVIT" resource:limit --process-type web --memory 200m --cpu 0.5 --pids 77 "$APP"
	"$DAVIT" resource:reserve --process-type web --memory 64m --cpu 0.25 "$APP"
	"$DAVIT" ps:restart "$APP"
	[[ $(control memory/memory.limit_in_bytes memory.max) == $((200 << 20)) ]]
	[[ $(control pids/pids.max pids.max) == 77 ]]
	[[ $(control memory/memory.soft_limit_in_bytes memory.low) == $((64 << 20)) ]]
	if [[ $(stat -f -c %T /sys/fs/cgroup) != cgroup2fs ]]; then
		[[ $(control cpu/cpu.cfs_quota_us "") == 50000 ]]
		[[ $(control cpu/cpu.shares "") == 256 ]]
	else
		[[ $(control "" cpu.max) == "50000 100000" ]]
	fi
	"$DAVIT" resource:limit-clear --process-type web "$APP"
	"$DAVIT" resource:reserve-clear --process-type web "$APP"
}

@test "the writable layer has an end" {
	"$DAVIT" resource:limit --process-type web --disk 64m "$APP"
	"$DAVIT" ps:restart "$APP"
	run "$DAVIT" enter "$APP" web dd if=/dev/zero of=/tmp/fill bs=1M count=200
	echo "$output"
	[[ $status != 0 && $output == *"No space left"* ]]
	"$DAVIT" enter "$APP" web rm /tmp/fill
	answers fine
	"$DAVIT" resource:limit-clear --process-type web "$APP"
}

# took DIRECTION: milliseconds for 4 MB to or from the app's container
took() {
	local start end address
	address=$(instance address)
	start=$(date +%s%N)
	if [[ $1 == from ]]; then
		[[ $(curl -sS --max-time 30 "http://$address:5000/bytes?4000000" | wc -c) == 4000000 ]]
	else
		head -c 4000000 /dev/zero | curl -sS --max-time 30 -o /dev/null -T - -X POST "http://$address:5000/take"
	fi
	end=$(date +%s%N)
	echo $(((end - start) / 1000000))
}

@test "bandwidth is bounded in each direction" {
	local free
	"$DAVIT" ps:restart "$APP"
	free=$(took from)
	echo "free: $free ms"
	((free < 1500))
	run "$DAVIT" resource:limit --process-type web --network-egress 1m --network-ingress 2m "$APP"
	echo "$output"
	[[ $output != *"cannot limit"* ]]
	"$DAVIT" ps:restart "$APP"
	local from to
	from=$(took from)
	to=$(took to)
	echo "from $from ms, to $to ms"
	((from > 2500 && from < 9000))
	((to > 1200 && to < 6000))
	"$DAVIT" resource:limit-clear --process-type web "$APP"
	"$DAVIT" ps:restart "$APP"
	(($(took from) < 1500))
}
