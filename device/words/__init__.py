"""Every word that a parent reads: one file a language, all of one shape."""

from .en import EN
from .shape import Words

__all__ = ["EN", "LANGUAGES", "Words"]

LANGUAGES = {"en": EN}
"""By the code in the configuration; each is one file and one line here."""
