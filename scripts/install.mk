# Installation.  DESTDIR is for packaging: files only; without it the running system is
# set up too (scripts/setup-host).

LIBEXEC := $(PREFIX)/libexec/davit
SHARE   := $(PREFIX)/share/davit
UNITS   := $(PREFIX)/lib/systemd/system
COMPDIR := $(PREFIX)/share/bash-completion/completions
MANPAGE := $(wildcard src/man/*.[1-8])
UNIT    := $(wildcard scripts/*.service scripts/*.timer)
D       := $(DESTDIR)

.PHONY: install install-files uninstall
install: build ## install below PREFIX, and set this host up (with DESTDIR: files only)
	@test -n "$(DESTDIR)" || scripts/keep-previous $(PREFIX) $(VERSION)
	@$(MAKE) --no-print-directory -s install-files
	@test -n "$(DESTDIR)" || PREFIX=$(PREFIX) scripts/setup-host install

# Programs are renamed into place, so that a command that starts meanwhile finds the old one
# or the new one.  The helper waits beside its place until setup-host has given it owner
# and mode.
define place
	install -m $(3) $(1) $(2).new
	mv -f $(2).new $(2)
endef
install-files:
	install -d $(D)$(PREFIX)/bin $(D)$(LIBEXEC) $(D)$(SHARE) $(D)$(UNITS) $(D)$(COMPDIR)
	$(call place,$(O)/davit,$(D)$(PREFIX)/bin/davit,0755)
	$(call place,scripts/davit-back,$(D)$(PREFIX)/bin/davit-back,0755)
	$(call place,$(O)/davit-heavy,$(D)$(LIBEXEC)/davit-heavy,0755)
	install -m 0750 $(O)/davit-root $(D)$(LIBEXEC)/davit-root.new
	test -z "$(DESTDIR)" || mv -f $(D)$(LIBEXEC)/davit-root.new $(D)$(LIBEXEC)/davit-root
	install -m 0755 scripts/davit-boot scripts/open-firewall scripts/cron-shell \
		$(D)$(LIBEXEC)
	scripts/install-tree buildpacks $(D)$(SHARE)/buildpacks
	install -D -m 0755 scripts/pre-receive $(D)$(SHARE)/hooks/pre-receive
	scripts/install-tree scripts/functions $(D)$(SHARE)/core-plugins/available
	ln -sfn available $(D)$(SHARE)/core-plugins/enabled
	scripts/install-tree scripts/plugin-skeleton $(D)$(SHARE)/plugin-skeleton
	scripts/install-tree plugins/nginx/errors $(D)$(SHARE)/data/nginx-vhosts/dokku-errors
	install -D -m 0755 scripts/docker-shim $(D)$(LIBEXEC)/shims/docker
	install -D -m 0755 scripts/plugn $(D)$(LIBEXEC)/shims/plugn
	install -m 0644 scripts/completion.bash $(D)$(COMPDIR)/davit
	ln -sfn davit $(D)$(COMPDIR)/dokku
	for f in $(UNIT); do sed 's,@LIBEXEC@,$(LIBEXEC),' $$f > $(D)$(UNITS)/$${f##*/}; done
	for f in $(MANPAGE); do \
		install -D -m 0644 $$f $(D)$(PREFIX)/share/man/man$${f##*.}/$${f##*/}; done
	mkdir -p $(O)/root/store
	DAVIT_ROOT=$(CURDIR)/$(O)/root $(O)/davit help --mdoc | sed -i -e '/^\.\\" commands$$/r /dev/stdin' \
		$(D)$(PREFIX)/share/man/man1/davit.1
	DAVIT_ROOT=$(CURDIR)/$(O)/root $(O)/davit help --triggers --mdoc | \
		sed -i -e '/^\.\\" triggers$$/r /dev/stdin' \
		$(D)$(PREFIX)/share/man/man7/davit-plugin.7
	scripts/link-dokku "$(D)" "$(PREFIX)"

uninstall: ## remove what was installed; data stays, unless PURGE=1
	@test -n "$(DESTDIR)" || PREFIX=$(PREFIX) PURGE=$(PURGE) scripts/setup-host remove
	rm -rf $(D)$(LIBEXEC) $(D)$(LIBEXEC)-previous $(D)$(SHARE)
	if [ "$$(readlink $(D)$(PREFIX)/bin/dokku)" = davit ]; then rm -f $(D)$(PREFIX)/bin/dokku; fi
	rm -f $(D)$(PREFIX)/bin/davit $(D)$(PREFIX)/bin/davit-back
	if [ "$$(readlink $(D)$(PREFIX)/bin/plugn)" = ../libexec/davit/shims/plugn ]; then rm -f $(D)$(PREFIX)/bin/plugn; fi
	if [ "$$(readlink $(D)$(COMPDIR)/dokku)" = davit ]; then rm -f $(D)$(COMPDIR)/dokku; fi
	rm -f $(D)$(COMPDIR)/davit $(foreach f,$(UNIT),$(D)$(UNITS)/$(notdir $f))
	rm -f $(foreach f,$(MANPAGE),$(D)$(PREFIX)/share/man/man$(subst .,,$(suffix $f))/$(notdir $f))
	@test -n "$(DESTDIR)" || [ ! -d /run/systemd/system ] || systemctl daemon-reload
