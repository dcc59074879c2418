"""What can be promised, from where and by when."""
