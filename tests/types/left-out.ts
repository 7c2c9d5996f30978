/** What socket.io-client exports and ours does not, with the reason. (All that socket.io exports is there.) */
export const LEFT_OUT: Readonly<Record<string, string>> = {};
