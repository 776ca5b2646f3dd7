// One record with every correction that the contract knows: a session, or a nursing. Older and newer walk the record.

import { amount } from "../amount.js";
import { Button, Choices, classes, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Moves } from "../parts/portion.js";
import { inOrder, isNursing, startOf, endOf } from "../record.js";
import { pumping } from "../time.js";
import {
  counted,
  dotted,
  INTENTIONS,
  noteFor,
  placeWord,
  PURPOSES,
  purposeWord,
  REASONS,
  say,
  SIDES,
  sourcesWords,
} from "../words.js";
import { Group, useCorrection } from "./correction.js";
import { Dialog, IconButton } from "./dialog.js";
import { AmountEditor, NoteEditor, TimesEditor } from "./editors.js";
import { Join } from "./join.js";

export function RecordDialog({ id, walk, close, top }) {
  const { device } = usePage();
  const record = device.find(id);
  if (!record)
    return html`<${Dialog} title=${say("Record")} close=${close}
        top=${top}><p>${say("The device no longer has this record.")}</p><//>`;
  const all = inOrder(device.record);
  const index = all.findIndex((entry) => entry.id === id);
  const neighbour = (step) => (index < 0 ? undefined : all[index + step]);
  const tools = html`<${IconButton} icon="older" label=${say("Older")} disabled=${!neighbour(1)}
      act=${() => walk(neighbour(1).id)}/>
    <${IconButton} icon="newer" label=${say("Newer")} disabled=${!neighbour(-1)} act=${() => walk(neighbour(-1).id)}/>`;
  const Body = isNursing(record) ? Nursing : Session;
  return html`<${Dialog} ...${headOf(record)} tools=${tools} close=${close} top=${top}
    foot=${html`<${Remove} record=${record} close=${close}/><${Button} className="key main-action"
        act=${close}>${say("Done")}<//>`}>
    <${Body} key=${id} record=${record} walk=${walk}/><//>`;
}

function headOf(record) {
  const { times } = usePage();
  const start = times.titled(startOf(record));
  if (isNursing(record)) return { title: start, detail: say("Nursing") };
  const title =
    record.state === "running" ? say("{start}, running", { start }) : `${start}–${times.clock(endOf(record))}`;
  const detail = dotted([
    say("{duration} pumping", { duration: pumping(record.pumping_s) }),
    record.pauses > 0 && counted(record.pauses, "{count} pause", "{count} pauses"),
    record.interrupted && say("cut off"),
    !record.counted && say("not counted"),
    record.deleted && say("deleted"),
  ]);
  return { title, detail };
}

function Classify({ record, group, title, options, chosen, aside, wide }) {
  const correction = useCorrection(record);
  const take = (value) => correction.send(group, { command: "classify", [group]: value }, value ?? "nothing");
  const back =
    chosen &&
    !correction.cannot(group) &&
    html`<${Button} className="link" act=${() => take(null)}>${say("Take back")}<//>`;
  return html`<${Group} title=${title} place=${correction.place(group)} aside=${aside ?? back}>
    <${Choices} label=${title} name=${`${group}-${record.id}`} options=${options} chosen=${chosen}
        choose=${take}
      pending=${correction.value(group)} disabled=${correction.cannot(group)} className=${wide}/>
    ${aside && html`<div class="links">${back}</div>`}<//>`;
}

function Session({ record, walk }) {
  const { device, times } = usePage();
  const reasons = REASONS[record.purpose];
  const note = record.purpose && isLive(record, device) && noteFor(record.purpose, device.today);
  return html`
    <${Classify} record=${record} group="purpose" title=${say("Purpose")} chosen=${record.purpose} wide="purposes"
      options=${Object.entries(PURPOSES).map(([name, word]) => [name, word, name])}/>
    ${
      reasons &&
      html`<${Classify} record=${record} group="reason" title=${say("Reason")} chosen=${record.reason}
      options=${Object.entries(reasons)}/>`
    }
    ${note && html`<p class="side-note">${note}</p>`}
    <${AmountEditor} record=${record}/>
    <${Classify} record=${record} group="intention" title=${say("Milk for")} chosen=${record.intention}
      options=${Object.entries(INTENTIONS)} wide="three"
      aside=${record.use_by && html`<span class="progress">${say("use by {time}", {
        time: times.long(record.use_by),
      })}</span>`}/>
    ${record.milk && html`<${Kept} record=${record}/>`}
    <${NoteEditor} record=${record}/>
    <${TimesEditor} record=${record}/>
    <${Join} record=${record} walk=${walk}/>
    <${Heard} record=${record}/>`;
}

