"""The view Runs: the runs that were kept, compared with the present one."""
