# tests/dir.mk - how the tests of all kinds are run

# Unit tests. FILE.ok holds what a passed test printed, FILE.log what a failed
# one did; tests/lib/count-unit adds both up.
check: $(patsubst %,$(B)/tests/%.ok,$(filter $(ONLY)%,$(TESTS)))
$(B)/tests/%.ok: $(B)/tests/%
	@rm -f $@; if CK_FORK=$${CK_FORK-yes} \
	    CK_TIMEOUT_MULTIPLIER=$(if $(EXTRA),4,1) $< >$(@:.ok=.log) 2>&1; then \
		mv $(@:.ok=.log) $@; grep -h '^[0-9]*%' $@ | \
		sed 's|^.*Checks: \([0-9]*\).*|  $*: \1 passed|'; \
	else echo "FAILED: $<"; cat $(@:.ok=.log); false; fi
# One folder's tests: make check-base
check-%:
	$(MAKE) check ONLY=$*/

check-asan:
	$(MAKE) SAN=1 check

# Each fuzz_x.c is linked with the library; a folder's dir.mk may add objects:
# $(B)/tests/fuzz/fuzz_x: $(B)/login/imap.o
FUZZERS = $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_SECONDS ?= 5
fuzz:
	$(MAKE) FUZZ=1 WERROR=-Werror fuzz-run
fuzzers: $(FUZZERS:%=$(B)/tests/fuzz/%)
fuzz-run: $(FUZZERS:%=fuzz-run-%)
fuzz-run-%: $(B)/tests/fuzz/%
	@tests/lib/fuzz-one $< $(FUZZ_SECONDS)
$(FUZZERS:%=$(B)/tests/fuzz/%): $(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o \
    $(B)/libfacteur.a
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o,$^) \
		$(B)/libfacteur.a $(LIBS)

check-system: programs
	tests/run-system --build $(B) $(if $(ONLY),--only $(ONLY))
# The sanitized daemons too: they end without giving back their memory, so leaks
# are looked for in the unit tests only.
check-long: programs analyze
	tests/run-system --build $(B) --long $(if $(ONLY),--only $(ONLY))
	$(MAKE) check-system-asan
check-system-asan:
	$(MAKE) SAN=1 programs
	ASAN_OPTIONS=detect_leaks=0 tests/run-system --build build/asan \
		--slow 4 $(if $(ONLY),--only $(ONLY))

lint:
	tests/lint/run
analyze: config.mk
	tests/lint/analyze --build $(B) $(if $(ONLY),--only $(ONLY)) -- \
		$(STD) $(WARN)

bench: programs
	tests/bench/run --build $(B)

.PHONY: check check-asan check-system-asan fuzz fuzzers fuzz-run check-system check-long lint \
	analyze bench
.PRECIOUS: $(B)/tests/fuzz/%
