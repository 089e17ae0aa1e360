"""Spin transport through the junction: Eqs. 1-8 of the Letter, worked out in closed form."""
