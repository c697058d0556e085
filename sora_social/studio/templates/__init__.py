"""Templates: posts whose recipe has named slots, for others to make the same with their own words and faces."""
