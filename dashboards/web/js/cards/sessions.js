// Last sessions: the newest rows with what each was for; "all" opens the whole record.

import { Button, Card } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Row } from "../parts/rows.js";
import { rows } from "../record.js";
import { say } from "../words.js";

const NEWEST = 9;

export function LastSessions() {
  const { device, open } = usePage();
  const all = html`<${Button} className="link" act=${() => open({ view: "all" })}>${say("all|the sessions")}<//>`;
  const shown = rows(device.recent).slice(0, NEWEST);
  return html`<${Card} id="sessions" title=${say("Last sessions")} aside=${all}>
    <ul class="rows">${shown.map((row) => html`<li key=${row.id}><${Row} row=${row}/></li>`)}</ul>
    ${!shown.length && html`<p class="muted">${device.loaded ? say("None in the last 8 days.") : ""}</p>`}
  <//>`;
}
