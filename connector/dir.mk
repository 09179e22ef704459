$(eval $(call daemon,connector))
