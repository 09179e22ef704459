$(eval $(call daemon,smtpd))
$(B)/tests/fuzz/fuzz_smtpd: $(filter-out $(B)/smtpd/main.o,$(call objects,smtpd))
$(B)/tests/fuzz/fuzz_dnsbl: $(B)/smtpd/dnsbl.o
$(B)/tests/fuzz/fuzz_policy_reply: $(B)/smtpd/policy_reply.o
$(patsubst %,$(B)/tests/%,$(call unit_tests,smtpd)): $(B)/tests/smtpd/world.o $(B)/tests/smtpd/fakes.o
$(B)/tests/fuzz/fuzz_grey_key: $(B)/smtpd/grey_key.o
