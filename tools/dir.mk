# Each tools/NAME.c is the program build/bin/NAME
TOOLS = $(patsubst tools/%.c,%,$(sort $(wildcard tools/*.c)))
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

# Names that are links to one program, told apart by argv[0]
PROGS_LINKS = $(if $(filter sendmail,$(TOOLS)),mailq newaliases) \
	$(if $(filter facteur,$(TOOLS)),postfix)
programs: $(PROGS_LINKS:%=$(B)/bin/%)
$(patsubst %,$(B)/bin/%,$(filter mailq newaliases,$(PROGS_LINKS))): \
    $(B)/bin/sendmail
	@ln -sfn sendmail $@
$(patsubst %,$(B)/bin/%,$(filter postfix,$(PROGS_LINKS))): $(B)/bin/facteur
	@ln -sfn facteur $@
