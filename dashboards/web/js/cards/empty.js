// Before the first record: what comes here by itself, and when. No zeros.

import { Card } from "../parts/controls.js";
import { html } from "../parts/context.js";

const COMES = [
  ["Last 24 hours", "with the first session or nursing"],
  ["Milk kept", "when you say what milk is for"],
  ["Amounts", "if you give them; nobody has to"],
  ["Outlook", "after 5 days"],
];

export const Empty = () => html`<${Card} id="empty" title="What comes here by itself">
  <ul class="rows">${COMES.map(([name, when]) => html`<li class="comes">${name}<span
      class="muted small">${when}</span></li>`)}</ul><//>`;
