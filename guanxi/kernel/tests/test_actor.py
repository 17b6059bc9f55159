"""Who acts: what is not granted is not there."""

import dataclasses

import pytest

from guanxi.kernel.actor import ANONYMOUS, Actor, Channel, Level, Reach, system_actor


def test_an_actor_without_grants_can_nothing():
    for who in (ANONYMOUS, Actor(user_id=1, label="A", channel=Channel.WEB)):
        assert not who.can("customers.view")
        assert who.reach("customers.view") is None
        assert who.level("contact") is Level.HIDDEN
        assert who.level(None) is Level.CLEAR


def test_the_system_can_everything_and_has_a_name():
    who = system_actor("sweep", channel=Channel.JOB)
    assert who.can("anything")
    assert who.reach("anything") is Reach.ALL
    assert who.level("contact") is Level.CLEAR
    assert (who.label, who.user_id) == ("sweep", None)


def test_an_actor_is_the_same_through_another_channel():
    who = Actor(user_id=1, label="A", channel=Channel.WEB, grants={"x": Reach.OWN})
    through = who.through(Channel.IMPORT)
    assert (through.channel, through.user_id, through.grants) == (Channel.IMPORT, 1, who.grants)


def test_nobody_changes_an_actor_under_way():
    who = Actor(user_id=1, label="A", channel=Channel.WEB)
    with pytest.raises(dataclasses.FrozenInstanceError):
        who.is_system = True


def test_what_opens_a_session_is_not_written_into_logs():
    who = Actor(user_id=1, label="A", channel=Channel.WEB, session_key="opens the door")
    assert "opens the door" not in repr(who)


def test_reaches_and_levels_are_ordered():
    assert sorted(Reach) == [Reach.OWN, Reach.TEAM, Reach.BRANCH, Reach.ALL]
    assert sorted(Level) == [Level.HIDDEN, Level.MASKED, Level.CLEAR]
