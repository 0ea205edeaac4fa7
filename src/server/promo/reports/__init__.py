"""What campaigns did: by the hour and by the day of their own zone, with the orders that followed from clicks.

Reads the stream's rollups, and owns promo_attributed_order. Rollups are by quarters of an hour, since there are zones
at :30 and :45; what is given back later is read from the ledger, where the day that it belongs to does not change.
"""
