$(eval $(call library,rules))
