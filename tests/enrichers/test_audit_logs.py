"""Audit logs: gaps close exactly, and each names an existing row and an administrator who could have done it."""

from collections import Counter
from ipaddress import ip_address, ip_network

import pytest
from databases import BOTH, on_both
from small_worlds import AS_OF, DAY, MINUTE, World, ours, queries, run_of

from mentara import models as m
from seeding.enrichers import audit_logs
from seeding.enrichers.audit_logs import AuditLogsEnricher

pytestmark = on_both
KEY = "admin.auditLogs"
DOCUMENTATION = [ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


@pytest.fixture
def world(using):
    return World(using)


def enrich(using, height=3):
    run = run_of(using, {KEY: height})
    result = AuditLogsEnricher(run).enrich()
    assert not broken(using)
    assert AuditLogsEnricher(run).enrich().rows == 0
    return result


def broken(using):
    """What the rows that the toolkit wrote break of N2, T1 and T2."""
    found = []
    for log in ours(m.AuditLog.objects.using(using).select_related("user")):
        row = getattr(m, log.entity).objects.using(using).filter(pk=log.entity_id).first()
        found += ["N2 row"] * (row is None)
        found += ["N2 older"] * (row is not None and log.created_at < row.created_at)
        found += ["role"] * (log.user_role != log.user.role)
        young = log.user.created_at > AS_OF - 90 * DAY
        found += ["T1"] * (log.created_at < log.user.created_at and not young)
        late = max(row.created_at, log.user.created_at) > AS_OF - MINUTE
        found += ["T2"] * (log.created_at > AS_OF and not late)
        found += ["address"] * (not any(ip_address(log.ip_address) in network for network in DOCUMENTATION))
        found += ["text"] * (not log.description)
        if log.entity == "Therapist":
            found += ["decision"] * (row.processed_by_admin_id != log.user_id or log.created_at < row.processed_at)
            found += ["outcome"] * (not log.action.startswith(row.status.removesuffix("D").removesuffix("E")))
    return Counter(found)


def office(world):
    """Two admins, of whom one has decided on applications, and what there is to look after."""
    first, second = world.admin(), world.admin()
    world.therapist("APPROVED", by=first)
    world.therapist("REJECTED", by=first)
    client = world.client()
    world.client(is_active=False)
    place = world.community(client.user)
    for _ in range(4):
        post = world.make(m.Post, user=client.user, community=place, title="T", content="C", created_at=AS_OF - 9 * DAY)
        world.make(m.Comment, user=client.user, post=post, content="C", created_at=AS_OF - 8 * DAY)
    return first, second


def test_audit_logs__two_admins__have_exactly_enough_of_different_actions(using, world):
    admins = office(world)
    enrich(using)
    for admin in admins:
        logs = m.AuditLog.objects.using(using).filter(user=admin.user)
        assert len(logs) == 3 == len({log.action for log in logs})


def test_audit_logs__raised_minimum__all_kinds_of_work(using, world):
    first, second = office(world)
    assert enrich(using, height=30).rows == 60
    actions = {
        admin: set(m.AuditLog.objects.using(using).filter(user=admin.user).values_list("action", flat=True))
        for admin in (first, second)
    }
    common = {"USER_LOGIN", "ADMIN_SYSTEM_CONFIG", "MODERATE_POST", "MODERATE_COMMENT", "DATA_EXPORT"}
    decisions = {"APPROVE_THERAPIST_APPLICATION", "REJECT_THERAPIST_APPLICATION"}
    suspends = next(admin for admin in (first, second) if "SUSPEND_USER" in actions[admin])
    assert actions[suspends] - decisions == common | {"SUSPEND_USER"}
    assert actions[first] - {"SUSPEND_USER"} == common | decisions
    assert actions[second] - {"SUSPEND_USER"} == common


def test_audit_logs__what_is_done_once__is_told_once_and_at_its_time(using, world):
    office(world)
    enrich(using, height=15)
    enrich(using, height=30)
    logs = m.AuditLog.objects.using(using)
    suspension = logs.get(action="SUSPEND_USER")
    assert not m.User.objects.using(using).get(pk=suspension.entity_id).is_active
    for action in ("APPROVE_THERAPIST_APPLICATION", "REJECT_THERAPIST_APPLICATION"):
        decision = logs.get(action=action)
        processed = m.Therapist.objects.using(using).get(pk=decision.entity_id).processed_at
        assert 0 <= (decision.created_at - processed).total_seconds() <= 2


def test_audit_logs__an_admin_alone__signs_in_and_configures(using, world):
    world.admin()
    enrich(using)
    logs = m.AuditLog.objects.using(using)
    assert {(log.action, log.entity) for log in logs} == {("USER_LOGIN", "User"), ("ADMIN_SYSTEM_CONFIG", "Admin")}


@pytest.mark.parametrize("role", ["moderator", "client"])
def test_audit_logs__admin_row_of_another_role__has_enough_too(using, world, role):
    world.admin(role=role)
    assert enrich(using).rows == 3


def test_audit_logs__who_has_some__gets_the_rest(using, world):
    admin = world.admin()
    world.make(m.AuditLog, user=admin.user, action="USER_LOGIN", entity="User", entity_id=admin.pk)
    assert enrich(using).rows == 2


def test_audit_logs__account_a_minute_old__is_dated_back_and_counted(using, world):
    office(world)
    young = world.admin(created_at=AS_OF - MINUTE)
    m.AuditLog.objects.using(using).all().delete()
    result = enrich(using, height=8)
    logs = m.AuditLog.objects.using(using).filter(user=young.user)
    early = [log for log in logs if log.created_at < young.user.created_at]
    assert result.dated_back == len(early) > 0
    assert all(log.created_at > young.user.created_at for log in logs if log.entity_id == young.pk)


def test_audit_logs__account_of_tomorrow__is_served(using, world):
    world.admin(created_at=AS_OF + DAY)
    assert enrich(using).rows == 3


def test_audit_logs__admins_named__only_they_are_served(using, world):
    first, second = office(world)
    enricher = AuditLogsEnricher(run_of(using))
    assert enricher.ensure_admin_has_audit_logs(first) == 3
    assert enricher.ensure_admin_has_audit_logs([first.pk, second.pk]) == 3


def test_audit_logs__many_posts__only_the_first_are_read(using, world, monkeypatch):
    office(world)
    monkeypatch.setattr(audit_logs, "FIRST", 2)
    enrich(using, height=40)
    posts = [post.pk for post in m.Post.objects.using(using).order_by("pk")]
    touched = set(m.AuditLog.objects.using(using).filter(entity="Post").values_list("entity_id", flat=True))
    assert touched == set(posts[:2])


def test_audit_logs__number_of_admins__does_not_change_the_number_of_queries(using, world):
    office(world)
    enrich(using)
    counts = []
    for number in (1, 9):
        for _ in range(number):
            world.admin()
        counts.append(queries(using, AuditLogsEnricher(run_of(using)).enrich))
    assert counts[0] == counts[1]


def test_audit_logs__both_databases__get_the_same_rows():
    found = []
    for using in BOTH:
        office(World(using))
        AuditLogsEnricher(run_of(using, {KEY: 12})).enrich()
        logs = m.AuditLog.objects.using(using)
        found.append(sorted((log.pk, log.action, log.entity_id, log.created_at, log.ip_address) for log in logs))
    assert found[0] == found[1]
