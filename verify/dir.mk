$(eval $(call daemon,verify))
