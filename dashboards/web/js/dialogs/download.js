// Download: the record as a file, made in this browser from what the device answers; nothing goes anywhere else.

import { useEffect, useState } from "../../vendor/preact.js";
import { Gathering } from "../gathering.js";
import { Button, Choices, Notice } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { number } from "../language.js";
import { fileOf, kindOf } from "../table.js";
import { dayAfter, iso, zoneFor } from "../time.js";
import { counted, say } from "../words.js";
import { Dialog } from "./dialog.js";

const FORMS = [
  ["session", say("Sessions, a table")],
  ["nursing", say("Nursings, a table")],
  ["jsonl", say("All of it, to import again")],
];
const SPANS = [
  ["whole", say("Whole record")],
  ["days", say("Some days")],
];
const TYPES = { jsonl: "application/jsonl", session: "text/csv", nursing: "text/csv" };
const NAMES = { jsonl: "record", session: "sessions", nursing: "nursings" };

export function DownloadDialog({ close, top }) {
  const { device, times, now, settings } = usePage();
  const [given, setGiven] = useState({ form: "session", span: "whole", from: "", to: times.day(now) });
  const [gathering, setGathering] = useState(null);
  const [, draw] = useState(0);
  const [file, setFile] = useState(null); // {address, name, records, bytes}
  useEffect(() => () => gathering?.cancel(), [gathering]);
  useEffect(() => () => file && URL.revokeObjectURL(file.address), [file]);
  const set = (name) => (value) => {
    setGathering(null);
    setFile(null);
    setGiven((before) => ({ ...before, [name]: value }));
  };
  const some = given.span === "days";
  const cannot = !device.reachable || (some && !(given.from && given.to && given.from <= given.to));
  const begin = async () => {
    const day = (name) => iso(times.instant(name, "00:00:00"));
    const span = some ? { since: day(given.from), until: day(dayAfter(given.to, 1)) } : {};
    const next = new Gathering(device, span, () => draw((count) => count + 1));
    setGathering(next);
    await go(next);
  };
  const go = async (each) => {
    await each.run();
    if (each.status !== "done") return;
    const prefix = `${settings.device}-${times.day(now)}`;
    setFile(fileFor(each.records, given.form, zoneFor(device.today?.timezone), prefix));
  };
  const asking = gathering?.status === "asking";
  const lost = gathering?.status === "lost";
  const foot = file
    ? html`<${Button} className="key" act=${close}>${say("Done")}<//><a class="key main-action"
        href=${file.address} download=${file.name}>${say("Save the file")}</a>`
    : html`<${Button} className="key" act=${asking ? () => gathering.cancel() : close}>
        ${asking ? say("Cancel") : say("Back")}<//>
      <${Button} className="key main-action" disabled=${cannot || asking}
        act=${() => (lost ? go(gathering) : begin())}>
        ${asking ? say("asking …") : lost ? say("Go on|with a download") : say("Make the file")}<//>`;
  return html`<${Dialog} title=${say("Download")} detail=${say("the record as a file")} close=${close} top=${top}
    foot=${foot}>
    <section class="group"><header><h3>${say("What")}</h3></header>
      <${Choices} label=${say("What")} name="download-form" options=${FORMS} chosen=${given.form}
          choose=${set("form")}/>
      <p class="muted small below">${
        given.form === "jsonl"
          ? say("JSON lines, every field: what pump-companion import takes.")
          : say("CSV for a spreadsheet, a row each, times as the device’s clock shows them.")
      } ${say("Deleted ones are in it, marked.")}</p></section>
    <section class="group"><header><h3>${say("Days")}</h3></header>
      <${Choices} label=${say("Days")} name="download-span" options=${SPANS} chosen=${given.span}
          choose=${set("span")}/>
      ${some && html`<div class="sides below">${day("from", say("From|a day"), given, set, times.day(now))}
        ${day("to", say("To, that day too"), given, set, times.day(now))}</div>`}</section>
    <${Progress} gathering=${gathering} file=${file} reachable=${device.reachable}/>
    <p class="muted small">${say("The file is made in this browser and goes only where you save it.")}</p><//>`;
}

const day = (name, label, given, set, max) => html`<label class="labelled"><span>${label}</span>
  <input class="field" type="date" value=${given[name]} max=${max}
      onInput=${(event) => set(name)(event.currentTarget.value)}/></label>`;

function fileFor(records, form, zone, prefix) {
  const text = fileOf(records, form, zone);
  const blob = new Blob([text], { type: `${TYPES[form]};charset=utf-8` });
  return {
    address: URL.createObjectURL(blob),
    name: `${prefix}-${NAMES[form]}.${form === "jsonl" ? "jsonl" : "csv"}`,
    records: form === "jsonl" ? records.length : records.filter((record) => kindOf(record) === form).length,
    bytes: blob.size,
  };
}

function Progress({ gathering, file, reachable }) {
  const { times } = usePage();
  const { count = 0, oldest = null } = gathering ?? {};
  const sofar =
    oldest === null
      ? say("Asking the device …")
      : counted(count, "{count}\u00a0record, back to {time} …", "{count}\u00a0records, back to {time} …", {
          time: times.dated(oldest),
        });
  const words = {
    asking: sofar,
    done:
      file &&
      counted(file.records, "{count}\u00a0record, {size}.", "{count}\u00a0records, {size}.", {
        size: sized(file.bytes),
      }),
    cancelled: say("Cancelled."),
  }[gathering?.status];
  if (gathering?.status === "lost") {
    const broke = counted(
      count,
      "The connection broke after {count}\u00a0record.",
      "The connection broke after {count}\u00a0records.",
    );
    const next = reachable ? say("It is back: go on.") : say("It can go on when that is back.");
    return html`<${Notice} text=${`${broke} ${next}`}/>`;
  }
  if (gathering?.status === "refused")
    return html`<${Notice} text=${say("The device gives out no record.")}/>`;
  return html`<p class="progress-line" role="status">${words ?? ""}</p>`;
}

const sized = (bytes) =>
  bytes < 1e6
    ? say("{size}\u00a0kB", { size: number(Math.ceil(bytes / 1000)) })
    : say("{size}\u00a0MB", { size: number(bytes / 1e6, 1) });
