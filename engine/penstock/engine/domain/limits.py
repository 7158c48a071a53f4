"""Every bound of the engine, with its reason."""

from __future__ import annotations

PAYLOAD_BYTES_MAX = 4 * 1024 * 1024
"""One message. gRPC's own default; larger data belongs in a store that the message points to."""

ARCHIVE_BYTES_MAX = 16 * 1024 * 1024
"""One package. A package is code and small data; it is kept in the database for as long as an artifact uses it."""

REQUEST_BYTES_MAX = 32 * 1024 * 1024
"""One request: a package archive in base64 and room around it."""

NODES_MAX = 1_000
"""Placed nodes in a flow. A person cannot read more, and an index fits in a smallint."""

EDGES_MAX = 5_000
"""Edges in a flow."""

EVENTS_MAX = 1_000_000
"""Events of one execution, so that resume and export stay bounded. The execution fails beyond it."""

GRPC_STREAMS_MAX = 10_000
"""Calls of one gRPC connection at once: as many as executions may run. A client lets more wait by itself."""

CONNECTIONS_MAX = 10_000
"""gRPC connections of one process, where nobody says otherwise."""

GRPC_CALLS_MAX = 20_000
"""Calls of one process at once, whoever makes them: two such connections. A stream that waits takes some 40 KB."""

KEYLESS_CALLS_MAX = 500
"""Calls at once of one method that needs no key: who watches the health of a server, and gateways apart."""

KEYLESS_MESSAGE_TIMEOUT_S = 10.0
"""How long the message of such a call may take to arrive: it is a few bytes."""

MESSAGE_TIMEOUT_S = 120.0
"""How long the first message of a call with a key may take: what the gateway gives a request body."""

HANDSHAKE_TIMEOUT_S = 10.0
"""How long TLS and HTTP/2 may take to begin on a gRPC connection."""

GRPC_IDLE_S = 620.0
"""How long a gRPC connection may be without a call: as long as one of the gateway. Clients open another one."""

METADATA_BYTES_MAX = 8 * 1024
"""Metadata of one gRPC call. gRPC's own default, and what the gateway takes of one header."""

RELAY_CALLS_MAX = 100_000
"""Calls of one gateway at once: as many as executions may wait. Each costs a task and its request."""

ALIASES_MAX = 100
"""Aliases of one flow: names for people."""

ALIAS_TARGETS_MAX = 10
"""Artifacts that one alias stands for: the weights of more would say nothing."""

LABELS_MAX = 64
"""Labels of one execution: they are read with each row of a list."""

REQUEST_ID_LENGTH_MAX = 128
"""Characters of an idempotency key: room for a UUID with a prefix."""

REQUEST_ID_LIFE_S = 24 * 3600
"""How long a request id is remembered: longer than any client retries."""

REASON_LENGTH_MAX = 1_024
"""Characters of a cancel reason."""

FAILURE_MESSAGE_LENGTH_MAX = 4_096
"""Characters of a failure's message: it is read with each row of a list."""

TRACEBACK_LENGTH_MAX = 16_384
"""Characters of a traceback: the newest frames of a recursion say enough."""

WAIT_SECONDS_DEFAULT = 30.0
WAIT_SECONDS_MAX = 3_600.0
"""Longest wait of one call; the execution goes on after it."""

NODE_TIMEOUT_S_DEFAULT = 300.0
NODE_TIMEOUT_S_MAX = 24 * 3600.0
"""One attempt of a node."""

RUNNING_MAX = 10_000
"""Executions that one process drives at once; more are QUEUED. Each costs a task and its input."""

QUEUED_MAX = 100_000
"""Executions that wait in one process for a place; beyond it invocations are refused."""

TAKEOVERS_MAX = 50
"""Take-overs of one execution without progress. A node that kills its process would otherwise do so for ever."""

FRAMES_UNCOMMITTED_MAX = 128
"""Frames that a generator may be ahead of their commit: enough to fill a group commit."""

FRAMES_UNCOMMITTED_BYTES_MAX = 8 * 1024 * 1024
"""The same in bytes, for large frames: two of the largest messages."""

FRAMES_BETWEEN_MAX = 8
"""Frames that a pipeline node may be ahead of the next one that takes them: enough to take turns less often."""

FRAMES_UNREAD_MAX = 256
"""Frames that a generator may be ahead of the caller that streams them, before it is made to wait."""

EVENTS_TAIL = 512
"""Newest events that a watched execution keeps in memory; a slower reader reads the database."""

GROUP_RECORDS_MAX = 2_000
"""Rows of one journal transaction, so that a burst does not make everybody wait for it."""

GROUP_BYTES_MAX = 16 * 1024 * 1024
"""Payloads of one journal transaction. Postgres takes no message beyond 1 GiB, and everybody waits for a long one."""

CLAIM_LOT = 500
"""Executions that are taken over in one statement."""

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 1_000
"""Items of one page of a list."""

THREADS_MAX = 64
"""Plain functions that run at once. Those that were given up (timed out, cancelled) do not count."""

