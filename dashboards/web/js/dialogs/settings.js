// Settings: the colours, what this browser keeps, the baseline, and where the broker is.

import { useState } from "../../vendor/preact.js";
import { Button, classes, Notice, Progress, Segments, Switch, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { FAILURES } from "../words.js";
import { Dialog } from "./dialog.js";

const COLOURS = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
];
const BASELINE = "baseline";

export function SettingsDialog({ close, top }) {
  const { settings, connect, device } = usePage();
  const { colours, byItself } = globalThis.theme.settings();
  return html`<${Dialog} title="Settings" close=${close} top=${top}>
    <section class="group"><header><h3>Colours</h3></header>
      <${Segments} label="Colours" name="colours" options=${COLOURS} chosen=${colours}
          choose=${globalThis.theme.colours}/></section>
    <${Switch} label="Night by itself, 21 to 7" on=${byItself} flip=${globalThis.theme.nightByItself}/>
    <${Switch} label="Remember on this browser" detail="what was heard stays here after closing"
        on=${settings.remember}
      flip=${(remember) => connect({ ...settings, remember }, { quietly: true })}/>
    ${device.today?.baseline && html`<${Baseline}/>`}
    <section class="group"><header><h3>Broker</h3></header><${Connection}/></section>
  <//>`;
}

function Baseline() {
  const { device, actions } = usePage();
  const { baseline } = device.today;
  const pending = actions.pending(BASELINE);
  const shown = pending ? actions.of(BASELINE).value : baseline;
  const set = (stimulations) =>
    actions.send(BASELINE, { command: "baseline", stimulations }, { value: stimulations });
  const cannot = (value) => pending || !device.reachable || value < 1 || value > 24;
  return html`<section class="group"><header><h3 id="baseline">Baseline</h3><${Progress}
      place=${BASELINE}/></header>
    <p class="muted small">The stimulations in 24 h that hold your supply steady</p>
    <div class="amount" role="group" aria-labelledby="baseline">
      <${Button} className="step" aria-label="less" act=${() => set(shown - 1)}
          disabled=${cannot(shown - 1)}>−<//>
      <output class=${classes("field", pending && "pending")}>${shown}</output>
      <${Button} className="step" aria-label="more" act=${() => set(shown + 1)}
          disabled=${cannot(shown + 1)}>+<//></div>
    <${Trouble} place=${BASELINE}/></section>`;
}

// Broker, name, password: the first thing a new browser asks, and part of the settings later.
export function Connection() {
  const { settings, connect, device, demo } = usePage();
  const [given, setGiven] = useState(settings);
  const field = (
    name,
    label,
    rest,
  ) => html`<label class="labelled"><span>${label}</span><input class="field" value=${given[name]}
    onInput=${(event) => setGiven({ ...given, [name]: event.currentTarget.value })} autocapitalize="none"
        spellcheck=${false} ...${rest}/></label>`;
  const failure = FAILURES[device.link.failure];
  const [own, setOwn] = useState(false);
  const linked = settings.linked && !demo;
  const submit = (event) => {
    event.preventDefault();
    connect({ ...given, broker: given.broker.trim(), linked: settings.linked && !own });
  };
  return html`<form class="connection" onSubmit=${submit}>
    ${linked && html`<p class="muted small">A link named ${settings.broker}. What this browser keeps stays as it is
      unless you say so.</p>`}
    ${field("broker", "Address", { placeholder: "ws://raspberrypi.local:9001", inputmode: "url", required: true, autocomplete: "url" })}
    ${field("user", "Name, if it asks for one", { autocomplete: "username" })}
    ${field("password", "Password", { type: "password", autocomplete: "current-password" })}
    ${linked && html`<${Switch} label="Keep this broker" detail="in place of the one that this browser knows" on=${own}
      flip=${setOwn}/>`}
    ${(own || !linked) && html`<${Switch} label="Keep the password"
      detail="else it is asked again when this tab is closed" on=${given.keep}
      flip=${(keep) => setGiven({ ...given, keep })}/>`}
    <details><summary>Which device</summary><div
        class="sides">${field("prefix", "Prefix", {})}${field("device", "Device id", {})}</div></details>
    ${settings.broker && failure && html`<${Notice} text=${failure.join(" ")}/>`}
    <button class="key main-action">Connect</button>
  </form>`;
}
