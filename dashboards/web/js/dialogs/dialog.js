// A modal dialog: whole at 360, at the right from 900; Escape closes it, and the focus goes back where it was.

import { useEffect, useRef } from "../../vendor/preact.js";
import { Button, Guard } from "../parts/controls.js";
import { html } from "../parts/context.js";
import { Icon } from "../parts/shapes.js";
import { Toast } from "../parts/toast.js";
import { say } from "../words.js";

export const IconButton = ({
  icon,
  label,
  act,
  disabled,
}) => html`<${Button} className="icon-button" aria-label=${label} act=${act}
  disabled=${disabled}><${Icon} name=${icon}/><//>`;

// `top` says that no other dialog lies above: a toast stands in the one that can be touched.
export function Dialog({ title, detail, tools, foot, close, top = true, children }) {
  const dialog = useRef(null);
  useEffect(() => {
    const element = dialog.current;
    element.showModal();
    return () => element.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    close();
  };
  return html`<dialog ref=${dialog} onCancel=${cancel} aria-labelledby="dialog-title" onMouseDown=${(
    event,
  ) => {
    if (event.target === dialog.current) close();
  }}><div class="sheet">
    <header class="sheet-head"><div><h2 id="dialog-title"
        tabindex="-1" autofocus>${title}</h2>${detail && html`<p class="muted small">${detail}</p>`}</div>
      <div class="tools">${tools}<${IconButton} icon="close" label=${say("Close")} act=${close}/></div></header>
    <div class="sheet-body" tabindex="-1"><${Guard} title=${title}>${children}<//></div>
    ${foot && html`<footer class="sheet-foot">${foot}</footer>`}
    ${top && html`<${Toast}/>`}
  </div></dialog>`;
}
