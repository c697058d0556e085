"""Instructions in plain words: how they are heard, the rules they become, and what a rule does to a score."""
