"""Screens and keys: which question is asked, what a button does, what a screen shows."""
