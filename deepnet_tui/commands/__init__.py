"""Every command and view of the app, once: bindings, footer, help, palette and docs/keys.md are made from here."""
