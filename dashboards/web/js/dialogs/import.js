// Import: a file of ours is read in this browser, what it would bring in is said first, then it goes, and can be stopped.

import { useEffect, useState } from "../../vendor/preact.js";
import { amount } from "../amount.js";
import { Gathering } from "../gathering.js";
import { LARGEST_B, MOST, planned, spanOf, Taking } from "../import.js";
import { Button, Notice } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { linesOf } from "../table.js";
import { counted, dotted, intentionWord, NOT_SAVED, purposeWord } from "../words.js";
import { Dialog } from "./dialog.js";

const FIRST = 50; // lines of a group, until all are asked for
const GROUPS = [
  ["bad", "Can’t come in"],
  ["new", "Would come in"],
  ["there", "There already"],
  ["left", "Left out"],
];
const OUTCOMES = [
  ["refused", "Refused"],
  ["in", "Came in"],
  ["new", "Not sent"],
];

export function ImportDialog({ close, top }) {
  const { device } = usePage();
  const [read, setRead] = useState(null); // {name, lines} or {trouble}
  const [gathering, setGathering] = useState(null);
  const [plan, setPlan] = useState(null);
  const [taking, setTaking] = useState(null);
  const [, draw] = useState(0);
  const redraw = () => draw((count) => count + 1);
  useEffect(() => () => gathering?.cancel(), [gathering]);
  useEffect(() => () => taking?.cancel(), [taking]);
  // what the device holds over those days, then what each line comes to
  const compare = async (lines, each) => {
    setGathering(each);
    setPlan(null);
    setTaking(null);
    await each.run();
    if (each.status === "done") setPlan(planned(lines, each.records, device.clock.now()));
  };
  const look = (lines) => {
    const span = spanOf(lines);
    if (span) compare(lines, new Gathering(device, span, redraw));
    else setPlan(planned(lines, [], device.clock.now()));
  };
  const choose = async (file) => {
    setPlan(null);
    setTaking(null);
    setGathering(null);
    const found = await contents(file);
    setRead(found);
    if (found.lines) look(found.lines);
  };
  const send = () => {
    const next = new Taking(device, plan, redraw);
    setTaking(next);
    next.run();
  };
  const { key, act, word, disabled } = action({ device, read, gathering, plan, taking, send, look, compare });
  const under = taking && ["sending", "busy", "late"].includes(taking.status);
  const foot = html`<${Button} className="key" act=${under ? () => taking.cancel() : close}>
      ${under ? "Cancel" : taking ? "Done" : "Back"}<//>
    ${word && html`<${Button} key=${key} className="key main-action" act=${act} disabled=${disabled}>${word}<//>`}`;
  return html`<${Dialog} title="Import" detail="from a file that was downloaded or exported" close=${close} top=${top}
      foot=${foot}>
    <label class="key file" aria-disabled=${Boolean(under)}><span>${read?.name ?? "Choose a file"}</span>
      <input type="file" accept=".csv,.jsonl,.json,.txt" disabled=${Boolean(under)} aria-label="Choose a file"
        onChange=${(event) => event.currentTarget.files[0] && choose(event.currentTarget.files[0])}/></label>
    <p class="muted small below">CSV or JSON lines, at most ${LARGEST_B / 1e6} MB and ${MOST} lines; it is read in this
      browser. A session comes in as one added by hand: times, purpose, reason, amount, milk for, what became of it, and note. What is to
      come back whole, numbers and all, goes through pump-companion import.</p>
    ${read?.trouble && html`<${Notice} text=${read.trouble}/>`}
    <${Status} gathering=${gathering} plan=${plan} taking=${taking}/>
    ${
      taking
        ? OUTCOMES.map(([state, title]) => html`<${Lines} key=${state} title=${title}
            items=${taking.items.filter((item) => item.state === state)} folded=${state !== "refused"}/>`)
        : plan && GROUPS.map(([state, title]) => html`<${Lines} key=${state} title=${title}
            items=${plan.filter((item) => item.state === state)} folded=${state !== "bad" && state !== "new"}/>`)
    }<//>`;
}

// The main key: bring it in, or go on where it was interrupted.
function action({ device, read, gathering, plan, taking, send, look, compare }) {
  const away = !device.reachable;
  if (taking && ["lost", "held", "cancelled"].includes(taking.status))
    return { key: "on", word: "Look again", act: () => look(read.lines), disabled: away };
  if (gathering?.status === "lost")
    return { key: "on", word: "Look again", act: () => compare(read.lines, gathering), disabled: away };
  const count = plan?.filter(({ state }) => state === "new").length ?? 0;
  if (!plan || taking || !count) return {};
  return { key: "in", word: `Bring in ${count}`, act: send, disabled: away };
}

