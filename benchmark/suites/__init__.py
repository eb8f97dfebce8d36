"""One file for each suite; every file defines SUITE and is found by itself."""
