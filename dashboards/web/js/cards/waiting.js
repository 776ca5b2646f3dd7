// Waiting for a purpose: one at a time, below the facts, with nothing that presses.

import { amount } from "../amount.js";
import { Answer, Card, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Shape } from "../parts/shapes.js";
import { waiting } from "../record.js";
import { pumping } from "../time.js";
import { dotted, PURPOSES, purposeWord } from "../words.js";

export function Waiting() {
  const { device, now, times, units, actions, toast } = usePage();
  if (device.state?.session) return null; // what the dock asks comes first
  const all = waiting(device.record, now);
  if (!all.length) return null;
  const sitting = all[0];
  const session = sitting.sessions.findLast((entry) => entry.counted && !entry.purpose);
  const place = `waiting ${session.id}`;
  const { suggestion } = session;
  const answer = async (purpose) => {
    const reply = await actions.send(
      place,
      { command: "classify", session: session.id, purpose },
      { value: purpose, record: session },
    );
    if (reply?.ok) {
      toast.undo(
        `${times.dated(sitting.at)}: ${purposeWord(purpose)}`,
        { command: "classify", session: session.id, purpose: null },
        reply.session,
      );
    }
  };
  return html`<${Card} id="waiting" title="Waiting for a purpose"
      aside=${all.length > 1 && `1 of ${all.length}`}>
    <div class="waiting"><${Shape} name="open"/><div>
      <p><b>${times.titled(sitting.at)}</b> <span class="muted">${dotted([
        pumping(sitting.pumping_s),
        sitting.volume_ml !== null && amount(sitting.volume_ml, units),
      ])}</span></p>
      ${suggestion && html`<p
          class="muted">Likely ${purposeWord(suggestion.purpose)}: ${suggestion.because}</p>`}
    </div></div>
    <${Trouble} place=${place} verb="done"/>
    <div class="keys in-line" role="group" aria-label="Its purpose">${Object.entries(PURPOSES).map(
      ([name, word]) => html`<${Answer} value=${name} word=${word} shape=${name} className="beside"
          place=${place}
        likely=${suggestion?.purpose} send=${answer}/>`,
    )}</div>
  <//>`;
}
