#!/usr/bin/env bats
# A plugin author's day, with the installed davit in a store of its own.

setup() {
	DIR=$(mktemp -d /tmp/davit-plugins.XXXXXX)
	chmod 755 "$DIR"
	mkdir -p "$DIR"/root/{store,plugins/available,plugins/enabled} "$DIR/run" "$DIR/log"
	export DAVIT_ROOT=$DIR/root DAVIT_RUN=$DIR/run DAVIT_LOG=$DIR/log DOKKU_ROOT=$DIR
	cd "$DIR"
	davit plugin:create greet
	git -C greet init -q
	commit begin
}

teardown() {
	# Its nginx file is the host's own, whatever the store.
	davit --force apps:destroy blog >/dev/null 2>&1 || true
	# What was killed a moment ago may still be making files.
	rm -rf "$DIR" 2>/dev/null || rm -rf "$DIR"
}

commit() {
	git -C greet add .
	git -C greet -c user.name=a -c user.email=a@example.com commit -qm "$1"
}

install_greet() {
	davit plugin:install "file://$DIR/greet"
}

@test "the skeleton passes its own test" {
	run greet/tests/run
	[ "$status" -eq 0 ]
}

@test "an installed plugin has commands, hooks and a row in the list" {
	install_greet
	davit apps:create blog
	run davit greet:hello blog
	[ "$status" -eq 0 ]
	[ "$output" = "-----> hello, blog" ]
	run davit greet:hello nosuch
	[ "$status" -eq 20 ]
	run davit plugin:trigger post-deploy blog "" "" latest
	[ "$output" = "-----> greet: hello, blog" ]
	run davit plugin:list
	[[ $output == *"greet                0.1.0 enabled"* ]]
}

@test "a plugin whose install hook fails is not there, and can be tried again" {
	printf '#!/bin/sh\nexit 7\n' >greet/install
	commit broken
	run install_greet
	[ "$status" -eq 1 ]
	[ ! -e root/plugins/available/greet ] && [ ! -e root/plugins/enabled/greet ]
	git -C greet revert --no-edit HEAD || git -C greet -c user.name=a -c user.email=a@example.com revert --no-edit HEAD
	install_greet
	davit plugin:installed greet
}

@test "an update whose hook fails leaves the plugin as it was" {
	install_greet
	printf '#!/bin/sh\nexit 7\n' >greet/update
	chmod +x greet/update
	commit broken
	run davit plugin:update greet
	[ "$status" -eq 1 ]
	[ ! -e root/plugins/available/greet/update ]
	davit apps:create blog
	davit greet:hello blog
}

@test "a symlink out of the tree is refused before any hook runs" {
	ln -s /etc/passwd greet/evil
	commit evil
	run install_greet
	[ "$status" -eq 1 ]
	[[ $output == *"leads out of it"* ]]
	[ ! -e root/plugins/available/greet ]
}

@test "a disabled plugin is silent, an uninstalled one is gone" {
	install_greet
	davit plugin:disable greet
	run davit plugin:trigger post-deploy blog "" "" latest
	[ -z "$output" ]
	davit plugin:enable greet
	davit plugin:uninstall greet
	run davit plugin:installed greet
	[ "$status" -eq 1 ]
}

@test "the uninstall hook that refuses keeps the plugin" {
	printf '#!/bin/sh\nexit 3\n' >greet/uninstall
	chmod +x greet/uninstall
	commit stays
	install_greet
	run davit plugin:uninstall greet
	[ "$status" -eq 1 ]
	davit plugin:installed greet
	davit --force plugin:uninstall greet
}

@test "an archive is installed too, and what leads out of it is not written" {
	tar czf dokku-packed.tar.gz greet
	davit plugin:install "file://$DIR/dokku-packed.tar.gz"
	davit plugin:installed packed
	mkdir evil
	cp -r greet/plugin.toml evil/
	tar czPf evil.tar.gz --transform 's,^evil/plugin.toml,../../../escaped,' evil/plugin.toml
	run davit plugin:install "file://$DIR/evil.tar.gz"
	[ "$status" -eq 1 ]
	[ -z "$(find "$DIR" -name escaped)" ]
}

