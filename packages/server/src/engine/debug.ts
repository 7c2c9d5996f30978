import createDebug from "debug";

/** Shown with `DEBUG=bowline:engine`. */
export const debug: (format: string, ...values: unknown[]) => void = createDebug("bowline:engine");
