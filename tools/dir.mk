# Each tools/NAME.c is the program build/bin/NAME
TOOLS = $(patsubst tools/%.c,%,$(sort $(wildcard tools/*.c)))
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

# qshape and facteur read the queue as postqueue does
$(B)/bin/qshape $(B)/bin/facteur: $(call objects,tools/postqueue)

$(B)/bin/postsuper: $(call objects,tools/postsuper)

# tests/tools/test_NAME.c runs build/bin/NAME, found by its own place
TESTS += $(call unit_tests,tools)
$(foreach t,$(TOOLS),$(eval $(B)/tests/tools/test_$(t): | $(B)/bin/$(t)))

# Names that are links to one program, told apart by argv[0]
PROGS_LINKS = $(if $(filter sendmail,$(TOOLS)),mailq newaliases) \
	$(if $(filter facteur,$(TOOLS)),postfix vacation)
programs: $(PROGS_LINKS:%=$(B)/bin/%)
$(patsubst %,$(B)/bin/%,$(filter mailq newaliases,$(PROGS_LINKS))): \
    $(B)/bin/sendmail
	@ln -sfn sendmail $@
$(patsubst %,$(B)/bin/%,$(filter postfix vacation,$(PROGS_LINKS))): $(B)/bin/facteur
	@ln -sfn facteur $@

# The parsers of formail are tested by themselves too
$(B)/tests/tools/test_formail $(B)/tests/fuzz/fuzz_formail: \
    $(call objects,tools/formail)
