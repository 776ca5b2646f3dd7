"""What `setup` asks: the questions in their order, what an answer means, and the header as a picture of text."""
