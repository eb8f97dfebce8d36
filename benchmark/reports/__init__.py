"""What the commands show: plans, progress and results in a terminal, and the page that opens from disk."""
