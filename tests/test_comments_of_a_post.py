"""Comments under one post do not repeat one another, and staff speak as staff."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from databases import on_both, on_sqlite
from django.db.models import F
from enrichers import small_worlds
from test_properties import rolled_back
from worlds import AS_OF

from mentara.models import Client, Comment, Community, CommunityMember, Heart, Post, User
from seeding.corpus import load
from seeding.engine.keys import GAP, Draws, ids_of, is_base, keys_of, make_ids, salt
from seeding.enrichers import CommentsEnricher, HeartsEnricher
from seeding.legacy.content import AGAIN
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.requirements import MINIMUMS
from seeding.rows.comments import answered
from seeding.texts import composing, threads
from seeding.world.concerns import ARRIVING, CONCERNS, TOPICS

ANXIETY = CONCERNS.index("anxiety")
TUNES = ("comforts", "cheers", "welcomes")


def all_pools() -> list[dict[str, Any]]:
    """The pools of comments: for any topic, and for each tune."""
    shared = load("comments")
    return [shared, *(shared[tune] for tune in TUNES)]


def said(voice: Any, authors: int, subject: int = 0, about: int = ANXIETY) -> list[str]:
    """What so many people say under one post, each for the first time, in one voice or each in another."""
    keys = np.array([salt("author", str(at)) for at in range(authors)], dtype=np.uint64)
    each = np.ones(authors, dtype=np.int64)
    answers = threads.Answers(
        about * each, subject * each, np.asarray(voice) * each, keys, 0 * each,
        np.repeat(salt("post"), authors), np.arange(authors),
    )  # fmt: skip
    return threads.comments(Draws("mentara"), answers)


def lines(subject: int) -> list[str]:
    return list(composing.topic(ANXIETY)["subjects"][subject]["comments"])


@pytest.mark.parametrize("voice", [threads.PEER, threads.REPLY])
def test_comments__of_one_post__each_say_another_line_of_its_subject(voice: int) -> None:
    used = [line for text in said(voice, len(lines(0))) for line in lines(0) if line.split("{")[0] in text]
    fitting = [line for line in lines(0) if voice == threads.PEER or "you" not in line.lower()]
    assert sorted(used) == sorted(fitting)
    assert len(fitting) > 2


def test_comments__more_than_there_are_lines__tell_what_helped_with_the_topic_each_in_other_words() -> None:
    advice = list(composing.topic(ANXIETY)["advice"])
    told = said(threads.PEER, len(lines(0)) + len(advice))[len(lines(0)) :]
    assert sorted(line for text in told for line in advice if line in text) == sorted(advice)


def test_comments__many_of_one_post__tell_nothing_twice() -> None:
    told = said(np.resize([threads.PEER, threads.REPLY, threads.PEER], 90), 90)
    things = [*lines(0), *composing.topic(ANXIETY)["advice"]]
    assert max(sum(thing in text for text in told) for thing in things) == 1


@pytest.mark.parametrize("voice", threads.OF_MANY)
def test_comments__one_below_the_other__neither_begin_nor_end_in_the_same_way(voice: int) -> None:
    sentences = [text.split(". ") for text in said(voice, 200)]
    for near, number in ((0, threads.BEGINS), (-1, threads.ENDS)):
        said_at = [told[near] for told in sentences]
        for at in range(1, len(said_at)):
            assert said_at[at] not in said_at[max(0, at + 1 - number) : at]


def test_lines__that_begin_and_end_comments__belong_to_one_voice_each() -> None:
    kinds = ("openers", "replies", "openings", "comments", "additions", "goodbyes", "closings")
    lines = Counter(
        line for pools in all_pools() for name, own in pools.items() if name.endswith(kinds) for line in set(own) - {""}
    )
    assert [line for line, voices in lines.items() if voices > 1] == []


def test_comments__of_therapists__name_the_subject_in_the_second_person() -> None:
    about = next(at for at, one in enumerate(composing.topic(ANXIETY)["subjects"]) if "my" in one["name"].split())
    spoken = said(threads.THERAPIST, 8, about)
    assert all(" my family" not in text for text in spoken)
    assert any("your family" in text for text in spoken)


def moods() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Lines for what is hard, and for what is light."""
    return load("comments")["comforts"], load("comments")["cheers"]


