"""`setup` asks for the device's language, and takes the system's for the likely one."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from device import SPOKEN
from device.asking.questions import QUESTIONS, FoundHere
from device.cli import main
from device.doctor.surroundings import Surroundings
from device.words import LANGUAGES
from tests.support.setup_rig import LAPTOP
from tests.support.terminal import talk_to

REST = (
    "--mqtt-host", "127.0.0.1", "--mqtt-port", "1", "--mqtt-tls", "no", "--mqtt-username", "none",
    "--display-driver", "none", "--serial-port", "none", "--supply-units", "ml", "--supply-baseline", "8",
)  # fmt: skip
GERMAN = {"LC_ALL": "de_DE.UTF-8"}


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LC_ALL": "de_AT.UTF-8", "LC_MESSAGES": "fr_FR", "LANG": "es_ES"}, "de"),
        ({"LC_MESSAGES": "fr_FR.UTF-8", "LANG": "es_ES.UTF-8"}, "fr"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "es_ES@euro"}, "es"),
        ({"LANG": "it"}, "it"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8"}, None),
        ({"LC_MESSAGES": "POSIX", "LANG": "de_DE.UTF-8"}, None),
        ({"LANG": "pt_BR.UTF-8"}, None),
        ({"LANG": "den_CA"}, None),
        ({"LC_CTYPE": "de_DE.UTF-8", "LANGUAGE": "de"}, None),
        ({}, None),
    ],
)
def test_the_systems_language_is_the_first_that_is_said(environment: Mapping[str, str], language: str | None) -> None:
    assert Surroundings(environment=environment).language() == language


def test_the_question_calls_each_language_by_its_own_name_and_says_which_was_found() -> None:
    (question,) = (question for question in QUESTIONS if question.key == "device.language")
    for code in SPOKEN:
        own = f"{code} ({LANGUAGES[code].name})"
        assert own in question.why
        assert question.found(FoundHere(language=code)) == [f"This machine's language is {own}."]
        assert question.default(FoundHere(language=code), {}) == code
    assert question.found(FoundHere()) == ["This machine's language is none of the device's."]
    assert question.default(FoundHere(), {}) == "en"


def taken(file: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[dict[str, str], str]:
    """What `--yes` writes into `[device]`, and what it says."""
    with pytest.raises(SystemExit) as ended:
        main(["setup", "--config", str(file), "--yes", *REST, *options])
    out, err = capsys.readouterr()
    assert not ended.value.code, err
    return tomllib.loads(file.read_text())["device"], out


@pytest.mark.parametrize(
    ("locale", "options", "device"),
    [
        ("de_DE.UTF-8", (), {"id": "pump", "language": "de"}),
        ("de_DE.UTF-8", ("--device-language", "it"), {"id": "pump", "language": "it"}),
        ("de_DE.UTF-8", ("--device-language", "en"), {"id": "pump", "language": "en"}),
        ("en_US.UTF-8", (), {"id": "pump"}),
        ("ja_JP.UTF-8", (), {"id": "pump"}),
    ],
)
def test_yes_takes_the_systems_unless_the_flag_says_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, locale: str,
    options: tuple[str, ...], device: dict[str, str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LC_ALL", locale)
    found, out = taken(tmp_path / "config.toml", capsys, *options)
    assert found == device
    assert ("This machine's language is de (Deutsch)." in out) == locale.startswith("de")


def test_another_than_the_systems_is_written_and_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    words = ("tests.support.setup_rig", "setup", "--config", str(file), *REST)
    status, screen = talk_to(
        words, ("language is de (Deutsch)", None), ("fr, es, it)? [de]", "Klingon"), ('write "en", "de", ', None),
        ("Which language", "en"), ("Other answers", "no"), ("Write that into", "yes"),
        environment=GERMAN | {LAPTOP: "yes"},
    )  # fmt: skip
    assert status == 0, screen
    assert '\nlanguage = "en"\n' in file.read_text()
    monkeypatch.setenv("LC_ALL", GERMAN["LC_ALL"])
    assert taken(file, capsys)[0] == {"id": "pump", "language": "en"}
