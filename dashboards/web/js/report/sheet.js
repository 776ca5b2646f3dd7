// The sheet filled with texts: `{name}` stands for one, an element with `each` stands once for each of a list, whose own
// names come before those around it. The command line fills the same sheet (`device/report/sheet.py`).

import { h } from "../../vendor/preact.js";

// control characters but the line's end, and halves of characters
const NO_TEXT = /[\0-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]/gu; // eslint-disable-line no-control-regex

export const loaded = async () => {
  const answer = await fetch(new URL("../../report.xml", import.meta.url));
  if (!answer.ok) throw new Error(`report.xml: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "application/xml").documentElement;
};

export function filled(node, scope) {
  const name = node.getAttribute("each");
  return (name === null ? [{}] : scope[name]).map((own) => {
    const within = { ...scope, ...own };
    const attributes = [...node.attributes]
      .filter((attribute) => attribute.name !== "each")
      .map((attribute) => [attribute.name, written(attribute.value, within)]);
    const inner = node.children.length
      ? [...node.children].flatMap((child) => filled(child, within))
      : written(node.textContent.trim(), within);
    return h(node.tagName, Object.fromEntries(attributes), inner);
  });
}

function written(text, scope) {
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    if (!Object.hasOwn(scope, name)) throw new Error(`${name} stands on the sheet, and nobody says it`);
    return String(scope[name]).replace(NO_TEXT, "\ufffd");
  });
}
