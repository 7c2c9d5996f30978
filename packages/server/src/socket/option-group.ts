import { RealtimeError } from "@bowline/protocol";

export const isPositive = (value: unknown): boolean =>
  typeof value === "number" && Number.isFinite(value) && value > 0;

/** Of things that are counted. */
export const isWhole = (value: unknown): boolean => isPositive(value) && Number.isInteger(value);

/** For each of a group's options, whether a value can be it. */
export type OptionChecks<Group> = Readonly<Record<keyof Group & string, (value: unknown) => boolean>>;

/**
 * Whether a value can be an option that is a switch or an object of options.
 * @throws RealtimeError `invalid_argument` on one that is not among them, with those that are.
 */
export function isOptionGroup<Group>(name: string, checks: OptionChecks<Group>, value: unknown): boolean {
  if (typeof value === "boolean") return true;
  if (typeof value !== "object" || value === null) return false;
  for (const [part, given] of Object.entries(value)) {
    const isValid = Object.hasOwn(checks, part) ? checks[part as keyof typeof checks] : undefined;
    if (!isValid) {
      const known = Object.keys(checks).join(", ");
      const message = `there is no option "${name}.${part}"; the options are ${known}`;
      throw new RealtimeError("invalid_argument", message);
    }
    if (given !== undefined && !isValid(given)) return false;
  }
  return true;
}
