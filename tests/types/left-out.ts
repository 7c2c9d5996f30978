/** What socket.io-client exports and ours does not, with the reason. (All that socket.io exports is there.) */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  Fetch: "a class to put into `transports`; there are names for them only: one client fits all platforms",
  XHR: "as Fetch; polling uses fetch everywhere",
  NodeXHR: "as Fetch; polling uses fetch everywhere",
  WebSocket: 'as Fetch; `transports: ["websocket"]` takes what the platform has',
  NodeWebSocket: 'as Fetch; `transports: ["websocket"]` takes what the platform has',
  WebTransport: "there is no WebTransport yet",
};
