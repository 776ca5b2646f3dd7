"""`doctor` beside the real daemon: it takes nothing from it, asks it at the broker, and nobody there is disturbed."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from device.cli import main
from tests.support.household import household

pytestmark = [pytest.mark.process, pytest.mark.broker]


def look(config: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, dict[str, Any]]:
    with pytest.raises(SystemExit):
        main(["doctor", "--config", str(config), "--json", *more])
    return {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)["checks"]}


def test_what_the_daemon_has_is_left_to_it_and_what_it_says_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the household's daemon is started through its rig; the words by which a daemon is known are tested beside this
    monkeypatch.setattr("device.doctor.case.config_of", lambda words: words[5] if words[3:4] == ["run"] else None)
    with household(tmp_path) as home:
        config, bundle = home.device.config, tmp_path / "bundle.json"
        home.pump.say("START")
        running = home.wire.on("session", lambda session: session["ended_at"] is None)
        told = look(config, capsys, "--bundle", str(bundle))
        well = ("record.file", "record.write", "broker.reached", "broker.access", "broker.alone", "broker.daemon")
        assert {name: told[name]["state"] for name in (*well, "service.once", "link.lines")} == dict.fromkeys(
            (*well, "service.once", "link.lines"), "ok"
        )
        assert told["link.lines"]["detail"] == "the daemon hears the port"
        content = bundle.read_bytes()
        assert json.loads(content)["diagnostics"]["serial"]["state"] == "up"
        assert running["id"].encode() not in content
        assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
        home.pump.say("STOP")
        home.wire.on("session", lambda session: session["ended_at"] is not None)
        assert home.wire.faults == []
        assert home.device.process is not None
        assert home.device.process.poll() is None
        home.device.end()
        told = look(config, capsys)
        assert told["broker.daemon"]["state"] == "unknown"
        assert told["broker.alone"]["state"] == "ok", "it said offline when it left"
