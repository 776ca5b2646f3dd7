// Banner: no connection, no device, or why not. What is shown is then what was known.

import { Button } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Icon } from "../parts/shapes.js";
import { FAILURES, say } from "../words.js";

const GOES_ON = say(
  "Shown is what was known then. The device goes on recording; what was missed comes in by itself.",
);
const DEVICE_GONE = say(
  "Shown is what was known then. If it has power it goes on recording; what was missed comes in by itself.",
);

// [title, text] or null
function words({ device, times, settings, slow }) {
  const { link, availability, heardAt } = device;
  if (link.status === "down") {
    const [title, text] = FAILURES[link.failure] ?? [];
    if (!heardAt || !device.today)
      return [
        title ?? say("The connection was lost."),
        `${text ?? say("It is tried again by itself.")} (${settings.broker})`,
      ];
    const time = times.dated(link.since);
    return [say("No connection since {time}", { time }), title ? `${GOES_ON} ${title}` : GOES_ON];
  }
  if (link.status !== "up" || availability === "online") return null;
  if (availability === "offline") {
    return [
      heardAt
        ? say("The device is offline; last heard at {time}", { time: times.dated(heardAt) })
        : say("The device is offline"),
      DEVICE_GONE,
    ];
  }
  if (!slow) return null;
  return [
    say("Nothing is known of “{device}” at this broker", { device: settings.device }),
    say("It looked under {root}. Check prefix and device id, and that the device is on.", { root: device.root }),
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
          act=${() => page.open({ view: "settings" })}>${say("Change address or password")}<//>`}</div></div>`
  }</div>`;
}
