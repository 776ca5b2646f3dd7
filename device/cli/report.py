"""`report`: the consultant's two pages as one HTML file."""

import sys
import time
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from device.core.model.events import History
from device.core.model.record import Units
from device.core.rules import guidance
from device.core.rules.figures import days_back
from device.core.rules.records import records_of
from device.core.rules.sittings import DAY_S
from device.page.installed import installed_folder
from device.report.account import account
from device.report.said import sheet_scope
from device.report.setting import Setting
from device.report.sheet import report_html
from device.settings.loading import Config
from device.wire.commands import FIRST
from device.words import LANGUAGES
from drivers.clock import timezone

from .configured import configured, in_force, recorded, unrecorded, with_config
from .output import filling, output_file
from .saying import say

SHEET, STYLE = "report.xml", "css/report.css"
"""Of the page's files, which shows the same."""
LONGEST = 92
"""Days: a quarter of a year."""
MOST_RECORDS = 20_000
"""In such a span: two hundred a day are no household's."""


@click.command("report")
@with_config
@click.option("--days", type=click.IntRange(1, LONGEST), default=14, show_default=True, help="Days, today included.")
@click.option("--notes", is_flag=True, help="The notes too, as they were written.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="A new file, for its owner alone; - for stdout.",
)
def report_command(config_file: Path | None, days: int, output: Path, *, notes: bool) -> None:
    """Two pages to print for a consultant, as one HTML file that needs nothing else; also while the daemon runs.

    How often, why, how much, where the supply is heading, what was treated; and what the record lacks. It holds health
    data: give it to whom you trust. It speaks the device's language. The page's Report shows the same. Called by root
    it writes as the owner of the record's folder, so where that one may not write: `-o - > FILE`.
    """
    config = configured(config_file, connecting=False)
    text = html_of_days(config, int(time.time()), days, notes=notes)
    if output == Path("-"):
        sys.stdout.buffer.write(text.encode())
        return
    with output_file(output, config.store.path) as file, filling(file, output):
        file.write(text)
    say(f"{output}: two pages to print; it holds health data and is yours alone to read until you give it away")


def html_of_days(config: Config, now: int, days: int, *, notes: bool) -> str:
    """The file's text. Raises ClickException where nothing was recorded in these days, or more than anybody reads."""
    zone = timezone()
    if unrecorded(config):
        raise nothing_recorded(config, days)
    since = days_back(now, ZoneInfo(zone), days)[-1][1]
    with closing(recorded(config)) as store:
        opened = store.load(now)
        records = store.history(History(since=since - DAY_S, until=now + 1), FIRST, FIRST, MOST_RECORDS)
    if len(records) >= MOST_RECORDS:
        said = f"over {MOST_RECORDS} records in {days} days are more than a report holds"
        raise click.ClickException(f"{config.store.path}: {said}; give fewer --days")
    found = account(records, count=days, sitting_s=config.session.sitting_s, now=now, timezone=zone)
    if not found.standing:
        raise nothing_recorded(config, days)
    units, baseline = Units(config.supply.units), in_force(opened.baseline, config)
    held = records_of(opened.sessions, opened.nursings, config.session.sitting_s)
    outlook = guidance.outlook(
        held.stimulated, held.recorded, baseline=baseline, first_record_at=opened.first_record_at, now=now
    )
    setting = Setting(
        device=config.device.id,
        now=now,
        timezone=zone,
        units=units,
        baseline=baseline,
        outlook=outlook,
        lang=config.device.language,
        words=LANGUAGES[config.device.language],
        notes=notes,
    )
    web = installed_folder("web")
    sheet, style = ((web / name).read_text(encoding="utf-8") for name in (SHEET, STYLE))
    return report_html(sheet, style, sheet_scope(found, setting))


def nothing_recorded(config: Config, days: int) -> click.ClickException:
    said = "today" if days == 1 else f"in the last {days} days"
    remedy = f"give more --days, up to {LONGEST}" if days < LONGEST else "`sessions` shows what there is"
    return click.ClickException(f"{config.store.path}: nothing was recorded {said}; {remedy}")
