// A record as a line of a file and back, as `pump-companion export` writes it and `import` reads it: JSON lines, and a
// table in CSV. Written byte for byte the same; a test holds the two together.

import { COLUMNS, FORMULA, TEXTS, TIMES } from "./columns.js";
import { inZone } from "./time.js";
import { say } from "./words.js";

const MARK = "\ufeff"; // without it Excel takes UTF-8 for the country's old encoding
const DELIMITERS = [",", ";", "\t"];
// what would move a terminal's cursor: C0, DEL and C1, a line's end aside
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\0-\t\v-\x1f\x7f-\x9f]/g;
const RAW_IN_JSON = /[\x7f-\x9f]/g;
const UNKNOWN = "\ufffd";
const NEEDED = { start: "started_at", at: "at", effective: "effective" };
const FLAGS = { __proto__: null, true: true, false: false };
const NUMBER = /^[0-9]{1,15}(?:[.,]0+)?$/;

export const kindOf = (record) => ("effective" in record ? "nursing" : "session");
const begun = (record) => Date.parse(record.at ?? record.started_at);
const numberOf = (record) => record.number ?? Number.MAX_SAFE_INTEGER;

// The records as a file: "jsonl" with both kinds, or the "session" or "nursing" table; the oldest first.
export function fileOf(records, form, zone) {
  const order = (a, b) =>
    begun(a) - begun(b) || kindOf(b).localeCompare(kindOf(a)) || numberOf(a) - numberOf(b);
  const ordered = records.toSorted(order);
  if (form === "jsonl") return ordered.map((record) => jsonLine({ [kindOf(record)]: record })).join("");
  const rows = ordered.filter((record) => kindOf(record) === form);
  return MARK + csvLine(COLUMNS[form]) + rows.map((record) => csvLine(cellsOf(record, form, zone))).join("");
}

const jsonLine = (value) =>
  `${JSON.stringify(value).replace(RAW_IN_JSON, (raw) => `\\u00${raw.charCodeAt(0).toString(16)}`)}\n`;

const csvLine = (cells) => `${cells.map(quoted).join(",")}\r\n`;

function quoted(cell) {
  const shown = cell.replace(CONTROLS, UNKNOWN);
  return /[",\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

function cellsOf(record, kind, zone) {
  const flat = flatten(record);
  return COLUMNS[kind].map((name) => cellOf(name, flat.get(name) ?? null, zone));
}

function flatten(value, prefix = "", found = new Map()) {
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === "object" && field !== null && !Array.isArray(field))
      flatten(field, `${prefix}${name}.`, found);
    else found.set(prefix + name, field);
  }
  return found;
}

function cellOf(name, value, zone) {
  if (value === null) return "";
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.join("+");
  if (typeof value === "string" && TIMES.includes(name)) return inZone(Date.parse(value), zone);
  const text = String(value);
  const isEmptyNote = name === "note" && text === ""; // which is not none
  return isEmptyNote || FORMULA.includes(text.charAt(0) || "\n") ? `'${text}` : text;
}

// --- reading

// What a file's lines say: [{line, kind, fields}], or [{line, bad}] where one says nothing of ours.
export function linesOf(text) {
  const plain = text.startsWith(MARK) ? text.slice(1) : text;
  if (!plain.trim()) return [];
  return plain.trimStart().startsWith("{") ? jsonLines(plain) : tableLines(plain);
}

function jsonLines(text) {
  return text.split("\n").flatMap((line, index) => (line.trim() ? [{ line: index + 1, ...ofJson(line) }] : []));
}

function ofJson(line) {
  let given;
  try {
    given = JSON.parse(line);
  } catch {
    return { bad: say("it is not JSON") };
  }
  const kinds = ["session", "nursing"].filter((kind) => isObject(given?.[kind]));
  return kinds.length === 1 ? { kind: kinds[0], fields: given[kinds[0]] } : { bad: say("it holds no record") };
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function tableLines(text) {
  const [head, ...rows] = csvRows(text);
  const names = (head?.cells ?? []).map((name) => name.trim());
  const kind = names.includes("started_at") ? "session" : "nursing";
  if (kind === "nursing" && !(names.includes("at") && names.includes("effective")))
    return [{ line: 1, bad: say("it has no column {start} (sessions), nor {at} and {effective} (nursings)", NEEDED) }];
  return rows
    .filter(({ cells }) => cells.some(Boolean))
    .map(({ line, cells }) => {
      const said = names.map((name, index) => [name, cells[index] ?? ""]).filter(([, cell]) => cell !== "");
      return { line, kind, fields: Object.fromEntries(said.map(([name, cell]) => [name, saidIn(name, cell)])) };
    });
}

function saidIn(name, cell) {
  const text = cell.startsWith("'") ? cell.slice(1) : cell;
  if (TEXTS.includes(name) || TIMES.includes(name)) return text;
  if (text.toLowerCase() in FLAGS) return FLAGS[text.toLowerCase()]; // spreadsheets write them large
  return NUMBER.test(text) ? Number.parseInt(text, 10) : text;
}

// RFC 4180, with what a spreadsheet of the country separates by: [{line, cells}], the line on which each row ended.
function csvRows(text) {
  const [first] = text.split("\n", 1);
  const counts = DELIMITERS.map((delimiter) => first.split(delimiter).length);
  const delimiter = DELIMITERS[counts.indexOf(Math.max(...counts))];
  const rows = [];
  let [cells, cell, within, line] = [[], "", false, 1];
  const endCell = () => {
    cells.push(cell);
    cell = "";
  };
  const endRow = () => {
    endCell();
    rows.push({ line, cells });
    cells = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (within && letter === '"' && text[at + 1] === '"') {
      cell += letter;
      at += 1;
    } else if (letter === '"' && (within || cell === "")) within = !within;
    else if (!within && letter === delimiter) endCell();
    else if (!within && (letter === "\n" || letter === "\r")) {
      if (letter === "\r" && text[at + 1] === "\n") at += 1;
      endRow();
    } else cell += letter;
    if (text[at] === "\n" || (text[at] === "\r" && !within)) line += 1;
  }
  if (cell || cells.length) endRow();
  return rows;
}
