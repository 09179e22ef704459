$(eval $(call daemon,deliver))
$(B)/tests/fuzz/fuzz_forward: $(filter-out $(B)/deliver/main.o,$(call objects,deliver))
