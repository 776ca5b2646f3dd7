// Join: two sessions that were one. No command does it: the later one is deleted, then the earlier one is made to last
// until that one's end, with both amounts; one Undo gives both back.

import { amount } from "../amount.js";
import { Button, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { endOf, joinable, startOf } from "../record.js";
import { BEGINS, isGone } from "../stock.js";
import { dotted, lower, placeWord, say } from "../words.js";

const SIDES = ["left_ml", "right_ml"];

export function Join({ record, walk }) {
  const { actions, device, times, toast, units } = usePage();
  const before = joinable(device.record, record);
  const place = `join ${record.id}`;
  if (!before) return html`<${Trouble} place=${place} verb="joined"/>`;
  const span = times.span(startOf(before), endOf(before));
  if ([before, record].some(toldOf))
    return html`<section class="group"><header><h3>${say("Cut in two?")}</h3></header>
      <p class="muted small">${say(
        "It can be joined with {span} once what was said of the milk of the two is taken back: nobody knows what it would mean for both together.",
        { span },
      )}</p>
      <${Trouble} place=${place} verb="joined"/></section>`;
  const steps = stepsOf(before, record);
  const whole = times.span(startOf(before), Math.max(endOf(before), endOf(record)));
  const ml = joinedAmount(before, record).volume_ml;
  const kept = BEGINS[before.intention ?? record.intention];
  const sum = ml === null ? say("no amount") : amount(ml, units);
  const facts = dotted([whole, sum, kept && lower(placeWord(kept))]);
  const join = async () => {
    if (!(await actions.all(place, steps, { value: "joined" }))) return;
    toast.undoAll(say("Joined to {span}", { span: whole }), steps);
    walk(before.id);
  };
  const pending = actions.pending(place);
  return html`<section class="group"><header><h3>${say("Cut in two?")}</h3></header>
    <div class="links"><${Button} className="link" act=${join} disabled=${!device.reachable || pending}>${
      pending ? say("sending …") : say("Join with {span}", { span })
    }<//></div>
    <p class="muted small">${say("Makes one session of both: {facts}.", { facts })} ${say(
      "The time between counts as pumping.",
    )}</p>
    <${Trouble} place=${place} verb="joined"/></section>`;
}

// Whether somebody said what became of its milk: it is not where it began, or not all of it.
function toldOf({ milk, intention, volume_ml: ml, ended_at: end }) {
  if (milk === null) return false;
  return milk.place !== BEGINS[intention] || milk.since !== end || (!isGone({ ...milk, ml: null }) && milk.ml !== ml);
}

// In this order nothing ever overlaps. What the earlier one lacks it takes from the later.
function stepsOf(before, after) {
  const of = (command, fields, former) => ({
    command: { command, session: before.id, ...fields },
    back: { command, session: before.id, ...former },
    record: before,
  });
  const found = [
    {
      command: { command: "delete", session: after.id },
      back: { command: "restore", session: after.id },
      record: after,
    },
  ];
  if (endOf(after) > endOf(before)) found.push(of("edit", { ended_at: after.ended_at }, { ended_at: before.ended_at }));
  const joined = joinedAmount(before, after);
  if (joined.volume_ml !== before.volume_ml) found.push(of("volume", given(joined), given(before)));
  const why = before.purpose ? {} : taken(after, ["purpose", "reason"]);
  const answers = { ...why, ...(before.intention ? {} : taken(after, ["intention"])) };
  const open = Object.fromEntries(Object.keys(answers).map((name) => [name, null]));
  if (Object.keys(answers).length) found.push(of("classify", answers, open));
  if (after.note && !before.note) found.push(of("note", { text: after.note }, { text: null }));
  return found;
}

const taken = (record, names) =>
  Object.fromEntries(names.filter((name) => record[name]).map((name) => [name, record[name]]));

// Both amounts together, left and right apart where both have them so; one that nobody gave is not 0.
function joinedAmount(before, after) {
  const sum = (name) => {
    const all = [before[name], after[name]].filter((ml) => ml !== null);
    return all.length ? all.reduce((whole, ml) => whole + ml, 0) : null;
  };
  const apart = (record) => SIDES.some((side) => record[side] !== null);
  const sides = apart(before) && apart(after) ? { left_ml: sum("left_ml"), right_ml: sum("right_ml") } : {};
  return { left_ml: null, right_ml: null, ...sides, volume_ml: sum("volume_ml") };
}

const given = ({ volume_ml: ml, left_ml: left, right_ml: right }) =>
  left === null && right === null ? { ml } : { left_ml: left, right_ml: right };
