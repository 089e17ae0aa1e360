"""The panels around the views: the form of the setup, the runs, notes and help."""
