# For scenarios that count what happens: the minute's own work kept out.  After ssh_lib.

no_tick_runs() { ! pgrep -f 'davit tick$' >/dev/null; }

# Whatever keeps the time here: systemd, cron, or the loop of davit-boot.
hold_ticks() {
	[[ ! -d /run/systemd/system ]] || systemctl stop davit-tick.timer
	[[ ! -e /etc/cron.d/davit ]] || mv /etc/cron.d/davit "$BATS_FILE_TMPDIR/cron-davit"
	flock -n /run/davit/loop.lock true || kill -- "-$(cat /run/davit/loop.lock)"
	wait_until 60 no_tick_runs
}

let_ticks() {
	[[ ! -e $BATS_FILE_TMPDIR/cron-davit ]] || mv "$BATS_FILE_TMPDIR/cron-davit" /etc/cron.d/davit
	[[ ! -d /run/systemd/system ]] || systemctl start davit-tick.timer
	/usr/local/libexec/davit/davit-boot timer 3>&- 4>&-
}
