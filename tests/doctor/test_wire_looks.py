"""What `doctor` says of display, pins and the serial link, each condition made in a small world."""

import errno
from pathlib import Path

import pytest
from gpiozero.exc import BadPinFactory

from device.doctor.broker_call import BrokerSeen
from device.doctor.surroundings import LineHeld, LineWatched
from drivers.controllers import CONTROLLERS
from drivers.gpiod_pins import EDGES_LOST
from drivers.serial_line import SPEEDS
from tests.support.examined import MadeWorld, configuration, diagnostics, found

PINS = "[motor]\npin = 17\ndebounce_ms = 50\n[buttons]\nleft = 5\nmiddle = 6\nright = 13\n"
SERIAL = '[serial]\nport = "/dev/ttyUSB0"\nbaud = 115200\n'
DENIED = PermissionError(errno.EACCES, "Permission denied")


@pytest.fixture
def world(tmp_path: Path) -> MadeWorld:
    made = MadeWorld(tmp_path / "world")
    for device in ("/dev/i2c-1", "/dev/gpiochip0", "/dev/ttyUSB0"):
        made.put(device)
    return made


def with_daemon(world: MadeWorld, folder: Path, **health: object) -> None:
    world.starts(7, "pump-companion", "run", "--config", str(folder / "config.toml"))
    lies = {"pump-companion/pump/diagnostics": diagnostics(**health), "pump-companion/pump/availability": b"online"}
    world.broker = BrokerSeen(up=True, acknowledged=True, retained=lies)


# -- display -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bus", "command"), [("i2c", "do_i2c 0"), ("spi", "do_spi 0")])
def test_a_bus_that_is_not_switched_on_is_bad(tmp_path: Path, bus: str, command: str) -> None:
    config = configuration(tmp_path, f'[display]\nbus = "{bus}"\ndc_pin = 24\n')
    told = found(MadeWorld(tmp_path / "bare"), config, "display")["display.bus"]
    assert told.state == "bad"
    assert command in str(told.remedy)


def test_a_bus_of_another_number_is_named(tmp_path: Path, world: MadeWorld) -> None:
    told = found(world, configuration(tmp_path, "[display]\ni2c_port = 3\n"), "display")["display.bus"]
    assert told.state == "bad"
    assert "/dev/i2c-1" in told.detail
    assert "i2c_port" in str(told.remedy)


@pytest.mark.parametrize(
    ("group", "joined", "says"),
    [("i2c", False, "usermod -aG i2c ada"), ("i2c", True, "log in anew"), ("root", False, "pump-companion.rules")],
)
def test_a_bus_without_permission_names_the_group_and_whether_a_login_is_enough(
    tmp_path: Path, world: MadeWorld, group: str, joined: bool, says: str
) -> None:
    world.shut["/dev/i2c-1"], world.in_group, world.logged_in_before = DENIED, group, joined
    told = found(world, configuration(tmp_path), "display")["display.bus"]
    assert told.state == "bad"
    assert says in str(told.remedy)
    assert ("usermod" in str(told.remedy)) == (group == "i2c" and not joined)


@pytest.mark.parametrize(
    ("answers", "says", "remedy"),
    [
        ([], "that answer: none", "four wires"),
        ([0x3D, 0x68], "0x3D, 0x68", "0x3D"),
        ([0x68], "0x68", "0x68"),
        (OSError(errno.ETIMEDOUT, "Connection timed out"), "timed out", "SDA and SCL"),
    ],
)
def test_a_display_that_is_not_at_its_address_and_what_answers_instead(
    tmp_path: Path, world: MadeWorld, answers: list[int] | OSError, says: str, remedy: str
) -> None:
    world.addresses = answers
    told = found(world, configuration(tmp_path), "display")["display.address"]
    assert told.state == "bad"
    assert says in told.detail
    assert remedy in str(told.remedy)


@pytest.mark.parametrize("driver", CONTROLLERS)
def test_whether_it_is_another_controller_is_asked_with_a_frame(tmp_path: Path, world: MadeWorld, driver: str) -> None:
    config = configuration(tmp_path, f'[display]\ndriver = "{driver}"\n')
    assert found(world, config, "display")["display.picture"].state == "unknown"
    assert world.drew == []
    assert found(world, config, "display", lambda _question: True)["display.picture"].state == "ok"
    told = found(world, config, "display", lambda _question: False)["display.picture"]
    assert world.drew == [driver, driver]
    assert told.state == "bad"
    assert all(other in str(told.remedy) for other in set(CONTROLLERS) - {driver})


