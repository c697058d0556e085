"""How posts and people are found outside the feed: search, challenges, leaderboards, an author's reach."""
