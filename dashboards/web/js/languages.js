// Made by scripts/renew from device/words/, the place for changes.

export default {
"__proto__": null,
"en": "English",
"de": "Deutsch",
"fr": "Français",
"es": "Español",
"it": "Italiano"
};
