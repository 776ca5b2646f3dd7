// The drawn signs: purposes and nursings as filled shapes, actions as thin ones. All in `currentColor`.

import { html } from "./context.js";
import { PURPOSES } from "../words.js";

const SHAPES = {
  __proto__: null,
  protect: html`<path d="M8 1 14 3v5c0 3.6-2.6 6-6 7.2C4.6 14 2 11.6 2 8V3z"/>`,
  promote: html`<path
      d="M7.2 15V9.6C3.6 9.6 1 7.4.6 3.4 4.8 2.8 7.4 4.6 8 7.6 8.6 4.2 11.2 2 15.4 2 15.2 6.4 12.6 8.8 8.8 9.2V15z"/>`,
  treat: html`<path d="M5.8 1.5h4.4v4.3h4.3v4.4h-4.3v4.3H5.8v-4.3H1.5V5.8h4.3z"/>`,
  open: html`<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.8"
      stroke-dasharray="3.3 1.56"/>`,
  nursed: html`<circle cx="8" cy="8" r="5"/>`,
  ineffective: html`<circle cx="8" cy="8" r="4.2" fill="none" stroke="currentColor" stroke-width="2"/>`,
};

const thin = (content) => html`<g fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"
  stroke-linejoin="round">${content}</g>`;

const ICONS = {
  __proto__: null,
  nursed: thin(html`<circle cx="10" cy="10" r="7.5"/><circle cx="10" cy="10" r="1.5" fill="currentColor"/>`),
  last: thin(html`<path d="M7 4.5h10M7 10h10M7 15.5h10M3 4.5h.01M3 10h.01M3 15.5h.01"/>`),
  start: thin(html`<path d="M6 3.5v13l10-6.5z"/>`),
  stop: thin(html`<path d="M5.5 5.5h9v9h-9z"/>`),
  why: thin(html`<path d="M7 7a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M10 15.5h.01"/>`),
  drop: thin(html`<path d="M10 2.5c3 3.6 5 6.3 5 9a5 5 0 0 1-10 0c0-2.7 2-5.4 5-9z"/>`),
  moon: thin(html`<path d="M16.5 12.2A7 7 0 1 1 8.2 3.2a5.6 5.6 0 0 0 8.3 9z"/>`),
  sun: thin(html`<circle cx="10" cy="10" r="3.5"/><path
      d="M10 1.5V4M10 16v2.5M1.5 10H4M16 10h2.5M4 4l1.7 1.7M14.3
    14.3 16 16M16 4l-1.7 1.7M5.7 14.3 4 16"/>`),
  settings:
    thin(html`<path d="M2 6h9M16 6h2M2 14h2M9 14h9"/><circle cx="13.5" cy="6" r="2.3"/><circle cx="6.5"
    cy="14" r="2.3"/>`),
  unlinked:
    thin(html`<path d="M2.5 2.5l15 15M3 8.5c1.2-1 2.6-1.8 4-2.2M10 5.5c2.6 0 5 1 7 3M5.8 11.5a6 6 0 0 1
    3-1.6M12.5 10.5q1 .4 1.7 1M10 15h.01"/>`),
  info: thin(html`<circle cx="10" cy="10" r="7.5"/><path d="M10 9.5V14M10 6.5h.01"/>`),
  older: thin(html`<path d="M12.5 4 6.5 10l6 6"/>`),
  newer: thin(html`<path d="M7.5 4l6 6-6 6"/>`),
  close: thin(html`<path d="M4.5 4.5l11 11M15.5 4.5l-11 11"/>`),
};

// Hidden from screen readers: the word always stands beside it.
export const Shape = ({ name }) => html`<svg class="shape ${name}" viewBox="0 0 16 16" aria-hidden="true"
  fill="currentColor">${SHAPES[name] ?? SHAPES.open}</svg>`;

export const Icon = ({ name }) =>
  html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">${ICONS[name]}</svg>`;

export const shapeOf = (purpose) => (purpose in PURPOSES ? purpose : "open");
export const nursingShape = (effective) => (effective ? "nursed" : "ineffective");
