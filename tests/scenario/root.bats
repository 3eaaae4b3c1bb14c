# davit-root on this host: containers, layers, addresses, and their ends.

load root_lib

setup() {
	BASE=$(base_layer)
	cleanup
}
teardown() { cleanup; }

@test "a container is root of nobody, alone, and without capabilities" {
	accepted "[{\"verb\":\"run\",$(container root-test.1 '["sh","-c","id -u; cat /proc/self/uid_map /proc/self/status; ls /sys/class/net; df -k /; cat /proc/1/comm"]' '"uid":1000,"disk":67108864')}]"
	said=$(cat "$BATS_TEST_TMPDIR/stdout")
	echo "$said"
	[ "$(head -n 1 <<<"$said")" = 1000 ]
	base=$(awk 'NR == 2 && $1 == 0 { print $2 }' <<<"$said")
	[ "$base" -ge 1879048192 ]
	grep -q "^root-test $base\$" /var/lib/davit/ranges
	[ "$(sed -n 's/^CapBnd:\t//p' <<<"$said")" = 0000000000000000 ]
	[ "$(sed -n 's/^NoNewPrivs:\t//p' <<<"$said")" = 1 ]
	[ "$(sed -n 's/^Seccomp:\t//p' <<<"$said")" = 2 ]
	grep -qx eth0 <<<"$said"
	[ "$(awk '$1 == "overlay" { print $2 < 66000 }' <<<"$said")" = 1 ]
}

@test "code, time limit and memory limit are told" {
	accepted "[{\"verb\":\"run\",$(container root-test.1 '["sh","-c","exit 7"]')}]"
	[ "$(field code)" = 7 ]
	accepted "[{\"verb\":\"run\",$(container root-test.1 '["sleep","100"]' '"timeout_s":1')}]"
	[ "$(field timed_out)" = true ]
	accepted "[{\"verb\":\"run\",$(container root-test.1 '["sh","-c","x=$(head -c 200000000 /dev/zero | tr \"\\\\0\" a); echo $x"]' '"memory":33554432')}]"
	[ "$(field oom)" = true ]
}

@test "namespaces and mounts are closed to the root of a container" {
	accepted "[{\"verb\":\"run\",$(container root-test.1 '["sh","-c","unshare -U true || unshare -m true || mount -t tmpfs x /tmp || echo closed"]' '"uid":0')}]"
	grep -qx closed "$BATS_TEST_TMPDIR/stdout"
}

@test "what a container wrote becomes a layer, and is seen above its base" {
	accepted "[{\"verb\":\"run\",$(container root-test.1 '["sh","-c","mkdir /app/d && echo x >/app/d/f && ln /app/d/f /app/d/g && chmod 4755 /app/d/f && touch /tmp/no"]' '"seal":{"layer":"root-test-a","path":"/app"}')}]"
	layer=/var/lib/davit/layers/root-test-a
	[ "$(stat -c '%a %u:%g %h' $layer/app/d/f)" = "755 1000:1000 2" ]
	[ ! -e $layer/tmp ] && [ ! -e $layer/etc ]
	accepted "[{\"verb\":\"run\",\"id\":\"root-test.1\",\"app\":\"root-test\",\"layers\":[\"root-test-a\",\"$BASE\"],\"argv\":[\"cat\",\"/app/d/g\"]}]"
	grep -qx x "$BATS_TEST_TMPDIR/stdout"
}

@test "a removed directory stays removed in the layer above" {
	accepted "[{\"verb\":\"run\",\"id\":\"root-test.1\",\"app\":\"root-test\",\"uid\":0,\"layers\":[\"$BASE\"],\"argv\":[\"sh\",\"-c\",\"rm -r /usr/share/doc /var/log && mkdir /var/log && echo x >/var/log/new\"],\"seal\":{\"layer\":\"root-test-a\",\"path\":\"/\"}}]"
	accepted "[{\"verb\":\"run\",\"id\":\"root-test.1\",\"app\":\"root-test\",\"layers\":[\"root-test-a\",\"$BASE\"],\"argv\":[\"sh\",\"-c\",\"ls /var/log; test -e /usr/share/doc || echo gone\"]}]"
	[ "$(cat "$BATS_TEST_TMPDIR/stdout")" = "new"$'\n'"gone" ]
}

@test "two layers of the stack do not hide each other's files" {
	for layer in a b; do
		accepted "[{\"verb\":\"run\",\"id\":\"root-test.1\",\"app\":\"-stack\",\"profile\":\"package\",\"uid\":0,\"layers\":[\"$BASE\"],\"argv\":[\"sh\",\"-c\",\"mkdir /opt/both && echo x >/opt/both/$layer\"],\"seal\":{\"layer\":\"root-test-$layer\",\"path\":\"/\"}}]"
	done
	accepted "[{\"verb\":\"run\",\"id\":\"root-test.1\",\"app\":\"root-test\",\"layers\":[\"root-test-a\",\"root-test-b\",\"$BASE\"],\"argv\":[\"ls\",\"/opt/both\"]}]"
	[ "$(cat "$BATS_TEST_TMPDIR/stdout")" = "a"$'\n'"b" ]
}

