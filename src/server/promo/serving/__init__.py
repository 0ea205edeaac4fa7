"""Which sponsored listings a search shows.

Promises: nothing is shown that its campaign could not pay for as far as is known, no place shows more than its policy
admits, and a day's budget follows the day's traffic.
"""