def test_a_display_that_can_not_be_drawn_on_is_bad(
    tmp_path: Path, world: MadeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_config: object) -> None:
        raise OSError(errno.EREMOTEIO, "Remote I/O error")

    monkeypatch.setattr(world, "draw", broken)
    told = found(world, configuration(tmp_path), "display", lambda _question: True)["display.picture"]
    assert (told.state, "Remote I/O error" in told.detail) == ("bad", True)
    assert "wires" in str(told.remedy)


@pytest.mark.parametrize(("state", "seen"), [("up", "unknown"), ("failed", "bad")])
def test_beside_a_daemon_nothing_is_drawn_and_its_word_counts(
    tmp_path: Path, world: MadeWorld, state: str, seen: str
) -> None:
    with_daemon(world, tmp_path, display={"state": state})
    told = found(world, configuration(tmp_path), "display", lambda _question: True)["display.picture"]
    assert (told.state, world.drew) == (seen, [])


def test_no_display_is_no_fault(tmp_path: Path, world: MadeWorld) -> None:
    told = found(world, configuration(tmp_path, '[display]\ndriver = "none"\n'), "display")
    assert {finding.state for finding in told.values()} == {"not_here"}


# -- pins --------------------------------------------------------------------------------------------------------------


def test_quiet_wires_are_well(tmp_path: Path, world: MadeWorld) -> None:
    told = found(world, configuration(tmp_path, PINS), "wires")
    assert {finding.state for finding in told.values()} == {"ok"}
    assert sorted(world.took) == [5, 6, 13, 17]


@pytest.mark.parametrize(
    ("chip", "says"),
    [
        (PermissionError("/dev/gpiochip0: no permission"), "usermod -aG gpio"),
        (BadPinFactory("no Raspberry Pi header among /dev/gpiochip0 (other)"), "Raspberry Pi"),
        (ModuleNotFoundError("No module named 'gpiod'"), "python3-libgpiod"),
    ],
)
def test_a_chip_that_is_shut_or_not_the_headers_is_bad(
    tmp_path: Path, world: MadeWorld, chip: Exception, says: str
) -> None:
    world.chip, world.in_group = chip, "gpio"
    told = found(world, configuration(tmp_path, PINS), "wires")["wires.chip"]
    assert told.state == "bad"
    assert says in str(told.remedy)


def test_a_computer_without_pins_says_so(tmp_path: Path) -> None:
    told = found(MadeWorld(tmp_path / "bare"), configuration(tmp_path, PINS), "wires")["wires.chip"]
    assert told.state == "bad"
    assert "gpiochip" in told.detail


def test_a_pin_that_another_program_holds_is_named_and_never_taken(tmp_path: Path, world: MadeWorld) -> None:
    world.held[17] = LineHeld(used=True, consumer="thermostat")
    told = found(world, configuration(tmp_path, PINS), "wires")["motor.pin"]
    assert told.state == "bad"
    assert "it calls itself “thermostat”, and the kernel tells no more" in told.detail
    assert 17 not in world.took
    world.held[17] = LineHeld(used=True, consumer="")
    assert (
        "a driver of the kernel, gave no name"
        in found(world, configuration(tmp_path, PINS), "wires")["motor.pin"].detail
    )


def test_the_daemons_own_lines_are_well_and_left_alone(tmp_path: Path, world: MadeWorld) -> None:
    world.held = dict.fromkeys((5, 6, 13, 17), LineHeld(used=True, consumer="pump-companion"))
    config = configuration(tmp_path, PINS)
    with_daemon(world, tmp_path)
    assert {finding.state for finding in found(world, config, "wires").values()} == {"ok"}
    assert world.took == []


SINCE = {"started_at": "2026-11-29T08:00:00Z", "at": "2026-11-29T18:00:00Z"}
"""A daemon that has run for ten hours."""


@pytest.mark.parametrize(
    ("blips", "state", "says"),
    [
        (0, "ok", "watches GPIO17"),
        (4, "ok", "4 signals too short"),
        (60, "bad", "60 signals too short for a session in 10 h"),
    ],
)
def test_beside_a_daemon_a_motor_line_that_chatters_is_known_by_its_count(
    tmp_path: Path, world: MadeWorld, blips: int, state: str, says: str
) -> None:
    world.held = dict.fromkeys((5, 6, 13, 17), LineHeld(used=True, consumer="pump-companion"))
    with_daemon(world, tmp_path, errors={"motor_blips": blips}, **SINCE)
    told = found(world, configuration(tmp_path, PINS), "wires")["motor.pin"]
    assert (told.state, says in told.detail) == (state, True), told
    assert ("learn" in str(told.remedy)) == (state == "bad")


