"""The app in a browser: each visitor has a process, a folder and a run store of their own. It needs the extra `web`."""
