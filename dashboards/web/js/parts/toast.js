// A toast with its Undo: 20 seconds, held while it has the focus. One at a time, since there is one thing just done.

import { html, usePage } from "./context.js";
import { say } from "../words.js";

const STAYS_MS = 20_000;
const PLACE = "toast";

export class Toasts {
  current = null;
  #timer = null;

  constructor(actions, changed) {
    this.actions = actions;
    this.changed = changed;
  }

  // `command` gives back what was; refused where the record has moved on since `record`.
  undo(words, command, record) {
    this.#show(words, [{ command, record }]);
  }

  // Takes back all of `steps` (as `Actions.all` has them), the last first.
  undoAll(words, steps) {
    this.#show(
      words,
      steps.toReversed().map(({ command, back, record }) => ({ command: back, back: command, record })),
    );
  }

  #show(words, steps) {
    this.actions.clear(PLACE);
    this.current = { words, steps };
    this.release();
    this.changed();
  }

  hold() {
    clearTimeout(this.#timer);
  }

  release() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dismiss(), STAYS_MS);
  }

  dismiss() {
    clearTimeout(this.#timer);
    this.current = null;
    this.changed();
  }

  async press() {
    const reply = await this.actions.all(PLACE, this.current.steps);
    if (reply?.ok) this.dismiss();
  }
}

export function Toast() {
  const { toast, actions, device } = usePage();
  const { current } = toast;
  const action = actions.of(PLACE);
  const words = {
    pending: say("sending …"),
    late: say("No answer yet."),
    held: action?.words,
    refused: say("Not undone: {words}.", { words: action?.words }),
  }[action?.status];
  const cannot = actions.pending(PLACE) || !device.reachable;
  return html`<div class="toast-place" role="status">${
    current &&
    html`<div class="toast"
    onFocusIn=${() => toast.hold()} onFocusOut=${() => toast.release()}>
    <span>${words ?? current.words}</span>
    <button type="button" class="link" aria-disabled=${cannot}
        onClick=${() => cannot || toast.press()}>${say("Undo")}</button>
  </div>`
  }</div>`;
}
