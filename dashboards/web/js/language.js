// The page's language: the one told in Settings, else the first of the browser's that there are words in, else English.

import NAMES from "./languages.js";
import { toldLanguage } from "./settings.js";

export { NAMES };

const base = (tag) => tag.toLowerCase().split("-")[0];
const told = toldLanguage();
const browsers = navigator.languages ?? [navigator.language];
const spoken = [told, ...browsers].find((tag) => base(tag) in NAMES);

const read = async (code) => ({ LANGUAGE: code, WORDS: (await import(`./words.${code}.js`)).default });
const english = () => read("en");

// A language whose file does not come, or can't be read, is not spoken: better English than a page without a word.
export const { LANGUAGE, WORDS } = await (spoken ? read(base(spoken)).catch(english) : english());

// How numbers and dates are written: as the browser does where it speaks that language or there are no words in its
// own, else as that language's readers do.
const own = Intl.DateTimeFormat().resolvedOptions().locale;
const asOwn = base(own) === LANGUAGE || !spoken || base(spoken) !== LANGUAGE;
export const LOCALE = asOwn ? undefined : (browsers.find((tag) => base(tag) === LANGUAGE) ?? LANGUAGE);

const formats = new Map();

// "0.5", "0,5"; four digits are not parted, five are.
export function number(value, digits = 0) {
  const useGrouping = value >= 10_000;
  const key = `${digits} ${useGrouping}`;
  if (!formats.has(key)) {
    const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping };
    formats.set(key, new Intl.NumberFormat(LOCALE, shown));
  }
  return formats.get(key).format(value);
}

const lists = new Intl.ListFormat(LANGUAGE, { type: "unit", style: "short" });

// Facts in a row, as the words' language puts them: "a, b, c", "a, b und c".
export const listed = (facts) => lists.format(facts);

const plurals = new Intl.PluralRules(LANGUAGE);

// Of a sentence's plural forms the one that goes with a count.
export const plural = (forms, count) => forms[plurals.select(count)] ?? forms.other;