def test_comments__of_every_tune__have_as_many_lines() -> None:
    """So that who says something in several of them says nothing twice."""
    sizes = [{part: len(lines) for part, lines in load("comments")[tune].items()} for tune in TUNES]
    assert sizes == 3 * [sizes[0]]


@pytest.mark.parametrize("voice", [threads.PEER, threads.THERAPIST])
@pytest.mark.parametrize(("topic", "light"), [("gratitude", True), ("anxiety", False), ("families-and-carers", False)])
def test_comments__on_what_is_light_or_hard__comfort_who_may_need_it(topic: str, light: bool, voice: int) -> None:
    text = " ".join(said(voice, 400, 1, TOPICS.index(topic)))
    heard = [sum(line in text for pool in mood.values() for line in pool) for mood in moods()]
    assert heard[not light] == 0
    assert heard[light] > 8


@pytest.mark.parametrize("subject", [threads.UNREAD, threads.NO_SUBJECT, 0])
@pytest.mark.parametrize("about", range(len(TOPICS)))
def test_comments__of_every_voice_on_every_topic__say_something(about: int, subject: int) -> None:
    to_who_explains = threads.LISTENER if subject == threads.NO_SUBJECT else threads.PEER
    for voice in {to_who_explains, *range(threads.PEER + 1, threads.EXPLAINER + 1)}:
        assert all(said(voice, 400, subject, about)), voice


@pytest.mark.parametrize("voice", range(threads.EXPLAINER + 1))
def test_comments__on_a_post_that_was_not_written_here__take_nothing_of_it_for_granted(voice: int) -> None:
    lines = load("comments")["unread"]
    may_say = {line.rstrip(".") for pool in lines.values() for line in pool}
    may_say |= {line.rstrip(".") for line in load("comments")["asides"]}
    for text in said(voice, 60, threads.UNREAD):
        assert text.startswith(tuple(lines[threads.UNREAD_VOICES[voice]])), text
        assert set(text.rstrip(".").split(". ")) <= may_say, text


@pytest.mark.parametrize("place", [0, 3])
@pytest.mark.parametrize("voice", [threads.PEER, threads.REPLY, threads.THERAPIST, threads.STAFF])
def test_comments__of_one_person_on_hundreds_of_posts_of_others__are_all_different(voice: int, place: int) -> None:
    number = np.arange(400)
    keys = np.array([salt("post", str(at)) for at in number], dtype=np.uint64)
    texts: list[str] = []
    for first in (0, composing.GAP_TURNS):
        same = [np.full(len(number), value) for value in (ANXIETY, threads.UNREAD, voice)]
        who = np.repeat(salt("author"), len(number))
        answers = threads.Answers(*same, who, first + number, keys, np.full(len(number), place))
        texts += threads.comments(Draws("mentara"), answers)
    assert len(set(texts)) == len(texts)


@on_both
def test_comments__on_posts_of_somebody_else__are_of_those_who_know_nothing_of_it(using: str) -> None:
    with rolled_back(using):
        author = User.objects.using(using).create(
            email="own@example.org", role="client", created_at=AS_OF, updated_at=AS_OF
        )
        Client.objects.using(using).create(user=author, created_at=AS_OF, updated_at=AS_OF)
        place = Community.objects.using(using).create(slug="depression", name="Depression", created_at=AS_OF)
        CommunityMember.objects.using(using).create(user=author, community=place, joined_at=AS_OF)
        post = Post.objects.using(using).create(
            user=author, community=place, title="Tonight", content="I do not want to live any more.", created_at=AS_OF
        )
        asked = SeedRequest(as_of=AS_OF, using=using, minimums={"post.comments": 6})
        assert HybridSeedOrchestrator(asked).run_hybrid_seed().satisfied
        answers = Comment.objects.using(using).filter(post=post)
        assert len(answers) >= 6
        begins = tuple(line for pool, lines in load("comments")["unread"].items() for line in lines)
        assert [one.content for one in answers if not one.content.startswith(begins)] == []


