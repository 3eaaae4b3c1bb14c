# Pushing, fetching, and losing the client on the way.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
	slow_plugin
}

setup() {
	load ssh_lib
	cd "$BATS_TEST_TMPDIR"
	APP=git-$BATS_TEST_NUMBER
	destroy "$APP"
	site work
	cd work
	git remote add davit "$REMOTE/$APP"
}

teardown() {
	destroy "$APP"
}

teardown_file() {
	load ssh_lib
	rm -rf "$DATA/plugins/enabled/zz-scenario-slow"
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
	"$DAVIT" apps:set --global disable-autocreation
}

# A plugin that talks without end at the stage that the app's variable SLOW names.
slow_plugin() {
	local dir=$DATA/plugins/enabled/zz-scenario-slow hook
	mkdir -p "$dir"
	for hook in core-post-extract post-extract pre-build post-build post-deploy; do
		cat >"$dir/$hook" <<'HOOK'
#!/bin/sh
app=$1
case ${0##*/} in pre-build | post-build) app=$2 ;; esac
[ "$(davit config:get "$app" SLOW 2>/dev/null)" = "${0##*/}" ] || exit 0
i=0
while [ $i -lt 200 ]; do
	echo "talking $i in ${0##*/} xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	i=$((i + 1))
	sleep 0.02
done
HOOK
		sed -i "s,davit config,$(command -v "$DAVIT") config," "$dir/$hook"
		chmod 755 "$dir/$hook"
	done
}

tip() { "$DAVIT" git:report "$APP" --git-sha; }
served() { "$DAVIT" git:status "$APP" | field Serving | cut -d' ' -f1; }
last_deploy() { "$DAVIT" git:status "$APP" | field "Last deploy"; }
idle() { ! pgrep -u davit -f "git-hook $APP\$" >/dev/null; }

@test "a first push creates the app, deploys, and chooses the branch" {
	git branch -m trunk
	run git push davit trunk
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"Creating $APP"* ]]
	[ "$(tip)" = "$(git rev-parse HEAD)" ]
	[ "$(served)" = "$(git rev-parse HEAD)" ]
	[ "$("$DAVIT" git:report "$APP" --git-deploy-branch)" = trunk ]
}

@test "a clone gives the pushed branch back, by every form of the path" {
	git push -q davit main
	for path in "$APP" "/$APP" "/~/$APP" "/$APP.git"; do
		rm -rf ../back
		git clone -q "$REMOTE/${path#/}" ../back
		[ "$(git -C ../back rev-parse main)" = "$(git rev-parse HEAD)" ]
		[ -e ../back/index.html ]
	done
	git archive --remote="$REMOTE/$APP" main | tar t | grep -Fx index.html
}

@test "an app that is not there is made by no clone, nor by a push where that is disabled" {
	run git ls-remote "$REMOTE/$APP"
	[ "$status" -eq 128 ]
	[[ $output == *"App $APP does not exist"* ]]
	"$DAVIT" apps:set --global disable-autocreation true
	run git push davit main
	"$DAVIT" apps:set --global disable-autocreation
	[ "$status" -ne 0 ]
	[[ $output == *"App $APP does not exist"* ]]
	[[ $output == *"davit apps:create $APP"* ]]
	run "$DAVIT" apps:exists "$APP"
	[ "$status" -eq 20 ]
}

@test "another branch is received and not deployed, and says so" {
	git push -q davit main
	before=$(served)
	git checkout -q -b feature
	git commit -q --allow-empty -m more
	run git push davit feature
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"refs/heads/feature was received, and the deploy did not complete"* ]]
	[ "$(served)" = "$before" ]
	"$DAVIT" git:set "$APP" deploy-branch feature
	git commit -q --allow-empty -m "and more"
	git push -q davit feature
	[ "$(served)" = "$(git rev-parse HEAD)" ]
}

@test "a commit, a tag's commit, the tag of the branch's name and force are deployed" {
	git push -q davit main
	git commit -q --allow-empty -m two
	git push -q davit "$(git rev-parse HEAD):refs/heads/main"
	[ "$(served)" = "$(git rev-parse HEAD)" ]
	git commit -q --amend --allow-empty -m "two again"
	run git push davit main
	[ "$status" -ne 0 ]
	git push -q -f davit main
	[ "$(served)" = "$(git rev-parse HEAD)" ]
	git commit -q --allow-empty -m three
	git tag -a -m v1 v1
	run git push davit v1
	[ "$status" -eq 0 ]
	[[ $output == *"git push davit 'refs/tags/v1^{commit}:refs/heads/main'"* ]]
	[ "$(served)" != "$(git rev-parse HEAD)" ]
	git push -q davit 'refs/tags/v1^{commit}:refs/heads/main'
	[ "$(served)" = "$(git rev-parse HEAD)" ]
	git commit -q --allow-empty -m four
	git push -q davit HEAD:refs/tags/main
	[ "$(served)" = "$(git rev-parse HEAD)" ]
}

