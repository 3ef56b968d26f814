"""Sheets: the whole of one person's position, kept up as entries are recorded.

A sheet is a rectangle of one assignment's answers: the days from `start` on which, and the
instants from `recorded_from` on at which, nothing in the answer differs: no value, none of the
dates that a value is told with, no event behind it. So whoever asks for a day as known at an
instant reads one sheet. The person's own sheets (assignment blank) hold their terms; they cover
every day from the registration on, also where they are empty, so they also say that the person is
known. Where several assignments run at once they say so too (`jobs`).

After a command, only the days that it touched (`projections.position.spans`) are looked at again.

What must be read to find the sheet of an old instant is bounded by *epochs*: once many sheets have
been written since the last epoch of a track began, all that hold are ended and begun again, with
the same content, under a new one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import isqrt
from typing import NamedTuple

from projections.position.spans import OWN, Content, Lane, Part, Span, Spans, Stated
from transfer.core.dating.effective_dating import Resolution
from transfer.core.words import Facet

FIRST_DAY = date.min
"""The first day of a line of sheets: no day comes before it."""

EPOCH_LEAST = 64
EPOCH_FACTOR = 16
"""An epoch ends after this many times the square root of the sheets that hold, but not before
`EPOCH_LEAST`: what is written again stays a small part, what is searched grows with the root."""


_NOTHING: Spans = {}

Jobs = tuple[tuple[str, str | None, str | None, str | None], ...]
"""Assignments that run at once: name, employer, line manager, full-time equivalent."""


class Sheet:
    """One rectangle; `end` and `recorded_to` are excluded, `None` is open.

    `beneath` has the standing spans that temporary ones in `in_force` overlay.
    """

    __slots__ = (
        "assignment",
        "beneath",
        "end",
        "epoch",
        "in_force",
        "jobs",
        "recorded_from",
        "recorded_to",
        "start",
    )

    def __init__(
        self,
        assignment: str,
        start: date,
        end: date | None,
        in_force: Spans,
        beneath: Spans,
        jobs: Jobs,
        recorded_from: datetime,
        epoch: datetime,
    ) -> None:
        self.assignment = assignment
        self.start = start
        self.end = end
        self.in_force = in_force
        self.beneath = beneath
        self.jobs = jobs
        self.recorded_from = recorded_from
        self.epoch = epoch
        self.recorded_to: datetime | None = None

    @property
    def is_written(self) -> bool:
        """Whether there is anything to write down; a person's own sheet always is."""
        return bool(self.in_force) or not self.assignment

    def says(self, in_force: Spans, beneath: Spans, jobs: Jobs) -> bool:
        """Whether this is its content."""
        return self.in_force == in_force and self.beneath == beneath and self.jobs == jobs

    def begun_again(self, at: datetime) -> "Sheet":
        """The same content from an instant on, in the epoch that begins then."""
        return Sheet(
            self.assignment, self.start, self.end, self.in_force, self.beneath, self.jobs, at, at
        )


