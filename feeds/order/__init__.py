"""Which posts compete for a page, and in what order they come: sources, stages, snapshots, and why."""
