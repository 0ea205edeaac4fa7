"""The HTTP gateway, from outside: its binary before a fake server and before the real one."""
