"""Junctions beside each other: two mechanisms of torque, and the table of materials."""
