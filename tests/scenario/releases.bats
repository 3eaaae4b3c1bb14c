# The history of an app: what makes a release, what one differs in from another, and going
# back.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
}

setup() {
	load ssh_lib
	load app_lib
	cd "$BATS_TEST_TMPDIR" || return
	APP=releases-$BATS_TEST_NUMBER
	destroy "$APP" "$APP-production"
}

teardown() {
	destroy "$APP" "$APP-production"
}

teardown_file() {
	load ssh_lib
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

@test "every change of code, config or formation is a release, and nothing else is" {
	app
	push
	[[ $(live) == 1 ]]
	"$DAVIT" config:set "$APP" WORD=-a OTHER=b THIRD=c
	[[ $(live) == 2 ]]
	answers one-a
	"$DAVIT" ps:scale "$APP" web=2
	[[ $(live) == 3 ]]
	"$DAVIT" config:unset "$APP" OTHER THIRD
	[[ $(live) == 4 ]]
	"$DAVIT" domains:add "$APP" "$APP.example.test"
	"$DAVIT" config:set --no-restart "$APP" LATER=x
	"$DAVIT" ps:scale --skip-deploy "$APP" web=1
	[[ $(live) == 4 ]]
	change app.json '{"formation": {"web": {"quantity": 1}}}'
	push
	[[ $(live) == 5 ]]
	"$DAVIT" config:clear "$APP"
	[[ $(live) == 6 ]]
	run "$DAVIT" releases:list "$APP"
	echo "$output"
	[[ $(grep -c '^v' <<<"$output") == 6 ]]
	[[ $output == *"formation changed"* && $output == *"config changed"* ]]
	[[ $output == *root* && $output == *scenario-release* ]]
	run "$DAVIT" releases:info "$APP" v3
	echo "$output"
	[[ $output == *"Formation: web=2"* && $output == *"v3"* && $output == *past* ]]
}

@test "what waits for the next release is told, and shown by releases:diff" {
	app
	push
	run "$DAVIT" releases:diff "$APP"
	[[ $output == *"no difference"* ]]
	"$DAVIT" config:set --no-restart "$APP" WORD=-hidden
	"$DAVIT" ps:scale --skip-deploy "$APP" web=2
	run "$DAVIT" releases:diff "$APP"
	echo "$output"
	[[ $output == *"v1 -> next"*"config"*"WORD: (none) -> *****"*"formation"*"web: 1 -> 2"* ]]
	[[ $output != *hidden* ]]
	run "$DAVIT" releases:diff --show-values "$APP" live next
	[[ $output == *"WORD: (none) -> -hidden"* ]]
	run "$DAVIT" releases:list "$APP"
	[[ $output == *"changes wait for the next release: davit releases:diff $APP"* ]]
	answers one
	change VERSION two
	push
	answers two-hidden
	run "$DAVIT" releases:diff "$APP"
	[[ $output == *"no difference"* ]]
	run "$DAVIT" releases:list "$APP"
	[[ $output != *"changes wait"* ]]
}

@test "a difference names commits by their subjects, in both directions" {
	app
	push
	git commit -q --allow-empty -m "$(printf 'a subject with \033[31mcolour')"
	change VERSION two
	push
	run "$DAVIT" releases:diff "$APP" v1 v2
	echo "$output"
	[[ $output == *"commits "*..*"commit     + "*"change VERSION: two"*"a subject with"* ]]
	[[ $output != *$'\033'* ]]
	[[ $output == *"layer      - "*"layer      + "* ]]
	run "$DAVIT" releases:diff "$APP" v2 v1
	[[ $output == *"commit     - "*"change VERSION: two"* && $output != *"commit     +"* ]]
	run at releases:diff "$APP" v2 v7
	[[ $status != 0 && $output == *"has no release v7"*"releases:list"* ]]
}

@test "code and config can be taken back alone, and twice is the state before" {
	app
	push
	"$DAVIT" config:set "$APP" WORD=-a
	change VERSION two
	push
	"$DAVIT" config:set "$APP" WORD=-b
	"$DAVIT" config:set --no-restart "$APP" STAGED=1
	"$DAVIT" releases:rollback "$APP" v2 --code-only
	answers one-b
	[[ $("$DAVIT" config:get "$APP" WORD) == -b ]]
	[[ $("$DAVIT" config:get "$APP" STAGED) == 1 ]]
	"$DAVIT" releases:rollback "$APP" v3 --config-only
	answers one-a
	[[ $("$DAVIT" config:get "$APP" WORD) == -a ]]
	"$DAVIT" releases:rollback "$APP" v4
	answers two-b
	run "$DAVIT" releases:rollback "$APP" --code-only --config-only
	[[ $status != 0 && $output == *"exclude each other"* ]]
}

@test "a rollback needs neither a build nor the network, and one that fails changes nothing" {
	app
	push
	change VERSION two
	push
	"$DAVIT" config:set "$APP" WORD=-kept
	nft add table inet releases-test
	nft add chain inet releases-test out '{ type filter hook output priority 0; policy accept; }'
	nft add rule inet releases-test out 'oifname != "lo" oifname != "vdavit0" reject'
	run "$DAVIT" releases:rollback "$APP" v1
	nft delete table inet releases-test
	echo "$output"
	[[ $status == 0 && $output != *Building* ]]
	answers one
	# A release that came up once and does not now.
	"$DAVIT" checks:set "$APP" listen-timeout 3
	"$DAVIT" config:set "$APP" WORD=-kept
	local layer number
	number=$(live)
	layer=$("$DAVIT" releases:diff "$APP" v1 v2 | sed -n 's/^layer *+ //p')
	mv "$DATA/layers/$layer" "$DATA/layers/.aside"
	run "$DAVIT" releases:rollback "$APP" v2
	mv "$DATA/layers/.aside" "$DATA/layers/$layer"
	echo "$output"
	[[ $status != 0 && $output == *"$layer"* ]]
	answers one-kept
	[[ $("$DAVIT" config:get "$APP" WORD) == -kept && $(live) == "$number" ]]
}

@test "a config change that fails leaves code and config; so does one whose davit is killed" {
	app
	push
	"$DAVIT" checks:set "$APP" listen-timeout 3
	run "$DAVIT" config:set "$APP" WORD=-x BREAK=config
	echo "$output"
	[[ $status != 0 && $output == *"told to break by config"* ]]
	[[ $output == *"the variables are as they were"* ]]
	run "$DAVIT" config:get "$APP" WORD
	[[ $status != 0 ]]
	answers one

	change Procfile "web: python3 server.py" "release: sh -c '[ -z \"\$REFUSE\" ] || { echo refused; exit 3; }'"
	push
	run "$DAVIT" config:set "$APP" REFUSE=1 WORD=-y
	echo "$output"
	[[ $status != 0 && $output == *"Execution of release task failed: exit status 3"* ]]
	run "$DAVIT" config:export "$APP"
	[[ $output != *REFUSE* && $output != *WORD* ]]

	change Procfile "web: python3 server.py" "release: sh -c '[ -z \"\$HANG\" ] || sleep 60'"
	push
	"$DAVIT" config:set "$APP" HANG=1 WORD=-z >out 2>&1 &
	wait_until 10 grep -q "release task" out
	kill -9 $!
	wait $! || true
	[[ $("$DAVIT" config:get "$APP" WORD) == -z ]]
	"$DAVIT" recover
	run "$DAVIT" config:export "$APP"
	echo "$output"
	[[ $output != *HANG* && $output != *WORD* ]]
	answers one
	[[ $("$DAVIT" releases:diff "$APP") == *"no difference"* ]]
}

@test "the mark of a release command, --force, and --config-only across it" {
	app
	push
	change Procfile "web: python3 server.py" "release: echo migrated"
	push
	run "$DAVIT" releases:info "$APP" v2
	[[ $output == *"release command ran"* ]]
	run "$DAVIT" releases:rollback "$APP" v1
	echo "$output"
	[[ $status != 0 && $output == *"may have moved on"*"releases:rollback $APP v1 --force"* ]]
	[[ $(live) == 2 ]]
	"$DAVIT" releases:rollback "$APP" v1 --config-only
	run "$DAVIT" releases:rollback "$APP" v1 --force
	echo "$output"
	[[ $status == 0 && $output == *"the release command of v2 has run since"* ]]
}

@test "pruning keeps what another app was promoted to, and the rest is gone" {
	local to=$APP-production n layer
	app
	"$DAVIT" apps:create "$APP"
	"$DAVIT" releases:set "$APP" keep 2
	push
	"$DAVIT" apps:create "$to"
	"$DAVIT" config:set "$to" WORD=-production
	"$DAVIT" releases:promote "$APP" "$to"
	layer=$("$DAVIT" releases:info "$APP" v1 | sed -n 's/^ *Layer: *//p' | head -n 1)
	for n in two three four; do
		change VERSION "$n"
		push
	done
	run "$DAVIT" releases:list "$APP"
	echo "$output"
	[[ $(grep -c '^v' <<<"$output") == 2 && $output == *v4*v3* ]]
	[[ -d $DATA/layers/$layer ]]
	"$DAVIT" ps:restart "$to"
	[[ $(answer "$to") == one-production ]]
	[[ $("$DAVIT" config:get "$to" WORD) == -production ]]
	run "$DAVIT" releases:rollback "$APP" v1
	[[ $status != 0 && $output == *"no release v1"* ]]
	destroy "$to"
	[[ ! -e $DATA/layers/$layer ]]
}

@test "a static site is promoted as often as one likes" {
	local to=$APP-production
	site web one
	"$DAVIT" apps:create "$to"
	(cd web && git push -q "$REMOTE/$APP" main)
	"$DAVIT" releases:promote "$APP" "$to"
	"$DAVIT" releases:promote "$APP" "$to"
	[[ $(answer "$to") == *one* ]]
	"$DAVIT" releases:rollback "$to"
	[[ $(answer "$to") == *one* && $(live "$to") == 3 ]]
}
