import { useEffect, useState } from "react";
import { loadTheme, saveTheme, type Theme } from "./settings.ts";

/** The system's theme until somebody chooses one. */
export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState(loadTheme);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const follow = (): void => setTheme(loadTheme());
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);
  const toggle = (): void => {
    const next = theme === "dark" ? "light" : "dark";
    saveTheme(next);
    setTheme(next);
  };
  return [theme, toggle];
}
