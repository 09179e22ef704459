$(eval $(call daemon,smtp))
# the fuzz target brings its own dial_start()
$(B)/tests/fuzz/fuzz_smtp_client: \
	$(filter-out $(B)/smtp/main.o,$(call objects,smtp))
