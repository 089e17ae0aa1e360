"""Fits of the transport model to measured curves: model, least squares (lmfit, imported late), report."""
