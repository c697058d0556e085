"""The scroll session: what is counted, the cards that offer something to make, the pause, limits and quiet hours."""
