"""Who works here: let in, planned for, missed, and told what is recorded about them."""