@test "the deploy branch cannot be deleted; another can" {
	git push -q davit main main:other 2>/dev/null
	run git push davit :main
	[ "$status" -ne 0 ]
	[[ $output == *"main is the deploy branch of $APP: deleting it is refused"* ]]
	[ "$(tip)" = "$(git rev-parse HEAD)" ]
	git push -q davit :other
}

@test "a shallow clone can push" {
	for i in 1 2 3; do git commit -q --allow-empty -m "commit $i"; done
	git clone -q --depth 1 "file://$PWD" ../shallow
	cd ../shallow
	git push -q "$REMOTE/$APP" main
	git commit -q --allow-empty -m "from CI"
	git push -q "$REMOTE/$APP" main
	[ "$(served)" = "$(git rev-parse HEAD)" ]
}

@test "a failing deploy refuses the push; the last words are the cause and what to do" {
	git push -q davit main
	before=$(tip)
	git rm -q index.html
	echo x >something
	git add something
	git commit -q -m "nothing to build"
	run git push davit main
	echo "$output"
	[ "$status" -ne 0 ]
	said=$(grep '^remote: ' <<<"$output" | tail -n 2)
	[[ $said == *"nothing here tells how to build this app"* ]]
	[[ $said == *"index.html"* ]]
	[ "$(tip)" = "$before" ]
	[ "$(served)" = "$before" ]
}

@test "a first push that fails leaves the choice of the branch open" {
	git rm -q index.html
	git commit -q -m nothing
	run git push davit main:master
	[ "$status" -ne 0 ]
	echo page >index.html
	git add index.html
	git commit -q -m page
	git push -q davit main
	[ "$("$DAVIT" git:report "$APP" --git-deploy-branch)" = main ]
}

@test "LFS pointers are named" {
	cat >model.bin <<-EOF2
		version https://git-lfs.github.com/spec/v1
		oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
		size 12345
	EOF2
	git add model.bin
	git commit -q -m lfs
	run git push davit main
	[ "$status" -eq 0 ]
	[[ $output == *"Git LFS pointer"*model.bin* ]]
	run at git-lfs-authenticate "$APP" upload
	[ "$status" -eq 1 ]
	[[ $output == *"davit keeps no Git LFS objects"* ]]
}

@test "a push beyond max-input-size is refused, and nothing stays" {
	"$DAVIT" apps:create "$APP"
	"$DAVIT" git:set "$APP" max-input-size 100k
	head -c 300000 /dev/urandom >big
	git add big
	git commit -q -m big
	run git push davit main
	[ "$status" -ne 0 ]
	[[ $output == *"exceeds maximum allowed size"* ]]
	[ -z "$(tip)" ]
	[ -z "$(find "$DATA/git/$APP.git/objects" -name 'tmp_objdir*')" ]
}

@test "a broken object is refused" {
	tree=$(printf '100644 blob %s\t.git\n' "$(git rev-parse HEAD:index.html)" | git mktree)
	commit=$(git commit-tree -m bad "$tree")
	run git push davit "$commit:refs/heads/main"
	[ "$status" -ne 0 ]
	[[ $output == *hasDotgit* ]]
}

@test "objects and refs of davit's own are out of reach" {
	git push -q davit main
	run git push davit main:refs/davit/x
	[ "$status" -ne 0 ]
	run at git-hook "$APP" <<<"$(git rev-parse HEAD) $(git rev-parse HEAD) refs/heads/main"
	[ "$status" -eq 1 ]
	[[ $output == *"git-hook is called by git"* ]]
}

@test "submodules over ssh are fetched; over anything else they are refused" {
	site ../lib "from the library"
	git -C ../lib push -q "$REMOTE/$APP-lib" main
	git -c protocol.file.allow=always submodule --quiet add "$PWD/../lib" lib
	git commit -q -m "local submodule"
	run git push davit main
	[ "$status" -ne 0 ]
	[[ $output == *"neither https nor ssh"* ]]
	# The davit user fetches with a key of its own.
	home=$(getent passwd davit | cut -d: -f6)
	[ ! -e "$home/.ssh/id_ed25519" ]
	install -m 600 -o davit "$KEY_DIR/id" "$home/.ssh/id_ed25519"
	ssh-keyscan -p "$SSH_PORT" "$SSH_HOST" 2>/dev/null >"$BATS_TEST_TMPDIR/known"
	install -m 600 -o davit "$BATS_TEST_TMPDIR/known" "$home/.ssh/known_hosts"
	git submodule set-url lib "$REMOTE/$APP-lib" 2>/dev/null
	git add .gitmodules
	git commit -q -m "submodule over ssh"
	run git push davit main
	rm "$home/.ssh/id_ed25519" "$home/.ssh/known_hosts"
	destroy "$APP-lib"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"submodule lib from $REMOTE/$APP-lib"* ]]
}