@test "a hook that hangs is named and ended" {
	printf '#!/bin/sh\nsleep 60\n' >greet/post-deploy
	commit hangs
	install_greet
	davit plugin:set --global hook-timeout 1
	run davit plugin:trigger post-deploy blog "" "" latest
	[ "$status" -eq 124 ]
	run timeout 20 davit --trace plugin:trigger post-deploy blog "" "" latest
	[[ $output == *"greet: post-deploy blog '' '' latest: starts"* ]]
}

@test "a tree that others could change is not run" {
	install_greet
	chmod go+w root/plugins/available/greet/post-deploy
	run davit plugin:trigger post-deploy blog "" "" latest
	[ "$status" -eq 1 ]
	[[ $output == *"others than root could change"* ]]
}

@test "the functions that plugins source answer as they should" {
	davit apps:create blog
	cat >greet/subcommands/try <<'SH'
#!/usr/bin/env bash
set -eo pipefail
source "$PLUGIN_CORE_AVAILABLE_PATH/common/functions"
source "$PLUGIN_CORE_AVAILABLE_PATH/common/property-functions"
source "$PLUGIN_CORE_AVAILABLE_PATH/config/functions"
source "$PLUGIN_CORE_AVAILABLE_PATH/nginx-vhosts/functions"
dokku_apps
config_set --no-restart blog KEY=value >/dev/null
config_get blog KEY
fn-plugin-property-write greet svc image busybox
fn-plugin-property-get greet svc image
fn-plugin-property-list-add greet svc l a
fn-plugin-property-list-add greet svc l b
fn-plugin-property-list-get greet svc l
fn-in-array b a b && echo in
[[ $(add_val_to_list c a,b) == a,b,c ]] && remove_val_from_list b a,b,c
strip_inline_comments "word # why"
get_app_scheduler blog
is_deployed blog || echo "not deployed"
suppress_output false || echo "said"
verify_app_name nosuch
SH
	chmod +x greet/subcommands/try
	commit try
	install_greet
	run davit greet:try
	[ "$status" -eq 20 ]
	[ "${lines[*]}" = "blog value busybox a b in a,c word docker-local not deployed failed: false said  !     App nosuch does not exist" ]
}

@test "a plugin that calls docker is told what does its work here" {
	shim=$(dirname "$(readlink -f "$(command -v davit)")")/../libexec/davit/shims/docker
	"$shim" pull busybox
	[ -z "$("$shim" images -q)" ]
	run "$shim" run busybox true
	[ "$status" -eq 125 ]
	[[ $output == *"davit run <app>"* ]]
}

@test "a flag that is unknown, or a second address, installs nothing" {
	run davit plugin:install "file://$DIR/greet" --random-flag
	[ "$status" -eq 1 ]
	[[ $output == *"Please retry with valid arguments"* ]]
	run davit plugin:install "file://$DIR/greet" other
	[ "$status" -eq 1 ]
	[ -z "$(ls -A root/plugins/enabled)" ]
}

@test "while a root hook runs, data/ and config/ are root's, and no symlink waits there" {
	mkdir -p root/data root/config
	chown davit: root/data root/config
	printf '#!/bin/sh\nstat -c "%%U %%n" "$DOKKU_LIB_ROOT/data" "$DOKKU_LIB_ROOT/config" >%s/seen\n' \
		"$DIR" >greet/install
	commit look
	ln -s /etc root/data/greet
	run install_greet
	echo "$output"
	[ "$status" -eq 1 ] && [ ! -e seen ]
	[[ $output == *"data/greet is no directory"* ]]
	rm root/data/greet
	install_greet
	[ "$(cut -d ' ' -f 1 seen | sort -u)" = root ]
	[ "$(stat -c %U root/data)" = davit ] && [ "$(stat -c %U root/config)" = davit ]
}

