"""What leaves for a shopper: how it is put in line, and whether it is still true when it goes."""
