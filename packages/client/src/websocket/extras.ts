// What the file that knows WebSockets only has as `#extras`.
export { codecOf, EXTRAS, LEGACY, sendInTurn, transportError } from "../extras-lean.ts";

export const HTTP: boolean = false;
