"""What a post is about, from its words: the vocabulary and its classifier."""
