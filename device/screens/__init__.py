"""Pictures of the screens, and their words: a view in, 128×64 one-bit pixels or one line of text out.

Pure: the same view is always the same picture.
"""

from .pictures import draw
from .speech import words

__all__ = ["draw", "words"]
