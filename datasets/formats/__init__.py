"""Formats in which original data come, each read by as much code as it needs; pickles are never unpickled."""
