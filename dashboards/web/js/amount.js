// Amounts: whole millilitres on the wire, the device's unit (ml or quarter ounces) for people.

import { number } from "./language.js";

export const ML_PER_OZ = 29.5735295625;
const QUARTERS = ["", "¼", "½", "¾"];

const ounces = (ml) => {
  const quarters = Math.round((ml / ML_PER_OZ) * 4);
  const whole = Math.floor(quarters / 4);
  const fraction = QUARTERS[quarters % 4];
  return whole || !fraction ? `${whole}${fraction}` : fraction;
};

export const bare = (ml, units) => (units === "oz" ? ounces(ml) : String(ml)); // as a field takes it
// never parted from its unit
export const amount = (ml, units) => (units === "oz" ? `${ounces(ml)}\u00a0oz` : `${number(ml)}\u00a0ml`);

export const MAX_ML = 2000;
const FIRST = { ml: 60, oz: 2 * ML_PER_OZ };

// The next amount one step up or down; without one the first press gives 60 ml or 2 oz.
export function stepped(ml, direction, units) {
  if (ml === null) return Math.round(FIRST[units === "oz" ? "oz" : "ml"]);
  const step = units === "oz" ? ML_PER_OZ / 4 : 5;
  const steps = ml / step;
  // an amount between two steps goes to the next one, one on a step (as near as whole ml allow) moves by one
  const on = Math.abs(steps - Math.round(steps)) < 0.1 ? Math.round(steps) : null;
  const to = on === null ? (direction > 0 ? Math.ceil(steps) : Math.floor(steps)) : on + direction;
  return Math.min(MAX_ML, Math.max(0, Math.round(to * step)));
}

// "85", "85 ml", "3.25", "3,25 oz", "3¼" as millilitres; null for an empty text, NaN for anything else.
export function parsed(text, units) {
  const plain = text.replace(/ml|oz/i, "").trim().replace(",", ".");
  if (plain === "") return null;
  const match = /^(\d{0,4}(?:\.\d+)?)([¼½¾]?)$/.exec(plain);
  if (!match || (match[1] === "" && match[2] === "")) return NaN;
  const value = Number(match[1] || 0) + QUARTERS.indexOf(match[2]) / 4;
  return Math.round(units === "oz" ? value * ML_PER_OZ : value);
}

// The expectation rounded to a step, where the amount begins.
export const starting = (ml, units) => {
  if (ml === null || ml === undefined) return null;
  const step = units === "oz" ? ML_PER_OZ / 4 : 5;
  return Math.round(Math.round(ml / step) * step);
};
