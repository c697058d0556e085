"""What waits for a person to read it."""
