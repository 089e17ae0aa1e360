"""`python -m smtj_engine` is the command line without the window."""

import sys

from smtj_engine.cli import main

sys.exit(main())
