// Waiting for a purpose: one at a time, below the facts, with nothing that presses.

import { amount } from "../amount.js";
import { Answer, Card, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Shape } from "../parts/shapes.js";
import { waiting } from "../record.js";
import { pumping } from "../time.js";
import { dotted, PURPOSES, purposeWord, say } from "../words.js";

export function Waiting() {
  const { device, now, times, units, actions, toast } = usePage();
  if (device.state?.session) return null; // what the dock asks comes first
  const all = waiting(device.recent, now);
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
        say("{time}: {what}", { time: times.dated(sitting.at), what: purposeWord(purpose) }),
        { command: "classify", session: session.id, purpose: null },
        reply.session,
      );
    }
  };
  return html`<${Card} id="waiting" title=${say("Waiting for a purpose")}
      aside=${all.length > 1 && say("1 of {count}", { count: all.length })}>
    <div class="waiting"><${Shape} name="open"/><div>
      <p><b>${times.titled(sitting.at)}</b> <span class="muted">${dotted([
        pumping(sitting.pumping_s),
        sitting.volume_ml !== null && amount(sitting.volume_ml, units),
      ])}</span></p>
      ${suggestion && html`<p class="muted">${say("Likely {purpose}: {because}", {
        purpose: purposeWord(suggestion.purpose),
        because: suggestion.because,
      })}</p>`}
    </div></div>
    <${Trouble} place=${place} verb="done"/>
    <div class="keys in-line" role="group" aria-label=${say("Its purpose")}>${Object.entries(PURPOSES).map(
      ([name, word]) => html`<${Answer} value=${name} word=${word} shape=${name} className="beside"
          place=${place}
        likely=${suggestion?.purpose} send=${answer}/>`,
    )}</div>
  <//>`;
}
