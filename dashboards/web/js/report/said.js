// The account of a span of days in words: every text of the sheet by its name there, as `device/report/said.py` has it.

import { LANGUAGE } from "../language.js";
import { isNursing, startOf } from "../record.js";
import { shapeOf } from "../parts/shapes.js";
import { OUTLOOKS, PURPOSES, REASONS, REPORT } from "../words.js";
import { count, hasAmount, median } from "./account.js";
import { charts, dayRow } from "./drawn.js";
import { fromTo, howMany, put, runs } from "./setting.js";

// All that the sheet names.
export function sheetScope(found, setting) {
  const { days } = found;
  const [first, last] = [days[0].name, days.at(-1).name].map(setting.date);
  const rows = treatments(found, setting);
  return {
    ...REPORT.sheet,
    lang: LANGUAGE,
    span: howMany(REPORT.span, days.length, { first, last, year: Number(days.at(-1).name.slice(0, 4)) }),
    made: put(REPORT.made, { when: setting.moment(setting.now), zone: setting.timezone }),
    baseline: put(REPORT.baseline, { count: setting.baseline }),
    answers: answers(found, setting).map((answer, place) => ({ question: REPORT.questions[place], answer })),
    legend: legend(setting),
    days: days.map((day) => dayRow(day, setting, day === days.at(-1))),
    purposes: purposes(found).map((purpose) => purposeRow(purpose, found, setting)),
    all_nursings: allNursings(found),
    charts: charts(found, setting),
    treated_some: rows.length ? [{ treatments: rows }] : [],
    untreated: rows.length ? [] : [{ said: REPORT.not_treated }],
    outlook_says: outlookSays(setting),
    outlook_known: outlookKnown(setting),
    lacks: lacks(found, setting).map((said) => ({ said })),
    noted: setting.notes ? noted(found, setting) : [],
    source: put(REPORT.source, { device: setting.device }),
  };
}

const outlookSays = ({ outlook }) => OUTLOOKS[outlook.label] ?? outlook.label;
const dotted = (facts) => facts.join(" · ");

function answers(found, setting) {
  const each = purposes(found)
    .map((purpose) => [purpose, ofPurpose(found, purpose).length])
    .filter(([, sessions]) => sessions)
    .map(([purpose, sessions]) => put(REPORT.counted, { word: setting.purpose(purpose), count: sessions }));
  const treated = treatedOf(found).map(([reason, sessions]) =>
    put(REPORT.counted, { word: setting.reason(reason), count: sessions.length }),
  );
  return [
    often(found, setting),
    dotted(each) || REPORT.no_session,
    much(found, setting),
    outlookSays(setting),
    dotted(treated) || REPORT.not_treated,
  ];
}

function often({ wholeDays }, { baseline }) {
  if (!wholeDays.length) return REPORT.no_whole_day;
  const counts = wholeDays.map((day) => day.stimulations);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  return put(low === high ? REPORT.often_alike : REPORT.often, { low, high, median: median(counts), baseline });
}

function much({ wholeDays }, setting) {
  if (!wholeDays.length) return REPORT.no_whole_day;
  const amounts = wholeDays.filter(hasAmount).map((day) => day.ml);
  if (!amounts.length) return REPORT.no_amount;
  const all = [Math.min(...amounts), Math.max(...amounts), median(amounts)];
  const [low, high, middle] = all.map(setting.amount);
  return put(all[0] === all[1] ? REPORT.much_alike : REPORT.much, { low, high, median: middle });
}

const legend = (setting) => [
  ...Object.keys(PURPOSES).map((name) => ({ shape: name, word: setting.purpose(name) })),
  { shape: "open", word: REPORT.no_purpose },
  { shape: "nursed", word: REPORT.nursed },
  { shape: "ineffective", word: REPORT.ineffective },
];

const ofPurpose = ({ sessions }, purpose) => sessions.filter((session) => session.purpose === purpose);

// The three, and null where a session has none.
const purposes = (found) => [...Object.keys(PURPOSES), ...(ofPurpose(found, null).length ? [null] : [])];