@pytest.mark.parametrize("about", range(len(CONCERNS), len(TOPICS)))
def test_therapists__on_what_is_no_concern__treat_it_as_no_complaint(about: int) -> None:
    for subject in range(len(composing.topic(about)["subjects"])):
        told = said(threads.THERAPIST, 20, subject, about)
        name = composing.topic(about)["subjects"][subject]["name"].replace("my ", "your ")
        of_concerns = {*load("comments")["therapist_subjects"]} - {*load("comments")["therapist_general"]}
        lines = [line.replace("{subject}", name) for line in of_concerns]
        assert [text for text in told if any(line in text for line in lines)] == []


@pytest.mark.parametrize("voice", [threads.PEER, threads.THERAPIST, threads.STAFF])
def test_comments__where_members_arrive__comfort_and_cheer_nobody(voice: int) -> None:
    text = " ".join(said(voice, 400, 1, ARRIVING))
    assert [line for mood in moods() for pool in mood.values() for line in pool if line in text] == []


@pytest.mark.parametrize("about", range(len(TOPICS)))
def test_answers__to_an_explanation__each_say_something_else(about: int) -> None:
    advice = composing.topic(about)["advice"]
    told = [said(voice, len(advice), threads.NO_SUBJECT, about) for voice in (threads.LISTENER, threads.REPLY)]
    for texts in told:
        assert max(sum(line in text for text in texts) for line in advice) <= 1


@pytest.mark.parametrize("about", range(len(TOPICS)))
def test_comments__of_who_posted__repeat_nothing_of_the_post(about: int) -> None:
    keys, each = np.arange(1, 201, dtype=np.uint64), np.full(200, about)
    ids = make_ids("Post", GAP, keys, 0 * each, 0)
    _, bodies = threads.posts(Draws("x"), ids, each, np.zeros(200, dtype=np.bool_), keys, 0 * each, 0 * each)
    ends = {body.rsplit(". ", 1)[-1] for body in bodies}
    later = [text for voice in (threads.AUTHOR, threads.ADDITION) for text in said(voice, 100, about=about)]
    assert {end for end in ends if any(end in text for text in later)} == set()


def helps(user: User) -> bool:
    """Whether somebody speaks as one of the team or as a therapist, approved or not."""
    return user.role != "client"


def voice_of(comment: Comment) -> str:
    """The pool of the corpus that the beginning of a comment must come from."""
    author, post = comment.user, comment.post.user
    if author == post:
        if helps(author):
            return "therapist_openings"
        return "author_replies" if comment.parent_id else "author_additions"
    if helps(author):
        if helps(post):
            return "colleague_comments"
        return "therapist_comments" if author.role == "therapist" else "staff_comments"
    if comment.parent_id:
        return "replies"
    return "listener_openings" if helps(post) else ""


@on_both
def test_comments__heavy_seed__are_said_to_whom_they_answer() -> None:
    with rolled_back("default"):
        HybridSeedOrchestrator(SeedRequest("heavy", as_of=AS_OF)).run_hybrid_seed()
        met: Counter[str] = Counter()
        for one in Comment.objects.select_related("user", "post__user", "parent__user"):
            voice = voice_of(one)
            met[voice] += 1
            begins = [line for pools in all_pools() for line in pools.get(voice, ())]
            assert not voice or one.content.startswith(tuple(begins)), (voice, one.content)
            assert not (one.parent_id and helps(one.user))
            if one.user.role == "therapist":
                assert one.user.therapist_profile.status == "APPROVED"
            assert one.parent_id is None or one.parent.user_id != one.user_id
            if one.parent_id:
                assert not one.parent.parent_id
                assert not helps(one.parent.user)
                assert one.parent.user_id not in (one.user_id, one.post.user_id)
        assert all(
            met[voice] > 5 for voice in ("", "replies", "author_replies", "author_additions", "listener_openings")
        )