@test "every function file is there, and loads" {
	for file in common/functions common/property-functions config/functions certs/functions \
		domains/functions nginx-vhosts/functions nginx-vhosts/internal-functions ps/functions; do
		[ -f "$(dirname "$(readlink -f "$(command -v davit)")")/../share/davit/core-plugins/available/$file" ] ||
			{ echo "no $file"; return 1; }
	done
	cat >greet/subcommands/try <<'SH'
#!/usr/bin/env bash
set -eo pipefail
for p in common config certs domains nginx-vhosts ps; do
	source "$PLUGIN_CORE_AVAILABLE_PATH/$p/functions"
done
source "$PLUGIN_CORE_AVAILABLE_PATH/common/property-functions"
source "$PLUGIN_CORE_AVAILABLE_PATH/nginx-vhosts/internal-functions"
for f in dokku_log_info1 dokku_log_fail dokku_log_verbose dokku_log_warn dokku_log_info2_quiet \
	dokku_log_info2 dokku_log_info1_quiet dokku_log_verbose_quiet \
	dokku_container_log_verbose_quiet suppress_output verify_app_name dokku_apps parse_args \
	dokku_version fn-in-array has_tty get_deploying_app_image_name strip_inline_comments \
	get_app_scheduler get_running_image_tag is_deployed is_image_herokuish_based \
	is_image_cnb_based copy_from_image get_app_container_ids config_get config_set config_unset \
	config_all config_export fn-plugin-property-setup fn-plugin-property-write \
	fn-plugin-property-delete fn-plugin-property-get fn-plugin-property-destroy \
	fn-plugin-property-list-get fn-plugin-property-list-add fn-plugin-property-list-remove \
	fn-plugin-property-exists fn-plugin-property-get-default fn-plugin-property-get-all \
	fn-plugin-property-clone fn-plugin-property-list-length fn-plugin-property-list-get-by-value \
	fn-plugin-property-list-remove-by-prefix restart_nginx validate_nginx get_app_domains \
	is_ssl_enabled is_app_vhost_enabled domains_setup get_nginx_location; do
	declare -F "$f" >/dev/null || echo "missing $f"
done
SH
	chmod +x greet/subcommands/try
	commit try
	install_greet
	run davit greet:try
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a plugin with plugin.yml is listed with what that says" {
	rm greet/plugin.toml
	printf 'plugin:\n  description: in yaml\n  version: "2.0"\n  config:\n    port: 80\n' >greet/plugin.yml
	printf '#!/bin/sh\necho "port $CONFIG_PORT"\n' >greet/post-deploy
	commit yaml
	install_greet
	davit plugin:list --format json | grep -F '"description":"in yaml"'
	run davit plugin:trigger post-deploy blog "" "" latest
	[ "$output" = "port 80" ]
}

