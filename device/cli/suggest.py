"""`suggest`: what the guidance says, now or at another time."""

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import msgspec

from device.core.model.record import REMEMBERED_S, Nursing, Record, Session, SessionState, begun
from device.core.rules import guidance, sittings
from device.core.rules.records import expectation, records_of
from device.settings.loading import Config
from device.wire.values import FieldError, parse_instant
from device.words import LANGUAGES
from device.words.because import because
from device.words.en import EN
from device.words.shape import Words

from .configured import configured, in_force, recorded, unrecorded, with_config, with_json
from .saying import print_json, say


@click.command("suggest")
@with_config
@with_json
@click.option("--at", "at", metavar="TIME", help="As of this time (ISO 8601 with its zone), instead of now.")
def suggest_command(config_file: Path | None, at: str | None, *, as_json: bool) -> None:
    """What the guidance says: the likely purpose with its because, the volume to expect, the outlook."""
    config = configured(config_file, connecting=False)
    try:
        now = int(time.time()) if at is None else parse_instant(at)
    except (FieldError, ValueError) as error:
        raise click.UsageError(f"--at: {error}.", click.get_current_context()) from error
    words = LANGUAGES[config.device.language] if as_json else EN
    said = guide(*known(config, now), config.session.sitting_s, now, words)
    if as_json:
        print_json(said)
        return
    suggestion, outlook = said["suggestion"], said["outlook"]
    reason = f" ({suggestion['reason'].replace('_', ' ')})" if suggestion["reason"] else ""
    say(f"Likely {suggestion['purpose']}{reason}: {suggestion['because']}")
    expected = said["expectation_ml"]
    say("No expectation yet." if expected is None else f"Expect about {expected} ml.")
    say(f"Outlook: {outlook['label']}, {said['stimulations_24h']} stimulations in 24 h")


def known(config: Config, now: int) -> tuple[tuple[Record, ...], int | None, int]:
    """The records that the guidance looks at, the first record's time, and the baseline."""
    if unrecorded(config):
        return (), None, config.supply.baseline
    with closing(recorded(config)) as store:
        opened = store.load(now)
        records = store.around(now - REMEMBERED_S, now)
    return records, opened.first_record_at, in_force(opened.baseline, config)


def guide(
    records: tuple[Record, ...], first_record_at: int | None, base: int, sitting_s: int, now: int, words: Words
) -> dict[str, Any]:
    """The facts that `--json` prints, their because in these words."""
    past = [record for record in records if begun(record) <= now]
    sessions = [record for record in past if isinstance(record, Session) and record.state is SessionState.ENDED]
    nursings = [record for record in past if isinstance(record, Nursing)]
    held = records_of(sessions, nursings, sitting_s)
    outlook = guidance.outlook(
        held.stimulated,
        held.recorded,
        baseline=base,
        first_record_at=first_record_at,
        now=now,
    )
    count = sittings.within(held.stimulated, now - sittings.DAY_S, now)
    suggestion = guidance.suggest(
        held.sessions,
        held.nursings,
        stimulations_24h=count,
        baseline=base,
        now=now,
        outlook=outlook.label,
        because=because(words),
    )
    return {
        "suggestion": msgspec.to_builtins(suggestion),
        "expectation_ml": expectation(held.amounts, suggestion.purpose, suggestion.context, now),
        "outlook": {"now": outlook.now, "coming": outlook.coming, "label": outlook.label},
        "stimulations_24h": count,
    }
