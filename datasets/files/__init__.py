"""Original files: where they come from, how they are fetched, and how they are told from others."""
