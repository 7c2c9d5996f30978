/** What the file that knows WebSockets only has as `#check`: nothing. Names are TypeScript's to check. */
export function checkOptions(): void {}
