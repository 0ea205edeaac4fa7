"""What happens between the confirmation and the payout: check-in, delivery, changes, completion, milestones, and what
is paid on top or given back by agreement.
"""
