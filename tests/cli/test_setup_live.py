"""`setup` at a terminal on a made-up Pi: the first test of each part, and what is said where something else comes."""

import os
import subprocess
import sys
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from device.core.model.view import Heading, PurposeBody, View
from device.screens import draw
from device.screens.key_rows import WHY
from tests.support.setup_rig import PIPE, WAIT
from tests.support.terminal import Reply, talk_to

BROKER = ("--mqtt-host", "127.0.0.1", "--mqtt-port", "1", "--mqtt-tls", "no", "--mqtt-username", "none")
LAST = ("--device-language", "en", "--supply-units", "ml", "--supply-baseline", "8")
WIRE = ("--motor-pin", "17", "--motor-signal", "level", "--motor-active", "low", "--motor-pull", "up")
NO_WIRE = ("--motor-pin", "none")
BUTTONS = ("--buttons-left", "5", "--buttons-middle", "6", "--buttons-right", "13")
NO_BUTTONS = ("--buttons-left", "none")
OLED = ("--display-driver", "ssd1306", "--display-i2c-address", "0x3C")
NO_OLED = ("--display-driver", "none")
NO_PORT = ("--serial-port", "none")
WRITTEN: tuple[tuple[str, Reply], ...] = (("Other answers", "no"), ("Write that into", "yes"))


class Bench:
    """`setup` with its pins in a test's hand."""

    def __init__(self, folder: Path) -> None:
        self.file, self._pipe = folder / "config.toml", folder / "pipe"
        os.mkfifo(self._pipe)
        self._lines = os.open(self._pipe, os.O_RDWR)

    def does(self, *lines: str) -> Callable[[], object]:
        return lambda: os.write(self._lines, "".join(f"{line}\n" for line in lines).encode())

    def __call__(self, options: tuple[str, ...], *talk: tuple[str, Reply], wait_s: float = 30) -> str:
        words = ("tests.support.setup_rig", "setup", "--config", str(self.file), *options, *BROKER, *LAST)
        environment = {PIPE: str(self._pipe), WAIT: str(wait_s)}
        status, screen = talk_to(words, *WRITTEN, *talk, ("Start it: ", None), environment=environment)
        assert (status, self.file.exists()) == (0, True), screen
        assert "Traceback" not in screen
        return screen

    def close(self) -> None:
        os.close(self._lines)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_each_part_is_waited_for_and_another_buttons_wire_is_named(bench: Bench) -> None:
    picture = draw(View(PurposeBody(Heading(running_s=0), None), WHY["en"]))
    screen = bench(
        WIRE + BUTTONS + OLED + NO_PORT,
        ("Press the left button (GPIO5)", bench.does("press 13")),
        ("That was the right button's wire (GPIO13)", bench.does("press 5")),
        ("It is the left button", None),
        ("Press the middle", bench.does("pause", "press 5")),
        ("That was the left button again", ""),
        ("Left out.", None),
        ("Press the right", bench.does("press 13")),
        ("It is the right button", None),
        ("Switch the pump on (its wire is GPIO17)", bench.does("low 17")),
        ("The wire tells that it runs.", None),
        ("(Protect, Promote, Treat)? (yes, no)", bench.does("picture")),
        (picture.tobytes().hex(), "perhaps"),
        ("Say yes or no", "yes"),
        ("the right display", None),
    )
    assert "buttons.left and buttons.right" in screen


def test_what_does_not_come_is_said_with_what_to_look_at(bench: Bench) -> None:
    screen = bench(
        WIRE + BUTTONS + OLED + NO_PORT,
        ("Nothing came from GPIO5", None),
        ("Nothing came from GPIO6", None),
        ("Nothing came from GPIO13", None),
        ("Nothing came on GPIO17", None),
        ("three words", None),
        ("Left out.", None),
        wait_s=0.3,
    )
    assert "`sudo pump-companion learn`" in screen


def test_a_button_that_is_pressed_all_the_time_and_a_wire_that_says_already_that_it_runs(bench: Bench) -> None:
    bench.does("hold 6", "hold 17")()
    screen = bench(
        WIRE + BUTTONS + NO_OLED + NO_PORT,
        ("buttons.middle = 6: it is pressed all the time", None),
        ("Press the left", ""),
        ("Press the middle", ""),
        ("Press the right", ""),
        ("The wire says already that it runs", None),
    )
    assert "buttons.left = 5: it is pressed" not in screen


def test_a_wire_that_only_chatters_is_told(bench: Bench) -> None:
    bench(
        WIRE + NO_BUTTONS + NO_OLED + NO_PORT,
        ("Switch the pump on", bench.does("low 17", "high 17", "low 17", "high 17")),
        ("4 changes came on GPIO17, but none that would begin a session", None),
        wait_s=3,
    )


def test_a_display_that_shows_something_else_names_the_other_controllers(bench: Bench) -> None:
    screen = bench(NO_WIRE + NO_BUTTONS + OLED + NO_PORT, ("three words", "no"), ("than ssd1306", None))
    assert "sh1106" in screen.rpartition("than ssd1306")[2]


def test_a_display_that_does_not_answer_is_said(bench: Bench) -> None:
    bench.does("unplug")()
    bench(NO_WIRE + NO_BUTTONS + OLED + NO_PORT, ("display: ", None), ("doctor says which wire", None))


@pytest.mark.parametrize(("key", "left_out"), [("\x03", "The rest is left out"), ("\x04", "The rest is left out")])
def test_ctrl_c_leaves_out_the_rest_and_what_was_written_stays(bench: Bench, key: str, left_out: str) -> None:
    screen = bench(WIRE + BUTTONS + OLED + NO_PORT, ("Press the left", key), (left_out, None))
    assert "Press the middle" not in screen
    assert "left = 5" in bench.file.read_text()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"PUMP START\nPUMP RUN t=1 cpm=50\n", "The pump says that it runs (START"),
        (b"PUMP HELLO model=x\n", "The pump speaks (HELLO), but did not say that it runs"),
        (b"moo\nPUMP RUN t=x\n", "Lines came that say nothing to the device (unknown: 1, number: 1)"),
        (b"", "at 115200 baud: look at its cable"),
    ],
)
def test_what_the_pump_says_on_its_port_is_told(bench: Bench, said: bytes, answer: str) -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    port = ("--serial-port", os.ttyname(theirs))
    try:
        bench(
            NO_WIRE + NO_BUTTONS + NO_OLED + port,
            ("Switch the pump on", lambda: os.write(ours, said)),
            (answer, None),
            wait_s=4,
        )
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_port_that_is_not_there_is_said(bench: Bench, tmp_path: Path) -> None:
    port = ("--serial-port", str(tmp_path / "ttyUSB0"))
    bench(NO_WIRE + NO_BUTTONS + NO_OLED + port, ("no such port; is the adapter plugged in?", ""), ("Left out.", None))


def test_beside_a_running_daemon_no_line_is_taken(bench: Bench) -> None:
    words = ["-c", "input()", "pump-companion", "run", "--config", str(bench.file)]
    with subprocess.Popen([sys.executable, *words], stdin=subprocess.PIPE) as daemon:
        screen = bench(WIRE + BUTTONS + OLED + NO_PORT, ("sudo systemctl stop pump-companion", None))
        assert daemon.stdin is not None
        daemon.stdin.close()
        daemon.wait()
    assert "Press the" not in screen
