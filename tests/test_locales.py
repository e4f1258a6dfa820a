"""Accounts of several locales in one world: each of one piece, and nobody who could be reached."""

import re
from datetime import UTC, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from databases import on_both
from django.db.models import F

from mentara import models as m
from seeding.corpus import HERE
from seeding.engine.clock import MINUTE
from seeding.engine.errors import UsageError
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.verification import judge
from seeding.world.locales import LOCALES, UTC_OFFSETS, chosen_locales, locale
from seeding.world.people import locale_of, people

pytestmark = on_both

OF_ONE_COUNTRY = re.compile(
    r"\b(adobo|barangay|batchmate|board exam|calamansi|carabao|comfort room|condo|electric fan|fiesta|fishball|gecko"
    r"|guidance counselor|inuman|jeepney|lugaw|lumpia|malls?|mango|merienda|pandesal|psychometrician|rainy season"
    r"|review (?:centre|group)|rice|rooster|sari-sari|taho|tarpaulin|tricycle|videoke|pesos?|euros?|dollars?"
    r"|pounds sterling|rupees?|fifteenth|hotline \d|[$₱€£])",
    re.IGNORECASE,
)
"""Foods, rides, money, weather and customs that tell where somebody lives, as texts in all locales must not."""


def seed(using, locales, **more):
    request = SeedRequest(as_of=datetime(2026, 6, 1, 12, tzinfo=UTC), locale=locales, using=using, **more)
    orchestrator = HybridSeedOrchestrator(request)
    assert orchestrator.run_hybrid_seed().satisfied
    return orchestrator.run


@pytest.mark.parametrize("using", ["default"])
def test_mixed__people__are_each_of_one_locale_and_all_occur(using):
    names = ("en_PH", "en_GB", "de_DE")
    seed(using, ",".join(names), mode="light", sizes={"clients": 30, "therapists": 15})
    pools = {locale(name).country: locale(name) for name in names}
    clients = m.Client.objects.using(using).select_related("user")
    assert {client.country for client in clients} == set(pools)
    for client in clients:
        own = pools[client.country]
        assert client.user.last_name in own.last_names
        sexes = [names for names in (own.first_names_female, own.first_names_male) if client.user.first_name in names]
        assert sexes
        middle = own.last_names if own.country == "Philippines" else chain(*sexes)
        assert client.user.middle_name in {None, *middle}
        assert client.user.middle_name != client.user.first_name
        assert client.city in {None, *(city for city, _ in own.places)}
        assert client.user.address in {None, *(f"{city}, {region}" for city, region in own.places)}
    therapists = m.Therapist.objects.using(using).select_related("user")
    prefixes = {"+63": locale("en_PH"), "+44": locale("en_GB"), "+49": locale("de_DE")}
    assert {therapist.mobile[:3] for therapist in therapists} == set(prefixes)
    for therapist in therapists:
        own = prefixes[therapist.mobile[:3]]
        assert therapist.timezone == own.timezone
        assert therapist.province in {region for _, region in own.places}
        assert set(therapist.languages) <= set(own.languages)
        assert therapist.user.last_name in own.last_names


@pytest.mark.parametrize("using", ["default"])
def test_mixed__most_therapies__are_between_people_of_one_country(using):
    run = seed(using, "en_PH,de_DE,en_US", mode="medium", sizes={"therapists": 40})
    everybody = people(run)
    home = dict(zip(map(bytes, everybody.ids), locale_of(run, everybody.keys).tolist(), strict=True))
    pairs = m.ClientTherapist.objects.using(using).values_list("client_id", "therapist_id")
    near = [home[client.bytes] == home[therapist.bytes] for client, therapist in pairs]
    assert np.mean(near) > 0.8


@pytest.mark.parametrize("using", ["default"])
def test_mixed__what_people_do_by_day__is_by_their_own(using):
    run = seed(using, "de_DE,en_AU", mode="medium", sizes={"clients": 60, "therapists": 20})
    everybody = people(run)
    ahead = dict(zip(map(bytes, everybody.ids), everybody.utc_offset.tolist(), strict=True))

    def local(client, instant):
        return instant.astimezone(UTC) + timedelta(microseconds=ahead[client.bytes])

    def of_all(model, *columns):
        return [local(*row) for row in model.objects.using(using).exclude(**{columns[1]: None}).values_list(*columns)]

    by_day = (
        *of_all(m.ClientTherapist, "client_id", "assigned_at"),
        *of_all(m.PreAssessment, "user_id", "completed_at"),
        *of_all(m.WorksheetAssignment, "client_id", "submitted_at"),
        *of_all(m.Review, "client_id", "created_at"),
    )
    assert len(by_day) > 200
    assert np.mean([moment.hour < 5 for moment in by_day]) < 0.05
    due = of_all(m.WorksheetAssignment, "client_id", "due_date")
    assert np.mean([moment.hour == 21 for moment in due]) > 0.95  # the cast's aside


