$(eval $(call daemon,bounce))
