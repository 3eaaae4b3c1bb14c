# The last of all: nothing of davit is left on the host.

@test "uninstall with PURGE=1 leaves no trace" {
	run make -C "$BATS_TEST_DIRNAME/../.." uninstall PURGE=1 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	for path in /usr/local/bin/davit /usr/local/bin/dokku /usr/local/libexec/davit \
		/usr/local/share/davit /var/lib/davit /var/log/davit /run/davit /home/davit /home/dokku \
		/etc/davit /etc/nginx/conf.d/davit.conf /etc/cron.d/davit \
		/usr/local/lib/systemd/system/davit-tick.timer; do
		echo "$path"
		[ ! -e "$path" ] && [ ! -L "$path" ]
	done
	run getent passwd davit dokku
	[ -z "$output" ]
	run getent group davit
	[ -z "$output" ]
	run grep davit /etc/subuid /etc/subgid /proc/self/mountinfo
	[ -z "$output" ]
	run nft list tables
	[[ $output != *davit* ]]
	run grep -lazE 'conmon.*davi[t]|davit-boo[t]' /proc/[0-9]*/cmdline
	[ "$status" -ne 0 ]
	[ ! -e /sys/class/net/vdavit0 ]
	nginx -t
}