@test "an executable answers in the place of a core plugin" {
	printf '#!/bin/sh\necho mine\n' >greet/builder-detect
	printf '#!/bin/sh\necho https://instead.example.org\n' >greet/app-urls
	chmod +x greet/builder-detect greet/app-urls
	commit instead
	davit plugin:install "file://$DIR/greet" --name 00-greet
	davit apps:create blog
	run davit plugin:trigger builder-detect blog /tmp
	[ "${lines[0]}" = mine ]
	run davit urls blog
	[ "$output" = https://instead.example.org ]
}

@test "a hook that sleeps for ever is named while it hangs, and can be killed" {
	printf '#!/bin/sh\nsleep 1000\n' >greet/post-deploy
	commit sleeps
	install_greet
	timeout 30 davit --trace plugin:trigger post-deploy blog "" "" latest >"$DIR/trace" 2>&1 &
	pid=$!
	deadline=$((SECONDS + 10))
	until grep -q 'greet: post-deploy .*: starts' "$DIR/trace"; do
		((SECONDS < deadline))
		sleep 0.05
	done
	until hook=$(pgrep -of "$DIR/root/plugins/enabled/greet/post-deploy"); do
		((SECONDS < deadline))
		sleep 0.05
	done
	kill -KILL -- "-$hook"
	run wait "$pid"
	[ "$status" -ne 0 ]
	grep -q 'greet: post-deploy .*: refused in' "$DIR/trace"
}

# replaces WORD: what greet's manifest says, instead of what it said.
replaces() {
	sed -i -e '/^replaces/d' -e "/^\[plugin\]/a replaces = [\"$1\"]" "${2:-greet}/plugin.toml"
}

@test "a plugin stands in for a core plugin's handler where its manifest says so" {
	local there=root/plugins/available/greet
	davit apps:create blog
	davit domains:set blog blog.example.org
	printf '#!/bin/sh\necho mine\n' >greet/domains-list
	chmod +x greet/domains-list
	commit beside
	install_greet
	run davit plugin:trigger domains-list blog
	[ "$output" = $'blog.example.org\nmine' ]
	replaces domains/domains-list
	commit instead
	davit plugin:update greet
	run davit --trace plugin:trigger domains-list blog
	echo "$output"
	[[ $output == *"domains: domains-list blog: greet stands in for it"* ]]
	[[ $output == *mine* && $output != *blog.example.org* ]]
	# It vanishes: the core handler is back, and doctor knows why.
	chmod -x "$there/domains-list"
	run davit plugin:trigger domains-list blog
	[ "$output" = blog.example.org ]
	run davit doctor
	[[ $output == *"greet replaces domains/domains-list, and has no executable"* ]]
	chmod +x "$there/domains-list"
	davit plugin:disable greet
	run davit plugin:trigger domains-list blog
	[ "$output" = blog.example.org ]
}

@test "nothing stands in for what keeps the store true, nor for what is not there" {
	local there=root/plugins/available/greet
	printf '#!/bin/sh\nexit 0\n' >greet/app-exists
	cp greet/app-exists greet/davit-tick
	chmod +x greet/app-exists greet/davit-tick
	for word in apps/app-exists cron/davit-tick; do
		replaces "$word"
		commit "$word"
		run install_greet
		echo "$output"
		[[ $status == 1 && $output == *"$word, which nothing can stand in for"* ]]
	done
	for word in nginx/app-exists domains/app-exists domains nonsense/post-deploy; do
		replaces "$word"
		commit "$word"
		run install_greet
		[[ $status == 1 && $output == *"$word, which no core plugin has"* ]]
	done
	replaces domains/domains-urls
	commit none
	run install_greet
	[[ $status == 1 && $output == *"and has no executable of that name"* ]]
	# Put there by hand, it is refused when it is enabled, and moves nothing before.
	sed -i /^replaces/d greet/plugin.toml
	commit plain
	install_greet
	replaces apps/app-exists "$there"
	davit plugin:disable greet
	run davit plugin:enable greet
	[[ $status == 1 && $output == *"which nothing can stand in for"* ]]
	ln -s ../available/greet root/plugins/enabled/greet
	run davit plugin:trigger app-exists nosuch
	[ "$status" -eq 20 ]
}

# The davit of this host, whose hooks and commands are not root's.
of_the_host() {
	unset DAVIT_ROOT DAVIT_RUN DAVIT_LOG DOKKU_ROOT
	PLUGINS=/var/lib/davit/plugins
	forget_recorder
}

forget_recorder() {
	rm -rf "$PLUGINS/enabled/recorder" "$PLUGINS/available/recorder" "$PLUGINS/enabled/reached"
	davit --force apps:destroy recorded 2>/dev/null || true
	davit --force apps:destroy recorded-too 2>/dev/null || true
}

# A plugin that notes of every trigger and command who runs it, and with what.
recorder() {
	mkdir -p recorder/subcommands "$DIR/seen"
	chmod 1777 "$DIR/seen"
	printf '[plugin]\ndescription = "notes"\nversion = "1.0.0"\n' >recorder/plugin.toml
	cat >recorder/record <<RECORD
#!/bin/bash
to=\$(mktemp "$DIR/seen/\${0##*/}.XXXXXX")
{ echo "ids \$(id -u) \$(id -g) \$(id -G)"; grep ^CapEff: /proc/self/status; env; } >"\$to"
case \${0##*/} in
user-auth-app) shift 2; printf '%s\n' "\$@" ;;
commands) exit 10 ;;
esac
RECORD
	chmod +x recorder/record
	davit help --triggers | sed -n 's/^\([a-z][a-z-]*\) .*/\1/p' | while read -r name; do
		ln -s record "recorder/$name"
	done
	for name in commands subcommands/default subcommands/say; do
		cp recorder/record "recorder/$name"
	done
	git -C recorder init -q
	git -C recorder add .
	git -C recorder -c user.name=a -c user.email=a@example.com commit -qm record
}

