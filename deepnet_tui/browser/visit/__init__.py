"""The process of one visitor: the app, confined to a folder. `python -m deepnet_tui.browser.visit` starts it."""
