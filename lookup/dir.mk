$(eval $(call daemon,lookup))
