"""Administrators, and nobody else, work with every table in the admin."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from mentara_rows import make

from mentara import models as mentara

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
MODELS = [getattr(mentara, name) for name in mentara.__all__]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


def page(model, action, *args):
    return reverse(f"admin:mentara_{model._meta.model_name}_{action}", args=args)


def row_of(model):
    if model is mentara.Heart:
        return make(model, post=make(mentara.Post))
    return make(model)


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def administrator():
    return mentara.User.objects.create_superuser(
        "root@example.org", PASSWORD, first_name="Ada", middle_name="M.", last_name="Root"
    )


@pytest.fixture
def as_administrator(client, administrator):
    client.force_login(administrator)
    return client


def test_superuser__created__is_an_administrator_with_a_profile(administrator):
    assert administrator.role == mentara.User.Role.ADMIN
    assert administrator.admin_profile.permissions == []
    assert administrator.is_staff
    assert administrator.has_perm("mentara.change_user")
    assert str(administrator.admin_profile) == "Ada M. Root <root@example.org>"


def test_superuser__created_by_the_command__is_an_administrator(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    names = {"email": "root@example.org", "first_name": "Ada", "last_name": "Root"}
    call_command("createsuperuser", interactive=False, verbosity=0, **names)
    assert mentara.User.objects.get().admin_profile


def test_user__created__is_a_client_without_rights():
    user = mentara.User.objects.create_user("someone@EXAMPLE.org", PASSWORD)
    assert user.email == "someone@example.org"
    assert user.role == mentara.User.Role.CLIENT
    assert user.check_password(PASSWORD)
    assert not user.is_staff
    assert not user.has_module_perms("mentara")


def test_root__anybody__leads_to_the_admin(client):
    assert client.get("/").url == reverse("admin:index")


def test_login__administrator__enters_and_is_noted(client, administrator):
    response = client.post(reverse("admin:login"), {"username": administrator.email, "password": PASSWORD})
    assert response.status_code == 302
    page = client.get(reverse("admin:index"))
    assert page.status_code == 200
    assert "Ada" in page.text
    administrator.refresh_from_db()
    assert administrator.last_login is not None


@pytest.mark.parametrize("role", [role for role in mentara.User.Role if role != mentara.User.Role.ADMIN])
def test_login__another_role__is_refused(client, role):
    mentara.User.objects.create_user("someone@example.org", PASSWORD, role=role)
    response = client.post(reverse("admin:login"), {"username": "someone@example.org", "password": PASSWORD})
    assert response.status_code == 200
    assert "errornote" in response.text
    assert client.get(reverse("admin:index")).status_code == 302


def test_login__inactive_administrator__is_refused(client, administrator):
    mentara.User.objects.update(is_active=False)
    assert not client.login(username=administrator.email, password=PASSWORD)


@every_model
def test_changelist__administrator__opens_and_searches(as_administrator, model):
    row_of(model)
    response = as_administrator.get(page(model, "changelist"), {"q": "example"})
    assert response.status_code == 200
    assert as_administrator.get(page(model, "changelist")).text.count('class="action-select"') >= 1


@every_model
def test_changelist__client__is_kept_out(client, model):
    client.force_login(make(mentara.User))
    assert client.get(page(model, "changelist")).status_code == 302


@every_model
def test_changelist__more_rows__takes_no_more_queries(as_administrator, model):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            as_administrator.get(page(model, "changelist"))
        return len(captured)

    row_of(model)
    few = queries()
    for _ in range(4):
        row_of(model)
    assert queries() <= few


@every_model
def test_change_page__administrator__opens(as_administrator, model):
    assert as_administrator.get(page(model, "change", row_of(model).pk)).status_code == 200


@every_model
def test_add_page__administrator__opens(as_administrator, model):
    assert as_administrator.get(page(model, "add")).status_code == 200


@every_model
def test_search__any_model__is_possible_for_references(model):
    assert admin.site.get_model_admin(model).search_fields


def test_user_page__therapist__shows_the_profile(as_administrator):
    therapist = make(mentara.Therapist, user=make(mentara.User, role=mentara.User.Role.THERAPIST))
    assert therapist.license_number in as_administrator.get(page(mentara.User, "change", therapist.pk)).text


def test_add_page__new_account__is_saved_with_its_role(as_administrator):
    data = {
        "email": "new@example.org",
        "first_name": "New",
        "last_name": "Person",
        "role": "moderator",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert as_administrator.post(page(mentara.User, "add"), data).status_code == 302
    user = mentara.User.objects.get(email="new@example.org")
    assert user.role == mentara.User.Role.MODERATOR
    assert user.check_password(PASSWORD)


def test_change_page__saved__notes_the_time(as_administrator):
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    community = make(
        mentara.Community, image_url="https://example.org/image.png", created_at=long_ago, updated_at=long_ago
    )
    shown = {
        f"{prefix}{name}_at_{part}": value
        for prefix in ("", "initial-")
        for name in ("created", "updated")
        for part, value in enumerate(["2020-01-01", "00:00:00"])
    }
    data = {
        "name": "Calm",
        "slug": "calm",
        "description": "A quiet place.",
        "image_url": community.image_url,
        **shown,
    }
    assert as_administrator.post(page(mentara.Community, "change", community.pk), data).status_code == 302
    community.refresh_from_db()
    assert community.name == "Calm"
    assert community.created_at == long_ago
    assert community.updated_at > long_ago


class Form(HTMLParser):
    """What a browser sends of a page on which nobody has changed anything."""

    def __init__(self, page):
        super().__init__()
        self.sent, self.named = {}, None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in ("select", "textarea"):
            self.named = given["name"]
        if tag == "textarea":
            self.sent[self.named] = ""
        if tag == "option" and "selected" in given:
            self.sent[self.named] = given["value"]
        chosen = "checked" in given or given.get("type") not in ("checkbox", "radio", "submit")
        if tag == "input" and "name" in given and chosen:
            self.sent[given["name"]] = given.get("value", "on" if "checked" in given else "")

    def handle_data(self, data):
        if self.named in self.sent and self.lasttag == "textarea":
            self.sent[self.named] += data.removeprefix("\n").replace("\n", "\r\n")

    def handle_endtag(self, tag):
        if tag in ("select", "textarea"):
            self.named = None


def sent(response):
    return {name: value for name, value in Form(response.text).sent.items() if "__prefix__" not in name}


def worked_in(model):
    """A row with fractions of a second, texts of two lines, and null where that may be."""
    row, moment = row_of(model), datetime(2020, 1, 1, 10, 20, 30, 123456, tzinfo=UTC)
    for field in model._meta.concrete_fields:
        if isinstance(field, models.DateTimeField):
            setattr(row, field.name, moment)
        elif isinstance(field, models.TextField) and not field.null:
            setattr(row, field.name, "One line\nand another.")
        elif isinstance(field, models.SlugField):
            setattr(row, field.name, "calm")
    row.save()
    return row


@every_model
def test_change_page__saved_as_it_is__changes_nothing(as_administrator, model):
    row = worked_in(model)
    before = model.objects.values().get(pk=row.pk)
    where = page(model, "change", row.pk)
    response = as_administrator.post(where, sent(as_administrator.get(where)))
    assert response.status_code == 302, response.context["errors"]
    after = model.objects.values().get(pk=row.pk)
    assert {**after, "updated_at": None} == {**before, "updated_at": None}


@pytest.mark.parametrize("given", ["", "null"])
@pytest.mark.parametrize(
    ("model", "column"),
    [(mentara.PreAssessment, "scores"), (mentara.Notification, "data"), (mentara.Admin, "permissions")],
)
def test_change_page__a_value_that_is_never_null_emptied__is_the_default(as_administrator, model, column, given):
    row = make(model)
    where = page(model, "change", row.pk)
    data = {name: value for name, value in sent(as_administrator.get(where)).items() if name != column}
    response = as_administrator.post(where, {**data, column: given})
    assert response.status_code == 302, response.context["errors"]
    row.refresh_from_db()
    assert getattr(row, column) == model._meta.get_field(column).get_default()


def test_add_page__no_text_where_null_may_be__is_null(as_administrator):
    client, therapist = make(mentara.Client), make(mentara.Therapist)
    data = {
        "client": client.pk,
        "therapist": therapist.pk,
        "rating": 4,
        "created_at_0": "2026-01-01",
        "created_at_1": "10:00",
    }
    response = as_administrator.post(
        page(mentara.Review, "add"), {**data, "updated_at_0": "2026-01-01", "updated_at_1": "10:00"}
    )
    assert response.status_code == 302, response.context["errors"]
    assert mentara.Review.objects.get().content is None


@pytest.mark.parametrize("role", ["client", "moderator", "admin"])
def test_user_page__saved_as_it_is_without_a_profile__makes_one(as_administrator, role):
    user = make(mentara.User, role=role)
    where = page(mentara.User, "change", user.pk)
    response = as_administrator.post(where, sent(as_administrator.get(where)))
    assert response.status_code == 302, response.context["errors"]
    assert getattr(mentara.User.objects.get(pk=user.pk), f"{role}_profile").pk == user.pk


def test_user_page__of_a_therapist_without_a_profile__can_be_saved(as_administrator):
    user = make(mentara.User, role="therapist", is_active=True)
    where = page(mentara.User, "change", user.pk)
    data = sent(as_administrator.get(where))
    del data["is_active"]
    assert as_administrator.post(where, data).status_code == 302
    user.refresh_from_db()
    assert not user.is_active
    assert not mentara.Therapist.objects.exists()


@pytest.mark.parametrize("role", ["therapist", "moderator"])
def test_user_page__given_another_role__makes_no_profile_of_the_one_it_had(as_administrator, role):
    user = make(mentara.User, role="client")
    where = page(mentara.User, "change", user.pk)
    assert as_administrator.post(where, {**sent(as_administrator.get(where)), "role": role}).status_code == 302
    user.refresh_from_db()
    assert user.role == role
    assert not mentara.Client.objects.exists()


@pytest.mark.parametrize("text", ["a\r\nb", "a\nb\r\n", "  indented\n", "\ntrailing \n\n"])
def test_change_page__of_any_text__leaves_it_as_it_is(as_administrator, text):
    post = make(mentara.Post, content=text)
    where = page(mentara.Post, "change", post.pk)
    data = sent(as_administrator.get(where))
    assert as_administrator.post(where, {**data, "title": "Another"}).status_code == 302
    post.refresh_from_db()
    assert (post.title, post.content) == ("Another", text)


def test_change_page__of_a_json_null__is_saved_with_the_default(as_administrator):
    note = make(mentara.Notification)
    mentara.Notification.objects.update(data=models.Value(None, models.JSONField()))
    where = page(mentara.Notification, "change", note.pk)
    assert as_administrator.post(where, {**sent(as_administrator.get(where)), "title": "Another"}).status_code == 302
    note.refresh_from_db()
    assert (note.title, note.data) == ("Another", {})


def test_autocomplete__more_rows__takes_no_more_queries(as_administrator):
    asked = {"app_label": "mentara", "model_name": "preassessment", "field_name": "user", "term": "example"}

    def queries():
        with CaptureQueriesContext(connection) as captured:
            response = as_administrator.get(reverse("admin:autocomplete"), asked)
        return len(captured), len(response.json()["results"])

    make(mentara.Client)
    few, found = queries()
    for _ in range(5):
        make(mentara.Client)
    assert queries() == (few, found + 5)


def test_change_page__profile_changed_on_the_account_s__notes_the_time_in_the_profile(as_administrator):
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    user = make(mentara.User, role=mentara.User.Role.CLIENT, updated_at=long_ago)
    client = make(mentara.Client, user=user, city="Cebu", created_at=long_ago, updated_at=long_ago)
    where = page(mentara.User, "change", user.pk)
    data = sent(as_administrator.get(where))
    assert as_administrator.post(where, data).status_code == 302
    client.refresh_from_db()
    assert client.updated_at == long_ago
    (city,) = (name for name in data if name.endswith("-city") and not name.startswith("initial-"))
    assert as_administrator.post(where, {**data, city: "Davao"}).status_code == 302
    client.refresh_from_db()
    assert client.city == "Davao"
    assert client.created_at == long_ago
    assert client.updated_at > long_ago