def test_edges_that_the_kernel_dropped_beside_a_daemon_are_told(tmp_path: Path, world: MadeWorld) -> None:
    world.held = dict.fromkeys((5, 6, 13, 17), LineHeld(used=True, consumer="pump-companion"))
    with_daemon(world, tmp_path, errors={EDGES_LOST: 812})
    told = found(world, configuration(tmp_path, PINS), "wires")["wires.edges"]
    assert (told.state, told.detail.startswith("812 changes")) == ("bad", True)
    assert "stop the service" in str(told.remedy), "learn takes no line that the daemon has"
    with_daemon(world, tmp_path, errors={EDGES_LOST: 50}, **SINCE)
    assert "wires.edges" not in found(world, configuration(tmp_path, PINS), "wires"), "five an hour harm nobody"


def test_beside_a_daemon_a_button_that_bounces_is_known_by_its_count(tmp_path: Path, world: MadeWorld) -> None:
    world.held = dict.fromkeys((5, 6, 13, 17), LineHeld(used=True, consumer="pump-companion"))
    with_daemon(world, tmp_path, errors={"button_left_bounces": 3, "button_right_bounces": 2})
    told = found(world, configuration(tmp_path, PINS), "wires")
    assert (told["buttons.left"].state, told["buttons.right"].state) == ("bad", "ok")
    assert told["buttons.left"].remedy == "write debounce_ms = 80 in [buttons]"
    month = {"started_at": "2026-10-30T18:00:00Z", "at": "2026-11-29T18:00:00Z"}
    with_daemon(world, tmp_path, errors={"button_left_bounces": 90, "button_right_bounces": 89}, **month)
    told = found(world, configuration(tmp_path, PINS), "wires")
    assert (told["buttons.left"].state, told["buttons.right"].state) == ("bad", "ok"), "three a day are many"


def test_beside_a_daemon_levels_are_read_without_taking_a_line(tmp_path: Path, world: MadeWorld) -> None:
    world.held = dict.fromkeys((5, 6, 13, 17), LineHeld(used=True, consumer="pump-companion"))
    world.read = {17: {True}, 5: {False}, 6: {False, True}, 13: {True}}
    with_daemon(world, tmp_path)
    world.broker.retained["pump-companion/pump/state"] = b'{"phase": "idle"}'
    told = found(world, configuration(tmp_path, PINS), "wires")
    assert "pressed all the time" in told["buttons.left"].detail
    assert (told["buttons.middle"].state, told["buttons.right"].state) == ("ok", "ok")
    assert (told["motor.pin"].state, "no session does" in told["motor.pin"].detail) == ("unknown", True)
    assert world.took == []


def test_a_sensor_that_the_daemon_thinks_stuck_is_bad(tmp_path: Path, world: MadeWorld) -> None:
    world.held = dict.fromkeys((5, 6, 13, 17), LineHeld(used=True, consumer="pump-companion"))
    with_daemon(world, tmp_path)
    live = b'{"phase": "pumping", "session": {"stuck_sensor": true}}'
    world.broker.retained["pump-companion/pump/state"] = live
    told = found(world, configuration(tmp_path, PINS), "wires")["motor.pin"]
    assert (told.state, "max_session_s" in told.detail) == ("bad", True)


def test_a_button_that_is_always_pressed_is_bad(tmp_path: Path, world: MadeWorld) -> None:
    world.watched[6] = LineWatched(high=False)
    told = found(world, configuration(tmp_path, PINS), "wires")
    assert told["buttons.middle"].state == "bad"
    assert "pressed all the time" in told["buttons.middle"].detail
    assert told["buttons.left"].state == "ok"


def test_a_button_that_bounces_beyond_its_filter_gets_one_that_fits(tmp_path: Path, world: MadeWorld) -> None:
    world.watched[5] = LineWatched(high=True, edges=tuple(1.0 + 0.030 * n for n in range(6)))
    told = found(world, configuration(tmp_path, PINS), "wires")["buttons.left"]
    assert told.state == "bad"
    assert told.remedy == "write debounce_ms = 35 in [buttons]"
    world.watched[5] = LineWatched(high=True, edges=(1.0, 1.002, 1.004, 1.3, 1.302))
    assert found(world, configuration(tmp_path, PINS), "wires")["buttons.left"].state == "ok"


