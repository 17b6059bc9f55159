"""Long work: resumed, cancelled, fenced, parked, and always shown truly (H02, H08, H15)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction

from guanxi.kernel import jobs
from guanxi.kernel.actor import Actor, Channel, system_actor
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.jobs import cancel_run, execute_due, job, start_run
from guanxi.kernel.models import NumberSeries, Run, RunState

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
FAR = datetime(2200, 1, 1, tzinfo=UTC)
ACTOR = Actor(user_id=7, label="张伟", channel=Channel.WEB)


@pytest.fixture(autouse=True)
def own_kinds(monkeypatch):
    """The kinds of work that these tests register are forgotten afterwards."""
    monkeypatch.setattr(jobs, "_jobs", {})


def start(handler, **params) -> Run:
    """Register the handler and queue one run of it."""
    job("tests.work")(handler)
    return start_run("tests.work", params, actor=ACTOR, at=AT)


def reread(run: Run) -> Run:
    """The run as it stands now."""
    return Run.objects.get(pk=run.pk)


def test_a_run_is_queued_with_who_and_what():
    run = reread(start(lambda context: None, rows=[1, 2]))
    assert (run.state, run.kind, run.params) == ("queued", "tests.work", {"rows": [1, 2]})
    assert (run.actor_user_id, run.actor_label, run.created_at) == (7, "张伟", AT)
    assert run.attempts == 0


def test_unknown_work_is_not_queued():
    with pytest.raises(LookupError):
        start_run("tests.unheard_of", {}, actor=ACTOR, at=AT)
    assert not Run.objects.exists()


def test_a_run_is_executed_once_and_keeps_its_result():
    seen = []

    def work(context):
        seen.append(context.run.params)
        context.progress(1, 2)
        return {"rows": 2}

    run = start(work, x=1)
    assert execute_due(at=AT)
    assert not execute_due(at=FAR)
    run = reread(run)
    assert seen == [{"x": 1}]
    assert (run.state, run.result, run.attempts) == ("done", {"rows": 2}, 1)
    assert (run.progress_done, run.progress_total) == (1, 2)
    assert run.started_at == AT
    assert run.finished_at
    assert run.lease_until is None


def test_runs_go_in_order_of_their_time():
    seen = []

    def work(context):
        seen.append(context.run.params["n"])

    job("tests.work")(work)
    for n in (3, 1, 2):
        start_run("tests.work", {"n": n}, actor=ACTOR, at=AT + timedelta(seconds=n))
    assert not execute_due(at=AT)
    while execute_due(at=AT + timedelta(minutes=1)):
        pass
    assert seen == [1, 2, 3]


def test_a_run_that_was_rolled_back_was_never_queued():
    def queue_and_fail():
        start(lambda context: None)
        raise KeyError

    with pytest.raises(KeyError), transaction.atomic():
        queue_and_fail()
    assert not execute_due(at=FAR)


# Refused and failed -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (RuleViolation("x", "at most %(n)s rows", n=3), "at most 3 rows"),
        (Denied("customers.import"), "customers.import"),
    ],
)
def test_a_refusal_is_final_and_said_in_words(raised, words):
    def refuse(context):
        raise raised

    run = start(refuse)
    execute_due(at=AT)
    run = reread(run)
    assert (run.state, run.error) == ("failed", words)
    assert not execute_due(at=FAR)


def test_a_crash_is_tried_again_later_and_parked_in_the_end():
    tries = []

    def crash(context):
        tries.append(1)
        raise KeyError("poison")

    run = start(crash)
    execute_due(at=AT)
    assert reread(run).state == "queued"
    assert not execute_due(at=AT)
    delays = []
    while execute_due(at=FAR):
        delays.append(reread(run).due_at)
    run = reread(run)
    assert (run.state, len(tries)) == ("failed", jobs.MAX_ATTEMPTS)
    assert "poison" in run.error
    assert delays == sorted(delays)


def test_poison_does_not_stop_the_queue():
    def work(context):
        if context.run.params["n"] == 1:
            raise KeyError
        return {"n": context.run.params["n"]}

    job("tests.work")(work)
    runs = [start_run("tests.work", {"n": n}, actor=ACTOR, at=AT) for n in (1, 2, 3)]
    while execute_due(at=AT):
        pass
    assert [reread(r).state for r in runs] == ["queued", "done", "done"]


def test_an_error_that_was_got_over_is_not_shown_any_more():
    tries = []

    def stumble_once(context):
        tries.append(1)
        if len(tries) == 1:
            raise KeyError("stumbled")

    run = start(stumble_once)
    execute_due(at=AT)
    assert "stumbled" in reread(run).error
    execute_due(at=FAR)
    assert (reread(run).state, reread(run).error) == ("done", "")


def test_work_that_nobody_knows_any_more_is_shown_as_failed():
    run = start(lambda context: None)
    jobs._jobs.clear()
    while execute_due(at=FAR):
        pass
    assert reread(run).state == "failed"


# Killed -------------------------------------------------------------------------------------------
def test_a_killed_run_goes_on_where_it_stopped():
    """`KeyboardInterrupt` leaves nothing written down, as a kill does."""
    done = []

    def work(context):
        for n in range(context.run.progress_done, 4):
            if n == 2 and len(done) == 2 and context.run.attempts == 1:
                raise KeyboardInterrupt
            done.append(n)
            context.progress(n + 1, 4)

    run = start(work)
    with pytest.raises(KeyboardInterrupt):
        execute_due(at=AT)
    assert reread(run).state == "running"
    assert not execute_due(at=AT)
    assert execute_due(at=FAR)
    assert done == [0, 1, 2, 3]
    assert (reread(run).state, reread(run).attempts) == ("done", 2)


def test_a_run_that_kills_every_worker_is_parked():
    def die(context):
        raise KeyboardInterrupt

    run = start(die)
    for _ in range(jobs.MAX_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            execute_due(at=AT)
        Run.objects.update(lease_until=AT - timedelta(seconds=1))
    assert not execute_due(at=AT)
    run = reread(run)
    assert (run.state, run.attempts) == ("failed", jobs.MAX_ATTEMPTS)
    assert "died" in run.error
    assert not execute_due(at=FAR)


def test_who_lost_the_lease_writes_nothing_more():
    """A worker that slept for ten minutes finds that another one has its run (H08)."""
    seen = []

    def work(context):
        if context.run.attempts == 1:
            Run.objects.update(lease_until=AT - timedelta(seconds=1))
            assert execute_due(at=AT)
        seen.append(context.run.attempts)
        with transaction.atomic():
            NumberSeries.objects.create(pk=f"effect of try {context.run.attempts}")
            context.progress(1)
        return {"by": context.run.attempts}

    run = start(work)
    execute_due(at=AT)
    run = reread(run)
    assert seen == [2, 1]
    assert (run.state, run.result) == ("done", {"by": 2})
    assert [row.pk for row in NumberSeries.objects.all()] == ["effect of try 2"]


# Cancelled ----------------------------------------------------------------------------------------
def test_a_queued_run_is_cancelled_at_once():
    run = start(lambda context: None)
    assert cancel_run(run.pk, actor=ACTOR, at=AT).state == RunState.CANCELLED
    assert not execute_due(at=FAR)
    assert reread(run).finished_at == AT


def test_a_running_run_stops_at_its_next_step():
    steps = []

    def work(context):
        for n in range(5):
            steps.append(n)
            if n == 1:
                cancel_run(context.run.pk, actor=ACTOR, at=AT)
            context.progress(n)

    run = start(work)
    execute_due(at=AT)
    assert steps == [0, 1]
    assert reread(run).state == "cancelled"


def test_a_finished_run_stays_what_it_is():
    run = start(lambda context: None)
    execute_due(at=AT)
    assert cancel_run(run.pk, actor=ACTOR, at=AT).state == "done"
    assert not reread(run).is_cancel_asked


# The command --------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_worker_works_off_everything_that_is_due():
    job("tests.work")(lambda context: {"ok": True})
    for _ in range(3):
        start_run("tests.work", {}, actor=system_actor(), at=AT)
    call_command("worker", once=True)
    assert set(Run.objects.values_list("state", flat=True)) == {"done"}
