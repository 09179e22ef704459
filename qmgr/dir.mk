$(eval $(call daemon,qmgr))
