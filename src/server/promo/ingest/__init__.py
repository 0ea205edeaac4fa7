"""From what a viewer did to a durable record of the click log.

An event is judged by itself (`reading.py`): its fields, its id's time, its token. What cannot be asked again later is
written down with it: when it came, what kind of network and agent it came from, whether it came from the campaign's own
advertiser. Then the address is forgotten. Events of one partition share records (`appending.py`), and nobody is told
that an event was taken before it is durable. Where the log has no room, or its reader is too far behind, events are
refused and memory stays flat.
"""
