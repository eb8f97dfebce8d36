"""How a plan is run: task by task in this process, in several, or on a Ray cluster, with the same numbers."""
