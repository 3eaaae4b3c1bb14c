# For scenarios that come in by ssh, as a client would: a key of their own, the host's sshd.
# DAVIT, SSH_HOST, SSH_PORT and DATA lead to another davit than the installed one.

: "${DAVIT:=davit}" "${SSH_HOST:=127.0.0.1}" "${SSH_PORT:=22}" "${DATA:=/var/lib/davit}"
REMOTE=ssh://davit@$SSH_HOST:$SSH_PORT
export DAVIT SSH_HOST SSH_PORT DATA REMOTE
export GIT_AUTHOR_NAME=tester GIT_AUTHOR_EMAIL=tester@example.com
export GIT_COMMITTER_NAME=tester GIT_COMMITTER_EMAIL=tester@example.com
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

# key_in DIR: a new key pair in DIR, its public half added under a name of this file.
key_in() {
	KEY_DIR=$1
	KEY_NAME=scenario-$(basename "$BATS_TEST_FILENAME" .bats)
	export KEY_DIR KEY_NAME
	"$DAVIT" ssh-keys:remove "$KEY_NAME" >/dev/null 2>&1 || true
	ssh-keygen -q -t ed25519 -N '' -f "$KEY_DIR/id"
	"$DAVIT" ssh-keys:add "$KEY_NAME" "$KEY_DIR/id.pub"
	SSH_OPTIONS="-q -i $KEY_DIR/id -p $SSH_PORT -o StrictHostKeyChecking=no"
	SSH_OPTIONS+=" -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o BatchMode=yes"
	export SSH_OPTIONS
	export GIT_SSH_COMMAND="ssh $SSH_OPTIONS"
}

# at WORDS…: ssh as a client types it; options for ssh in OPT.
at() {
	# shellcheck disable=SC2029,SC2086 # options are words; so is what ssh gets
	ssh $SSH_OPTIONS ${OPT:-} "davit@$SSH_HOST" "$@"
}

# site DIR: a repository with one page.
site() {
	git init -q -b main "$1"
	echo "<h1>${2:-hello}</h1>" >"$1/index.html"
	git -C "$1" add -A
	git -C "$1" commit -q -m "first"
}

# wait_until SECONDS COMMAND…
wait_until() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || { echo "still not: $*"; return 1; }
		sleep 0.05
	done
}

field() { # field LABEL: the value after "LABEL:" in stdin
	sed -n "s/^ *$1: *//p" | head -n 1
}

destroy() {
	local app
	for app in "$@"; do "$DAVIT" --force apps:destroy "$app" >/dev/null 2>&1 || true; done
}
