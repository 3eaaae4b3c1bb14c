# For scenarios that count what happens, or plant what a tick would mend: the minute's own work
# kept out.  After ssh_lib.

no_tick_runs() { ! pgrep -f 'davit tick$' >/dev/null; }

# signal_timer SIGNAL: to what keeps the time where systemd does not: cron, or davit-boot's loop.
# It stays there, so that davit doctor does not miss it.
signal_timer() {
	if [[ -e /etc/cron.d/davit ]] && pgrep -F /run/crond.pid >/dev/null 2>&1; then
		pkill -"$1" -F /run/crond.pid
	elif ! flock -n /run/davit/loop.lock true; then
		kill -"$1" "$(cat /run/davit/loop.lock)"
	fi
}

hold_ticks() {
	if [[ -d /run/systemd/system ]]; then systemctl stop davit-tick.timer; else signal_timer STOP; fi
	wait_until 60 no_tick_runs
}

let_ticks() {
	if [[ -d /run/systemd/system ]]; then systemctl start davit-tick.timer; else signal_timer CONT; fi
}
