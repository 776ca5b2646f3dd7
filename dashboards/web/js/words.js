// Words for the contract's names, from the one table that the screens use too (`words.en.js` and the others are made
// from it), and the page's own sentences in its language. What they don't know is shown as it came: the contract may grow.

import { listed, number, plural, WORDS } from "./language.js";

export const {
  purposes: PURPOSES,
  reasons: REASONS,
  questions: REASON_QUESTIONS,
  intentions: INTENTIONS,
  sides: SIDES,
  outlooks: OUTLOOKS,
  places: PLACES,
  moves: MOVES,
  moved: MOVED,
  failures: FAILURES,
  times: TIMES,
  report: REPORT,
} = WORDS;

// Done, but not durable: the one refusal after which nobody should try again.
export const NOT_SAVED = WORDS.not_saved;

export const OVERLAPS = WORDS.overlaps;

const ALL_REASONS = Object.assign(Object.create(null), ...Object.values(REASONS));

export const purposeWord = (name) => PURPOSES[name] ?? name;
export const reasonWord = (name) => ALL_REASONS[name] ?? name;
export const intentionWord = (name) => INTENTIONS[name] ?? name;
export const placeWord = (name) => PLACES[name] ?? name;
export const sideWord = (name) => SIDES[name] ?? name;
export const sourcesWords = (names) => listed((names ?? []).map((name) => WORDS.sources[name] ?? name));
// Within a line: a language that writes its nouns with a capital leaves a word as it is.
export const lower = (word) => (WORDS.capitals ? word : word.charAt(0).toLowerCase() + word.slice(1));

// Facts side by side; no line begins with the dot between them.
export const dotted = (facts) => facts.filter(Boolean).join("\u00a0· ");

// `since {time}` with its values; a number is written as the language does.
const put = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name] ?? whole;
    return typeof value === "number" ? number(value) : value;
  });

// A sentence of the page: its English is its name, after "|" which of several that read the same in English.
export const say = (english, values = {}) => put(WORDS.says[english] ?? english.split("|")[0], values);

// A sentence with a count in it, by its English forms; the second one is its name.
export const counted = (count, one, other, values = {}) =>
  put(plural(WORDS.says[other] ?? { one, other }, count), { count, ...values });

// What stands after a count of them.
export const stimulations = (count) => plural(WORDS.stimulation, count);

export const forWords = (intention) => WORDS.uses[intention] ?? intention;

// The note that the contract lets a screen show for a chosen purpose, or null.
export function noteFor(purpose, today) {
  if (purpose === "treat") return WORDS.treat;
  const { also_promotes, toward_oversupply } = WORDS.hints;
  if (purpose === "promote" && today?.outlook?.label === "high") return toward_oversupply;
  if (purpose === "protect" && today?.baseline && today.last_24h?.stimulations >= today.baseline) return also_promotes;
  return null;
}

const INSTANTS = new Set(["at", "started_at", "ended_at"]);

// Our words for a refused command; the device's own error stands beside them.
export function refusalWords(command, reply) {
  const { code, field } = reply;
  if (code === "not_now" && INSTANTS.has(field)) return WORDS.not_set;
  if (code === "not_now") return WORDS.not_now[command.command] ?? WORDS.not_the_time;
  if (code === "out_of_range") {
    const { started_at: start, ended_at: end } = { ...reply.shown, ...command };
    if (start && end && Date.parse(end) <= Date.parse(start)) return WORDS.ends_before_start;
    return WORDS.out_of_range[command.command] ?? WORDS.no_such_value;
  }
  return WORDS.refusals[code] ?? WORDS.refused;
}
