# The last of all: nothing of davit is left on the host.

@test "uninstall with PURGE=1 leaves no trace" {
	local log=/var/log/nginx apps app
	davit apps:create purged
	davit domains:set purged purged.example.test
	[ -e "$log/purged-access.log" ]
	touch "$log"/purged-{access,error}.log.{1,2.gz} "$log/purged-2-access.log"
	apps=$(davit --quiet apps:list)
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
	for app in $apps; do
		run find "$log" -name "$app-access.log*" -o -name "$app-error.log*"
		echo "$output"
		[ -z "$output" ]
	done
	rm "$log/purged-2-access.log" # another app's, or nobody's: it has to be there
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
