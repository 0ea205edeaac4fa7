"""Who brought whom, and what they get for it.

Owns referral_program, referral_invite, referral_signal, referral_assessment and referral_award_month. Invariants: an
address, a device or a card is kept only as a keyed hash; an invitation is rewarded once, and an inviter at most their
cap a month; every decision stands beside the inputs it was made from.
"""
