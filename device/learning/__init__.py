"""What `learn` makes of a minute of a pump's signal: what it is, in words, and the settings for it. Pure."""
