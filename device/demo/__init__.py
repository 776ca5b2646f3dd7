"""The demo: the daemon with everything that it needs around it made up, and a page to press its buttons on.

Nothing here is run by the device itself.
"""