# started N: that many lives have said so, within 10 s.
started() {
	local n
	for ((n = 0; n < 200; n++)); do
		[ "$(grep -c started /var/log/davit/root-test/web.1.log)" != "$1" ] || return 0
		sleep 0.05
	done
	return 1
}

@test "an instance starts, answers under the app's address, stops, and leaves nothing" {
	accepted "[{\"verb\":\"start\",$(container root-test.1 '["sh","-c","echo started; exec bash -c \"while :; do sleep 1; done\""]' '"log":"web.1"')}]"
	address=$(field address)
	ping -c 1 -W 2 "$address" >/dev/null 2>&1 || bash -c "! timeout 1 bash -c '</dev/tcp/$address/9' 2>&1 | grep -q unreachable"
	started 1
	[ "$(stat -c '%a %U:%G' /var/log/davit/root-test/web.1.log)" = "640 root:davit" ]
	accepted '[{"verb":"route","app":"root-test","port":5000,"ids":["root-test.1"]}]'
	nft list map inet davit apps | grep -q "$(field address)"
	accepted '[{"verb":"route","app":"root-test","ids":[]}]'
	[ "$(cat /run/davit/routes/root-test)" = "5000 " ]
	accepted '[{"verb":"route","app":"root-test","ids":["root-test.1"]}]'
	[ "$(cat /run/davit/routes/root-test)" = "5000 $address" ]
	run setpriv --reuid nobody --regid nogroup --clear-groups ls /run/davit/c/root-test.1/rootfs
	[ "$status" -ne 0 ]
	refused '[{"verb":"route","app":"root-test-two","ids":["root-test.1"]}]' /dev/null 'no running instance'
	accepted '[{"verb":"exec","id":"root-test.1","argv":["sh","-c","exit 5"],"env":["PATH=/bin"]}]'
	[ "$(field code)" = 5 ]
	accepted '[{"verb":"stop","id":"root-test.1","grace_ms":2000},{"verb":"state","id":"root-test.1"}]'
	[ "$(field state)" = absent ]
	run bash -c 'grep root-test.1 /proc/mounts /var/lib/davit/addresses; ls -d /run/davit/c/root-test.1 /run/davit/oci/root-test.1 2>/dev/null'
	[ -z "$output" ]
}

@test "one that died is started again with its address, its device and a fresh file system" {
	local again=('["sh","-c","test ! -e /tmp/mark && touch /tmp/mark && echo started && exec sleep 1000"]' '"log":"web.1"')
	accepted "[{\"verb\":\"start\",$(container root-test.1 "${again[@]}")}]"
	address=$(field address) pid=$(field pid)
	number=$(awk '$1 == "root-test.1" { print $2 }' /var/lib/davit/addresses)
	index=$(cat "/sys/class/net/vd$number/ifindex")
	started 1
	kill -9 "$pid"
	accepted "[{\"verb\":\"start\",$(container root-test.1 "${again[@]}"),\"again\":true,\"rate_in\":1000000}]"
	[ "$(field address)" = "$address" ] && [ "$(field pid)" != "$pid" ]
	[ "$(cat "/sys/class/net/vd$number/ifindex")" = "$index" ]
	[ "$(cat "/sys/class/net/vd$number/brport/isolated")" = 1 ]
	# A refusal comes from inside; without a network there would be none.
	run timeout 5 bash -c "</dev/tcp/$address/9"
	[[ $output == *refused* ]]
	started 2
	[ "$(grep -c " /run/davit/c/root-test.1/rootfs " /proc/mounts)" = 1 ]
	# Without an earlier life it is a start like any other; a running one gives way.
	accepted "[{\"verb\":\"start\",$(container root-test.1 "${again[@]}"),\"again\":true}]"
	[ "$(field address)" = "$address" ]
	accepted '[{"verb":"delete","id":"root-test.1"}]'
	for _ in $(seq 400); do
		[ -e "/sys/class/net/vd$number" ] || break
		read -rt 0.05 <> <(:) || true
	done
	[ ! -e "/sys/class/net/vd$number" ]
	accepted "[{\"verb\":\"start\",$(container root-test.1 "${again[@]}"),\"again\":true}]"
	conmon=$(cat /run/davit/c/root-test.1/conmon.pid)
	[ -z "$(grep -v -e :cpuset: -e :/davit-mon$ "/proc/$conmon/cgroup")" ]
}

@test "an app's address without an instance refuses at once" {
	accepted '[{"verb":"route","app":"root-test","ids":[]}]'
	address=$(field address)
	start=${EPOCHREALTIME/./}
	run bash -c "</dev/tcp/$address/5000"
	[ "$status" -ne 0 ]
	[ $((${EPOCHREALTIME/./} - start)) -lt 500000 ]
	[[ $output == *refused* ]]
}

