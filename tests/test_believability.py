"""Base worlds look like a small platform: uneven as people are, about what they care about, in the rhythm of weeks."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db.models import Count, F
from seeded import seeded
from test_properties import rolled_back
from worlds import AS_OF

from mentara import models as m
from seeding.corpus import HERE as CORPUS
from seeding.engine.clock import DAY, HOUR, micros, window
from seeding.engine.clock import on_weekday as moved_to
from seeding.engine.keys import GAP, Draws, along, ids_of, is_base, make_ids
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.profile import measure
from seeding.profile.content import gini
from seeding.reading import reading
from seeding.request import SeedRequest
from seeding.requirements import MODES
from seeding.texts import composing, threads
from seeding.verification import judge
from seeding.world.communities import POPULARITY
from seeding.world.concerns import ARRIVING, TOPICS, topic_of
from seeding.world.people import ACTIVITY, SOCIABILITY

pytestmark = pytest.mark.django_db


def world(**request: Any) -> None:
    seeded("default", **request)


def profile(**request: Any) -> Any:
    with rolled_back("default"):
        world(**request)
        return measure(reading("default"))


def counted(rows: Any, by: str) -> np.ndarray:
    return np.array(list(Counter(rows.values_list(by, flat=True)).values()))


@pytest.mark.parametrize("quantiles", [ACTIVITY, SOCIABILITY])
def test_quantiles__of_activity__average_one_and_are_skewed(quantiles):
    everybody = along(quantiles, np.linspace(0, 1, 100_001))
    assert everybody.mean() == pytest.approx(1, abs=0.005)
    assert (np.diff(quantiles) > 0).all()
    assert gini(np.round(everybody * 1000).astype(np.int64)) > 0.5


@pytest.mark.parametrize("mode", MODES)
def test_base__averages__are_those_of_the_mode(mode):
    sizes, found = MODES[mode], []
    for name in range(12):
        with rolled_back("default"):
            world(mode=mode, seed=f"world {name}", enrich=False)
            found.append([table.objects.count() for table in (m.Post, m.Comment, m.CommunityMember)])
    posts, comments, members = np.mean(found, axis=0)
    assert posts / sizes.users == pytest.approx(sizes.posts_per_user, rel=0.1)
    assert comments / posts == pytest.approx(sizes.comments_per_post, rel=0.1)
    assert members / sizes.communities == pytest.approx(
        sizes.members_per_community, rel=0.1 if mode != "light" else 0.4
    )  # in light, memberships per user and members per community cannot both hold, and each has a moderator besides


@pytest.mark.parametrize(("mode", "clients"), [("light", 100), ("medium", 100)])
def test_base__more_clients_than_the_mode_has__have_its_averages_and_a_community_each(mode, clients):
    sizes, found = MODES[mode], []
    for name in range(6):
        with rolled_back("default"):
            world(mode=mode, seed=f"world {name}", enrich=False, sizes={"clients": clients})
            found.append([table.objects.count() for table in (m.User, m.Post, m.Comment, m.CommunityMember)])
            assert not m.Client.objects.filter(user__community_memberships__isnull=True).exists()
    users, posts, comments, members = np.mean(found, axis=0)
    assert posts / users == pytest.approx(sizes.posts_per_user, rel=0.1)
    assert comments / posts == pytest.approx(sizes.comments_per_post, rel=0.25)
    assert members / users == pytest.approx(sizes.memberships_per_user, rel=0.2)


def test_base__skew__shows_in_authors_and_communities():
    world(mode="medium", enrich=False)
    people = m.User.objects.count()
    written = np.r_[counted(m.Post.objects, "user_id"), np.zeros(people, dtype=np.int64)][:people]
    assert gini(written) > 0.65
    members = np.sort(counted(m.CommunityMember.objects, "community_id"))
    assert members[-1] >= 4 * members[0]


@pytest.mark.parametrize("mode", ["medium", "heavy"])
def test_base__comments__gather_on_few_posts(mode):
    found, even = [], []
    for name in range(12):
        with rolled_back("default"):
            world(mode=mode, seed=f"world {name}", enrich=False)
            posts, comments = m.Post.objects.count(), m.Comment.objects.count()
            answers = counted(m.Comment.objects, "post_id")
        found.append(gini(np.r_[answers, np.zeros(posts - len(answers), dtype=np.int64)]))
        anywhere = np.random.default_rng(name).integers(posts, size=comments)
        even.append(gini(np.bincount(anywhere, minlength=posts)))
    assert all(own > by_chance for own, by_chance in zip(found, even, strict=True))
    assert np.mean(found) > 1.35 * np.mean(even)


def test_base__one_person__does_not_answer_the_same_post_over_and_over():
    world(mode="heavy", enrich=False)
    often = Counter(m.Comment.objects.values_list("user_id", "post_id"))
    assert max(often.values()) <= 2
    assert sum(number == 1 for number in often.values()) > len(often) / 2


@pytest.mark.parametrize("name", ["mentara", "another"])
def test_medium__enriched__is_still_skewed_and_agrees_with_concerns(name):
    found = profile(mode="medium", seed=name)
    distinct = {part.name: part.share for part in found.distinct}
    assert distinct["posts"] >= 0.95
    assert distinct["comments"] >= 0.9
    spread = {part.name: part.gini for part in found.spread}
    assert spread["posts per client or therapist"] >= 0.35
    agreement = {part.name: part.share for part in found.agreement}
    assert agreement["concern communities joined that are theirs"] >= 0.8
    assert agreement["posts in concern communities that are theirs"] >= 0.8
    assert agreement["worksheets on a concern that are on the client's"] >= 0.9
    assert agreement["worksheets on the client's, or by an approach"] >= 0.9
    assert agreement["clients in a community of a concern of theirs"] >= 0.9
    assert agreement["clients who score higher where their concerns lie"] >= 0.9
    assert agreement["clients who are better at their latest follow-up"] >= 0.7
    assert agreement["therapists expert in a concern of the client's"] >= 0.9


HARMFUL = re.compile(
    r"\b(\d+ ?(?:mg|ml|milligrams?|tablets?|pills?|capsules?)|overdos\w*|nooses?|razors?"
    r"|(?:hang|hanging|cut|cutting) (?:my|your|them|him|her)sel\w+|kill(?:ed|ing)?)\b",
    re.IGNORECASE,
)


"""Doses, and ways of harming oneself, which no text may name."""


def test_corpus__every_text__names_no_dose_and_no_way_of_harming_oneself():
    texts = "\n".join(path.read_text(encoding="utf-8") for path in CORPUS.rglob("*.json"))
    assert HARMFUL.findall(texts) == []
    assert HARMFUL.findall("Take 20 mg, or two; an overdose") == ["20 mg", "overdose"]


def test_world__months__accelerate_and_weeks_have_a_rhythm():
    found = profile(mode="heavy")
    growth = {part.name: list(part.months.values()) for part in found.growth}
    for months in growth.values():
        middle = len(months) // 2
        assert sum(months[middle:]) > 1.5 * sum(months[:middle])
    days = next(part.weekdays for part in found.rhythm if part.name == "posts")
    monday, friday, saturday, sunday = days[0], days[4], days[5], days[6]
    assert min(monday, sunday) > max(friday, saturday)


def test_comments__by_the_hour__come_when_people_are_awake():
    hours = next(part.hours for part in profile(mode="heavy").rhythm if part.name == "comments")
    assert sum(hours[18:24]) > 3 * sum(hours[2:8])


@pytest.mark.parametrize(("mode", "name"), [("medium", "another"), ("heavy", "mentara"), ("heavy", "another")])
def test_comments__on_posts_of_others__mostly_come_within_a_month(mode, name):
    world(mode=mode, seed=name)
    written = m.Comment.objects.exclude(user=F("post__user")).values_list("post", "created_at", "post__created_at")
    waited = np.array([(created - posted) / timedelta(days=1) for _, created, posted in written])
    assert (waited > 30).mean() < 0.08
    first = dict.fromkeys(post for post, *_ in written)
    for (post, *_), days in zip(written, waited.tolist(), strict=True):
        first[post] = days if first[post] is None else min(first[post], days)
    assert np.mean([days > 60 for days in first.values()]) < 0.02


def test_therapists__who_were_not_approved__write_nothing_more():
    world(mode="heavy")
    waiting = m.Therapist.objects.exclude(status="APPROVED").values("user")
    assert m.CommunityMember.objects.filter(user__in=waiting).count() > 1
    assert not m.Post.objects.filter(user__in=waiting).exists()
    assert not m.Comment.objects.filter(user__in=waiting).exists()
    assert not m.Heart.objects.filter(user__in=waiting).exists()


@pytest.mark.parametrize("minimums", [{"post.comments": 5}, {"post.hearts": 5}], ids=str)
def test_therapists__who_were_not_approved__are_asked_last(minimums):
    world(mode="light", sizes={"therapists": 8}, minimums=minimums)
    waiting = m.Therapist.objects.exclude(status="APPROVED").values("user")
    assert m.CommunityMember.objects.filter(user__in=waiting).exists()
    assert not m.Comment.objects.filter(user__in=waiting).exists()
    assert not m.Heart.objects.filter(user__in=waiting).exists()


def test_therapists__turned_down_since__are_not_asked_to_say_more():
    with rolled_back("default"):
        world(mode="light", sizes={"therapists": 8}, enrich=False)
        turned_down = m.Therapist.objects.filter(status="APPROVED", relationships=None)
        turned_down.update(status="REJECTED")
        theirs = m.Comment.objects.filter(user__therapist_profile__status="REJECTED")
        before = theirs.count()
        asked = SeedRequest("light", as_of=AS_OF, base=False, minimums={"client.hearts": 60})
        HybridSeedOrchestrator(asked).run_hybrid_seed()
        assert m.Comment.objects.count() > 200
        assert theirs.count() == before


def test_base__one_person__does_not_answer_the_same_comment_twice():
    world(mode="heavy", enrich=False)
    answers = Counter(m.Comment.objects.filter(parent__isnull=False).values_list("user_id", "parent_id"))
    assert len(answers) > 300
    assert set(answers.values()) == {1}


@pytest.mark.parametrize(("mode", "clients"), [("light", 400), ("medium", 400), ("heavy", 100)])
def test_base__hearts__are_given_by_the_share_of_those_who_are_shown_something(mode, clients):
    given = []
    for sizes in ({}, {"heart_on_post": 1, "heart_on_comment": 1}):
        with rolled_back("default"):
            world(mode=mode, enrich=False, sizes={"clients": clients, **sizes})
            hearts = m.Heart.objects
            given.append([hearts.filter(post__isnull=False).count(), hearts.filter(comment__isnull=False).count()])
    shares = np.divide(*given)
    assert shares == pytest.approx([MODES[mode].heart_on_post, MODES[mode].heart_on_comment], rel=0.08)


def test_on_weekday__outside_the_window__stays_where_it_is():
    wednesday = micros(datetime(2026, 5, 27, 12, tzinfo=UTC))
    as_of = wednesday + DAY
    frame = window(as_of, orders=np.array([wednesday - DAY, wednesday - 20 * DAY, wednesday - DAY]))
    moved = moved_to(frame, np.array([wednesday] * 3), np.array([0, 0, 6]), 8 * HOUR)
    assert ((moved - wednesday) // DAY).tolist() == [0, -2, 0]


def test_on_weekday__near_midnight__counts_in_local_time():
    late = micros(datetime(2026, 5, 26, 20, tzinfo=UTC))
    frame = window(late + 30 * DAY, orders=np.array([late - 30 * DAY]))
    assert (moved_to(frame, np.array([late]), np.array([2]), 8 * HOUR) == late).all()
    assert (moved_to(frame, np.array([late]), np.array([2]), 0) == late + DAY).all()


@pytest.mark.parametrize("name", ["mentara", "another"])
def test_titles__of_a_community_or_an_author__seldom_repeat(name):
    world(mode="heavy", seed=name)
    titles = list(m.Post.objects.values_list("user_id", "community_id", "title"))
    by_author = Counter((author, title) for author, _, title in titles)
    by_community = Counter((community, title) for _, community, title in titles)
    assert sum(by_author.values()) - len(by_author) <= 0.025 * len(titles)
    assert max(by_community.values()) <= 4
    assert sum(by_community.values()) - len(by_community) <= 0.1 * len(titles)


def test_titles__of_five_hundred_clients__are_mostly_their_own():
    world(mode="light", sizes={"clients": 500})
    titles = Counter(m.Post.objects.values_list("community_id", "title"))
    assert len(titles) > 0.7 * titles.total()
    assert max(titles.values()) < 15


@pytest.mark.parametrize("sizes", [(7, 13, 6), (8, 6, 12), (4, 4, 4), (1, 5, 10), (9, 2)])
def test_texts__of_one_author__say_no_line_again_before_its_pool_and_all_combinations_were_used(sizes):
    total = int(np.prod(sizes))
    base, gap = total // 2, total - total // 2
    page = composing.Book(
        np.zeros(total, dtype=np.int64),
        lambda _: [[f"{pool} {at}" for at in range(size)] for pool, size in enumerate(sizes)],
    )
    turn = np.r_[composing.GAP_TURNS + np.arange(gap)[::-1], np.arange(base)]
    said = list(composing.in_turn("x", np.full(total, 7, dtype=np.uint64), turn, page))
    assert len(set(said)) == total
    for pool, size in enumerate(sizes):
        first = [one[pool] for one in said][gap - size // 2 :][:size]
        assert len(set(first)) == size


def test_texts__of_base_rows_and_of_gaps__begin_with_something_else_until_all_was_said():
    page = composing.Book(np.zeros(8, dtype=np.int64), lambda _: [[str(at) for at in range(8)], ["a", "b"], ["", "c"]])
    turn = np.array([0, 1, 2, 3, *(composing.GAP_TURNS + np.arange(4))])
    first = [parts[0] for parts in composing.in_turn("x", np.full(8, 7, dtype=np.uint64), turn, page)]
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("kind", ["SUPPORT", "GROUP"])
def test_conversations__of_helpers_and_of_groups__begin_with_many_things(kind):
    world(mode="light", sizes={"clients": 250})
    begun = Counter(m.Conversation.objects.filter(type=kind).values_list("title", flat=True))
    assert len(begun) > 10
    assert max(begun.values()) <= 0.25 * sum(begun.values())


@pytest.mark.parametrize("weekday", range(7))
def test_posts__on_what_happened_at_work__count_back_to_no_weekend(weekday):
    number = 300
    texts = composing.fill_when(
        Draws("x"), np.arange(number, dtype=np.uint64), number * ["At work {day}."], np.full(number, weekday)
    )
    back = {"two days ago": 2, "a couple of days ago": 2, "the day before yesterday": 2, "three days ago": 3}
    counted = {(weekday - back[said]) % 7 for text in texts if (said := text[8:-1]) in back}
    assert counted == {(weekday - ago) % 7 for ago in (2, 3)} - {5, 6}


def test_popularity__octiles__give_the_first_posts_most():
    weights = np.sort(along(POPULARITY, np.linspace(0, 1, 10_001)))
    assert weights[-1250:].sum() > 0.45 * weights.sum()


def test_therapist__hundreds_of_posts_on_a_topic__are_all_different():
    number = 350
    keys = np.full(number, 7, dtype=np.uint64)
    rows = make_ids("Post", GAP, np.arange(number, dtype=np.uint64), np.zeros(number, dtype=np.int64), 0)
    turn, explains, monday = np.arange(number), np.ones(number, dtype=np.bool_), np.zeros(number, dtype=np.int64)
    for topic in (0, TOPICS.index("wellbeing")):
        titles, bodies = threads.posts(Draws("x"), rows, np.full(number, topic), explains, keys, turn, monday)
        assert len(set(bodies)) == number
        insights = {insight["title"]: insight["body"] for insight in composing.topic(topic)["insights"]}
        assert all(insights[title] in body for title, body in zip(titles, bodies, strict=True))


@pytest.mark.parametrize(("mode", "name"), [("light", "c"), ("medium", "b"), ("heavy", "a")])
def test_members__where_they_arrive__introduce_themselves_once_and_then_write_elsewhere(mode, name):
    world(mode=mode, seed=name)
    topic = composing.topic(ARRIVING)["subjects"][threads.INTRODUCTIONS]
    told = [re.split("{when}|{day}", situation)[0] for situation in topic["situations"]]
    arrived = [
        post
        for post in m.Post.objects.filter(user__role="client").select_related("community")
        if topic_of(post.community.slug, post.community.name) == ARRIVING
    ]
    introduced = Counter(post.user_id for post in arrived if any(line in post.content for line in told))
    begun = Counter(post.user_id for post in arrived if is_base(ids_of([post.pk])).all())
    assert set(introduced.values()) == {1} == set(begun.values())


def test_world__grown_and_seeded_under_another_name__repeats_no_text_and_breaks_no_rule():
    for mode, name in (("light", "one"), ("medium", "one"), ("heavy", "one"), ("heavy", "other")):
        sizes = {"clients": 100} if name == "other" else {}
        HybridSeedOrchestrator(SeedRequest(mode=mode, seed=name, sizes=sizes, as_of=AS_OF)).run_hybrid_seed()
    assert judge("default", None) == ()


@pytest.mark.parametrize("heights", [{"post.comments": 60}, {"community.posts": 110}, {"client.comments": 500}])
def test_world__of_minimums_far_above_the_usual__repeats_no_text_and_breaks_no_rule(heights):
    world(minimums=heights)
    assert judge("default", None) == ()


@pytest.mark.parametrize("name", ["mentara", "another"])
def test_hearts__of_a_heavy_seed__are_many_where_much_is_answered(name):
    world(mode="heavy", seed=name)
    posts = m.Post.objects.annotate(liked=Count("hearts", distinct=True), answers=Count("comments", distinct=True))
    hearts, answers = (np.array(list(posts.values_list(what, flat=True))) for what in ("liked", "answers"))
    assert np.mean(hearts > 1) > 0.2
    assert hearts.max() >= 10
    assert hearts[answers > 10].mean() > 3 * hearts[answers <= 2].mean()
