# Makefile - builds everything from here; no folder has a make of its own
#
# Each folder has a dir.mk of a few lines; config.mk comes from ./configure.
# B=FOLDER builds somewhere else, V=1 shows each command, WERROR=-Werror as in
# the checks. SAN=1 builds with ASan and UBSan, FUZZ=1 with clang for libFuzzer,
# each in a folder of its own. `make help` lists the targets.

ifneq ($(filter clean distclean lint help,$(MAKECMDGOALS)),$(MAKECMDGOALS))
include config.mk
else
-include config.mk
endif

B ?= build
Q = $(if $(V),,@echo "  $(@:$(B)/%=%)";)
SAN_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer -DFACTEUR_SANITIZED=1 -O1 -g1
ifeq ($(SAN),1)
B     := build/asan
# gcc sees ghosts in instrumented code; the plain build has the warnings
EXTRA  = $(SAN_FLAGS) -Wno-maybe-uninitialized
endif
ifeq ($(FUZZ),1)
B     := build/fuzz
CC    := $(filter ccache,$(CC)) clang
EXTRA  = $(SAN_FLAGS) -fsanitize=fuzzer-no-link
endif

STD   = -std=c17 -D_GNU_SOURCE -iquote lib -iquote . -iquote $(B)
WARN  = -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wformat=2 -Wvla -Wundef -Wcast-qual -Wwrite-strings -Wpointer-arith \
	-Wswitch-enum -Wimplicit-fallthrough $(WERROR)
HARD  = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection $(CF_PROTECTION) -fPIE
# the sanitizers replace what the hardening would add
ifneq ($(EXTRA),)
HARD  = -fPIE
endif
COMPILE = $(CC) $(STD) $(WARN) $(CPPFLAGS) $(CFLAGS) $(EXTRA) $(HARD) \
	-ffunction-sections -fdata-sections
# --as-needed would drop libcrypt, whose names libasan has too
LINK  = $(CC) $(CFLAGS) $(EXTRA) $(LDFLAGS) -pie -Wl,-z,relro,-z,now \
	$(if $(EXTRA),,-Wl,--as-needed) -Wl,--gc-sections
# both have frexpl(): a program that needs nothing else of libm is not to wait for
# its loading
LIBS += -lc -lm

LIBS_DIRS = base os ipc config maps message wire tls dns sasl mailbox queue \
	route service calls rules sieve mauth milter intake
DAEMONS   = master smtpd smtp qmgr pickup bounce verify lookup resolver deliver auth \
	keys connector dbmap sts login imapd pop3d managesieve
LIBOBJ    =
PROGS     =
TESTS     =
MANPAGES  =

