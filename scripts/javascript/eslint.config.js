import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/vendor/"] },
  {
    files: ["**/*.js"],
    ...js.configs.recommended,
    languageOptions: { globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      ...js.configs.recommended.rules,
      eqeqeq: "error",
      "no-irregular-whitespace": ["error", { skipTemplates: true }],
      "no-var": "error",
      "prefer-const": "error",
      "no-shadow": "error",
      "no-unused-expressions": "error",
      "no-implicit-globals": "error",
      "no-restricted-properties": ["error", { property: "innerHTML" }, { property: "outerHTML" }],
    },
  },
  { files: ["**/service-worker.js"], languageOptions: { globals: globals.serviceworker } },
];
