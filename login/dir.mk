$(eval $(call daemon,login))
$(B)/tests/fuzz/fuzz_imap_command: $(B)/login/imap_command.o
