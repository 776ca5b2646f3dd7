// The stock: where the milk of each session is, until when it keeps, and where it may go from there. Pure functions.

import { DAY } from "./time.js";

const GONE = ["used", "donated", "discarded"];
const HELD = ["room", "thawed", "fridge", "freezer"]; // what keeps the shortest first

// Where a session's milk is at first, by what it is for.
export const BEGINS = {
  __proto__: null,
  feed: "room",
  fridge: "fridge",
  freezer: "freezer",
  donate: "donated",
  discard: "discarded",
};

// The contract's moves: thawed milk is never frozen, and between those that are gone it is a correction. `part` of a
// portion may only be used.
const FROM = {
  __proto__: null,
  room: ["used", "part", "fridge", "freezer", "donated", "discarded"],
  fridge: ["used", "part", "freezer", "donated", "discarded"],
  freezer: ["used", "part", "thawed", "donated", "discarded"],
  thawed: ["used", "part", "donated", "discarded"],
  used: ["donated", "discarded"],
  donated: ["used", "discarded"],
  discarded: ["used", "donated"],
};

export const movesFrom = (place) => FROM[place] ?? [];
export const isGone = ({ place, ml }) => ml === 0 || GONE.includes(place);
export const isKept = (session) => !session.deleted && session.milk !== null && !isGone(session.milk);

const until = (session) => (session.use_by ? Date.parse(session.use_by) : Infinity);

// {places: [[place, sessions]], past: sessions}, each the earliest first. What is past its time stands apart for a day;
// then it leaves the list, whatever became of it. `now` null: the clock is not set, so nothing counts as past.
export function stock(portions, now) {
  const kept = portions
    .filter((session) => now === null || until(session) > now - DAY)
    .sort((a, b) => until(a) - until(b) || a.milk.since?.localeCompare(b.milk.since ?? "") || 0);
  const isPast = (session) => now !== null && until(session) <= now;
  const inPlace = (place) => kept.filter((session) => session.milk.place === place && !isPast(session));
  return {
    places: HELD.map((place) => [place, inPlace(place)]).filter(([, sessions]) => sessions.length),
    past: kept.filter(isPast),
  };
}
