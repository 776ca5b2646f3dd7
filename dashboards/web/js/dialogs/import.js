// Import: a file of ours is read in this browser, what it would bring in is said first, then it goes, and can be
// stopped.

import { useEffect, useState } from "../../vendor/preact.js";
import { amount } from "../amount.js";
import { Gathering } from "../gathering.js";
import { LARGEST_B, MOST, planned, spanOf, Taking } from "../import.js";
import { Button, Notice } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { linesOf } from "../table.js";
import { counted, dotted, intentionWord, NOT_SAVED, purposeWord, say } from "../words.js";
import { Dialog } from "./dialog.js";

const ABOUT = [
  say("CSV or JSON lines, at most {megabytes} MB and {lines} lines; it is read in this browser.", {
    megabytes: LARGEST_B / 1e6,
    lines: MOST,
  }),
  say(
    "A session comes in as one added by hand: times, purpose, reason, amount, milk for, what became of it, and note.",
  ),
  say("What is to come back whole, numbers and all, goes through pump-companion import."),
].join(" ");
const FIRST = 50; // lines of a group, until all are asked for
const GROUPS = [
  ["bad", say("Can’t come in")],
  ["new", say("Would come in")],
  ["there", say("There already")],
  ["left", say("Left out")],
];
const OUTCOMES = [
  ["refused", say("Refused")],
  ["in", say("Came in")],
  ["new", say("Not sent")],
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
      ${under ? say("Cancel") : taking ? say("Done") : say("Back")}<//>
    ${word && html`<${Button} key=${key} className="key main-action" act=${act} disabled=${disabled}>${word}<//>`}`;
  return html`<${Dialog} title=${say("Import")} detail=${say("from a file that was downloaded or exported")}
      close=${close} top=${top} foot=${foot}>
    <label class="key file" aria-disabled=${Boolean(under)}><span>${read?.name ?? say("Choose a file")}</span>
      <input type="file" accept=".csv,.jsonl,.json,.txt" disabled=${Boolean(under)} aria-label=${say("Choose a file")}
        onChange=${(event) => event.currentTarget.files[0] && choose(event.currentTarget.files[0])}/></label>
    <p class="muted small below">${ABOUT}</p>
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
    return { key: "on", word: say("Look again"), act: () => look(read.lines), disabled: away };
  if (gathering?.status === "lost")
    return { key: "on", word: say("Look again"), act: () => compare(read.lines, gathering), disabled: away };
  const count = plan?.filter(({ state }) => state === "new").length ?? 0;
  if (!plan || taking || !count) return {};
  return { key: "in", word: say("Bring in {count}", { count }), act: send, disabled: away };
}

async function contents(file) {
  const { name } = file;
  if (file.size > LARGEST_B)
    return {
      name,
      trouble: say("It has over {megabytes} MB; pump-companion import takes files of any size.", {
        megabytes: LARGEST_B / 1e6,
      }),
    };
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return { name, trouble: say("It can’t be read as text in UTF-8; save it as CSV UTF-8.") };
  }
  const lines = linesOf(text);
  if (!lines.length) return { name, trouble: say("There is no record in it.") };
  if (lines.length > MOST)
    return {
      name,
      trouble: say("It has {lines} lines, over {most}; pump-companion import takes any number.", {
        lines: lines.length,
        most: MOST,
      }),
    };
  return { name, lines };
}

function Status({ gathering, plan, taking }) {
  if (taking) return html`<${TakingStatus} taking=${taking}/>`;
  if (gathering?.status === "lost")
    return html`<${Notice} text=${say("The connection broke while comparing. Nothing was sent.")}/>`;
  if (gathering?.status === "refused")
    return html`<${Notice} text=${say("The device gives out no record to compare with. Nothing was sent.")}/>`;
  const of = (state) => plan.filter((item) => item.state === state).length;
  const words = plan
    ? say("Nothing is sent yet: {fresh} would come in, {bad} can’t, {there} there already.", {
        fresh: of("new"),
        bad: of("bad"),
        there: of("there"),
      })
    : gathering?.status === "asking" && say("Comparing with the device’s record …");
  return html`<p class="progress-line" role="status">${words || ""}</p>`;
}

