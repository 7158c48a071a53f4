"""What packages, nodes, secrets and signals may be called."""

from __future__ import annotations

NAME = "^[a-z][a-z0-9_]{0,62}$"
NAME_RULE = "a name of a-z, 0-9 and _, a letter first, at most 63 characters"
