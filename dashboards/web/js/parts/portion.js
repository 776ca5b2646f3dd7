// What became of a portion: its moves as keys, a part of it, and when, where that was earlier; each with its Undo.

import { useRef, useState } from "../../vendor/preact.js";
import { amount, bare, MAX_ML } from "../amount.js";
import { movesFrom } from "../stock.js";
import { iso, latestInstant, typedTime } from "../time.js";
import { MOVED, MOVES, say } from "../words.js";
import { Amount, Button, classes, Trouble } from "./controls.js";
import { html, usePage } from "./context.js";

export function Moves({ session }) {
  const { actions, device, now, times, toast, units } = usePage();
  const [part, setPart] = useState(null); // {ml} while a part is being said
  const [when, setWhen] = useState("");
  const box = useRef(null);
  const turn = (next) => {
    setPart(next);
    box.current.focus({ preventScroll: true }); // the key that was pressed is gone
  };
  const place = `milk ${session.id}`;
  const pending = actions.pending(place);
  const time = typedTime(when);
  const cannot = pending || !device.reachable || (when.trim() !== "" && !time);
  const { milk } = session;
  const send = async (to, ml = null) => {
    const command = { command: "milk", session: session.id, place: to, ...(ml !== null && { ml }) };
    const at = time ? { at: iso(latestInstant(time, now, times)) } : {};
    const reply = await actions.send(place, { ...command, ...at }, { value: ml === null ? to : "part", record: session, careful: true });
    if (!reply?.ok) return;
    if (part) turn(null);
    setWhen("");
    const what = ml ?? milk.ml;
    const moved = MOVED[to];
    const words =
      what === null
        ? say("Milk of {time} {moved}", { time: times.dated(session.ended_at ?? session.started_at), moved })
        : say("{amount} {moved}", { amount: amount(what, units), moved });
    toast.undo(words, { command: "milk", session: session.id, place: null }, reply.session ?? session);
  };
  const key = (to) => html`<${Button} className=${classes("key", pending && actions.of(place).value === to && "pending")}
    disabled=${cannot} act=${() => (to === "part" ? turn({ ml: null }) : send(to))}>${MOVES[to] ?? to}<//>`;
  return html`<div class="moves" ref=${box} tabindex="-1">
    ${
      part
        ? html`<${Part} part=${part} left=${milk.ml} set=${setPart} back=${() => turn(null)} cannot=${cannot} save=${(ml) => send("used", ml)}/>`
        : html`<div class="keys" role="group"
            aria-label=${say("What became of it")}>${movesFrom(milk.place).map(key)}</div>`
    }
    <label class="when"><span class="muted small">${say("When, if earlier")}</span><input class="field"
      inputmode="numeric" autocomplete="off" placeholder=${say("now")} value=${when}
      aria-invalid=${when.trim() !== "" && !time} onInput=${(event) => setWhen(event.currentTarget.value)}/></label>
    <${Trouble} place=${place} verb="done"/></div>`;
}

function Part({ part, left, set, back, cannot, save }) {
  const { units } = usePage();
  const most = left ?? MAX_ML;
  // what reads as all that is left is all of it: 3 oz may be 86 to 92 ml
  const isAll = Number.isFinite(part.ml) && left !== null && bare(part.ml, units) === bare(left, units);
  const ml = isAll ? left : part.ml;
  const fits = Number.isFinite(ml) && ml > 0 && ml <= most;
  return html`<${Amount} label=${MOVES.part} value=${part.ml} commit=${(typed) => set({ ml: typed })} most=${most}
      live/>
    <div class="keys two"><${Button} className="key" act=${back}>${say("Back")}<//>
      <${Button} className="key main" act=${() => save(ml)} disabled=${cannot || !fits}>${say("Save")}<//></div>`;
}
