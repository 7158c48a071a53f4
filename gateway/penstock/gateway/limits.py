"""Every bound of the gateway, with its reason."""

from __future__ import annotations

BODY_BYTES_MAX = 32 * 1024 * 1024
"""One request body, after decompression. It is held in memory whole while its JSON is read."""

PART_BYTES_MAX = 4 * 1024 * 1024
"""Content that is asked of the engine at once: the most that it gives."""

BODY_TIMEOUT_S = 120.0
"""Longest time for a request body to arrive: the largest one at 1 Mbit/s. A half-sent one ends then."""

HEADER_BYTES_MAX = 8 * 1024
"""One line of a request's head. Keys and traces take a few hundred bytes."""

HEADERS_MAX = 128
"""Headers of one request."""

HEAD_BYTES_MAX = 64 * 1024
"""All of a request's head that comes in pieces: a client holds that much and one piece more before it is heard."""

HEAD_TIMEOUT_S = 10.0
"""How long a head may take: the first one from the connection on, others from their first byte. It is one packet."""

CONNECTIONS_MAX = 10_000
"""Connections of one process, where nobody says otherwise: a quiet one takes some 20 KB."""

HANDSHAKES_MAX = 1_000
"""Connections on which TLS shakes hands at once: a handshake takes about a millisecond, with a slow client a second."""

HANDSHAKE_TIMEOUT_S = 10.0
"""How long a handshake may take."""

KEY_STREAMS_MAX = 10_000
"""Event streams of one key that are open in one process: as many as executions may run."""

IDLE_S = 620.0
"""How long a connection may be without a whole request before it is dropped: longer than load balancers keep theirs, or
they would send a request into one that is being closed."""

CONNECTIONS_WAITING_MAX = 1024
"""Connections that wait to be taken. One that finds no room is tried again after a second; a pool of clients that
starts up opens hundreds at once."""

KEEP_ALIVE_S = 15.0
"""Silence on an event stream after which a comment is sent: proxies commonly drop connections after 30 s or 60 s."""

SEND_TIMEOUT_S = 120.0
"""How long a reader may take nothing of what waits for it before its connection is dropped."""

SEND_BYTES_MIN = 64 * 1024
"""What a reader takes at least of it in that time, or takes nothing: about 4 kbit/s. That much waits per connection."""

STOP_TIMEOUT_S = 10.0
"""How long a stop waits for requests that are being answered: what `penstock dev` gives them."""

ARTIFACTS_MAX = 512
"""Artifacts whose JSON codecs are kept; each is some 15 to 200 KB of descriptors and compiled functions."""

DOCUMENT_BYTES_MAX = 16 * 1024 * 1024
"""Documents of artifacts that are kept, all of them together; one is mostly 1 to 50 KB."""

HEADER_VALUES_MAX = 256
"""Different Accept and Content-Type values whose meaning is remembered; clients use a handful."""

RECONNECT_S_FIRST = 0.1
RECONNECT_S_MAX = 2.0
"""Pauses between tries to reach an engine that is away. Short: one that is started again is ready within seconds."""

ENGINE_SILENCE_S = 10.0
"""Silence after which the engine is asked whether it is there, and the time that it has to say so."""

READY_TIMEOUT_S = 3.0
"""How long the engine may take to say that it is ready: those who watch a process wait little longer."""

NEIGHBOUR_TIMEOUT_S = 1.0
"""How long another process of the server may take to give its metrics: Prometheus waits 10 s for all of them."""

KEYS_MAX = 10_000
"""Keys of which a gateway apart remembers whose they are; each is a few hundred bytes."""

KEY_LIFE_S = 5.0
"""How long it does. The engine is shown the key with each call all the same."""

ALIAS_LIFE_S = 1.0
"""How long after another process moved an alias a gateway apart may still follow the old one. The engine's own word."""

SDK_PROCESSES_MAX = 2
"""Clients that are being written at once; each takes a core for a second or more, and 100 MB."""

SDK_TIMEOUT_S = 60.0
"""How long the writing of one may take: one with 500 fields takes some 3 s on a slow machine."""

SDK_BYTES_MAX = 16 * 1024 * 1024
"""Archives of clients that are kept; each is some 50 to 500 KB."""
