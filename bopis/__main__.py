"""``python -m bopis`` is ``bopis``."""

import sys

try:
    from bopis.cli import main

    status = main()
except KeyboardInterrupt:  # while we were still being read
    status = 130
sys.exit(status)
