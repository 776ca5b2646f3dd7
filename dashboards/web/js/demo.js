// The demo's own device panel: screen, three buttons, switches. It talks to the demo that serves this page, not
// to the broker.

import { useEffect, useRef, useState } from "../vendor/preact.js";
import { Card, Segments, Switch } from "./parts/controls.js";
import { html } from "./parts/context.js";
import { say } from "./words.js";

const WIDTH = 128;
const HEIGHT = 64;
const BUTTONS = ["left", "middle", "right"];
const BUTTON_WORDS = [say("left button, key 1"), say("middle button, key 2"), say("right button, key 3")];
const SPEEDS = [1, 10, 60, 600];
const [SLOWEST, FASTEST] = [10, 120];

// What the demo says of itself, or null where another server serves the page.
export async function findDemo() {
  try {
    const answer = await fetch("/demo", { headers: { accept: "application/json" } });
    return answer.ok && answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
  } catch {
    return null;
  }
}

const tell = (what) =>
  fetch("/demo/do", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(what),
  }).catch(() => {}); // a demo that was ended answers nothing, and its panel says so by itself

export function DemoPanel({ sample }) {
  const [panel, setPanel] = useState(null);
  const [lost, setLost] = useState(false);
  useEffect(() => {
    const events = new EventSource("/demo/events");
    events.onmessage = (event) => {
      setLost(false);
      setPanel(JSON.parse(event.data));
    };
    events.onerror = () => setLost(true);
    return () => events.close();
  }, []);
  return html`<${Card} id="demo" title=${say("The device")} aside=${say("virtual")} className="demo">
    <${Screen} panel=${panel}/>
    <${Buttons}/>
    ${lost && html`<p class="muted" role="status">${say("The demo has ended, or is out of reach.")}</p>`}
    ${panel && html`<${Controls} panel=${panel}/>`}
    ${sample && html`<p
        class="muted small">${say("The record is a sample: ten days of a household that doesn’t exist.")}</p>`}
  <//>`;
}

// One pixel of the display is one of the canvas; the style makes it three, sharp.
function Screen({ panel }) {
  const canvas = useRef(null);
  useEffect(() => {
    if (!panel) return;
    const context = canvas.current.getContext("2d");
    const bytes = Uint8Array.from(atob(panel.screen), (letter) => letter.charCodeAt(0));
    const image = context.createImageData(WIDTH, HEIGHT);
    for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel += 1) {
      const lit = (bytes[pixel >> 3] >> (7 - (pixel & 7))) & 1;
      image.data.set([255 * lit, 255 * lit, 255 * lit, 255], pixel * 4);
    }
    context.putImageData(image, 0, 0);
  }, [panel?.screen]);
  return html`<div class="oled"><canvas ref=${canvas} width=${WIDTH} height=${HEIGHT}
      class=${panel?.lit ?? "dark"} role="img"
    aria-label=${panel?.words || say("The display is dark")}></canvas></div>`;
}

// Mouse, touch and keys hold a button as a finger would; what a press does, the device decides.
function Buttons() {
  const held = useRef(new Set());
  const press = (name) => {
    if (held.current.has(name)) return;
    held.current.add(name);
    tell({ press: name });
  };
  const release = (name) => held.current.delete(name) && tell({ release: name });
  useEffect(() => {
    const typing = (event) =>
      event.target.closest?.("input, textarea, dialog") || event.ctrlKey || event.altKey || event.metaKey;
    const down = (event) => {
      const name = BUTTONS[Number(event.key) - 1];
      if (name && !event.repeat && !typing(event)) press(name);
    };
    const up = (event) => release(BUTTONS[Number(event.key) - 1]);
    const away = () => BUTTONS.forEach(release);
    /** @type {[string, (event: any) => void][]} */
    const listeners = [
      ["keydown", down],
      ["keyup", up],
      ["blur", away],
    ];
    listeners.forEach(([name, act]) => addEventListener(name, act));
    return () => listeners.forEach(([name, act]) => removeEventListener(name, act));
  }, []);
  const hold = (name) => ({
    onPointerDown: (event) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      press(name);
    },
    onPointerUp: () => release(name),
    onPointerCancel: () => release(name),
    onKeyDown: (event) => [" ", "Enter"].includes(event.key) && !event.repeat && press(name),
    onKeyUp: (event) => [" ", "Enter"].includes(event.key) && release(name),
    onContextMenu: (event) => event.preventDefault(),
  });
  return html`<div class="device-buttons" role="group" aria-label=${say("The device’s buttons")}>
    ${BUTTONS.map((name, index) => html`<button type="button" class="device-button"
        aria-label=${BUTTON_WORDS[index]} ...${hold(name)}></button>`)}
  </div><p class="muted small hint">${say("keys 1 2 3 · hold the right one to go back")}</p>`;
}

function Controls({ panel }) {
  return html`<${Switch} label=${say("Pump motor")}
      detail=${panel.motor ? say("running|of a motor") : say("still|of a motor")} on=${panel.motor}
      flip=${(motor) => tell({ motor })}/>
    <label class="slider"><span><span>${say("Speed")}</span>
        <output>${say("{cycles} a minute", { cycles: panel.cpm })}</output></span>
      <input type="range" min=${SLOWEST} max=${FASTEST} value=${panel.cpm}
          onInput=${(event) => tell({ cpm: Number(event.currentTarget.value) })}/></label>
    <${Switch} label=${say("Serial cable")}
        detail=${panel.serial ? say("plugged in") : say("unplugged")} on=${panel.serial}
        flip=${(serial) => tell({ serial })}/>
    <${Switch} label=${say("Broker")}
        detail=${panel.broker ? say("reachable") : say("out of reach")} on=${panel.broker}
        flip=${(broker) => tell({ broker })}/>
    <p class="muted">${say("Speed of time")}</p>
    <${Segments} label=${say("Speed of time")} name="speed" options=${SPEEDS.map((speed) => [speed, `${speed}×`])}
        chosen=${panel.speed}
      choose=${(speed) => tell({ speed })}/>`;
}
