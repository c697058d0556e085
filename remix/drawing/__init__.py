"""A picture of a lineage: `choosing` says what is in it, `layout` where it stands, `svg` how it looks."""
