// What the files called `bowline` have as `#extras`.
export { codecOf, EXTRAS, HTTP, sendInTurn, transportError } from "./extras-none.ts";

export const LEGACY: boolean = false;
