# What a host already has stays as it is; a collision is said.

setup_file() {
	export TOP=$BATS_TEST_DIRNAME/../..
	export SETUP="$TOP/scripts/setup-host install"
}

teardown() {
	rm -f /etc/nginx/conf.d/foreign.conf /etc/ssh/sshd_config.d/davit-test.conf
	nft delete table inet davit_test_foreign 2>/dev/null || true
	if [ -e "$BATS_TEST_TMPDIR/undo" ]; then bash "$BATS_TEST_TMPDIR/undo"; fi
	$SETUP >/dev/null 2>&1 3>&-
}

ask() { # HOST
	curl -sS --max-time 5 -H "Host: $1" http://127.0.0.1/
}

# nginx reloads behind our back: the first answers may be the old ones.
answers() { # HOST TEXT
	for _ in {1..50}; do
		[ "$(ask "$1" 2>&1)" != "$2" ] || return 0
		sleep 0.1
	done
	ask "$1"
	return 1
}

foreign_site() { # LISTEN
	cat >/etc/nginx/conf.d/foreign.conf <<-CONF
		server { listen $1; server_name foreign.example; return 200 "foreign\n"; }
	CONF
}

@test "an unknown name is refused where no other site claims it" {
	run ask nobody.example
	[ "$status" -eq 52 ]
}

@test "another site keeps its name" {
	foreign_site 80
	run $SETUP 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	answers foreign.example foreign
	run ask nobody.example
	[ "$status" -eq 52 ]
}

@test "another default_server stays the default, and is said" {
	foreign_site '80 default_server'
	run $SETUP 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"default for port 80: left"* ]]
	nginx -t
	answers nobody.example foreign
}

@test "hash sizes of the host are not set twice" {
	printf 'server_names_hash_bucket_size 128;\n' >/etc/nginx/conf.d/foreign.conf
	run $SETUP 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"server_names_hash_bucket_size 128: left"* ]]
	nginx -t
}

@test "a configuration broken by somebody else is said, and ours is not touched" {
	cp /etc/nginx/conf.d/davit.conf "$BATS_TEST_TMPDIR/before"
	printf 'nonsense;\n' >/etc/nginx/conf.d/foreign.conf
	run $SETUP 3>&-
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"foreign.conf"* ]]
	[[ $output == *"next:"* ]]
	cmp "$BATS_TEST_TMPDIR/before" /etc/nginx/conf.d/davit.conf
}

@test "sshd settings that shut davit out are named, and left" {
	echo 'AllowUsers root' >/etc/ssh/sshd_config.d/davit-test.conf
	run $SETUP 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"AllowUsers root: add davit to it"* ]]
	[ "$(cat /etc/ssh/sshd_config.d/davit-test.conf)" = "AllowUsers root" ]
}

@test "a foreign firewall chain is named with the command, which adds rules to it alone" {
	nft add table inet davit_test_foreign
	nft 'add chain inet davit_test_foreign forward { type filter hook forward priority 10; policy drop; }'
	run $SETUP 3>&-
	echo "$output"
	[[ $output == *"inet davit_test_foreign forward"* ]]
	[[ $output == *"open-firewall"* ]]
	/usr/local/libexec/davit/open-firewall
	/usr/local/libexec/davit/open-firewall
	[ "$(nft list table inet davit_test_foreign | grep -c 'comment "davit"')" -eq 2 ]
	/usr/local/libexec/davit/open-firewall --close
	run nft list table inet davit_test_foreign
	[[ $output != *vdavit0* ]]
}

@test "a user dokku of somebody else is left, and said" {
	uid=$(id -u dokku)
	userdel --force dokku 2>/dev/null
	useradd --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin dokku
	echo 'userdel dokku' >"$BATS_TEST_TMPDIR/undo"
	run $SETUP 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"the user dokku exists and is not ours: left"* ]]
	[ "$(id -u dokku)" != "$uid" ]
}

@test "uninstalling leaves data and other sites, installing again brings the commands back" {
	foreign_site 80
	apps=$(davit --quiet apps:list)
	make -C "$TOP" uninstall 3>&-
	[ ! -e /usr/local/bin/davit ]
	[ ! -e /usr/local/libexec/davit ]
	[ ! -e /etc/nginx/conf.d/davit.conf ]
	[ -e /var/lib/davit/store/davit.db ]
	answers foreign.example foreign
	run make -C "$TOP" install 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$apps" = "$(davit --quiet apps:list)" ]
	timeout 5 bash -c 'while davit doctor | grep "nothing runs davit tick"; do sleep 0.1; done'
}
