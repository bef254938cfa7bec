"""What is searched: the range of every setting, as somebody wrote it or around the defaults."""