def test_a_motor_line_that_chatters_is_counted_and_gets_a_filter_that_fits(tmp_path: Path, world: MadeWorld) -> None:
    world.watched[17] = LineWatched(high=False, edges=tuple(1.0 + 0.060 * n for n in range(20)))
    told = found(world, configuration(tmp_path, PINS), "wires")["motor.pin"]
    assert told.state == "bad"
    assert "20 edges" in told.detail
    assert told.remedy == "write debounce_ms = 70 in [motor]"


def test_pulses_without_a_session_are_told_of(tmp_path: Path, world: MadeWorld) -> None:
    config = configuration(tmp_path, '[motor]\npin = 17\nsignal = "pulses"\n')
    world.watched[17] = LineWatched(high=False, edges=(1.0, 1.08, 2.0, 2.08, 3.0, 3.08))
    told = found(world, config, "wires")["motor.pin"]
    assert told.state == "unknown"
    assert "6 edges" in told.detail
    assert "no session" in told.detail
    world.watched[17] = LineWatched(high=True)
    assert "says that the motor runs" in found(world, config, "wires")["motor.pin"].detail


# -- the serial link ---------------------------------------------------------------------------------------------------


def test_a_pump_that_speaks_at_its_speed_is_well(tmp_path: Path, world: MadeWorld) -> None:
    world.speaks = {115200: b"PUMP RUN t=3\n"}
    told = found(world, configuration(tmp_path, SERIAL), "link")
    assert {finding.state for finding in told.values()} == {"ok"}
    assert "PUMP RUN t=3" in told["link.lines"].detail


def test_a_port_that_is_absent_names_the_others(tmp_path: Path, world: MadeWorld) -> None:
    told = found(world, configuration(tmp_path, '[serial]\nport = "/dev/ttyACM5"\n'), "link")["link.port"]
    assert told.state == "bad"
    assert "/dev/ttyUSB0" in told.detail
    bare = MadeWorld(tmp_path / "bare")
    assert found(bare, configuration(tmp_path, SERIAL), "link")["link.port"].remedy == "plug it in"
    header = configuration(tmp_path, '[serial]\nport = "/dev/serial0"\n')
    assert "do_serial_hw" in str(found(bare, header, "link")["link.port"].remedy)


def test_a_port_without_permission_names_the_group(tmp_path: Path, world: MadeWorld) -> None:
    world.shut["/dev/ttyUSB0"], world.in_group = DENIED, "dialout"
    told = found(world, configuration(tmp_path, SERIAL), "link")["link.port"]
    assert told.remedy == "sudo usermod -aG dialout ada, then log in anew"


@pytest.mark.parametrize("by", ["kernel", "login"])
def test_a_port_that_the_console_has_says_how_it_is_freed(tmp_path: Path, world: MadeWorld, by: str) -> None:
    world.put("/dev/ttyS0")
    world.place("/dev/serial0").symlink_to(world.place("/dev/ttyS0"))
    if by == "kernel":
        world.put("/sys/class/tty/console/active", "tty1 ttyS0\n")
    else:
        world.said["systemctl is-active serial-getty@ttyS0.service"] = "active\n"
    told = found(world, configuration(tmp_path, '[serial]\nport = "/dev/serial0"\n'), "link")["link.port"]
    assert told.state == "bad"
    assert "do_serial_cons 1" in str(told.remedy)
    assert world.opened == []


def test_another_speed_is_found_and_what_arrives_is_shown(tmp_path: Path, world: MadeWorld) -> None:
    world.speaks = {115200: b"\xf8\x80\x00\xfe", 9600: b"pump on\r\npump off\r\n"}
    told = found(world, configuration(tmp_path, SERIAL), "link")["link.lines"]
    assert told.state == "bad"
    assert "pump on | pump off" in told.detail
    assert told.remedy == "write baud = 9600 in [serial]"


def test_what_is_no_text_at_any_speed_is_shown_as_hex(tmp_path: Path, world: MadeWorld) -> None:
    world.speaks = {115200: b"\xf8\x80\x00\xfe"}
    told = found(world, configuration(tmp_path, SERIAL), "link")["link.lines"]
    assert told.state == "bad"
    assert "f8 80 00 fe" in told.detail
    assert set(world.opened) == set(SPEEDS)


def test_silence_is_no_fault_yet_and_lines_of_another_pump_want_patterns(tmp_path: Path, world: MadeWorld) -> None:
    config = configuration(tmp_path, SERIAL)
    assert found(world, config, "link")["link.lines"].state == "unknown"
    world.speaks = {115200: b"motor=1\n"}
    told = found(world, config, "link")["link.lines"]
    assert told.state == "bad"
    assert "serial.patterns" in str(told.remedy)


