"""Every open order is looked at again and again, and nobody waits in silence."""
