"""The hourly pass: what the stream could not know at the moment of a click is found a few hours later, and given back.

Owns promo_late_pass: how far each rule has looked. What is found again is given back once, so that a pass may die
anywhere.
"""
