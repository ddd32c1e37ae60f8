"""Ask the world: the index, archives, uv, the cache."""