@test "hooks and commands run as davit with what is promised, and root's hooks alone as root" {
	local davit_id promised name file
	of_the_host
	recorder
	davit_id="$(id -u davit) $(id -g davit) $(id -g davit)"
	export OF_THE_CALLER=secret
	davit plugin:install "file://$DIR/recorder"
	davit plugin:install-dependencies
	davit apps:create recorded
	davit config:set recorded WORD=x
	davit domains:add recorded recorded.example.org
	davit ports:add recorded http:8080:5000
	davit apps:clone recorded recorded-too
	davit --force apps:destroy recorded-too
	davit apps:rename recorded recorded-too
	davit recorder:say recorded-too
	davit recorder
	davit nobodys:word && false
	davit --force apps:destroy recorded-too
	davit plugin:update recorder
	davit plugin:uninstall recorder
	promised=$(zcat -f /usr/local/share/man/man7/davit-plugin.7* | sed -n '/^.Sh ENVIRONMENT/,/^.Sh TRIGGERS/p' |
		sed -n 's/^.It Ev //p' | tr -d ',' | tr ' ' '\n' |
		grep -vE '^(DOKKU_(QUIET_OUTPUT|TRACE|APPS_FORCE_DELETE|APP_NAME|BUILD_ID)|NAME|FINGERPRINT|SSH_.*|DAVIT_.*)$' | sort -u)
	[ "$(wc -w <<<"$promised")" -ge 15 ]
	for file in seen/*; do
		name=${file#seen/}
		name=${name%.*}
		case $name in
		install | dependencies | update | uninstall) grep -q '^ids 0 0 ' "$file" ;;
		*)
			grep -qx "ids $davit_id" "$file" || { cat "$file"; false; }
			grep -qP '^CapEff:\t0+$' "$file"
			;;
		esac
		grep -q OF_THE_CALLER "$file" && false
		for var in $promised; do
			grep -q "^$var=" "$file" || { echo "$name: no $var"; false; }
		done
	done
	for name in install dependencies update uninstall user-auth post-create post-delete \
		post-config-update post-domains-update post-app-clone-setup post-app-rename \
		pre-delete say default commands; do
		ls seen/"$name".* >/dev/null
	done
}

@test "a tree that davit could change, or a symlink to one, gives root no hook" {
	of_the_host
	recorder
	davit plugin:install "file://$DIR/recorder"
	rm -f seen/*
	chown davit: "$PLUGINS/available/recorder/record"
	run davit plugin:install-dependencies
	echo "$output"
	[[ $status == 1 && $output == *"others than root could change"* ]]
	chown root: "$PLUGINS/available/recorder/record"
	mkdir theirs
	cp -R recorder/record theirs/dependencies
	cp recorder/plugin.toml theirs
	chown -R davit: theirs
	ln -s "$DIR/theirs" "$PLUGINS/enabled/reached"
	davit plugin:uninstall recorder
	run davit plugin:install-dependencies
	echo "$output"
	[[ $status == 1 && $output == *"others than root could change"* ]]
	[ -z "$(ls seen/dependencies.* 2>/dev/null)" ]
	forget_recorder
}
