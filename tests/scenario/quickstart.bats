# From this tree to a served app, and once more.

setup_file() {
	export TOP=$BATS_TEST_DIRNAME/../..
}

@test "quickstart serves an app and prints its URL" {
	run "$TOP/scripts/quickstart" 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	url=$(sed -n 's/^ *\(http:\/\/[^ ]*\)$/\1/p' <<<"$output" | head -n 1)
	[ "$(curl -sS --max-time 10 "$url")" = "hello from davit" ]
}

@test "a second quickstart finds everything done, in less than fifteen seconds" {
	start=$SECONDS
	run "$TOP/scripts/quickstart" 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[ $((SECONDS - start)) -lt 15 ]
}

@test "quickstart without root says to run it as root" {
	copy=$(mktemp -d /tmp/davit-test.XXXXXX)
	chmod 755 "$copy"
	mkdir "$copy/scripts"
	cp "$TOP/scripts/quickstart" "$copy/scripts"
	run setpriv --reuid nobody --clear-groups "$copy/scripts/quickstart"
	rm -r "$copy"
	[ "$status" -eq 1 ]
	[[ $output == *"run it as root"* ]]
}

@test "the helper is setuid for the group davit alone" {
	[ "$(stat -c '%a %U:%G' /usr/local/libexec/davit/davit-root)" = "4750 root:davit" ]
}

@test "dokku is a second login name of davit, and a second name of the command" {
	[ "$(id -u dokku)" = "$(id -u davit)" ]
	[ "$(dokku version)" = "$(davit version)" ]
}

@test "installing again changes nothing" {
	before=$(getent passwd davit dokku; cat /etc/subuid /etc/nginx/conf.d/davit.conf)
	run make -C "$TOP" install 3>&-
	[ "$status" -eq 0 ]
	[ "$before" = "$(getent passwd davit dokku; cat /etc/subuid /etc/nginx/conf.d/davit.conf)" ]
}

@test "DESTDIR gets files only" {
	dest=$BATS_TEST_TMPDIR/dest
	run make -C "$TOP" install DESTDIR="$dest" PREFIX=/usr 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[ -x "$dest/usr/bin/davit" ]
	[ -x "$dest/usr/libexec/davit/davit-heavy" ]
	[ -d "$dest/usr/share/davit/buildpacks" ]
	[ ! -e "$dest/etc" ]
	[ ! -e "$dest/var" ]
	make -C "$TOP" uninstall DESTDIR="$dest" PREFIX=/usr
	[ -z "$(find "$dest" -type f -o -type l)" ]
}

@test "davit itself loads the light libraries alone" {
	run readelf -d /usr/local/bin/davit
	[ "$status" -eq 0 ]
	[[ $output == *libsqlite3* ]]
	[[ $output != *libgit2* && $output != *libarchive* && $output != *libcurl* && $output != *libcrypto* ]]
}

@test "the base was probed: apps look names up and reach the network" {
	run davit stack:build
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"apps reach the network"* ]]
}
