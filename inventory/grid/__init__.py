"""Sheets as tables: which columns a person sees, in what order, and the rows as HTML.

Rows are built as text, not by template tags: a template spends 12 µs a cell, and a page may hold
ten thousand of them.
"""
