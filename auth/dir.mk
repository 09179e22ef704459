$(eval $(call daemon,auth))
