"""Guidance, each rule with its source: pure functions over records."""
