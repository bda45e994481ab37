"""Comparing groups and items: tables, tests, contrasts, and families of them."""