function TakingStatus({ taking }) {
  const all = taking.items.length;
  const of = { came: taking.came, refused: taking.refused.length };
  const sofar = counted(all, "{came} of {count}\u00a0record.", "{came} of {count}\u00a0records.", of);
  const came = counted(all, "{came} of {count}\u00a0record came in.", "{came} of {count}\u00a0records came in.", of);
  const over = of.refused
    ? counted(
        all,
        "{came} of {count}\u00a0record came in, {refused} refused.",
        "{came} of {count}\u00a0records came in, {refused} refused.",
        of,
      )
    : came;
  const broke = counted(
    all,
    "The connection broke after {came} of {count}\u00a0record.",
    "The connection broke after {came} of {count}\u00a0records.",
    of,
  );
  const words = {
    sending: counted(all, "{came} of {count}\u00a0record …", "{came} of {count}\u00a0records …", of),
    late: `${sofar} ${say("No answer yet; it goes on as soon as it comes.")}`,
    busy: `${sofar} ${say("The device has more to do than it can just now; it goes on in a moment.")}`,
    done: over,
    cancelled: say("Cancelled: {over}", { over }),
  }[taking.status];
  const notices = {
    lost: `${broke} ${say("Nothing is sent twice: look again, and what came in is there already.")}`,
    held: `${came} ${NOT_SAVED}`,
    refused: say("Stopped: {why}.", { why: taking.words }),
  };
  return html`<p class="progress-line" role="status">${words ?? ""}</p>
    ${notices[taking.status] && html`<${Notice} text=${notices[taking.status]} device=${taking.device}/>`}`;
}

function Lines({ title, items, folded }) {
  const [whole, setWhole] = useState(false);
  if (!items.length) return null;
  const shown = whole ? items : items.slice(0, FIRST);
  return html`<details class="lines" open=${!folded}><summary>${say("{title}: {count}", {
    title,
    count: items.length,
  })}</summary>
    <ul class="rows">${shown.map((item) => html`<${Line} key=${item.line} item=${item}/>`)}</ul>
    ${items.length > shown.length && html`<p class="more"><${Button} className="link"
        act=${() => setWhole(true)}>${say("all {count}", { count: items.length })}<//></p>`}</details>`;
}

function Line({ item }) {
  const { open, device, times, units } = usePage();
  const { kind, start, end, command } = item;
  const id = typeof item.with === "string" ? item.with : item.with?.id;
  const when = command && (kind === "session" ? times.span(start, end) : times.dated(start));
  const sum = kind === "session" && command ? (command.ml === undefined ? "–" : amount(command.ml, units)) : "";
  const other = item.with?.line && say("that of line {line}", { line: item.with.line });
  return html`<li class="import-line"><span class="muted small">${say("line {line}", { line: item.line })}</span>
    <span>${when && html`<b>${when}</b> `}${what(kind, command)} ${(item.words || other) && html`<span
        class="muted small">${dotted([item.words, other])}</span>`}
      ${item.device && html`<span class="muted small">${say("Device: {error}", { error: item.device })}</span>`}
      ${id && device.find(id) && html`<${Button} className="link" act=${() => open({ view: "record", id })}>${say(
        "Open that session",
      )}<//>`}</span>
    ${sum && html`<b class="sum">${sum}</b>`}</li>`;
}

function what(kind, command) {
  if (!command) return "";
  if (kind === "nursing") return command.effective ? say("nursed, effective") : say("nursed, not effective");
  const { purpose, intention } = command;
  return dotted([purpose && purposeWord(purpose), intention && intentionWord(intention)]);
}
