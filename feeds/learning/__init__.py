"""The ranker's models: learned from the impression log, promoted, rolled back, served."""
