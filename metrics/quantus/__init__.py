"""The metrics of Quantus, each declared by us and called within a guard against its known faults."""
