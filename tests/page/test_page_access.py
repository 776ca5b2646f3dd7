"""Access: axe-core in every state and theme, the keyboard, 320 px, 200 % text, and targets a thumb can hit."""

import re

import pytest

from tests.support.page_device import ScriptedDevice
from tests.support.page_states import SIZES, STATES, THEMES, World, at_rest, idle, question
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)

COLOURS = ("color-contrast", "link-in-text-block")
"""axe-core's rules about colours."""

WIDER = """return [...document.querySelectorAll("body *")].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width > 0 && box.right > innerWidth + 1 && !e.closest(".table, [role=img], .unseen, .hours");
}).map((e) => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_any_theme_and_the_browser_nothing_to_complain_of(world: World, state: str) -> None:
    STATES[state](world)
    found = []
    for theme in THEMES:
        world.browser.theme(theme)
        # all but the colours is the same in every theme, and they are the same at both sizes
        for size, rules in [(size, ()) for size in SIZES] if theme == "light" else [(SIZES[0], COLOURS)]:
            world.browser.size(*size)
            at_rest(world.browser)
            found += [f"{theme} {size[0]}: {line}" for line in world.browser.axe(*rules)]
    assert found + world.browser.complaints() == []


@pytest.mark.parametrize(
    "state",
    [
        "idle",
        "question",
        "milk_for",
        "amount",
        "started_earlier",
        "correct",
        "cut",
        "overlap",
        "settings",
        "whole_record",
        "portion",
        "by_hand",
        "part_used",
        "milk_undo",
        "milk_in_dialog",
        "download",
        "dry_run",
        "brought_in",
        "table",
        "demo",
    ],
)
def test_nothing_is_cut_at_320_px_and_at_twice_the_text(world: World, state: str) -> None:
    STATES[state](world)
    world.browser.size(320, 700)
    at_rest(world.browser)
    assert world.browser.js(WIDER) == []
    world.browser.js("document.documentElement.style.fontSize = '200%'")
    at_rest(world.browser)
    assert world.browser.js(WIDER) == []


@pytest.mark.parametrize(
    "state",
    [
        "idle",
        "question",
        "by_hand",
        "started_earlier",
        "correct",
        "overlap",
        "cut",
        "settings",
        "download",
        "dry_run",
        "brought_in",
        "portion",
        "part_used",
        "milk_undo",
        "milk_in_dialog",
    ],
)
def test_every_target_is_at_least_44_px_high(world: World, state: str) -> None:
    STATES[state](world)
    small = world.browser.js("""
    const targets = document.querySelectorAll("button, label.choice, label.switch, label.key, a.key, summary, .field");
    return [...targets].filter((e) => {
      const box = e.getBoundingClientRect();
      return box.height > 0 && box.height < 43.9;
    }).map((e) => e.outerHTML.slice(0, 120))""")
    assert small == []


def test_a_dock_over_two_fifths_of_the_height_stays_in_the_flow(world: World) -> None:
    question(world)
    world.browser.size(360, 300)
    until(
        "the dock in the flow",
        lambda: world.browser.js("return getComputedStyle(document.querySelector('.dock')).position") == "static",
    )
    world.browser.size(360, 780)
    until(
        "the dock fixed",
        lambda: world.browser.js("return getComputedStyle(document.querySelector('.dock')).position") == "fixed",
    )


def keys(world: World, *names: str) -> None:
    for name in names:
        world.browser.key(name)


def focused(world: World) -> str:
    return str(world.browser.js("const e = document.activeElement; return e.ariaLabel || e.value || e.innerText"))


def test_the_dialog_gives_the_focus_back_on_escape(world: World) -> None:
    idle(world)
    world.browser.js("[...document.querySelectorAll('.dock .key')][1].focus()")
    keys(world, "Enter")
    world.browser.sees("Purpose", "dialog")
    keys(world, "Escape")
    until("no dialog", lambda: not world.browser.js("return document.querySelector('dialog')"))
    until("the focus on Last", lambda: focused(world).strip() == "Last")


def test_arrows_walk_through_choices(world: World) -> None:
    device = idle(world)
    world.browser.press("03:12", ".card:has(#sessions-title)")
    world.browser.sees("Purpose", "dialog")
    world.browser.js("document.querySelector('dialog input[value=protect]').focus()")
    keys(world, "ArrowRight")
    world.browser.sees("saved", "dialog")
    assert purpose_of(device, "2026-03-01T02:12:00Z") == "promote"


def purpose_of(device: ScriptedDevice, started_at: str) -> object:
    return next(s["purpose"] for s in device.sessions.values() if s["started_at"] == started_at)


def test_a_question_is_announced_politely_once_and_takes_no_focus(world: World) -> None:
    device = idle(world)
    world.browser.js("document.querySelector('.night').focus()")
    device.begin()
    world.browser.sees("Why pump?", ".dock")
    assert world.browser.js("return document.querySelector('.dock [aria-live=polite]').textContent") == "Why pump?"
    assert focused(world).strip() == "Night"


def test_the_keyboard_alone_answers_a_question(world: World) -> None:
    device = question(world)
    world.browser.js("document.querySelector('.dock .purposes .key').focus()")

    def heard() -> bool:  # pressed again, as a person would: a press just after the question came does nothing
        if device.live["session"]["purpose"] is None:
            keys(world, "Enter")
        return bool(device.live["session"]["purpose"] == "protect")

    until("Protect at the device", heard)
    world.browser.sees("In place of nursing, or to finish one?", ".dock")


def test_the_running_time_is_a_timer_and_the_pictures_have_sentences(world: World) -> None:
    question(world)
    assert re.fullmatch(r"\d+:\d\d", world.browser.js("return document.querySelector('[role=timer]').innerText"))
    labels = world.browser.js("return [...document.querySelectorAll('[role=img]')].map((e) => e.ariaLabel)")
    assert len(labels) >= 10
    assert all(label and len(label) > 10 for label in labels)


def test_night_by_itself_follows_the_clock_and_a_press_holds_until_its_next_change(world: World) -> None:
    world.browser.open(world.site.address)
    world.browser.js("""
      window.hour = 22;
      Date = class extends Date { getHours() { return window.hour; } };
      theme.nightByItself(true);
    """)
    theme = "return document.documentElement.dataset.theme"
    assert world.browser.js(theme) == "night"
    world.browser.js("theme.night(false)")
    assert world.browser.js(theme) == "light"
    world.browser.js("window.hour = 12; theme.nightByItself(true)")
    assert world.browser.js(theme) == "light"
