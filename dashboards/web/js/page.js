// The page itself: finds its broker, puts the cards in order, and draws again when something was heard.

import { render, useEffect, useState } from "../vendor/preact.js";
import { Actions } from "./actions.js";
import { Amounts } from "./cards/amounts.js";
import { Banner } from "./cards/banner.js";
import { Last24 } from "./cards/day.js";
import { Dock } from "./cards/dock.js";
import { Empty } from "./cards/empty.js";
import { Health } from "./cards/health.js";
import { Milk } from "./cards/milk.js";
import { Now } from "./cards/now.js";
import { Outlook } from "./cards/outlook.js";
import { LastSessions } from "./cards/sessions.js";
import { Waiting } from "./cards/waiting.js";
import { Week } from "./cards/week.js";
import { Device } from "./device.js";
import { DemoPanel, findDemo } from "./demo.js";
import { AddDialog } from "./dialogs/add.js";
import { DownloadDialog } from "./dialogs/download.js";
import { ImportDialog } from "./dialogs/import.js";
import { AllDialog, DayDialog } from "./dialogs/lists.js";
import { RecordDialog } from "./dialogs/record.js";
import { Connection, SettingsDialog } from "./dialogs/settings.js";
import { Card, Guard, Segments } from "./parts/controls.js";
import { html, Page, usePage } from "./parts/context.js";
import { Icon } from "./parts/shapes.js";
import { Toast, Toasts } from "./parts/toast.js";
import { Report } from "./report/view.js";
import { LANGUAGE } from "./language.js";
import { useDock } from "./parts/room.js";
import { connection, forgetHeard, heard, keepConnection, keepHeard } from "./settings.js";
import { timesIn, zoneFor } from "./time.js";
import { say } from "./words.js";

const SLOW_MS = 1000;
const KEEP_MS = 2000;
const MINUTE_MS = 60_000;
const DIALOGS = {
  __proto__: null,
  record: RecordDialog,
  all: AllDialog,
  day: DayDialog,
  add: AddDialog,
  download: DownloadDialog,
  import: ImportDialog,
  settings: SettingsDialog,
  report: Report,
};

// One connection's life: the device, what was asked of it, and a drawing of both for every burst of messages.
class Session {
  #due = null;
  #keep = null;

  constructor(settings, draw) {
    this.settings = settings;
    this.draw = draw;
    this.changed = () => this.#changed();
    this.device = new Device(settings, this.changed);
    this.actions = new Actions(this.device, this.changed);
    this.toast = new Toasts(this.actions, this.changed);
    const known = heard(settings);
    if (known) this.device.recall(known);
    if (settings.broker) this.device.start();
    this.slow = false;
    this.slowTimer = setTimeout(() => {
      this.slow = true;
      this.changed();
    }, SLOW_MS);
  }

  remember(settings) {
    this.settings = settings;
    if (settings.remember) this.#save();
    else forgetHeard();
  }

  end() {
    [this.#due, this.#keep, this.slowTimer].forEach(clearTimeout);
    if (this.settings.broker) this.device.end();
  }

  #changed() {
    this.#due ??= setTimeout(() => {
      this.#due = null;
      this.draw();
    }, 0);
    this.#keep ??= setTimeout(() => this.#save(), KEEP_MS);
  }

  #save() {
    clearTimeout(this.#keep);
    this.#keep = null;
    keepHeard(this.settings, this.device.known());
  }
}

function App({ first, demo }) {
  const [, count] = useState(0);
  const redraw = () => count((before) => before + 1);
  const [session, setSession] = useState(() => new Session(first, redraw));
  const [stack, setStack] = useState([]); // open dialogs, the topmost last
  useEveryMinute(session.device.clock);
  useTheme(redraw);
  useEffect(() => () => session.end(), [session]);
  const { device, actions, toast, slow } = session;
  const connect = (settings, { quietly = false } = {}) => {
    if (!quietly || !settings.linked) keepConnection(settings);
    if (quietly) session.remember(settings);
    else {
      setSession(new Session(settings, redraw));
      setStack([]);
    }
    redraw();
  };
  const now = device.clock.now();
  const page = {
    device,
    actions,
    toast,
    slow,
    settings: session.settings,
    connect,
    demo,
    now,
    units: device.today?.units ?? "ml",
    times: timesIn(zoneFor(device.today?.timezone), now),
    open: (dialog) => setStack((open) => [...open, dialog]),
  };
  const close = () => setStack((open) => open.slice(0, -1));
  const walk = (id) => setStack((open) => [...open.slice(0, -1), { view: "record", id }]);
  return html`<${Page.Provider} value=${page}>
    <${Header}/>
    <${Pumps}/>
    <main class=${demo?.panel ? "with-demo" : ""} hidden=${stack.some(({ view }) => view === "report")}>
      ${session.settings.broker ? html`<${Cards}/>` : html`<${FirstTime}/>`}</main>
    ${!stack.length && html`<${Toast}/>`}
    ${stack.map(
      (
        dialog,
        index,
      ) => html`<${DIALOGS[dialog.view]} key=${`${index} ${dialog.view}`} ...${dialog} close=${close}
          walk=${walk}
      top=${index === stack.length - 1}/>`,
    )}
  <//>`;
}

