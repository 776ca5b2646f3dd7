// Download: the record as a file, made in this browser from what the device answers; nothing goes anywhere else.

import { useEffect, useState } from "../../vendor/preact.js";
import { Gathering } from "../gathering.js";
import { Button, Choices, Notice } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { fileOf, kindOf } from "../table.js";
import { dayAfter, iso, zoneFor } from "../time.js";
import { counted } from "../words.js";
import { Dialog } from "./dialog.js";

const FORMS = [
  ["session", "Sessions, a table"],
  ["nursing", "Nursings, a table"],
  ["jsonl", "All of it, to import again"],
];
const SPANS = [
  ["whole", "Whole record"],
  ["days", "Some days"],
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
    if (each.status === "done")
      setFile(fileFor(each.records, given.form, zoneFor(device.today?.timezone), `${settings.device}-${times.day(now)}`));
  };
  const asking = gathering?.status === "asking";
  const foot = file
    ? html`<${Button} className="key" act=${close}>Done<//><a class="key main-action" href=${file.address}
        download=${file.name}>Save the file</a>`
    : html`<${Button} className="key" act=${asking ? () => gathering.cancel() : close}>${asking ? "Cancel" : "Back"}<//>
      <${Button} className="key main-action" disabled=${cannot || asking}
        act=${() => (gathering?.status === "lost" ? go(gathering) : begin())}>
        ${asking ? "asking …" : gathering?.status === "lost" ? "Go on" : "Make the file"}<//>`;
  return html`<${Dialog} title="Download" detail="the record as a file" close=${close} top=${top} foot=${foot}>
    <section class="group"><header><h3>What</h3></header>
      <${Choices} label="What" name="download-form" options=${FORMS} chosen=${given.form} choose=${set("form")}/>
      <p class="muted small below">${
        given.form === "jsonl"
          ? "JSON lines, every field: what pump-companion import takes."
          : "CSV for a spreadsheet, a row each, times as the device’s clock shows them."
      } Deleted ones are in it, marked.</p></section>
    <section class="group"><header><h3>Days</h3></header>
      <${Choices} label="Days" name="download-span" options=${SPANS} chosen=${given.span} choose=${set("span")}/>
      ${some && html`<div class="sides below">${day("from", "From", given, set, times.day(now))}
        ${day("to", "To, that day too", given, set, times.day(now))}</div>`}</section>
    <${Progress} gathering=${gathering} file=${file} reachable=${device.reachable}/>
    <p class="muted small">The file is made in this browser and goes only where you save it.</p><//>`;
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
  const sofar = oldest === null ? "Asking the device …" : `${counted(count, "record")}, back to ${times.dated(oldest)} …`;
  const words = {
    asking: sofar,
    done: file && `${counted(file.records, "record")}, ${sized(file.bytes)}.`,
    cancelled: "Cancelled.",
  }[gathering?.status];
  if (gathering?.status === "lost")
    return html`<${Notice} text=${`The connection broke after ${counted(count, "record")}. ${
      reachable ? "It is back: go on." : "It can go on when that is back."
    }`}/>`;
  if (gathering?.status === "refused")
    return html`<${Notice} text="The device gives out no record."/>`;
  return html`<p class="progress-line" role="status">${words ?? ""}</p>`;
}

const sized = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1000)}\u00a0kB` : `${(bytes / 1e6).toFixed(1)}\u00a0MB`);
