"""The cards with which buyers pay. They belong to payments, which holds them for every slice; here buyers reach
them.
"""
