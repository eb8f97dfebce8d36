"""Figures, each made of numbers or maps that are there already."""