function purposeRow(purpose, found, setting) {
  const sessions = ofPurpose(found, purpose);
  const amounts = sessions.map((session) => session.volume_ml).filter((ml) => ml !== null);
  const reasons = [...Object.keys(REASONS[purpose] ?? {}), null]
    .map((reason) => [reason, count(sessions, (session) => session.reason === reason)])
    .filter(([, given]) => given)
    .map(([reason, given]) => put(REPORT.counted, { word: setting.reason(reason), count: given }));
  return {
    shape: shapeOf(purpose),
    word: setting.purpose(purpose),
    count: sessions.length,
    reasons: purpose && reasons.length ? reasons.join(", ") : "–",
    amount: amounts.length
      ? put(REPORT.of_amounts, { median: setting.amount(median(amounts)), count: amounts.length })
      : "–",
    length: sessions.length ? setting.length(median(sessions.map((session) => session.pumping_s ?? 0))) : "–",
  };
}

function allNursings({ days }) {
  const nursings = days.flatMap((day) => day.nursings);
  const effective = count(nursings, (nursing) => nursing.effective);
  return put(REPORT.all_nursings, { effective, ineffective: nursings.length - effective });
}

// The sessions to treat by their reasons, those without one last; a reason without any is left out.
function treatedOf(found) {
  const sessions = ofPurpose(found, "treat");
  return [...Object.keys(REASONS.treat), null]
    .map((reason) => [reason, sessions.filter((session) => session.reason === reason)])
    .filter(([, those]) => those.length);
}

// When: from the first to the last session of each run of days on which there was one.
function treatments(found, setting) {
  const places = new Map(found.days.flatMap((day, place) => day.sessions.map((session) => [session.id, place])));
  return treatedOf(found).map(([reason, those]) => ({
    word: setting.reason(reason),
    when: runs(those, (session) => places.get(session.id))
      .map((run) => fromTo(...[run[0], run.at(-1)].map((session) => setting.moment(startOf(session)))))
      .join("; "),
    count: those.length,
  }));
}

// What the outlook rests on: the two means as stimulations a day, and the five counts, the oldest first.
function outlookKnown({ outlook, baseline }) {
  const { now, coming, stimulations } = outlook;
  if (now === null || coming === null || stimulations === null) return [];
  const rests = put(REPORT.outlook_rests, { now: tenths(now, baseline), coming: tenths(coming, baseline) });
  return [{ rests, counts: stimulations.toReversed().map((each) => ({ count: each })) }];
}

// A share of the baseline, in hundredths, as stimulations with their tenths: rounded half up.
function tenths(share, baseline) {
  const all = Math.floor((Math.floor(share * 100 + 0.5) * baseline + 5) / 10);
  return put(REPORT.tenths, { whole: Math.floor(all / 10), tenth: all % 10 });
}

function lacks(found, setting) {
  const unrecorded = [...found.days.entries()].filter(([, day]) => !day.figures);
  const counts = {
    purpose: ofPurpose(found, null).length,
    amount: found.recordedDays.reduce((all, day) => all + day.withoutAmount, 0),
    day: unrecorded.length,
    clock: found.unsynced,
    end: found.interrupted,
    short: found.uncounted,
  };
  const days = runs(unrecorded, ([place]) => place)
    .map((run) => fromTo(...[run[0], run.at(-1)].map(([, day]) => setting.date(day.name))))
    .join(", ");
  const said = Object.entries(counts)
    .filter(([, lacking]) => lacking)
    .map(([name, lacking]) => [name, howMany(REPORT.missing[name], lacking)])
    .map(([name, words]) => (name === "day" ? put(REPORT.days_missing, { said: words, days }) : words));
  if (found.running) said.push(REPORT.running);
  return said.length ? said : [REPORT.nothing_missing];
}

// The notes of the span in one table; none where there is no note.
function noted({ standing }, setting) {
  const rows = standing
    .filter((record) => !isNursing(record) && record.note)
    .map((record) => ({ at: setting.moment(startOf(record)), note: record.note }));
  return rows.length ? [{ rows }] : [];
}
