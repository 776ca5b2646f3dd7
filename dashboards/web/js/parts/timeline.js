// Sessions and nursings along a stretch of time: the strip of 24 hours and the rows of the week draw with it.

import { html } from "./context.js";
import { nursingShape, Shape, shapeOf } from "./shapes.js";
import { listed } from "../language.js";
import { endOf, startOf } from "../record.js";
import { counted, lower, purposeWord, say } from "../words.js";

const inside = (share) => Math.min(1, Math.max(0, share));
const percent = (share) => `${(share * 100).toFixed(3)}%`;

// Where something lies along the time; the style keeps all of it between the ends of the axis.
const along = (from, to) => ({
  "--from": percent(inside(from)),
  "--wide": percent(inside(to) - inside(from)),
});

const Mark = ({
  from,
  to,
  children,
  className,
}) => html`<span class=${`mark ${className}`} style=${along(from, to)}>
  ${children}</span>`;

// A bar as wide as the session was long, at least 3 px; a sitting's bars are joined at the foot.
function Sitting({ sitting, place }) {
  const colour = shapeOf(sitting.purpose);
  const bar = (from, to, className) => html`<span class=${`bar ${colour} ${className}`}
    style=${along(from, to)}></span>`;
  const [first] = sitting.sessions;
  return html`<${Mark} from=${place(startOf(first))} to=${place(endOf(first))} className=${colour}><${Shape}
      name=${colour}/><//>
    ${sitting.sessions.map((session) => bar(place(startOf(session)), place(endOf(session)), ""))}
    ${sitting.sessions.length > 1 && bar(place(sitting.at), place(sitting.end), "foot")}`;
}

// `place(ms)` gives the share of the width, 0 to 1; `rows` are those of the record.
export function Timeline({ rows, place, label, children }) {
  return html`<div class="timeline" role="img" aria-label=${label}>${children}
    ${rows.map((row) =>
      row.sitting
        ? html`<${Sitting} sitting=${row.sitting} place=${place}/>`
        : html`<${Mark} from=${place(row.at)} to=${place(row.at)} className="nursing"><${Shape}
            name=${nursingShape(row.nursing.effective)}/><//>`,
    )}
  </div>`;
}

// So many of a shape, in words.
function some(shape, count) {
  if (shape === "nursed") return counted(count, "{count} nursed", "{count} nursed");
  if (shape === "ineffective") return counted(count, "{count} nursed, not effective", "{count} nursed, not effective");
  if (shape === "open") return counted(count, "{count} no purpose given", "{count} no purpose given");
  return say("{count} {purpose}", { count, purpose: lower(purposeWord(shape)) });
}

// What rows are in words: for the picture's sentence and for the day's list.
export function spoken(rows) {
  const counts = new Map();
  for (const { sitting, nursing } of rows) {
    const shape = nursing ? nursingShape(nursing.effective) : shapeOf(sitting.purpose);
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
  }
  return listed([...counts].map(([shape, count]) => some(shape, count))) || say("nothing recorded");
}
