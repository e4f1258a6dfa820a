"""Factories make rows that hold on their own and are what a test asks for: accounts, communities, and each alike."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from factory.declarations import PostGenerationDeclaration
from one_day import AS_OF, broken, values

from mentara import models
from seeding.engine.clock import moment
from seeding.legacy import factories
from seeding.legacy.factories import base
from seeding.legacy.factories.one_row import FREE

pytestmark = pytest.mark.usefixtures("same_day")
FACTORIES = {
    each._meta.model.__name__: each
    for each in vars(factories).values()
    if isinstance(each, type) and issubclass(each, factories.Factory) and each is not factories.Factory
}
NEVER_SEEDED = {"Invoice", "Payment"}

every_factory = pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)


def attributes(factory: type[factories.Factory]) -> list[str]:
    declared = factory._meta.base_declarations
    return [name for name, value in declared.items() if not isinstance(value, PostGenerationDeclaration)]


def test_factories__tables__are_all_there_but_billing() -> None:
    assert set(FACTORIES) == set(models.__all__) - NEVER_SEEDED


@every_factory
def test_factory__every_column__is_declared(factory: type[factories.Factory]) -> None:
    fields = {field.name for field in factory._meta.model._meta.concrete_fields}
    assert set(attributes(factory)) == fields


@pytest.mark.django_db
@every_factory
def test_factory__on_its_own__makes_a_valid_row(factory: type[factories.Factory]) -> None:
    row = factory()
    row.full_clean()
    assert values(type(row).objects.get(pk=row.pk)) == values(row)


@pytest.mark.django_db
@every_factory
def test_factory__on_its_own__breaks_no_rule(factory: type[factories.Factory]) -> None:
    factory()
    assert broken() == []


@pytest.mark.django_db
@every_factory
def test_factory__batch__breaks_no_rule(factory: type[factories.Factory]) -> None:
    assert len({row.pk for row in factory.create_batch(4)}) == 4
    assert broken() == []


@every_factory
def test_factory__build__needs_no_database(factory: type[factories.Factory]) -> None:
    assert factory.build().pk


def another(factory: type[factories.Factory], name: str) -> Any:
    """Of few values another than the usual one, else that of another row."""
    usual, field = getattr(factory.build(), name), factory._meta.model._meta.get_field(name)
    if isinstance(usual, bool):
        return not usual
    if field.choices:
        return next(value for value, _ in field.flatchoices if value != usual)
    return usual


@every_factory
def test_factory__any_attribute__can_be_given(factory: type[factories.Factory]) -> None:
    for name in attributes(factory):
        given = another(factory, name)
        assert getattr(factory.build(**{name: given}), name) == given, name


@every_factory
def test_factory__counting_anew__makes_the_same_rows(factory: type[factories.Factory]) -> None:
    for each in FACTORIES.values():
        each.reset_sequence()
    rows = [values(row) for row in factory.build_batch(2)]
    for each in FACTORIES.values():
        each.reset_sequence()
    assert [values(row) for row in factory.build_batch(2)] == rows


@pytest.mark.django_db
@every_factory
def test_factory__counting_anew_beside_rows_that_are_kept__makes_others(factory: type[factories.Factory]) -> None:
    kept = factory.create_batch(2)
    for each in FACTORIES.values():
        each.reset_sequence()  # as another process begins
    assert not {row.pk for row in kept} & {row.pk for row in factory.create_batch(2)}
    assert broken() == []


def test_sequence__of_users__never_meets_a_seeded_account() -> None:
    users = factories.UserFactory.build_batch(3)
    assert all(int(user.email.removeprefix("client").partition("@")[0]) > FREE for user in users)


def test_default_run__now__is_truncated_to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    before = dt.datetime.now(dt.UTC)
    assert before - dt.timedelta(seconds=1) < moment(base.default_run().as_of) <= dt.datetime.now(dt.UTC)
    assert moment(base.default_run().as_of).microsecond == 0


def test_start_up__commands_and_generators__do_not_import_factory_boy() -> None:
    program = (
        "import sys, django; django.setup(); import seeding.legacy, seeding.orchestrator; "
        "from django.core.management import load_command_class; load_command_class('seeding', 'seed'); "
        "sys.exit('factory' in sys.modules or 'faker' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - our own words


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["client", "therapist", "admin", "moderator"])
def test_user__of_a_role__has_the_profile_of_it(role: str) -> None:
    user = factories.UserFactory(role=role)
    assert getattr(user, f"{role}_profile").user == user
    assert user.email.startswith(role)
    assert broken() == []


@pytest.mark.django_db
def test_user__profile_details__reach_the_profile() -> None:
    assert factories.UserFactory(profile__city="Cebu").client_profile.city == "Cebu"
    assert not models.Client.objects.filter(user=factories.UserFactory(profile=None)).exists()


def test_user__of_a_free_ordinal__is_active_and_verified() -> None:
    assert all(user.is_active and user.email_verified for user in factories.UserFactory.build_batch(100))


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED"])
def test_therapist__status__decides_on_the_admin(status: str) -> None:
    therapist = factories.TherapistFactory(status=status)
    decided = (therapist.processed_by_admin is not None, therapist.processed_at is not None)
    assert decided == ((status != "PENDING"),) * 2
    assert therapist.license_verified == (status == "APPROVED")
    assert broken() == []


def test_therapist__by_default__is_approved() -> None:
    assert {therapist.status for therapist in factories.TherapistFactory.build_batch(10)} == {"APPROVED"}


@pytest.mark.django_db
def test_member__moderator__is_a_user_with_that_role() -> None:
    member = factories.CommunityMemberFactory(moderator=True)
    assert (member.role, member.user.role) == ("MODERATOR", "moderator")


@pytest.mark.django_db
def test_post__batch_of_one_author__shares_the_memberships() -> None:
    member = factories.CommunityMemberFactory()
    posts = factories.PostFactory.create_batch(3, user=member.user, community=member.community)
    assert len({post.title for post in posts}) == 3
    assert models.CommunityMember.objects.get() == member
    assert broken() == []


@pytest.mark.django_db
def test_comment__reply__is_later_than_what_it_answers() -> None:
    post = factories.PostFactory()
    comment = factories.CommentFactory(post=post)
    replies = factories.CommentFactory.create_batch(8, post=post, parent=comment)
    assert min(reply.created_at for reply in replies) > comment.created_at
    assert broken() == []


@pytest.mark.django_db
def test_heart__for_a_comment__has_no_post() -> None:
    heart = factories.HeartFactory(comment=factories.CommentFactory())
    assert heart.post is None
    assert broken() == []


@pytest.mark.django_db
def test_comment__with_a_parent__replies_under_its_post():
    comment = factories.CommentFactory()
    assert factories.CommentFactory(parent=comment).post_id == comment.post_id


@pytest.mark.django_db
@pytest.mark.parametrize(
    "factory", [each for each in FACTORIES.values() if issubclass(each, base.Timestamped)], ids=lambda one: one.__name__
)
def test_row__made_yesterday__has_not_changed_before(factory: type[factories.Factory]) -> None:
    made = AS_OF - dt.timedelta(hours=20)
    row: Any = factory.create(created_at=made)
    assert row.created_at == made
    assert row.updated_at >= made


@pytest.mark.django_db
def test_user__password_in_plain_text__is_one_to_log_in_with() -> None:
    assert factories.UserFactory.create(password="secret").check_password("secret")
    again = factories.UserFactory.create(password=make_password("other"))
    assert again.check_password("other")
    assert not factories.UserFactory.create(password=None).has_usable_password()
