"""Effective policy chains and their evaluation. Pure: no AWS, no database."""
