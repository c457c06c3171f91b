"""Kills at random moments: `make faults`."""
