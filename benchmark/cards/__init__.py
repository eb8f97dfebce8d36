"""Metric cards, and the measured distance between the controls that they state."""
