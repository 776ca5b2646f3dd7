// Before the first record: what comes here by itself, and when. No zeros.

import { Card } from "../parts/controls.js";
import { html } from "../parts/context.js";
import { say } from "../words.js";

const COMES = [
  [say("Last 24 hours"), say("with the first session or nursing")],
  [say("Milk kept"), say("when you say what milk is for")],
  [say("Amounts"), say("if you give them; nobody has to")],
  [say("Outlook"), say("after 5 days")],
];

export const Empty = () => html`<${Card} id="empty" title=${say("What comes here by itself")}>
  <ul class="rows">${COMES.map(([name, when]) => html`<li class="comes">${name}<span
      class="muted small">${when}</span></li>`)}</ul><//>`;