class Track:
    """The sheets of one assignment that hold now: one after the other, over all days."""

    __slots__ = (
        "assignment",
        "epoch",
        "from_day",
        "lanes",
        "sheets",
        "starts",
        "to_day",
        "touched",
        "written",
    )

    def __init__(self, assignment: str, at: datetime) -> None:
        self.assignment = assignment
        self.lanes: dict[str, Lane] = {}
        self.epoch = at
        self.sheets = [Sheet(assignment, FIRST_DAY, None, _NOTHING, _NOTHING, (), at, at)]
        self.starts = [FIRST_DAY]
        self.written = 0
        self.touched: dict[str, Lane] = {}
        self.from_day: date | None = None
        self.to_day: date | None = None

    def put(self, part: Part, *, last: bool) -> None:
        """Let a part state its values; `last` says that its entry is the latest of all."""
        for name in part.values:
            lane = self.lanes.get(name)
            if lane is None:
                lane = self.lanes[name] = Lane(name)
            days = lane.put_last(part) if last else None
            if days is None:
                lane.put(part)
            else:
                self.touch(*days)
            self.touched[name] = lane

    def append(self, part: Part, at: datetime) -> tuple[list[Sheet], list[Sheet]] | None:
        """Put a part that is all of a command, where it only cuts short what began with the last
        sheet: what most of any record is.

        Answers the sheets that end and begin, as `revise` does; `None` where there is more to it,
        and nothing was done.
        """
        last, day, lanes = self.sheets[-1], part.effective_from, self.lanes
        if part.effective_to is not None or last.start >= day or last.beneath:
            return None
        for name, value in part.values.items():
            lane, held = lanes.get(name), last.in_force.get(name)
            if (
                value is None
                or (lane is not None and not lane.ends_before(day))
                or (held is not None and held.start != last.start)
            ):
                return None
        before = last.in_force.copy()
        cut: dict[Span, Span] = {}
        for name in part.values:
            lane = lanes.get(name)
            if lane is None:
                lane = lanes[name] = Lane(name)
            span = lane.append(part, cut)
            if name in before and span is not None:
                before[name] = span
        after = before | dict.fromkeys(part.values, part.span(day, None))
        first = Sheet(self.assignment, last.start, day, before, _NOTHING, last.jobs, at, self.epoch)
        second = Sheet(self.assignment, day, None, after, _NOTHING, last.jobs, at, self.epoch)
        self.sheets[-1:] = [first, second]
        self.starts.append(day)
        last.recorded_to = at
        ended = [last] if before else []
        begun = [first, second] if before else [second]
        self._count(at, ended, begun)
        return ended, begun

    def take_away(self, part: Part) -> None:
        """Let a part state its values no more."""
        for name in part.values:
            lane = self.touched[name] = self.lanes[name]
            lane.take_away(part)

    def touch(self, start: date, end: date | None) -> None:
        """Have these days looked at again."""
        if self.from_day is None:
            self.from_day, self.to_day = start, end
            return
        if start < self.from_day:
            self.from_day = start
        if end is None or (self.to_day is not None and end > self.to_day):
            self.to_day = end

    def settle(self) -> None:
        """Work out what is stale, and have the days looked at again on which it differs."""
        for lane in self.touched.values():
            if lane.is_stale:
                days = lane.work_out()
                if days is not None:
                    self.touch(*days)

    def at(self, day: date) -> Sheet:
        """The sheet of a day that holds now."""
        return self.sheets[bisect_right(self.starts, day) - 1]

    def revise(
        self, at: datetime, jobs: "Mapping[str, Track] | None" = None
    ) -> tuple[list[Sheet], list[Sheet]]:
        """Make the sheets of the touched days anew: those that end at an instant, and begin.

        `jobs` are the tracks of assignments that run at once, for a person's own sheets.
        """
        if self.from_day is None:
            self.touched = {}
            return [], []
        first = bisect_right(self.starts, self.from_day) - 1
        after = len(self.starts) if self.to_day is None else bisect_left(self.starts, self.to_day)
        old = self.sheets[first:after]
        anew = self._contents(old, jobs)
        # What was different from the sheet beside it may not be any more.
        while first and self.sheets[first - 1].says(*anew[0][2:]):
            first -= 1
            anew[0] = (self.sheets[first].start, *anew[0][1:])
        while after < len(self.sheets) and self.sheets[after].says(*anew[-1][2:]):
            anew[-1] = (anew[-1][0], self.sheets[after].end, *anew[-1][2:])
            after += 1
        old = self.sheets[first:after]
        ended, begun = self._exchange(old, anew, at)
        self.touched, self.from_day, self.to_day = {}, None, None
        self._count(at, ended, begun)
        return ended, begun

    def _count(self, at: datetime, ended: list[Sheet], begun: list[Sheet]) -> None:
        """Count what was written, and begin an epoch when that was much."""
        if begun:
            self.written += len(begun)
            if self.written > EPOCH_LEAST and self.written > EPOCH_FACTOR * isqrt(len(self.sheets)):
                self._begin_epoch(at, ended, begun)

    def _contents(
        self, old: Sequence[Sheet], jobs: "Mapping[str, Track] | None"
    ) -> list[tuple[date, date | None, Spans, Spans, Jobs]]:
        start, end = old[0].start, old[-1].end
        days = {sheet.start for sheet in old}
        lanes = self.touched.values()
        for lane in lanes:
            days.update(lane.cuts(start, end))
        if jobs is not None:
            for track in jobs.values():
                since = bisect_right(track.starts, start)
                until = len(track.starts) if end is None else bisect_left(track.starts, end)
                days.update(track.starts[since:until])
        ordered = sorted(days)
        found: list[tuple[date, date | None, Spans, Spans, Jobs]] = []
        under = -1
        for n, day in enumerate(ordered):
            if under + 1 < len(old) and old[under + 1].start == day:
                under += 1
            sheet = old[under]
            in_force, beneath = sheet.in_force.copy(), sheet.beneath
            for lane in lanes:
                name = lane.name
                span = lane.at(day)
                if span is None:
                    in_force.pop(name, None)
                else:
                    in_force[name] = span
                if lane.beneath or name in beneath:
                    standing = (
                        lane.beneath_at(day) if span is not None and span.is_temporary else None
                    )
                    beneath = {key: each for key, each in beneath.items() if key != name}
                    if standing is not None:
                        beneath[name] = standing
            at_once = sheet.jobs if jobs is None else _jobs_at(jobs, day)
            until_day = ordered[n + 1] if n + 1 < len(ordered) else end
            if found and found[-1][2:] == (in_force, beneath, at_once):
                found[-1] = (found[-1][0], until_day, *found[-1][2:])
            else:
                found.append((day, until_day, in_force, beneath, at_once))
        return found

    def _exchange(
        self,
        old: Sequence[Sheet],
        anew: Iterable[tuple[date, date | None, Spans, Spans, Jobs]],
        at: datetime,
    ) -> tuple[list[Sheet], list[Sheet]]:
        by_start = {sheet.start: sheet for sheet in old}
        begun: list[Sheet] = []
        now: list[Sheet] = []
        for start, end, in_force, beneath, jobs in anew:
            sheet = by_start.get(start)
            if sheet is not None and sheet.end == end and sheet.says(in_force, beneath, jobs):
                del by_start[start]
            else:
                sheet = Sheet(self.assignment, start, end, in_force, beneath, jobs, at, self.epoch)
                if sheet.is_written:
                    begun.append(sheet)
            now.append(sheet)
        ended = [sheet for sheet in by_start.values() if sheet.is_written]
        for sheet in ended:
            sheet.recorded_to = at
        first = bisect_left(self.starts, old[0].start)
        self.sheets[first : first + len(old)] = now
        self.starts[first : first + len(old)] = [sheet.start for sheet in now]
        return ended, begun

    def _begin_epoch(self, at: datetime, ended: list[Sheet], begun: list[Sheet]) -> None:
        """End everything that holds and begin it again, in a new epoch."""
        self.epoch = at
        for place, sheet in enumerate(self.sheets):
            if sheet.recorded_from == at:
                sheet.epoch = at
            elif sheet.is_written:
                sheet.recorded_to = at
                ended.append(sheet)
                self.sheets[place] = sheet.begun_again(at)
                begun.append(self.sheets[place])
        self.written = 0


