"""What the parties of an order disagree about: statements, the review, decisions by two people, and chargebacks.

An order is disputed exactly while one of its disputes is open. A decision pays through the order's balance and ends the
order; a dispute that is withdrawn, or a chargeback that is won, leads the order back to where it was.
"""
