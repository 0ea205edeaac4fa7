"""What is owed for payments that were taken back.

Owns `promo_debt_settlement`. What was taken is told by banks (`topups`); here two people end what no bank brings again.
"""