PROGRAMS_MAX = 1_000
"""Artifacts kept ready to run in one process; the least recently used one is loaded again when needed."""

CONFIGS_MAX = 1_000
"""Config profiles of one account."""

CONFIG_VALUES_BYTES_MAX = 64 * 1024
"""The values of one config profile as JSON: they are kept with each execution that they apply to."""

CONFIG_DESCRIPTION_LENGTH_MAX = 1_024
"""Characters of what a profile says of itself."""

BUDGETS_MAX = 100
"""Budgets of one account: what was spent of each is added up again whenever something was used."""

BUDGET_DESCRIPTION_LENGTH_MAX = 1_024
"""Characters of what a budget says of itself."""

SECRETS_MAX = 1_000
"""Secrets of one account."""

SECRET_LENGTH_MIN = 4
"""Characters of a secret. A shorter one cannot be told from other text, so it could not be hidden in it."""

SECRET_BYTES_MAX = 16 * 1024
"""One secret: room for keys and certificates."""

CACHE_SWEEP_LOT = 1_000
"""Cached outputs that expired and are removed in one statement."""

SIGNALS_MAX = 10_000
"""Signals of one execution: they are kept in memory while it runs."""

REPORTS_EVENTS_MAX = 900_000
"""Events of an execution up to which what its nodes log is kept: the rest is for what must not be lost."""

MAP_ITEMS_MAX = 100_000
"""Items of one map: each is an event, and its result is kept in memory until the last one."""

ATTEMPTS_MAX = 100
"""Attempts of one node."""

DEPTH_MAX = 32
"""Executions above an execution: a flow that calls itself ends there."""

POLICIES_MAX = 500
"""Policies of one account: each node that starts may be looked at by all of them."""

POLICY_VERSIONS_MAX = 1_000
"""Versions of one policy that stay readable: more than people make in years."""

POLICY_TEXT_LENGTH_MAX = 1_024
"""Characters of what a policy says of itself, of why it blocks, and of what it asks: they are in each decision."""

POLICY_WHEN_LENGTH_MAX = 4_096
"""Characters of the rule of a policy: a longer one is a program."""

POLICY_FIELDS_MAX = 100
"""Paths of fields that one policy empties."""

POLICY_PRIORITY_MAX = 1_000_000
"""Largest number of a policy's place: room for gaps between any two."""

METRIC_FLOWS_MAX = 100
METRIC_NODES_MAX = 500
"""Flows and nodes that metrics name. The others count as one: whoever keeps metrics pays for each name."""

READY_TIMEOUT_S = 2.0
"""How long the database may take to answer whoever asks whether the process is ready: they wait little longer."""

TRACEPARENT_LENGTH_MAX = 512
"""Characters of what a caller says of its own trace: 55 today, and room for what later versions add."""

TRACES_WAITING_MAX = 1_000
"""Executions that ended and whose trace was not made yet. More are left out: traces must not slow executions."""

TRACE_SPANS_MAX = 1_000
"""Spans of one trace: whatever draws them draws no more."""

TRACES_STOP_S = 5.0
"""How long a process that stops goes on to send traces."""

COMMENT_BYTES_MAX = 4_096
"""What a person writes when a pause is decided."""

KEYS_MAX = 10_000
"""API keys of one account that are not revoked: one for each program and person that calls."""

KEY_NAME_LENGTH_MAX = 128
"""Characters of a key's name: it is shown in each line of a log that the key wrote."""

KEY_OVERLAP_S_DEFAULT = 24 * 3600.0
KEY_OVERLAP_S_MAX = 90 * 24 * 3600.0
"""How long the secret before a rotation may stay good: a quarter of a year."""

RATE_PER_SECOND_MIN = 0.001
RATE_PER_SECOND_MAX = 100_000
RATE_BURST_MAX = 100_000
"""What a rate limit may say of a key: more calls than that no process answers."""

LIMITED_RUNNING_MAX = 1_000_000
LIMITED_QUEUED_DEFAULT = 1_000
LIMITED_QUEUED_MAX = 10_000
"""What a limit of executions may say: those that wait are counted whenever one of them begins or ends."""

METERS_MAX = 10_000
"""Keys whose calls one process counts at once. What was counted of the others stays in their files."""

RETENTION_S_DEFAULT = 30 * 86_400
"""How long executions are kept after they ended where nobody says otherwise."""

RETENTION_S_MIN = 3_600
"""Least time that they are kept: whoever adds up, follows or sends on what happened is through by then."""

RETENTION_S_MAX = 36_500 * 86_400
"""Most time but for ever."""

RETENTION_LATE_S_MAX = 86_400
"""How much longer than that they may stay, and no more than a 24th of it: so that each is looked at once or twice."""

SWEEP_PAGE = 1_000
"""Executions that are looked at in one statement when old ones are removed."""

SWEEP_LOT = 200
"""Executions that are removed in one transaction."""

SWEEP_EVENTS = 2_000
SWEEP_BYTES = 16 * 1024 * 1024
"""Events that are removed in one transaction, and their payloads: it is over in tens of milliseconds."""
