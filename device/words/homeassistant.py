"""What a parent reads in Home Assistant that is not announced: our dashboard and what our blueprints tell a phone.

The dashboard is written in English and made in every other language from that; a blueprint holds the words of all.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from . import LANGUAGES
from .shape import Words

CALLED = re.compile(
    r"(?P<before>^ *(?:- )?(?:name|heading|title): |\{[^}\n]*\bname: )"
    r"(?P<word>[^{},\n]+(?:, [^{},:\n]+)?)(?=[,}]|$)",
    re.MULTILINE,
)
"""A name in the dashboard's file, on a line of its own or within braces."""
MADE = " # made by scripts/renew from device/words\n"
CHOICES = re.compile(rf"(      selector: ).*{MADE}")
BEGINS, ENDS = f"  words:{MADE}", "  # end of the words\n"


def names_in(dashboard: str) -> Iterator[str]:
    """The names that a dashboard gives, in English."""
    return (found["word"] for found in CALLED.finditer(dashboard))


def in_each_language(folder: Path) -> dict[Path, str]:
    """The files that belong into the folder `dashboards/homeassistant`, by their paths."""
    dashboard = (folder / "dashboard.yaml").read_text(encoding="utf-8")
    others = {code: words for code, words in LANGUAGES.items() if words.home.dashboard}
    blueprints = {path: path.read_text(encoding="utf-8") for path in (folder / "blueprints").glob("*.yaml")}
    return {folder / f"dashboard.{code}.yaml": _translated(dashboard, words) for code, words in others.items()} | {
        path: _worded(text) for path, text in blueprints.items() if BEGINS in text
    }


def _translated(dashboard: str, words: Words) -> str:
    called = CALLED.sub(lambda found: found["before"] + words.home.dashboard[found["word"]], dashboard)
    return f"# {words.name}, made by scripts/renew: change dashboard.yaml or device/words instead.\n{called}"


def _worded(blueprint: str) -> str:
    before, _, rest = blueprint.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    lines = "".join(f"    {code}: {_sayings(words, after)}\n" for code, words in LANGUAGES.items())
    choices = ", ".join(f"{{value: {code}, label: {words.name}}}" for code, words in LANGUAGES.items())
    before = CHOICES.sub(rf"\1{{select: {{options: [{choices}]}}}}{MADE}", before)
    return f"{before}{BEGINS}{lines}{ENDS}{after}"


def _sayings(words: Words, saying: str) -> str:
    """What a blueprint says in one language, of what there is to say: `saying` uses it as `.NAME`."""
    times = words.times
    hour = "%H" if "{hour:02}" in times.time else "%-H"
    when = {"months": times.months, "date": times.date, "time": f"{hour}:%M", "moment": times.day_and_time}
    uses = {"uses": {intention: row.use for intention, row in words.intentions.items()}}
    told: Mapping[str, object] = msgspec.to_builtins(words.home.told) | when | uses
    used = {key: said for key, said in told.items() if re.search(rf"[.]{key}\b", saying)}
    return msgspec.json.encode(used).decode()
