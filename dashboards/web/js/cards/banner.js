// Banner: no connection, no device, or why not. What is shown is then what was known.

import { Button } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Icon } from "../parts/shapes.js";
import { FAILURES } from "../words.js";

const GOES_ON =
  "Shown is what was known then. The device goes on recording; what was missed comes in by itself.";
const DEVICE_GONE =
  "Shown is what was known then. If it has power it goes on recording; what was missed comes in by itself.";

// [title, text] or null
function words({ device, times, settings, slow }) {
  const { link, availability, heardAt } = device;
  if (link.status === "down") {
    const [title, text] = FAILURES[link.failure] ?? [];
    if (!heardAt || !device.today)
      return [
        title ?? "The connection was lost.",
        `${text ?? "It is tried again by itself."} (${settings.broker})`,
      ];
    return [`No connection since ${times.dated(link.since)}`, title ? `${GOES_ON} ${title}` : GOES_ON];
  }
  if (link.status !== "up" || availability === "online") return null;
  if (availability === "offline") {
    return [
      heardAt ? `The device is offline; last heard at ${times.dated(heardAt)}` : "The device is offline",
      DEVICE_GONE,
    ];
  }
  if (!slow) return null;
  return [
    `Nothing is known of “${settings.device}” at this broker`,
    `It looked under ${device.root}. Check prefix and device id, and that the device is on.`,
  ];
}

export function Banner() {
  const page = usePage();
  const said = words(page);
  const asks = page.device.link.failure && !page.demo;
  return html`<div role="status" class="banner-place">${
    said &&
    html`<div class="card banner"><${Icon} name="unlinked"/>
    <div><b>${said[0]}</b><p>${said[1]}</p>
      ${asks && html`<${Button} className="link"
          act=${() => page.open({ view: "settings" })}>Change address or password<//>`}</div></div>`
  }</div>`;
}