@on_both
@pytest.mark.parametrize("enrich", [False, True])
def test_who_posted__after_another_member_has_written__answers_them(enrich: bool) -> None:
    with rolled_back("default"):
        HybridSeedOrchestrator(SeedRequest("heavy", as_of=AS_OF, enrich=enrich)).run_hybrid_seed()
        first: dict[Any, Any] = {}
        answered_them = 0
        for one in Comment.objects.select_related("user", "post__user").order_by("created_at"):
            if helps(one.user):
                continue
            if one.user_id != one.post.user_id:
                first.setdefault(one.post_id, one.user_id)
            elif one.post_id in first:
                assert one.parent_id
                answered_them += 1
        assert answered_them > 10


@on_both
def test_comments__of_the_base__by_one_person_on_a_post_are_two_at_most_and_the_second_is_a_reply() -> None:
    with rolled_back("default"):
        HybridSeedOrchestrator(SeedRequest("medium", as_of=AS_OF, enrich=False)).run_hybrid_seed()
        rows = list(Comment.objects.exclude(user=F("post__user")).order_by("pk").values_list("user", "post", "parent"))
        often = Counter(row[:2] for row in rows)
        assert max(often.values()) == AGAIN
        on_the_post = Counter(row[:2] for row in rows if row[2] is None)
        assert max(on_the_post.values()) == 1


@on_both
@pytest.mark.parametrize(
    ("mode", "least", "too_few"), [("light", 10, False), ("medium", 10, False), ("light", 30, True)]
)
def test_comments__added_for_a_gap__are_on_new_posts_unless_a_post_lacks_them_or_there_are_none(
    mode: str, least: int, too_few: bool
) -> None:
    with rolled_back("default"):
        request = SeedRequest(mode, as_of=AS_OF, minimums={"client.comments": least})
        HybridSeedOrchestrator(request).run_hybrid_seed()
        commented: dict[UUID, list[UUID]] = defaultdict(list)
        again = set()
        for one in Comment.objects.exclude(user=F("post__user")).order_by("pk"):  # base rows come first
            for_a_gap = not is_base(ids_of([one.pk])).all()
            if for_a_gap and one.post_id in commented[one.user_id] and one.post.comments.count() > 2:
                again.add((one.user_id, one.post.community_id))
            commented[one.user_id].append(one.post_id)
        for user, community in again:
            others = Post.objects.filter(community=community).exclude(user=user).values_list("pk", flat=True)
            assert set(others) <= set(commented[user])
        assert bool(again) == too_few


@on_both
@pytest.mark.parametrize("slugs", [["anxiety"], ["anxiety", "stress", "sleep"]])
def test_comments__where_clients_find_too_little_to_heart__are_as_many_as_they_lack(
    using: str, slugs: list[str]
) -> None:
    with rolled_back(using):
        world = small_worlds.World(using)
        clients = [world.client().user for _ in range(2)]
        for slug in slugs:
            world.community(*clients, slug=slug)
        request = SeedRequest(
            as_of=small_worlds.AS_OF, using=using, base=False, minimums={"client.hearts": 60, "community.members": 2}
        )
        HybridSeedOrchestrator(request).run_hybrid_seed()
        for client in clients:
            assert client.hearts.count() == 60
            by_others = (model.objects.using(using).exclude(user=client).count() for model in (Post, Comment))
            assert sum(by_others) == 60