# client_gets SIGNAL: to the ssh of the pushing client.
client_gets() {
	pkill -"$1" -f "^ssh .*git-receive-pack '/$APP'"
}

# lose STAGE: push with a hook that talks at that stage, and kill the client's ssh there.
lose() {
	"$DAVIT" config:set --no-restart "$APP" "SLOW=$1" >/dev/null
	git commit -q --allow-empty -m "lost in $1"
	git push davit main >"$BATS_TEST_TMPDIR/said" 2>&1 &
	push=$!
	wait_until 20 grep -q "talking 3 in $1" "$BATS_TEST_TMPDIR/said"
	client_gets KILL
	wait "$push" || true
	since=$(date +%s%N)
	wait_until 20 idle
	took=$((($(date +%s%N) - since) / 1000000))
	"$DAVIT" config:unset --no-restart "$APP" SLOW >/dev/null
}

@test "a client lost before the switch cancels, soon, and leaves nothing" {
	git push -q davit main
	before=$(tip)
	for stage in core-post-extract post-extract pre-build post-build; do
		lose "$stage"
		echo "$stage: gone after $took ms"
		[ "$took" -lt 2000 ]
		[[ $(last_deploy) == canceled* ]]
		[ "$(tip)" = "$before" ]
		[ "$(served)" = "$before" ]
		[ -z "$(ls "$DATA/store/work")" ]
		[ -z "$(find "$DATA/git/$APP.git/objects" -name 'tmp_objdir*')" ]
	done
	git push -q davit main
	[ "$(served)" = "$(git rev-parse HEAD)" ]
}

@test "a client lost after the switch changes nothing: the deploy ends, the branch follows" {
	git push -q davit main
	lose post-deploy
	[[ $(last_deploy) == succeeded* ]]
	[ "$(served)" = "$(git rev-parse HEAD)" ]
	wait_until 10 eval '[ "$(tip)" = "$(git rev-parse HEAD)" ]'
}

@test "a client that does not read stops nothing" {
	git push -q davit main
	"$DAVIT" config:set --no-restart "$APP" SLOW=post-build >/dev/null
	git commit -q --allow-empty -m "not read"
	git push davit main >/dev/null 2>&1 &
	push=$!
	wait_until 20 eval '! idle'
	client_gets STOP
	wait_until 30 eval '[[ $(last_deploy) == succeeded* ]]'
	client_gets CONT
	wait "$push"
	[ "$(served)" = "$(git rev-parse HEAD)" ]
}

# slow_push COMMIT FILE: in the background, until its hook talks.
slow_push() {
	"$DAVIT" config:set --no-restart "$APP" SLOW=pre-build >/dev/null
	git push davit "$1:refs/heads/main" >"$2" 2>&1 &
	slow=$!
	wait_until 20 grep -q "talking 3" "$2"
	"$DAVIT" config:unset --no-restart "$APP" SLOW >/dev/null
}

@test "a push during a push waits its turn, and is deployed" {
	git push -q davit main
	git commit -q --allow-empty -m one
	slow_push HEAD "$BATS_TEST_TMPDIR/one"
	git commit -q --allow-empty -m two
	run git push davit main
	wait "$slow"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"Another push of $APP is being deployed; this one is next"* ]]
	[ "$(served)" = "$(git rev-parse HEAD)" ]
	[ "$(tip)" = "$(git rev-parse HEAD)" ]
}

@test "a newer push takes the place of one that waits, and both are told" {
	git push -q davit main
	git commit -q --allow-empty -m one
	slow_push HEAD "$BATS_TEST_TMPDIR/one"
	git commit -q --allow-empty -m two
	git push davit main >"$BATS_TEST_TMPDIR/two" 2>&1 &
	two=$!
	wait_until 10 grep -q "this one is next" "$BATS_TEST_TMPDIR/two"
	git commit -q --allow-empty -m three
	run git push davit main
	wait "$slow"
	rc=0
	wait "$two" || rc=$?
	cat "$BATS_TEST_TMPDIR/two"
	[ "$status" -eq 0 ]
	[ "$rc" -ne 0 ]
	grep -q "superseded: a newer push of $APP waits" "$BATS_TEST_TMPDIR/two"
	[ "$(served)" = "$(git rev-parse HEAD)" ]
	[ "$(tip)" = "$(git rev-parse HEAD)" ]
}

@test "two pushes at the same moment: what serves is what the branch says" {
	git push -q davit main
	for name in one two; do
		git checkout -q -b "$name" main
		git commit -q --allow-empty -m "$name"
		git push davit "$name:main" >"$BATS_TEST_TMPDIR/$name" 2>&1 &
		pids[${#pids[@]}]=$!
	done
	good=0
	for pid in "${pids[@]}"; do if wait "$pid"; then good=$((good + 1)); fi; done
	cat "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
	[ "$good" -eq 1 ]
	grep -Eq "was moved by the push before this one|fetch first|stale info|non-fast-forward" \
		"$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
	[ "$(served)" = "$(tip)" ]
}