class Changes(NamedTuple):
    """What a command did to one person's sheets.

    `stated` are the facets and values that were stated of the person for the first time.
    """

    ended: list[Sheet]
    begun: list[Sheet]
    stated: list[tuple[str, str]]


class Person:
    """One person's entries, and the sheets that hold after them."""

    __slots__ = ("_held", "_resolution", "_stated", "_waiting", "jobs", "own")

    def __init__(self) -> None:
        self._resolution: Resolution[Stated] = Resolution()
        self._held: dict[int, Sequence[tuple[Track, Part]]] = {}
        self._stated: set[tuple[str, str]] = set()
        # What is recorded of somebody who is not registered yet: they have no sheets so far.
        self._waiting: list[Stated] = []
        self.own: Track | None = None
        self.jobs: dict[str, Track] = {}

    def take(self, stated: Iterable[Stated], at: datetime) -> Changes:
        """Let the entries of one command, recorded at an instant, change the sheets."""
        own = self.own
        first: list[Sheet] = []
        stated = list(stated)
        if own is None:
            self._waiting += stated
            if not any(each.registers for each in self._waiting):
                return Changes([], [], [])
            stated, self._waiting = self._waiting, []
            own = self.own = Track(OWN, at)
            own.written = 1
            first = list(own.sheets)
        newly: list[tuple[str, str]] = []
        if len(stated) == 1 and len(self.jobs) <= 1:
            found = self._take_plain(stated[0], at, newly)
            if found is not None:
                found[1].extend(first)
                return Changes(*found, newly)
        for each in stated:
            self._take_in(each, own, at, newly)
        ended: list[Sheet] = []
        begun: list[Sheet] = []
        at_once = self.jobs if len(self.jobs) > 1 else None
        for track in self.jobs.values():
            if track.touched:
                track.settle()
                if at_once is not None and track.from_day is not None:
                    own.touch(track.from_day, track.to_day)
                ending, beginning = track.revise(at)
                ended += ending
                begun += beginning
        own.settle()
        ending, beginning = own.revise(at, at_once)
        ended += ending
        begun += beginning
        if first:
            # Nothing but the blank sheet that the person's own begin with could have ended.
            ended = []
            begun += [sheet for sheet in first if sheet.recorded_to is None]
        return Changes(ended, begun, newly)

    def _take_plain(
        self, each: Stated, at: datetime, newly: list[tuple[str, str]]
    ) -> tuple[list[Sheet], list[Sheet]] | None:
        """Take an entry in the short way, if it can be; otherwise nothing is done."""
        if each.of is not None or len(each.contents) != 1:
            return None
        (content,) = each.contents
        name = content.assignment
        if name == OWN or (self.jobs and name not in self.jobs):
            return None
        track = self._job(name, at)
        part = Part(content, each.event_id, self._resolution.count, each)
        found = track.append(part, at)
        if found is not None:
            self._resolution.add(each)
            self._held[part.order] = ((track, part),)
            self._note_stated(content, newly)
        return found

    def _take_in(
        self, each: Stated, own: Track, at: datetime, newly: list[tuple[str, str]]
    ) -> None:
        root, order, source = self._resolution.add(each)
        for track, part in self._held.pop(order, ()):
            track.take_away(part)
        if source is None:
            return
        held: list[tuple[Track, Part]] = []
        for content in source.contents:
            part = Part(content, root, order, source)
            track = own
            if content.assignment:
                track = self._job(content.assignment, at)
                self._note_stated(content, newly)
            track.put(part, last=each.of is None)
            held.append((track, part))
        self._held[order] = held

    def _job(self, assignment: str, at: datetime) -> Track:
        found = self.jobs.get(assignment)
        if found is None:
            found = self.jobs[assignment] = Track(assignment, at)
        return found

    def _note_stated(self, content: Content, newly: list[tuple[str, str]]) -> None:
        for facet, value in content.values.items():
            if value is not None and (facet, value) not in self._stated:
                self._stated.add((facet, value))
                newly.append((facet, value))


def _jobs_at(jobs: Mapping[str, Track], day: date) -> Jobs:
    """The assignments that have an employer on a day, where they are several."""
    present = [
        (
            name,
            _value(sheet, Facet.EMPLOYER),
            _value(sheet, Facet.LINE_MANAGER),
            _value(sheet, Facet.FTE),
        )
        for name, sheet in sorted((name, track.at(day)) for name, track in jobs.items())
        if Facet.EMPLOYER.value in sheet.in_force
    ]
    return tuple(present) if len(present) > 1 else ()


def _value(sheet: Sheet, facet: Facet) -> str | None:
    span = sheet.in_force.get(facet.value)
    return None if span is None else span.part.values[facet.value]
