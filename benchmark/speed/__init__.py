"""Ratios that say how fast salbench is on a machine, and what a large store costs."""
