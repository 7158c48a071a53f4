"""`python -m penstock.cli` is the `penstock` command."""

import sys

from penstock.cli.main import main

sys.exit(main())
