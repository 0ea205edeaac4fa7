"""What people find when they open the app, and which mail they do not want.

Owns notification and mail_suppression. Invariants: one notification for each cause; a person who unsubscribed gets no
mail of that kind.
"""
