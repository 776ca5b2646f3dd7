// Settings: the language, the colours, what this browser keeps, the baseline, and where the broker is.

import { useState } from "../../vendor/preact.js";
import { Button, Choices, classes, Notice, Progress, Segments, Switch, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { NAMES } from "../language.js";
import { tellLanguage, toldLanguage } from "../settings.js";
import { FAILURES, say } from "../words.js";
import { Dialog } from "./dialog.js";

const COLOURS = [
  ["system", say("System")],
  ["light", say("Light")],
  ["dark", say("Dark")],
];
const LANGUAGES = [["", say("As the browser")], ...Object.entries(NAMES)];
const BASELINE = "baseline";

export function SettingsDialog({ close, top }) {
  const { settings, connect, device } = usePage();
  const { colours, byItself } = globalThis.theme.settings();
  const speak = (code) => {
    tellLanguage(code);
    location.reload(); // every word stands where its module was read
  };
  return html`<${Dialog} title=${say("Settings")} close=${close} top=${top}>
    <section class="group"><header><h3>${say("Colours")}</h3></header>
      <${Segments} label=${say("Colours")} name="colours" options=${COLOURS} chosen=${colours}
          choose=${globalThis.theme.colours}/></section>
    <section class="group"><header><h3>${say("Language")}</h3></header>
      <${Choices} label=${say("Language")} name="language" options=${LANGUAGES} chosen=${toldLanguage()} choose=${speak}
          className="three"/></section>
    <${Switch} label=${say("Night by itself, 21 to 7")} on=${byItself} flip=${globalThis.theme.nightByItself}/>
    <${Switch} label=${say("Remember on this browser")} detail=${say("what was heard stays here after closing")}
        on=${settings.remember}
      flip=${(remember) => connect({ ...settings, remember }, { quietly: true })}/>
    ${device.today?.baseline && html`<${Baseline}/>`}
    <section class="group"><header><h3>${say("Broker")}</h3></header><${Connection}/></section>
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
  return html`<section class="group"><header><h3 id="baseline">${say("Baseline")}</h3><${Progress}
      place=${BASELINE}/></header>
    <p class="muted small">${say("The stimulations in 24 h that hold your supply steady")}</p>
    <div class="amount" role="group" aria-labelledby="baseline">
      <${Button} className="step" aria-label=${say("less")} act=${() => set(shown - 1)}
          disabled=${cannot(shown - 1)}>−<//>
      <output class=${classes("field", pending && "pending")}>${shown}</output>
      <${Button} className="step" aria-label=${say("more")} act=${() => set(shown + 1)}
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
    ${linked && html`<p class="muted small">${say(
      "A link named {broker}. What this browser keeps stays as it is unless you say so.",
      { broker: settings.broker },
    )}</p>`}
    ${field("broker", say("Address"), {
      placeholder: "ws://raspberrypi.local:9001",
      inputmode: "url",
      required: true,
      autocomplete: "url",
    })}
    ${field("user", say("Name, if it asks for one"), { autocomplete: "username" })}
    ${field("password", say("Password"), { type: "password", autocomplete: "current-password" })}
    ${linked && html`<${Switch} label=${say("Keep this broker")}
      detail=${say("in place of the one that this browser knows")} on=${own} flip=${setOwn}/>`}
    ${(own || !linked) && html`<${Switch} label=${say("Keep the password")}
      detail=${say("else it is asked again when this tab is closed")} on=${given.keep}
      flip=${(keep) => setGiven({ ...given, keep })}/>`}
    <details><summary>${say("Which device")}</summary><div
        class="sides">${field("prefix", say("Prefix"), {})}${field("device", say("Device id"), {})}</div></details>
    ${settings.broker && failure && html`<${Notice} text=${failure.join(" ")}/>`}
    <button class="key main-action">${say("Connect")}</button>
  </form>`;
}
