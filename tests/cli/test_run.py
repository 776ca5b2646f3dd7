"""A device that can't start says so on its own glass, whichever controller it has, as far as its settings are right;
and what the daemon makes of a file's language.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import ImageChops

from device.cli.run import say_so_on_the_display
from device.core.model.view import View, WarningBody, WarningKind
from device.daemon import announced, settings
from device.screens import draw
from device.settings.loading import load
from device.words import LANGUAGES
from drivers import oled
from drivers.controllers import CONTROLLERS, Controller
from drivers.virtual.panel import VirtualPanel

Wire = Callable[[Controller | None], VirtualPanel]


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """A panel on I2C 1 at the address of the defaults."""

    def wire(controller: Controller | None) -> VirtualPanel:
        panel = VirtualPanel(controller)
        opened = {(1, 0x3C): panel.open_bus}
        monkeypatch.setattr(oled, "i2c_bus", lambda port, address: opened[port, address])
        monkeypatch.setattr(Path, "exists", lambda path: str(path) == "/dev/i2c-1")
        return panel

    return wire


@pytest.mark.parametrize("driver", CONTROLLERS)
@pytest.mark.parametrize("rotate", [0, 180])
def test_a_wrong_setting_is_told_on_the_display(driver: str, rotate: int, tmp_path: Path, wired: Wire) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[display]\ndriver = "{driver}"\nrotate = {rotate}\n[supply]\nbaseline = 99\n')
    panel = wired(CONTROLLERS[driver])
    say_so_on_the_display(file)
    said = draw(View(WarningBody(WarningKind.NOT_STARTED), (None, None, None)))
    assert ImageChops.logical_xor(panel.picture(), said.rotate(rotate)).getbbox() is None
    assert panel.on


@pytest.mark.parametrize(("written", "said"), [('"fr"', "fr"), ('"nl"', "en"), ("[1]", "en")])
def test_a_wrong_setting_is_told_in_the_language_that_the_file_names(
    written: str, said: str, tmp_path: Path, wired: Wire
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[device]\nlanguage = {written}\n[supply]\nbaseline = 99\n")
    panel = wired(None)
    say_so_on_the_display(file)
    shown = draw(View(WarningBody(WarningKind.NOT_STARTED), (None, None, None), language=said))
    assert ImageChops.logical_xor(panel.picture(), shown).getbbox() is None


def test_the_language_of_the_file_reaches_screens_and_home_assistant(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    store = f'[store]\npath = "{tmp_path}/pump.db"\n'
    file.write_text(f'[device]\nlanguage = "de"\n[serial]\nport = "/dev/ttyUSB0"\n{store}')
    config = load(file, {})[0]
    assert config is not None
    told = settings(config, "UTC", "boot")
    assert (told.language, told.pump) == ("de", "seriell ttyUSB0")
    assert announced(config).words is LANGUAGES["de"]


def test_where_the_file_says_nothing_of_the_display_or_cannot_be_read_the_defaults_hold(
    tmp_path: Path, wired: Wire
) -> None:
    panel = wired(None)
    say_so_on_the_display(tmp_path / "gone.toml")
    assert panel.on


@pytest.mark.parametrize(
    "wrong", ['driver = "none"', 'driver = "ili9341"', "driver = [1]", 'bus = "spi"', "i2c_port = 7"]
)
def test_what_is_said_of_another_display_or_of_none_is_not_guessed_at(wrong: str, tmp_path: Path, wired: Wire) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[display]\n{wrong}\n")
    panel = wired(None)
    say_so_on_the_display(file)
    assert panel.written == 0
