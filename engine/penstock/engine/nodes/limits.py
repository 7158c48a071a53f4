"""Bounds on what a package may be and on how long it may take to load, with their reasons."""

from __future__ import annotations

FILES_MAX = 2_000
"""Files of one package. A package is code and small data, not a data set."""

UNPACKED_BYTES_MAX = 64 * 1024 * 1024
"""All files of one package together: four times the largest archive, so that a small archive cannot fill the disk."""

NAME_BYTES_MAX = 255
PATH_BYTES_MAX = 1_024
"""One name and one relative path: what file systems take, with room for the folder that packages are kept in."""

IMPORT_S_MAX = 60.0
"""One import of a package's code: room for heavy libraries on a cold disk."""

PROTOC_S_MAX = 60.0
"""One run of the proto compiler: hundreds of files take less than a second."""

MESSAGE_DEPTH_MAX = 100
"""Levels of nested messages: protobuf's own parser refuses more."""

TIMEOUT_S_MIN = 0.001
"""Shortest timeout of a node: anything less is a slip of the unit."""

ATTEMPTS_MAX = 100
"""Attempts of one node in one execution: what fails a hundred times is no passing trouble."""

BACKOFF_S_MAX = 24 * 3600.0
"""Longest wait between two attempts: as long as an attempt may take."""

MULTIPLIER_MAX = 100.0
"""What a wait may be multiplied by: two steps from a second to the longest wait."""

RETRY_ON_MAX = 50
SECRETS_MAX = 50
SIGNALS_MAX = 50
"""Codes that are tried again, secrets and signals of one node: as many as a person keeps in mind."""
