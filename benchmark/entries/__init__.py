"""One file for each training method; every file defines ENTRIES and is found by itself."""