objects = $(patsubst %.c,$(B)/%.o,$(sort $(wildcard $(1)/*.c)))
unit_tests = $(patsubst tests/%.c,%,$(sort $(wildcard tests/$(1)/test_*.c)))
# $(call program,FOLDER,FILE): a folder that is one program, build/FILE; its
# unit tests are linked with all of it but main.o
define program
PROGS += $(if $(wildcard $(1)/main.c),$(B)/$(2))
$(B)/$(2): $(call objects,$(1)) $(B)/libfacteur.a
$(patsubst %,$(B)/tests/%,$(call unit_tests,$(1))): \
	$(filter-out $(B)/$(1)/main.o,$(call objects,$(1)))
TESTS += $(call unit_tests,$(1))
endef
# $(call daemon,NAME): build/libexec/NAME
daemon = $(call program,$(1),libexec/$(1))
# $(call tool,NAME): tools/NAME.c, and tools/NAME/*.c where one file is not
# enough, are build/bin/NAME
define tool
PROGS += $(B)/bin/$(1)
$(B)/bin/$(1): $(B)/tools/$(1).o $(call objects,tools/$(1)) $(B)/libfacteur.a
endef
# $(call library,NAME): a folder of lib/
define library
LIBOBJ += $(call objects,lib/$(1))
TESTS += $(call unit_tests,$(1))
endef

all: programs
include $(wildcard $(LIBS_DIRS:%=lib/%/dir.mk) $(DAEMONS:%=%/dir.mk) \
	tools/dir.mk webmail-cgi/dir.mk tests/dir.mk man/dir.mk etc/dir.mk)

programs: $(PROGS)

$(B)/%.o: %.c config.mk
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

$(B)/libfacteur.a: $(LIBOBJ)
	@rm -f $@
	$(Q)$(AR) rcsD $@ $^

$(PROGS):
	@mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(B)/libfacteur.a $(LIBS)

tests: $(TESTS:%=$(B)/tests/%)
$(B)/tests/%: $(B)/tests/%.o $(B)/libfacteur.a
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(B)/libfacteur.a $(CHECK_LIBS) $(LIBS)

config.mk: config.mk.in
	@if [ -x config.status ]; then ./config.status config.mk; else \
	echo "run ./configure first (autoconf makes it from configure.ac)"; \
	false; fi

# Programs by the place that Debian's administrators look in; a program that
# is named nowhere here goes to bin. Postdrop is the only one with a setgid
# bit, which the package sets, since only it knows the group.
SBIN    = facteur sendmail postfix postconf postmap postalias postcat \
	postqueue postsuper qshape webmail-config
LIBEXEC = postdrop
CGI     = webmail.cgi
built     = $(notdir $(filter $(B)/bin/%,$(PROGS)))
place     = $(INSTALL) -m $(1) $(2) $(DESTDIR)$(3)
INSTALL   = install
docdir    = $(datarootdir)/doc/facteur
INSTALL_IN = $(bindir) $(sbindir) $(libexecdir)/facteur $(prefix)/lib \
	$(prefix)/lib/cgi-bin/facteur $(sysconfdir)/facteur $(docdir)/examples
install: programs
	mkdir -p $(INSTALL_IN:%=$(DESTDIR)%)
	set -e; for p in $(filter $(B)/libexec/%,$(PROGS)) \
	    $(patsubst %,$(B)/bin/%,$(filter $(LIBEXEC),$(built))); do \
		$(call place,755,$$p,$(libexecdir)/facteur); done
	$(if $(PLUGIN_FILES),mkdir -p $(DESTDIR)$(libexecdir)/facteur/maps)
	set -e; for p in $(PLUGIN_FILES); do \
		$(call place,644,$$p,$(libexecdir)/facteur/maps); done
	set -e; for p in $(filter $(SBIN),$(built)); do \
		$(call place,755,$(B)/bin/$$p,$(sbindir)); done
	set -e; for p in $(filter $(CGI),$(built)); do \
		$(call place,755,$(B)/bin/$$p,$(prefix)/lib/cgi-bin/facteur); done
	set -e; for p in $(filter-out $(SBIN) $(LIBEXEC) $(CGI),$(built)); do \
		$(call place,755,$(B)/bin/$$p,$(bindir)); done
	set -e; $(foreach l,$(INSTALL_LINKS),$(call install_link,$(l));) :
	set -e; for f in $(filter etc/main.cf etc/master.cf,$(ETC)); do \
		d=$(DESTDIR)$(sysconfdir)/facteur/$${f##*/}; \
		[ -e $$d ] || $(INSTALL) -m 644 $$f $$d; done
	set -e; for f in $(filter-out etc/main.cf etc/master.cf,$(ETC)); do \
		$(call place,644,$$f,$(docdir)/examples); done
	set -e; for f in $(MANPAGES); do s=$${f##*.}; \
		mkdir -p $(DESTDIR)$(mandir)/man$${s%facteur}; \
		$(call place,644,$$f,$(mandir)/man$${s%facteur}); done
# Names that are links: FOLDER-VARIABLE/NAME=TARGET
INSTALL_LINKS = $(if $(filter sendmail,$(built)),bindir/mailq=sendmail \
	bindir/newaliases=sendmail libdir_fixed/sendmail=sendmail) \
	$(if $(filter facteur,$(built)),sbindir/postfix=facteur \
	bindir/vacation=facteur)
libdir_fixed = $(prefix)/lib
install_link = ln -sfn \
	$(if $(filter sbindir/%,$(1)),,../sbin/)$(lastword $(subst =, ,$(1))) \
	$(DESTDIR)$($(patsubst %/,%,$(dir $(1))))/$(firstword \
	$(subst =, ,$(notdir $(1))))
ETC = $(sort $(filter-out %.mk,$(wildcard etc/*.* etc/*)))

help:
	@echo 'make             everything, into build/libexec and build/bin'
	@echo 'make check       unit tests; make check-FOLDER only those of one'
	@echo 'make check-asan  the same with ASan and UBSan'
	@echo 'make fuzz        every fuzz target for FUZZ_SECONDS (5)'
	@echo 'make lint        layers, sizes, forbidden calls, format, cppcheck'
	@echo 'make check-system  the whole suite on loopback (needs root)'
	@echo 'make check-system-asan  the same with the sanitized programs'
	@echo 'make check-long  all system tests, sanitized too, and analyze'
	@echo 'make analyze     gcc -fanalyzer and clang-tidy over the tree'
	@echo 'make bench       some of tests/bench against this build'
	@echo 'make install     with DESTDIR=, places as ./configure was told'

# for the lint scripts
print-flags:
	@echo '$(STD) $(WARN) $(CPPFLAGS)'
print-programs:
	@echo $(filter-out %.cgi,$(notdir $(PROGS))) $(PROGS_LINKS)

clean:
	rm -rf build
distclean: clean
	rm -rf autom4te.cache config.log config.status config.mk configure

.PHONY: all programs tests install help print-flags print-programs clean \
	distclean
.PRECIOUS: $(B)/%.o $(B)/tests/%
-include $(shell find $(B) -name '*.d' 2>/dev/null)
