// What every part of the page may use: {device, actions, settings, now, times, units, open, toast}, as `usePage()`.

import { createContext, html, useContext, useEffect, useState } from "../../vendor/preact.js";

export const Page = createContext(null);
export const usePage = () => useContext(Page);
export { html };

// The device's time (ms), read again whenever `step(now)` milliseconds of it have passed; never oftener than the
// eye sees.
export function useDeviceTime(clock, step) {
  const [, tick] = useState(0);
  const now = clock.now();
  useEffect(() => {
    if (clock.stopped) return undefined;
    const wait = Math.max(100, step(now) / clock.speed);
    const timer = setTimeout(() => tick((count) => count + 1), wait);
    return () => clearTimeout(timer);
  });
  return now;
}
