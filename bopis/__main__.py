"""``python -m bopis`` is ``bopis``."""

import sys

from bopis.cli import main

sys.exit(main())