// Where its milk is, and what became of it.
function Kept({ record }) {
  const { times, units, device } = usePage();
  const correction = useCorrection(record);
  const { place, ml, since } = record.milk;
  const left = ml !== null && ml > 0 && say("{amount} left", { amount: amount(ml, units) });
  const where = placeWord(place);
  const words = dotted([since ? say("{place} since {time}", { place: where, time: times.dated(since) }) : where, left]);
  const cannot = !device.reachable || correction.pending("milk-back");
  const back = () => correction.send("milk-back", { command: "milk", place: null }, "back");
  return html`<section class="group"><header><h3>${say("Milk")}</h3><span class="progress">${words}</span></header>
    <${Moves} session=${record}/>
    <div class="links"><${Button} className="link" act=${back} disabled=${cannot}>${say(
      "Take back what was said last",
    )}<//></div>
    <${Trouble} place=${correction.place("milk-back")} verb="taken back"/></section>`;
}

// Notes belong to a session that is on, not to a correction of an old one.
const isLive = (record, device) => device.state?.session?.id === record.id;

function Heard({ record }) {
  const facts = [
    record.sources?.length && say("Heard by {sources}.", { sources: sourcesWords(record.sources) }),
    Number.isFinite(record.cycles_per_minute) && say("{count} a minute.", { count: record.cycles_per_minute }),
    record.disagreement_s && say("Wire and link differ by {seconds} s.", { seconds: record.disagreement_s }),
    record.stuck_sensor && say("The sensor may have been stuck."),
    record.clock === "unsynced" && say("The clock was not set; the times are corrected later."),
    record.suggestion &&
      say("Suggested: {purpose}, {because}.", {
        purpose: purposeWord(record.suggestion.purpose),
        because: record.suggestion.because,
      }),
    Number.isFinite(record.duration_s) &&
      record.duration_s !== record.pumping_s &&
      say("{duration} with pauses.", { duration: pumping(record.duration_s) }),
    numbered(record),
  ];
  return html`<p class="muted small heard">${facts.filter(Boolean).join(" ")}</p>`;
}

function Nursing({ record }) {
  const correction = useCorrection(record);
  const choose = (value) =>
    correction.send("effective", { command: "edit", effective: value === "yes" }, value);
  return html`<${Group} title=${say("Effective")} place=${correction.place("effective")}>
      <p class="muted small">${say("Swallowing heard, breast softer afterwards.")}</p>
      <${Choices} label=${say("Effective")} name=${`effective-${record.id}`} options=${[
        ["yes", say("Yes")],
        ["no", say("No")],
      ]}
        chosen=${record.effective ? "yes" : "no"} choose=${choose} pending=${correction.value("effective")}
        disabled=${correction.cannot("effective")}/><//>
    <${Side} record=${record}/>
    <${TimesEditor} record=${record}/>
    <p class="muted small heard">${numbered(record)}</p>`;
}

function Side({ record }) {
  const correction = useCorrection(record);
  const take = (value) => correction.send("side", { command: "edit", side: value }, value ?? "nothing");
  const back =
    record.side &&
    !correction.cannot("side") &&
    html`<${Button} className="link" act=${() => take(null)}>${say("Take back")}<//>`;
  return html`<${Group} title=${say("Side")} place=${correction.place("side")} aside=${back}>
    <${Choices} label=${say("Side")} name=${`side-${record.id}`} options=${Object.entries(SIDES)}
        chosen=${record.side} choose=${take} pending=${correction.value("side")}
        disabled=${correction.cannot("side")} className="three"/><//>`;
}

// A record's number names it: its digits are not parted.
const numbered = ({ number, revision }) =>
  number === null
    ? say("Not saved yet.")
    : say("Number {number}, revision {revision}.", { number: String(number), revision: String(revision) });

// Delete asks nothing: the toast gives it back.
function Remove({ record, close }) {
  const { toast, times, actions, device } = usePage();
  const correction = useCorrection(record);
  const name = isNursing(record) ? "nursing" : "session";
  const place = correction.place("delete");
  const cannot = !device.reachable || actions.pending(place) || record.state === "running";
  const command = record.deleted ? "restore" : "delete";
  const press = async () => {
    const reply = await correction.send("delete", { command }, command);
    if (!reply?.ok || command === "restore") return;
    close();
    const time = times.dated(startOf(record));
    const words =
      name === "nursing" ? say("Nursing of {time} deleted", { time }) : say("Session of {time} deleted", { time });
    toast.undo(words, { command: "restore", [name]: record.id }, reply[name] ?? record);
  };
  return html`<div class="remove"><${Button} className=${classes("key", actions.pending(place) && "pending")}
      act=${press} disabled=${cannot}>
    ${record.deleted ? say("Restore") : say("Delete")}<//><${Trouble} place=${place}/></div>`;
}