// The theme's button says the other theme, however this one came.
function useTheme(redraw) {
  useEffect(() => {
    addEventListener("themechange", redraw);
    return () => removeEventListener("themechange", redraw);
  }, []);
}

// What stands in minutes (milk, the strip, the week's line) is drawn again every minute of the device's time.
function useEveryMinute(clock) {
  useEffect(() => {
    const timer = setTimeout(globalThis.theme.apply, Math.max(1000, MINUTE_MS / clock.speed)); // and so draws all
    return () => clearTimeout(timer);
  });
}

function Header() {
  const { device, demo, open } = usePage();
  const night = document.documentElement.dataset.theme === "night";
  const { link, availability } = device;
  const reached = availability === "online" ? say("online") : say("offline");
  const words = demo ? say("demo") : ({ up: reached, down: say("offline") }[link.status] ?? "");
  return html`<header class="top"><h1>${say("Pump")} <span class="muted">${words}</span></h1>
    <button type="button" class="night" aria-pressed=${night} onClick=${() => globalThis.theme.night(!night)}>
      <${Icon} name=${night ? "sun" : "moon"}/><span>${night ? say("Day") : say("Night")}</span></button>
    <button type="button" class="icon-button" aria-label=${say("Settings")}
        onClick=${() => open({ view: "settings" })}><${Icon} name="settings"/></button>
  </header>`;
}

// Where a household has more than one pump: which one is shown.
function Pumps() {
  const { device, settings, connect, demo } = usePage();
  const ids = [...new Set([...device.pumps, settings.device])].sort();
  if (demo || ids.length < 2) return null;
  const show = (id) => {
    const here = new URL(location.href);
    if (here.searchParams.has("broker")) {
      here.searchParams.set("device", id); // a link's word would win at the next reload
      history.replaceState(null, "", here);
    }
    connect({ ...settings, device: id });
  };
  return html`<nav class="pumps"><${Segments} label=${say("Which pump")} name="pump" chosen=${settings.device}
      options=${ids.map((id) => [id, id])} choose=${show}/></nav>`;
}

const FirstTime = () => html`<div class="column"><${Card} id="first" title=${say("Where is your broker?")}>
  <p class="text">${say(
    "This page listens to the device through your own MQTT broker, over a WebSocket. Nothing leaves your network.",
  )}</p>
  <${Connection}/><//></div>`;

const guarded = (title, Part) => html`<${Guard} key=${Part.name} title=${title}><${Part}/><//>`;

function Cards() {
  const room = useDock();
  const { device, demo } = usePage();
  const empty =
    device.loaded &&
    device.today &&
    !device.summary &&
    !device.today.last_stimulation_at &&
    !device.sessions.size &&
    !device.nursings.size &&
    !device.state?.session;
  const whole = !device.summary && !empty;
  return html`${demo?.panel && html`<div class="column demo-column"><${DemoPanel}
      sample=${demo.sample}/></div>`}
    <div class="column first"><${Banner}/>
      <section class="card now" aria-labelledby="now-title"><div class="now-body">${guarded(say("Now"), Now)}</div>
        <div class="dock-place" ref=${room}>${guarded(say("What to press"), Dock)}</div></section>
      ${whole && [guarded(say("Last 24 hours"), Last24), guarded(say("Waiting for a purpose"), Waiting)]}</div>
    <div class="column second">
      ${whole && [guarded(say("Milk kept"), Milk), guarded(say("Last sessions"), LastSessions)]}
      ${empty && html`<${Empty}/>`}</div>
    <div class="column third">${whole && guarded(say("Outlook"), Outlook)}
      ${!device.summary && guarded(say("Week"), Week)}
      ${whole && guarded(say("Amounts"), Amounts)}${guarded(say("Device"), Health)}</div>`;
}

document.documentElement.lang = LANGUAGE;
document.title = say("Pump");
const demo = new URLSearchParams(location.search).has("broker") ? null : await findDemo();
const settings = demo
  ? {
      ...connection(""),
      broker: demo.websocket,
      prefix: demo.prefix,
      device: demo.device,
      user: "",
      password: "",
      linked: true, // nothing of the demo is kept
      remember: false,
    }
  : connection();
render(html`<${App} first=${settings} demo=${demo}/>`, document.body);
if (!demo) keepPage();

// The page without its server, for a moment; a browser or a frame that forbids it shows the page all the same.
async function keepPage() {
  try {
    await navigator.serviceWorker?.register("service-worker.js");
  } catch {
    /* forbidden here */
  }
}
