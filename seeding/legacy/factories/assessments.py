"""Assessments, and the answers that their scores are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from factory.declarations import (
    BaseDeclaration,
    LazyAttribute,
    LazyAttributeSequence,
    PostGenerationDeclaration,
    SelfAttribute,
)
from factory.enums import CREATE_STRATEGY

from mentara import models
from mentara.models import Client, User
from seeding.engine.clock import HOUR, micros, moment, window
from seeding.engine.ids import base_ids
from seeding.engine.keys import Ids, ids_of, keys_of, salt, uuids_of
from seeding.engine.run import Run
from seeding.engine.values import Columns, python_rows
from seeding.legacy.factories.accounts import ClientFactory
from seeding.legacy.factories.base import Factory, Timestamped
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import each, key, people_of
from seeding.rows.assessments import FOLLOW_UP_GAP, ITEMS, LATE, SCREENING, Sittings, assessment_rows, first_sitting
from seeding.world.concerns import CONCERNS
from seeding.world.instruments import instruments


def account_of(given: Client | User) -> User:
    """The account of a client, who may be given by it."""
    return given if isinstance(given, User) else given.user


def client_of(given: Client | User) -> Client:
    """The client, who may be given by their account. Raises ValueError for the account of somebody else."""
    if isinstance(given, Client):
        return given
    if not hasattr(given, "client_profile"):
        raise ValueError(f"Clients are assessed, and {given.email} ({given.role}) is none; give a client.")
    return given.client_profile


def sat(of: Any) -> int:
    """When the client completed the assessment; a follow-up comes weeks after the first."""
    account, client = np.array([micros(account_of(of.user).created_at)]), key(of.user)
    if not of.follow_up:
        return int(first_sitting(of.run, ids_of([of.id]), client, account)[0])
    first = first_sitting(of.run, base_ids("PreAssessment", client), client, account)
    frame = window(of.run.as_of, orders=first + FOLLOW_UP_GAP + HOUR)
    return int(frame.at(LATE * of.run.draws.unit("assessed", keys_of(ids_of([of.id]))))[0])


def sitting(of: Any, ids: Ids) -> tuple[Columns, Iterator[Columns]]:
    """The assessment, and its answers for each questionnaire."""
    done = of.completed_at is not None
    completed = micros(of.completed_at) if done else sat(of)
    sittings = Sittings(ids, each(0, ids), each(completed, ids), each(of.follow_up, ids), each(done, ids))
    return assessment_rows(of.run, people_of(of.run, account_of(of.user)), sittings)


@dataclass(frozen=True)
class Sitting:
    """An assessment that is there, as the functions above read one."""

    run: Run
    user: Client
    completed_at: Any
    follow_up: bool
    id: Any


def answers_to(run: Run, taken: Any, *, follow_up: bool) -> dict[tuple[str, int], dict[str, Any]]:
    """The answers of an assessment by questionnaire and item."""
    if taken.completed_at is None:
        return {}
    of = Sitting(run, taken.user, taken.completed_at, follow_up, taken.pk)
    answers = sitting(of, key(taken))[1]
    rows = chain.from_iterable(
        python_rows(models.PreAssessmentAnswer, of_questionnaire) for of_questionnaire in answers
    )
    return {(row["questionnaire"], row["answer_index"]): row for row in rows}


class _Answers(PostGenerationDeclaration):
    """The answers that the scores are made of; `answers=None` leaves them out."""

    def call(self, instance: models.PreAssessment, step: Any, context: Any) -> Any:
        if context.value_provided:
            return context.value
        given = answers_to(step.stub.run, instance, follow_up=step.stub.follow_up)
        answers = [models.PreAssessmentAnswer(**row) for row in given.values()]
        if step.builder.strategy == CREATE_STRATEGY:
            models.PreAssessmentAnswer.objects.bulk_create(answers)
        return answers


class PreAssessmentFactory(Timestamped[models.PreAssessment]):
    """A client's first assessment, or with `follow_up=True` a later one, and the answers to its questionnaires.

    `user` is the client or their account; that of somebody else is refused with a ValueError.
    """

    class Meta:
        model = models.PreAssessment

    class Params:
        slot = Free()
        follow_up = False
        row = Row(lambda of, ids: sitting(of, ids)[0])

    id = Key("user")
    user = Parent(ClientFactory)
    scores = Column()
    severity_levels = Column()
    is_processed = Column()
    completed_at = LazyAttribute(lambda assessment: moment(sat(assessment)))
    answers = _Answers()

    @classmethod
    def _adjust_kwargs(cls, **given: Any) -> dict[str, Any]:
        return {**given, "user": client_of(given["user"])}


def first_questionnaire(of: Any) -> str:
    """The first questionnaire of an assessment."""
    return str(next(iter(of.pre_assessment.scores), SCREENING[0]))


def items(slug: str) -> int:
    """How many items a questionnaire has; one that nobody knows has one."""
    return instruments()[slug].items if slug in CONCERNS else 1


def answer_id(of: Any) -> Any:
    """The id of the answer to an item."""
    about = CONCERNS.index(of.questionnaire) if of.questionnaire in CONCERNS else int(salt(of.questionnaire) >> 40)
    return uuids_of(base_ids("PreAssessmentAnswer", key(of.pre_assessment), about * ITEMS + of.answer_index))[0]


def answer_value(of: Any) -> int:
    """What the client answered; the first alternative where the questionnaire was not taken."""
    given = answers_to(of.run, of.pre_assessment, follow_up=of.follow_up)
    return int(given.get((of.questionnaire, of.answer_index), {"value": 0})["value"])


class _Value(BaseDeclaration):
    """The value of the answer that is there, or else of the one that would be."""

    def evaluate(self, instance: Any, step: Any, extra: dict[str, Any]) -> int:  # noqa: ARG002 - factory_boy's signature
        if step.builder.strategy == CREATE_STRATEGY:
            item = {"questionnaire": instance.questionnaire, "answer_index": instance.answer_index}
            there = instance.pre_assessment.answers.filter(**item).first()
            if there is not None:
                return int(there.value)
        return answer_value(instance)


class PreAssessmentAnswerFactory(Factory[models.PreAssessmentAnswer]):
    """One answer of an assessment that has all of them; the one that is there already, as its score is made of it.

    Refused with a ValueError are another value than that and a questionnaire that a completed assessment has no score
    for. An assessment made with `answers=None` takes any values, one by one.
    """

    class Meta:
        model = models.PreAssessmentAnswer
        django_get_or_create = ("pre_assessment", "questionnaire", "answer_index")

    class Params:
        follow_up = False

    id = LazyAttribute(answer_id)
    pre_assessment = Parent(PreAssessmentFactory, follow_up=SelfAttribute("..follow_up"))
    questionnaire = LazyAttribute(first_questionnaire)
    answer_index = LazyAttributeSequence(lambda answer, number: number % items(answer.questionnaire))
    value = _Value()

    @classmethod
    def _get_or_create(cls, model_class: Any, *args: Any, **given: Any) -> models.PreAssessmentAnswer:
        assessment, about = given["pre_assessment"], given["questionnaire"]
        if assessment.completed_at is not None and about not in assessment.scores:
            raise ValueError(
                f"The assessment has no score for {about!r}, but for {', '.join(assessment.scores) or 'nothing'}; "
                "ask for an answer to that, or give a pre_assessment with such a score."
            )
        answer: models.PreAssessmentAnswer = super()._get_or_create(model_class, *args, **given)
        if answer.value != given["value"]:
            raise ValueError(
                f"Item {answer.answer_index} of {about!r} is answered by {answer.value} already, which the score is "
                f"made of; for {given['value']} give a pre_assessment that was made with answers=None."
            )
        return answer
