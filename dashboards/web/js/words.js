// Words for the contract's names, from the one table that the screens use too (`words.en.js` is made from it). What they
// don't know is shown as it came: the contract may grow.

import WORDS from "./words.en.js";

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
export const sourcesWords = (names) => (names ?? []).map((name) => WORDS.sources[name] ?? name).join(", ");
export const lower = (word) => word.charAt(0).toLowerCase() + word.slice(1);

// Facts side by side; no line begins with the dot between them.
export const dotted = (facts) => facts.filter(Boolean).join("\u00a0· ");

export const counted = (count, word) => `${count}\u00a0${word}${count === 1 ? "" : "s"}`;

// What stands after a count of them.
export const stimulations = (count) => WORDS.stimulation[count === 1 ? "one" : "other"];

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
