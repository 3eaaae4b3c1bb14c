# Checks.  scripts/test is the whole of them on a bare host; these are the pieces.

C_FILES   := $(wildcard src/*.c src/*.h src/*/*.[ch] plugins/*.[ch] plugins/*/*.[ch] \
	tests/unit/*.[ch] tests/fuzz/*.[ch] tests/fakes/*.[ch])
FUZZ_SRC  := $(wildcard tests/fuzz/*_fuzz.c)
FUZZ_BIN  := $(FUZZ_SRC:tests/fuzz/%.c=$(O)/fuzz/%)
FUZZ_SECONDS ?= 60

.PHONY: units cases check lint format metrics test scenario fuzz bench quickstart
units: build $(UNIT_BIN)
check: ## unit and case tests under ASan and UBSan
	@$(MAKE) --no-print-directory VARIANT=asan units
	@tests/run-unit build/asan/unit
	@tests/run-cases build/asan
cases: ## case tests alone, of the release build
	@$(MAKE) --no-print-directory build
	@tests/run-cases $(O)
lint: ## format, clang-tidy, cppcheck, shellcheck, layers, lengths (CHANGED=1: changed files)
	@CHANGED=$(CHANGED) scripts/lint $(CHECKS)
format: ## rewrite the C files in the house style
	@clang-format -i $(C_FILES)
metrics: ## figures of the code: lengths, parameters, comments
	@scripts/metrics
test: ## everything scripts/test does, as root on a host of its own
	@scripts/test
scenario: ## scenario tests with the installed davit, as root
	@tests/run-scenario $(FILES)
bench: ## time pushes, commands and requests, beside a floor of the same run
	@tests/bench/run
quickstart: ## from a bare Debian to a served app, as root
	@scripts/quickstart
fuzz: ## run each fuzzer for FUZZ_SECONDS=60
	@$(MAKE) --no-print-directory CC=clang VARIANT=fuzz fuzzers
	@for f in $(FUZZ_SRC:tests/fuzz/%.c=%); do \
		tests/run-fuzz build/fuzz/fuzz/$$f $(FUZZ_SECONDS) || exit 1; done

.PHONY: fuzzers
fuzzers: $(FUZZ_BIN)
$(O)/fuzz/%: tests/fuzz/%.c $(O)/libtables.a $(O)/libdavit.a $(O)/libroot.a
	@echo "CC  $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(TEST_LIBS) \
		$(HEAVY_LIBS) $(ROOT_LIBS)
