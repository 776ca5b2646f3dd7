"""`python -m device` is `pump-companion`."""

from .cli import main

main()
