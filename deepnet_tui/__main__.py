"""`python -m deepnet_tui` is `deepnet-tui`."""

import sys

from deepnet_tui.cli import main

sys.exit(main())
