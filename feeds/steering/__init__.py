"""What viewers say they want: rules in plain words, signals, interests, and what posts are about."""
