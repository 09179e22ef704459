$(eval $(call library,ipc))
