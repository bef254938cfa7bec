"""The commands, one file each; `deepnet_tui.cli.registry` names them."""
