"""Finding the route of an address by its segments, instead of trying one route after another.

A router tries every route of the application in turn, each by a regular expression, and there are
some hundreds. This stands before it. Of a request that a route takes whole it finds the same route
that the router would: it keeps the order, and asks the route itself. Any other (no such address,
another method) it leaves to the router.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Receive, Scope, Send

_Mask = tuple[int, ...]
_ANY_LENGTH: Final = ":path}"


class RouteTable:
    """The ASGI application before a router, whose routes may still grow."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._otherwise = router.middleware_stack
        self._count = 0
        # By the number of segments: which of them are literal in some route; and the routes by
        # that and what stands there, each with its place in the order.
        self._masks: dict[int, list[_Mask]] = {}
        self._found: dict[tuple[int, _Mask, tuple[str, ...]], list[tuple[int, BaseRoute]]] = {}
        self._others: list[tuple[int, BaseRoute]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route that a request is for answer it."""
        found = self.find(scope) if scope["type"] == "http" else None
        if found is None:
            await self._otherwise(scope, receive, send)
            return
        route, child = found
        scope.setdefault("router", self._router)
        scope.update(child)
        await route.handle(scope, receive, send)

    def find(self, scope: Scope) -> tuple[BaseRoute, Scope] | None:
        """The first route that takes a request whole, and what it says of the request."""
        if self._count != len(self._router.routes):
            self._build()
        path: str = scope["path"]
        # To a regular expression such a path ends before that line's end, to segments after it.
        if path.endswith("\n") or scope.get("root_path"):
            return None
        for route in self._candidates(path):
            match, child = route.matches(scope)
            if match is Match.FULL:
                return route, child
        return None

    def _candidates(self, path: str) -> Iterator[BaseRoute]:
        segments = path.split("/")
        count = len(segments)
        found = list(self._others)
        for mask in self._masks.get(count, ()):
            key = (count, mask, tuple([segments[n] for n in mask]))
            found += self._found.get(key, ())
        found.sort(key=lambda each: each[0])
        return (route for _, route in found)

    def _build(self) -> None:
        masks: defaultdict[int, set[_Mask]] = defaultdict(set)
        found: defaultdict[Any, list[tuple[int, BaseRoute]]] = defaultdict(list)
        others: list[tuple[int, BaseRoute]] = []
        for place, route in enumerate(self._router.routes):
            if not isinstance(route, Route) or _ANY_LENGTH in route.path:
                others.append((place, route))
                continue
            segments = route.path.split("/")
            mask = tuple(n for n, each in enumerate(segments) if "{" not in each)
            masks[len(segments)].add(mask)
            found[len(segments), mask, tuple(segments[n] for n in mask)].append((place, route))
        self._masks = {count: sorted(of_count) for count, of_count in masks.items()}
        self._found, self._others, self._count = dict(found), others, len(self._router.routes)
