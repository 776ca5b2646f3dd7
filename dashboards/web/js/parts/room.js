// The room that the fixed dock takes: `main` keeps it free; a dock over 40 % of the height stays in the flow.

import { useEffect, useRef } from "../../vendor/preact.js";

const MOST = 0.4;

export function useDock() {
  const place = useRef(null);
  useEffect(() => {
    const root = document.documentElement;
    const measure = () => {
      const dock = place.current?.firstElementChild;
      if (!dock) return;
      const height = dock.offsetHeight;
      root.classList.toggle("dock-in-flow", height > MOST * innerHeight);
      root.style.setProperty("--dock", `${height}px`);
    };
    // in the next frame, since it may change the very size that was observed
    const observer = new ResizeObserver(() => requestAnimationFrame(measure));
    observer.observe(place.current.firstElementChild);
    addEventListener("resize", measure);
    measure();
    return () => {
      observer.disconnect();
      removeEventListener("resize", measure);
    };
  }, []);
  return place;
}
