// Lists of records in a dialog: one day, or the whole record, drawn only where it is looked at.

import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact.js";
import { Button, Switch } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Row } from "../parts/rows.js";
import { rows } from "../record.js";
import { counted, say } from "../words.js";
import { Dialog } from "./dialog.js";

const CHUNK = 40; // rows that come and go together
const ROW_PX = 61; // a row's usual height, until a chunk has been drawn once

export function DayDialog({ day, close, top }) {
  const { device, times } = usePage();
  const shown = rows(device.record).filter((row) => times.day(row.at) === day);
  return html`<${Dialog} title=${times.rowDay(day)} close=${close} top=${top}>
    <ul class="rows">${shown.map((row) => html`<li key=${row.id}><${Row} row=${row}/></li>`)}</ul>
    ${!shown.length && html`<p class="muted">${say("Nothing recorded.")}</p>`}<//>`;
}

export function AllDialog({ close, top }) {
  const { device, open } = usePage();
  const [deleted, setDeleted] = useState(false);
  const { sessions, nursings } = device.record;
  const all = rows({ sessions, nursings }, { deleted }).filter((row) => row.at >= device.reach);
  const chunks = Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, index) =>
    all.slice(index * CHUNK, (index + 1) * CHUNK),
  );
  return html`<${Dialog} title=${say("All sessions")} detail=${say("and nursings, the newest first")} close=${close}
    top=${top} foot=${html`<${Button} className="key" act=${() => open({ view: "add" })}>${say("Add a session")}<//>`}>
    <${RecordTools}/>
    <${Switch} label=${say("Show deleted")} on=${deleted} flip=${setDeleted}/>
    ${chunks.map((chunk, index) => html`<${Chunk} key=${index} rows=${chunk}/>`)}
    <${End} count=${all.length}/><//>`;
}

// What can be done with the record as a whole.
const TOOLS = [
  ["download", say("Download")],
  ["import", say("Import")],
];

export function RecordTools() {
  const { open } = usePage();
  return html`<div class="record-tools">${TOOLS.map(
    ([view, word]) => html`<${Button} className="link" act=${() => open({ view })}>${word}<//>`,
  )}</div>`;
}

// Rows in sight or near it; elsewhere a space of the same height, so that a long record costs no more than a
// short one.
function Chunk({ rows: chunk }) {
  const place = useRef(null);
  const height = useRef(chunk.length * ROW_PX);
  const near = useNear(place);
  useLayoutEffect(() => {
    if (near) height.current = place.current.offsetHeight;
  });
  return html`<div ref=${place} style=${{ minHeight: near ? "" : `${height.current}px` }}>
    ${near && html`<ul class="rows">${chunk.map((row) => html`<li key=${row.id}><${Row}
        row=${row}/></li>`)}</ul>`}</div>`;
}

function useNear(place) {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((seen) => setNear(seen.at(-1).isIntersecting), {
      root: place.current.closest(".sheet-body"),
      rootMargin: "800px 0px",
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return near;
}

// The next page is asked for when the end comes near.
function End({ count }) {
  const { device } = usePage();
  const { older } = device;
  const place = useRef(null);
  const near = useNear(place);
  useEffect(() => {
    if (near && device.reachable) device.fetchOlder();
  }, [near, device.reachable, device.loaded, older, older.asking, older.cursor]); // a page may bring no row to show
  const words = older.ended
    ? counted(count, "That is the whole record: {count} row.", "That is the whole record: {count} rows.")
    : say("Asking the device …");
  return html`<p ref=${place} class="muted"
      role="status">${device.reachable ? words : say("The rest comes with the connection.")}</p>`;
}
