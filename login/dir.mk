$(eval $(call daemon,login))
