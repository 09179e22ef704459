$(eval $(call daemon,smtp))
# the fuzz target brings its own smtp/dial.c
$(B)/tests/fuzz/fuzz_smtp_client: \
	$(filter-out $(B)/smtp/main.o $(B)/smtp/dial.o,$(call objects,smtp))
