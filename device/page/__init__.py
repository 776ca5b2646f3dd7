"""Our own dashboard over HTTP, and where its files lie."""
