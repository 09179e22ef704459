$(eval $(call program,webmail-cgi,bin/webmail.cgi))
$(B)/tests/fuzz/fuzz_request: $(B)/webmail-cgi/request.o \
	$(B)/webmail-cgi/request_pack.o
$(B)/tests/fuzz/fuzz_imap_value: $(B)/webmail-cgi/imap_value.o