def test_a_board_that_starts_anew_when_the_port_is_opened_is_noticed(tmp_path: Path, world: MadeWorld) -> None:
    world.speaks = {115200: b"PUMP HELLO model=M1 fw=2\n"}
    told = found(world, configuration(tmp_path, SERIAL), "link")
    assert told["link.reset"].state == "bad"
    assert told["link.lines"].state == "ok"


@pytest.mark.parametrize("beside", [False, True])
def test_who_has_the_port_open_is_named_and_it_is_left_alone(tmp_path: Path, world: MadeWorld, beside: bool) -> None:
    if beside:
        with_daemon(world, tmp_path)
    for pid in (7, 88):
        world.put(f"/proc/{pid}/comm", "minicom\n")
        fd = world.place(f"/proc/{pid}/fd/3")
        fd.parent.mkdir(parents=True)
        fd.symlink_to(world.place("/dev/ttyUSB0" if pid == 88 or beside else "/dev/null"))
    told = found(world, configuration(tmp_path, SERIAL), "link")["link.lines"]
    assert (told.state, told.detail) == ("bad", "another program has /dev/ttyUSB0 open: “process 88 (minicom)”")
    assert "kill 88" in str(told.remedy)
    assert world.opened == []


@pytest.mark.parametrize(
    ("counts", "errors", "state", "says"),
    [
        ({"lines": 50, "rejected": 3, "lost": 2}, {}, "ok", "2 times"),
        ({"lines": 0, "rejected": 90}, {"serial_unknown": 88}, "bad", "serial.patterns"),
        ({"lines": 0, "rejected": 90}, {"serial_not_ascii": 60, "serial_unknown": 30}, "bad", "115200 baud"),
    ],
)
def test_what_the_daemon_understands_of_the_port_is_told(
    tmp_path: Path, world: MadeWorld, counts: dict[str, int], errors: dict[str, int], state: str, says: str
) -> None:
    with_daemon(world, tmp_path, serial={"state": "up", **counts}, errors=errors)
    told = found(world, configuration(tmp_path, SERIAL), "link")["link.lines"]
    assert (told.state, says in f"{told.detail} {told.remedy}") == (state, True), told


def test_a_port_that_another_program_has_open_is_bad(tmp_path: Path, world: MadeWorld) -> None:
    world.speaks = OSError("Could not exclusively lock port /dev/ttyUSB0")
    told = found(world, configuration(tmp_path, SERIAL), "link")["link.lines"]
    assert told.state == "bad"
    assert "end the program" in str(told.remedy)


@pytest.mark.parametrize(("state", "seen"), [("up", "ok"), ("lost", "bad"), ("odd", "unknown")])
def test_beside_a_daemon_the_port_is_not_opened(tmp_path: Path, world: MadeWorld, state: str, seen: str) -> None:
    with_daemon(world, tmp_path, serial={"state": state})
    assert found(world, configuration(tmp_path, SERIAL), "link")["link.lines"].state == seen
    assert world.opened == []


@pytest.mark.parametrize(("lost", "says"), [(0, "port"), (1, "port; it went away once"), (3, "went away 3 times")])
def test_a_port_that_went_away_and_came_back_is_well_and_says_how_often(
    tmp_path: Path, world: MadeWorld, lost: int, says: str
) -> None:
    with_daemon(world, tmp_path, serial={"state": "up", "lost": lost})
    told = found(world, configuration(tmp_path, SERIAL), "link")["link.lines"]
    assert (told.state, says in told.detail, "since" in told.detail) == ("ok", True, lost > 0)


@pytest.mark.parametrize(("after", "remedy"), [("", "serial.port of its own"), ("device disconnected", "plug it in")])
def test_a_port_that_a_second_daemon_has_is_not_called_pulled(
    tmp_path: Path, world: MadeWorld, after: str, remedy: str
) -> None:
    with_daemon(world, tmp_path, serial={"state": "lost"})
    taken = "serial.port = /dev/ttyUSB0: another program has the port open (a second pump-companion?); stop it\n"
    world.said["journalctl -u"] = taken + (f"serial.port = /dev/ttyUSB0: lost ({after})\n" if after else "")
    told = found(world, configuration(tmp_path, SERIAL), "link")["link.lines"]
    assert remedy in str(told.remedy)
