"""How calls come in: layers around every handler, the mapping of failures to statuses, authentication, and the
server.
"""
