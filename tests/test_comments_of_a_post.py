"""Comments under one post do not repeat one another, and staff speak as staff."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from databases import BOTH
from test_properties import rolled_back
from worlds import AS_OF

from mentara.models import Comment
from seeding.corpus import load
from seeding.engine.keys import Draws, ids_of, is_base, salt
from seeding.legacy.content import AGAIN
from seeding.orchestrator import HybridSeedOrchestrator, SeedRequest
from seeding.texts import composing, threads
from seeding.world.concerns import CONCERNS

ANXIETY = CONCERNS.index("anxiety")


def said(voice: int, authors: int, subject: int = 0) -> list[str]:
    """What so many people say under one post, each for the first time."""
    keys = np.array([salt("author", str(at)) for at in range(authors)], dtype=np.uint64)
    each = np.ones(authors, dtype=np.int64)
    answers = threads.Answers(
        ANXIETY * each, subject * each, voice * each, keys, 0 * each,
        np.repeat(salt("post"), authors), np.arange(authors),
    )  # fmt: skip
    return threads.comments(Draws("mentara"), keys, answers)


def lines(subject: int) -> list[str]:
    return list(composing.topic(ANXIETY)["subjects"][subject]["comments"])


@pytest.mark.parametrize("voice", [threads.PEER, threads.REPLY])
def test_comments__of_one_post__each_say_another_line_of_its_subject(voice: int) -> None:
    used = [line for text in said(voice, len(lines(0))) for line in lines(0) if line.split("{")[0] in text]
    assert sorted(used) == sorted(lines(0))


def test_comments__more_than_there_are_lines__are_still_about_the_subject() -> None:
    for text in said(threads.PEER, 40):
        assert any(line.split("{")[0] in text for line in lines(0))


def test_comments__of_therapists__name_the_subject_in_the_second_person() -> None:
    about = next(at for at, one in enumerate(composing.topic(ANXIETY)["subjects"]) if "my" in one["name"].split())
    spoken = said(threads.THERAPIST, 8, about)
    assert all(" my family" not in text for text in spoken)
    assert any("your family" in text for text in spoken)


@pytest.mark.django_db(databases=BOTH)
def test_staff__medium_seed__do_not_tell_of_troubles_of_their_own() -> None:
    with rolled_back("default"):
        HybridSeedOrchestrator(SeedRequest("medium", as_of=AS_OF)).run_hybrid_seed()
        by_staff = Comment.objects.filter(user__role__in=("admin", "moderator")).exclude(post__user=None)
        openings = (*load("comments")["staff_comments"], *load("comments")["author_replies"])
        assert by_staff.exists()
        assert all(one.content.startswith(openings) for one in by_staff)
        rows = Comment.objects.values_list("pk", "user", "post")
        base = is_base(ids_of(pk for pk, _, _ in rows)).tolist()
        often = Counter(row[1:] for row, ours in zip(rows, base, strict=True) if ours)
        assert max(often.values()) == AGAIN
