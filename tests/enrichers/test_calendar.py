"""The calendar: first come, first placed; windows by the local clock; nobody in two places at once."""

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest

from seeding.engine.clock import DAY, HOUR, MINUTE, WEEK, micros, moment
from seeding.engine.keys import Draws, keys_of, make_ids
from seeding.planning.diaries import Busy
from seeding.planning.scheduling import ANYBODY, Calendar, Wishes, coming_wishes
from seeding.world.care import CANCELLED, Sessions
from seeding.world.windows import (
    DAYS,
    LAST_MINUTE,
    clock_of,
    gaps_between,
    hours_free,
    is_zone,
    minute_of,
    new_windows,
    planned,
    quarters_ahead,
)

AS_OF = micros(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC))
THERAPIST = 0


def windows(*hours, zone="UTC"):
    """Windows of one therapist from (day, opens, closes)."""
    day, opens, closes = np.array(hours, dtype=np.int64).T
    return planned(np.zeros(len(day), dtype=np.int64), day, opens, closes, [zone] * len(day))


def wishes(clients, aim=AS_OF, earliest=AS_OF, latest=AS_OF + 52 * WEEK, binding=True):
    clients = np.array(clients, dtype=np.int64)
    count = len(clients)
    preference = Draws("test").bits("slot", keys_of(make_ids("Test", 0, clients.astype(np.uint64), clients, 0)))
    instants = [np.broadcast_to(np.asarray(value, dtype=np.int64), count) for value in (aim, earliest, latest)]
    return Wishes(np.zeros(count, dtype=np.int64), clients, preference, *instants, np.full(count, binding))


def calendar(*hours, minutes=50, zone="UTC"):
    return Calendar(windows(*hours, zone=zone), np.array([minutes]))


def test_place__more_wishes_later__move_none_of_the_earlier():
    few = calendar((0, 540, 1020), (3, 540, 720)).place(wishes(range(1, 30)))
    many = calendar((0, 540, 1020), (3, 540, 720)).place(wishes(range(1, 200)))
    assert (many.start[:29] == few.start).all()
    assert many.found.all()
    starts = np.sort(many.start)
    assert (np.diff(starts) >= 50 * MINUTE).all()


def test_place__client_has_no_time_at_all__is_found_out_once(monkeypatch):
    free, asked = Busy.free, []
    monkeypatch.setattr(Busy, "free", lambda *args: asked.append(args) or free(*args))
    busy = calendar((0, 540, 1020))
    begin, end = (np.array([AS_OF + weeks * WEEK]) for weeks in (-9, 99))
    busy.block(np.array([1]), begin, end, AS_OF + 99 * WEEK)
    assert not busy.place(wishes([1])).found.any()
    once = len(asked)
    assert once > 52
    assert busy.place(wishes([*[1] * 500, 2])).found.tolist() == [False] * 500 + [True]
    assert len(asked) < once + 9


