"""The app's own themes: calm, one colour for what has the focus, one for keys, grey for the rest.

Every text stands out from what it is on by 4.5 or more (WCAG 2 AA).
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="deepnet-dark",
    primary="#6ea8e4",
    secondary="#8d9fc0",
    accent="#e5b567",
    foreground="#d5dae3",
    background="#12161d",
    surface="#171c25",
    panel="#202733",
    success="#8fc28a",
    warning="#e5b567",
    error="#ec8b90",
    dark=True,
    variables={
        "border": "#6ea8e4",
        "border-blurred": "#333e4d",
        "footer-key-foreground": "#e5b567",
        "scrollbar": "#3a4757",
        "scrollbar-hover": "#4d5d70",
        "scrollbar-background": "#171c25",
        "scrollbar-background-hover": "#171c25",
        "scrollbar-background-active": "#171c25",
    },
)
LIGHT = Theme(
    name="deepnet-light",
    primary="#0060ac",
    secondary="#4c6079",
    accent="#8a4b00",
    foreground="#1f2733",
    background="#fbfbf9",
    surface="#f3f4f2",
    panel="#e6e9ec",
    success="#2c6e31",
    warning="#8a4b00",
    error="#b3261e",
    dark=False,
    variables={
        "border": "#0060ac",
        "border-blurred": "#c3cad2",
        "footer-key-foreground": "#8a4b00",
        "scrollbar": "#b5bfc9",
        "scrollbar-hover": "#94a1ae",
        "scrollbar-background": "#eef0f1",
        "scrollbar-background-hover": "#eef0f1",
        "scrollbar-background-active": "#eef0f1",
    },
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
DEFAULT = DARK.name
FORMER_NAMES = {"deepnet": DARK.name}  # up to 0.2
