"""Motor edges and the pump's lines become a session's begin, pauses and end."""