def test_place__window_full__takes_the_next_week_and_the_one_after():
    placed = calendar((2, 600, 660), minutes=60).place(wishes([1, 2, 3]))
    assert ((placed.start - placed.start[0]) // WEEK).tolist() == [0, 1, 2]
    assert placed.minutes.tolist() == [60, 60, 60]


def test_place__client_taken__keeps_off():
    busy = calendar((0, 600, 720), minutes=60)
    first = busy.place(wishes([1]))
    taken = calendar((0, 600, 720), minutes=60)
    end = first.start + HOUR
    taken.block(np.array([1]), end, first.start, AS_OF + 99 * WEEK)
    assert taken.place(wishes([1])).start[0] != first.start[0]


def test_coming__more_than_ten_years_of_weeks__are_spread_over_them():
    run = SimpleNamespace(as_of=AS_OF, draws=Draws("test"))
    one = np.zeros(1, dtype=np.int64)
    related = SimpleNamespace(
        keys=keys_of(make_ids("Test", 0, one.astype(np.uint64), one, 0)), therapist=one, client=one
    )
    aim = coming_wishes(run, related, np.zeros(1560, dtype=np.int64), np.arange(1560)).aim
    assert set(np.diff(aim[:519]).tolist()) == {WEEK}
    assert np.unique(aim, return_counts=True)[1].tolist() == [3] * 520


def test_place__client_taken_by_what_ends_before_it_starts__keeps_off_between():
    taken = calendar((0, 600, 720), minutes=60)
    end, start = np.array([AS_OF]), np.array([AS_OF + 10 * WEEK])
    taken.block(np.array([1]), start, end, AS_OF + 99 * WEEK)
    assert taken.place(wishes([1])).start[0] >= start[0]


def test_place__cancelled__neither_takes_nor_minds():
    one = calendar((0, 600, 660), minutes=60)
    starts = one.place(wishes([1, 2, 3], binding=False)).start
    assert len(set(starts.tolist())) == 1
    assert one.place(wishes([4])).start[0] == starts[0]


@pytest.mark.parametrize("takes_place", [[False, True], [True, False], [False, False]])
def test_place__cancelled_and_another__of_one_client_are_on_different_days(takes_place):
    mondays = calendar((0, 600, 660), minutes=60)
    one, other = (mondays.place(wishes([1], binding=binding)).start[0] for binding in takes_place)
    assert abs(other - one) == WEEK


def test_place__two_of_one_client__lie_days_apart_as_far_as_there_is_time():
    def days_between(latest, *hours):
        open_hours = calendar(*hours, minutes=60)
        one, other = (open_hours.place(wishes([1], latest=latest)).start[0] for _ in range(2))
        return abs(other - one) / DAY

    daily = [(day, 600, 660) for day in range(7)]
    assert days_between(AS_OF + 52 * WEEK, *daily) >= 2
    assert days_between(AS_OF + 2 * DAY, *daily) == 1
    assert days_between(AS_OF + 2 * DAY, (1, 540, 600), (1, 840, 900)) < 1


def test_keep_off__cancelled__leaves_the_therapist_free_but_not_the_client():
    start, client = calendar((0, 600, 660), minutes=60).place(wishes([1])).start, np.array([1])
    times = start, start + HOUR, start
    cancelled = Sessions(np.array([b""]), client, np.array([THERAPIST]), *times, np.array([CANCELLED]), client)
    mondays = calendar((0, 600, 660), minutes=60)
    mondays.keep_off(cancelled, np.ones(2, dtype=np.bool_), AS_OF + 99 * WEEK)
    assert mondays.place(wishes([1])).start == start + WEEK
    assert mondays.place(wishes([2])).start == start


def test_place__no_window_or_no_time__is_not_found():
    assert not Calendar(windows((0, 600, 610)), np.array([50])).place(wishes([1])).found.any()
    assert not calendar((0, 600, 660)).place(wishes([1], latest=AS_OF + DAY)).found.any()


def test_take_room__so_many_sessions__fit_where_there_are_hours_for_all():
    anybody = [(ANYBODY, AS_OF)]
    assert not calendar((0, 600, 660)).take_room(THERAPIST, anybody, AS_OF + DAY, 1)
    mondays = calendar((0, 600, 660))
    assert mondays.take_room(THERAPIST, anybody, AS_OF + 3 * WEEK, 2)
    assert mondays.take_room(THERAPIST, anybody, AS_OF + 3 * WEEK, 1)
    assert not mondays.take_room(THERAPIST, anybody, AS_OF + 3 * WEEK, 1)


def test_take_room__clients_met_at_different_times__each_has_the_hours_since():
    mondays, met = calendar((0, 600, 660)), [(1, AS_OF + 2 * WEEK), (2, AS_OF + 3 * WEEK)]
    mondays.block(np.array([1]), np.array([AS_OF + 2 * WEEK]), np.array([AS_OF + 4 * WEEK]), AS_OF + 9 * WEEK)
    assert mondays.take_room(THERAPIST, met, AS_OF + 4 * WEEK, 1)
    assert not mondays.take_room(THERAPIST, met, AS_OF + 4 * WEEK, 1)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Lisbon", "Africa/Cairo", "Australia/Lord_Howe"])
def test_place__year_round__lies_in_the_window_by_the_local_clock(zone):
    placed = calendar((6, 0, 240), (4, 1200, LAST_MINUTE), zone=zone).place(wishes([1] * 300, latest=AS_OF + 99 * WEEK))
    assert placed.found.all()
    for start in placed.start.tolist():
        local = moment(start).astimezone(ZoneInfo(zone))
        opens, closes = {"SUNDAY": ("00:00", "04:00"), "FRIDAY": ("20:00", "23:59")}[DAYS[local.weekday()]]
        ends = (moment(start) + dt.timedelta(minutes=50)).astimezone(ZoneInfo(zone))
        assert opens <= f"{local:%H:%M}" < f"{ends:%H:%M}" <= closes


def test_quarters_ahead__day_of_change__is_none():
    sunday = (dt.date(2026, 3, 8) - dt.date(1970, 1, 1)).days
    assert [quarters_ahead("America/New_York", sunday + at) for at in (-1, 0, 1)] == [-20, None, -16]
    assert quarters_ahead("Asia/Kathmandu", sunday) == 23


@pytest.mark.parametrize(
    ("clock", "minute"),
    [
        ("00:00", 0),
        ("9:30", 570),
        ("23:59", 1439),
        ("24:00", 1439),
        ("24:01", -1),
        ("noon", -1),
        ("", -1),
        ("12:60", -1),
    ],
)
def test_minute_of__text__is_a_minute_or_unreadable(clock, minute):
    assert minute_of(clock) == minute


def test_gaps_between__overlapping_reversed_and_empty_hours__are_what_is_left():
    assert gaps_between([(600, 700), (650, 720), (1300, 100), (800, 800)], 540, LAST_MINUTE) == [
        (540, 600),
        (720, 800),
        (801, 1300),
        (1439, 1439),
    ]


def test_hours_free__little_room__is_taken_as_it_is():
    assert hours_free([], 240, 0.99)[0] >= 7 * 60
    assert hours_free([(7 * 60, 21 * 60)], 480, 0.0) == (0, 7 * 60)
    assert hours_free([(0, 1300)], 240, 0.5) == (1305, LAST_MINUTE)
    assert hours_free([(0, 1430)], 240, 0.5) is None


def test_new_windows__of_many__are_long_enough_and_on_different_days():
    keys = keys_of(make_ids("Test", 0, np.arange(200).astype(np.uint64), np.arange(200), 0))
    row, day, opens, closes = new_windows(Draws("test"), keys, np.full(200, 5))
    assert len(row) == 1000
    assert len(set(zip(row.tolist(), day.tolist(), strict=True))) == 1000
    assert ((closes - opens >= 180) & (closes - opens <= 480) & (opens >= 420) & (closes <= 1260)).all()
    assert {clock_of(minute)[3:] for minute in opens.tolist()} <= {"00", "30"}


def test_is_zone__any_name__says_what_the_list_of_all_zones_says():
    zones = available_timezones()
    odd = [
        "",
        "Mars/Base",
        "Europe",
        "Europe/Berlin/x",
        "../etc/passwd",
        "/etc/localtime",
        "posix/UTC",
        "right/UTC",
        "U\0",
    ]
    assert [name for name in zones if not is_zone(name)] == []
    assert [name for name in [*odd, "x" * 300] if is_zone(name) != (name in zones)] == []
