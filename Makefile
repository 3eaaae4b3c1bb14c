# davit: build, check, install.  `make help` lists the targets.
.DELETE_ON_ERROR:
.SUFFIXES:

PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.2.0
VARIANT ?= release
CC      ?= gcc
O       := build/$(VARIANT)
Q       := $(if $(V),,@)

# --- what is built ---------------------------------------------------------------
# Everything but the mains goes into one archive.  Tables that name HEAVY() functions
# are compiled twice: for davit (light) and for davit-heavy.
MAINS      := src/main.c src/root/main.c
SRC        := $(sort $(filter-out $(MAINS),$(wildcard src/*/*.c)) $(wildcard plugins/*/*.c))
TABLES     := plugins/plugins.c $(wildcard plugins/*/plugin.c) src/deploy/plugin.c
LIB_SRC    := $(filter-out $(TABLES) src/root/%,$(SRC))
ROOT_SRC   := $(wildcard src/root/*.c) $(wildcard src/util/*.c)
LIB_OBJ    := $(LIB_SRC:%.c=$(O)/%.o)
ROOT_OBJ   := $(ROOT_SRC:%.c=$(O)/%.o)
LIGHT_OBJ  := $(TABLES:%.c=$(O)/light/%.o) $(O)/light/src/main.o
HEAVY_OBJ  := $(TABLES:%.c=$(O)/heavy/%.o) $(O)/heavy/src/main.o

LIGHT_LIBS := -lsqlite3 -ljansson -lyaml
HEAVY_LIBS := $(LIGHT_LIBS) -lgit2 -larchive -lcurl -lcrypto
ROOT_LIBS  := -ljansson -lyaml -lnftables -lnl-route-3 -lnl-3

# --- how ---------------------------------------------------------------------------
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 \
	-Wvla -Wundef -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wwrite-strings -Wnull-dereference -Wimplicit-fallthrough \
	-Wswitch-enum -Wredundant-decls -Wnested-externs -Wdate-time
ifneq ($(findstring clang,$(CC)),)
WARN += -Wcomma -Wunreachable-code -Wno-string-concatenation
else
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init \
	-Walloca -Wsuggest-attribute=noreturn
endif
ARCH := $(shell uname -m)
HARDEN := -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	$(if $(filter x86_64,$(ARCH)),-fcf-protection) \
	$(if $(filter aarch64,$(ARCH)),-mbranch-protection=standard) \
	$(if $(findstring clang,$(CC)),,-ftrivial-auto-var-init=zero)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

FLAGS_release := $(HARDEN)
FLAGS_debug   := -O0 -g3 -Werror
FLAGS_asan    := -O1 -g $(SANITIZE) -Werror -DDAVIT_TESTING
FLAGS_cov     := -O0 -g --coverage -DDAVIT_TESTING
FLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -DDAVIT_TESTING
LINK_release  := -Wl,-z,relro,-z,now,-z,noexecstack
LINK_asan     := $(SANITIZE)
LINK_cov      := --coverage
LINK_fuzz     := -fsanitize=fuzzer,address,undefined

CPPFLAGS += -D_GNU_SOURCE -Isrc -I. -isystem /usr/include/libnl3 -include util/banned.h \
	-DDAVIT_VERSION='"$(VERSION)"' -DDAVIT_PREFIX='"$(PREFIX)"'
CFLAGS   += -std=c17 $(WARN) -fPIE -fno-common $(FLAGS_$(VARIANT))
LDFLAGS  += -pie $(LINK_$(VARIANT)) -Wl,--as-needed

.PHONY: all build
all: build
build: $(O)/davit $(O)/davit-heavy $(O)/davit-root ## build davit, davit-heavy and davit-root

$(O)/libdavit.a: $(LIB_OBJ)
	@echo "AR  $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(O)/davit: $(LIGHT_OBJ) $(O)/libdavit.a
	@echo "LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIGHT_LIBS)

$(O)/davit-heavy: $(HEAVY_OBJ) $(O)/libdavit.a
	@echo "LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(HEAVY_LIBS)

$(O)/davit-root: $(ROOT_OBJ)
	@echo "LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(ROOT_LIBS)

# The same programs with deaths on demand (util/fault.h), for tests of recovery.
FAULTY := $(O)/faults/davit $(O)/faults/davit-heavy $(O)/faults/davit-root
.PHONY: faults
faults: $(FAULTY)
$(O)/faults/fault.o: src/util/fault.c
	$(call compile,-DDAVIT_FAULTS)
$(O)/faults/davit: $(LIGHT_OBJ) $(O)/faults/fault.o $(O)/libdavit.a
	@echo "LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIGHT_LIBS)
$(O)/faults/davit-heavy: $(HEAVY_OBJ) $(O)/faults/fault.o $(O)/libdavit.a
	@echo "LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(HEAVY_LIBS)
$(O)/faults/davit-root: $(filter-out $(O)/src/util/fault.o,$(ROOT_OBJ)) $(O)/faults/fault.o
	@echo "LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(ROOT_LIBS)

define compile
	@echo "CC  $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(1) $(CFLAGS) -MMD -MP -c -o $@ $<
endef

$(O)/light/%.o: %.c
	$(call compile,)
$(O)/heavy/%.o: %.c
	$(call compile,-DDAVIT_HEAVY)
$(O)/%.o: %.c
	$(call compile,)

-include $(shell find $(O) -name '*.d' 2>/dev/null)

# What says the prefix or the version is compiled again when they change.
SAYS := $(shell grep -lrE 'DAVIT_(PREFIX|VERSION)' src plugins --include='*.c')
$(foreach d,$O $O/light $O/heavy,$(SAYS:%.c=$d/%.o)): $O/said
$O/said: FORCE
	@mkdir -p $(@D)
	@echo '$(PREFIX) $(VERSION)' | cmp -s - $@ || echo '$(PREFIX) $(VERSION)' > $@
.PHONY: FORCE
FORCE:

# --- unit tests: every tests/unit/*_test.c is a program of its own --------------------
UNIT_SRC := $(wildcard tests/unit/*_test.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(O)/unit/%)
ROOT_LIB := $(filter-out $(O)/src/root/main.o,$(ROOT_OBJ))

$(O)/libroot.a: $(filter $(O)/src/root/%,$(ROOT_LIB))
	@echo "AR  $@"
	$(Q)rm -f $@ && ar rcs $@ $^

# An archive: a test that has a core_plugins of its own links no other plugin.
$(O)/libtables.a: $(TABLES:%.c=$(O)/heavy/%.o)
	@echo "AR  $@"
	$(Q)rm -f $@ && ar rcs $@ $^
TEST_LIBS := -Wl,--start-group $(O)/libtables.a $(O)/libdavit.a $(O)/libroot.a \
	-Wl,--end-group

$(O)/unit/%: tests/unit/%.c $(O)/libtables.a $(O)/libdavit.a $(O)/libroot.a
	@echo "CC  $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(TEST_LIBS) \
		-lcmocka $(HEAVY_LIBS) $(ROOT_LIBS)

include scripts/checks.mk
include scripts/install.mk

.PHONY: help clean
help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort -u | expand -t 14
clean: ## remove what was built
	rm -rf build
