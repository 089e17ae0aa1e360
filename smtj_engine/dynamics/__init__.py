"""Macrospin dynamics of the ferromagnet under the torque of the junction."""