@test "app to app and app to the host's services are closed" {
	accepted "[{\"verb\":\"start\",$(container root-test.1 '["sleep","1000"]' '"log":"web.1"')}]"
	other=$(field address)
	host=$(ip -4 -o address show vdavit0 | sed 's/.*inet \([^/]*\).*/\1/')
	accepted "[{\"verb\":\"run\",$(container root-test.2 "[\"bash\",\"-c\",\"for a in $other/80 $host/22 $host/5432; do timeout 2 bash -c \\\"</dev/tcp/\$a\\\" && echo open \$a; done; echo done\"]")}]"
	[ "$(cat "$BATS_TEST_TMPDIR/stdout")" = "done" ]
}

@test "an app that logs without end fills neither the disk nor what davit may read" {
	accepted "[{\"verb\":\"start\",$(container root-test.1 '["yes","a line of an app that writes without end"]' '"log":"web.1"')}]"
	log=/var/log/davit/root-test/web.1.log
	first=$(stat -c %i "$log")
	for ((i = 0; i < 600; i++)); do
		[ "$(stat -c %s "$log")" -lt 140000000 ]
		[ "$(stat -c %i "$log")" != "$first" ] && break
		sleep 0.05
	done
	[ "$(stat -c %i "$log")" != "$first" ]
	accepted '[{"verb":"signal","id":"root-test.1","signal":19},{"verb":"list"}]'
	[ "$(stat -c '%a %U:%G' "$log")" = "640 root:davit" ]
	setpriv --reuid davit --regid davit --clear-groups tail -n 1 "$log" >/dev/null
}

@test "a log is rotated without losing a line" {
	accepted "[{\"verb\":\"start\",$(container root-test.1 '["bash","-c","i=0; while :; do echo $((i += 1)); sleep 0.002; done"]' '"log":"web.1"')}]"
	for _ in 1 2 3 4; do
		accepted '[{"verb":"log-rotate","app":"root-test","log":"web.1","keep":9}]'
	done
	accepted '[{"verb":"stop","id":"root-test.1","grace_ms":0}]'
	dir=/var/log/davit/root-test
	cat $dir/web.1.log.{4,3,2,1} $dir/web.1.log | awk '{ print $NF }' >"$BATS_TEST_TMPDIR/seen"
	[ -s "$BATS_TEST_TMPDIR/seen" ]
	seq 1 "$(tail -n 1 "$BATS_TEST_TMPDIR/seen")" | cmp - "$BATS_TEST_TMPDIR/seen"
}

@test "what a killed helper and a killed conmon left is recovered" {
	printf '%s' "[{\"verb\":\"run\",$(container root-test.1 '["sleep","1000"]')}]" >"$BATS_TEST_TMPDIR/r"
	"$ROOT" 3<"$BATS_TEST_TMPDIR/r" 4>/dev/null 3>&- </dev/null 3<"$BATS_TEST_TMPDIR/r" &
	helper=$!
	for _ in $(seq 400); do
		grep -q '"pid":' /run/davit/c/root-test.1/state.json 2>/dev/null && break
		read -rt 0.05 <> <(:) || true
	done
	kill -9 "$helper"
	wait "$helper" || true
	accepted '[{"verb":"recover"}]'
	[[ $output == *root-test.1* ]]
	[ ! -e /run/davit/c/root-test.1 ]
	run grep root-test.1 /proc/mounts
	[ "$status" -ne 0 ]
	accepted "[{\"verb\":\"start\",$(container root-test.1 '["sleep","1000"]' '"log":"web.1"')}]"
	kill -9 "$(field pid)" "$(cat /run/davit/c/root-test.1/conmon.pid)"
	for _ in $(seq 400); do
		accepted '[{"verb":"state","id":"root-test.1"}]'
		[ "$(field state)" = stopped ] && break
	done
	accepted '[{"verb":"recover"}]'
	[[ $output == *root-test.1* ]]
}

@test "a run whose caller goes away is killed" {
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	printf '%s' "[{\"verb\":\"run\",$(container root-test.1 '["sleep","1000"]')}]" >"$BATS_TEST_TMPDIR/r"
	cat "$BATS_TEST_TMPDIR/pipe" >/dev/null &
	reader=$!
	"$ROOT" 3<"$BATS_TEST_TMPDIR/r" 4>"$BATS_TEST_TMPDIR/pipe" </dev/null &
	helper=$!
	for _ in $(seq 400); do
		grep -q '"pid":' /run/davit/c/root-test.1/state.json 2>/dev/null && break
		read -rt 0.05 <> <(:) || true
	done
	kill "$reader"
	wait "$helper" || true
	[ ! -e /run/davit/c/root-test.1 ]
}
