"""What card banks say of charges, and what is said to them.

Owns `processor_dispute`. Its status is the processor's word; Booking tells of it in the transaction in which the
order's money moves. A dispute is answered once, by what a person has read.
"""
