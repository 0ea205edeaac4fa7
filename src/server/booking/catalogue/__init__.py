"""What providers offer: service profiles, their packages, and the rates of what is added to a booking.

Owns booking.service_profile, booking.package and booking.rate. Invariants: everything belongs to one provider; what is
no longer offered is retired, never deleted, since orders name it.
"""
