/* Chooses light, dark or night before the first paint; a classic script, since a module would come too late.
   The settings page uses the same functions through `globalThis.theme`. */
(() => {
  const KEY = "pump-companion.theme";
  const COLOURS = { light: "#f5f2ec", dark: "#131110", night: "#000000" };
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const read = () => {
    try {
      return {
        colours: "system",
        byItself: false,
        choice: null,
        ...JSON.parse(localStorage.getItem(KEY) ?? "{}"),
      };
    } catch {
      return { colours: "system", byItself: false, choice: null };
    }
  };
  let kept = read();
  if (!["system", "light", "dark"].includes(kept.colours)) kept.colours = "system";

  const inNight = (now) => now.getHours() >= 21 || now.getHours() < 7;

  /* A press on Night or Day holds until the next change that the clock would make by itself. */
  const nextChange = (now) => {
    const next = new Date(now);
    next.setHours(inNight(now) ? 7 : 21, 0, 0, 0);
    if (next <= now) next.setDate(next.getDate() + 1);
    return next.getTime();
  };

  const current = (now = new Date()) => {
    const { colours, byItself, choice } = kept;
    const holds = choice && (!choice.until || choice.until > now.getTime());
    if (holds ? choice.night : byItself && inNight(now)) return "night";
    return colours === "system" ? (dark.matches ? "dark" : "light") : colours;
  };

  const apply = () => {
    const name = current();
    document.documentElement.dataset.theme = name;
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", COLOURS[name]);
    dispatchEvent(new Event("themechange"));
  };

  const keep = (change) => {
    kept = { ...kept, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      /* a browser that keeps nothing still shows the choice */
    }
    apply();
  };

  dark.addEventListener("change", apply);
  apply();
  globalThis.theme = {
    apply,
    current,
    settings: () => kept,
    colours: (colours) => keep({ colours }),
    nightByItself: (byItself) => keep({ byItself, choice: null }),
    night: (night) => keep({ choice: { night, until: kept.byItself ? nextChange(new Date()) : null } }),
  };
})();
