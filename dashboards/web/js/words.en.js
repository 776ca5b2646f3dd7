// Made by scripts/renew from device/words/en.py, the place for changes.

export default {
"__proto__": null,
"purposes": {
"__proto__": null,
"protect": "Protect",
"promote": "Promote",
"treat": "Treat"
},
"questions": {
"__proto__": null,
"protect": "In place of nursing, or to finish one?",
"promote": "Raise a low supply, or collect extra milk?",
"treat": "Plugged duct, mastitis or nipple pain?"
},
"reasons": {
"__proto__": null,
"protect": {
"__proto__": null,
"in_place_of_nursing": "In place of nursing",
"complete_nursing": "Finish a nursing"
},
"promote": {
"__proto__": null,
"raise_low_supply": "Raise a low supply",
"collect_extra_milk": "Collect extra milk"
},
"treat": {
"__proto__": null,
"plugged_duct": "Plugged duct",
"mastitis": "Mastitis",
"nipple_pain": "Nipple pain"
}
},
"intentions": {
"__proto__": null,
"feed": "Feed",
"fridge": "Fridge",
"freezer": "Freezer",
"donate": "Donate",
"discard": "Discard"
},
"uses": {
"__proto__": null,
"feed": "for a feed",
"fridge": "for the fridge",
"freezer": "for the freezer",
"donate": "to donate",
"discard": "to discard"
},
"outlooks": {
"__proto__": null,
"steady": "About the same in the next days",
"falling": "A little less in 3 to 5 days",
"low": "About as in the last days, below the baseline",
"rising": "A little more in 3 to 5 days",
"high": "About as in the last days, above the baseline (toward oversupply)",
"recovering": "Coming back to the baseline",
"settling": "Settling to the baseline",
"unknown": "Not known. It takes 5 days of record without a gap."
},
"hints": {
"__proto__": null,
"also_promotes": "This one will also promote.",
"toward_oversupply": "Toward oversupply."
},
"times": {
"__proto__": null,
"weekdays": [
"Mon",
"Tue",
"Wed",
"Thu",
"Fri",
"Sat",
"Sun"
],
"months": [
"Jan",
"Feb",
"Mar",
"Apr",
"May",
"Jun",
"Jul",
"Aug",
"Sep",
"Oct",
"Nov",
"Dec"
],
"date": "{day} {month}",
"time": "{hour}:{minute:02}",
"day_and_time": "{day} {time}",
"seconds": "{seconds} s",
"minutes": "{minutes} min",
"hours": "{hours} h",
"hours_and_minutes": "{hours} h {minutes:02}",
"days": "{days} days",
"days_past": "{days} days"
},
"report": {
"__proto__": null,
"sheet": {
"__proto__": null,
"title": "Pumping report",
"in_short": "In short",
"each_day": "Each day",
"day": "Day",
"hours_24": "24 hours",
"stimulations": "Stimulations",
"sessions": "Sessions",
"nursings": "Nursed",
"and_ineffective": "+ not effective",
"pumping": "Pumping",
"amount": "Amount",
"stimulation_is": "A stimulation is an effective nursing, or a sitting with a pumping session; sessions that follow each other closely are one sitting.",
"by_purpose": "By purpose",
"purpose": "Purpose",
"reasons": "Reasons, sessions of each",
"median_amount": "Median amount, of how many",
"median_pumping": "Median pumping time",
"chart_note": "Dashed: the day is not over, or an amount is missing. –: no record, or no amount.",
"treated": "What was treated, and when",
"what": "Treated",
"when": "When",
"outlook": "Outlook",
"outlook_counts": "Stimulations in each of the last five times 24 h, oldest first",
"before": "5 to 3 days ago: today’s supply",
"lately": "last 3 days: the next days",
"missing": "What is missing",
"notes": "Notes"
},
"span": {
"__proto__": null,
"one": "{last} {year}",
"other": "{first} to {last} {year}, {count} days"
},
"made": "Made {when}; times are those of {zone}.",
"baseline": "baseline {count}",
"day": "{weekday} {date}",
"until": "to {time}",
"not_24_h": "{hours} h",
"no_record": "no record",
"questions": [
"How often",
"Why",
"How much",
"Up or down",
"Treated"
],
"often": "{low} to {high} stimulations a day, median {median}; the baseline is {baseline}",
"often_alike": "{median} stimulations a day; the baseline is {baseline}",
"much": "{low} to {high} a day, median {median}",
"much_alike": "{median} a day",
"no_whole_day": "no whole day with a record yet",
"no_session": "no session counted",
"no_amount": "no amount given",
"not_treated": "nothing in these days",
"counted": "{word} {count}",
"no_purpose": "no purpose given",
"no_reason": "no reason given",
"nursed": "nursed",
"ineffective": "nursed, not effective",
"without_amount": {
"__proto__": null,
"one": "{count} without",
"other": "{count} without"
},
"at": "{time} {what}",
"pumped": "{purpose}, {pumping}, {amount}",
"of_amounts": "{median}, of {count}",
"all_nursings": "Nursings: {effective} effective, {ineffective} not effective.",
"stimulations_a_day": "Stimulations a day; the line is the baseline of {baseline}",
"amount_a_day": "Amount a day, {unit}",
"from_to": "{first} to {last}",
"outlook_rests": "Today answers to days of about {now} stimulations; the next days answer to about {coming}. An estimate from the record.",
"tenths": "{whole}.{tenth}",
"missing": {
"__proto__": null,
"purpose": {
"__proto__": null,
"one": "{count} session without a purpose",
"other": "{count} sessions without a purpose"
},
"amount": {
"__proto__": null,
"one": "{count} sitting without an amount",
"other": "{count} sittings without an amount"
},
"day": {
"__proto__": null,
"one": "{count} day without a record",
"other": "{count} days without a record"
},
"clock": {
"__proto__": null,
"one": "{count} record made while the clock was not set: its time is not certain",
"other": "{count} records made while the clock was not set: their times are not certain"
},
"end": {
"__proto__": null,
"one": "{count} session cut off: its end is not certain",
"other": "{count} sessions cut off: their ends are not certain"
},
"short": {
"__proto__": null,
"one": "{count} session too short to be counted: in no figure here",
"other": "{count} sessions too short to be counted: in no figure here"
}
},
"days_missing": "{said}: {days}",
"running": "A session is running: in no figure here",
"nothing_missing": "Nothing: each session has a purpose, each sitting an amount, each day a record.",
"source": "From the record of “{device}”, as the parent gave it. No medical device made it, and it judges nothing."
},
"treat": "Keep your usual rhythm, as much as is comfortable. Fever, feeling ill, or not better in a day: call your clinician.",
"sources": {
"__proto__": null,
"gpio": "the motor wire",
"serial": "the pump link",
"button": "the device’s buttons",
"dashboard": "a dashboard",
"added": "added by hand",
"import": "imported"
},
"sides": {
"__proto__": null,
"left": "Left",
"right": "Right",
"both": "Both"
},
"stimulation": {
"__proto__": null,
"one": "stimulation",
"other": "stimulations"
},
"places": {
"__proto__": null,
"room": "Room",
"fridge": "Fridge",
"freezer": "Freezer",
"thawed": "Thawed",
"used": "Used",
"donated": "Donated",
"discarded": "Discarded"
},
"moves": {
"__proto__": null,
"fridge": "To the fridge",
"freezer": "Freeze",
"thawed": "Thaw",
"used": "Used",
"part": "Part used",
"donated": "Donate",
"discarded": "Discard"
},
"moved": {
"__proto__": null,
"room": "in the room",
"fridge": "in the fridge",
"freezer": "in the freezer",
"thawed": "thawed",
"used": "used",
"donated": "donated",
"discarded": "discarded"
},
"refusals": {
"__proto__": null,
"unknown_record": "the device no longer has this record",
"moved_on": "it was changed elsewhere meanwhile; what is shown now is the newest",
"not_here": "this device takes no such request from a dashboard",
"busy": "the device has more to do than it can just now; try again in a moment"
},
"refused": "the device did not understand it; its version may differ from this page’s",
"not_set": "the device’s clock is not set yet, so it can’t place that time; it needs the network for a moment",
"not_now": {
"__proto__": null,
"start": "a session is running already",
"stop": "no session is running",
"pause": "it rests already, or something other than a hand hears it",
"go_on": "it runs already, or something other than a hand hears it",
"milk": "nothing was said of this milk that could be taken back",
"edit": "the session is still running",
"delete": "the session is still running",
"clock": "the device’s own clock is set by now"
},
"not_the_time": "it is not the time for that",
"out_of_range": {
"__proto__": null,
"volume": "an amount is between 0 and 2000 ml",
"note": "a note has at most 500 characters",
"baseline": "a baseline is between 1 and 24",
"start": "a start told later lies within as long as a session may last, and not in the future",
"milk": "there is less left than that, or the time is before it came there or in the future",
"edit": "another record is at that time, or it lies in the future",
"add": "another session is at that time, or it lies in the future",
"nursing": "it lies in the future",
"clock": "the record already holds a later time, from when the device’s clock was set"
},
"overlaps": "another session is at that time",
"ends_before_start": "the end lies before the start",
"no_such_value": "a value is out of range",
"not_saved": "Not saved yet: the device’s storage takes nothing just now. What it keeps in memory is written as soon as that allows; once is enough.",
"failures": {
"__proto__": null,
"unreachable": [
"No answer from that address.",
"Check name and port, and that the broker listens for WebSockets there."
],
"mixed": [
"This page came over HTTPS, so the browser opens only wss:// addresses.",
"Give the broker a WebSocket listener with TLS, or open the page over http://."
],
"address": [
"That is no address of a broker.",
"It looks like ws://raspberrypi.local:9001 or wss://…"
],
"refused": [
"The broker refused the name or the password.",
"Check both; the broker answers otherwise."
],
"not_mqtt": [
"Something answers there, but it doesn’t speak MQTT.",
"Check the port: it is often 9001 or 8083."
],
"denied": [
"The broker doesn’t let this user read the device’s topics.",
"Its access list needs them."
]
},
"capitals": false,
"says": {
"__proto__": null
}
};
