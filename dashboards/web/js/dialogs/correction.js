// What every correction of a record shares: its group on the page, its command, whether it can go now.

import { Progress, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { isNursing } from "../record.js";

export function useCorrection(record) {
  const { actions, device } = usePage();
  const name = isNursing(record) ? "nursing" : "session";
  return {
    place: (group) => `${group} ${record.id}`,
    value: (group) =>
      actions.pending(`${group} ${record.id}`) ? actions.of(`${group} ${record.id}`).value : null,
    pending: (group) => actions.pending(`${group} ${record.id}`),
    cannot: (group) => !device.reachable || actions.pending(`${group} ${record.id}`) || record.deleted,
    send: (group, command, value) =>
      actions.send(
        `${group} ${record.id}`,
        { [name]: record.id, ...command },
        { value, record, careful: true },
      ),
  };
}

export function Group({ title, place, aside, children }) {
  return html`<section class="group"><header><h3>${title}</h3>${aside}<${Progress} place=${place}/></header>
    ${children}<${Trouble} place=${place}/></section>`;
}
