$(eval $(call daemon,resolver))
