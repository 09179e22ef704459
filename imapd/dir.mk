$(eval $(call daemon,imapd))
$(B)/tests/fuzz/fuzz_park_state: $(B)/imapd/park_state.o
$(B)/tests/fuzz/fuzz_visit_parse: $(B)/imapd/visit_parse.o
