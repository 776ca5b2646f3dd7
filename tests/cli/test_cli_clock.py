"""`clock --now`: a person's word reaches the daemon, is kept for its boot, and what hinders it is said in a line."""

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device.cli import at_broker, main
from tests.support.household import household
from tests.support.page_world import Mosquitto

pytestmark = [pytest.mark.process, pytest.mark.broker]


def clock(config: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["clock", "--config", str(config), *options])
    out, err = capsys.readouterr()
    assert bool(out) != bool(err)
    assert (out + err).count("\n") == 1
    return int(ended.value.code or 0), out + err


def test_the_record_gets_its_times_and_a_restarted_daemon_still_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with household(tmp_path, clock_unset=True) as home:
        assert home.wire.on("diagnostics")["clock_by"] is None
        home.pump.say("START")
        home.wire.on("session", lambda session: session["clock"] == "unsynced")
        status, said = clock(home.device.config, capsys, "--now")
        assert (status, "takes it to be" in said) == (0, True), said
        session = home.wire.on("session", lambda session: session["clock"] == "synced")
        assert session["cause"] == "clock"
        assert abs(datetime.fromisoformat(session["started_at"]) - datetime.now(UTC)).total_seconds() < 60
        home.device.end(signal.SIGKILL)
        home.wire.clear()
        home.device.start()
        home.wire.on("diagnostics", lambda health: (health["clock"], health["clock_by"]) == ("synced", "person"))


def test_a_clock_that_the_system_has_set_takes_no_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with household(tmp_path) as home:
        status, said = clock(home.device.config, capsys, "--now")
        assert (status, said) == (1, "pump: the clock stays as it is: The system's clock is set already.\n")
        assert home.wire.on("diagnostics")["clock_by"] == "system"


def test_without_a_daemon_or_a_broker_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_broker, "ANSWER_S", 1.0)
    broker, config = Mosquitto(tmp_path), tmp_path / "config.toml"
    config.write_text(f'[mqtt]\nport = {broker.port}\n[store]\npath = "{tmp_path / "pump.db"}"\n')
    try:
        nobody = "mqtt: nobody answers on pump-companion/pump/command; is the daemon running?\n"
        assert clock(config, capsys, "--now") == (1, nobody)
    finally:
        broker.stop()
    status, said = clock(config, capsys, "--now")
    assert (status, said[:6]) == (1, "mqtt: ")
    assert not (tmp_path / "pump.db").exists()


def test_whoever_says_the_time_need_not_have_the_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[mqtt]\nport = 1\n[store]\npath = "{tmp_path}/elsewhere/pump.db"\n')
    status, said = clock(config, capsys, "--now")
    assert (status, said[:6]) == (1, "mqtt: "), said


def test_the_time_must_be_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[device]\nname = "Pump"\n')
    status, said = clock(config, capsys)
    assert (status, "--now" in said) == (2, True), said
