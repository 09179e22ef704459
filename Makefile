# Makefile - builds everything from here; no folder has a make of its own
#
# Each folder has a dir.mk of a few lines. config.mk comes from ./configure.
# SAN=1 builds with ASan and UBSan, FUZZ=1 with clang for libFuzzer; both under
# a folder of their own.

ifneq ($(filter clean lint,$(MAKECMDGOALS)),$(MAKECMDGOALS))
include config.mk
else
-include config.mk
endif

B ?= build
# V=1 shows each command
Q = $(if $(V),,@echo "  $(@:$(B)/%=%)";)
SAN_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer -DFACTEUR_SANITIZED=1
ifeq ($(SAN),1)
B     := build/asan
EXTRA  = $(SAN_FLAGS)
endif
ifeq ($(FUZZ),1)
B     := build/fuzz
CC    := clang
EXTRA  = $(SAN_FLAGS) -fsanitize=fuzzer-no-link
endif

STD   = -std=c17 -D_GNU_SOURCE -iquote lib -iquote . -iquote $(B)
WARN  = -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wformat=2 -Wvla -Wundef -Wcast-qual -Wwrite-strings -Wpointer-arith \
	-Wswitch-enum -Wimplicit-fallthrough $(WERROR)
HARD  = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection $(CF_PROTECTION) -fPIE
ifneq ($(EXTRA),)
HARD  = -fPIE
endif
LINK  = $(CC) $(CFLAGS) $(EXTRA) $(LDFLAGS) -pie -Wl,-z,relro,-z,now \
	-Wl,--as-needed -Wl,--gc-sections

LIBS_DIRS = base os ipc config maps message wire tls dns sasl mailbox queue \
	route service calls rules
DAEMONS   = master smtpd smtp qmgr pickup bounce lookup resolver deliver auth \
	keys connector login imapd pop3d
LIBOBJ    =
PROGS     =
TESTS     =
TEST_PROGS =

objects = $(patsubst %.c,$(B)/%.o,$(sort $(wildcard $(1)/*.c)))
# $(call daemon,NAME): a folder that is one program, build/libexec/NAME
define daemon
PROGS += $(B)/libexec/$(1)
$(B)/libexec/$(1): $(call objects,$(1)) $(B)/libfacteur.a
$(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/$(1)/test_*.c)): \
	$(filter-out $(B)/$(1)/main.o,$(call objects,$(1)))
TESTS += $(patsubst tests/%.c,%,$(sort $(wildcard tests/$(1)/test_*.c)))
endef
# $(call library,NAME): a folder of lib/
define library
LIBOBJ += $(call objects,lib/$(1))
TESTS += $(patsubst tests/%.c,%,$(sort $(wildcard tests/$(1)/test_*.c)))
endef

all: programs
include $(wildcard $(LIBS_DIRS:%=lib/%/dir.mk) $(DAEMONS:%=%/dir.mk) \
	tools/dir.mk webmail-cgi/dir.mk tests/dir.mk man/dir.mk etc/dir.mk)

programs: $(PROGS)

$(B)/%.o: %.c config.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) $(CPPFLAGS) $(CFLAGS) $(EXTRA) $(HARD) \
		-ffunction-sections -fdata-sections -MMD -MP -c -o $@ $<

$(B)/libfacteur.a: $(LIBOBJ)
	@rm -f $@
	$(Q)$(AR) rcsD $@ $^

$(PROGS):
	@mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(B)/libfacteur.a $(LIBS)

tests: $(TESTS:%=$(B)/tests/%)
$(B)/tests/%: $(B)/tests/%.o $(B)/libfacteur.a
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(B)/libfacteur.a $(CHECK_LIBS) $(LIBS)

# One folder's tests: make check-base
check-%:
	$(MAKE) check ONLY=$*/
check: $(patsubst %,$(B)/tests/%.ok,$(filter $(ONLY)%,$(TESTS)))
$(B)/tests/%.ok: $(B)/tests/%
	@cd . && CK_FORK=$${CK_FORK-yes} $< && touch $@

config.mk: config.mk.in
	@if [ -x config.status ]; then ./config.status config.mk; else \
	echo "run ./configure first (autoconf makes it from configure.ac)"; \
	false; fi

clean:
	rm -rf build

.PHONY: all programs tests check clean
.PRECIOUS: $(B)/%.o $(B)/tests/%
-include $(shell find $(B) -name '*.d' 2>/dev/null)