@pytest.mark.parametrize("using", ["default"])
def test_mixed__what_people_do_for_others_abroad__is_by_their_own_day_too(using):
    run = seed(using, "en_US,de_DE,en_IN", mode="medium", sizes={"therapists": 20})
    everybody = people(run)
    ahead = dict(zip(map(bytes, everybody.ids), everybody.utc_offset.tolist(), strict=True))

    def hours(rows):
        return [(moment + timedelta(microseconds=ahead[user.bytes])).hour for user, moment in rows]

    decided = m.Therapist.objects.using(using).filter(processed_by_admin__isnull=False)
    at_work = hours(decided.values_list("processed_by_admin", "processed_at"))
    assert len(at_work) > 10
    assert np.mean([8 <= hour <= 19 for hour in at_work]) > 0.9
    comments = m.Comment.objects.using(using).exclude(user=F("post__user")).values_list("user_id", "created_at")
    assert np.mean([1 <= hour < 5 for hour in hours(comments)]) < 0.04
    group = m.Conversation.objects.using(using).get(title="Finding our way")
    first = group.participants.order_by("joined_at").first().user_id
    assert {hour >= 17 for hour in hours((first, at) for at in [group.created_at])} == {True}


@pytest.mark.parametrize("using", ["default"])
def test_zone__provinces_with_a_time_of_their_own__is_that_of_the_therapist_s_province(using):
    seed(using, "en_CA,en_AU", mode="light", sizes={"therapists": 40})
    zones = set(m.Therapist.objects.using(using).values_list("province", "timezone"))
    expected = {
        "Ontario": "America/Toronto", "Quebec": "America/Toronto", "British Columbia": "America/Vancouver",
        "New South Wales": "Australia/Sydney", "Victoria": "Australia/Sydney", "Tasmania": "Australia/Sydney",
        "Australian Capital Territory": "Australia/Sydney", "Western Australia": "Australia/Perth",
    }  # fmt: skip
    assert zones <= set(expected.items())
    assert {zone for _, zone in zones} == set(expected.values())


@pytest.mark.parametrize("using", ["postgres"])
def test_every_locale__in_one_world__keeps_the_rules(using):
    seed(using, ",".join(LOCALES), mode="light", sizes={"clients": 20, "therapists": 16})
    assert judge(using, None) == ()


@pytest.mark.parametrize("using", ["default"])
def test_mixed__hours__are_those_of_each_account(using):
    run = seed(using, "en_PH,en_US", mode="light", sizes={"clients": 60})
    everybody = people(run)
    assert set((everybody.utc_offset // MINUTE).tolist()) == {UTC_OFFSETS["en_PH"], UTC_OFFSETS["en_US"]}
    for offset in np.unique(everybody.utc_offset):
        ids = set(everybody.ids[everybody.utc_offset == offset].tolist())
        posts = m.Post.objects.using(using).values_list("user_id", "created_at")
        local = [
            (int(created.timestamp()) + offset // 1_000_000) // 3600 % 24
            for user, created in posts
            if user.bytes in ids
        ]
        assert np.mean([hour >= 15 for hour in local]) > 0.6


@pytest.mark.parametrize("name", LOCALES)
def test_offset__every_locale__is_the_standard_time_of_its_zone(name):
    zone = ZoneInfo(locale(name).timezone)
    for month in (1, 7):
        moment = datetime(2026, month, 1, tzinfo=zone)
        assert timedelta(minutes=UTC_OFFSETS[name]) == moment.utcoffset() - moment.dst()


@pytest.mark.parametrize("using", ["postgres"])
def test_one_locale__beside_others__draws_the_same_name_by_key(using):
    seed(using, "en_GB", mode="light")
    alone = dict(m.User.objects.using(using).values_list("pk", "last_name"))
    m.User.objects.using(using).all().delete()
    seed(using, "en_GB,en_PH", mode="light")
    both = dict(m.User.objects.using(using).values_list("pk", "last_name"))
    british = locale("en_GB").last_names
    assert {both[pk] == alone[pk] for pk in both if both[pk] in british} == {True}


def test_places__of_every_locale__are_cities_each_in_one_province():
    pairs = [place for name in LOCALES for place in locale(name).places]
    assert len(pairs) == len({city for city, _ in pairs})
    assert min(len(locale(name).places) for name in LOCALES) >= 20
    assert "Sachsen" in {province for city, province in pairs if city == "Leipzig"}


def test_texts__of_the_corpus__name_nothing_of_one_country():
    paths = [path for path in sorted(HERE.rglob("*.json")) if path.parent.name != "locales"]
    texts = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    assert len(texts) > 500_000
    assert set(OF_ONE_COUNTRY.findall(texts)) == set()
    everywhere = [locale(name) for name in LOCALES]
    names = {name for one in everywhere for name in (one.country, *one.languages, *(city for city, _ in one.places))}
    assert {name for name in names if name in texts and re.search(rf"\b{re.escape(name)}\b", texts)} == set()


@pytest.mark.parametrize("names", ["", "en_PH,", "en_PH;en_GB", "EN_PH"])
def test_chosen__unknown__is_said(names):
    with pytest.raises(UsageError, match=r"^Unknown locale '.*'; choose of en_PH"):
        chosen_locales(names)


def test_chosen__spaces_and_repetitions__are_taken():
    assert chosen_locales("en_PH, en_GB,en_PH") == ("en_PH", "en_GB", "en_PH")
