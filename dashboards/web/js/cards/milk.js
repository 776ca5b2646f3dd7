// Milk: the whole stock by place, the earliest first; a portion opens to what became of it. What is past its time stands
// apart for a day, then it leaves.

import { useState } from "../../vendor/preact.js";
import { amount } from "../amount.js";
import { Button, Card } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Moves } from "../parts/portion.js";
import { endOf } from "../record.js";
import { stock } from "../stock.js";
import { DAY, within } from "../time.js";
import { counted, dotted, lower, placeWord, say } from "../words.js";

const FIRST = 3; // of a place, until all are asked for

export function Milk() {
  const { device, now } = usePage();
  const isSet = device.diagnostics?.clock !== "unsynced";
  const { places, past } = stock([...device.portions.values()], isSet ? now : null);
  if (!places.length && !past.length) return null;
  return html`<${Card} id="milk" title=${say("Milk kept")} aside=${say("earliest first")}>
    ${places.map(([place, sessions]) => html`<${Place} key=${place} place=${place} sessions=${sessions}/>`)}
    ${past.length > 0 && html`<${Past} sessions=${past}/>`}
    <p class="muted small">${say(
      "Times for fresh milk and a healthy term baby (CDC). What nobody told counts as still there.",
    )}</p>
  <//>`;
}

function Place({ place, sessions }) {
  const { device, units } = usePage();
  const ml = device.today?.milk?.[`${place}_ml`] ?? null;
  const without = sessions.filter(({ milk }) => milk.ml === null).length;
  const sum = dotted([
    ml !== null && amount(ml, units),
    without > 0 && counted(without, "{count} without amount", "{count} without amount"),
  ]);
  return html`<section class="milk-place"><header><h3>${placeWord(place)}</h3><b class="sum">${sum}</b></header>
    <${Portions} sessions=${sessions}/></section>`;
}

const Past = ({ sessions }) => html`<section class="milk-place past"><header><h3>${say("Past its time")}</h3></header>
  <${Portions} sessions=${sessions} past/>
  <p class="muted small">${say("It stands here for a day, until somebody says what became of it.")}</p></section>`;

function Portions({ sessions, past = false }) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? sessions : sessions.slice(0, FIRST);
  return html`<ul class="rows">${shown.map(
    (session) => html`<${Portion} key=${session.id} session=${session} past=${past}/>`,
  )}</ul>
    ${sessions.length > shown.length && html`<p class="more"><${Button} className="link"
        act=${() => setWhole(true)}>${counted(
          sessions.length,
          "all {count}\u00a0portion",
          "all {count}\u00a0portions",
        )}<//></p>`}`;
}

function Portion({ session, past }) {
  const { units } = usePage();
  const [opened, setOpened] = useState(false);
  const { milk, volume_ml: whole } = session;
  const part =
    milk.ml !== null &&
    whole !== null &&
    milk.ml !== whole &&
    say("of {amount}", { amount: amount(whole, units) });
  return html`<li class="milk-row"><button type="button" class="row" aria-expanded=${opened}
      onClick=${() => setOpened(!opened)}><span class="row-words"><span>${useTime(session, past)}</span>
      <span class="muted small">${dotted([useFrom(session), part])}</span></span>
      <b class="sum">${milk.ml === null ? "–" : amount(milk.ml, units)}</b></button>
    ${opened && html`<${Moves} session=${session}/><${OpenSession} session=${session}/>`}</li>`;
}

function OpenSession({ session }) {
  const { open } = usePage();
  return html`<p class="more"><${Button} className="link" act=${() => open({ view: "record", id: session.id })}>${say(
    "Open the session",
  )}<//></p>`;
}

// "use by 12:26, in 2 h 44" under a day, "use by Wed 4, 01:10"
function useTime({ use_by: until, milk }, past) {
  const { now, times } = usePage();
  if (past) return say("{place}, until {time}", { place: placeWord(milk.place), time: times.dated(until) });
  if (!until) return say("no time: the clock was not set");
  const left = Date.parse(until) - now;
  return left < DAY
    ? say("use by {time}, in\u00a0{left}", { time: times.clock(until), left: within(left) })
    : say("use by {time}", { time: times.until(until) });
}

function useFrom(session) {
  const { times } = usePage();
  const time = times.dated(endOf(session));
  const { since, place } = session.milk;
  const moved =
    since &&
    since !== session.ended_at &&
    say("{place} since {time}", { place: lower(placeWord(place)), time: times.dated(since) });
  const from = times.isToday(endOf(session)) ? say("from today {time}", { time }) : say("from {time}", { time });
  return dotted([from, moved]);
}
