$(eval $(call daemon,auth))
$(B)/tests/fuzz/fuzz_claims: $(B)/auth/claims.o
