"""Counts HTTP requests by route: each route has its own counts, found when it is made and not when it is called."""

from __future__ import annotations

from time import monotonic

from aiohttp import HttpVersion11, hdrs, web

from penstock.gateway.calls import Handler
from penstock.gateway.metrics.patterns import readable
from penstock.wire.metrics import Family, Histogram, counter, histogram

CALLER_LEFT = 499
"""Stands for the status of a request whose caller went away before there was an answer."""
_OTHER = "other"


class RouteCounts:
    """`durations` is None for streams, which last as long as their readers like."""

    __slots__ = ("durations", "method", "pattern", "statuses")

    def __init__(self, method: str, pattern: str, durations: Histogram | None) -> None:
        self.method = method
        self.pattern = pattern
        self.statuses: dict[int, int] = {}
        self.durations = durations

    def counting(self, handler: Handler) -> Handler:
        """`handler`, with each call counted when it has ended."""
        statuses, durations = self.statuses, self.durations

        async def count(http: web.Request) -> web.StreamResponse:
            begin = monotonic()
            status = CALLER_LEFT
            try:
                response = await handler(http)
                status = response.status
                return response
            finally:
                statuses[status] = statuses.get(status, 0) + 1
                if durations is not None:
                    durations.observe(monotonic() - begin)

        return count


class CountedRoutes:
    """Adds routes to a router, each with its counts."""

    def __init__(self, router: web.UrlDispatcher) -> None:
        self._router = router
        self._routes: list[RouteCounts] = []

    def add(self, method: str, pattern: str, handler: Handler, *, is_stream: bool = False) -> None:
        counts = RouteCounts(method, readable(pattern), None if is_stream else Histogram())
        self._routes.append(counts)
        self._router.add_route(method, pattern, counts.counting(handler), expect_handler=_go_on)

    def add_get(self, pattern: str, handler: Handler, *, allow_head: bool = True) -> None:
        """Answers HEAD as well, unless told not to; both are counted as one."""
        counts = RouteCounts(hdrs.METH_GET, readable(pattern), Histogram())
        self._routes.append(counts)
        self._router.add_get(pattern, counts.counting(handler), allow_head=allow_head, expect_handler=_go_on)

    def add_rest(self, pattern: str, handler: Handler) -> None:
        """Takes every method. What callers ask for there is their own word, so it is no label."""
        counts = RouteCounts(_OTHER, _OTHER, Histogram())
        self._routes.append(counts)
        self._router.add_route(hdrs.METH_ANY, pattern, counts.counting(handler), expect_handler=_go_on)

    def families(self) -> list[Family]:
        """Of routes that were called."""
        requests = counter("penstock_http_requests", "HTTP requests that were answered, by route and status.")
        durations = histogram(
            "penstock_http_request_duration_seconds", "From the head of an HTTP request to its answer; no streams."
        )
        for route in self._routes:
            for status, count in sorted(route.statuses.items()):
                requests.add(count, method=route.method, route=route.pattern, status=str(status))
            if route.statuses and route.durations is not None:
                durations.add_histogram(route.durations, method=route.method, route=route.pattern)
        return [requests, durations]


async def _go_on(http: web.Request) -> None:
    """Has whoever waits to be told so send the body. What else they expect is passed over (RFC 9110, 10.1.1)."""
    if http.version == HttpVersion11 and http.headers[hdrs.EXPECT].lower() == "100-continue":
        await http.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        http.writer.output_size = 0  # the answer has not begun
