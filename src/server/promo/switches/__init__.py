"""Switches that stop charging at once, wherever clicks come from.

Owns promo_switchboard and promo_switch_event. A change reaches every partition of the click log, as the whole board,
and is in force for the clicks behind it there.
"""
