"""A leaderboard as a folder of static files: one page that opens from disk, without a server or a network."""
