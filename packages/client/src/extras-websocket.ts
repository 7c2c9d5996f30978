// What the file that knows WebSockets only has as `#extras`.
export { codecOf, EXTRAS, sendInTurn, transportError } from "./extras-none.ts";

export const HTTP: boolean = false;