async function contents(file) {
  const { name } = file;
  if (file.size > LARGEST_B)
    return { name, trouble: `It has over ${LARGEST_B / 1e6} MB; pump-companion import takes files of any size.` };
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return { name, trouble: "It can’t be read as text in UTF-8; save it as CSV UTF-8." };
  }
  const lines = linesOf(text);
  if (!lines.length) return { name, trouble: "There is no record in it." };
  if (lines.length > MOST)
    return { name, trouble: `It has ${lines.length} lines, over ${MOST}; pump-companion import takes any number.` };
  return { name, lines };
}

function Status({ gathering, plan, taking }) {
  if (taking) return html`<${TakingStatus} taking=${taking}/>`;
  if (gathering?.status === "lost")
    return html`<${Notice} text="The connection broke while comparing. Nothing was sent."/>`;
  if (gathering?.status === "refused")
    return html`<${Notice} text="The device gives out no record to compare with. Nothing was sent."/>`;
  const of = (state) => plan.filter((item) => item.state === state).length;
  const words = plan
    ? `Nothing is sent yet: ${of("new")} would come in, ${of("bad")} can’t, ${of("there")} there already.`
    : gathering?.status === "asking" && "Comparing with the device’s record …";
  return html`<p class="progress-line" role="status">${words || ""}</p>`;
}

function TakingStatus({ taking }) {
  const of = `${taking.came} of ${counted(taking.items.length, "record")}`;
  const refused = taking.refused.length ? `, ${taking.refused.length} refused` : "";
  const words = {
    sending: `${of} …`,
    late: `${of}. No answer yet; it goes on as soon as it comes.`,
    busy: `${of}. The device has more to do than it can just now; it goes on in a moment.`,
    done: `${of} came in${refused}.`,
    cancelled: `Cancelled: ${of} came in${refused}.`,
  }[taking.status];
  const notices = {
    lost: `The connection broke after ${of}. Nothing is sent twice: look again, and what came in is there already.`,
    held: `${of} came in. ${NOT_SAVED}`,
    refused: `Stopped: ${taking.words}.`,
  };
  return html`<p class="progress-line" role="status">${words ?? ""}</p>
    ${notices[taking.status] && html`<${Notice} text=${notices[taking.status]} device=${taking.device}/>`}`;
}

function Lines({ title, items, folded }) {
  const [whole, setWhole] = useState(false);
  if (!items.length) return null;
  const shown = whole ? items : items.slice(0, FIRST);
  return html`<details class="lines" open=${!folded}><summary>${title}: ${items.length}</summary>
    <ul class="rows">${shown.map((item) => html`<${Line} key=${item.line} item=${item}/>`)}</ul>
    ${items.length > shown.length && html`<p class="more"><${Button} className="link"
        act=${() => setWhole(true)}>all ${items.length}<//></p>`}</details>`;
}

function Line({ item }) {
  const { open, device, times, units } = usePage();
  const { kind, start, end, command } = item;
  const id = typeof item.with === "string" ? item.with : item.with?.id;
  const when = command && (kind === "session" ? times.span(start, end) : times.dated(start));
  const sum = kind === "session" && command ? (command.ml === undefined ? "–" : amount(command.ml, units)) : "";
  const other = item.with?.line && `that of line ${item.with.line}`;
  return html`<li class="import-line"><span class="muted small">line ${item.line}</span>
    <span>${when && html`<b>${when}</b> `}${what(kind, command)} ${(item.words || other) && html`<span
        class="muted small">${dotted([item.words, other])}</span>`}
      ${item.device && html`<span class="muted small">Device: ${item.device}</span>`}
      ${id && device.find(id) && html`<${Button} className="link" act=${() => open({ view: "record", id })}>Open that
        session<//>`}</span>
    ${sum && html`<b class="sum">${sum}</b>`}</li>`;
}

function what(kind, command) {
  if (!command) return "";
  if (kind === "nursing") return `nursed, ${command.effective ? "" : "not "}effective`;
  return dotted([command.purpose && purposeWord(command.purpose), command.intention && intentionWord(command.intention)]);
}