@on_both
def test_hearts__of_those_who_have_hearted_everything__are_not_looked_for_again(
    using: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = Counter[int]()
    elsewhere = HeartsEnricher.elsewhere

    def noted(self: Any, plan: Any, members: Any, by_community: Any, user: int, *number: int) -> Any:
        looked[user] += 1
        return elsewhere(self, plan, members, by_community, user, *number)

    monkeypatch.setattr(HeartsEnricher, "elsewhere", noted)
    with rolled_back(using):
        world = small_worlds.World(using)
        world.community(*(world.client().user for _ in range(3)))
        request = SeedRequest(
            as_of=small_worlds.AS_OF, using=using, base=False, only=("Post", "Heart"), minimums={"client.hearts": 60}
        )
        HybridSeedOrchestrator(request).run_hybrid_seed()
        assert Heart.objects.using(using).count() == 3 * 2 * Post.objects.using(using).count() / 3
    assert len(looked) == 3
    assert max(looked.values()) <= 2  # once among the posts, once among the comments


@pytest.mark.django_db
def test_comments__after_rows_were_deleted__none_is_written_that_nobody_needs() -> None:
    HybridSeedOrchestrator(SeedRequest(mode="medium", as_of=AS_OF)).run_hybrid_seed()
    least = {minimum.key: minimum.at_least for minimum in MINIMUMS}
    of_role = {"client": least["client.comments"], "therapist": least["therapist.comments"]}
    for lot in range(6):
        with rolled_back("default"):
            there = list(Comment.objects.order_by("pk").values_list("pk", flat=True))
            lost = Draws(f"lot {lot}").chance("lost", keys_of(ids_of(there)), 0.15)
            Comment.objects.filter(pk__in=[pk for pk, gone in zip(there, lost.tolist(), strict=True) if gone]).delete()
            before = set(Comment.objects.values_list("pk", flat=True))
            HybridSeedOrchestrator(SeedRequest(mode="medium", as_of=AS_OF, base=False)).run_hybrid_seed()
            new = Comment.objects.exclude(pk__in=before).select_related("user")
            assert new
            by, under = (Counter(Comment.objects.values_list(name, flat=True)) for name in ("user", "post"))
            needed = [
                by[one.user_id] <= of_role.get(one.user.role, 0) or under[one.post_id] <= least["post.comments"]
                for one in new
            ]
            assert all(needed), f"{needed.count(False)} of {len(needed)}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["mentara", "two"])
def test_who_posted__where_one_answer_is_enough__is_not_the_only_one_who_writes(name: str) -> None:
    HybridSeedOrchestrator(SeedRequest(seed=name, as_of=AS_OF, minimums={"post.comments": 1})).run_hybrid_seed()
    answered = Post.objects.filter(comments__isnull=False).exclude(comments__user=F("user"))
    alone = Post.objects.filter(comments__isnull=False).exclude(
        pk__in=Comment.objects.exclude(user=F("post__user")).values("post")
    )
    assert answered.count() > 20
    assert list(alone) == []


def test_answered__a_lone_comment_that_nobody_answers__has_none_before_it() -> None:
    lone, no = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.bool_)
    for but_one in (False, True):
        assert answered(lone, lone, lone, lone, ~no, no, but_one=but_one).tolist() == [-1]


@on_sqlite
def test_comments__of_a_therapist_who_owes_some__are_under_posts_of_others(using: str) -> None:
    world = small_worlds.World(using)
    therapist, clients = world.therapist().user, [world.client().user for _ in range(4)]
    place = world.community(therapist, *clients)
    for at in range(24):
        author = clients[at % 4] if at % 2 else therapist
        text = {"title": f"On tea {at}", "content": "Tea helps.", "created_at": small_worlds.AS_OF - small_worlds.DAY}
        world.make(Post, user=author, community=place, **text)
    asked = {"client.comments": 0, "client.hearts": 0, "therapist.comments": 8, "post.comments": 2}
    CommentsEnricher(small_worlds.run_of(using, asked)).enrich()
    told = Comment.objects.using(using).filter(user=therapist)
    assert told.count() >= 8
    assert not told.filter(post__user=therapist).exists()
