/** Engine.IO protocol revision, the `EIO` query parameter. */
export const ENGINE_PROTOCOL = 4;

/** Socket.IO protocol revision. */
export const SOCKET_PROTOCOL = 5;
