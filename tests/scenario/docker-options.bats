# What docker-options say is what the app's containers have: instances, and those of run.

setup_file() {
	load ssh_lib
	load doer_lib
	key_in "$BATS_FILE_TMPDIR"
	export APP=options
	destroy "$APP"
	app_push "$APP"
	"$DAVIT" storage:ensure-directory "$APP" 2>/dev/null
	echo kept >"$DATA/storage/$APP/word"
	"$DAVIT" docker-options:add "$APP" deploy,run \
		"--env OPT=opt --memory 128m --cpus 0.5 --ulimit nofile=512:1024 --shm-size 16m" \
		"--init --cap-drop CHOWN --add-host peer:10.9.8.7 --dns 192.0.2.53 --hostname box" \
		"--tmpfs /scratch:size=1m --volume /var/lib/dokku/data/storage/$APP:/data --user 1001" \
		"--volume $DATA/data/storage/$APP:/again"
	"$DAVIT" docker-options:add "$APP" run "--workdir /scratch"
	"$DAVIT" ps:restart "$APP"
}

setup() {
	load ssh_lib
	load doer_lib
}

teardown_file() {
	load ssh_lib
	destroy options
	rm -rf "${DATA:?}/storage/options"
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# What a container of the app sees of each option.
LOOK='echo "env $OPT"; echo "files $(ulimit -Sn) $(ulimit -Hn)"; echo "shm $(df -k --output=size /dev/shm | tail -n 1)"
echo "scratch $(df -k --output=size /scratch | tail -n 1)"; echo "first $(cat /proc/1/comm)"; echo "host $(hostname)"
grep peer /etc/hosts; grep ^nameserver /etc/resolv.conf; echo "word $(cat /data/word /again/word)"; echo "user $(id -u)"
grep CapBnd /proc/self/status'

# is_as_said WORDS [SOFT]: SOFT is another soft limit of descriptors that will do.
is_as_said() {
	echo "$1"
	[[ $1 == *"env opt"* && $1 =~ files\ (512|${2:-512})\ 1024 ]] || return 1
	[[ $1 =~ shm\ +16384 && $1 =~ scratch\ +1024 ]] || return 1
	[[ $1 == *"first init"* && $1 == *"host box"* ]] || return 1
	[[ $1 == *"10.9.8.7 peer"* && $1 == *"nameserver 192.0.2.53"* ]] || return 1
	[[ $1 == *$'word kept\nkept\n'* && $1 == *"user 1001"* ]] || return 1
	# CAP_CHOWN is bit 0.
	[[ $1 =~ CapBnd:[[:space:]]+([0-9a-f]+) ]] && ((16#${BASH_REMATCH[1]} % 2 == 0))
}

@test "an instance has them, and serves; whoever enters it has them too" {
	answers fine
	run "$DAVIT" enter "$APP" web bash -c "$LOOK"
	[ "$status" -eq 0 ]
	# runc 1.1 raises the soft limit of what it enters with to the hard one, now and then.
	is_as_said "$output" 1024
	run "$DAVIT" enter "$APP" web cat /proc/1/limits
	[[ $output =~ "Max open files"\ +512\ +1024 ]]
}

@test "so has what run starts, in the directory it is given" {
	run "$DAVIT" run "$APP" bash -c "$LOOK; pwd"
	[ "$status" -eq 0 ]
	is_as_said "$output"
	[[ $output == *$'\n/scratch' ]]
}

@test "memory and processors are the kernel's limits" {
	local id
	id=$("$DAVIT" ps:inspect "$APP" | jq -r '.[0].id')
	if [[ $(stat -f -c %T /sys/fs/cgroup) == cgroup2fs ]]; then
		[[ $(cat /sys/fs/cgroup/davit*/*"$id"*/c/memory.max /sys/fs/cgroup/davit/"$id"/memory.max 2>/dev/null) == $((128 << 20)) ]]
		[[ $(cat /sys/fs/cgroup/davit*/*"$id"*/c/cpu.max /sys/fs/cgroup/davit/"$id"/cpu.max 2>/dev/null) == "50000 100000" ]]
	else
		[[ $(cat /sys/fs/cgroup/memory/davit*/"$id"/memory.limit_in_bytes) == $((128 << 20)) ]]
		[[ $(cat /sys/fs/cgroup/cpu/davit*/"$id"/cpu.cfs_quota_us) == 50000 ]]
	fi
}

@test "named storage is where scripts made for Dokku look for it" {
	[ "$(cat "$DATA/data/storage/$APP/word")" = kept ]
	run "$DAVIT" doctor
	[[ $output != *data/storage* ]]
}

@test "an entrypoint stands before the command" {
	"$DAVIT" docker-options:add "$APP" run "--entrypoint /bin/echo"
	run "$DAVIT" run "$APP" id -u
	"$DAVIT" docker-options:remove "$APP" run "--entrypoint /bin/echo"
	echo "$output"
	[[ $status == 0 && $output == *"id -u" ]]
	[ "$("$DAVIT" run "$APP" id -u)" = 1001 ]
}

@test "what has no meaning here is kept, and said once to have no effect" {
	run "$DAVIT" docker-options:add "$APP" deploy "--label a=b"
	[ "$status" -eq 0 ]
	[[ $output == *"--label a=b has no effect here"* ]]
	run "$DAVIT" docker-options:report "$APP" --docker-options-deploy
	[[ $output == *"--label a=b"* ]]
	run "$DAVIT" ps:restart "$APP"
	[ "$status" -eq 0 ]
	[[ $output != *"no effect"* ]]
}
