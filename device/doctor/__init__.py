"""`doctor`: every wire, link and file looked at, live and also beside a running daemon; how it is, and what to do."""
