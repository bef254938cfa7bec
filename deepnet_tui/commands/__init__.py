"""What the user can do: the registries of commands and views, key names, and the manual page of keys."""
