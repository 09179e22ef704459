$(eval $(call library,milter))
