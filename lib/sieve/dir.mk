$(eval $(call library,sieve))
