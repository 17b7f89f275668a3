"""A simulated company to look at: users, sample spreadsheet, collected accounts, half a year.

Only for `make demo`; no production settings install it.
"""
