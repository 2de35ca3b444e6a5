"""What can be had where and by when; and orders taken in, or refused with a reason."""
