// The report on the page: a span and whether notes go in, then what the browser prints or saves as PDF. Nothing leaves.

import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact.js";
import { Button, Segments, Switch } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { DAY, daysBack, zoneFor } from "../time.js";
import { counted, REPORT, say } from "../words.js";
import { account } from "./account.js";
import { sheetScope } from "./said.js";
import { settingOf } from "./setting.js";
import { filled, loaded } from "./sheet.js";

const SPANS = [7, 14, 30, 90].map((days) => [days, counted(days, "{count} day", "{count} days")]);
const USUAL = 14;

export function Report({ close }) {
  const [length, setLength] = useState(USUAL);
  const [notes, setNotes] = useState(false);
  const tools = useRef(null);
  const { times, now } = usePage();
  useOwnPlace(tools);
  const first = times.instant(daysBack(times.day(now), length).at(-1), "00:00:00");
  const complete = useBackTo(first - DAY);
  const sheet = useSheet();
  return html`<main class="report-view"><div class="report-tools" ref=${tools}>
      <${Button} className="key" act=${close}>${say("Back")}<//>
      <${Segments} label=${say("Span of the report")} name="report-span" options=${SPANS} chosen=${length}
          choose=${setLength}/>
      <${Switch} label=${say("Notes too")} on=${notes} flip=${setNotes}/>
      <${Button} className="key main-action" act=${() => print()} disabled=${!complete || !sheet}>${say(
        "Print",
      )}<//></div>
    ${complete && sheet ? html`<${Sheet} sheet=${sheet} length=${length} notes=${notes}/>` : html`<${Wait} sheet=${sheet}/>`}
  </main>`;
}

// At its top, under a name that a saved PDF takes; afterwards the page is where it was.
function useOwnPlace(tools) {
  useLayoutEffect(() => {
    const { title } = document;
    const opener = /** @type {HTMLElement | null} */ (document.activeElement);
    const before = scrollY;
    document.title = REPORT.sheet.title;
    scrollTo(0, 0);
    tools.current.querySelector("button").focus();
    return () => {
      document.title = title;
      opener?.focus({ preventScroll: true });
      scrollTo(0, before);
    };
  }, []);
}

function Sheet({ sheet, length, notes }) {
  const { device, times, now, units, settings } = usePage();
  const made = Math.floor(now / 1000) * 1000;
  const found = account(device.record, { length, now: made, times });
  if (!found.standing.length)
    return html`<p class="report-empty" role="status">${say(
      "Nothing is recorded in these days. Choose more of them.",
    )}</p>`;
  const { baseline, outlook, timezone } = device.today;
  const setting = { now: made, times, units, baseline, outlook, device: settings.device, timezone: zoneFor(timezone), notes };
  return filled(sheet, sheetScope(found, settingOf(setting)));
}

function Wait({ sheet }) {
  const { device } = usePage();
  const words = sheet === false ? say("The sheet is not there: reload the page.") : say("Asking the device …");
  const shown = device.reachable ? words : say("It comes with the connection.");
  return html`<p class="report-empty" role="status">${shown}</p>`;
}

// Whether the record is known back to `from`; what lacks is asked for, a page at a time.
function useBackTo(from) {
  const { device } = usePage();
  const { older, loaded: begun, reach, today } = device;
  const complete = begun && Boolean(today?.outlook) && reach !== null && reach <= from;
  useEffect(() => {
    if (begun && reach > from && device.reachable && !older.asking && !older.ended) device.fetchOlder();
  }, [begun, reach, from, device.reachable, older, older.asking, older.cursor]);
  return complete;
}

// The sheet once it is there, null before; false where it could not be had.
function useSheet() {
  const [sheet, setSheet] = useState(null);
  useEffect(() => {
    loaded().then((found) => setSheet(() => found), () => setSheet(false));
  }, []);
  return sheet;
}
