"""Screens and keys: which question is asked, what a button does, what a screen shows."""

from . import amounts, idle, questions, records, running
from .flow import SCREENS

SCREENS.update(idle.ROWS | questions.ROWS | running.ROWS | amounts.ROWS | records.ROWS)

__all__ = ["SCREENS"]
